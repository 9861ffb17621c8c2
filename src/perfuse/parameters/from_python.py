"""A case from Python arguments, with the same checks and messages as a case file. A number without a unit is in the unit of its table."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from perfuse.parameters.case import case_from
from perfuse.parameters.case_models import Case, Support
from perfuse.parameters.problems import InputError, Problem

Given = float | str
"""A number in the unit of its table, or text with a unit ("4 L/min")."""
PatientGiven = str | Mapping[str, Any]
SupportGiven = Support | Mapping[str, Any]


def plain(given: Any) -> Any:
    """Records as the mappings that a case file would hold; anything else as it is."""
    if isinstance(given, BaseModel):
        return given.model_dump(by_alias=True, exclude_none=True)
    if isinstance(given, Mapping):
        return {key: plain(value) for key, value in given.items()}
    if isinstance(given, list | tuple):
        return [plain(value) for value in given]
    return given


def seconds_of(minutes: Given) -> Given:
    """A bare number of minutes in seconds; text with a unit stays as it is."""
    if isinstance(minutes, bool):
        return minutes
    try:
        return float(minutes) * 60.0
    except (TypeError, ValueError):
        return minutes


def title_of(patient: PatientGiven, support: SupportGiven | None) -> str:
    """What a run from Python is called: the patient's name and the kind of support."""
    known = patient if isinstance(patient, str) else str(patient.get("library") or "patient from bedside measurements")
    mode = str(plain(support).get("mode", "?")).upper() if support is not None else ""
    return f"{known}, {mode}-ECMO" if mode else f"{known}, no support"


def case_of(
    patient: PatientGiven,
    support: SupportGiven | None = None,
    *,
    seconds: Given,
    protocol: Iterable[Mapping[str, Any]] = (),
    ventilator: Any = None,
    waveforms: Sequence[Mapping[str, Any]] = (),
    seed: int = 1,
    title: str = "",
    called: str = "",
) -> Case:
    """A checked case; InputError holds every problem. `called`: what stands in front of the problems."""
    wrong = _no_mappings(patient, support)
    if wrong:
        raise InputError(wrong, called)
    data = {
        "schema": "perfuse-case/1",
        "title": title or title_of(patient, support),
        "patient": plain(patient),
        "protocol": plain(list(protocol)),
        "duration": seconds,
        "seed": seed,
        "outputs": {"waveforms": plain(list(waveforms))},
    }
    if support is not None:
        data["support"] = plain(support)
    if ventilator is not None:
        data["ventilator"] = plain(ventilator)
    return case_from(data, called)


def _no_mappings(patient: Any, support: Any) -> list[Problem]:
    """What is not even of the right kind."""
    found = []
    if not isinstance(patient, str | Mapping | BaseModel):
        hint = "Give a name of the library, {'library': name, 'set': {...}} or {'bedside': {...}}."
        found.append(Problem("patient", f"a patient should stand here, not {patient!r}", value=str(patient), hint=hint))
    if support is not None and not isinstance(support, Mapping | BaseModel):
        hint = "Give pf.vv_ecmo(), pf.va_ecmo(), pf.vav_ecmo(), pf.vpa_ecmo(), a mapping as in a case file, or None."
        found.append(Problem("support", f"a circuit should stand here, not {support!r}", value=str(support), hint=hint))
    return found
