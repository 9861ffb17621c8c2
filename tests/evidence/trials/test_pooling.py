"""Laws of pooling, and the same numbers from PyMARE and statsmodels."""

from math import exp, inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from perfuse.evidence.trials import small_studies
from perfuse.evidence.trials.classical import mantel_haenszel, peto_pool
from perfuse.evidence.trials.heterogeneity import (
    ESTIMATORS,
    i2_of_q,
    q_at,
    q_profile,
    restricted_log_likelihood,
    tau2_of,
)
from perfuse.evidence.trials.meta import cumulative, leave_one_out, meta_analysis, subgroups, summary, warnings
from perfuse.evidence.trials.pooling import all_models, chosen_model, pool, prediction
from perfuse.evidence.trials.proportions import binomial_normal, freeman_tukey
from perfuse.evidence.trials.proportions import summary as proportions
from perfuse.evidence.trials.studies import OneArm, Study
from perfuse.evidence.trials.two_arms import Counts, effect, peto
from perfuse.parameters.problems import InputError


def swapped(table: Counts) -> Counts:
    """The same table with the arms exchanged."""
    return Counts(table.e0, table.n0, table.e1, table.n1)


Array = NDArray[np.float64]
MODELS = ("FE", *ESTIMATORS)


@st.composite
def effects(draw: st.DrawFn, least: int = 2) -> tuple[Array, Array]:
    k = draw(st.integers(least, 8))
    y = draw(st.lists(st.floats(-3, 3), min_size=k, max_size=k))
    v = draw(st.lists(st.floats(0.005, 2.0), min_size=k, max_size=k))
    return np.array(y), np.array(v)


@st.composite
def tables(draw: st.DrawFn) -> list[Counts]:
    found = []
    for _ in range(draw(st.integers(2, 6))):
        n1, n0 = draw(st.integers(4, 300)), draw(st.integers(4, 300))
        found.append(Counts(draw(st.integers(1, n1 - 1)), n1, draw(st.integers(1, n0 - 1)), n0))
    return found


def studies(found: list[Counts]) -> list[Study]:
    return [Study(f"study {i}", table, 2000 + i, "ab"[i % 2]) for i, table in enumerate(found)]


@given(effects())
def test_every_pooled_effect_lies_between_the_studies(given: tuple[Array, Array]) -> None:
    y, v = given
    for one in all_models(y, v).values():
        assert y.min() - 1e-12 <= one.y <= y.max() + 1e-12, one.name
        assert one.low <= one.y <= one.high, one.name


@given(tables())
def test_mantel_haenszel_lies_between_the_studies_and_one_study_pooled_with_itself_stays(found: list[Counts]) -> None:
    for measure in ("rr", "or", "rd"):
        each = [effect(table, measure).y for table in found]  # type: ignore[arg-type]
        one = mantel_haenszel(found, measure)  # type: ignore[arg-type]
        assert one is not None and min(each) - 1e-12 <= one.y <= max(each) + 1e-12
        same = mantel_haenszel([found[0]] * 3, measure)  # type: ignore[arg-type]
        assert same is not None and same.y == pytest.approx(each[0], abs=1e-12)
    whole = peto_pool(found)
    each = [peto(table).y for table in found]
    assert whole is not None and min(each) - 1e-12 <= whole.y <= max(each) + 1e-12


@given(tables())
def test_exchanging_the_arms_of_every_study_inverts_every_pooled_ratio(found: list[Counts]) -> None:
    for measure in ("rr", "or"):
        there = meta_analysis(studies(found), measure)  # type: ignore[arg-type]
        back = meta_analysis(studies([swapped(table) for table in found]), measure)  # type: ignore[arg-type]
        for name, one in there.pooled.items():
            other = back.pooled[name]
            assert one.y == pytest.approx(-other.y, abs=1e-7), name
            assert one.low == pytest.approx(-other.high, abs=1e-6), name


@given(effects())
def test_the_order_of_studies_does_not_matter(given: tuple[Array, Array]) -> None:
    y, v = given
    order = np.random.default_rng(1).permutation(y.size)
    for model in MODELS:
        there, back = pool(y, v, model), pool(y[order], v[order], model)
        assert (there.y, there.low) == pytest.approx((back.y, back.low), abs=1e-7)


@given(effects(), st.floats(-2, 2), st.floats(0.2, 5.0))
def test_pooling_goes_with_a_shift_and_a_scale(given: tuple[Array, Array], shift: float, scale: float) -> None:
    y, v = given
    for model in MODELS:
        plain, moved = pool(y, v, model), pool(scale * y + shift, scale**2 * v, model)
        assert moved.y == pytest.approx(scale * plain.y + shift, abs=1e-6)
        assert moved.se == pytest.approx(scale * plain.se, rel=1e-5)
    for model in ESTIMATORS:
        assert tau2_of(scale * y + shift, scale**2 * v, model) == pytest.approx(scale**2 * tau2_of(y, v, model), rel=1e-4, abs=1e-8)


