"""One patient, one or two settings at many values: every point of the grid is a lane, and all start from the same moment.

The case is played once, as it is written, up to the end of its own protocol. There its state is copied into as many lanes as there are
points; each gets its values and goes on. A point has the same bits as a run of the case with that step at the end of its protocol.
"""

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from perfuse.engine.kernel import LANES, physics_hash
from perfuse.engine.run import Engine
from perfuse.parameters.case_checks import check_step
from perfuse.parameters.case_models import Case, Step
from perfuse.parameters.from_python import Given, PatientGiven, SupportGiven, case_of, seconds_of
from perfuse.parameters.problems import InputError, Problem, Problems, alike
from perfuse.parameters.safety import SAFETY_TEXT
from perfuse.parameters.swept import Axis, axes_of
from perfuse.parameters.tables import controls
from perfuse.parameters.units import UnitError, read
from perfuse.parameters.vocabulary import unit_of, vocabulary
from perfuse.results.course import plan_events, protocol_events, support_events
from perfuse.results.many import Kept, Progress, begun, table_of
from perfuse.results.numerics import body_surface
from perfuse.results.run import averages, hash_of, meaningful
from perfuse.results.simulate import LANES_ALONE, prepare, sources_of, structure_of
from perfuse.results.warnings import outside, warnings_of
from perfuse.version import VERSION

Array = NDArray[np.float64]
Values = Mapping[str, float]
CALLED = "sweep(...)"
MINUTES = 10.0
AVERAGED = 60.0  # s at the end of each point
LONGEST = 86400.0  # s
WEEK = 604800.0
OK, OUTSIDE, MOVING, DIVERGED = "ok", "outside a known range", "not settled", "diverged"
"""How a point ended; what diverged says more behind the word."""
RESTLESS = {
    "MAP": 1.0,
    "CVP": 0.5,
    "total_flow": 0.1,
    "ecmo_flow": 0.1,
    "lvad_flow": 0.1,
    "impella_flow": 0.1,
    "rvad_flow": 0.1,
    "SaO2_right_radial": 0.5,
    "PaCO2": 0.5,
}
"""Changes within the last minute that are said (assumed): the point has not settled."""


def decides_who_settles(name: str) -> bool:
    """Whether a setting acts only while a patient settles: during a run it is refused."""
    return bool(controls()[name].instead)


@dataclass(frozen=True)
class Plan:
    """A checked sweep: the case, the axes, and how long (s) each point is held from the end of the case's own protocol (s)."""

    case: Case
    axes: tuple[Axis, ...]
    hold: float
    seconds: float

    @property
    def points(self) -> list[dict[str, float]]:
        """Settings of every point; the last axis runs fastest."""
        names = [axis.name for axis in self.axes]
        return [dict(zip(names, values, strict=True)) for values in product(*(axis.values for axis in self.axes))]

    @property
    def at_first(self) -> list[str]:
        """Settings that only act while a patient settles: they decide who settles, and no row of theirs can change it later."""
        return [axis.name for axis in self.axes if decides_who_settles(axis.name)]

    def set_at(self, settings: Values) -> list[Step]:
        """What is set at one point once the case's own protocol is done: all but what decided who settles."""
        later = {name: value for name, value in settings.items() if name not in self.at_first}
        return [_step(self.hold, later)] if later else []

    def case_at(self, settings: Values) -> Case:
        """The case of one point: its own protocol, then these settings."""
        protocol = [*self.case.protocol, *self.set_at(settings)]
        return self.case.model_copy(update={"protocol": protocol, "duration": self.hold + self.seconds})


