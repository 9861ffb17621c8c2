"""Matching against MatchIt, and what must hold of any matching."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfuse.evidence.causal.balance import balance
from perfuse.evidence.causal.matched import matched
from perfuse.evidence.causal.matching import Matches, match, strata_of
from perfuse.evidence.causal.propensity import propensity
from perfuse.parameters.problems import InputError

ORACLES = Path(__file__).parents[2] / "oracles"
COVARIATES = ["severity", "age", "lactate", "era"]


def paired(data: pd.DataFrame, **chosen: Any) -> Matches:
    found = propensity(data, "treated", COVARIATES)
    return match(found.log_odds, found.treated, caliper=0.2 * found.pooled_sd, **chosen)


WAYS: dict[str, dict[str, Any]] = {
    "plain": {},
    "replace": {"replace": True},
    "two": {"ratio": 2},
    "exact": {"exact": ["era"]},
    "smallest": {"order": "smallest"},
}


@pytest.fixture(scope="module")
def said() -> dict[str, float]:
    with (ORACLES / "causal.csv").open(encoding="utf-8") as file:
        return {row["quantity"]: float(row["value"]) for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return pd.read_csv(ORACLES / "causal_data.csv")


def test_the_propensity_model_is_that_of_glm(data: pd.DataFrame, said: dict[str, float]) -> None:
    found = propensity(data, "treated", COVARIATES)
    rows = ["(Intercept)", "severity", "age", "lactate", "eralate"]
    assert found.names == ["severity", "age", "lactate", "era: late"]
    np.testing.assert_allclose(found.model.beta, [said[f"glm {row}"] for row in rows], rtol=1e-8)
    np.testing.assert_allclose(found.model.se, [said[f"glm se {row}"] for row in rows], rtol=1e-6)
    assert 0.2 * found.pooled_sd == pytest.approx(said["caliper"], rel=1e-9)


@pytest.mark.parametrize("way", WAYS)
def test_everybody_is_matched_to_whom_matchit_matches_them(data: pd.DataFrame, said: dict[str, float], way: str) -> None:
    chosen = dict(WAYS[way])
    exact = chosen.pop("exact", [])
    found = propensity(data, "treated", COVARIATES)
    pairs = match(found.log_odds, found.treated, caliper=0.2 * found.pooled_sd, strata=strata_of(data, exact), **chosen)
    ours: dict[int, set[int]] = {}
    for t, c in zip(pairs.treated, pairs.control, strict=True):
        ours.setdefault(int(data["id"][t]), set()).add(int(data["id"][c]))
    theirs: dict[int, set[int]] = {}
    for quantity, value in said.items():
        if quantity.startswith(f"{way} pair ") and value:
            theirs.setdefault(int(quantity.split()[2]), set()).add(int(value))
    assert ours == theirs
    w = pairs.weights(len(data))
    table = {row["covariate"]: row for row in balance(found.x, found.names, found.treated, w, standard="treated")}
    for name in ("severity", "age", "lactate"):
        assert table[name]["SMD before"] == pytest.approx(said[f"{way} smd before {name}"], abs=1e-9)
        assert table[name]["SMD after"] == pytest.approx(said[f"{way} smd after {name}"], abs=1e-9)
        assert table[name]["variance ratio after"] == pytest.approx(said[f"{way} variance ratio after {name}"], rel=1e-7)
    for arm, word in ((found.treated, "treated"), (~found.treated, "control")):
        risk = np.average(data["died"][arm], weights=w[arm])
        assert risk == pytest.approx(said[f"{way} risk {word}"], abs=1e-9)


scores = st.lists(st.sampled_from([round(0.1 * i, 1) for i in range(40)]), min_size=4, max_size=40)


@settings(max_examples=60, deadline=None)
@given(scores, st.integers(0, 5), st.sampled_from([1, 2]), st.booleans(), st.sampled_from(["largest", "smallest", "random"]))
def test_no_pair_leaves_the_caliper_and_nobody_serves_twice_without_replacement(
    values: list[float], seed: int, ratio: int, replace: bool, order: str
) -> None:
    score, treated = np.array(values), np.arange(len(values)) % 3 == 0
    pairs = match(score, treated, caliper=0.35, ratio=ratio, replace=replace, order=order, seed=seed)
    again = match(score, treated, caliper=0.35, ratio=ratio, replace=replace, order=order, seed=seed)
    assert pairs.control.tolist() == again.control.tolist()
    assert np.all(np.abs(score[pairs.treated] - score[pairs.control]) <= 0.35)
    assert treated[pairs.treated].all() and not treated[pairs.control].any()
    assert len(set(zip(pairs.treated, pairs.control, strict=True))) == pairs.treated.size
    assert np.bincount(pairs.treated, minlength=1).max(initial=0) <= ratio
    if not replace:
        assert np.unique(pairs.control).size == pairs.control.size
    else:  # nobody is nearer than the one who was taken
        for t in np.unique(pairs.treated):
            mine = np.abs(score[pairs.control[pairs.treated == t]] - score[t])
            others = np.sort(np.abs(score[~treated] - score[t]))
            np.testing.assert_allclose(np.sort(mine), others[: mine.size], atol=1e-12)
    assert set(pairs.unmatched) == set(np.flatnonzero(treated)) - set(pairs.treated)


def test_weights_of_controls_sum_to_the_matched() -> None:
    pairs = Matches(np.array([0, 0, 1]), np.array([2, 3, 2]), np.array([], dtype=np.int64), 1.0)
    w = pairs.weights(5)
    assert w.tolist() == [1.0, 1.0, 1.5, 0.5, 0.0]


def test_without_replacement_the_interval_of_the_difference_is_that_of_pairs(data: pd.DataFrame) -> None:
    found, pairs = matched(data, treatment="treated", outcome="died", covariates=COVARIATES), paired(data)
    difference = data["died"].to_numpy()[pairs.treated] - data["died"].to_numpy()[pairs.control]
    one = next(one for one in found.estimates if one.label == "Risk difference, matched")
    assert one.value == pytest.approx(100 * difference.mean())
    n = difference.size
    half = 1.959963984540054 * 100 * np.sqrt(np.sum((difference - difference.mean()) ** 2)) / n
    assert one.high - one.value == pytest.approx(half, rel=1e-9)


def test_with_replacement_the_interval_is_two_way_clustered_as_statsmodels_has_it(data: pd.DataFrame) -> None:
    import statsmodels.api as sm

    found = matched(data, treatment="treated", outcome="died", covariates=COVARIATES, replace=True)
    pairs = paired(data, replace=True)
    rows = np.r_[pairs.treated, pairs.control]
    family = np.r_[np.arange(pairs.treated.size), np.arange(pairs.treated.size)]
    y, t = data["died"].to_numpy(float)[rows], data["treated"].to_numpy(float)[rows]
    fitted = sm.OLS(y, sm.add_constant(t)).fit(
        cov_type="cluster", cov_kwds={"groups": np.column_stack([family, rows]), "use_correction": False, "df_correction": False}
    )
    one = next(one for one in found.estimates if one.label == "Risk difference, matched")
    assert one.value == pytest.approx(100 * fitted.params[1])
    assert one.high - one.value == pytest.approx(100 * 1.959963984540054 * fitted.bse[1], rel=1e-8)
    assert found.diagnostics["controls used more than once"] > 0


def test_who_was_left_out_and_how_they_fared_is_said(data: pd.DataFrame) -> None:
    found = matched(data, treatment="treated", outcome="died", covariates=COVARIATES, caliper=0.01)
    lost = found.diagnostics["treated left without a match"]
    assert lost > 0 and found.diagnostics["estimand"] == "ATM"
    assert lost + found.n["matched treated"] == found.n["treated"]
    assert any(f"{lost} treated" in line and "speaks for the matched only" in line for line in found.warnings)
    wide = matched(data, treatment="treated", outcome="died", covariates=COVARIATES, caliper=50, replace=True)
    assert wide.diagnostics["estimand"] == "ATT" and wide.diagnostics["risk of the treated left without a match, %"] is None


def test_it_recovers_a_known_effect_where_the_crude_comparison_does_not() -> None:
    rng = np.random.default_rng(5)
    inside = []
    for _ in range(40):
        n = 2500
        severity = rng.normal(size=n)
        treated = rng.random(n) < 1 / (1 + np.exp(-(-1.6 + 0.8 * severity)))
        base = 1 / (1 + np.exp(-(-0.4 + 0.9 * severity)))
        died = rng.random(n) < np.where(treated, base * 0.8, base)
        frame = pd.DataFrame({"severity": severity, "ecmo": treated, "died": died})
        truth = {"risk_ratio": 0.8}
        found = matched(frame, treatment="ecmo", outcome="died", covariates=["severity"], truth=truth)
        ratio = next(one for one in found.estimates if one.label == "Risk ratio, matched")
        crude = next(one for one in found.estimates if one.label == "Risk ratio, crude")
        inside.append(ratio.covers)
        assert not crude.covers
    assert sum(inside) >= 34  # 95 % of 40 less more than three standard deviations of a binomial


def test_every_problem_is_told_at_once(data: pd.DataFrame) -> None:
    with pytest.raises(InputError) as caught:
        matched(data, treatment="treated", outcome="died", covariates=["severity"], caliper=-1, ratio=0, order="tallest")
    assert len(caught.value.problems) == 3
    with pytest.raises(InputError) as caught:
        matched(data, treatment="treted", outcome="dead", covariates=["severty", "age"])
    assert "treated" in str(caught.value) and "severity" in str(caught.value) and len(caught.value.problems) == 3
    with pytest.raises(InputError, match="not binary"):
        matched(data, treatment="treated", outcome="age", covariates=["severity"])
    with pytest.raises(InputError, match="nobody found a match"):
        matched(data, treatment="treated", outcome="died", covariates=COVARIATES, caliper=1e-12)


def test_an_arm_in_which_nobody_dies_has_a_difference_but_no_ratio() -> None:
    frame = pd.DataFrame({"x": np.arange(40.0) % 10, "t": np.arange(40) % 2 == 0, "y": (np.arange(40) % 4 == 1)})
    found = matched(frame, treatment="t", outcome="y", covariates=["x"], caliper=100)
    assert [one.label for one in found.estimates if one.role == "method"][-1] == "Risk difference, matched"
    assert any("all end alike" in line for line in found.warnings)


def test_a_treatment_that_a_covariate_foretells_is_refused_in_a_sentence(data: pd.DataFrame) -> None:
    frame = data.assign(told=data["treated"] * 2.0)
    with pytest.raises(InputError, match="separation"):
        matched(frame, treatment="treated", outcome="died", covariates=["severity", "told"])
    with pytest.raises(InputError, match="collinear"):
        matched(data.assign(twice=2 * data["age"]), treatment="treated", outcome="died", covariates=["age", "twice"])
    with pytest.raises(InputError, match="one value only"):
        matched(data.assign(flat=1.0), treatment="treated", outcome="died", covariates=["age", "flat"])
