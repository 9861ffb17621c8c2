"""Discrimination and calibration: against brute force and statsmodels, and laws that they obey."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from perfuse.evidence.centres import calibration as cal
from perfuse.evidence.centres.discrimination import auc, auc_interval, roc
from perfuse.evidence.centres.validation import validate_prediction
from perfuse.evidence.wilson import wilson
from perfuse.parameters.problems import InputError


def sample(seed: int, n: int = 800, slope: float = 1.0, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    eta = rng.normal(size=n)
    return (rng.random(n) < expit(eta)).astype(float), expit(slope * eta + shift)


def brute(y: np.ndarray, score: np.ndarray) -> tuple[float, float]:
    """DeLong's area and standard error by comparing every pair."""
    dead, alive = score[y > 0], score[y <= 0]
    wins = (dead[:, None] > alive) + 0.5 * (dead[:, None] == alive)
    return wins.mean(), float(np.sqrt(wins.mean(axis=1).var(ddof=1) / dead.size + wins.mean(axis=0).var(ddof=1) / alive.size))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(20, 120), st.integers(1, 9))
def test_the_area_and_its_error_are_delongs(seed: int, n: int, levels: int) -> None:
    rng = np.random.default_rng(seed)
    y, score = (np.arange(n) % 3 == 0).astype(float), rng.integers(0, levels + 1, n).astype(float)
    assert auc(y, score) == pytest.approx(brute(y, score), abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000))
def test_it_does_not_change_under_a_rising_function_and_turns_around_under_a_falling_one(seed: int) -> None:
    y, p = sample(seed, 150)
    area, se = auc(y, p)
    assert auc(y, np.exp(3 * p)) == pytest.approx((area, se), abs=1e-12)
    assert auc(y, -p)[0] == pytest.approx(1 - area, abs=1e-12)
    low, high = auc_interval(area, se)
    assert 0 <= low <= area <= high <= 1
    curve = roc(y, p, points=10_000)
    assert np.trapezoid(curve["true_positive"], curve["false_positive"]) == pytest.approx(area, abs=1e-9)


def test_intercept_and_slope_are_those_of_statsmodels() -> None:
    import statsmodels.api as sm

    y, p = sample(1, slope=1.6, shift=0.4)
    eta = cal.log_odds(p)
    line, shift = (
        sm.Logit(y, sm.add_constant(eta)).fit(disp=0),
        sm.GLM(y, np.ones(y.size), sm.families.Binomial(), offset=eta).fit(cov_type="HC0"),
    )
    found = cal.calibrated(y, p)
    np.testing.assert_allclose(found.line.beta, line.params, rtol=1e-6)
    np.testing.assert_allclose(found.line.se, line.bse, rtol=1e-5)
    assert found.shift == pytest.approx((shift.params[0], shift.bse[0]), rel=1e-6)


def test_calibration_in_the_large_is_as_uncertain_as_it_varies_though_the_slope_is_wrong() -> None:
    drawn = [cal.calibrated(*sample(seed, 400, slope=1.8, shift=0.4)).shift for seed in range(400)]
    spread, told = np.std([one for one, _ in drawn]), np.mean([se for _, se in drawn])
    assert told == pytest.approx(spread, rel=0.1)  # a standard deviation of 400 has an error of 3.5 %


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.floats(0.4, 2.0), st.floats(-1.0, 1.0))
def test_what_was_recalibrated_is_calibrated(seed: int, slope: float, shift: float) -> None:
    y, p = sample(seed, 600, slope, shift)
    again = cal.calibrated(y, cal.recalibrate(y, p, "slope"))
    assert again.line.beta == pytest.approx([0.0, 1.0], abs=1e-6)
    assert cal.calibrated(y, cal.recalibrate(y, p, "intercept")).shift[0] == pytest.approx(0.0, abs=1e-6)
    rising = cal.recalibrate(y, p, "isotonic")
    assert np.all(np.diff(rising[np.argsort(p)]) >= -1e-12)
    assert rising.mean() == pytest.approx(y.mean(), abs=1e-12)
    assert cal.brier(y, rising)[0] <= cal.brier(y, p)[0] + 1e-12
    assert auc(y, cal.recalibrate(y, p, "slope"))[0] == pytest.approx(auc(y, p)[0], abs=1e-12)


