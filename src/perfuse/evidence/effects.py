"""From effects that were read in prose to protocol entries in the vocabulary of a case file."""

from collections.abc import Callable, Mapping
from math import log
from typing import Any

from perfuse.evidence.prose import Effect
from perfuse.parameters.units import read as read_unit

TIP_CONSTANT = 4.5
"""cm; the short-circuit share of the return jet is exp(-distance/4.5 cm). Source: mechanisms note (assumed), as in the engine."""

Own = Callable[[str], float]
"""The value of a control before the event; of `patient.NAME` the patient's own, in the unit of patient.yaml."""


def tip_distance(fraction: float) -> float:
    """Distance between the tips, cm, at which so large a share (0-1) of the return jet is drained at once."""
    return -TIP_CONSTANT * log(fraction)


def protocol(effect: Effect, at: float, table: Mapping[str, Any], own: Own) -> list[dict[str, Any]]:
    """The protocol entries of one effect that begins `at` s into the run; `table` is `effects` of scenario_names.yaml."""
    entry = table[effect.what]
    if "set" not in entry:
        raise ValueError(f"{effect.what} is a result of the patient and cannot be set; it is searched for")
    if effect.how == "bleed":
        if effect.value <= 0.0:
            raise ValueError("a bleeding needs a rate")
        begun = [_entry(at, entry["set"], f"{effect.value:g} mL/min")]
        if effect.until is None:
            return begun
        return [*begun, _entry(at + 60.0 * effect.until / effect.value, entry["set"], "0 mL/min")]
    return [_entry(at + effect.after, entry["set"], _value(effect, entry, own), effect.over)]


def _entry(at: float, control: str, value: str | float, over: float = 0.0) -> dict[str, Any]:
    made: dict[str, Any] = {"at": f"{at:g} s", "set": {control: value}}
    return {**made, "over": f"{over:g} s"} if over else made


def _value(effect: Effect, entry: Mapping[str, Any], own: Own) -> str | float:
    if effect.how == "state":
        return float(entry["to"])
    if effect.how == "times":
        control = str(entry["set"])
        return effect.value * own(control)
    value = effect.value
    unit = str(entry.get("unit", "1"))
    if effect.unit is not None:
        value = read_unit(f"{value:g} {effect.unit}", unit)
    return value if unit == "1" else f"{value:.6g} {unit}"
