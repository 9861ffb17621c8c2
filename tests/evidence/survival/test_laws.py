"""Laws of the survival estimates: what must hold for any data."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from perfuse.evidence.survival import cumulative_incidence, ecmo_cox, fine_gray, kaplan_meier
from perfuse.evidence.survival.aalen_johansen import aalen_johansen, log_log_interval
from perfuse.evidence.survival.partial_likelihood import fit_hazards
from perfuse.evidence.survival.risk_sets import StartStop, Subdistribution
from perfuse.parameters.problems import InputError

courses = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), min_size=2, max_size=60)


def made(n: int, seed: int, competing: bool = True, censor: float = 40.0) -> pd.DataFrame:
    """Runs by Fine and Gray's own construction: the subdistribution of weaning is proportional, so the truth is known."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    p, beta = 0.6 if competing else 1.0 - 1e-9, np.array([0.5, -0.4])
    rise = np.exp(x @ beta)
    u = rng.random(n)
    share = 1.0 - (1.0 - p) ** rise
    weaned = u < share
    inner = 1.0 - (1.0 - u) ** (1.0 / rise)
    time = np.where(weaned, -10.0 * np.log1p(-np.minimum(inner / p, 1.0 - 1e-12)), rng.exponential(8.0, n))
    label = np.where(weaned, "weaned", "died")
    end = rng.uniform(0.0, censor, n)
    label = np.where(time > end, "still_on", label)
    return pd.DataFrame({"run_days": np.minimum(time, end), "support_ended_by": label, "a": x[:, 0], "b": x[:, 1]})


@given(courses)
@example([(0, 2), (1, 2), (2, 0), (2, 2), (3, 2)])  # the shares sum to 1 and a last digit
@settings(max_examples=80, deadline=None)
def test_incidences_and_who_is_left_add_up_to_one(rows: list[tuple[int, int]]) -> None:
    time, cause = np.array([row[0] for row in rows], dtype=float), np.array([row[1] for row in rows])
    found = aalen_johansen(time, cause, 3)
    assert np.allclose(found.share.sum(axis=0) + found.free, 1.0)
    assert (np.diff(found.share, axis=1) >= -1e-12).all()
    assert (found.variance >= 0.0).all()
    low, high = log_log_interval(found.share, found.variance, 0.95)
    assert ((low <= found.share + 1e-12) & (found.share <= high + 1e-12) & (low >= 0.0) & (high <= 1.0)).all()


@given(courses)
@settings(max_examples=50, deadline=None)
def test_without_censoring_the_incidence_is_the_plain_share_with_its_plain_variance(rows: list[tuple[int, int]]) -> None:
    time, cause = np.array([row[0] for row in rows], dtype=float), np.array([1 + row[1] % 3 for row in rows])
    found = aalen_johansen(time, cause, 3)
    for k in range(3):
        for when in (3.0, 7.0, 12.0):
            share = float(((time <= when) & (cause == k + 1)).mean())
            i = found.at(when)
            assert (found.share[k, i] if i >= 0 else 0.0) == pytest.approx(share)


def test_the_variance_without_ties_is_binomial() -> None:
    rng = np.random.default_rng(5)
    time, cause = rng.permutation(np.arange(1.0, 201.0)), rng.integers(1, 3, 200)
    found = aalen_johansen(time, cause, 2)
    i = found.at(120.0)
    share = found.share[0, i]
    assert found.variance[0, i] == pytest.approx(share * (1.0 - share) / 200.0, rel=0.01)


@given(courses)
@settings(max_examples=40, deadline=None)
def test_with_one_cause_the_incidence_is_one_minus_kaplan_meier(rows: list[tuple[int, int]]) -> None:
    time, died = np.array([row[0] for row in rows], dtype=float), np.array([row[1] % 2 for row in rows])
    if not died.any():
        return
    frame = pd.DataFrame({"t": time, "e": np.where(died == 1, "died", "censored")})
    found = aalen_johansen(time, died, 1)
    when = float(time.max())
    km = kaplan_meier(frame, (when,), time="t", event="e", cause="died").estimates[0].value / 100.0
    assert found.share[0, -1] == pytest.approx(1.0 - km, abs=1e-12)


