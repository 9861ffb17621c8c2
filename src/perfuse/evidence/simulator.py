"""The seam between the published tables and the simulator: cases go in as written, finished runs come out.

Everything in this room that needs a simulated patient asks a `Simulator`, so that the bookkeeping can be tested without one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from perfuse.results.readable import ReadableRun

CaseText = Mapping[str, Any]
"""A case in the form of a case file."""
Progress = Callable[[int, int, str], None]
"""Called with how many are done, how many there are, and what was done last."""


class Simulator(Protocol):
    """Runs cases and finds the parameters that bring a case to given readings."""

    def runs(self, cases: Sequence[CaseText], progress: Progress | None = None) -> list[ReadableRun | Exception]:
        """One finished run for each case, in order; a case that cannot be run gives its exception and hides no other."""

    def match(self, case: CaseText, free: Sequence[str], targets: Mapping[str, str | float]) -> CaseText:
        """The case with the parameters named in `free` solved so that its readings meet the targets."""

    def personalise(self, wanted: "Wanted") -> "Playable":
        """A patient (and circuit) fitted to bedside measurements."""

    def own(self, patient: Any, name: str) -> float:
        """A patient's own value of a parameter, in the unit of patient.yaml; `patient` as a case states it."""


@dataclass(frozen=True)
class Wanted:
    """What a patient is fitted to: measurements with units, ventilator, support and devices as in a case, readings by reported name."""

    bedside: Mapping[str, str]
    ventilator: Mapping[str, Any] | None
    support: Mapping[str, Any] | None
    readings: Mapping[str, float]
    settings: Mapping[str, float] = field(default_factory=dict)  # controls and patient parameters that are stated, in their own units
    devices: Sequence[Mapping[str, Any]] = ()
    loose: frozenset[str] = frozenset()  # readings that nothing is judged by


@dataclass(frozen=True)
class Playable:
    """A fitted patient and circuit, as a case states them, and how well each measurement was met."""

    patient: Any
    support: Mapping[str, Any] | None
    reached: tuple[Mapping[str, Any], ...]
    settings: Mapping[str, float] = field(default_factory=dict)  # controls that hold from the start, in the units of controls.yaml
    devices: Sequence[Mapping[str, Any]] = ()


def silent(done: int, total: int, text: str) -> None:
    """A progress report that nobody sees."""


def engine() -> Simulator:
    """The simulator itself."""
    from perfuse.evidence.engine_simulator import EngineSimulator

    return EngineSimulator()
