"""Keeping a record while runs go on: nobody who simulates waits for a disk."""

from collections import deque
from dataclasses import dataclass, field
from threading import Condition, Thread
from time import monotonic
from typing import Literal

from perfuse.bedside.records import Batch
from perfuse.bedside.store import Store
from perfuse.parameters.problems import InputError

State = Literal["kept", "behind", "failing"]

EVERY = 0.5
"""What comes in is committed together, at least this often, s."""

LATE = 1.0
"""What waits longer than this makes the record 'behind', s."""

PAUSES = (0.5, 8.0)
"""Before a failed commit is tried again: the first pause and the longest, each twice the one before, s."""


@dataclass
class _Waiting:
    """What one run has not had committed yet, oldest first."""

    batches: deque[tuple[int, float, Batch]] = field(default_factory=deque)
    error: str = ""
    pause: float = 0.0
    again: float = 0.0

    def due(self) -> float:
        return max(self.batches[0][1] + EVERY, self.again)

    def state(self, now: float) -> State:
        if self.error:
            return "failing"
        return "behind" if self.batches and now - self.batches[0][1] > LATE else "kept"


class Writer:
    """One thread that commits what it is given, in order; after a failure it keeps everything and tries again.

    A run whose batch is refused (`InputError`) holds up nobody but itself.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._turn = Condition()
        self._runs: dict[str, _Waiting] = {}
        self._count = 0
        self._hurry = False
        self._closed = False
        self._gone = False
        self._thread = Thread(target=self._work, name="perfuse record", daemon=True)
        self._thread.start()

    def put(self, batch: Batch) -> None:
        """Have this kept soon; returns at once."""
        with self._turn:
            if self._closed:
                raise RuntimeError("the writer of the record is closed")
            self._count += 1
            self._runs.setdefault(batch.run, _Waiting()).batches.append((self._count, monotonic(), batch))
            self._turn.notify_all()

    @property
    def state(self) -> State:
        """Of all runs together, the worst: 'kept', 'behind' (something waits for longer than a second), 'failing'."""
        with self._turn:
            now = monotonic()
            states = {waiting.state(now) for waiting in self._runs.values()}
        return "failing" if "failing" in states else "behind" if "behind" in states else "kept"

    def state_of(self, run: str) -> State:
        """The same of one run."""
        with self._turn:
            return self._runs[run].state(monotonic()) if run in self._runs else "kept"

    @property
    def error(self) -> str:
        """Why the last commit failed, empty where none did."""
        with self._turn:
            return "\n".join(dict.fromkeys(waiting.error for waiting in self._runs.values() if waiting.error))

    def flush(self, timeout: float, run: str | None = None) -> bool:
        """Commit now what was put before (of one run, or of all); whether that was done within the time, s."""
        with self._turn:
            last = self._count
            self._hurry = True
            self._turn.notify_all()
            return self._turn.wait_for(lambda: self._first(run) > last, timeout)

    def _first(self, run: str | None) -> float:
        """The number of the oldest batch that waits."""
        numbers = [w.batches[0][0] for name, w in self._runs.items() if w.batches and run in (None, name)]
        return min(numbers, default=float("inf"))

    def close(self, timeout: float = 10.0) -> bool:
        """Commit what is left and stop; whether everything was kept. The store stays open."""
        with self._turn:
            self._closed = True
        kept = self.flush(timeout)
        with self._turn:
            self._gone = True
            self._turn.notify_all()
        self._thread.join(timeout)
        return kept

    def _work(self) -> None:
        while batches := self._next():
            self._commit(batches)

    def _next(self) -> dict[str, list[Batch]]:
        """Wait until something is due, then everything that may be tried now, by run; empty when the writer is closed."""
        with self._turn:
            while not self._gone:
                now = monotonic()
                waiting = {run: w for run, w in self._runs.items() if w.batches}
                if waiting and (self._hurry or min(w.due() for w in waiting.values()) <= now):
                    hurried, self._hurry = self._hurry, False
                    return {run: [b for _, _, b in w.batches] for run, w in waiting.items() if hurried or w.again <= now}
                self._hurry = False
                self._turn.wait(min(w.due() for w in waiting.values()) - now if waiting else None)
            return {}

    def _commit(self, batches: dict[str, list[Batch]]) -> None:
        """All runs in one transaction; where one of them is refused, each in its own."""
        try:
            self._store.write(*(batch for run in batches.values() for batch in run))
        except InputError as error:
            if len(batches) > 1:
                for run, its in batches.items():
                    self._commit({run: its})
            else:
                self._failed(batches, str(error))
        except Exception as error:  # whatever it is, the batches stay and the thread lives on
            self._failed(batches, f"{error}" or type(error).__name__)
        else:
            self._done(batches)

    def _done(self, batches: dict[str, list[Batch]]) -> None:
        with self._turn:
            for run, its in batches.items():
                waiting = self._runs[run]
                for _ in its:
                    waiting.batches.popleft()
                waiting.error, waiting.pause, waiting.again = "", 0.0, 0.0
                if not waiting.batches:
                    del self._runs[run]
            self._turn.notify_all()

    def _failed(self, batches: dict[str, list[Batch]], error: str) -> None:
        first, longest = PAUSES
        with self._turn:
            for run in batches:
                waiting = self._runs[run]
                waiting.error = error
                waiting.pause = min(2 * waiting.pause or first, longest)
                waiting.again = monotonic() + waiting.pause