def test_nothing_depends_on_the_order_of_rows_or_the_unit_of_time() -> None:
    runs = made(400, 3)
    mixed = runs.sample(frac=1.0, random_state=1)
    hours = runs.assign(run_days=24.0 * runs["run_days"])
    base = fine_gray(runs, ["a", "b"], cause="weaned").estimates
    for other in (mixed, hours):
        for one, two in zip(base, fine_gray(other, ["a", "b"], cause="weaned").estimates, strict=True):
            assert (one.value, one.low, one.high) == pytest.approx((two.value, two.low, two.high), rel=1e-8)
    here = cumulative_incidence(runs, (10,)).estimates
    for one, two in zip(here, cumulative_incidence(hours, (240,)).estimates, strict=True):
        assert (one.value, one.low, one.high) == pytest.approx((two.value, two.low, two.high), rel=1e-9)


def test_the_unit_of_a_covariate_moves_its_ratio_by_its_power_only() -> None:
    runs = made(300, 4)
    one = fine_gray(runs, ["a", "b"], cause="weaned").estimates[0]
    ten = fine_gray(runs.assign(a=10.0 * runs["a"]), ["a", "b"], cause="weaned").estimates[0]
    assert one.value == pytest.approx(ten.value**10, rel=1e-8)


def test_without_competing_events_fine_gray_is_cox() -> None:
    runs = made(300, 6, competing=False)
    runs = runs[runs["support_ended_by"] != "died"]
    found = fine_gray(runs, ["a", "b"], cause="weaned")
    time, event = runs["run_days"].to_numpy(), (runs["support_ended_by"] == "weaned").to_numpy()
    x = runs[["a", "b"]].to_numpy()
    cox = fit_hazards(StartStop.of(np.full(time.size, -1.0), time, event), x, ties="breslow")
    assert np.log([one.value for one in found.estimates[:2]]) == pytest.approx(cox.beta, abs=1e-8)
    assert "Nothing competes" in " ".join(found.warnings)


def test_fine_gray_finds_what_the_runs_were_made_with_and_cox_does_not() -> None:
    truth = {"a": 0.5, "b": -0.4}
    found = fine_gray(made(20_000, 8), ["a", "b"], cause="weaned", truth=truth)
    ours, naive = found.estimates[:2], found.estimates[2:]
    for one, true in zip(ours, truth.values(), strict=True):
        assert np.log(one.value) == pytest.approx(true, abs=0.05)
        assert one.truth == pytest.approx(np.exp(true))
    assert abs(np.log(naive[0].value) - 0.5) > 0.05
    assert not any("changes over time" in warning for warning in found.warnings)


def test_intervals_of_fine_gray_cover_as_often_as_they_say() -> None:
    held = [fine_gray(made(250, 100 + i), ["a", "b"], cause="weaned", truth={"a": 0.5}).estimates[0].covers for i in range(200)]
    assert np.mean(held) == pytest.approx(0.95, abs=0.05)  # three standard errors of 200 replicates


def test_intervals_of_the_incidence_cover_as_often_as_they_say() -> None:
    rng = np.random.default_rng(2)
    true = 0.6 * (1.0 - np.exp(-0.1 * 10.0))  # causes 0.06 and 0.04 per day: 60 % of all ends
    held = []
    for _ in range(300):
        time, end = rng.exponential(10.0, 150), rng.uniform(2.0, 40.0, 150)
        cause = np.where(time > end, 0, np.where(rng.random(150) < 0.6, 1, 2))
        found = aalen_johansen(np.minimum(time, end), cause, 2)
        i = found.at(10.0)
        low, high = log_log_interval(found.share[0, i : i + 1], found.variance[0, i : i + 1], 0.95)
        held.append(low[0] <= true <= high[0])
    assert np.mean(held) == pytest.approx(0.95, abs=0.04)


