"""E-values: published examples and what must hold."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfuse.evidence.causal.e_value import as_risk_ratio, e_value, of_estimate, sensitivity
from perfuse.parameters.problems import InputError


def test_the_example_of_the_paper() -> None:
    # VanderWeele and Ding 2017: risk ratio 3.9 (1.8 to 8.7) gives E-values 7.26 and 3.0
    point, limit = of_estimate(3.9, 1.8, 8.7)
    assert point == pytest.approx(7.26, abs=0.005)
    assert limit == pytest.approx(3.0, abs=0.005)


@given(st.floats(0.02, 50.0))
def test_it_is_the_same_from_both_sides_and_never_below_the_ratio(ratio: float) -> None:
    assert e_value(ratio) == pytest.approx(e_value(1.0 / ratio), rel=1e-12)
    assert e_value(ratio) >= max(ratio, 1.0 / ratio) - 1e-12
    assert e_value(1.0) == 1.0


@given(st.floats(1.01, 30.0))
def test_a_confounder_of_that_strength_just_explains_it(ratio: float) -> None:
    e = e_value(ratio)
    assert e * e / (2 * e - 1) == pytest.approx(ratio, rel=1e-9)  # the bias factor of Ding and VanderWeele


@given(st.floats(0.05, 20.0))
def test_odds_and_hazard_ratios_keep_their_side_and_shrink_towards_one(ratio: float) -> None:
    for measure in ("or", "hr"):
        taken = as_risk_ratio(ratio, measure)
        assert (taken - 1) * (ratio - 1) >= 0
        assert abs(math.log(taken)) <= abs(math.log(ratio)) + 1e-12
        assert as_risk_ratio(ratio, measure, rare=True) == ratio


def test_an_interval_that_holds_no_effect_needs_nothing() -> None:
    found = sensitivity(0.76, 0.55, 1.04)
    assert found.estimates[1].value == 1.0
    assert any("nothing has to be explained" in line for line in found.warnings)
    assert sensitivity(0.5, 0.4, 0.8).estimates[1].value == pytest.approx(e_value(0.8))


def test_wrong_numbers_are_told() -> None:
    with pytest.raises(InputError) as caught:
        sensitivity(-1.0, 2.0, None, measure="risk")
    assert len(caught.value.problems) == 3
    with pytest.raises(InputError, match="does not hold the value"):
        sensitivity(2.0, 3.0, 4.0)
