"""A case from Python arguments, with the same checks and messages as a case file. A number without a unit is in the unit of its table."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from pydantic import BaseModel

from perfuse.parameters.case import MOST_ENTRIES, MOST_STEPS, case_from
from perfuse.parameters.case_models import Case, DeviceChoice, Support
from perfuse.parameters.problems import InputError, Problem, refuse_long, told

Given = float | str
"""A number in the unit of its table, or text with a unit ("4 L/min")."""
PatientGiven = str | Mapping[str, Any]
SupportGiven = Support | DeviceChoice | Mapping[str, Any] | Sequence[Support | DeviceChoice | Mapping[str, Any]]
"""A circuit, a device, or a list of them (one circuit at most)."""


def plain(given: Any) -> Any:
    """Records as the mappings that a case file would hold; anything else as it is. Of what is too long, enough to be refused for it."""
    if isinstance(given, BaseModel):
        return given.model_dump(by_alias=True, exclude_none=True)
    if isinstance(given, Mapping):
        return {key: plain(value) for key, value in islice(given.items(), MOST_STEPS + 1)}
    if isinstance(given, list | tuple):
        return [plain(value) for value in given[: MOST_STEPS + 1]]
    return given


def support_of(case: Case) -> SupportGiven | None:
    """Circuit and devices of a case as they are given in Python."""
    found: list[Support | DeviceChoice | Mapping[str, Any]] = [*case.devices]
    if case.support is not None:
        found.insert(0, case.support)
    return found or None


def seconds_of(minutes: Given) -> Given:
    """A bare number of minutes in seconds; text with a unit stays as it is."""
    if isinstance(minutes, bool):
        return minutes
    try:
        return float(minutes) * 60.0
    except (TypeError, ValueError, OverflowError):
        return minutes


def title_of(patient: PatientGiven, support: SupportGiven | None) -> str:
    """What a run from Python is called: the patient's name and the kind of support."""
    known = patient if isinstance(patient, str) else told(patient.get("library") or "patient from bedside measurements")
    circuit, devices = divided(support)
    on = [f"{told(circuit.get('mode', '?')).upper()}-ECMO"] if circuit is not None else []
    on += [told(device.get("model", "?")) for device in devices]
    return f"{known}, {' and '.join(on) or 'no support'}"


def divided(support: SupportGiven | None) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """The circuit (what has a pump of its own, or no model) and the devices of what was given, as blocks of a case file."""
    if support is None:
        return None, []
    blocks = plain(support)
    blocks = blocks if isinstance(blocks, list) else [blocks]
    devices = [block for block in blocks if "model" in block and "mode" not in block]
    circuits = [block for block in blocks if "model" not in block or "mode" in block]
    if len(circuits) > 1:
        raise InputError(
            [Problem("support", "a patient is on one circuit at most", hint="Take one circuit out; devices may stand beside it.")]
        )
    return (circuits[0] if circuits else None), devices


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
    circuit, devices = divided(support)
    data = {
        "schema": "perfuse-case/1",
        "title": title or title_of(patient, support),
        "patient": plain(patient),
        "protocol": plain(list(islice(protocol, MOST_STEPS + 1))),
        "duration": seconds,
        "seed": seed,
        "outputs": {"waveforms": plain(list(islice(waveforms, MOST_ENTRIES + 1)))},
    }
    if circuit is not None:
        data["support"] = circuit
    if devices:
        data["devices"] = devices
    if ventilator is not None:
        data["ventilator"] = plain(ventilator)
    return case_from(data, called)


def _no_mappings(patient: Any, support: Any) -> list[Problem]:
    """What is not even of the right kind."""
    found = []
    if not isinstance(patient, str | Mapping | BaseModel):
        hint = "Give a name of the library, {'library': name, 'set': {...}} or {'bedside': {...}}."
        found.append(Problem("patient", f"a patient should stand here, not {told(patient)}", value=told(patient), hint=hint))
    if isinstance(support, list | tuple):
        refuse_long(len(support), MOST_ENTRIES, "support", "", "A patient is on one circuit and a few devices at most.")
    given = list(support) if isinstance(support, list | tuple) else [support] if support is not None else []
    for one in given:
        if not isinstance(one, Mapping | BaseModel):
            hint = "Give pf.vv_ecmo(), pf.va_ecmo(), pf.vav_ecmo(), pf.vpa_ecmo(), pf.device(), a mapping as in a case file, or None."
            found.append(Problem("support", f"a circuit or a device should stand here, not {told(one)}", value=told(one), hint=hint))
    return found
