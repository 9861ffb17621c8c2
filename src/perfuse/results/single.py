"""One patient, one course: what `pf.simulate` does."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from perfuse.parameters.from_python import Given, PatientGiven, SupportGiven, case_of, seconds_of
from perfuse.results.run import Run
from perfuse.results.simulate import Progress, run_case


def simulate(
    patient: PatientGiven,
    support: SupportGiven | None = None,
    *,
    minutes: Given = 20,
    protocol: Iterable[Mapping[str, Any]] = (),
    ventilator: Any = None,
    seed: int = 1,
    waveforms: Sequence[Mapping[str, Any]] = (),
    title: str = "",
    progress: Progress | None = None,
) -> Run:
    """Simulate one patient from a settled state, and say what happened.

    patient     name of the library, {"library": name, "set": {parameter: value}}, or {"bedside": {measurement: value}}
    support     pf.vv_ecmo(...), pf.va_ecmo(...), pf.vav_ecmo(...), pf.vpa_ecmo(...); None for the patient alone
    minutes     length of the run, 1 s to 1 week; text may carry a unit ("2 h")
    protocol    events as in a case file: {"at": "10 min", "set": {"pump.rpm": 3800}, "over": 30}; times without a unit are seconds
    ventilator  settings from the start of support, as in a case file

    Seldom needed: seed (same seed, same bits), waveforms ([{"from": "19 min", "for": 10}] keeps them at 200 Hz), title,
    progress (called with seconds done and seconds in all).

    InputError holds every problem of what was given.
    """
    case = case_of(
        patient,
        support,
        seconds=seconds_of(minutes),
        protocol=protocol,
        ventilator=ventilator,
        waveforms=waveforms,
        seed=seed,
        title=title,
        called="simulate(...)",
    )
    return run_case(case, progress=progress)
