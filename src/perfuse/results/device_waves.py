"""Waves of devices, for reports and consoles: flows L/min, pressures mmHg, volumes mL, motor current mA."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from perfuse.devices.balloon import FULL, THORACIC
from perfuse.physiology.vessel_sizes import DESCENDING_C
from perfuse.results.device_numerics import L_MIN, MOTOR_PULSE

Array = NDArray[np.float64]
SIDES = ("left", "right")
OUTLETS = ("lv", "root", "ascending", "descending", "femoral", "pa")
EMPTY = 5.0
"""mmHg of the helium while the balloon is empty (assumed, as in balloons.yaml)."""
BEGUN = 2.0
"""mL of helium from which the balloon stands off its catheter and takes the pressure around it (assumed)."""
_INLETS = {side: tuple(f"{side}_sac_from_{place}" for place in ("la", "lv", "ra", "rv")) for side in SIDES}
ROWS = (
    *(f"{side}_{what}" for side in SIDES for what in ("flow", "speed", "flow_felt", "transvalvular")),
    *(f"{side}_to_{place}" for side in SIDES for place in OUTLETS),
    "balloon_gas",
    *(f"{side}_{what}" for side in SIDES for what in ("sac_volume", "sac_air", "sac_out")),
    *_INLETS["left"],
    *_INLETS["right"],
)
"""Rows that the signals need, of a kernel that has them."""


def signals(v: Mapping[str, Array], p: Mapping[str, Array]) -> dict[str, Array]:
    """Signals of the devices whose rows are there. `p`: pressures of every place without a balloon."""
    made: dict[str, Array] = {}
    if "left_flow" in v:
        made |= _left(v, p)
    if "right_flow" in v:
        made |= {"rvad_flow": v["right_flow"] * L_MIN, "rvad_speed": v["right_speed"]}
    if "balloon_gas" in v:
        gas = v["balloon_gas"]
        around = p["descending"] + np.minimum(THORACIC * gas, FULL) * v["arterial_stiffness"] / DESCENDING_C
        made |= {"V_balloon": gas, "P_balloon": EMPTY + (around - EMPTY) * np.clip(gas / BEGUN, 0.0, 1.0)}
    for side in SIDES if "left_sac_volume" in v else ():
        if any(np.any(v[row] > 0.0) for row in _INLETS[side]):  # else no chamber stands on this side
            made[f"pulsatile_{side}_volume"] = v[f"{side}_sac_volume"]
            made[f"pulsatile_{side}_air"] = v[f"{side}_sac_air"]
            made[f"pulsatile_{side}_flow"] = v[f"{side}_sac_out"] * L_MIN
    return made


def _left(v: Mapping[str, Array], p: Mapping[str, Array]) -> dict[str, Array]:
    """A catheter pump shows the pressure at its outlet (placement signal) and its motor current, which follows flow as far as it can."""
    if not np.any(v["left_transvalvular"] > 0.5):
        return {"lvad_flow": v["left_flow"] * L_MIN, "lvad_speed": v["left_speed"]}
    placement = sum((v[f"left_to_{place}"] * p[place] for place in OUTLETS), np.zeros_like(v["left_flow"]))
    return {
        "impella_flow": v["left_flow"] * L_MIN,
        "impella_speed": v["left_speed"],
        "impella_placement": placement,
        "impella_current": MOTOR_PULSE * L_MIN * v["left_flow_felt"],
    }
