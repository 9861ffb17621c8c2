"""Blood gases: the published tables, and the laws that the equations must keep."""

import csv
import math
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from perfuse.engine.kernel import mapped
from perfuse.physiology.acid_base import base_excess as van_slyke
from perfuse.physiology.acid_base import (
    hco3,
    oxygenated_base_excess,
    pco2_from_37,
    pco2_to_37,
    ph_from_37,
    ph_of,
    ph_to_37,
)
from perfuse.physiology.alveolar_gas import alveolar_gas, alveolar_gas_short, alveolar_ventilation_pco2
from perfuse.physiology.blood import Gas, co2_content, contents_of, gas_of, gas_step, o2_content, so2
from perfuse.physiology.viscosity import viscosity

haemoglobin = st.floats(4.0, 20.0)
bases = st.floats(-20.0, 20.0)
warmth = st.floats(15.0, 42.0)
tensions = st.floats(math.log(5.0), math.log(700.0)).map(math.exp)
carbonic = st.floats(math.log(2.0), math.log(200.0)).map(math.exp)


def p50(ph: float, pco2: float, temperature: float) -> float:
    low, high = 1.0, 200.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if so2(middle, ph, pco2, temperature) < 0.5 else (low, middle)
    return low


def blood(po2: float, pco2: float, hb: float, base: float, temperature: float) -> Gas:
    """A consistent blood gas; draws whose pH lies outside what the curves are known for are left out."""
    s = 0.5
    for _ in range(80):
        ph = ph_from_37(ph_of(pco2_to_37(pco2, temperature), base, hb, s), temperature)
        s = 0.5 * (s + so2(po2, ph, pco2, temperature))
    assume(6.6 <= ph_to_37(ph, temperature) <= 7.9)
    return Gas(po2, pco2, ph, so2(po2, ph, pco2, temperature))


@pytest.mark.parametrize(
    ("po2", "percent", "within"),
    [
        (10, 9.58, 0.8),
        (30, 57.54, 0.8),
        (40, 74.69, 0.8),
        (60, 90.85, 0.8),
        (70, 94.06, 0.5),
        (90, 96.88, 0.5),
        (100, 97.49, 0.5),
        (300, 99.53, 0.5),
    ],
)
def test_saturation_meets_the_measured_table(po2: float, percent: float, within: float) -> None:
    assert 100.0 * so2(po2, 7.40, 40.0, 37.0) == pytest.approx(percent, abs=within)


@pytest.mark.parametrize(
    ("ph", "pco2", "temperature", "low", "high"),
    [(7.40, 40, 37, 26.5, 27.1), (7.20, 40, 37, 30.5, 33.5), (7.40, 40, 40, 31.1, 32.2), (7.40, 80, 37, 27.5, 30.0)],
)
def test_p50_shifts_with_acid_heat_and_co2(ph: float, pco2: float, temperature: float, low: float, high: float) -> None:
    assert low <= p50(ph, pco2, temperature) <= high


@pytest.mark.parametrize(
    ("ph", "hb", "s", "pco2", "ml_dl", "within"),
    [
        (7.51, 16.5, 0.93, 28.6, 40.3, 2.5),
        (7.351, 18.4, 0.389, 42.1, 45.2, 2.5),
        (7.455, 17.5, 0.893, 31.7, 40.9, 2.5),
        (7.383, 16.5, 0.467, 48.3, 52.7, 2.5),
        (7.40, 15.0, 0.975, 40.0, 47.0, 1.5),
        (7.37, 15.0, 0.75, 46.0, 51.5, 1.5),
    ],
)
def test_co2_content_meets_measured_and_textbook_blood(ph: float, hb: float, s: float, pco2: float, ml_dl: float, within: float) -> None:
    assert 100.0 * co2_content(pco2, ph, hb, s, 37.0) == pytest.approx(ml_dl, abs=within)


def test_co2_content_stays_within_1_8_of_loeppkys_shipped_samples() -> None:
    text = files("perfuse.evidence").joinpath("data/co2_content_douglas1988.csv").read_text(encoding="utf-8")
    rows = [{k: float(v) for k, v in row.items() if k != "sample_type"} for row in csv.DictReader(text.splitlines())]
    misses = [
        100.0 * co2_content(r["pco2_torr"], r["ph"], r["haemoglobin_g_dl"], r["so2_fraction"], 37.0) - r["blood_co2_content_ml_dl"]
        for r in rows
    ]
    assert len(rows) == 24
    assert math.sqrt(sum(m * m for m in misses) / len(misses)) <= 1.8


def test_henderson_hasselbalch_gives_the_closed_form() -> None:
    assert hco3(7.39, 40.0) == pytest.approx(24.0, rel=0.01)
    assert hco3(7.25, 60.0) == pytest.approx(26.0, rel=0.01)


def test_van_slyke_gives_minus_12_at_ph_7_20_and_bicarbonate_15() -> None:
    assert van_slyke(7.20, 15.0, 15.0) == pytest.approx(-12.0, abs=0.7)


