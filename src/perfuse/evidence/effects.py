"""From effects that were read in prose to protocol entries in the vocabulary of a case file."""

from collections.abc import Callable, Mapping
from math import log
from typing import Any

from perfuse.evidence.prose import Effect
from perfuse.parameters.tables import controls
from perfuse.parameters.units import read as read_unit

TIP_CONSTANT = 4.5
"""cm; the short-circuit share of the return jet is exp(-distance/4.5 cm). Source: mechanisms note (assumed), as in the engine."""

Own = Callable[[str], float]
"""The value of a control before the event; of `patient.NAME` the patient's own, in the unit of patient.yaml."""


def tip_distance(fraction: float) -> float:
    """Distance between the tips, cm, at which so large a share (0-1) of the return jet is drained at once."""
    return -TIP_CONSTANT * log(fraction)


def protocol(
    effect: Effect, at: float, table: Mapping[str, Any], own: Own, on_device: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """The protocol entries of one effect that begins `at` s into the run; `table` is `effects` of scenario_names.yaml.

    on_device: controls of the device that runs, in place of those of a circuit that is not there.
    """
    if effect.what.startswith("fault:"):
        name = effect.what.removeprefix("fault:")
        begun: list[dict[str, Any]] = [{"at": f"{at:g} s", "fault": name, **({"over": f"{effect.over:g} s"} if effect.over else {})}]
        return [*begun, {"at": f"{at + effect.lasts:g} s", "fault": name, "severity": 0.0}] if effect.lasts else begun
    entry = entry_of(effect.what, table)
    if "set" not in entry:
        raise ValueError(f"{effect.what} is a result of the patient and cannot be set; it is searched for")
    control = (on_device or {}).get(str(entry["set"]), str(entry["set"]))
    if effect.how == "bleed":
        return _bleeding(effect, at, control)
    if effect.how == "ladder":
        return _ladder(effect, at, control, own)
    start = at + effect.after
    found = [_entry(start, control, _value(effect, entry, control, own), effect.over)]
    found += [_entry(start, other, own(other)) for other in entry.get("as_before", ())]
    return [*found, _entry(start + effect.lasts, control, own(control))] if effect.lasts else found


def entry_of(what: str, table: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a noun becomes; the name of a control becomes itself."""
    return table[what] if what in table or "." not in what else {"set": what, "unit": controls()[what].unit}


def _bleeding(effect: Effect, at: float, control: str) -> list[dict[str, Any]]:
    if effect.value <= 0.0:
        raise ValueError("a bleeding needs a rate")
    begun = [_entry(at, control, f"{effect.value:g} mL/min")]
    if effect.until is None:
        return begun
    return [*begun, _entry(at + 60.0 * effect.until / effect.value, control, "0 mL/min")]


def _ladder(effect: Effect, at: float, control: str, own: Own) -> list[dict[str, Any]]:
    """Steps of a speed, one after each `over` s, up to the top."""
    found, level, time = [], own(control), at
    while level < effect.value - 1.0e-6:
        level, time = min(level + effect.step, effect.value), time + effect.over
        found.append(_entry(time, control, f"{level:g} {effect.unit}"))
    return found


def _entry(at: float, control: str, value: str | float, over: float = 0.0) -> dict[str, Any]:
    made: dict[str, Any] = {"at": f"{at:g} s", "set": {control: value}}
    return {**made, "over": f"{over:g} s"} if over else made


def _value(effect: Effect, entry: Mapping[str, Any], control: str, own: Own) -> str | float:
    if effect.how == "state":
        return float(entry["to"])
    if effect.how == "times":
        return 1.0 - effect.value if entry.get("law") == "lost" else effect.value * own(control)
    value = effect.value
    unit = str(entry.get("unit", "1"))
    if effect.unit is not None:
        value = read_unit(f"{value:g} {effect.unit}", unit)
    if entry.get("law") == "offset":
        value += own(control)
    return value if unit == "1" else f"{value:.6g} {unit}"
