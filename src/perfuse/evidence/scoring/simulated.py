"""All scores of a simulated patient at one moment of a run: what the simulator knows is read, what it cannot know stays missing.

A score describes patients before support, in the worst hours of a day; a moment of a run is neither. The answer says so.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from perfuse.evidence.scoring.language import Expression, read_expression
from perfuse.evidence.scoring.library import find_score, score, scores
from perfuse.evidence.scoring.quantities import read_quantity, round_off
from perfuse.parameters import units
from perfuse.parameters.problems import InputError, Problem
from perfuse.parameters.safety import SAFETY_TEXT
from perfuse.parameters.tables import controls
from perfuse.parameters.yamlfile import read_file
from perfuse.results.numerics import CIRCUIT_QUANTITIES
from perfuse.results.run import Run, averages, meaningful
from perfuse.results.simulate import WINDOW

_FILE = Path(__file__).parent / "simulated.yaml"
NEAR = 1e-6
"""Share by which a simulated value may lie outside a range before it counts as outside (a saturation of 100.0000001 %)."""


@cache
def mapping() -> dict[str, tuple[dict[str, Any], Expression]]:
    """What each input of a score is in the simulator."""
    data, problems = read_file(_FILE, _FILE.name)
    problems.raise_if_any()
    return {name: (entry, read_expression(str(entry["is"]))) for name, entry in data.items()}


def scores_of(run: Run, at: float | str | None = None) -> dict[str, Any]:
    """Every score of a simulated patient at one moment. Not for clinical use.

    run   a finished run
    at    seconds, or text with a unit ("10 min"); None is the end. The 30 s up to that moment are averaged.

    Returns {"title", "at_s", "warnings", "known", "scores", "safety"}: `known` are the inputs that the simulator gave, with units;
    `scores` has one mapping for each available score, as `score()` gives it, with ranges for what is missing, or
    {"id", "name", "error"} where a value of this patient lies outside what the score takes.
    """
    last = float(run.columns["t"][-1]) if run.columns["t"].size else 0.0
    end = float(run.case.duration) if run.status["ok"] else last
    moment = moment_of(at, end)
    told = _told(run, moment)
    known = _inputs(told, native=False)
    native = {**known, **_inputs(told, native=True)}
    found: list[dict[str, Any]] = []
    for one in scores():
        record = find_score(one["id"])
        if not record.available:
            continue
        given = native if record.id in mapping()["co_L_min"][0]["native_for"] else known
        here = {name: _inside(record.inputs[name], value) for name, value in given.items() if name in record.inputs}
        try:
            found.append(score(record.id, **here))
        except InputError as error:
            found.append({"id": record.id, "name": record.name, "error": "; ".join(_short(problem) for problem in error.problems)})
    return {
        "title": run.title,
        "at_s": moment,
        "warnings": _warnings(run, moment),
        "known": {name: {"value": value, "of": str(mapping()[name][0]["is"])} for name, value in known.items()},
        "scores": found,
        "safety": SAFETY_TEXT,
    }


def _short(problem: Problem) -> str:
    return f"{problem.place}: {problem.text}" + (f" ({problem.allowed})" if problem.allowed else "")


def moment_of(at: float | str | None, end: float) -> float:
    """Seconds of a moment that was given as seconds, as text with a unit, or not at all (the end)."""
    if at is None:
        return end
    try:
        moment = float(at) if isinstance(at, int | float) and not isinstance(at, bool) else units.read(at, "s", bare=False)
    except units.UnitError as error:
        raise InputError([Problem("at", error.text, value=str(at), hint=error.hint)], "scores of a run") from None
    if not 0.0 < moment <= end + 1e-9:
        text = f"{moment:g} s is no moment of this run"
        raise InputError([Problem("at", text, value=str(at), allowed=f"above 0 to {end:g} s")], "scores of a run")
    return moment


def _told(run: Run, moment: float) -> dict[str, Any]:
    """Everything that the simulator knows at a moment, by the names of simulated.yaml."""
    told: dict[str, Any] = meaningful(averages(run.columns, max(moment - WINDOW, 0.0), moment), run.support, run.devices)
    if run.support is not None and not run.support.established and moment <= run.case.begins:
        told = {name: value for name, value in told.items() if name not in CIRCUIT_QUANTITIES}
    told |= {name: run.parameters.get(name) for name in ("weight", "height")}
    measured = run.case.patient.measurements
    told["age"] = measured.get("age")
    told["female"] = measured["sex"] < 0.5 if "sex" in measured else None
    for name in controls():
        if name.startswith("drug."):
            told[name.replace(".", "_")] = setting_at(run.case, name, run.parameters, moment)
    mode = setting_at(run.case, "ventilator.mode", run.parameters, moment)
    told["ventilated"] = None if mode is None else mode < 1.5
    return told


def setting_at(case: Any, control: str, parameters: Mapping[str, float], moment: float) -> float | None:
    """A control at a moment (s): what the patient begins with, the ventilator block, the protocol with its ramps."""
    value = parameters.get(controls()[control].field)
    changes = [(step.at, step.over, step.settings[control]) for step in case.protocol if control in step.settings]
    if control == "ventilator.mode" and case.ventilator is not None:
        changes.append((case.begins, 0.0, {"pressure": 0.0, "volume": 1.0, "spontaneous": 2.0}[case.ventilator.mode]))
    for start, over, goal in sorted(changes):
        if start > moment:
            break
        share = 1.0 if over <= 0.0 else min(1.0, (moment - start) / over)
        value = goal if value is None else value + share * (goal - value)
    return value


def _inputs(told: Mapping[str, Any], *, native: bool) -> dict[str, Any]:
    """Inputs of scores, those with a unit as text; with `native`, only those that are something else for the heart alone."""
    found: dict[str, Any] = {}
    for name, (entry, expression) in mapping().items():
        if native and "native" not in entry:
            continue
        value = told.get(entry["native"]) if native else _value(expression, told)
        if value is None or (entry.get("only") == "yes" and value is not True):
            continue
        found[name] = f"{value!r} {entry['unit']}" if "unit" in entry else value
    return found


def _value(expression: Expression, told: Mapping[str, Any]) -> Any:
    return None if any(told.get(name) is None for name in expression.names) else expression.value(told)


def _inside(one: Any, value: Any) -> Any:
    """A number that lies outside its range by a rounding error only is on its end."""
    if one.low is None or not isinstance(value, str):
        return value
    number = read_quantity(value, one.unit, one.substance)
    slack = NEAR * max(abs(one.low), abs(one.high))
    if one.low - slack <= number <= one.high + slack:
        return round_off(min(max(number, one.low), one.high))
    return f"{value.split()[0]:.6} {value.split(maxsplit=1)[1]}"


def _warnings(run: Run, moment: float) -> list[str]:
    said = ["scores were made for the worst values of hours before support; here the 30 s before one moment are averaged"]
    if run.case.supported and moment > run.case.begins:
        said.append("support runs at this moment: scores that describe patients before support do not apply")
    if not run.status["ok"]:
        said.append(f"the run did not end as asked: {run.status['text']}")
    return said
