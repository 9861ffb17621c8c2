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


DEVICE_BLOCKS = {"lvad": "lvad", "rvad": "rvad", "impella": "imp", "imp": "imp", "iabp": "iabp"}
"""Blocks of a device inside a patient block, and how its entries are called outside of one: `lvad: {rpm: 5400}` is `lvad_rpm: 5400`."""


def flat(block: Mapping[str, Any]) -> dict[str, Any]:
    """The block with the entries of `circuit`, `labs` and devices beside the others, and those of `vent` as `vent.peep` and so on."""
    found = {key: value for key, value in block.items() if not isinstance(value, Mapping)}
    for part in ("circuit", "labs"):
        found.update({key: value for key, value in block.get(part, {}).items() if isinstance(value, int | float)})
    for part, prefix in DEVICE_BLOCKS.items():
        inner = block.get(part)
        found.update({f"{prefix}_{key}": value for key, value in inner.items()} if isinstance(inner, Mapping) else {})
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
    made: dict[str, Any] = {"mode": {"VC": "volume", "PS": "spontaneous", "CPAP": "spontaneous"}.get(str(vent.get("mode")), "pressure")}
    for key, name, unit in (
        ("peep", "peep", "cmH2O"), ("pinsp", "driving_pressure", "cmH2O"), ("ps", "driving_pressure", "cmH2O"),
        ("rr", "rate", "/min"), ("vt", "vt", "mL"), ("fio2", "fio2", "")
    ):  # fmt: skip
        if key in vent and not (key == "vt" and made["mode"] != "volume"):
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


def support_of_actions(
    actions: Sequence[Action], mode: str, table: Mapping[str, Any], said: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """The circuit that a task's correct actions describe: sizes in Fr, "pump.rpm_set to ... (about 4-4.5)" or "flow ... (4-5 L/min)",
    "gas.fdo2_set 0.5-0.6", "gas.sweep_set about 0.5-1 x flow" or "2-4 L/min". Every range counts as its middle.

    said: what events or notes say instead (flow, sweep, fdo2).
    """
    text, said = " ; ".join(action.do for action in actions), said or {}
    found = sizes(text)
    flow = said.get("flow") or _stated(_FLOWS, text, "a flow (pump.rpm_set to ... about 4-4.5)")
    fdo2 = said.get("fdo2") or _stated([rf"gas\.fdo2_set\s+{_RANGE}", rf"\bFdO2\s+{_RANGE}"], text, "an O2 fraction (gas.fdo2_set 0.5)")
    sweep = said.get("sweep")
    if sweep is None:
        ratio = re.search(rf"gas\.sweep_set\s+(?:about\s+)?{_RANGE}\s*x\s*flow", text)
        sweep = flow * middle(ratio[1], ratio[2] or "") if ratio else _stated(_SWEEPS, text, "a sweep (gas.sweep_set 1 x flow)")
    drain, back = (found[0], found[1]) if len(found) > 1 else (DEFAULT_DRAIN, DEFAULT_ARTERIAL if mode.lower() == "va" else DEFAULT_VENOUS)
    made = _circuit(mode.lower(), drain, back, found[2] if len(found) > 2 else None, table)
    made["pump"]["flow"] = f"{flow:.4g} L/min"
    made["gas"] = {"sweep": f"{sweep:.3g} L/min", "fdo2": round(fdo2, 3)}
    return made


_FLOWS = [
    rf"pump\.rpm_set[^;]*?about\s+{_RANGE}",
    rf"pump\.rpm_set[^;]*?\bflow\b[^;]*?\({_RANGE}\s*L/min",
    rf"pump\.rpm_set[^;]*?\bflow\s+{_RANGE}\s*L/min",
    rf"pump\.start\s+{_RANGE}\s*L/min",
]
_SWEEPS = [rf"gas\.sweep_set\s+(?:low\s+)?\(?(?:about\s+)?{_RANGE}\s*L/min"]


def _stated(patterns: Sequence[str], text: str, what: str) -> float:
    found = next((match for pattern in patterns if (match := re.search(pattern, text))), None)
    if not found:
        raise ValueError(f"the correct actions do not state {what}; give the scenario a `support:` block in the form of a case")
    return middle(found[1], found[2] or "")
