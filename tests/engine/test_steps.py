"""What a step of a millisecond and a slow step of twenty cost in accuracy."""

import numpy as np
import pytest
from bodies import Array, fine_kernel, move, running

from perfuse.engine.run import SLOW_DT

BEATS = 30.0  # s averaged
MEANS = ["beat_map", "beat_cvp", "beat_mpap", "beat_lap", "beat_stroke", "beat_lvedv", "beat_systemic"]
FLOWS = ["flow_mean"]
EVEN = [("healthy-adult", None, MEANS), ("covid-ards", "vv", MEANS + FLOWS), ("healthy-adult", "va", MEANS + FLOWS)]
AORTA = ["ascending", "arch", "distal_arch", "descending", "femoral"]


def means(structure: str, start: Array, names: list[str], fast_per_slow: int, dt: float, seconds: float = BEATS) -> Array:
    """Rows averaged over whole seconds after five in which the new step settles."""
    compiled = fine_kernel(structure, fast_per_slow, dt)
    buffer = start.copy()
    slow = fast_per_slow * dt
    move(compiled, buffer, round(5.0 / slow))
    return move(compiled, buffer, round(seconds / slow), names, round(SLOW_DT / slow))[:, :, 0].mean(axis=0)


@pytest.mark.parametrize(("patient", "support", "names"), EVEN)
def test_half_the_step_moves_means_of_pressures_and_flows_by_less_than_half_a_percent(
    patient: str, support: str | None, names: list[str]
) -> None:
    made = running(patient, support, 120.0)
    whole = means(made.structure, made.buffer, names, 20, 1e-3)
    half = means(made.structure, made.buffer, names, 40, 5e-4)
    # a right atrial pressure near zero is compared with 1 mmHg
    assert np.abs(whole / half - 1.0)[np.abs(half) > 1.0] == pytest.approx(0.0, abs=0.005)
    assert (whole - half)[np.abs(half) <= 1.0] == pytest.approx(0.0, abs=0.005)


def test_half_the_step_moves_the_mean_flow_of_a_chattering_line_by_less_than_five_percent() -> None:
    made = running("covid-ards", "vv", 30.0, pump_set=4500.0)
    volume = made.get("ivc_volume")[0]
    made.put("bleeding_rate", 10.0)
    made.advance(150.0)
    made.put("bleeding_rate", 0.0)
    made.advance(30.0)
    assert made.get("ivc_volume")[0] < volume
    swing = made.get("flow_square")[0] - made.get("drain_mean")[0] ** 2
    assert swing > 1.0, "the line does not chatter"
    whole = means("ecmo", made.buffer, FLOWS, 20, 1e-3)
    half = means("ecmo", made.buffer, FLOWS, 40, 5e-4)
    assert whole == pytest.approx(half, rel=0.05)