def test_arterial_o2_content_is_19_9() -> None:
    assert 100.0 * o2_content(100.0, 0.975, 15.0, 37.0) == pytest.approx(19.9, abs=0.1)


def test_the_alveolar_equations_give_the_closed_forms() -> None:
    assert alveolar_gas(0.2093, 40.0, 0.8, 760.0) == pytest.approx(101.8, abs=2.0)
    assert alveolar_gas_short(0.2093, 40.0, 0.8, 760.0) == pytest.approx(99.7, abs=2.0)
    assert alveolar_ventilation_pco2(200.0 / 60.0, 4300.0 / 60.0) == pytest.approx(40.1, abs=1.0)


@pytest.mark.parametrize(("shunt", "po2", "percent"), [(0.2, 264.0, 99.9), (0.3, 100.0, 97.7), (0.5, 48.0, 83.3)])
def test_a_shunt_on_pure_oxygen_lowers_po2_as_published(shunt: float, po2: float, percent: float) -> None:
    hb, extraction = 14.0, 250.0 / 5000.0
    end = alveolar_gas(1.0, 40.0, 0.8, 760.0)
    # ca = cc - extraction shunt/(1 - shunt), read back at PCO2 40 and pH 7.40
    ca = o2_content(end, so2(end, 7.40, 40.0, 37.0), hb, 37.0) - extraction * shunt / (1.0 - shunt)
    arterial = gas_of(ca, co2_content(40.0, 7.40, hb, 0.98, 37.0), hb, 0.0, 37.0)
    assert arterial.po2 == pytest.approx(po2, rel=0.06)
    assert 100.0 * arterial.so2 == pytest.approx(percent, abs=1.0)


@given(st.floats(0.0, 690.0), st.floats(6.6, 7.9), st.floats(1.0, 200.0), warmth, st.floats(0.01, 10.0))
def test_saturation_rises_with_po2_and_stays_between_0_and_1(po2: float, ph: float, pco2: float, t: float, more: float) -> None:
    assert 0.0 <= so2(po2, ph, pco2, t) <= so2(po2 + more, ph, pco2, t) <= 1.0


@given(st.floats(5.0, 150.0), st.floats(6.6, 7.8), st.floats(1.0, 190.0), st.floats(15.0, 41.0))
def test_acid_co2_and_heat_each_release_oxygen(po2: float, ph: float, pco2: float, t: float) -> None:
    here = so2(po2, ph, pco2, t)
    assert so2(po2, ph + 0.1, pco2, t) > here
    assert so2(po2, ph, pco2 + 10.0, t) < here
    assert so2(po2, ph, pco2, t + 1.0) < here


@given(st.floats(0.5, 249.0), haemoglobin, bases, st.floats(0.0, 1.0), warmth)
def test_co2_content_rises_with_pco2_at_any_haemoglobin_and_base_excess(pco2: float, hb: float, be: float, s: float, t: float) -> None:
    contents = [
        co2_content(p, ph_from_37(ph_of(pco2_to_37(p, t), be, hb, s), t), hb, s, t) for p in (0.0 + 1e-3, pco2, pco2 * 1.004 + 1e-3)
    ]
    assert 0.0 < contents[0] < contents[1] < contents[2]


@given(st.floats(1.0, 200.0), bases, haemoglobin, st.floats(0.0, 1.0))
def test_ph_meets_henderson_hasselbalch_and_van_slyke_at_once(pco2: float, be: float, hb: float, s: float) -> None:
    ph = ph_of(pco2, be, hb, s)
    assert oxygenated_base_excess(ph, pco2, hb, s) == pytest.approx(be, abs=1e-6)


def test_haldane_venous_blood_holds_more_co2_and_less_acid_than_its_arterial_twin() -> None:
    red, blue = (ph_of(46.0, 0.0, 15.0, s) for s in (1.0, 0.7))
    assert red < blue < red + 0.03
    assert co2_content(46.0, blue, 15.0, 0.7, 37.0) > co2_content(46.0, red, 15.0, 1.0, 37.0) + 0.005


@given(tensions, carbonic, haemoglobin, bases, warmth)
@settings(max_examples=150, deadline=None)
def test_contents_give_back_the_blood_gas_and_the_gas_its_contents(po2: float, pco2: float, hb: float, be: float, t: float) -> None:
    held = contents_of(blood(po2, pco2, hb, be, t), hb, t)
    back = gas_of(held.o2, held.co2, hb, be, t)
    again = contents_of(Gas(back.po2, back.pco2, back.ph, so2(back.po2, back.ph, back.pco2, t)), hb, t)
    assert again.o2 == pytest.approx(held.o2, abs=1e-6)
    assert again.co2 == pytest.approx(held.co2, abs=1e-6)
    assert back.pco2 == pytest.approx(pco2, rel=1e-4)


