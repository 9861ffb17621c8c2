"""The engine behind the seam: cases as text become cases, runs and solved cases."""

from collections.abc import Mapping, Sequence
from typing import Any

from perfuse.evidence.readings import Arm, split_measures
from perfuse.evidence.simulator import CaseText, Playable, Progress, Wanted, silent
from perfuse.parameters.case import case_from
from perfuse.parameters.library import load_patient
from perfuse.parameters.tables import patient_parameters
from perfuse.parameters.units import read
from perfuse.parameters.vocabulary import unit_of
from perfuse.results.course import ventilator_controls
from perfuse.results.fit import Free, Target
from perfuse.results.match import match
from perfuse.results.on_support import fit_held
from perfuse.results.readable import ReadableRun
from perfuse.results.simulate import run_case
from perfuse.results.together import run_together

START = "healthy-adult"
"""The library patient from which bedside measurements start."""
EDGE = 0.03
"""A free parameter that is 0 (a drug not given) is tried first at that share of its range."""
ROOM = 8.0
"""A free parameter may become that many times larger or smaller (assumed), inside the range of patient.yaml."""


def with_parameters(case: CaseText, values: Mapping[str, float]) -> dict[str, Any]:
    """The case with some parameters of its patient set, in the units of patient.yaml."""
    patient = case["patient"]
    whole: dict[str, Any] = {"library": patient} if isinstance(patient, str) else dict(patient)
    return {**case, "patient": {**whole, "set": {**whole.get("set", {}), **values}}}


def _number(name: str, value: str | float) -> float:
    return read(value, unit_of(name))


def _room(name: str, value: float) -> Free:
    entry = patient_parameters()[name]
    low = entry.low if entry.low is not None else 0.0
    high = entry.high if entry.high is not None else ROOM * max(value, 1.0)
    if value > low:
        low, high = max(low, value / ROOM), min(high, value * ROOM)
    return Free(name, low, high, spread=100.0)


def _changed(library: str, values: Mapping[str, float]) -> dict[str, Any]:
    """A library patient with what differs from it."""
    known = load_patient(library)
    return {"library": library, "set": {key: value for key, value in values.items() if known.value(key) != value}}


class EngineSimulator:
    """Runs cases with the engine of this package."""

    def runs(self, cases: Sequence[CaseText], progress: Progress | None = None) -> list[ReadableRun | Exception]:
        """One finished run, or the exception that stopped it, for each case."""
        tell = progress or silent
        found: list[ReadableRun | Exception] = [RuntimeError("not run")] * len(cases)
        known: dict[int, Any] = {}
        for number, case in enumerate(cases):
            try:
                known[number] = case_from(dict(case), str(case.get("title", "")))
            except Exception as problem:  # handed back: one case that stops hides no other
                found[number] = problem
        with_waves = [number for number, case in known.items() if case.outputs.waveforms]
        for number in with_waves:
            try:
                found[number] = run_case(known.pop(number))
            except Exception as problem:
                found[number] = problem
        done = len(cases) - len(known)
        runs = run_together(list(known.values()), lambda count: tell(done + count, len(cases), "run together"))
        for number, run in zip(known, runs, strict=True):
            found[number] = run
        return found

    def match(self, case: CaseText, free: Sequence[str], targets: Mapping[str, str | float]) -> CaseText:
        """The case with its free parameters solved; a target missed by more than 2 % (0.5 for small ones) is an error that says so."""
        wanted = {name: _number(name, value) for name, value in targets.items()}
        start = {name: self.own(case["patient"], name) for name in free}
        frees = [_room(name, value) for name, value in start.items()]
        start = {one.name: max(start[one.name], one.low + EDGE * (one.high - one.low)) for one in frees}

        def measure(tries: Sequence[Mapping[str, float]]) -> list[dict[str, float]]:
            return self._readings([with_parameters(case, values) for values in tries], wanted)

        wide = [Target(name, value, max(0.005 * abs(value), 0.005)) for name, value in wanted.items()]
        found = match(start, frees, wide, measure)
        missed = [
            f"{name} {found.readings[name]:.4g} for {value:g}"
            for name, value in wanted.items()
            if not abs(found.readings[name] - value) <= max(0.02 * abs(value), 0.5 if abs(value) > 5.0 else 0.02)
        ]
        if missed:
            raise RuntimeError(f"the starting point was not reached: {', '.join(missed)}")
        return with_parameters(case, {name: found.values[name] for name in free})

    def _readings(self, cases: Sequence[CaseText], wanted: Mapping[str, float]) -> list[dict[str, float]]:
        found = []
        for case, run in zip(cases, self.runs(cases), strict=True):
            if isinstance(run, Exception):
                raise run
            good = run.summary().get("status", {}).get("ok", True)
            arm = Arm(run, split_measures(case)[1])
            found.append({name: arm.read(name) if good else float("nan") for name in wanted})
        return found

    def personalise(self, wanted: Wanted) -> Playable:
        """A patient fitted to bedside measurements: alone, or together with the running circuit and devices that the patient is on."""
        made: dict[str, Any] = {
            "schema": "perfuse-case/1",
            "title": "bedside",
            "patient": {"bedside": dict(wanted.bedside)},
            "devices": [{**one, "established": True} for one in wanted.devices],
            "duration": "1 min",
        }
        made |= ({"support": dict(wanted.support)} if wanted.support else {}) | (
            {"ventilator": dict(wanted.ventilator)} if wanted.ventilator else {}
        )
        case = case_from(made)
        known = {name: quantity.value for name, quantity in load_patient(START).parameters.items()}
        vent = ventilator_controls(case.ventilator)
        held = fit_held(case.patient.measurements, wanted.readings, known, case.support, vent, wanted.settings, case.devices, wanted.loose)
        patient = _changed(START, held.values)
        settings = {name: value for name, value in held.settings.items() if name not in ("pump.rpm", "pump.flow")}
        if wanted.support is None:
            return Playable(patient, None, (), settings, made["devices"])
        pump = {"model": wanted.support["pump"]["model"], "rpm": f"{held.settings['pump.rpm']:.6g} rpm"}
        return Playable(patient, {**wanted.support, "pump": pump}, (), settings, made["devices"])

    def own(self, patient: Any, name: str) -> float:
        """A patient's own value of a parameter."""
        if isinstance(patient, str):
            return load_patient(patient).value(name)
        changed = patient.get("set", {})
        if name in changed:
            return read(changed[name], patient_parameters()[name].unit)
        return load_patient(patient["library"]).value(name)
