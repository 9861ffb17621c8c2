"""What a control sets: the rows of the engine, from a value in the unit of controls.yaml."""

import math
from collections.abc import Sequence
from typing import Any

from perfuse.engine.build_devices import POSITIONS, level_rows, place_rows
from perfuse.parameters.tables import controls
from perfuse.physiology.blood import co2_content, o2_content

JET_LENGTH = 4.5  # cm, short-circuit share exp(-d/4.5) (mechanisms note, assumed)


def short_circuit(distance: float) -> float:
    """Share of a venous return jet that enters the drainage ports directly, from the distance (cm) between the tips."""
    return math.exp(-distance / JET_LENGTH)


def drip_contents(hb: float) -> dict[str, float]:
    """What an infusion carries: a balanced crystalloid with the O2 of air, or stored red cells at 60 % saturation; at 37 degC (warmed).

    The crystalloid holds the CO2 of plasma at pH 7.40 and PCO2 40 mmHg: its metabolised anions become bicarbonate (strong ion difference
    24-27 mmol/L, recalled-medium), and base excess belongs to the whole patient here: a fluid without CO2 would look like alkalosis.
    """
    po2, saturation = (150.0, 0.98) if hb < 0.1 else (35.0, 0.60)
    o2 = o2_content(po2, saturation, hb, 37.0)
    ph = 7.40 if hb < 0.1 else 7.0
    co2 = co2_content(40.0, ph, hb, saturation, 37.0)
    return {"drip_content_hb": hb, "drip_content_o2": o2, "drip_content_co2": co2, "drip_content_temp": 37.0}


def control_rows(name: str, value: float, devices: Sequence[Any] = ()) -> dict[str, float]:
    """Rows that a control (in the unit of controls.yaml) sets; P-levels are read in the table of the device that has them."""
    entry = controls()[name]
    inside = value * entry.scale
    if entry.field in ("left_level", "right_level"):
        return level_rows(entry.field.removesuffix("_level"), value, devices)
    if entry.field == "left_position":
        return place_rows("left", *POSITIONS[value])
    if entry.field == "tip_distance":
        return {"short_circuit": short_circuit(inside)}
    if entry.field == "drip_content_hb":
        return drip_contents(inside)
    return {entry.field: inside}