@given(effects())
def test_tau2_never_falls_below_0_and_i2_stays_within_0_and_100(given: tuple[Array, Array]) -> None:
    y, v = given
    for model in ESTIMATORS:
        assert tau2_of(y, v, model) >= 0.0
    assert 0.0 <= i2_of_q(q_at(y, v), y.size - 1) < 100.0
    low, high = q_profile(y, v)
    assert 0.0 <= low <= high
    if q_at(y, v) > y.size - 1:
        assert low <= tau2_of(y, v, "PM") <= high + 1e-12


@given(effects())
def test_paule_mandel_makes_q_its_degrees_of_freedom_and_reml_is_a_top(given: tuple[Array, Array]) -> None:
    y, v = given
    at = tau2_of(y, v, "PM")
    assert q_at(y, v, at) == pytest.approx(y.size - 1, rel=1e-8) if at > 0.0 else q_at(y, v) <= y.size - 1
    best = tau2_of(y, v, "REML")
    top = restricted_log_likelihood(y, v, best)
    for other in (0.0, 0.5 * best, 0.99 * best, 1.01 * best, 2.0 * best + 0.01, *np.geomspace(1e-6, 30.0, 40)):
        assert restricted_log_likelihood(y, v, float(other)) <= top + 1e-9


@given(effects())
def test_modified_hartung_knapp_is_never_narrower_than_wald(given: tuple[Array, Array]) -> None:
    y, v = given
    for model in ESTIMATORS:
        wald, hk, mhk = (pool(y, v, model, way) for way in ("Wald", "HK", "mHK"))
        assert mhk.high - mhk.low >= wald.high - wald.low
        assert mhk.high - mhk.low >= hk.high - hk.low - 1e-12


@given(effects(least=3))
def test_a_prediction_interval_holds_the_interval_of_the_mean(given: tuple[Array, Array]) -> None:
    y, v = given
    for model in ESTIMATORS:
        ahead, wald = prediction(y, v, model), pool(y, v, model)
        assert ahead is not None and ahead[0] <= wald.low and ahead[1] >= wald.high
    assert prediction(y[:2], v[:2], "DL") is None


def test_hartung_knapp_is_shown_but_not_chosen_below_five_studies() -> None:
    assert [chosen_model(k) for k in (2, 4, 5, 12)] == [("REML", "Wald"), ("REML", "Wald"), ("REML", "mHK"), ("REML", "mHK")]


@settings(max_examples=25)
@given(tables())
def test_pymare_says_the_same(found: list[Counts]) -> None:
    from pymare import Dataset
    from pymare.estimators import DerSimonianLaird

    meta = meta_analysis(studies(found), "rr")
    fitted = DerSimonianLaird().fit_dataset(Dataset(meta.y, meta.v)).summary()
    assert float(fitted.get_fe_stats()["est"].ravel()[0]) == pytest.approx(meta.pooled["DL"].y, rel=1e-8, abs=1e-10)
    assert float(np.ravel(fitted.tau2)[0]) == pytest.approx(tau2_of(meta.y, meta.v, "DL"), rel=1e-8, abs=1e-12)


def test_pymare_finds_the_same_restricted_likelihood() -> None:
    from pymare import Dataset
    from pymare.estimators import VarianceBasedLikelihoodEstimator

    rng = np.random.default_rng(3)
    y, v = rng.normal(0.2, 0.6, 12), rng.uniform(0.02, 0.2, 12)
    fitted = VarianceBasedLikelihoodEstimator(method="reml").fit_dataset(Dataset(y, v)).summary()
    assert float(np.ravel(fitted.tau2)[0]) == pytest.approx(tau2_of(y, v, "REML"), rel=1e-3)
    assert float(fitted.get_fe_stats()["est"].ravel()[0]) == pytest.approx(pool(y, v, "REML").y, rel=1e-3)


@settings(max_examples=25, deadline=None)
@given(tables())
def test_statsmodels_says_the_same(found: list[Counts]) -> None:
    from statsmodels.stats.contingency_tables import StratifiedTable
    from statsmodels.stats.meta_analysis import combine_effects

    meta = meta_analysis(studies(found), "or")
    if q_at(meta.y, meta.v) > meta.k - 1:  # theirs lets tau2 fall below 0, down to weights that are not finite
        theirs = combine_effects(meta.y, meta.v, method_re="dl", use_t=False)
        assert theirs.mean_effect_re == pytest.approx(meta.pooled["DL"].y, rel=1e-8, abs=1e-10)
        assert theirs.tau2 == pytest.approx(tau2_of(meta.y, meta.v, "DL"), rel=1e-8, abs=1e-10)
    strata = StratifiedTable([np.array([[t.e1, t.n1 - t.e1], [t.e0, t.n0 - t.e0]]) for t in found])
    assert np.log(strata.oddsratio_pooled) == pytest.approx(meta.pooled["MH"].y, rel=1e-9, abs=1e-11)
    assert strata.logodds_pooled_se == pytest.approx(meta.pooled["MH"].se, rel=1e-8)


