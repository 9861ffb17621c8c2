"""How sure a curve is can be sampled: a factor on the head for every patient of a cohort."""

import statistics

import pytest

import perfuse as pf
from perfuse.parameters.library import load_device

SUPPORT = [pf.va_ecmo(rpm=3200), pf.device("heartmate3"), pf.device("impella_rp", level=6), pf.device("iabp_40")]


def test_every_pump_of_a_support_gets_a_column_with_its_own_spread() -> None:
    columns = pf.curve_samples(SUPPORT, 4000, seed=3)
    assert set(columns) == {"pump.curve", "lvad.curve", "rvad.curve"}
    for name, model in (("lvad.curve", "heartmate3"), ("rvad.curve", "impella_rp")):
        spread = load_device(model).curve_spread.value  # type: ignore[union-attr]
        assert statistics.mean(columns[name]) == pytest.approx(1.0, abs=0.05 * spread + 0.002)
        assert statistics.pstdev(columns[name]) == pytest.approx(spread, rel=0.05)
        assert max(columns[name]) <= 1.0 + 3.0 * spread
    assert statistics.pstdev(columns["rvad.curve"]) > 3.0 * statistics.pstdev(columns["lvad.curve"]), "an assumed curve is less sure"


def test_the_same_seed_draws_the_same_curves() -> None:
    assert pf.curve_samples(SUPPORT, 5, seed=1) == pf.curve_samples(SUPPORT, 5, seed=1)
    assert pf.curve_samples(SUPPORT, 5, seed=1) != pf.curve_samples(SUPPORT, 5, seed=2)
    assert pf.curve_samples(pf.device("iabp_40"), 5) == {}


def test_a_weaker_curve_pumps_less() -> None:
    patient, pump = {"library": "dilated-heart-failure", "set": {"baroreflex_gain": 0}}, pf.device("heartmate3", established=True)
    usual, weak = (pf.simulate(patient, pump, minutes=2, protocol=[{"at": 1, "set": {"lvad.curve": k}}]).after for k in (1.0, 0.8))
    assert weak["lvad_flow"] < usual["lvad_flow"] - 0.3
