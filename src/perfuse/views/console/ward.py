"""All runs of one server: those that live, those that are being prepared, those that are only kept."""

import json
import re
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from perfuse.bedside.records import Kept
from perfuse.bedside.run import Run
from perfuse.bedside.store import Store
from perfuse.bedside.writer import Writer
from perfuse.engine.kernel import physics_hash
from perfuse.engine.run import SLOW_DT
from perfuse.parameters.case import case_from
from perfuse.parameters.case_models import Case
from perfuse.parameters.problems import InputError, Problem
from perfuse.views.console.live import Live

NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
MOST = 40  # runs that live at once
OTHER_PHYSICS = "This run was made with another version of the physics; its case file can be exported and run again"
SETTLING = "Finding the patient's steady state"


class Ward:
    """Runs by their names."""

    def __init__(self, store: Store) -> None:
        self.store, self.writer = store, Writer(store)
        self.lives: dict[str, Live] = {}
        self.preparing: dict[str, str] = {}
        self.failed: dict[str, str] = {}
        self._lock = threading.RLock()
        self._closing = False
        self._makers = ThreadPoolExecutor(2, thread_name_prefix="prepare")

    def new(self, title: str, case: Case) -> str:
        """Begin a run; it is prepared in the background. Its name."""
        ident = secrets.token_urlsafe(9)
        with self._lock:
            self._make_room()
            self._prepare(ident, case, lambda: Run.begin(ident, title, case, self.store, self.writer))
        return ident

    def open(self, ident: str) -> bool:
        """Go on with a kept run, where it is not alive already; False where there is none of this name."""
        with self._lock:
            if ident in self.preparing or (ident in self.lives and self.lives[ident].alive):
                return True
            gone = self.lives.pop(ident, None)
            if gone is not None:
                gone.stop()
            kept = self.kept(ident)
            if kept is None:
                return ident in self.failed
            self.failed.pop(ident, None)
            if kept.run.physics != physics_hash():
                self.failed[ident] = OTHER_PHYSICS
                return True
            self._make_room()
            self._prepare(ident, case_from(json.loads(kept.run.case), kept.run.title), lambda: Run.resume(kept, self.store, self.writer))
        return True

    def kept(self, ident: str) -> Kept | None:
        """A run as it is kept; None where there is none."""
        if not NAME.fullmatch(ident):
            return None
        self.writer.flush(5.0, ident)
        try:
            return self.store.load(ident)
        except InputError:
            return None

    def stop(self, ident: str) -> bool:
        """End a run that lives; it is kept and can be continued. False where there is none."""
        with self._lock:
            live = self.lives.pop(ident, None)
        if live is None:
            return False
        live.stop()
        return True

    def close(self) -> None:
        """End every run and keep it. What is still being prepared is given up: nothing has happened in it."""
        with self._lock:
            self._closing = True
        self._makers.shutdown(wait=False, cancel_futures=True)
        for live in self.lives.values():
            live.stop()
        self.writer.close()
        self.store.close()

    def listed(self) -> list[dict[str, Any]]:
        """Kept runs, newest first, with what each is doing."""
        out = []
        for one in self.store.runs():
            live = self.lives.get(one.run.id)
            time = live.run.bed.time if live is not None else one.head * SLOW_DT
            courses = len(live.run.visible()) if live is not None else one.courses
            out.append(
                {
                    "id": one.run.id,
                    "title": one.run.title,
                    "state": self._state(one.run.id, one.run.physics),
                    "time": time,
                    "courses": courses,
                    "made": one.run.made,
                }
            )
        return out

    def _state(self, ident: str, physics: str) -> str:
        live = self.lives.get(ident)
        if live is not None and live.alive:
            return "paused" if live.paused else "running"
        if ident in self.preparing:
            return "preparing"
        return "stopped" if physics == physics_hash() else "other version"

    def _make_room(self) -> None:
        """Where too many live, stop one that nobody looks at (it is kept); refuse where there is none."""
        if len(self.lives) + len(self.preparing) < MOST:
            return
        alone = next((ident for ident, live in self.lives.items() if live.pages == 0), None)
        if alone is None:
            hint = "Stop one of them first; it is kept and can be continued."
            raise InputError([Problem("runs", f"{MOST} runs live already, and more are not held at once", hint=hint)], "the server")
        self.lives.pop(alone).stop()

    def _prepare(self, ident: str, case: Case, made: Callable[[], Run]) -> None:
        self.preparing[ident] = SETTLING

        def work() -> None:
            try:
                live = Live(made())
                with self._lock:
                    if not self._closing:
                        self.lives[ident] = live.start()
            except Exception as error:  # told to the page that waits; the run is not there
                self.failed[ident] = str(error) or type(error).__name__
            finally:
                self.preparing.pop(ident, None)

        self._makers.submit(work)
