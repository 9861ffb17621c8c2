"""A run in real time: one thread moves it, takes what pages ask, and tells them what happened.

The thread owns the run. Pages put requests into a queue; each is applied at the engine step at which it is taken, and logged there.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any

import numpy as np

from perfuse.bedside.actions import Refused
from perfuse.bedside.bed import Drawn
from perfuse.bedside.layout import layout
from perfuse.bedside.monitor import HANDS
from perfuse.bedside.records import Event
from perfuse.bedside.run import Run
from perfuse.engine.run import PER_SECOND, SLOW_DT
from perfuse.parameters.json_text import json_text
from perfuse.views.console import sight, tell
from perfuse.views.console.outbox import Page
from perfuse.views.console.sweep import Display
from perfuse.views.console.timekeeping import TIME, pause, resume

FRAME = 0.04  # s between frames
SKIP = 60 * PER_SECOND  # steps that a skip ahead takes at a time
ALONE = 60.0  # s without a page after which a run waits for the next one
KEEP = 0.3  # s between what is handed to the record: with the writer's half second less than the second that a power cut may cost
LOST = 2.0  # s: what a sleeping computer missed is not made up for
JOIN: Mapping[str, Any] = {"do": "join"}
LEAVE: Mapping[str, Any] = {"do": "leave"}
"""What a page's coming and going ask of the thread; known by being these very objects, so that no page can say them."""


