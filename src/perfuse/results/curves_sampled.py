"""How sure a pump's head-flow curve is, as columns of a cohort: a factor on the head, drawn for every patient."""

from typing import Any

import numpy as np

from perfuse.parameters.assist import RotaryPump
from perfuse.parameters.device_checks import side_of
from perfuse.parameters.devices import Pump
from perfuse.parameters.from_python import SupportGiven, case_of
from perfuse.parameters.library import heart_device, load_pump

MOST = 3.0  # standard deviations, where the draw is cut
CONTROLS = {"left": "lvad.curve", "right": "rvad.curve"}


def curve_samples(support: SupportGiven, patients: int, seed: int = 1) -> dict[str, list[float]]:
    """Columns for `simulate_many`: pump.curve, lvad.curve, rvad.curve for the pumps of a support, one value a patient.

    Each is drawn from a normal distribution around 1 with the pump's declared `curve_spread` (relative standard deviation of its head),
    cut at three of them. Same seed, same columns. A support without a pump gives no column.
    """
    case = case_of("healthy-adult", support, seconds=604800.0, called="curve_samples(...)")
    spreads: dict[str, float] = {}
    if case.support is not None:
        spreads["pump.curve"] = _spread(load_pump(case.support.pump.model))
    for choice in case.devices:
        device = heart_device(choice.model)
        if isinstance(device, RotaryPump):
            spreads[CONTROLS[side_of(choice)]] = _spread(device)
    draw = np.random.default_rng(seed)
    return {name: [float(v) for v in 1.0 + spread * _cut(draw, patients)] for name, spread in spreads.items()}


def _spread(pump: Pump | RotaryPump) -> float:
    return pump.curve_spread.value if pump.curve_spread is not None else 0.0


def _cut(draw: np.random.Generator, count: int) -> Any:
    return np.clip(draw.standard_normal(count), -MOST, MOST)
