"""Water between blood and tissue: where it goes, and what it carries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfuse.physiology.blood import co2_content
from perfuse.physiology.tissue_water import capillary_pressure, plasma_water, water_moved

SVR = 0.84  # mmHg s/mL, 14 mmHg min/L


def test_capillary_pressure_lies_between_vein_and_artery_nearer_to_the_vein() -> None:
    at_rest = capillary_pressure(6.0, 84.0, 93.0, SVR)
    assert 15.0 <= at_rest <= 20.0


def test_arterioles_that_tighten_hardly_raise_it_and_vessels_that_widen_lower_it() -> None:
    """The same flow through a resistance higher by a half, and twice the flow at the same pressure."""
    at_rest = capillary_pressure(6.0, 6.0 + 78.0, 78.0 / SVR, SVR)
    tight = capillary_pressure(6.0, 6.0 + 117.0, 78.0 / SVR, SVR)
    assert at_rest < tight < 6.0 + 0.15 * 117.0
    assert capillary_pressure(6.0, 6.0 + 60.0, 2.0 * 60.0 / SVR, SVR) < at_rest


@given(st.floats(5.0, 40.0), st.floats(5.0, 40.0), st.floats(0.0, 0.5))
def test_water_moves_towards_balance(balance: float, capillary: float, filtration: float) -> None:
    moved = water_moved(balance, capillary, filtration, 0.0, 1500.0, 0.02)
    assert moved * (balance - capillary) >= 0.0
    assert moved == pytest.approx(0.02 * filtration * (balance - capillary))


def test_no_step_takes_more_than_a_twentieth_of_the_blood() -> None:
    assert water_moved(10.0, 10.0, 0.1, 1e6, 1000.0, 0.02) == -50.0


def test_plasma_water_carries_plasma_gas_and_no_haemoglobin() -> None:
    water = plasma_water(40.0, 46.0, 7.37, 37.0)
    assert water.water_hb == 0.0 and water.water_temp == 37.0
    assert water.water_o2 == pytest.approx(0.0012, rel=0.01)
    assert water.water_co2 == pytest.approx(co2_content(46.0, 7.37, 0.0, 0.75, 37.0), rel=0.02)
