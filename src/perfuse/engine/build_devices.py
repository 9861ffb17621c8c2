"""From the devices of a case to rows: rotary pumps, balloon, pulsatile chambers. Each function gives parameters of a device that runs."""

from collections.abc import Mapping, Sequence
from typing import Any

from perfuse.engine.stages import SIDES
from perfuse.parameters.assist import Balloon, PulsatilePump, RotaryPump
from perfuse.parameters.device_checks import INLETS as INLETS_OF
from perfuse.parameters.device_checks import side_of
from perfuse.parameters.library import heart_device
from perfuse.physiology.contents import SPECIES

PER_L_MIN, PER_L_MIN_2 = 0.06, 0.0036  # (mmHg s/mL) per (mmHg min/L), and squared
L_MIN = 1000.0 / 60.0
INLETS = ("lv", "la", "root", "rv", "ra", "ivc")
OUTLETS = ("lv", "root", "ascending", "descending", "femoral", "pa")
POSITIONS = {0.0: ("lv", "root"), 1.0: ("root", "root"), 2.0: ("lv", "lv")}
"""Inlet and outlet of a transvalvular pump: in place, slipped into the aorta, too deep in the ventricle."""
SAC_PLACES = {"left": ("lv", "ascending"), "right": ("ra", "pa")}
"""Inlet and outlet of a chamber beside the heart: apex of the left ventricle, right atrium; an artificial heart stands on both atria."""
SAC_INLETS, SAC_OUTLETS = ("la", "lv", "ra", "rv"), ("ascending", "pa")
NATIVE_VALVES = ("mitral_area", "aortic_area", "tricuspid_area", "pulmonary_area")
EXCISED = 1.0e-4  # cm2: what is left of a native valve once the ventricles are replaced
VALVE = 1.0 / 2500.0  # mmHg s2/mL2 at 1 cm2 (Bernoulli)


def parts_of(devices: Sequence[Any]) -> frozenset[str]:
    """Parts of the structure that these devices need."""
    found: set[str] = set()
    for choice in devices:
        device = heart_device(choice.model)
        found.add(side_of(choice) if isinstance(device, RotaryPump) else "balloon" if isinstance(device, Balloon) else "sacs")
    return frozenset(found)


def _is_heart(device: Any) -> bool:
    return isinstance(device, PulsatilePump) and device.replaces


def place_rows(side: str, inlet: str, outlet: str) -> dict[str, float]:
    """Where a rotary pump takes and gives."""
    rows = {f"{side}_from_{place}": 1.0 if place == inlet else 0.0 for place in INLETS}
    return rows | {f"{side}_to_{place}": 1.0 if place == outlet else 0.0 for place in OUTLETS}


def level_speed(device: RotaryPump, level: float) -> float:
    """Speed, rpm, of a P-level; between two levels in proportion."""
    below = min(int(level), len(device.levels) - 1)
    above = min(below + 1, len(device.levels) - 1)
    return device.levels[below] + (level - below) * (device.levels[above] - device.levels[below])


def level_rows(side: str, level: float, devices: Sequence[Any]) -> dict[str, float]:
    """What a P-level sets on the pump of a side."""
    for choice in devices:
        device = heart_device(choice.model)
        if isinstance(device, RotaryPump) and side_of(choice) == side and device.levels:
            return {f"{side}_set": level_speed(device, level), f"{side}_level": level}
    raise ValueError(f"no pump of the {side} heart has P-levels")


def rotor_numbers(device: RotaryPump) -> dict[str, float]:
    """What a rotary pump is, in the engine's units: its curve, line, motor, pulse and hazard; clean, open and powered."""

    def number(name: str) -> float:
        found = getattr(device, name)
        return found.value if found is not None else 0.0

    pulse = device.pulse_period is not None
    return {
        "a": device.a.value * 1.0e-6,
        "b": device.b.value * 1.0e-3 * PER_L_MIN,
        "c": device.c.value * PER_L_MIN_2,
        "c_back": device.c_back.value * PER_L_MIN_2,
        "line_a": device.line_a.value * PER_L_MIN,
        "line_b": device.line_b.value * PER_L_MIN_2,
        "inertance": device.inertance.value,
        "inflow": 1.0,
        "outflow": 1.0,
        "clamp": 0.0,
        "clot": 0.0,
        "curve": 1.0,
        "strength": 1.0,
        "power_on": 1.0,
        "pulse": 1.0 if pulse else 0.0,
        **{name: number(name) for name in ("pulse_from", "pulse_drop", "pulse_drop_time", "pulse_rise", "pulse_rise_time")},
        "pulse_period": number("pulse_period") if pulse else 1.0e9,
        "power_idle": device.power_idle.value,
        "power_speed": device.power_speed.value,
        "power_flow": device.power_flow.value,
        "flow_limit": device.flow_max.value * L_MIN,
        "hazard_rate": number("clot_rate"),
        "nih": device.nih.value,
        "nih_flow": device.nih_flow.value,
        "flow_probe": 1.0 if device.kind == "extracorporeal" else 0.0,
        "transvalvular": 1.0 if device.kind == "transvalvular" else 0.0,
    }