class Live:
    """A run that lives. `frames` and `late` count frames and those more than half a frame behind their time."""

    def __init__(self, run: Run, clock: Callable[[], float] = monotonic) -> None:
        self.run, self._clock = run, clock
        self.speed, self.paused = 1.0, False
        self.towards: float | None = None
        self.frames = self.late = 0
        self.problem: str | None = None
        self._alone = False
        self._looked = clock()
        self._pages: list[Page] = []
        self._asked: list[tuple[Page, Mapping[str, Any]]] = []
        self._wake = threading.Condition()
        self._stopping = self._ended = False
        self._keeping = threading.Event()
        self._keeping.set()
        self.display = Display()
        self._ghost: dict[str, Any] | None = None
        self._stated: dict[str, Any] = {}
        self.anchor()
        self._relayout()
        self._told = 0.0
        self._kept = self._listed = 0.0
        self._second = -1
        self._thread = threading.Thread(target=self._live, name=f"run {run.row.id}", daemon=True)

    def start(self) -> "Live":
        """Begin to move."""
        self.anchor()
        self._thread.start()
        return self

    def stop(self) -> None:
        """End the thread and keep everything; what a failed run came to was kept when it failed."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread.ident is not None:
            self._thread.join(30.0)
        if self.problem is None:
            self.run.close()

    # -- pages -----------------------------------------------------------------------------------------------------------

    def join(self, page: Page) -> None:
        """A page begins to look: it is told everything there is."""
        self.ask(page, JOIN)

    def leave(self, page: Page) -> None:
        """A page is gone."""
        self.ask(page, LEAVE)

    def keep(self) -> None:
        """Hand everything up to now to the record; it is there when the writer has been flushed."""
        with self._wake:
            self._keeping.clear()
            self._wake.notify()
        self._keeping.wait(2.0)

    def ask(self, page: Page, request: Mapping[str, Any]) -> None:
        """Something is asked; the answer goes to the page. A page of a run that has ended is let go, and may come back."""
        with self._wake:
            self._asked.append((page, request))
            self._wake.notify()
            if self._ended:
                page.outbox.close()

    @property
    def alive(self) -> bool:
        """Whether it moves and answers."""
        return not self._ended

    @property
    def pages(self) -> int:
        """How many pages look."""
        return len(self._pages)

    # -- the thread ------------------------------------------------------------------------------------------------------

    def _live(self) -> None:
        following = self._clock()
        try:
            while True:
                with self._wake:
                    if not self._asked and not self._stopping and self._keeping.is_set():
                        still = self.paused and self.towards is None
                        self._wake.wait(0.25 if still else max(following - self._clock(), 0.0))
                    asked, self._asked = self._asked, []
                    if self._stopping:
                        break
                for page, request in asked:
                    self._answer(page, request)
                if not self._keeping.is_set():
                    self.run.keep(everything=True)
                    self._keeping.set()
                now = self._clock()
                if now >= following:
                    self.frames += 1
                    self.late += now - following > FRAME / 2
                    self._frame(now)
                    following = max(following + FRAME, now - FRAME)
        except Exception as error:
            self.problem = f"{type(error).__name__}: {error}"
            self._last_words(self.problem)
            for page in self._pages:
                page.tell(tell.state(self, page.role))
            raise
        finally:
            with self._wake:
                self._ended = True
                left = {id(page): page for page in (*self._pages, *(page for page, _ in self._asked))}
            for page in left.values():
                page.outbox.close()

    def _last_words(self, text: str) -> None:
        self.run.log("stopped", "console", "run", None, None, {"words": f"The run stopped: {text}"[:400], "mark": True})
        self.run.keep(state="stopped")

    def anchor(self) -> None:
        """Count owed steps from this moment on."""
        self._since, self._from = self._clock(), self.run.bed.step

    def _frame(self, now: float) -> None:
        if self.towards is not None:
            self._skip()
        elif not self.paused and self.run.bed.ok:
            self._move(now)
        self._tell(now)

    def _move(self, now: float) -> None:
        owed = int((now - self._since) * self.speed / SLOW_DT) - (self.run.bed.step - self._from)
        if owed * SLOW_DT / self.speed > LOST:
            self.anchor()
            return
        steps = owed - owed % max(int(self.speed) if self.speed <= 5 else 1, 1)
        if steps <= 0:
            return
        pieces = [self._felt(piece) for piece in self.run.advance(steps)]
        frame = self.display.take(pieces, self.speed, steps * SLOW_DT / self.speed, self.run.bed.time)
        for page in self._pages if frame is not None else ():
            page.outbox.wave(frame)  # type: ignore[arg-type]

    def _felt(self, piece: Drawn) -> Drawn:
        """What oximeters draw: nothing where they have no reading."""
        silent = [place for place in HANDS if self.run.bed.shown.get(f"SpO2_{place}") is None]
        return {**piece, **{f"PLETH_{place}": np.full(len(piece["ECG"]), np.nan) for place in silent}} if silent else piece

    def _skip(self) -> None:
        """As fast as the machine goes, up to the moment that was asked for."""
        goal = round((self.towards or 0.0) / SLOW_DT)
        until = self._clock() + 0.2
        while self.run.bed.step < goal and self._clock() < until and self.run.bed.ok:
            self.run.advance(min(SKIP, goal - self.run.bed.step))
        if self.run.bed.step >= goal or not self.run.bed.ok:
            self.towards = None
            self.display.restart()
            self.anchor()
            self._changed()

    # -- telling ---------------------------------------------------------------------------------------------------------

    def _tell(self, now: float) -> None:
        """Numbers once a second (four times while the line chatters), what came into the log, what is to be kept."""
        bed = self.run.bed
        new_second = bed.step // PER_SECOND != self._second
        every = 0.25 if bed.chatters or self.speed > 1 or self.towards is not None else 0.98
        if self.run.fresh:
            self._log()
        if new_second and now - self._told >= every:
            self._told, self._second = now, bed.step // PER_SECOND
            self._everywhere("num", lambda role: tell.numbers(self, role))
            self._loops()
        if self._pages or self.paused or self.towards is not None:
            self._looked = now
        elif now - self._looked > ALONE:
            self._alone = True
            pause(self, {}, "console")
        if (now - self._kept >= KEEP and not (self.paused and self.towards is None)) or self.run.unkept:
            self._kept = now
            self.run.keep()
        if now - self._listed >= 0.5:
            self._listed = now
            self._everywhere("alarms", lambda role: {"k": "alarms", "now": bed.alarms.listed()})
            self._restate()

    def _restate(self) -> None:
        """What is set may change by itself: values on their way, limits of the flow, the pause of the sound, how the record stands."""
        known = {key: value for key, value in tell.state(self).items() if key not in ("t", "courses")} if self._pages else {}
        if known != self._stated:
            self._stated = known
            self._everywhere("state", lambda role: tell.state(self, role))

    def _everywhere(self, kind: str, message: Callable[[str], Mapping[str, Any]]) -> None:
        """The same to every page, made once for each role."""
        made: dict[str, str] = {}
        for page in self._pages:
            if page.role not in made:
                made[page.role] = json_text(message(page.role), compact=True)
            page.outbox.latest(kind, made[page.role])

    def _log(self) -> None:
        fresh, self.run.fresh = self.run.fresh, []
        for page in self._pages:
            entries = self._entries(page.role, fresh)
            if entries:
                page.tell({"k": "log", "fresh": False, "entries": entries})
        if any(event.verb in ("result", "draw", "goto", "course", "branch") for event in fresh):
            self._everywhere("lab", lambda role: {"k": "lab", **self.run.bed.laboratory.shown(self.run.bed.time)})

    def _entries(self, role: str, events: Sequence[Event]) -> list[dict[str, Any]]:
        return [found for event in events if (found := sight.entry(role, event, self._layouts[role])) is not None]

    def _loops(self) -> None:
        seeing = [page for page in self._pages if page.loops]
        if seeing and self.run.bed.ok:
            text = json_text(tell.loops(self.run.bed, self._ghost), compact=True)
            for page in seeing:
                page.outbox.latest("loops", text)

    def _changed(self) -> None:
        """Something was set: say so at once."""
        self._log()
        self._everywhere("state", lambda role: tell.state(self, role))
        self._everywhere("alarms", lambda role: {"k": "alarms", "now": self.run.bed.alarms.listed()})

    def _relayout(self) -> None:
        self._layouts = {
            role: layout(self.run.bed.sim.case, self.run.bed.monitor.art_site, self.run.bed.two_numbers, role) for role in sight.ROLES
        }
        self.display.show(self._layouts["operator"]["channels"])

    def layout_of(self, role: str) -> dict[str, Any]:
        """The layout message of a role."""
        return self._layouts[role]

    # -- asking ----------------------------------------------------------------------------------------------------------

    def _answer(self, page: Page, request: Mapping[str, Any]) -> None:
        verb, number = request.get("do"), request.get("n", 0)
        if request is JOIN:
            self._pages.append(page)
            if self._alone:
                self._alone = False
                resume(self, {}, "console")
            self._everything(page)
            return
        if request is LEAVE:
            self._pages = [one for one in self._pages if one is not page]
            return
        try:
            if not sight.may_do(page.role, str(verb)):
                raise Refused("this screen may not do that")
            new = self._do(page, str(verb), request)
            page.tell({"k": "done", "n": number, "ok": True, "new": new})
        except Refused as refused:
            page.tell({"k": "done", "n": number, "ok": False, "error": refused.text, "allowed": refused.allowed, "hint": refused.hint})

    def _do(self, page: Page, verb: str, request: Mapping[str, Any]) -> float | str | None:
        if verb == "see":
            page.loops = bool(request.get("loops")) and bool(self._layouts[page.role]["loops"])
            self._loops()
            return None
        if verb == "look":
            return tell.port(self.run.bed)
        if verb in TIME:
            TIME[verb](self, request, page.role)
            self._changed()
            return None
        if verb == "set" and not sight.may_set(page.role, request.get("control"), self._layouts[page.role]):
            raise Refused("this screen may not set that")
        if verb in ("set", "give", "fault", "do", "preset", "start", "sensor"):
            before = tell.ghost(self.run.bed) if any(one.loops for one in self._pages) else None
        else:
            before = None
        event = self.run.act(request, page.role)
        if before is not None and event.detail.get("mark"):
            self._ghost = {**before, "words": str(event.detail["words"])}
        if verb in ("start", "console"):
            self._relayout()
            for one in self._pages:
                one.tell(self._layouts[one.role])
        self._changed()
        return event.new

    def _everything(self, page: Page) -> None:
        page.tell(tell.hello(self, page.role))
        page.tell(self._layouts[page.role])
        page.tell(tell.state(self, page.role))
        page.tell(tell.numbers(self, page.role))
        page.tell({"k": "alarms", "now": self.run.bed.alarms.listed()})
        page.tell({"k": "log", "fresh": True, "entries": self._entries(page.role, self.run.path())})
        page.tell({"k": "lab", **self.run.bed.laboratory.shown(self.run.bed.time)})

    def elsewhere(self) -> None:
        """The run is at another moment: everything is told anew."""
        self._ghost = None
        self.anchor()
        self._relayout()
        self.run.fresh = []
        for page in self._pages:
            self._everything(page)