def test_double_zeros_are_left_out_of_ratios_and_named_but_kept_in_differences() -> None:
    found = [Counts(3, 30, 6, 31), Counts(0, 20, 0, 22), Counts(5, 40, 8, 39)]
    meta = meta_analysis(studies(found), "rr")
    assert meta.left_out == ("study 1",) and meta.k == 2
    assert any("study 1" in words for words in summary(meta)["warnings"])
    assert meta_analysis(studies(found), "rd").k == 3
    with pytest.raises(InputError, match="1 of 2"):
        meta_analysis(studies(found[:2]), "rr")


def test_leaving_one_out_and_adding_one_by_one_end_at_the_whole() -> None:
    found = [Counts(3, 30, 6, 31), Counts(9, 50, 12, 48), Counts(5, 40, 8, 39)]
    meta = meta_analysis(studies(found), "rr", model="DL")
    assert cumulative(meta)[-1]["estimate"] == pytest.approx(meta.triple(meta.main)[0])
    assert leave_one_out(meta)[0]["estimate"] == pytest.approx(exp(pool(meta.y[1:], meta.v[1:], "DL").y))
    assert cumulative(meta_analysis([Study("a", found[0]), Study("b", found[1])], "rr")) == []


def test_the_same_subgroups_do_not_interact() -> None:
    table = Counts(9, 50, 12, 48)
    found = subgroups(meta_analysis([Study(f"s{i}", table, None, "ab"[i % 2]) for i in range(4)], "rr"))
    assert found is not None and found["Q_between"] == pytest.approx(0.0, abs=1e-12) and found["p"] == pytest.approx(1.0)
    assert subgroups(meta_analysis([Study("a", table), Study("b", table)], "rr")) is None


def test_small_studies_are_warned_of_below_ten() -> None:
    assert "9 studies" in str(small_studies.warning(9)) and small_studies.warning(10) is None
    assert small_studies.egger(np.array([0.1, 0.2]), np.array([0.1, 0.2])) is None
    assert small_studies.egger(np.array([0.1, 0.2, 0.3]), np.full(3, 0.1)) is None


def test_proportions_without_any_event_are_corrected_and_named() -> None:
    cohorts = [OneArm("none", 0, 12), OneArm("all", 9, 9), OneArm("some", 5, 11)]
    found = proportions(cohorts)
    assert found["corrected"] == ["none", "all"]
    assert 0.0 < found["pooled"] < 1.0  # type: ignore[operator]
    assert binomial_normal([OneArm("none", 0, 12), OneArm("no one", 0, 9)]) is None
    assert proportions([OneArm("none", 0, 12), OneArm("no one", 0, 9)])["GLMM"] is None


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 60)), min_size=2, max_size=6))
def test_freeman_tukey_stays_a_proportion_in_order(given: list[tuple[int, int]]) -> None:
    pooled, low, high = freeman_tukey([OneArm(str(i), min(e, n), n) for i, (e, n) in enumerate(given)])
    assert 0.0 <= low <= pooled <= high <= 1.0


RUNS = 4000


def test_hartung_knapp_with_ten_studies_covers_the_mean_in_95_per_cent_and_wald_does_not() -> None:
    """tau 0.3, sizes differ threefold; Monte-Carlo SD of 4000 runs 0.0034."""
    rng, k = np.random.default_rng(20260102), 10
    v = np.linspace(0.02, 0.18, k)
    hits = {"Wald": 0, "HK": 0, "mHK": 0}
    for _ in range(RUNS):
        y = rng.normal(0.25, np.sqrt(v + 0.09))
        for way in hits:
            one = pool(y, v, "DL", way)
            hits[way] += one.low <= 0.25 <= one.high
    assert hits["HK"] / RUNS == pytest.approx(0.95, abs=0.012)
    assert hits["mHK"] >= hits["HK"]
    assert hits["Wald"] / RUNS < 0.94


def test_the_q_profile_covers_tau2_in_95_per_cent() -> None:
    """Q at the true tau2 is exactly chi-squared; Monte-Carlo SD of 3000 runs 0.004."""
    rng, k, runs = np.random.default_rng(20260103), 10, 3000
    v = np.linspace(0.02, 0.18, k)
    hits = 0
    for _ in range(runs):
        low, high = q_profile(rng.normal(0.0, np.sqrt(v + 0.09)), v)
        hits += low <= 0.09 <= high
    assert hits / runs == pytest.approx(0.95, abs=0.012)
    assert q_profile(np.array([0.1]), np.array([0.1])) == (0.0, inf)


def test_peto_is_warned_of_where_it_is_biased_and_not_where_it_is_not() -> None:
    large = [Study("a", Counts(45, 50, 10, 100)), Study("b", Counts(40, 50, 12, 100))]
    rare = [Study("a", Counts(5, 500, 8, 500)), Study("b", Counts(6, 400, 7, 400))]
    said = [any("Peto" in line for line in warnings(meta_analysis(studies, "or"))) for studies in (large, rare)]
    assert said == [True, False]
