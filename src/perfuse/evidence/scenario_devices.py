"""Devices that stand on a scenario's patient, and the valve lesions that a diagnosis names.

`lvad_rpm: 5400, lvad_flow: 4.5, dx: HeartMate-3-like` becomes a device of a case, as do "Impella P-7 3.1 L/min" and "IABP 40 mL at 1:1" in
a diagnosis (the words stand in scenario_names.yaml). What is only a reading of the device is a base to reach.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from perfuse.evidence.scenario_patient import flat
from perfuse.parameters.assist import RotaryPump
from perfuse.parameters.library import heart_device
from perfuse.parameters.units import read as read_unit

GRADES = ("mild", "moderate", "severe")


def told(block: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, float]:
    """Readings of devices that stand in words in the diagnosis, under the scenario's names."""
    found = re.search(table["impella"]["word"], str(block.get("dx", "")), re.IGNORECASE)
    return {"imp_flow": float(found["flow"])} if found and found["flow"] and "imp_flow" not in block else {}


def devices(block: Mapping[str, Any], mode: str, table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The devices that run on a patient, in the form of a case."""
    values, dx = flat(block), str(block.get("dx", ""))
    words = f"{dx} {mode} {block.get('device', '')}".lower()
    found = []
    for kind, entry in table.items():
        said = re.search(entry["word"], dx, re.IGNORECASE) if "word" in entry else None
        if not said and not any(_runs(values.get(key)) for key in entry["keys"]):
            continue
        record = next((model for phrase, model in entry["models"].items() if phrase.lower() in words), entry["default"])
        found.append({**record, **_set(kind, values, said, entry)})
    return found


def _runs(value: Any) -> bool:
    """Whether an entry of the block tells of a device that runs."""
    return number(value) not in (None, 0.0)


def number(value: Any) -> float | None:
    """A number, or a P-level written as such; None for anything else."""
    level = re.fullmatch(r"P-?(\d)", value.strip()) if isinstance(value, str) else None
    if level:
        return float(level[1])
    return float(value) if isinstance(value, int | float) else None


def _set(kind: str, values: Mapping[str, Any], said: "re.Match[str] | None", entry: Mapping[str, Any]) -> dict[str, Any]:
    """What the device is set to: a speed, a level, a ratio. A speed that nobody states is left to be found."""
    if kind in ("lvad", "rvad"):
        rpm = number(values.get(f"{kind}_rpm"))
        return {} if rpm is None else {"rpm": f"{rpm:g} rpm"}
    if kind == "impella":
        level = number(values.get("imp_p"))
        level = float(said["level"]) if level is None and said else level
        return {} if level is None else {"level": level}
    ratio = int(said["ratio"]) if said else 1
    return {"ratio": 2 if ratio == 1 and any(key in values for key in entry["unassisted"]) else ratio}  # unassisted beats were seen


def lesions(block: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, float]:
    """Regurgitant orifices, cm2, of "severe MR" or "MR moderate" in a diagnosis."""
    dx, found = str(block.get("dx", "")), {}
    for name, entry in table.items():
        for grade in GRADES:
            if any(re.search(rf"\b(?:{grade}\s+{word}|{word}\s+{grade})\b", dx, re.IGNORECASE) for word in entry["words"]):
                found[name] = float(entry[grade])
    return found


def sides(running: Sequence[Mapping[str, Any]]) -> set[str]:
    """Sides of the heart on which rotary pumps stand."""
    pumps = [(one, heart_device(one["model"])) for one in running]
    return {str(one.get("side") or pump.sides[0]) for one, pump in pumps if isinstance(pump, RotaryPump)}


def settings(running: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Controls that devices are set to: speeds (rpm), levels, ratios."""
    found: dict[str, float] = {}
    for one in running:
        device = heart_device(one["model"])
        if not isinstance(device, RotaryPump):
            found["balloon.ratio"] = float(one.get("ratio", 1))
        elif "level" in one:
            found["impella.level"] = float(one["level"])
        else:
            word = {"left": "lvad", "right": "rvad"}[str(one.get("side") or device.sides[0])]
            found[f"{word}.rpm"] = read_unit(one["rpm"], "rpm") if "rpm" in one else device.usual_rpm.value
    return found
