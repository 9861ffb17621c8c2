"""The engine behind the seam: cases as text become cases, runs and solved cases."""

from collections.abc import Mapping, Sequence
from typing import Any

from perfuse.evidence.simulator import CaseText, Playable, Progress, Wanted, silent
from perfuse.parameters.case import case_from
from perfuse.parameters.library import load_patient
from perfuse.results.readable import ReadableRun
from perfuse.results.simulate import run_case


class EngineSimulator:
    """Runs cases with the engine of this package."""

    def runs(self, cases: Sequence[CaseText], progress: Progress | None = None) -> list[ReadableRun | Exception]:
        """One finished run, or the exception that stopped it, for each case."""
        tell = progress or silent
        found: list[ReadableRun | Exception] = []
        for number, case in enumerate(cases):
            try:
                found.append(run_case(case_from(dict(case), str(case.get("title", "")))))
            except Exception as problem:  # handed back: one case that stops hides no other
                found.append(problem)
            tell(number + 1, len(cases), str(case.get("title", "")))
        return found

    def match(self, case: CaseText, free: Sequence[str], targets: Mapping[str, str | float]) -> CaseText:
        """The case with its free parameters solved."""
        from perfuse.results.match import match

        return match(case, free=list(free), targets=dict(targets))

    def personalise(self, wanted: Wanted) -> Playable:
        """A patient and circuit fitted to bedside measurements."""
        from perfuse.results.personalise import personalise

        patient, support, reached = personalise(dict(wanted.bedside), wanted.support)
        return Playable(patient, support, tuple(reached))

    def own(self, patient: Any, name: str) -> float:
        """A patient's own value of a parameter."""
        if isinstance(patient, str):
            return load_patient(patient).value(name)
        changed = patient.get("set", {})
        return float(changed[name]) if name in changed else load_patient(patient["library"]).value(name)
