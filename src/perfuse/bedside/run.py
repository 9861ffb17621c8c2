"""A run with its history: every action is an entry of the log, and any moment of any course can be reached again from it.

A course is a stretch of time with what was done in it. Going back never deletes: it opens a new course that shares the past with the old.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perfuse.bedside.actions import ARROW, VERBS, Refused, asked
from perfuse.bedside.bed import Bed, Drawn
from perfuse.bedside.packing import packed, unpacked
from perfuse.bedside.records import Batch, Block, Course, Event, Kept, RunRow, StateAt, forks_of, wall_now, way_to
from perfuse.bedside.store import Store
from perfuse.bedside.trend import Trend, columns, thinned
from perfuse.bedside.writer import Writer
from perfuse.engine.kernel import physics_hash
from perfuse.engine.run import PER_SECOND, SLOW_DT
from perfuse.parameters.case import case_from
from perfuse.parameters.case_models import Case
from perfuse.parameters.json_text import json_text
from perfuse.parameters.problems import InputError, Problem
from perfuse.version import VERSION

SNAPSHOT_EVERY = 600 * PER_SECOND  # steps: from a snapshot any later moment is a second of computing away
FIRST = "A"


@dataclass
class Line:
    """A course while it is open: where it left its parent (a step, and the last entry of the log that it shares), how far it came."""

    id: str
    parent: str | None
    begins: int
    after: int
    head: int
    words: str = ""
    trend: Trend = field(default_factory=lambda: Trend(0))

    def record(self) -> Course:
        """As it is kept."""
        return Course(self.id, self.parent, self.begins, self.head, self.words)


class Run:
    """One run. `store`: where it is kept; `wall`: tells the time on the wall."""

    def __init__(self, row: RunRow, case: Case, store: Store, writer: Writer, wall: Callable[[], str] = wall_now) -> None:
        self.row, self.case, self.store, self.writer, self.wall = row, case, store, writer, wall
        self.bed = Bed(case)
        self.bed.trend = Trend(0)
        self._origin = packed(self.bed.state())
        self.events: list[Event] = []
        self.courses: dict[str, Line] = {FIRST: Line(FIRST, None, 0, 0, 0, trend=self.bed.trend)}
        self.course = FIRST
        self._gone_back: set[str] = set()
        self._worked_in: set[str] = set()
        self._written = 0
        self._recorded: dict[str, Course] = {}
        self._snapped = 0
        self.fresh: list[Event] = []
        """Entries since they were last taken by who shows them."""

    # -- beginnings ------------------------------------------------------------------------------------------------------

    @classmethod
    def begin(cls, ident: str, title: str, case: Case, store: Store, writer: Writer) -> "Run":
        """A new run of a case, kept from its first entry on."""
        made = wall_now()
        text = json_text(case.model_dump(mode="json", by_alias=True, exclude_none=True))
        row = RunRow(ident, title, made, VERSION, physics_hash(), text, "running")
        run = cls(row, case, store, writer)
        event = Event(1, FIRST, 0, made, "console", "begin", title, None, None, {"words": title, "mark": False, "seed": case.seed})
        run.events = [event]
        run.fresh = [event]
        store.begin(row, [run.courses[FIRST].record()], run.events)
        run._written = 1
        return run

    @classmethod
    def resume(cls, kept: Kept, store: Store, writer: Writer) -> "Run":
        """A run as it was kept, at the end of the course that was last worked on. InputError where the physics is another."""
        if kept.run.physics != physics_hash():
            text = f"this run was made with the physics {kept.run.physics}, and here runs {physics_hash()}"
            hint = "Its log can be exported as a case file and run again; to go on with it, use the version that made it."
            raise InputError([Problem("physics", text, value=kept.run.physics, hint=hint)], kept.run.title)
        run = cls(kept.run, case_from(json.loads(kept.run.case), kept.run.title), store, writer)
        run.events = list(kept.events)
        for event in run.events:
            run._remember(event)
        run._written = len(run.events)
        forks = forks_of(run.events)
        run.courses = {c.id: Line(c.id, c.parent, c.begins, forks.get(c.id, ("", 0))[1], c.head, c.words) for c in kept.courses}
        run.course = run.events[-1].course if run.events else FIRST
        for line in run.courses.values():
            run._read_trend(line)
        run._switch(run.course)
        return run

    def _read_trend(self, line: Line) -> None:
        """Rows of a course that were kept, in their order; what is missing behind them is computed again when the course is reached."""
        line.trend = Trend(line.begins // PER_SECOND)
        for block in self.store.readings(self.row.id, line.id, 0, 2**62):
            follows = block.block == line.trend.first + line.trend.count
            if not follows or block.columns != columns() or not len(block.rows):
                break
            line.trend.extend(block.rows)
        line.trend.kept = line.trend.count

    def path(self) -> list[Event]:
        """Everything that happened on the way to this moment."""
        return self._path(self.course, len(self.events))

    # -- time and deeds --------------------------------------------------------------------------------------------------

    @property
    def line(self) -> Line:
        """The course that runs."""
        return self.courses[self.course]

    def advance(self, steps: int) -> list[Drawn]:
        """Move on; alarms and results enter the log at the second at which they came."""
        pieces = self.bed.advance(steps)
        for step, verb, what in self.bed.happened:
            actor = "laboratory" if verb == "result" else "monitor"
            mark = verb == "alarm" and what["priority"] != "low"
            detail = {**what, "words": what["words"], "mark": mark}
            self.log(verb, actor, str(what.get("quantity") or what.get("what") or ""), None, what.get("value"), detail, step)
        self.bed.happened = []
        self.line.head = self.bed.step
        if self.bed.step // SNAPSHOT_EVERY > self._snapped:
            self.snap()
        return pieces

    def act(self, request: Mapping[str, Any], actor: str) -> Event:
        """Do what is asked and log it; Refused changes nothing."""
        plain = asked(request)
        deed = self.bed.act(plain)
        if not self.line.words and deed.mark and self.line.parent is not None:
            self.line.words = deed.words
        said = {**deed.detail, "words": deed.words, "mark": deed.mark, "request": plain}
        return self.log(deed.verb, actor, deed.target, deed.old, deed.new, said)

    def log(
        self,
        verb: str,
        actor: str,
        target: str,
        old: float | str | None,
        new: float | str | None,
        detail: Mapping[str, Any],
        step: int | None = None,
    ) -> Event:
        """An entry of the log at this step."""
        at = self.bed.step if step is None else step
        event = Event(len(self.events) + 1, self.course, at, self.wall(), actor, verb, target, old, new, detail)
        self.events.append(event)
        self.fresh.append(event)
        self._remember(event)
        return event

    def _remember(self, event: Event) -> None:
        """Which courses were opened by going back, and in which something was done."""
        if event.verb == "goto":
            self._gone_back.add(event.course)
        elif event.verb in VERBS and event.detail.get("mark"):
            self._worked_in.add(event.course)

    # -- courses ---------------------------------------------------------------------------------------------------------

    def branch(self, actor: str, words: str = "") -> Line:
        """A new course from now on; the old one ends here."""
        return self._fork(self.course, self.bed.step, len(self.events), "branch", actor, words)

    def go_back(self, t: float, actor: str) -> Line:
        """A new course from a moment that has been: what was done at that very moment or later is not in it."""
        step = round(t / SLOW_DT)
        if not 0 <= step <= self.bed.step:
            raise Refused(f"{t:g} s has not been yet", allowed=f"0 to {self.bed.time:.0f} s", hint="Let time run, or skip ahead.")
        course, limit = self.course, len(self.events)
        while (parent := self.courses[course].parent) is not None and (step < self.courses[course].begins or self._idle(course)):
            course, limit = parent, self.courses[course].after
        after = max((e.seq for e in self._path(course, limit) if e.step < step or e.verb == "begin"), default=0)
        self._reach(course, step, after)
        return self._fork(course, step, after, "goto", actor, "")

    def switch(self, course: str, actor: str) -> None:
        """Go on with another course where it was left."""
        if course not in self.courses:
            raise Refused(f"there is no course '{course[:10]}'", allowed=", ".join(self.courses))
        if course == self.course:
            return
        old = self.course
        self._switch(course)
        self.log("course", actor, course, old, course, {"words": f"Course {old} {ARROW} {course}", "mark": False})

    def _switch(self, course: str) -> None:
        line = self.courses[course]
        self.course = course
        self._reach(course, line.head, len(self.events), line.trend)

    def _idle(self, course: str) -> bool:
        """Whether nothing was done in a course that was opened by going back: going back again leaves it out of the way."""
        return course in self._gone_back and course not in self._worked_in

    def _fork(self, parent: str, step: int, after: int, verb: str, actor: str, words: str) -> Line:
        ident = _letters(len(self.courses))
        line = Line(ident, parent, step, after, step, words, Trend(step // PER_SECOND))
        self.courses[ident] = line
        self.course = ident
        self.bed.trend = line.trend
        said = words or f"Course {ident} from here"
        self.log(verb, actor, ident, parent, ident, {"words": said, "mark": True, "parent": parent, "after": after})
        self.snap()
        return line

    def _path(self, course: str, limit: int) -> list[Event]:
        """What happened on the way to a course, up to an entry of the log."""
        forks = {line.id: (line.parent, line.after) for line in self.courses.values() if line.parent is not None}
        return way_to(self.events, forks, course, limit)

    def _reach(self, course: str, step: int, after: int, trend: Trend | None = None) -> None:
        """Bring the bed to a step of a course, from the nearest state before it; `trend` is completed on the way."""
        begin = step if trend is None else min(step, (trend.first + trend.count) * PER_SECOND)
        at, state = self._state_before(course, begin, after)
        self.bed.restore(state)
        rows = Trend(self.bed.step // PER_SECOND)
        self.bed.trend = rows
        for event in self._path(course, after):
            if event.seq > at and event.verb in VERBS and event.step <= step:
                self.bed.advance(event.step - self.bed.step)
                self.bed.act(event.detail["request"])
        self.bed.advance(step - self.bed.step)
        self.bed.happened = []
        if trend is not None:
            have = trend.first + trend.count
            _, late = rows.series(columns(), have + 1.0, float(2**40))
            trend.extend(late)
            self.bed.trend = trend
        self._snapped = self.bed.step // SNAPSHOT_EVERY

    def _state_before(self, course: str, step: int, after: int) -> tuple[int, Mapping[str, Any]]:
        """The newest kept state on the way to a step that holds no entry beyond `after`, and the last entry that it holds."""
        line, at = self.courses[course], step
        while at >= line.begins:
            found: StateAt | None = self.store.snapshot_at(self.row.id, course, at)
            if found is None:
                break
            state = unpacked(found.state)
            if state["seq"] <= after:
                return int(state["seq"]), state["bed"]
            at = found.step - 1
        if line.parent is None:
            return 0, unpacked(self._origin)
        return self._state_before(line.parent, min(step, line.begins), min(line.after, after))

    # -- what is kept ----------------------------------------------------------------------------------------------------

    def snap(self) -> None:
        """Keep the state of this moment."""
        state = StateAt(self.course, self.bed.step, packed({"seq": len(self.events), "bed": self.bed.state()}))
        self._snapped = self.bed.step // SNAPSHOT_EVERY
        self.keep(snapshots=[state])

    @property
    def unkept(self) -> bool:
        """Whether the log holds entries that were not handed to the writer."""
        return self._written < len(self.events)

    def keep(self, snapshots: Sequence[StateAt] = (), state: str | None = None, everything: bool = False) -> None:
        """Hand what is new to the writer: entries, how far each course came, whole minutes of numbers."""
        new = self.events[self._written :]
        blocks = [Block(line.id, first, columns(), rows) for line in self.courses.values() for first, rows in line.trend.blocks(everything)]
        self._written = len(self.events)
        lines = {line.id: line.record() for line in self.courses.values()}
        changed = [record for ident, record in lines.items() if record != self._recorded.get(ident)]
        self._recorded = lines
        self.writer.put(Batch(self.row.id, new, changed, snapshots, blocks, state))

    def close(self) -> None:
        """Keep everything up to now."""
        self.snap()
        self.keep(state="stopped", everything=True)

    # -- what is shown ---------------------------------------------------------------------------------------------------

    def visible(self) -> list[Line]:
        """Courses worth showing: the one that runs, those in which something was done, and the first."""
        lines = list(self.courses.values())
        parents = {line.parent for line in lines if line.id == self.course or not self._idle(line.id)}
        return [line for line in lines if line.id == self.course or line.id in parents or not self._idle(line.id)]

    def series(self, course: str, names: Sequence[str], begin: float, end: float, points: int) -> dict[str, Any]:
        """Trends of a course, its past in its ancestors included."""
        if course not in self.courses:
            raise Refused(f"there is no course '{course[:10]}'", allowed=", ".join(self.courses))
        unknown = [name for name in names if name not in columns()]
        if unknown:
            raise Refused(f"'{unknown[0][:40]}' is not kept in the trends", allowed=", ".join(columns()))
        times: list[NDArray[np.float64]] = []
        rows: list[NDArray[np.float32]] = []
        line: Line | None = self.courses[course]
        until = end
        while line is not None:
            t, part = line.trend.series(names, begin, until)
            times.insert(0, t)
            rows.insert(0, part)
            until = min(until, float(line.trend.first))
            line = self.courses[line.parent] if line.parent is not None else None
        t = np.concatenate(times)
        window = min(end, float(t[-1])) - begin if t.size else 0.0
        shown, values = thinned(t, np.concatenate(rows), window, points)
        return {"course": course, "t": shown, "values": dict(zip(names, values, strict=True))}


def _letters(number: int) -> str:
    """A, B, ... Z, AA, AB, ..."""
    text = ""
    while number >= 0:
        text, number = chr(65 + number % 26) + text, number // 26 - 1
    return text
