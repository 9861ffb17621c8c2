"""What is planned: ramps of rows, each at its time and in its order. However many there are, each costs what one costs."""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from perfuse.engine.source import DT, FAST_PER_SLOW

SLOW_DT = DT * FAST_PER_SLOW
RAMP_STEP = 10  # slow steps between two steps of a ramp


@dataclass(frozen=True)
class Ramp:
    """One row of one lane (None: all lanes) moves from what it is at `start` to `value` over `over` seconds, in steps of 0.2 s."""

    start: float
    row: str
    value: float
    over: float = 0.0
    lane: int | None = None
    ratio: bool = False  # in equal ratios instead of equal steps
    add: bool = False  # `value` is added to what the row was
    role: Literal["set", "start", "rest"] = "set"  # somebody sets it; a machine starts; the ventilator goes to rest at the start

    def at(self, begin: float, share: float) -> float:
        """Value when `share` of the ramp is done."""
        if self.add:
            return begin + self.value * min(share, 1.0)
        if share >= 1.0:
            return self.value
        if self.ratio and begin > 0.0 and self.value > 0.0:
            return float(begin * (self.value / begin) ** share)
        return begin + (self.value - begin) * share


Planned = tuple[Ramp, tuple[float, ...] | None]
"""A ramp, and what its row was in each lane when it began; None before."""


class Table(Protocol):
    """Rows of some lanes."""

    lanes: int

    def get(self, row: str) -> Any:
        """One row of all lanes."""

    def put(self, row: str, value: float, lane: int | None = None) -> None:
        """Set a row in one lane or all."""


Key = tuple[str, int | None]
"""A row and a lane."""


@dataclass(eq=False)
class _Entry:
    """A ramp while it stands on the plan."""

    ramp: Ramp
    begin: tuple[float, ...] | None
    order: int
    stands: bool = True

    @property
    def key(self) -> Key:
        return self.ramp.row, self.ramp.lane

    @property
    def first(self) -> int:
        return round(self.ramp.start / SLOW_DT)

    @property
    def length(self) -> int:
        return round(self.ramp.over / SLOW_DT)

    def __lt__(self, other: "_Entry") -> bool:
        return (self.ramp.start, self.order) < (other.ramp.start, other.order)


class Schedule:
    """Ramps to come and under way.

    Where several ramps mean one row, these rules decide. The last word counts: a ramp that begins ends one that still runs. A machine
    stands still until its start: what is set before changes what the start leads to, and a ramp that runs across the start goes on after
    it. What the start sets of a patient (the ventilator) gives way to what was set before. What is added to a row goes on beside others.
    """

    def __init__(self, planned: Iterable[Planned] = ()) -> None:
        self._coming: list[_Entry] = []  # a heap by start
        self._running: list[_Entry] = []
        self._leading: dict[Key, list[_Entry]] = {}  # what leads a row of a lane to a value now
        self._of_start: dict[Key, list[_Entry]] = {}  # what the start of a machine does with it, to come or under way
        self._planned = 0
        for ramp, begin in planned:
            self.plan(ramp, begin)

    def plan(self, ramp: Ramp, begin: tuple[float, ...] | None = None) -> None:
        """Add a ramp; it begins when its time comes."""
        entry = _Entry(ramp, begin, self._planned)
        self._planned += 1
        if begin is None:
            heapq.heappush(self._coming, entry)
        else:
            self._running.append(entry)
            self._lead(entry)
        if ramp.role != "set" and not ramp.add:
            self._of_start.setdefault(entry.key, []).append(entry)

    def pairs(self) -> list[Planned]:
        """All that stands on the plan, in order."""
        return [(entry.ramp, entry.begin) for entry in [*self._running, *sorted(self._coming)] if entry.stands]

    def apply(self, table: Table, step: int) -> None:
        """Move what is due at a slow step to its value now, and drop what has ended."""
        running = self._running
        due = list(self._due(step))
        self._running = []
        for entry in [*running, *due]:
            if not entry.stands:
                continue
            if self._moves(entry, table, step):
                self._running.append(entry)
            else:
                self._drop(entry)
        self._running = [entry for entry in self._running if entry.stands]

    def until_next(self, step: int, end: int) -> int:
        """Slow step, `end` at most, up to which nothing is to be changed."""
        goal = end
        for entry in self._running:
            following = step + RAMP_STEP - (step - entry.first) % RAMP_STEP
            goal = min(goal, following, entry.first + entry.length)
        while self._coming and not self._coming[0].stands:
            heapq.heappop(self._coming)
        if self._coming:
            goal = min(goal, self._coming[0].first)
        return max(goal, step + 1)

    def _due(self, step: int) -> Iterator[_Entry]:
        while self._coming and self._coming[0].first <= step:
            yield heapq.heappop(self._coming)

    def _moves(self, entry: _Entry, table: Table, step: int) -> bool:
        """Move a row, and say whether the ramp goes on."""
        ramp = entry.ramp
        lanes = range(table.lanes) if ramp.lane is None else [ramp.lane]
        led = self._led(ramp, entry.key)
        if entry.begin is None:
            self._end_others(ramp, entry.key)
            self._lead(entry)
            entry.begin = tuple(led.ramp.value if led else float(table.get(ramp.row)[lane]) for lane in lanes)
        done, length = step - entry.first, entry.length
        if done < length and done % RAMP_STEP:  # between two steps: how a run is cut changes nothing
            return True
        share = 1.0 if length == 0 else done / length
        if led:
            led.ramp = replace(led.ramp, value=ramp.at(entry.begin[0], share))
        else:
            for lane, value in zip(lanes, entry.begin, strict=True):
                table.put(ramp.row, ramp.at(value, share), lane)
        return share < 1.0

    def _led(self, ramp: Ramp, key: Key) -> _Entry | None:
        """The start of a machine whose value a setting changes."""
        if ramp.role != "set" or ramp.add:
            return None
        return max((other for other in self._of_start.get(key, ()) if other.ramp.role == "start"), default=None)

    def _end_others(self, ramp: Ramp, key: Key) -> None:
        """End what a ramp that begins takes the place of."""
        if ramp.add:
            return
        if ramp.role != "start":
            for other in [one for one in self._leading.get(key, ()) if one.ramp.role != "start"]:
                self._drop(other)
        if ramp.role == "set":
            for other in [one for one in self._of_start.get(key, ()) if one.ramp.role == "rest" and one.begin is None]:
                self._drop(other)

    def _lead(self, entry: _Entry) -> None:
        if not entry.ramp.add:
            self._leading.setdefault(entry.key, []).append(entry)

    def _drop(self, entry: _Entry) -> None:
        entry.stands = False
        for index in (self._leading, self._of_start):
            if entry in index.get(entry.key, ()):
                index[entry.key].remove(entry)
