"""What is kept of a live run: the run, its courses, its log of events, states to go back to, and the numbers that were shown."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from perfuse.parameters.json_text import strict_json
from perfuse.parameters.problems import InputError, Problem

Words = float | str | None
"""A setting before or after a change: a number, a word, or nothing (which is not zero)."""

LAST = 2**63 - 1
"""The highest whole number that both databases hold."""


def wall_now() -> str:
    """The time on the wall, UTC with milliseconds: 2026-05-01T12:30:00.125Z."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Event:
    """One entry of the log; `step` is the step of the engine (0.02 s), `wall` the time on the wall (`wall_now`).

    Whatever JSON can say may stand in `detail`; a copy is kept, so that the entry stays as it was said.
    """

    seq: int
    course: str
    step: int
    wall: str
    actor: str
    verb: str
    target: str = ""
    old: Words = None
    new: Words = None
    detail: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _whole(seq=self.seq, step=self.step)
        _texts(course=self.course, wall=self.wall, actor=self.actor, verb=self.verb, target=self.target)
        for name in ("old", "new"):
            _plain(name, getattr(self, name))
        object.__setattr__(self, "detail", _plain("detail", dict(self.detail)))


@dataclass(frozen=True)
class Course:
    """One course of a run: it leaves its parent at the step `begins` and has come to the step `head`."""

    id: str
    parent: str | None
    begins: int
    head: int
    words: str = ""

    def __post_init__(self) -> None:
        _whole(begins=self.begins, head=self.head)
        _texts(id=self.id, parent=self.parent or "", words=self.words)


@dataclass(frozen=True)
class RunRow:
    """A run: when it was made, by which version, with which physics, and its case as JSON text."""

    id: str
    title: str
    made: str
    version: str
    physics: str
    case: str
    state: str

    def __post_init__(self) -> None:
        _texts(**vars(self))


@dataclass(frozen=True)
class Listed:
    """A run in the list of runs: how many courses it has, the furthest step any came to, and when its last event was."""

    run: RunRow
    courses: int
    head: int
    last: str


@dataclass(frozen=True)
class Kept:
    """Everything that is needed to go on with a run; courses in the order they were made, events in the order of `seq`."""

    run: RunRow
    courses: tuple[Course, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True)
class StateAt:
    """The state of a course after a step, as bytes whose meaning is the engine's; `words` says what is wrong with newer ones."""

    course: str
    step: int
    state: bytes
    words: str = ""

    def __post_init__(self) -> None:
        _whole(step=self.step)
        _texts(course=self.course)


@dataclass(frozen=True, eq=False)
class Block:
    """The numbers shown during one stretch of a course: one row per time, one column per name, NaN where there was no reading.

    Kept as 32-bit floats. `words` says why there are no rows, where the block was read back and found damaged.
    """

    course: str
    block: int
    columns: tuple[str, ...]
    rows: npt.NDArray[np.float32]
    words: str = ""

    def __post_init__(self) -> None:
        _whole(block=self.block)
        _texts(course=self.course)
        _plain("columns", list(self.columns))
        rows = np.array(self.rows, dtype=np.float32)
        if not self.columns or rows.ndim != 2 or rows.shape[1] != len(self.columns):
            raise refused("rows", f"{len(self.columns)} columns are named, and the numbers have the shape {rows.shape}")
        object.__setattr__(self, "rows", rows)


@dataclass(frozen=True)
class Batch:
    """What is new in one run; it is kept whole or not at all. None leaves the run's state or title as it was."""

    run: str
    events: Sequence[Event] = ()
    courses: Sequence[Course] = ()
    snapshots: Sequence[StateAt] = ()
    readings: Sequence[Block] = ()
    state: str | None = None
    title: str | None = None

    def __post_init__(self) -> None:
        _texts(run=self.run, state=self.state or "", title=self.title or "")
        for name in ("events", "courses", "snapshots", "readings"):
            object.__setattr__(self, name, tuple(getattr(self, name)))


Forks = Mapping[str, tuple[str, int]]
"""Of each course that has a parent: that parent, and the last entry of the log that both share."""


def forks_of(events: Sequence[Event]) -> dict[str, tuple[str, int]]:
    """Where courses left their parents, as the log says it."""
    opened = (e for e in events if e.verb in ("branch", "goto"))
    return {e.course: (str(e.detail["parent"]), int(e.detail["after"])) for e in opened}


def way_to(events: Sequence[Event], forks: Forks, course: str, limit: int = LAST) -> list[Event]:
    """What happened on the way to a course, up to an entry: the entries of its ancestors up to where it left them, then its own."""
    own = [e for e in events[:limit] if e.course == course]
    if course not in forks:
        return own
    parent, after = forks[course]
    return [*way_to(events, forks, parent, min(after, limit)), *own]


def refused(place: str, text: str, hint: str | None = None) -> InputError:
    """Something cannot be kept: where, why, and what to try."""
    return InputError([Problem(place, text, hint=hint)], "The record")


def _whole(**numbers: int) -> None:
    for name, number in numbers.items():
        if not isinstance(number, int) or not 0 <= number <= LAST:
            raise refused(name, f"{number!r} is no whole number (int) from 0 to {LAST}")


def _texts(**texts: str) -> None:
    for name, text in texts.items():
        if not isinstance(text, str):
            raise refused(name, f"{text!r} is no text")
        if not text.isascii() or "\0" in text:
            _storable(name, text)


def _storable(name: str, text: str) -> None:
    if "\0" in text:
        raise refused(name, "this text holds the character NUL, which no database takes as text", "Leave that character out.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise refused(name, "this text holds half of a character, which cannot be written as UTF-8", "Leave it out.") from error


def _plain(name: str, value: Any) -> Any:
    """A copy of what JSON can say; anything else is refused."""
    try:
        text = strict_json(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise refused(name, f"this cannot be written as JSON ({error})", "Give numbers, text, lists and names with values.") from error
    # JSON writes NUL as \u0000 and a backslash as two, so that only a real NUL is left when pairs are taken away
    _storable(name, "\0" if "\\u0000" in text.replace("\\\\", "") else text)
    return json.loads(text)
