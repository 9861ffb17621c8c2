"""Free haemoglobin, platelets, fibrinogen, anticoagulants: half-lives, dilution, tests; and the same in a running patient."""

import functools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import perfuse as pf
from perfuse.base.rates import step
from perfuse.engine.build import circuit_rows, first_circuit, luck
from perfuse.engine.run import Engine, engine
from perfuse.evidence.drug_forms import bivalirudin_half_life
from perfuse.parameters.from_python import case_of
from perfuse.parameters.library import load_patient
from perfuse.physiology.haemostasis import (
    FREE_HB_HALF_LIFE,
    HEPARIN_SPACE,
    Amounts,
    Flows,
    Levels,
    Thinners,
    amounts,
    clotting_tests,
    levels,
    thin,
    turn_over,
)
from perfuse.results.course import column

REST = Levels(4.0, 250.0, 3.0)
OWN = amounts(REST, 4480.0, 14.0)
NOTHING = Flows(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def after(a: Amounts, hours: float, flows: Flows = NOTHING) -> Amounts:
    for _ in range(round(hours * 360.0)):
        a = step(a, turn_over(OWN, flows, 4480.0, 14.0), 10.0)
    return a


def test_a_patient_at_rest_keeps_what_he_has() -> None:
    assert after(OWN, 2.0) == pytest.approx(OWN)
    assert levels(OWN, 4480.0, 14.0) == pytest.approx(REST)


def test_half_of_the_free_haemoglobin_above_rest_goes_in_its_half_life() -> None:
    high = OWN._replace(free_haemoglobin_pool=OWN.free_haemoglobin_pool + 1000.0)
    later = after(high, FREE_HB_HALF_LIFE / 3600.0)
    assert later.free_haemoglobin_pool - OWN.free_haemoglobin_pool == pytest.approx(500.0, rel=0.01)


@given(st.floats(3000.0, 9000.0), st.floats(5.0, 16.0))
def test_fluid_dilutes_and_loses_no_platelet(volume: float, hb: float) -> None:
    thinned = levels(OWN, volume, hb)
    assert thinned.platelet_count * volume / 1000.0 == pytest.approx(OWN.platelet_pool)
    assert amounts(thinned, volume, hb) == pytest.approx(OWN)


def test_blood_that_is_lost_takes_the_same_share_of_everything() -> None:
    lost = step(OWN, turn_over(OWN, NOTHING._replace(blood_lost=44.8), 4480.0, 14.0), 1.0)
    assert lost == pytest.approx([0.99 * x for x in OWN], rel=2e-4)


def test_a_unit_of_platelets_raises_the_count_by_a_few_tens() -> None:
    given_ = after(OWN, 10.0 / 3600.0, NOTHING._replace(platelets_given=0.72 * 25.0))
    assert 25.0 <= levels(given_, 4730.0, 13.3).platelet_count - levels(OWN, 4730.0, 13.3).platelet_count <= 60.0


@pytest.mark.parametrize(("kidney", "minutes"), [(100.0, 25.0), (45.0, 34.0), (20.0, 57.0), (0.0, 210.0)])
def test_half_life_of_bivalirudin_is_that_of_its_label(kidney: float, minutes: float) -> None:
    assert bivalirudin_half_life(kidney) == pytest.approx(minutes, rel=0.01)


def test_steady_bivalirudin_is_dose_over_clearance() -> None:
    level = Thinners(0.0, 0.0)
    for _ in range(4 * 3600):
        level = step(level, thin(2.5, 100.0, 0.0), 1.0)
    assert level.bivalirudin == pytest.approx(12.3, rel=0.02)


@given(st.floats(0.0, 1.5), st.floats(0.01, 3.0))
def test_bivalirudin_prolongs_act_and_aptt_and_leaves_anti_xa_alone(heparin: float, bivalirudin: float) -> None:
    without, with_it = clotting_tests(Thinners(heparin, 0.0)), clotting_tests(Thinners(heparin, bivalirudin))
    assert with_it.anti_xa == without.anti_xa == heparin
    assert with_it.act > without.act and with_it.aptt > without.aptt


def test_assays_end() -> None:
    assert clotting_tests(Thinners(50.0, 50.0)) == (999.0, 200.0, 2.0)


def test_protamine_takes_a_hundred_units_of_heparin_per_milligram_and_no_more_than_there_is() -> None:
    loaded = Thinners(5000.0 / HEPARIN_SPACE, 1.0)
    assert step(loaded, thin(0.0, 0.0, 25.0), 1.0).heparin * HEPARIN_SPACE == pytest.approx(2500.0)
    assert step(loaded, thin(0.0, 0.0, 80.0), 1.0).heparin == 0.0
    assert step(loaded, thin(0.0, 0.0, 80.0), 1.0).bivalirudin == pytest.approx(1.0, rel=1e-3)


# A running patient


@functools.cache
def _column(support: bool, **rows: float) -> dict[str, float]:
    values = {name: quantity.value for name, quantity in load_patient("covid-ards").parameters.items()}
    if not support:
        return column(values, None) | rows
    built = case_of("covid-ards", pf.vv_ecmo(rpm=3400, sweep=4, fdo2=1.0), seconds=600.0).support
    return column(values, built) | circuit_rows(built) | first_circuit() | {"flow_target": 0.0} | rows


def run(support: bool, seconds: float, **rows: float) -> Engine:
    made = engine("ecmo" if support else "patient", [_column(support, **rows)], 1)
    made.advance(seconds)
    return made


def read(made: Engine, row: str) -> float:
    return float(made.get(row)[0])


def test_without_a_pump_free_haemoglobin_platelets_and_hazards_stay() -> None:
    made = run(False, 600.0)
    assert read(made, "free_haemoglobin_pool") == pytest.approx(_column(False)["free_haemoglobin_pool"], rel=1e-3)
    assert read(made, "platelet_pool") == pytest.approx(_column(False)["platelet_pool"], rel=1e-4)
    assert read(made, "pump_hazard") == read(made, "lung_hazard") == read(made, "left_hazard") == 0.0


def test_a_litre_of_saline_dilutes_and_loses_no_platelet() -> None:
    made = run(False, 60.0)
    before = {row: read(made, row) for row in ("platelet_count", "platelet_pool", "fibrinogen_level", "ascending_hb")}
    made.put("infusion_rate", 1000.0 / 60.0)
    made.advance(60.0)
    made.put("infusion_rate", 0.0)
    made.advance(120.0)
    thinned = read(made, "ascending_hb") / before["ascending_hb"]
    assert thinned < 0.93
    assert read(made, "platelet_pool") == pytest.approx(before["platelet_pool"], rel=1e-3)
    assert read(made, "platelet_count") / before["platelet_count"] == pytest.approx(thinned, rel=0.04)
    assert read(made, "fibrinogen_level") < thinned * before["fibrinogen_level"] * 1.02


def test_a_circuit_frees_haemoglobin_and_suction_and_a_clotted_head_more() -> None:
    clean, clotted = (read(run(True, 900.0, pump_clot=c), "free_haemoglobin") for c in (0.0, 0.15))
    sucking = run(True, 900.0, drain1_kink=6.0)
    assert read(sucking, "p_ven") < -150.0
    assert 4.0 < clean < read(sucking, "free_haemoglobin") < clotted


def test_its_prime_dilutes_platelets_as_it_dilutes_haemoglobin() -> None:
    made = run(True, 300.0)
    start = _column(True)
    thinned = read(made, "ascending_hb") / start["hb"]
    assert thinned < 0.97
    assert read(made, "platelet_count") / start["platelets"] == pytest.approx(thinned, rel=0.02)


def test_no_anticoagulation_doubles_the_hazard_and_a_slow_pump_raises_it() -> None:
    bare, covered, slow = (run(True, 120.0, **rows) for rows in ({}, {"heparin": 0.5, "heparin_rate": 1450.0}, {"pump_set": 1500.0}))
    assert read(bare, "lung_hazard") == pytest.approx(2.0 * read(covered, "lung_hazard"), rel=0.02)
    assert read(slow, "lung_hazard") > read(bare, "lung_hazard")
    assert read(bare, "lung_hazard") / read(bare, "pump_hazard") == pytest.approx(0.0047 / 0.0038, rel=1e-6)


def test_a_pump_of_the_heart_is_in_the_same_stage_of_every_structure() -> None:
    """Its rows are parameters here; a HeartMate II's 13.9 % in two years, without and with a vitamin K antagonist."""
    pump = {"left_flow_mean": 75.0, "left_nih": 0.006, "left_nih_flow": 5.0, "left_hazard_rate": 2.05e-4}
    bare, covered, sucking = (run(False, 600.0, **pump, **rows) for rows in ({}, {"inr": 2.5}, {"left_suction": 0.5}))
    assert read(bare, "left_hazard") == pytest.approx(2.5 * read(covered, "left_hazard"), rel=1e-6)
    assert 1.0 - math.exp(-read(covered, "left_hazard") * 2.0 * 365.25 * 144.0) == pytest.approx(0.139, abs=0.01)
    assert read(run(False, 600.0), "free_haemoglobin") < read(bare, "free_haemoglobin") < read(sucking, "free_haemoglobin")


def test_a_fate_that_is_met_clots_the_lung_and_raises_its_pressure_drop() -> None:
    clotting, clean = run(True, 3600.0, lung_fate=1e-5), run(True, 3600.0)
    assert 0.05 < read(clotting, "lung_thrombus") < 0.12 and read(clean, "lung_thrombus") == 0.0
    assert read(clotting, "lung_resistance") > 1.1 * read(clean, "lung_resistance")


def test_the_same_seed_meets_the_same_fate_and_another_another() -> None:
    assert luck(7) == luck(7) and luck(7) != luck(8)
    many = np.array([luck(seed)["lung_fate"] for seed in range(400)])
    assert many.min() > 0.0 and many.mean() == pytest.approx(1.0, abs=0.15)


def test_how_a_run_is_cut_changes_nothing_that_happens_once_a_second() -> None:
    whole, cut = run(True, 9.0), run(True, 0.0)
    for length in (0.02, 0.62, 1.0, 0.36, 3.14, 3.86):
        cut.advance(length)
    assert whole.buffer.tobytes() == cut.buffer.tobytes()


def test_a_case_reports_it_all() -> None:
    steps: Any = [{"at": "30 s", "give": {"platelets": 250}}, {"at": "30 s", "set": {"drug.bivalirudin": "0.15 mg/kg/h"}}]
    done = pf.simulate("covid-ards", pf.vv_ecmo(rpm=3400, sweep=4, fdo2=1.0, start=5), minutes=3, protocol=steps)
    shown = {name: done.trends.column(name).to_pylist() for name in done.trends.column_names}
    assert shown["platelets"][-1] > shown["platelets"][29] + 20.0
    assert shown["aPTT"][-1] > 30.5 and shown["anti_Xa"][-1] == 0.0
    assert shown["plasma_free_Hb"][-1] > min(shown["plasma_free_Hb"]) > 2.0 and 0.0 < shown["membrane_clot_risk"][-1] < 1e-3
    assert math.isfinite(shown["fibrinogen"][-1])
