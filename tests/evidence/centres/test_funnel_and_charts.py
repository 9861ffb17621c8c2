"""Funnel, CUSUM and VLAD: identities, exact limits, and false alarms as often as chosen."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import binom

from perfuse.evidence.centres import funnel as module
from perfuse.evidence.centres.charts import centre_cusum, centre_vlad, cusum, limit, scores, vlad
from perfuse.evidence.centres.funnel import funnel, limits, overdispersion, own_limits, poisson_binomial
from perfuse.parameters.problems import InputError

risks = st.lists(st.floats(0.01, 0.99), min_size=1, max_size=60).map(np.array)


@given(risks)
def test_chances_of_deaths_sum_to_one_and_have_the_right_mean(risk: np.ndarray) -> None:
    chances = poisson_binomial(risk)
    assert chances.sum() == pytest.approx(1.0, abs=1e-10)
    assert chances @ np.arange(chances.size) == pytest.approx(risk.sum(), abs=1e-8)


def test_they_are_exact() -> None:
    np.testing.assert_allclose(poisson_binomial(np.full(40, 0.3)), binom.pmf(np.arange(41), 40, 0.3), atol=1e-13)
    risk = np.array([0.1, 0.5, 0.8])
    by_hand = np.zeros(4)
    for deaths in product((0, 1), repeat=3):
        by_hand[sum(deaths)] += np.prod(np.where(deaths, risk, 1 - risk))
    np.testing.assert_allclose(poisson_binomial(risk), by_hand, atol=1e-14)


def test_limits_of_very_large_centres_are_within_one_death_of_the_exact_ones() -> None:
    risk = np.random.default_rng(6).uniform(0.02, 0.6, 3001)
    exact = [module._ends(poisson_binomial(risk), level) for level in module.LEVELS]
    for ours, theirs in zip(own_limits(risk), exact, strict=True):
        assert np.abs(np.array(ours) - theirs).max() <= 1.0


def registry(seed: int, sd: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    centre = np.repeat(np.arange(80), rng.integers(5, 150, 80))
    severity = rng.normal(size=centre.size) + (centre % 5) * 0.3
    risk = expit(-1.0 + severity + (sd * rng.normal(size=80))[centre])
    frame = pd.DataFrame(
        {"died": rng.random(centre.size) < risk, "severity": severity, "centre_id": centre, "risk": expit(-1.0 + severity)}
    )
    return frame.assign(year=2020, run_id=np.arange(len(frame)))


def test_centres_that_differ_by_chance_alone_are_flagged_no_more_often_than_the_limits_say() -> None:
    outside = np.zeros(2)
    for seed in range(25):
        found = funnel(registry(seed), predicted="risk")
        outside += [found.estimates[0].value, found.estimates[1].value]
        assert found.estimates[3].value < 1.6
    assert outside[0] / 25 < 5.5 and outside[1] / 25 < 0.5  # exact limits of whole deaths hold at least 95 and 99.8 %


def test_case_mix_is_held_equal_and_true_differences_show() -> None:
    plain = funnel(registry(1), covariates=["severity"])
    assert plain.estimates[1].value < 2 < plain.estimates[-1].value
    apart = funnel(registry(1, sd=0.8), covariates=["severity"])
    assert apart.estimates[3].value > 2
    assert any("Centres vary" in line for line in apart.warnings)
    assert apart.diagnostics["observed over expected, all centres"] == pytest.approx(1.0, abs=1e-9)
    assert apart.estimates[2].value < apart.estimates[1].value


@settings(max_examples=20, deadline=None)
@given(st.floats(0.1, 0.8), st.floats(1.0, 4.0))
def test_limits_enclose_one_and_close_in(mean: float, dispersion: float) -> None:
    found = limits(np.array([2.0, 400.0]), mean, dispersion)
    for name in ("95", "998"):
        low, high = np.array(found[f"low_{name}"]), np.array(found[f"high_{name}"])
        assert np.all(low <= 1.0 + 1e-9) and np.all(high[5:] >= 1.0 - 1e-9)
        assert high[-1] - low[-1] < high[10] - low[10]
    assert np.all(np.array(found["low_998"]) <= np.array(found["low_95"]) + 1e-12)


@pytest.mark.parametrize("true", [1.0, 1.7, 3.0])
def test_overdispersion_is_told_as_large_as_it_is_though_extremes_are_pulled_in(true: float) -> None:
    z = np.sqrt(true) * np.random.default_rng(4).normal(size=20_000)
    phi, tau = overdispersion(z, np.full(z.size, 30.0), np.full(z.size, 18.0))
    assert phi == pytest.approx(true, rel=0.03)
    assert tau == pytest.approx(np.sqrt((true - 1.0) * 18.0 / 30.0**2), abs=0.02)


def test_outliers_hardly_move_it() -> None:
    z = np.random.default_rng(5).normal(size=2000)
    z[:60] = 12.0
    assert overdispersion(z, np.full(2000, 30.0), np.full(2000, 18.0))[0] < 1.2 < np.mean(z**2) / 3


def test_a_ratio_of_deaths_has_no_limit_below_zero() -> None:
    frame = pd.DataFrame({"died": [1] + [0] * 29, "risk": 0.05, "centre_id": "a", "year": 2020, "run_id": range(30)})
    ratio = next(one for one in centre_vlad(frame, predicted="risk").estimates if one.label.startswith("Observed over"))
    assert ratio.low == 0.0 < ratio.value


@given(risks, st.integers(0, 100))
def test_vlad_ends_at_expected_less_observed_and_cusum_obeys_its_recursion(risk: np.ndarray, seed: int) -> None:
    y = (np.random.default_rng(seed).random(risk.size) < risk).astype(float)
    assert vlad(y, risk)[-1] == pytest.approx(risk.sum() - y.sum(), abs=1e-9)
    for odds in (2.0, 0.5):
        steps, height = scores(y, risk, odds), 0.0
        for i, now in enumerate(cusum(steps)):
            height = max(0.0, height + steps[i])
            assert now == pytest.approx(height, abs=1e-9)


@given(st.floats(0.01, 0.99), st.sampled_from([2.0, 0.5, 3.0]))
def test_a_step_is_the_log_likelihood_ratio_and_falls_on_average_without_change(risk: float, odds: float) -> None:
    changed = odds * risk / (1 - risk + odds * risk)
    dead, alive = scores(np.array([1.0, 0.0]), np.array([risk, risk]), odds)
    assert dead == pytest.approx(np.log(changed / risk), abs=1e-12)
    assert alive == pytest.approx(np.log((1 - changed) / (1 - risk)), abs=1e-12)
    assert risk * dead + (1 - risk) * alive < 0 < changed * dead + (1 - changed) * alive


def test_false_alarms_come_as_often_as_chosen_and_a_change_is_seen() -> None:
    rng = np.random.default_rng(8)
    risk = rng.uniform(0.1, 0.7, 250)
    height = limit(risk, 2.0, 0.05, 4000, 1)
    assert height == limit(risk, 2.0, 0.05, 4000, 1)
    fresh = (rng.random((3000, 250)) < risk).astype(float)
    false = np.mean(cusum(scores(fresh, risk, 2.0)).max(axis=1) >= height)
    assert false == pytest.approx(0.05, abs=0.015)
    worse = (rng.random((500, 250)) < 2 * risk / (1 + risk)).astype(float)
    assert np.mean(cusum(scores(worse, risk, 2.0)).max(axis=1) >= height) > 0.95


def test_one_centre_as_findings() -> None:
    frame = registry(3)
    found, shown = (made(frame, predicted="risk", centre_value="7") for made in (centre_cusum, centre_vlad))
    mine = frame[frame["centre_id"] == 7]
    assert found.n["runs"] == len(mine) == len(found.curves["cusum"]["run"])
    assert shown.estimates[0].value == pytest.approx(mine["risk"].sum() - mine["died"].sum())
    assert shown.estimates[0].value == pytest.approx(shown.curves["vlad"]["vlad"][-1])
    largest = centre_vlad(frame, predicted="risk").diagnostics["centre"]
    assert largest == str(frame["centre_id"].value_counts().idxmax())


def test_wrong_questions_are_refused() -> None:
    frame = registry(3)
    with pytest.raises(InputError, match="no such centre"):
        centre_vlad(frame, predicted="risk", centre_value="c999")
    with pytest.raises(InputError, match="not a chance"):
        funnel(frame, predicted="severity")
    with pytest.raises(InputError, match="case mix or predictions"):
        funnel(frame)
    with pytest.raises(InputError) as caught:
        centre_cusum(frame, predicted="risk", odds_worse=0.5, false_alarm=2.0, simulations=1)
    assert len(caught.value.problems) == 3