def test_cox_with_a_late_treatment_finds_no_effect_where_there_is_none_and_ever_treated_does() -> None:
    rng = np.random.default_rng(4)
    n = 6000
    severity = rng.normal(size=n)
    death = rng.exponential(12.0 * np.exp(-0.5 * severity))
    begun = rng.exponential(6.0 * np.exp(-0.4 * severity))
    end = np.minimum(death, 60.0)
    frame = pd.DataFrame({"severity": severity, "end_day": end, "ended_by": np.where(death <= 60, "died", "discharged")})
    frame["ecmo_day"] = np.where(begun < end, begun, np.nan)
    found = ecmo_cox(frame, ["severity"], truth=1.0)
    assert found.estimates[0].covers
    assert found.estimates[-1].role == "naive" and found.estimates[-1].value < 0.7
    assert found.diagnostics["immortal_days"] > 0.0


def test_a_hazard_ratio_that_changes_is_warned_of() -> None:
    rng = np.random.default_rng(9)
    n = 4000
    a = (rng.random(n) < 0.5).astype(float)
    early = rng.exponential(1.0 / np.where(a == 1, 0.2, 0.05))
    time = np.where(early < 5.0, early, 5.0 + rng.exponential(1.0 / np.where(a == 1, 0.05, 0.2)))
    frame = pd.DataFrame({"a": a, "end_day": time, "ended_by": "died", "ecmo_day": np.where(rng.random(n) < 0.5, 0.0, np.nan)})
    found = ecmo_cox(frame, ["a"])
    assert any("hazard ratio of a changes" in warning for warning in found.warnings)


def test_the_risk_sets_of_fine_gray_are_those_of_cox_where_nothing_competes() -> None:
    rng = np.random.default_rng(1)
    time, event = rng.integers(1, 9, 50).astype(float), rng.random(50) < 0.6
    one, two = StartStop.of(np.zeros(50), time, event), Subdistribution.of(time, event, np.zeros(50, dtype=bool))
    values = rng.random((50, 3))
    assert np.allclose(one.sums(values), two.sums(values))
    falls = rng.random((one.times.size, 2))
    assert np.allclose(one.exposure(falls), two.exposure(falls))


def test_sums_and_exposure_mirror_each_other() -> None:
    rng = np.random.default_rng(3)
    time, kind = rng.integers(1, 12, 80).astype(float), rng.integers(0, 3, 80)
    for sets in (
        StartStop.of(rng.integers(0, 3, 80) * 0.5, time, kind == 1),
        Subdistribution.of(time, kind == 1, kind == 2),
    ):
        v, h = rng.random((80, 1)), rng.random((sets.times.size, 1))
        assert (sets.sums(v) * h).sum() == pytest.approx((sets.exposure(h) * v).sum())


def test_an_analysis_without_a_maximum_is_refused_in_words() -> None:
    frame = pd.DataFrame({"run_days": [1.0, 2, 3, 4, 5, 6], "support_ended_by": ["weaned"] * 3 + ["still_on"] * 3, "a": [1, 1, 1, 0, 0, 0]})
    with pytest.raises(InputError, match="separates"):
        fine_gray(frame, ["a"], cause="weaned")


def test_where_nobody_or_everybody_had_the_event_there_is_no_interval_of_no_width() -> None:
    frame = pd.DataFrame(
        {"run_days": [1.0, 2, 3, 4, 5, 6], "support_ended_by": ["weaned", "weaned", "still_on", "died", "weaned", "weaned"]}
    )
    by = {one.label: one for one in cumulative_incidence(frame, [0.5, 2.5, 6.0]).estimates if one.role == "method"}
    for label in ("cumulative incidence, died, by day 0.5", "cumulative incidence, died, by day 2.5"):
        assert (by[label].value, by[label].low, by[label].high) == (0.0, None, None)
    assert by["cumulative incidence, weaned, by day 2.5"].low is not None
    alive = kaplan_meier(frame, [0.5, 6.0], cause=["weaned", "died"]).estimates
    assert [(one.value, one.low) for one in alive] == [(100.0, None), (0.0, None)]