def rotor_rows(choice: Any) -> dict[str, float]:
    """A rotary pump that runs at its set speed."""
    device, side = heart_device(choice.model), side_of(choice)
    assert isinstance(device, RotaryPump)
    speed = (
        level_speed(device, choice.level) if choice.level is not None else choice.rpm if choice.rpm is not None else device.usual_rpm.value
    )
    rows = rotor_numbers(device) | {"set": speed, "level": choice.level if choice.level is not None else -1.0}
    inlet, outlet = device.places(side)
    places = place_rows(side, choice.inlet or inlet, choice.outlet or outlet)
    return {f"{side}_{name}": value for name, value in rows.items()} | places


def balloon_rows(choice: Any) -> dict[str, float]:
    """A balloon that counterpulsates."""
    device = heart_device(choice.model)
    assert isinstance(device, Balloon)
    return {
        "balloon_volume": device.volume.value,
        "balloon_fill_time": device.fill_time.value,
        "balloon_empty_time": device.empty_time.value,
        "balloon_leak": 0.0,
        "balloon_ratio": 1.0 if choice.ratio is None else float(choice.ratio),
        "balloon_inflation": 0.0,
        "balloon_deflation": 0.0,
        "balloon_trigger": 0.0,
    }


def sac_rows(choice: Any) -> dict[str, float]:
    """Pulsatile chambers that pump; a side without one is shut."""
    device = heart_device(choice.model)
    assert isinstance(device, PulsatilePump)
    rows = {"drive_rate": device.rate.value / 60.0, "drive_systole": device.systole.value, "drive_power": 1.0}
    rows["sacs_replace"] = 1.0 if _is_heart(device) else 0.0
    standing = SIDES if side_of(choice) == "both" else (side_of(choice),)
    for side in SIDES:
        there = side in standing
        inlet, outlet = SAC_PLACES[side]
        if _is_heart(device):
            inlet = {"left": "la", "right": "ra"}[side]
        elif choice.inlet is not None and choice.inlet in INLETS_OF[side]:
            inlet = choice.inlet
        drive = device.left_drive.value if side == "left" else device.right_drive.value
        rows |= {
            f"{side}_sac_size": device.volume.value,
            f"{side}_sac_drive": drive if there else 0.0,
            f"{side}_sac_vacuum": device.vacuum.value if there else 0.0,
            f"{side}_sac_line_a": device.line_a.value * PER_L_MIN,
            f"{side}_sac_line_b": device.line_b.value * PER_L_MIN_2 + VALVE / device.valve_area.value**2,
            f"{side}_sac_inertance": device.inertance.value,
            f"{side}_sac_clamp": 0.0 if there else 1.0,
        }
        rows |= {f"{side}_sac_from_{place}": 1.0 if there and place == inlet else 0.0 for place in SAC_INLETS}
        rows |= {f"{side}_sac_to_{place}": 1.0 if there and place == outlet else 0.0 for place in SAC_OUTLETS}
    return rows


def device_rows(choice: Any) -> dict[str, float]:
    """Parameter rows of a device that runs."""
    device = heart_device(choice.model)
    if isinstance(device, RotaryPump):
        return rotor_rows(choice)
    return balloon_rows(choice) if isinstance(device, Balloon) else sac_rows(choice)


def taken_rows(choice: Any) -> dict[str, float]:
    """Rows of the patient that a running device takes over: a total artificial heart leaves no native ventricle at work."""
    if not _is_heart(heart_device(choice.model)):
        return {}
    return dict.fromkeys(NATIVE_VALVES, EXCISED) | {"thebesian_conductance": 0.0, "rhythm": 2.0}


def resting(choice: Any) -> dict[str, float]:
    """What differs while a device is there but has not begun: shut, without power."""
    device = heart_device(choice.model)
    if isinstance(device, RotaryPump):
        side = side_of(choice)
        return {f"{side}_clamp": 1.0, f"{side}_power_on": 0.0}
    if isinstance(device, Balloon):
        return {"balloon_ratio": 0.0}
    return {"drive_power": 0.0, **{f"{side}_sac_clamp": 1.0 for side in SIDES}}


def first_device(choice: Any, body: Mapping[str, float], running: bool) -> dict[str, float]:
    """State of a device before the run: still, or turning; sacs hold the patient's own blood, taken from nobody (they come primed)."""
    device, rows = heart_device(choice.model), device_rows(choice)
    if isinstance(device, RotaryPump):
        side = side_of(choice)
        speed = rows[f"{side}_set"] if running else 0.0
        state = {"speed": speed, "speed_mean": speed, "beat_most": -1.0e9, "beat_least": 1.0e9}
        return {f"{side}_{name}": value for name, value in state.items()}
    if isinstance(device, Balloon):
        return {"balloon_since": 10.0, "seen_end": 1.0e9}
    assert isinstance(device, PulsatilePump)
    found = {}
    for side in SIDES:
        found[f"{side}_sac_volume"] = 0.5 * device.volume.value
        source = "la" if side == "left" else "ra"
        found |= {f"{side}_sac_content_{kind}": body[f"{source}_{kind}"] for kind in SPECIES}
    return found
