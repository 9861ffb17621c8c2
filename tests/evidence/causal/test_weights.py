"""Weights balance what they claim, and risks and intervals are those of statsmodels' estimating equations."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from perfuse.evidence.causal.balance import balance, moments
from perfuse.evidence.causal.propensity import propensity
from perfuse.evidence.causal.weighting import weighting
from perfuse.evidence.causal.weights import effective, weights
from perfuse.parameters.problems import InputError

ORACLES = Path(__file__).parents[2] / "oracles"
COVARIATES = ["severity", "age", "lactate", "era"]


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return pd.read_csv(ORACLES / "causal_data.csv")


def one(found, label):  # type: ignore[no-untyped-def]
    return next(estimate for estimate in found.estimates if estimate.label == label)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(60, 400))
def test_overlap_weights_balance_the_means_exactly(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    frame = pd.DataFrame(x, columns=["a", "b", "c"]).assign(t=rng.random(n) < expit(x[:, 0] - 0.3), y=rng.random(n) < 0.5)
    found = propensity(frame, "t", ["a", "b", "c"])
    given = weights(found.score, found.treated, "ATO")
    for row in balance(found.x, found.names, found.treated, given.weights):
        assert abs(row["SMD after"]) < 1e-9


def test_inverse_probability_weights_bring_both_arms_to_their_population(data: pd.DataFrame) -> None:
    found = propensity(data, "treated", COVARIATES)
    everybody = weights(found.score, found.treated, "ATE").weights
    treated = weights(found.score, found.treated, "ATT").weights
    whole, _ = moments(found.x, np.ones(len(data)))
    own, _ = moments(found.x[found.treated], np.ones(found.treated.sum()))
    spread = found.x.std(axis=0)
    for arm in (found.treated, ~found.treated):
        assert np.all(np.abs(moments(found.x[arm], everybody[arm])[0] - whole) < 0.15 * spread)
        assert np.all(np.abs(moments(found.x[arm], treated[arm])[0] - own) < 0.15 * spread)
    assert np.all(treated[found.treated] == 1.0)


@pytest.mark.parametrize(("estimand", "group"), [("ATE", "all"), ("ATT", 1)])
def test_risks_and_intervals_are_those_of_statsmodels(data: pd.DataFrame, estimand: str, group: object) -> None:
    import statsmodels.api as sm
    from statsmodels.treatment.treatment_effects import TreatmentEffect

    found = weighting(data, treatment="treated", outcome="died", covariates=COVARIATES, estimand=estimand)
    x = sm.add_constant(data[["severity", "age", "lactate"]].assign(late=(data["era"] == "late").astype(float)))
    chance = sm.Logit(data["treated"], x).fit(disp=0)
    theirs = TreatmentEffect(sm.OLS(data["died"].astype(float), x), data["treated"].to_numpy(), results_select=chance)
    theirs = theirs.ipw(effect_group=group)
    ours = one(found, "Risk difference, weighted")
    assert ours.value == pytest.approx(100 * float(np.ravel(theirs.effect)[0]), rel=1e-6)
    if estimand == "ATE":
        assert (ours.high - ours.low) / (2 * 1.959963984540054) == pytest.approx(100 * theirs.results_gmm.bse[0], rel=1e-4)


def test_the_bootstrap_agrees_with_the_sandwich(data: pd.DataFrame) -> None:
    found = weighting(data, treatment="treated", outcome="died", covariates=COVARIATES, estimand="ATO", bootstrap=400, seed=3)
    robust, resampled = one(found, "Risk difference, weighted"), one(found, "Risk difference, weighted, bootstrap interval")
    assert (resampled.high - resampled.low) / (robust.high - robust.low) == pytest.approx(1.0, abs=0.12)
    again = weighting(data, treatment="treated", outcome="died", covariates=COVARIATES, estimand="ATO", bootstrap=400, seed=3)
    assert again.as_data() == found.as_data()


def test_stabilising_changes_no_risk_and_truncation_is_said(data: pd.DataFrame) -> None:
    kwargs = {"treatment": "treated", "outcome": "died", "covariates": COVARIATES}
    plain, stable = weighting(data, **kwargs), weighting(data, stabilised=True, **kwargs)
    assert one(stable, "Risk ratio, weighted").value == pytest.approx(one(plain, "Risk ratio, weighted").value, rel=1e-12)
    assert one(stable, "Risk ratio, weighted").low == pytest.approx(one(plain, "Risk ratio, weighted").low, rel=1e-10)
    cut = weighting(data, truncate=90, **kwargs)
    assert "beyond percentile 90" in cut.diagnostics["truncated"]
    assert any("Truncated" in line for line in cut.warnings)
    assert cut.diagnostics["largest weight over the mean of its arm"] < plain.diagnostics["largest weight over the mean of its arm"]


def test_the_effective_sample_size_is_that_of_equal_weights_at_most() -> None:
    assert effective(np.ones(7)) == pytest.approx(7)
    assert effective(np.array([1.0, 1.0, 10.0])) < 3


def test_intervals_cover_the_truth_where_the_crude_ones_never_do() -> None:
    rng = np.random.default_rng(11)
    n, rounds, hits = 1200, 150, {"ATE": 0, "ATO": 0}
    big = rng.normal(size=400_000)
    e, base = expit(-0.7 + 0.8 * big), expit(-0.4 + 0.9 * big)
    with_it = expit(-0.4 + 0.9 * big - 0.5)
    truth = {
        "ATE": 100 * float(np.mean(with_it - base)),
        "ATO": 100 * float(np.average(with_it - base, weights=e * (1 - e))),
    }
    missed = 0
    for _ in range(rounds):
        s = rng.normal(size=n)
        t = rng.random(n) < expit(-0.7 + 0.8 * s)
        frame = pd.DataFrame({"s": s, "t": t, "y": rng.random(n) < expit(-0.4 + 0.9 * s - 0.5 * t)})
        for estimand in hits:
            known = {"risk_difference": truth[estimand]}
            found = weighting(frame, treatment="t", outcome="y", covariates=["s"], estimand=estimand, truth=known)
            hits[estimand] += one(found, "Risk difference, weighted").covers
            missed += not one(found, "Risk difference, crude").covers
    for estimand, number in hits.items():  # 95 % of 150 is 142.5, standard deviation 2.7
        assert 134 <= number <= 150, estimand
    assert missed > 290


def test_wrong_choices_are_told_together(data: pd.DataFrame) -> None:
    with pytest.raises(InputError) as caught:
        weighting(data, treatment="treated", outcome="died", covariates=["age"], estimand="ATX", truncate=100, bootstrap=3)
    assert len(caught.value.problems) == 3
    with pytest.raises(InputError, match="no row of 400 has all"):
        weighting(data.assign(empty=np.nan), treatment="treated", outcome="died", covariates=["empty"])


def test_rows_with_gaps_are_counted(data: pd.DataFrame) -> None:
    holes = data.assign(lactate=data["lactate"].where(data["lactate"] < 4))
    found = weighting(holes, treatment="treated", outcome="died", covariates=COVARIATES)
    assert found.n["left out (missing values)"] == int(holes["lactate"].isna().sum()) > 0
    assert any("missing values were left out" in line for line in found.warnings)
