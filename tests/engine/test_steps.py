"""What a step of a millisecond and a slow step of twenty cost in accuracy."""

import numpy as np
import pytest
from bodies import Array, fine_kernel, move, running

from perfuse.engine.run import SLOW_DT

BEATS = 30.0  # s averaged
MEANS = ["beat_map", "beat_cvp", "beat_mpap", "beat_lap", "beat_stroke", "beat_lvedv", "beat_systemic"]
FLOWS = ["flow_mean"]
EVEN = [("healthy-adult", None, MEANS), ("covid-ards", "vv", MEANS + FLOWS), ("healthy-adult", "va", MEANS + FLOWS)]


def means(structure: str, start: Array, names: list[str], fast_per_slow: int, dt: float, seconds: float = BEATS) -> Array:
    """Rows averaged over whole seconds after five in which the new step settles."""
    moving = fine_kernel(structure, fast_per_slow, dt)
    buffer = start.copy()
    slow = fast_per_slow * dt
    move(moving, buffer, round(5.0 / slow))
    return move(moving, buffer, round(seconds / slow), names, round(SLOW_DT / slow))[:, :, 0].mean(axis=0)


@pytest.mark.parametrize(("patient", "support", "names"), EVEN)
def test_half_the_step_moves_means_of_pressures_and_flows_by_less_than_half_a_percent(
    patient: str, support: str | None, names: list[str]
) -> None:
    made = running(patient, support, 120.0)
    whole = means(made.structure, made.buffer, names, 20, 1e-3)
    half = means(made.structure, made.buffer, names, 40, 5e-4)
    # what lies near zero is compared with 5 mmHg, a pressure in the chest
    apart = np.abs(whole - half) / np.maximum(np.abs(half), 5.0)
    assert dict(zip(names, apart, strict=True)) == pytest.approx(dict.fromkeys(names, 0.0), abs=0.005)


def chattering() -> Array:
    """A bled patient whose drainage line chatters: of eight pump speeds the one at which the flow swings most."""
    made = running("covid-ards", "vv", 30.0, lanes=8)
    made.put("pump_set", np.linspace(3000.0, 4400.0, 8))
    made.put("bleeding_rate", 10.0)
    made.advance(60.0)
    made.put("bleeding_rate", 0.0)
    made.advance(60.0)
    swing = made.get("flow_square") - made.get("drain_mean") ** 2
    assert swing.max() > 25.0, "no line chatters: its flow swings by less than 5 mL/s"
    return made.buffer.reshape(-1, 8)[:, int(np.argmax(swing))].copy()


def test_half_the_step_moves_the_mean_flow_of_a_chattering_line_by_less_than_five_percent() -> None:
    start = chattering()
    whole = means("ecmo", start, FLOWS, 20, 1e-3)
    half = means("ecmo", start, FLOWS, 40, 5e-4)
    assert whole == pytest.approx(half, rel=0.05)
