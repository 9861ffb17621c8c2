"""A trial as it was played: its steps, what was read at each, and the finding for every published criterion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from perfuse.parameters.case_models import Case
from perfuse.parameters.protocols import Criterion, Protocol, unit_of_reading
from perfuse.parameters.safety import SAFETY_TEXT
from perfuse.parameters.sources import source_text
from perfuse.parameters.tables import controls
from perfuse.results.readings import extreme, slope
from perfuse.results.run import Run

MET, NOT_MET, UNJUDGED = "met", "not met", "cannot be judged"


@dataclass(frozen=True)
class StepRead:
    """One step as it was played: when (s of the run), what was set, what was read; `ended` False where the trial stopped in it."""

    name: str
    start: float
    end: float
    settings: Mapping[str, float]
    readings: Mapping[str, float]
    ended: bool = True


@dataclass(frozen=True)
class Finding:
    """A criterion beside the value that was read."""

    criterion: Criterion
    verdict: str
    value: float | None = None
    why: str = ""


@dataclass(frozen=True)
class Stop:
    """A stop criterion that was passed: when (s of the run) and in which step."""

    criterion: Criterion
    at: float
    step: str


@dataclass
class Trial:
    """A protocol on a case. `steps[0]` is "before"; `skipped` are steps that the stop criterion kept from being played."""

    protocol: Protocol
    case: Case
    run: Run
    begin: float
    steps: list[StepRead]
    skipped: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    stop: Stop | None = None
    drugs: dict[str, float] = field(default_factory=dict)
    against: "Trial | None" = None

    @property
    def model(self) -> str:
        """The device that the protocol is about; empty without one."""
        return next((model for model in models_of(self.case) if model in self.protocol.models), "")

    @property
    def patient(self) -> str:
        """Who: the library's title, or that bedside measurements made the patient."""
        measured = self.case.patient.bedside is not None or self.run.patient is None
        return "derived from bedside measurements" if measured else str(self.run.patient.title)

    def summary(self) -> dict[str, Any]:
        """The trial in numbers, ready for JSON."""
        whole = self.run.summary()
        kept = {key: whole[key] for key in ("perfuse", "physics_hash", "parameter_hash", "seed")}
        found = {
            "schema": "perfuse-trial/1",
            **kept,
            "safety": SAFETY_TEXT,
            "title": f"{self.protocol.title}: {self.case.title}",
            "protocol": {"name": self.protocol.name, "title": self.protocol.title, "about": self.protocol.about},
            "patient": self.patient,
            "drugs": {name: {"value": value, "unit": controls()[name].unit} for name, value in self.drugs.items()},
            "status": whole["status"],
            "warnings": whole["warnings"],
            "begin": self.begin,
            "steps": [_step_json(step, self.protocol.measure) for step in self.steps],
            "skipped": self.skipped,
            "stop": None if self.stop is None else {**_bound(self.stop.criterion), "at": self.stop.at, "step": self.stop.step},
            "criteria": [{**_bound(f.criterion), "value": _rounded(f.value), "verdict": f.verdict, "why": f.why} for f in self.findings],
            "events": whole["events"],
            "sources": [*self.sources(), *whole["sources"]],
        }
        if self.against is not None:
            found["without_support"] = self.against.summary()
        return found

    def sources(self) -> list[dict[str, str]]:
        """Where the steps and the criteria come from."""
        marks = {key: one.bound.mark for one in (*self.protocol.criteria, *self.protocol.stops) for key in one.bound.source}
        taken: dict[str, list[str]] = {key: ["steps"] for key in self.protocol.source}
        for one in (*self.protocol.criteria, *self.protocol.stops):
            for key in one.bound.source:
                taken.setdefault(key, []).append(one.title)
        return [
            {"key": "; ".join(dict.fromkeys(users)), "text": source_text(key), "mark": marks.get(key, "recalled-medium")}
            for key, users in taken.items()
        ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _step_json(step: StepRead, measure: Sequence[str]) -> dict[str, Any]:
    read = {name: {"value": round(step.readings[name], 6), "unit": unit_of_reading(name)} for name in measure if name in step.readings}
    set_to = {name: {"value": value, "unit": controls()[name].unit} for name, value in step.settings.items()}
    return {"name": step.name, "start": step.start, "end": step.end, "ended": step.ended, "set": set_to, "readings": read}


def _bound(one: Criterion) -> dict[str, Any]:
    bound = one.bound
    keys = {
        "name": one.name,
        "title": one.title,
        "of": one.of,
        "reading": one.reading,
        "at": one.at,
        "is": one.compare,
        "lasting": one.lasting,
    }
    return {
        **keys,
        "bound": bound.value,
        "unit": bound.unit,
        "mark": bound.mark,
        "source": [source_text(k) for k in bound.source],
        "text": one.text,
    }


def models_of(case: Case) -> list[str]:
    """Models of the case's devices other than its ECMO circuit."""
    return [device.model for device in case.devices]


def judge(one: Criterion, trial: Trial) -> Finding:
    """A criterion beside what was read: met, not met, or why it cannot be judged. Nothing is extrapolated."""
    if one.models and trial.model not in one.models:
        return Finding(one, UNJUDGED, _valued(one, trial), f"published for {', '.join(one.models)}")
    value = _valued(one, trial)
    stopped = trial.stop is not None or bool(trial.skipped)
    if one.at == "every" and value is not None:
        if not one.met(value):
            return Finding(one, NOT_MET, value)
        return Finding(one, UNJUDGED, value, "the trial stopped before its last step") if stopped else Finding(one, MET, value)
    if value is None:
        why = "the trial stopped before this was read" if stopped else f"{one.of} has no reading here"
        return Finding(one, UNJUDGED, None, why)
    if one.reading == "slope" and stopped:
        return Finding(one, UNJUDGED, value, "the trial stopped before its last step; the slope is of the steps that were read")
    return Finding(one, MET if one.met(value) else NOT_MET, value)


def _valued(one: Criterion, trial: Trial) -> float | None:
    before, played = trial.steps[0], trial.steps[1:]
    done = [step for step in played if step.ended]
    if one.reading == "slope":
        return slope([step.readings[one.of] for step in done if one.of in step.readings])
    if one.at == "before":
        chosen = [before]
    elif one.at == "every":
        chosen = played
    elif one.at == "last":
        chosen = [] if trial.skipped or len(done) < len(played) else done[-1:]
    else:
        chosen = [step for step in done if step.name == one.at]
    if one.reading in ("lowest", "highest"):
        seen = [extreme(trial.run.columns, one.of, step.start, step.end, one.reading) for step in chosen]
        known = [value for value in seen if value is not None]
        return None if not known else min(known) if one.reading == "lowest" else max(known)
    values = [step.readings[one.of] for step in chosen if one.of in step.readings]
    if one.reading == "rise":
        values = [value - before.readings[one.of] for value in values]
    worst = min if one.compare in ("above", "at_least") else max
    return worst(values) if values else None
