"""How a quantity moves: a lag, a stiff rate, a bounded and a plain one; one file takes every step."""

import math
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfuse.base.rates import Bounded, Lag, Stiff, advance, approach, confine, follow, implicit, rates_of, step

NUMBER = st.floats(-1e3, 1e3)


class Level(NamedTuple):
    """A state."""

    level: float
    volume: float


@rates_of(Level)
class LevelRates(NamedTuple):
    """How it moves."""

    level: Lag
    volume: Bounded


@given(st.floats(1e-8, 1.0))
def test_a_lag_is_exact_within_its_stated_error(u: float) -> None:
    assert approach(u) == pytest.approx(-math.expm1(-u), rel=u**4 / 700 + 1e-12)


@given(NUMBER, NUMBER, st.floats(1.0, 1e4), st.floats(0.02, 1.0))
def test_a_step_of_a_lag_is_two_of_half_its_length(x: float, target: float, time: float, dt: float) -> None:
    lag = Lag(target, 10.0 * time)
    assert follow(x, lag, dt) == pytest.approx(follow(follow(x, lag, 0.5 * dt), lag, 0.5 * dt), abs=3e-5 * abs(target - x) + 1e-12)


@given(NUMBER, NUMBER, st.floats(0.01, 1e4), st.floats(1e-3, 100.0))
def test_a_lag_never_overshoots_its_target_however_long_the_step(x: float, target: float, time: float, dt: float) -> None:
    y = follow(x, Lag(target, time), dt)
    assert min(x, target) - 1e-9 <= y <= max(x, target) + 1e-9


def test_a_lag_dies_away_to_nothing() -> None:
    assert follow(1.0e-31, Lag(0.0, 10.0), 0.02) == 0.0


@given(NUMBER, st.floats(-1e6, 1e6), st.floats(0.0, 1e9))
def test_a_stiff_rate_is_stable_however_stiff(x: float, drive: float, damping: float) -> None:
    y = implicit(x, Stiff(drive, damping), 1e-3)
    assert math.isfinite(y) and abs(y) <= abs(x) + 1e-3 * abs(drive)


@given(NUMBER, NUMBER, st.floats(1e-3, 1.0))
def test_a_bounded_rate_stops_at_its_limits_and_is_a_plain_one_between_them(x: float, rate: float, dt: float) -> None:
    assert -10.0 <= confine(x, Bounded(rate, -10.0, 10.0), dt) <= 10.0
    assert confine(x, Bounded(rate, -1e9, 1e9), dt) == advance(x, rate, dt)


def test_a_group_moves_field_by_field() -> None:
    moved = step(Level(1.0, 4.0), LevelRates(level=Lag(2.0, 1e9), volume=Bounded(100.0, 0.0, 5.0)), 0.5)
    assert moved == (pytest.approx(1.0), 5.0)


def test_rates_of_other_fields_are_refused() -> None:
    class Misspelt(NamedTuple):
        level: Lag
        volum: Bounded

    with pytest.raises(TypeError, match="Misspelt does not have the fields of Level"):
        rates_of(Level)(Misspelt)
