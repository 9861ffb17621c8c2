"""Signs that a monitor or a console sees without a limit: each is a question to what is shown at this second."""

from collections.abc import Callable, Mapping
from typing import Any

Shown = Mapping[str, float | None]
Facts = Mapping[str, Any]
"""What the devices know of themselves: set speeds, suction, air before the sensor, chatter, rhythm."""

BACKWARDS = -0.05  # L/min, as the sensor's own noise
SUCTION = 5.0  # % of the time
FLAT = 20.0  # mA of motor swing: flat (assumed)


def _value(v: Shown, name: str) -> float:
    found = v.get(name)
    return float("nan") if found is None else found


SIGNS: dict[str, Callable[[Shown, Facts], bool]] = {
    "no-beat": lambda v, f: v.get("HR") is None and not f["ecg_off"],
    "no-breath": lambda v, f: v.get("EtCO2") is None,
    "no-pulse-wave": lambda v, f: v.get("SpO2_right_hand") is None and f["why"].get("SpO2_right_hand") == "no pulse wave",
    "backwards": lambda v, f: _value(v, "ecmo_flow") < BACKWARDS,
    "pump-stopped": lambda v, f: f["ecmo"] and _value(v, "pump_speed") < 50.0,
    "chatter": lambda v, f: bool(f["chatter"]),
    "bubbles": lambda v, f: f["air"] > 0.02,
    "lvad-stopped": lambda v, f: f["lvad"] and _value(v, "lvad_speed") < 200.0,
    "lvad-suction": lambda v, f: f["left_suction"] > SUCTION and f["lvad"],
    "impella-suction": lambda v, f: f["left_suction"] > SUCTION and f["impella"],
    "impella-position": lambda v, f: f["impella"] and f["running"] and (f["placement"] < 0.5 or f["motor_pulse"] < FLAT),
    "balloon-baseline": lambda v, f: f["helium_lost"] > 0.2,
}
