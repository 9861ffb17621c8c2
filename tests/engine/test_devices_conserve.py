"""No device makes or loses blood, oxygen, carbon dioxide, haemoglobin or heat."""

import pytest
from bodies import DEVICES, SLOW_DT, blood, held, record, running, water_carried

from perfuse.physiology.metabolism import HEAT_CAPACITY, HEAT_PER_O2

ON_DEVICES = sorted(DEVICES)


@pytest.mark.parametrize("support", ON_DEVICES)
def test_a_device_moves_blood_and_makes_none(support: str) -> None:
    made = running("dilated-heart-failure", support, 20.0)
    before = blood(made)
    water = record(made, 60.0, ["water_in"])["water_in"][1:].sum()
    assert made.healthy().all()
    assert blood(made) - before == pytest.approx(water, abs=1e-9 * before)


@pytest.mark.parametrize("support", ON_DEVICES)
def test_what_blood_carries_is_kept_through_a_device(support: str) -> None:
    made = running("dilated-heart-failure", support, 20.0, heater_on=0.0)
    before = {kind: held(made, kind) for kind in ("o2", "hb", "temp")}
    circuit = made.has("inlet_pressure")
    names = ["o2_uptake", "used_total", "heat_loss", "water_in", "water_o2", "water_temp", *(["transfer_o2"] if circuit else [])]
    seen = record(made, 60.0, names)
    used = seen["used_total"][1:].sum()
    uptake = SLOW_DT * (seen["o2_uptake"][1:].sum() + (seen["transfer_o2"][1:].sum() if circuit else 0.0))
    warmth = (HEAT_PER_O2 * used - SLOW_DT * seen["heat_loss"][:-1].sum()) / HEAT_CAPACITY
    assert held(made, "hb") == pytest.approx(before["hb"], rel=1e-9)
    assert held(made, "o2") - before["o2"] == pytest.approx(uptake - used + water_carried(seen, "o2"), abs=1e-6 * before["o2"])
    assert held(made, "temp") - before["temp"] == pytest.approx(warmth + water_carried(seen, "temp"), abs=1e-9 * before["temp"])


@pytest.mark.parametrize("support", ["lvad", "impella"])
def test_a_stopped_pump_leaks_backwards_and_still_loses_nothing(support: str) -> None:
    made = running("healthy-adult", support, 20.0)
    made.put("left_power_on", 0.0)
    made.advance(5.0)
    before = blood(made), held(made, "hb")
    seen = record(made, 20.0, ["left_flow_mean", "water_in"])
    assert -2.6 < 0.06 * seen["left_flow_mean"][-1] < -0.2
    assert blood(made) - before[0] == pytest.approx(seen["water_in"][1:].sum(), abs=1e-9 * before[0])
    assert held(made, "hb") == pytest.approx(before[1], rel=1e-9)


def test_a_hole_in_the_septum_moves_blood_and_makes_none() -> None:
    made = running("healthy-adult", None, 20.0, atrial_defect=2.0, ventricular_defect=0.5, foramen=0.3)
    before = blood(made), held(made, "hb")
    seen = record(made, 30.0, ["water_in", "atrial_septum_on"])
    assert blood(made) - before[0] == pytest.approx(seen["water_in"][1:].sum(), abs=1e-9 * before[0])
    assert held(made, "hb") == pytest.approx(before[1], rel=1e-9)