def test_the_severest_blood_is_solved_too() -> None:
    for po2, pco2, hb, be, t in ((15.0, 150.0, 5.0, -20.0, 20.0), (8.0, 180.0, 4.0, -15.0, 37.0), (650.0, 8.0, 20.0, 15.0, 30.0)):
        ph = ph_from_37(ph_of(pco2_to_37(pco2, t), be, hb, 0.5), t)
        held = contents_of(Gas(po2, pco2, ph, so2(po2, ph, pco2, t)), hb, t)
        back = gas_of(held.o2, held.co2, hb, be, t)
        again = contents_of(back, hb, t)
        assert again.o2 == pytest.approx(held.o2, abs=1e-6)
        assert again.co2 == pytest.approx(held.co2, abs=1e-6)
        assert back.ph == pytest.approx(ph_from_37(ph_of(pco2_to_37(back.pco2, t), be, hb, back.so2), t), abs=1e-6)


@given(
    tensions, carbonic, haemoglobin, bases, warmth, st.floats(0.0, 760.0), st.floats(0.5, 250.0), st.floats(6.6, 7.9), st.floats(0.0, 1.0)
)
@settings(max_examples=150, deadline=None)
def test_steps_from_any_earlier_gas_stay_in_range_and_arrive(
    po2: float, pco2: float, hb: float, be: float, t: float, from_po2: float, from_pco2: float, from_ph: float, from_so2: float
) -> None:
    held = contents_of(blood(po2, pco2, hb, be, t), hb, t)
    gas = Gas(from_po2, from_pco2, from_ph, from_so2)
    for _ in range(40):
        gas = gas_step(held.o2, held.co2, hb, be, t, gas)
        assert 0.0 <= gas.po2 <= 760.0
        assert 0.5 <= gas.pco2 <= 250.0
        assert 0.0 <= gas.so2 <= 1.0
    there = contents_of(gas, hb, t)
    assert there.o2 == pytest.approx(held.o2, abs=1e-6)
    assert there.co2 == pytest.approx(held.co2, abs=1e-6)


@given(st.floats(-0.1, 0.6), st.floats(-0.1, 2.0), haemoglobin, bases, warmth)
@settings(deadline=None)
def test_impossible_contents_still_give_a_gas_in_range(o2: float, co2: float, hb: float, be: float, t: float) -> None:
    gas = gas_of(o2, co2, hb, be, t)
    assert 0.0 <= gas.po2 <= 760.0
    assert 0.5 <= gas.pco2 <= 250.0
    assert 5.5 < gas.ph < 9.6


def test_one_step_follows_contents_that_drift_as_in_20_ms() -> None:
    hb, be, t = 12.0, -2.0, 37.0
    gas = gas_of(0.10, 0.52, hb, be, t)
    for i in range(1, 375):
        o2, co2 = 0.10 + 2e-4 * i, 0.52 - 1e-4 * i
        gas = gas_step(o2, co2, hb, be, t, gas)
        held = contents_of(gas, hb, t)
        assert held.o2 == pytest.approx(o2, abs=2e-5)
        assert held.co2 == pytest.approx(co2, abs=2e-5)


@given(st.floats(24.0, 27.0), st.floats(25.0, 80.0), haemoglobin, st.floats(-8.0, 8.0), st.floats(20.0, 40.0))
@settings(max_examples=60, deadline=None)
def test_cooling_sealed_blood_moves_pco2_and_ph_as_analysers_correct_them(po2: float, pco2: float, hb: float, be: float, t: float) -> None:
    warm = blood(po2, pco2, hb, be, 37.0)
    held = contents_of(warm, hb, 37.0)
    cold = gas_of(held.o2, held.co2, hb, be, t)
    assert cold.pco2 == pytest.approx(pco2_from_37(pco2, t), rel=0.01)
    assert cold.ph == pytest.approx(ph_from_37(warm.ph, t), abs=0.005)
    assert math.log10(cold.po2 / warm.po2) == pytest.approx(0.031 * (t - 37.0), abs=0.02)


def test_blood_of_haematocrit_35_has_2_7_mpa_s_and_thickens_in_the_cold() -> None:
    assert viscosity(35.0 / 3.0, 37.0) == pytest.approx(2.7, abs=0.05)
    assert viscosity(12.0, 27.0) == pytest.approx(1.2 * viscosity(12.0, 37.0))
    assert viscosity(8.0, 37.0) < viscosity(12.0, 37.0)


@given(st.lists(st.tuples(st.floats(0.01, 0.25), st.floats(0.1, 0.8), haemoglobin, bases, warmth), min_size=1, max_size=9))
@settings(deadline=None)
def test_built_and_plain_python_give_the_same_bits(samples: list[tuple[float, float, float, float, float]]) -> None:
    built = mapped(gas_of)(np.array(samples).T)
    assert built.tobytes() == np.array([gas_of(*one) for one in samples]).T.tobytes()