@dataclass(frozen=True)
class Sweep:
    """What a sweep came to. `table`: one row a point, with its settings, every quantity, `status` and `notes`."""

    plan: Plan
    table: pa.Table
    notes: Sequence[list[str]]
    warnings: list[str]
    sources: list[dict[str, str]]
    parameters: Values

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The controls and their values."""
        return self.plan.axes

    @property
    def quantities(self) -> list[str]:
        """Names of what was measured at the points, in the order of the vocabulary."""
        return [name for name in vocabulary() if name in self.table.column_names]

    def column(self, name: str) -> Array:
        """A column as numbers, NaN where a point has no reading."""
        return np.asarray(self.table.column(name).to_numpy(zero_copy_only=False), dtype=np.float64)

    def summary(self) -> dict[str, Any]:
        """The sweep in numbers for JSON."""
        texts = self.table.column("status").to_pylist()
        kinds = {kind: sum(text.startswith(kind) for text in texts) for kind in (OUTSIDE, MOVING, DIVERGED)}
        said = ", ".join([f"{len(texts)} points", *(f"{count} {kind}" for kind, count in kinds.items() if count)])
        names = [axis.name for axis in self.axes]
        unit = {axis.name: axis.unit for axis in self.axes} | {name: unit_of(name) for name in self.quantities}
        rounded = {name: [None if v is None else round(v, 6) for v in self.table.column(name).to_pylist()] for name in unit}
        return {
            "schema": "perfuse-sweep/1",
            "perfuse": VERSION,
            "physics_hash": physics_hash(),
            "parameter_hash": hash_of(self.parameters),
            "seed": self.plan.case.seed,
            "safety": SAFETY_TEXT,
            "title": self.plan.case.title,
            "status": {"ok": not kinds[DIVERGED], "text": said},
            "warnings": self.warnings,
            "held_from": {"value": self.plan.hold, "unit": "s"},
            "held_for": {"value": self.plan.seconds, "unit": "s"},
            "averaged_over": {"value": AVERAGED, "unit": "s"},
            "set": names,
            "from_the_beginning": self.plan.at_first,
            "columns": {name: {"unit": unit[name], "values": rounded[name]} for name in unit},
            "points": [{"status": text, "notes": notes} for text, notes in zip(texts, self.notes, strict=True)],
            "sources": self.sources,
        }

    def __repr__(self) -> str:
        ways = " x ".join(f"{axis.name} {axis.values[0]:g} to {axis.values[-1]:g} {axis.unit}".strip() for axis in self.axes)
        return f"<perfuse sweep: {ways}, {self.summary()['status']['text']}; not for clinical use>"


def sweep(
    patient: Case | PatientGiven,
    settings: Mapping[str, Any],
    *,
    support: SupportGiven | None = None,
    minutes: Given = MINUTES,
    protocol: Iterable[Mapping[str, Any]] = (),
    ventilator: Any = None,
    seed: int = 1,
    progress: Progress | None = None,
) -> Sweep:
    """Put one patient on every value of one or two controls, all from the same moment, and say what each came to.

    patient     a case (pf.load_case), or a patient as in pf.simulate, with `support`, `protocol`, `ventilator` and `seed` as there
    settings    {"pump.rpm": range(2000, 4501, 250)}: values in the unit of the control, or text ("2000:4500:250", "1, 2, 4 L/min")
    minutes     how long each value is held, from the end of the protocol; the last minute is averaged

    Height, haemoglobin, blood volume and temperature of the patient (patient.blood_volume) hold from the beginning: they decide who
    settles. Seldom needed: progress (called with points done and points in all). InputError holds every problem of what was given.
    """
    if isinstance(patient, Case):
        case = patient
        if support is not None or protocol or ventilator is not None:
            raise InputError([Problem("support", "a case says its own support, protocol and ventilator", hint="Change the case.")], CALLED)
    else:
        case = case_of(patient, support, seconds=WEEK, protocol=protocol, ventilator=ventilator, seed=seed, called=CALLED)
    problems = Problems(CALLED)
    return run_sweep(planned(case, axes_of(settings, problems), minutes, problems), progress=progress)


def planned(case: Case, axes: Sequence[Axis], minutes: Given, problems: Problems, option: str = "") -> Plan:
    """A sweep of which everything is checked; `problems` holds what was found before. `option`: as in axes_of."""
    seconds = _seconds(minutes, f"{'--' if option else ''}minutes", problems)
    for axis in axes:
        _check(case, axis, f"{option}{axis.name}", problems)
    problems.raise_if_any()
    return Plan(case, tuple(axes), end_of(case), seconds)


def end_of(case: Case) -> float:
    """The whole second (s) at which the last thing that the case asks for is done; what happens at 0 s needs the first second."""
    ramps = [ramp for event in (*support_events(case), *protocol_events(case)) for ramp in event.ramps]
    return float(max(math.ceil(max(ramp.start + ramp.over for ramp in ramps)), 1)) if ramps else 0.0


def _seconds(minutes: Given, place: str, problems: Problems) -> float:
    try:
        seconds = read(seconds_of(minutes), "s")
        if AVERAGED <= seconds <= LONGEST:
            return float(math.ceil(seconds))
        problems.add((place,), f"{seconds / 60.0:g} min cannot be held", value=minutes, allowed="1 to 1440 min")
    except UnitError as error:
        problems.add((place,), error.text, value=minutes, hint=error.hint)
    return AVERAGED


def _check(case: Case, axis: Axis, place: str, problems: Problems) -> None:
    """What the case lacks for this control, or its pump cannot do; the same of several values is told once."""
    told: dict[str, tuple[Problem, int]] = {}
    for value in () if decides_who_settles(axis.name) else axis.values:
        found = Problems()
        check_step(case.model_copy(update={"protocol": [_plain_step(0.0, {axis.name: value})]}), 0, found)
        for problem in found.found:
            kind = alike(problem.text)
            first, count = told.get(kind, (problem, 0))
            told[kind] = (first, count + 1)
    for problem, count in told.values():
        more = f" (and {count - 1} more of these values)" if 1 < count and problem.text != alike(problem.text) else ""
        problems.add((place,), problem.text + more, value=problem.value, allowed=problem.allowed, source=problem.source, hint=problem.hint)


def _step(at: float, settings: Values) -> Step:
    """The settings as a step of a protocol; who sets a speed takes the pump from the controller that holds a flow."""
    return _plain_step(at, {"pump.flow": 0.0, **settings} if "pump.rpm" in settings else settings)


def _plain_step(at: float, settings: Values) -> Step:
    return Step.model_validate({"at": at, "set": dict(settings)}, context={"bare_times": True})


def run_sweep(plan: Plan, *, progress: Progress | None = None) -> Sweep:
    """Play the case once up to the end of its protocol, then every point from there."""
    points = plan.points
    values, library, _, _ = prepare(plan.case)
    first = [_at_first(plan, point) for point in points]
    bodies = [dict(pairs) for pairs in dict.fromkeys(tuple(sorted(one.items())) for one in first)]
    trunks = _trunks(plan, [values | body for body in bodies])
    where = [bodies.index(one) for one in first]
    groups = [range(i, min(i + LANES, len(points))) for i in range(0, len(points), LANES)]
    found: list[_Point] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for group in pool.map(lambda members: _together(plan, points, [trunks[where[i]] for i in members], members), groups):
            found += group
            if progress is not None:
                progress(len(found), len(points))
    table = table_of(points, [(point.after, point.status) for point in found], plan.case.seed)
    table = table.append_column("notes", pa.array([" ".join(point.notes) for point in found]))
    words = {**(table.schema.metadata or {}), b"schema": b"perfuse-sweep/1"}
    notes = [point.notes for point in found]
    return Sweep(
        plan, table.replace_schema_metadata(words), notes, _shared(found), sources_of(library, plan.case.support, plan.case.devices), values
    )


def _at_first(plan: Plan, point: Values) -> dict[str, float]:
    """Parameters of this point with which the patient settles."""
    return {name.removeprefix("patient."): value for name, value in point.items() if name in plan.at_first}


@dataclass(frozen=True)
class _Trunk:
    """One lane at the end of the protocol: its rows, the time, and what the oximeters saw."""

    rows: Array
    step: int
    pulse: Array
    surface: float


def _trunks(plan: Plan, bodies: Sequence[Values]) -> list[_Trunk]:
    """The case up to the end of its own protocol, once for each body."""
    case = plan.case
    found: list[_Trunk] = []
    for at in range(0, len(bodies), LANES):
        some = bodies[at : at + LANES]
        engine = begun([case] * len(some), some, LANES_ALONE if len(bodies) == 1 else LANES)
        kept = Kept(engine, case, len(some), AVERAGED)
        kept.go_on(plan.hold)
        pulse = np.concatenate(kept.pulse) if kept.pulse else np.empty((0, len(kept.few), engine.lanes))
        table = engine.buffer.reshape(-1, engine.lanes)
        for lane, body in enumerate(some):
            surface = body_surface(body["weight"], body["height"])
            found.append(_Trunk(table[:, lane].copy(), engine.step, pulse[:, :, lane], surface))
    return found


@dataclass(frozen=True)
class _Point:
    after: dict[str, float]
    status: str
    notes: list[str]
    warnings: list[str]


def _together(plan: Plan, points: Sequence[Values], trunks: Sequence[_Trunk], members: Sequence[int]) -> list[_Point]:
    """Points that share the lanes of a kernel."""
    of_lane = [trunks[min(lane, len(trunks) - 1)] for lane in range(LANES)]
    buffer = np.stack([trunk.rows for trunk in of_lane], axis=1).reshape(-1)
    engine = Engine(structure_of(plan.case), LANES, buffer, of_lane[0].step)
    for lane, number in enumerate(members):
        plan_events(engine, protocol_events(plan.case.model_copy(update={"protocol": plan.set_at(points[number])})), lane)
    kept = Kept(engine, plan.case, len(members), AVERAGED)
    kept.pulse.append(np.stack([trunk.pulse for trunk in of_lane], axis=2))
    kept.go_on(plan.hold + plan.seconds)
    return [_point(plan, kept, lane, trunk.surface) for lane, trunk in enumerate(trunks)]


def _point(plan: Plan, kept: Kept, lane: int, surface: float) -> _Point:
    if not kept.status[lane]["ok"]:
        return _Point({}, str(kept.status[lane]["text"]), [], [])  # its numbers mean nothing any more
    columns = kept.columns(lane, surface)
    end = float(columns["t"][-1])
    after = meaningful(averages(columns, end - AVERAGED, end), plan.case.support, plan.case.devices)
    left, moving = outside(plan.case, after, columns), _moving(columns)
    more = [text for text in warnings_of(plan.case, after, columns) if text not in left]
    return _Point(after, OUTSIDE if left else MOVING if moving else OK, left + moving, more)


def _moving(columns: Mapping[str, Array]) -> list[str]:
    """What has not come to rest: the second half of the last minute against the first."""
    found = []
    for name, much in RESTLESS.items():
        if name in columns:
            first, second = np.array_split(columns[name], 2)
            change = 2.0 * float(np.mean(second) - np.mean(first))
            if abs(change) > much:
                found.append(f"{name} {change:+.2g} {unit_of(name)} in the last minute")
    return [f"Not settled: {', '.join(found)}."] if found else []


def _shared(found: Sequence[_Point]) -> list[str]:
    """What is to be kept in mind beyond single points: sentences that differ only in their numbers are told once."""
    kinds: dict[str, list[str]] = {}
    for point in found:
        for text in point.warnings:
            kinds.setdefault(alike(text), []).append(text)
    return [
        texts[0] if len(texts) == len(found) else f"At {len(texts)} of {len(found)} points, for example: {texts[-1]}"
        for texts in kinds.values()
    ]
