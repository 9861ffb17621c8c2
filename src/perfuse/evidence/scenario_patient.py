"""A scenario's patient block as bedside measurements and a circuit.

`kg: 85, map: 78, vent: {peep: 10}, circuit: {drain: 25 Fr multistage R femoral, flow: 4.8, p1: -47}` becomes the bedside form of a case
(names and units by scenario_names.yaml), a circuit whose cannulae are chosen by size, and the readings that the circuit must show.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from perfuse.evidence.effects import tip_distance
from perfuse.evidence.scenario_files import Action

_RANGE = r"(\d+(?:\.\d+)?)(?:\s*-\s*(\d+(?:\.\d+)?))?"
DEFAULT_PUMP, DEFAULT_LUNG = "rotaflow", "quadrox_id"
DEFAULT_DRAIN, DEFAULT_VENOUS, DEFAULT_ARTERIAL = 25.0, 21.0, 17.0
"""Fr, where the block names no cannula: usual adult sizes (assumed). Line losses are fitted where pressures are stated."""


def flat(block: Mapping[str, Any]) -> dict[str, Any]:
    """The block with the entries of `circuit` and `labs` beside the others, and those of `vent` as `vent.peep` and so on."""
    found = {key: value for key, value in block.items() if not isinstance(value, Mapping)}
    for part in ("circuit", "labs"):
        found.update({key: value for key, value in block.get(part, {}).items() if isinstance(value, int | float)})
    found.update({f"vent.{key}": value for key, value in block.get("vent", {}).items()})
    return found


def bedside(block: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, str]:
    """Measurements under the names of the bedside form, with units."""
    values = flat(block)
    return {
        entry["name"]: f"{values[key]:g}" if entry["unit"] == "1" else f"{values[key]:g} {entry['unit']}"
        for key, entry in table.items()
        if isinstance(values.get(key), int | float)
    }


def ventilator(block: Mapping[str, Any]) -> dict[str, Any] | None:
    """The ventilator in the form of a case; `pinsp` is the pressure above PEEP."""
    vent = block.get("vent")
    if not vent:
        return None
    made: dict[str, Any] = {"mode": "volume" if vent.get("mode") == "VC" else "pressure"}
    for key, name, unit in (
        ("peep", "peep", "cmH2O"), ("pinsp", "driving_pressure", "cmH2O"), ("rr", "rate", "/min"), ("vt", "vt", "mL"), ("fio2", "fio2", "")
    ):  # fmt: skip
        if key in vent and not (key == "vt" and made["mode"] == "pressure"):
            made[name] = f"{vent[key]:g} {unit}".strip() if unit else float(vent[key])
    return made


def sizes(text: str) -> list[float]:
    """Sizes in Fr that a text names; a range such as "15-19 Fr" counts as its middle."""
    return [middle(low, high) for low, high in re.findall(rf"{_RANGE}\s*Fr\b", text)]


def middle(low: str, high: str) -> float:
    """The middle of a range written as "4-4.5"; a single number is itself."""
    return (float(low) + float(high)) / 2.0 if high else float(low)


def cannula(role: str, size: float, table: Mapping[str, Mapping[Any, str]]) -> str:
    """The library's cannula of a role whose size (Fr) is nearest; the larger of two equally near."""
    choices = {float(key): name for key, name in table[role].items()}
    return choices[min(choices, key=lambda own: (abs(own - size), -own))]


def _circuit(mode: str, drain: float, back: float, distal: float | None, table: Mapping[str, Any]) -> dict[str, Any]:
    arterial = mode == "va"
    made: dict[str, Any] = {
        "mode": mode,
        "drain": [{"cannula": cannula("drainage_multistage", drain, table), "site": {"ivc": 0.5, "ra": 0.5} if arterial else "ivc"}],
        "return": [
            {"cannula": cannula("return_arterial", back, table), "site": "femoral_artery"}
            if arterial
            else {"cannula": cannula("return_venous", back, table), "site": "ra"}
        ],
        "pump": {"model": DEFAULT_PUMP},
        "lung": {"model": DEFAULT_LUNG},
    }
    if distal is not None:
        made["distal_perfusion"] = {"cannula": cannula("distal_perfusion", distal, table)}
    return made


def support(block: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, Any] | None:
    """The circuit of a patient who is on support, in the form of a case, with the flow the block states; None without a circuit."""
    circuit = block.get("circuit")
    if not circuit:
        return None
    missing = [key for key in ("mode", "flow") if key not in circuit]
    if missing:
        raise ValueError(f"the patient's circuit states no {' and no '.join(missing)} (circuit: {{mode: VV, flow: 4.8, ...}})")
    mode = str(circuit["mode"]).lower()
    drain = sizes(circuit["drain"]) if circuit.get("drain") else [DEFAULT_DRAIN]
    back = sizes(circuit["ret"]) if circuit.get("ret") else [DEFAULT_ARTERIAL if mode == "va" else DEFAULT_VENOUS]
    if not drain or not back:
        raise ValueError("the patient's cannulae state no size (drain: 25 Fr multistage R femoral, ret: 21 Fr R jugular)")
    made = _circuit(mode, drain[0], back[0], back[1] if len(back) > 1 else None, table)
    made["pump"]["flow"] = f"{circuit['flow']:g} L/min"
    made["gas"] = {"sweep": f"{circuit.get('sweep', circuit['flow']):g} L/min", "fdo2": float(circuit.get("fdo2", 1.0))}
    made["established"] = True
    if "rec" in circuit and made["mode"] == "vv":
        made["return"][0]["tip_distance"] = f"{tip_distance(float(circuit['rec'])):.4g} cm"
    return made


def support_of_actions(actions: Sequence[Action], mode: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """The circuit that a task's correct actions describe: sizes in Fr, "pump.rpm_set to ... (about 4-4.5)", "gas.fdo2_set 0.5-0.6",
    "gas.sweep_set about 0.5-1 x flow". Every range counts as its middle."""
    text = " ; ".join(action.do for action in actions)
    found = sizes(text)
    flow = _stated(rf"pump\.rpm_set[^;]*?about\s+{_RANGE}", text, "a flow (pump.rpm_set to ... about 4-4.5)")
    fdo2 = _stated(rf"gas\.fdo2_set\s+{_RANGE}", text, "an O2 fraction (gas.fdo2_set 0.5)")
    ratio = _stated(rf"gas\.sweep_set\s+(?:about\s+)?{_RANGE}\s*x\s*flow", text, "a sweep (gas.sweep_set 1 x flow)")
    if len(found) < 2:
        raise ValueError("the actions name no two cannula sizes in Fr")
    made = _circuit(mode.lower(), found[0], found[1], found[2] if len(found) > 2 else None, table)
    made["pump"]["flow"] = f"{flow:.4g} L/min"
    made["gas"] = {"sweep": f"{ratio * flow:.3g} L/min", "fdo2": round(fdo2, 3)}
    return made


def _stated(pattern: str, text: str, what: str) -> float:
    found = re.search(pattern, text)
    if not found:
        raise ValueError(f"the correct actions do not state {what}; give the scenario a `support:` block in the form of a case")
    return middle(found[1], found[2] or "")
