"""Many cases at once: cases of one structure share the lanes of a kernel and move side by side through time.

A lane's course is the same to the bit as if its case had run alone; only what is kept is less: trends, the last loop, events.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from perfuse.engine.kernel import LANES
from perfuse.engine.run import SLOW_DT, Engine
from perfuse.results import waves
from perfuse.results.course import first_column, plan_events, protocol_events, settled, support_events
from perfuse.results.numerics import body_surface, by_name, numerics, rows_for
from perfuse.results.readable import Loop
from perfuse.results.simulate import prepare, structure_of
from perfuse.results.status import status_of

Array = NDArray[np.float64]
MAX_KEPT = 40_000_000
"""Numbers kept at a time while running; longer courses are reduced to trends in pieces of that size."""


@dataclass
class LaneRun:
    """The course of one lane."""

    title: str
    patient: Mapping[str, float]  # the parameters it ran with, in the units of patient.yaml
    support: Any
    events: Sequence[tuple[float, str]]
    columns: dict[str, Array] = field(default_factory=dict)
    devices: Sequence[Any] = ()
    loops: dict[str, dict[str, Loop]] = field(default_factory=dict)
    waveforms: pa.Table | None = None
    status: dict[str, Any] = field(default_factory=lambda: {"ok": True, "text": "ok"})

    @property
    def trends(self) -> pa.Table:
        """One row a second: `t` (s) and vocabulary names."""
        return pa.table(self.columns)

    def summary(self) -> dict[str, Any]:
        """Title and status."""
        return {"title": self.title, "status": self.status}


@dataclass
class _Lane:
    number: int
    case: Any
    values: dict[str, float]
    support: Any


def run_together(cases: Sequence[Any], told: Callable[[int], None] | None = None) -> list[LaneRun | Exception]:
    """Every case's course, in order; a case that cannot be prepared gives its exception. `told` gets the number finished so far."""
    found: list[LaneRun | Exception | None] = [None] * len(cases)
    ready: dict[str, list[_Lane]] = {}
    for number, case in enumerate(cases):
        try:
            values, _, _, support = prepare(case)
            ready.setdefault(structure_of(case), []).append(_Lane(number, case, dict(values), support))
        except Exception as problem:  # handed back: one case that cannot be prepared hides no other
            found[number] = problem
    done = sum(one is not None for one in found)
    for structure, lanes in ready.items():
        lanes.sort(key=lambda lane: lane.case.duration)
        for group in groups(lanes):
            for lane, run in zip(group, _course(structure, group), strict=True):
                found[lane.number] = run
            done += len(group)
            if told is not None:
                told(done)
    return [one if one is not None else RuntimeError("not run") for one in found]


def groups(lanes: Sequence[_Lane]) -> list[list[_Lane]]:
    """Lanes of like duration, as many as a kernel has; the longest first, so that what is left over is short."""
    ordered = list(lanes)
    found = []
    while ordered:
        longest = ordered[-LANES:]
        alone = [lane for lane in longest if 4.0 * lane.case.duration < longest[-1].case.duration]
        chosen = longest[len(alone) :]
        found.append(chosen)
        del ordered[len(ordered) - len(chosen) :]
    return found


def _course(structure: str, group: Sequence[_Lane]) -> list[LaneRun]:
    columns = [first_column(lane.case, lane.values, lane.support) for lane in group]
    engine = settled(columns, structure, LANES)
    runs = []
    for at, lane in enumerate(group):
        events = sorted([*support_events(lane.case), *protocol_events(lane.case)], key=lambda event: event.start)
        plan_events(engine, events, at)
        told = [(event.start, event.text) for event in events]
        runs.append(LaneRun(lane.case.title, lane.values, lane.support, told, devices=lane.case.devices))
    names, every = rows_for(engine.kernel.rows), list(engine.kernel.rows)
    reported = [every.index(name) for name in names]
    kept: list[list[dict[str, Array]]] = [[] for _ in group]
    piece = max(600.0, np.floor(MAX_KEPT / (len(every) * engine.lanes)))
    going = list(range(len(group)))
    while going:
        goal = min(engine.time + piece, min(group[at].case.duration for at in going))
        rows, _ = engine.advance(goal - engine.time, every)
        healthy = engine.healthy()
        for at in list(going):
            lane, sound = group[at], len(rows) if healthy[at] else engine.healthy_until(rows, at)
            own = np.ascontiguousarray(rows[:sound, reported, at])
            kept[at].append(numerics(by_name(own, names), body_surface(lane.values["weight"], lane.values["height"])))
            if not healthy[at]:
                runs[at].status = status_of(False, max(engine.time - len(rows) + sound + 1.0, 1.0) if sound < len(rows) else engine.time)
            if not healthy[at] or round((lane.case.duration - engine.time) / SLOW_DT) <= 0:
                going.remove(at)
                _finish(engine, at, runs[at], kept[at])
    return runs


def _finish(engine: Engine, at: int, run: LaneRun, kept: list[dict[str, Array]]) -> None:
    columns = {name: np.concatenate([piece[name] for piece in kept]) for name in kept[0]}
    run.columns = {"t": np.arange(1.0, len(next(iter(columns.values()))) + 1.0), **columns}
    if run.status["ok"]:
        run.loops = {"after": waves.loop(engine, at)}
