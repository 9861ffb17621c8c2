"""Stand-ins for the simulator: runs whose readings are written down, so that the bookkeeping can be tested alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from perfuse.evidence.simulator import CaseText, Playable, Wanted
from perfuse.parameters.units import read

Readings = Callable[[CaseText, float], Mapping[str, float]]


@dataclass
class FakeRun:
    """A run with given trends."""

    trends: pa.Table
    waveforms: pa.Table | None = None
    loops: Mapping[str, Any] = field(default_factory=dict)
    events: Sequence[tuple[float, str]] = ()
    support: Any = None
    patient: Mapping[str, float] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        return {}


def run_of(series: Mapping[str, Sequence[float]]) -> FakeRun:
    """A run from columns at one value a second, from second 1 on."""
    length = len(next(iter(series.values())))
    return FakeRun(pa.table({"t": np.arange(1.0, length + 1.0), **{name: np.asarray(values) for name, values in series.items()}}))


class FakeSimulator:
    """Runs whose readings at each second come from a function of the case and the time."""

    def __init__(self, readings: Readings, start: Mapping[str, float] | None = None) -> None:
        self.readings = readings
        self.start = start or {}
        self.cases: list[CaseText] = []
        self.wanted: list[Wanted] = []

    def runs(self, cases: Sequence[CaseText], progress: Any = None) -> list[Any]:
        self.cases += cases
        return [self._run(case) for case in cases]

    def _run(self, case: CaseText) -> Any:
        try:
            end = int(read(case["duration"], "s"))
            rows = [self.readings(case, float(second)) for second in range(1, end + 1)]
            waves = pa.table({"t": np.arange(1.0, end + 1.0), "ECMO_flow": np.asarray([row.get("ecmo_flow", 0.0) for row in rows])})
            run = run_of({name: [row[name] for row in rows] for name in rows[0]})
            return FakeRun(run.trends, waves)
        except Exception as problem:
            return problem

    def match(self, case: CaseText, free: Sequence[str], targets: Mapping[str, Any]) -> CaseText:
        patient = case["patient"]
        whole = {"library": patient} if isinstance(patient, str) else dict(patient)
        solved = {name: float(value) for name, value in zip(free, targets.values(), strict=True)}
        return {**case, "patient": {**whole, "set": {**whole.get("set", {}), **solved}}}

    def personalise(self, wanted: Wanted) -> Playable:
        self.wanted.append(wanted)
        return Playable({"library": "fitted"}, wanted.support, ())

    def own(self, patient: Any, name: str) -> float:
        return self.start[name]


@pytest.fixture
def fake_simulator() -> type[FakeSimulator]:
    return FakeSimulator


@pytest.fixture(name="run_of")
def run_of_fixture() -> Callable[[Mapping[str, Sequence[float]]], FakeRun]:
    return run_of


@pytest.fixture
def fake_run() -> type[FakeRun]:
    return FakeRun
