"""Arithmetic of our own keeps the errors that it states."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfuse.ops import cbrt_, cos_, exp_, four_reciprocals, log_, power, two_reciprocals

far_from_zero = st.floats(1e-3, 1e6) | st.floats(-1e6, -1e-3)


@given(st.floats(-20.0, 20.0))
def test_the_exponential_is_right_to_2e_11_where_equations_use_it(x: float) -> None:
    assert exp_(x) == pytest.approx(math.exp(x), rel=2e-11)


@given(st.floats(-80.0, 80.0))
def test_the_exponential_is_right_to_1e_6_up_to_its_ends(x: float) -> None:
    assert exp_(x) == pytest.approx(math.exp(x), rel=1e-6)


@given(st.floats(80.0, 1e300))
def test_the_exponential_is_held_beyond_its_ends(x: float) -> None:
    assert (exp_(x), exp_(-x)) == (exp_(80.0), exp_(-80.0))


@given(st.floats(-20.0, 20.0), st.floats(1e-9, 1.0))
def test_the_exponential_never_falls(x: float, more: float) -> None:
    assert exp_(x + more) >= exp_(x) * (1.0 - 4e-14)


@given(st.floats(1e-9, 1e9))
def test_the_logarithm_is_right_to_1e_9(x: float) -> None:
    assert log_(x) == pytest.approx(math.log(x), abs=1e-9)


@given(st.floats(1e-3, 1e3), st.floats(-2.0, 3.0))
def test_a_power_is_an_exponential_of_a_logarithm(x: float, n: float) -> None:
    assert power(x, n) == pytest.approx(x**n, rel=1e-8)


@given(st.floats(1.0, 1000.0))
def test_the_cube_root_is_right_to_2e_8(x: float) -> None:
    assert cbrt_(x) == pytest.approx(x ** (1.0 / 3.0), rel=2e-8)


@given(st.floats(-math.pi / 2, 1.5 * math.pi))
def test_the_cosine_is_right_to_1e_7(x: float) -> None:
    assert cos_(x) == pytest.approx(math.cos(x), abs=1e-7)


@given(far_from_zero, far_from_zero, far_from_zero, far_from_zero)
def test_reciprocals_of_one_division_are_those_of_one_each(a: float, b: float, c: float, d: float) -> None:
    assert tuple(two_reciprocals(a, b)) == pytest.approx((1.0 / a, 1.0 / b), rel=1e-15)
    assert tuple(four_reciprocals(a, b, c, d)) == pytest.approx((1.0 / a, 1.0 / b, 1.0 / c, 1.0 / d), rel=1e-15)
