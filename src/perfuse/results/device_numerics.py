"""What the controllers of rotary pumps, balloons and pulsatile pumps show, and what is true of them."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
L_MIN = 0.06  # L/min in 1 mL/s
MOTOR_PULSE = 320.0
"""mA of motor current for 1 L/min of flow swing in a catheter pump (assumed: a teaching draft has 130-140 mA at P-7 and P-8 in two
hearts in shock, which swing the flow of this pump by 0.4-0.45 L/min, computed)."""

UNSEEN = 1.0e6
"""mmHg: what stands where a console has not yet seen such a beat."""

_ROTOR = (
    "flow_mean",
    "speed_mean",
    "head_mean",
    "power",
    "flow_shown",
    "pulsatility",
    "suction",
    "swing",
    "level",
    "transvalvular",
    "hazard",
    "to_lv",
    "set",  # whether a drive is meant to run: consoles alarm by it
)
_BALLOON = (
    "balloon_ratio",
    "balloon_leak",
    "balloon_augmented",
    "balloon_assisted_systolic",
    "balloon_plain_systolic",
    "balloon_assisted_end",
    "balloon_plain_end",
)
_SACS = (
    "drive_rate",
    "drive_power",
    "sacs_replace",
    *(f"{side}_sac_{what}" for side in ("left", "right") for what in ("flow_mean", "fill", "size")),
)
ROWS = [*(f"{side}_{name}" for side in ("left", "right") for name in _ROTOR), *_BALLOON, *_SACS]

QUANTITIES = frozenset(
    [
        *(
            f"{name}_{what}"
            for name in ("lvad", "rvad")
            for what in ("flow", "flow_shown", "speed", "power", "PI", "head", "suction", "clot_risk")
        ),
        *(f"impella_{what}" for what in ("flow", "level", "speed", "head", "suction", "motor_pulse", "placement")),
        "rvad_level",
        *(f"iabp_{what}" for what in ("augmented_diastolic", "assisted_systolic", "unassisted_systolic")),
        *(f"iabp_{what}_end_diastolic" for what in ("assisted", "unassisted")),
        *(f"pulsatile_{side}_{what}" for side in ("left", "right") for what in ("flow", "fill")),
        "pulsatile_rate",
    ]
)
"""What has no meaning before a device."""


def add(n: dict[str, Array], v: Mapping[str, Array]) -> None:
    """Add the quantities of the devices whose rows are there, and correct what they change in others."""
    if "left_flow_shown" in v:
        _left(n, v)
    if "right_flow_shown" in v:
        n |= {f"rvad_{name}": value for name, value in _rotor(v, "right").items()}
        n["rvad_level"] = np.where(v["right_level"] >= 0.0, v["right_level"], np.nan)
    for side, name in (("left", "lvad"), ("right", "rvad")):
        if f"{side}_hazard" in v and f"{side}_flow_shown" in v:
            n[f"{name}_clot_risk"] = 1.0 - np.exp(-v[f"{side}_hazard"])
    if "balloon_ratio" in v:
        _balloon(n, v)
    if "drive_rate" in v:
        _sacs(n, v)


def _rotor(v: Mapping[str, Array], side: str) -> dict[str, Array]:
    """True flow and the flow that the controller shows, L/min; speed rpm, power W, pulsatility index, head mmHg, suction in % of time."""
    return {
        "flow": v[f"{side}_flow_mean"] * L_MIN,
        "flow_shown": v[f"{side}_flow_shown"] * L_MIN,
        "speed": v[f"{side}_speed_mean"],
        "power": v[f"{side}_power"],
        "PI": v[f"{side}_pulsatility"],
        "head": v[f"{side}_head_mean"],
        "suction": 100.0 * v[f"{side}_suction"],
    }


def _left(n: dict[str, Array], v: Mapping[str, Array]) -> None:
    catheter = v["left_transvalvular"] > 0.5
    found = _rotor(v, "left")
    for name, value in found.items():
        n[f"lvad_{name}"] = np.where(catheter, np.nan, value)
    for name in ("flow", "speed", "head", "suction"):
        n[f"impella_{name}"] = np.where(catheter, found[name], np.nan)
    n["impella_level"] = np.where(catheter & (v["left_level"] >= 0.0), v["left_level"], np.nan)
    n["impella_placement"] = np.where(catheter, 1.0 - v["left_to_lv"], np.nan)
    n["impella_motor_pulse"] = np.where(catheter, MOTOR_PULSE * L_MIN * v["left_swing"], np.nan)


def _balloon(n: dict[str, Array], v: Mapping[str, Array]) -> None:
    """Systolic pressure is that of the ejecting heart, assisted or not, never the balloon's augmentation."""
    ratio = v["balloon_ratio"]
    on = ratio > 0.5

    def seen(row: str) -> Array:
        return np.where(on & (v[row] > 0.0) & (v[row] < UNSEEN), v[row], np.nan)

    n["iabp_augmented_diastolic"] = seen("balloon_augmented")
    n["iabp_assisted_systolic"], n["iabp_unassisted_systolic"] = seen("balloon_assisted_systolic"), seen("balloon_plain_systolic")
    n["iabp_assisted_end_diastolic"], n["iabp_unassisted_end_diastolic"] = seen("balloon_assisted_end"), seen("balloon_plain_end")
    share = 1.0 / np.maximum(ratio, 1.0)
    mixed = share * v["balloon_assisted_systolic"] + (1.0 - share) * v["balloon_plain_systolic"]
    n["SBP"] = np.where(np.isfinite(n["iabp_assisted_systolic"]), mixed, n["SBP"])
    n["PP"] = n["SBP"] - n["DBP"]


def _sacs(n: dict[str, Array], v: Mapping[str, Array]) -> None:
    running = v["drive_power"] > 0.5
    rate = np.where(running, 60.0 * v["drive_rate"], 0.0)
    n["pulsatile_rate"] = rate
    for side in ("left", "right"):
        n[f"pulsatile_{side}_flow"] = v[f"{side}_sac_flow_mean"] * L_MIN
        n[f"pulsatile_{side}_fill"] = 100.0 * v[f"{side}_sac_fill"]
    n["HR"] = np.where((v["sacs_replace"] > 0.5) & running, rate, n["HR"])