def test_brier_scores_are_bounded_as_they_should_be() -> None:
    y, p = sample(2)
    assert cal.brier(y, y) == (0.0, 1.0)
    score, scaled = cal.brier(y, np.full(y.size, y.mean()))
    assert score == pytest.approx(y.mean() * (1 - y.mean())) and scaled == pytest.approx(0.0, abs=1e-12)
    assert 0 < cal.brier(y, p)[1] < 1


def test_net_benefit_is_its_definition_and_acting_for_all_meets_nobody_at_the_prevalence() -> None:
    y, p = sample(3)
    thresholds = np.array([0.1, 0.35, 0.8])
    found = cal.net_benefit(y, p, thresholds)
    for t, benefit in zip(thresholds, found["model"], strict=True):
        act = p >= t
        assert benefit == pytest.approx(np.mean(act & (y > 0)) - np.mean(act & (y <= 0)) * t / (1 - t), abs=1e-12)
    assert cal.net_benefit(y, p, np.array([y.mean()]))["everybody"][0] == pytest.approx(0.0, abs=1e-12)


def test_intervals_of_calibration_hold_the_truth_of_a_right_model() -> None:
    hits = np.zeros(3)
    for seed in range(100):
        y, p = sample(seed, 500)
        by = {one.label: one for one in validate_prediction(pd.DataFrame({"died": y, "p": p}), predicted="p").estimates}
        slope, large = by["Calibration slope (1 is right)"], by["Calibration in the large (intercept with slope 1; 0 is right)"]
        area = by["Area under the ROC curve"]
        hits += [slope.low <= 1 <= slope.high, large.low <= 0 <= large.high, area.low <= 0.7402 <= area.high]
    assert np.all(hits >= 88)  # 95 expected, standard deviation 2.2; 0.7402: the area of a standard normal log odds, 4 million draws


def test_too_extreme_predictions_are_said_to_be() -> None:
    y, p = sample(5, 3000, slope=2.0)
    found = validate_prediction(
        pd.DataFrame({"died": y, "p": p, "c": np.where(p > 0.5, "I", "II")}), predicted="p", label="c", published={"I": 99}
    )
    assert any("too extreme" in line for line in found.warnings)
    rows = {row["class"]: row for row in found.diagnostics["classes"]}
    assert rows["I"]["published lies within"] == "no" and rows["II"]["published, %"] is None
    low, high = wilson((y[p > 0.5]).sum(), (p > 0.5).sum())
    assert (rows["I"]["low"], rows["I"]["high"]) == pytest.approx((100 * low, 100 * high))
    assert found.curves["calibration"]["predicted"][0] < found.curves["calibration"]["predicted"][-1]


def test_wilsons_interval_is_that_of_statsmodels() -> None:
    from statsmodels.stats.proportion import proportion_confint

    for events, n in ((0, 12), (5, 12), (12, 12), (311, 1000)):
        assert wilson(events, n) == pytest.approx(proportion_confint(events, n, method="wilson"), abs=1e-12)


def test_what_is_no_prediction_is_refused() -> None:
    y, p = sample(6, 100)
    with pytest.raises(InputError, match="not a chance"):
        validate_prediction(pd.DataFrame({"died": y, "p": 100 * p}), predicted="p")
    with pytest.raises(InputError, match="never varies"):
        validate_prediction(pd.DataFrame({"died": 0.0 * y, "p": p}), predicted="p")
    with pytest.raises(InputError, match="no such column"):
        validate_prediction(pd.DataFrame({"died": y, "p": p}), predicted="q")
