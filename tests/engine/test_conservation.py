"""Nothing is made or lost: blood, oxygen, carbon dioxide, haemoglobin, heat."""

import pytest
from bodies import SLOW_DT, blood, held, record, running, water_carried

from perfuse.engine.run import Ramp
from perfuse.physiology.metabolism import HEAT_CAPACITY, HEAT_PER_O2, SLOW_CO2_STORE

ON_SUPPORT = [("covid-ards", "vv"), ("healthy-adult", "va"), ("healthy-adult", "vav")]
ANYONE = [("healthy-adult", None), *ON_SUPPORT]
MINUTES_OF_GASES = 5


@pytest.mark.parametrize(("patient", "support"), ANYONE)
def test_blood_is_conserved_over_an_hour_with_bleeding_and_infusion_booked(patient: str, support: str | None) -> None:
    made = running(patient, support, 10.0)
    before, steps = blood(made), made.step
    for start, row, rate, seconds in ((60.0, "bleeding_rate", 2.5, 300.0), (600.0, "infusion_rate", 1.25, 600.0)):
        made.plan(Ramp(10.0 + start, row, rate))
        made.plan(Ramp(10.0 + start + seconds, row, 0.0))
    water = record(made, 3600.0, ["water_in"])["water_in"][1:].sum()
    assert made.step - steps == round(3600.0 / SLOW_DT)
    assert made.healthy().all()
    booked = 1.25 * 600.0 - 2.5 * 300.0 + water
    assert blood(made) - before == pytest.approx(booked, abs=1e-9 * before)


def test_a_leaking_return_line_loses_its_share_of_the_flow() -> None:
    made = running("healthy-adult", "va", 20.0)
    before = blood(made)
    made.put("return_loss", 0.1)
    seen = record(made, 20.0, ["return1_flow", "water_in"])
    lost = before - blood(made) + seen["water_in"][1:].sum()
    assert lost == pytest.approx(0.1 * SLOW_DT * seen["return1_flow"][1:].sum(), rel=0.01)


@pytest.mark.parametrize(("patient", "support"), ANYONE)
def test_oxygen_stores_change_by_uptake_less_use(patient: str, support: str | None) -> None:
    made = running(patient, support)
    made.put("infusion_rate", 1.0)
    made.put("bleeding_rate", 1.0)
    before = held(made, "o2")
    names = ["o2_uptake", "used_total", "ivc_o2", "water_in", "water_o2", *(["transfer_o2"] if support else [])]
    seen = record(made, 60.0 * MINUTES_OF_GASES, names)
    gained = SLOW_DT * (seen["o2_uptake"][1:].sum() + (seen["transfer_o2"][1:].sum() if support else 0.0)) - seen["used_total"][1:].sum()
    dripped = 60.0 * MINUTES_OF_GASES * made.get("drip_content_o2")[0] - SLOW_DT * seen["ivc_o2"][:-1].sum()
    assert seen["used_total"][1:].sum() > 500.0
    assert held(made, "o2") - before == pytest.approx(gained + dripped + water_carried(seen, "o2"), abs=1e-6 * before)


@pytest.mark.parametrize(("patient", "support"), ANYONE)
def test_carbon_dioxide_stores_change_by_production_less_output(patient: str, support: str | None) -> None:
    made = running(patient, support)
    quotient, slow = made.get("quotient")[0], SLOW_CO2_STORE * made.get("weight")[0] / 70.0
    before = held(made, "co2") + slow * made.get("slow_co2")[0]
    names = ["co2_output", "used_total", "water_in", "water_co2", *(["transfer_co2"] if support else [])]
    seen = record(made, 60.0 * MINUTES_OF_GASES, names)
    made_up = quotient * seen["used_total"][1:].sum()
    given_off = SLOW_DT * (seen["co2_output"][1:].sum() - (seen["transfer_co2"][1:].sum() if support else 0.0))
    after = held(made, "co2") + slow * made.get("slow_co2")[0]
    assert after - before == pytest.approx(made_up - given_off + water_carried(seen, "co2"), abs=1e-6 * before)


@pytest.mark.parametrize(("patient", "support"), ANYONE)
def test_haemoglobin_leaves_only_with_bleeding(patient: str, support: str | None) -> None:
    made = running(patient, support, 10.0)
    made.put("infusion_rate", 3.0)
    made.put("bleeding_rate", 2.0)
    before = held(made, "hb")
    seen = record(made, 300.0, ["ivc_hb"])
    given = 3.0 * 300.0 * made.get("drip_content_hb")[0]
    assert held(made, "hb") - before == pytest.approx(given - 2.0 * SLOW_DT * seen["ivc_hb"][:-1].sum(), abs=1e-9 * before)
    assert held(made, "hb") < before


@pytest.mark.parametrize(("patient", "support"), ANYONE)
def test_heat_stores_change_by_what_tissues_make_less_what_is_lost(patient: str, support: str | None) -> None:
    made = running(patient, support, 10.0, heater_on=0.0)
    before = held(made, "temp")
    seen = record(made, 300.0, ["used_total", "heat_loss", "water_in", "water_temp"])
    gained = HEAT_PER_O2 * seen["used_total"][1:].sum() - SLOW_DT * seen["heat_loss"][:-1].sum()
    assert held(made, "temp") - before == pytest.approx(gained / HEAT_CAPACITY + water_carried(seen, "temp"), abs=1e-9 * before)


def test_diuresis_takes_water_and_no_haemoglobin() -> None:
    made = running("healthy-adult", None, 10.0, filtration=0.0)
    volume, haemoglobin = blood(made), held(made, "hb")
    made.put("water_removal", 0.5)
    made.advance(600.0)
    assert volume - blood(made) == pytest.approx(300.0, abs=1e-9 * volume)
    assert held(made, "hb") == pytest.approx(haemoglobin, rel=1e-9)


def test_tissue_gives_back_part_of_what_was_bled_and_takes_part_of_what_was_infused() -> None:
    for row, sign in (("bleeding_rate", 1.0), ("infusion_rate", -1.0)):
        made = running("healthy-adult", None, 300.0)
        made.put("tissue_balance", made.get("capillary"))
        made.put(row, 1000.0 / 900.0)
        moved = record(made, 900.0, ["water_in"])["water_in"][1:].sum()
        made.put(row, 0.0)
        moved += record(made, 2700.0, ["water_in"])["water_in"][1:].sum()
        assert 100.0 <= sign * moved <= 700.0


def test_the_heater_warms_the_whole_patient() -> None:
    cold = running("healthy-adult", "va", 600.0, heater_on=1.0, heater=33.0)
    warm = running("healthy-adult", "va", 600.0, heater_on=1.0, heater=38.0)
    assert held(warm, "temp") > held(cold, "temp")


@pytest.mark.parametrize("reversing", [False, True])
def test_gases_are_conserved_while_a_stopped_pump_runs_backwards(reversing: bool) -> None:
    made = running("healthy-adult", "va")
    if reversing:
        made.put("pump_power", 0.0)
        made.advance(5.0)
        assert made.get("flow_mean")[0] < 0.0
    before = held(made, "o2")
    seen = record(made, 60.0, ["o2_uptake", "used_total", "transfer_o2", "water_in", "water_o2"])
    gained = SLOW_DT * (seen["o2_uptake"][1:].sum() + seen["transfer_o2"][1:].sum()) - seen["used_total"][1:].sum()
    assert held(made, "o2") - before == pytest.approx(gained + water_carried(seen, "o2"), abs=1e-6 * before)
