"""Individuals with EOLIA's margins, and methods that read through a crossover whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from lifelines import KaplanMeierFitter, WeibullFitter
from lifelines.statistics import logrank_test

from perfuse.evidence.eolia.crossover import crossover_findings, estimators_table
from perfuse.evidence.eolia.estimators import extremes, intention_to_treat, of_counts, share_alive, treatment_failure
from perfuse.evidence.eolia.margins import as_frame, eolia_individuals
from perfuse.evidence.eolia.methods import METHODS
from perfuse.evidence.eolia.patients import MECHANISMS, arm, joined, simulate_trial, truth, with_crossover
from perfuse.evidence.eolia.replicates import replicate
from perfuse.evidence.eolia.rpsft import g_estimate, log_rank, untreated_time, weibull_shape
from perfuse.evidence.eolia.weighting import censoring_weighted, logistic, patient_days
from perfuse.parameters.problems import InputError


@pytest.mark.parametrize("seed", [1, 2, 77])
@pytest.mark.parametrize("mechanism", ["deterioration", "severity"])
def test_margins_are_exactly_the_published_ones(seed: int, mechanism: str) -> None:
    frame = as_frame(eolia_individuals(seed, MECHANISMS[mechanism]))
    ecmo, control = frame[frame["arm"] == "ecmo"], frame[frame["arm"] == "control"]
    died = frame["ended_by"] == "died"
    assert (len(ecmo), len(control)) == (124, 125)
    for part, by_60, by_90 in ((ecmo, 44, 46), (control, 57, 59)):
        assert (died[part.index] & (part["end_day"] <= 60)).sum() == by_60
        assert died[part.index].sum() == by_90
    crossed = control[control["crossover_day"].notna()]
    assert len(crossed) == 35
    assert (died[crossed.index] & (crossed["end_day"] <= 60)).sum() == 20
    assert (crossed["crossover_day"] < crossed["end_day"]).all()
    assert ecmo["crossover_day"].isna().all()


def test_the_same_seed_gives_the_same_patients() -> None:
    one, two, other = (as_frame(eolia_individuals(seed)) for seed in (4, 4, 5))
    assert one.equals(two) and not one.equals(other)


def test_what_follows_from_the_counts_alone_does_not_depend_on_the_seed() -> None:
    for name in ("intention-to-treat", "per-protocol", "as-treated", "extremes"):
        assert len({round(METHODS[name].answer(eolia_individuals(seed)).rr, 12) for seed in (1, 2, 3)}) == 1
    trial = eolia_individuals(1)
    assert intention_to_treat(trial).rr == pytest.approx(44 / 124 / (57 / 125))
    assert METHODS["per-protocol"].answer(trial).rr == pytest.approx(44 / 124 / (37 / 90))
    assert METHODS["as-treated"].answer(trial).rr == pytest.approx(64 / 159 / (37 / 90))
    high, low = extremes(trial)
    assert (high.rr, low.rr) == (pytest.approx(44 / 124 / (37 / 125)), pytest.approx(44 / 124 / (72 / 125)))


def test_treatment_failure_is_printed_as_062_047_to_082() -> None:
    found = treatment_failure(eolia_individuals(1))
    assert (round(found.rr, 2), round(found.low or 0, 2), round(found.high or 0, 2)) == (0.62, 0.47, 0.82)


def test_the_model_resembles_eolia_on_average() -> None:
    found = truth(MECHANISMS["deterioration"])
    assert found.crossed == pytest.approx(0.28, abs=0.02)
    assert found.crossing_day == pytest.approx(6.5, abs=0.5)
    assert found.crossed_died == pytest.approx(0.57, abs=0.03)
    assert found.risk_policy == pytest.approx(57 / 125, abs=0.02)
    assert found.risk_ecmo == pytest.approx(44 / 124, abs=0.02)
    assert found.rr < found.rr_policy < 1.0


def test_without_an_effect_the_truth_is_one() -> None:
    found = truth(replace(MECHANISMS["deterioration"], psi=0.0))
    assert found.rr == 1.0 and found.rr_policy == pytest.approx(1.0, abs=1e-12)


def test_the_share_that_crosses_is_the_one_asked_for() -> None:
    for share in (0.1, 0.4):
        assert truth(with_crossover(MECHANISMS["severity"], share)).crossed == pytest.approx(share, abs=0.02)
    assert truth(with_crossover(MECHANISMS["severity"], 0.0)).crossed == 0.0
    with pytest.raises(InputError, match=r"0 to 0\.9"):
        with_crossover(MECHANISMS["severity"], 1.4)


@pytest.mark.parametrize("psi", [-0.9, 0.0, 0.5])
def test_the_structural_model_finds_the_factor_that_time_was_stretched_by(psi: float) -> None:
    how = with_crossover(replace(MECHANISMS["hidden"], psi=psi), 0.28)
    found = g_estimate(simulate_trial(np.random.default_rng(12), how, 4000, 4000))
    assert found.psi == pytest.approx(psi, abs=0.12)
    assert found.low is not None and found.high is not None and found.low <= psi <= found.high
    assert found.roots >= 1


def test_at_the_true_factor_treated_and_untreated_time_are_one() -> None:
    how = MECHANISMS["deterioration"]
    trial = simulate_trial(np.random.default_rng(2), how)
    u, died = untreated_time(trial, how.psi, recensor=False)
    seen = died & (trial.time < 90)
    assert np.allclose(u[seen], trial.untreated[seen])
    recensored, ended = untreated_time(trial, how.psi)
    assert (recensored <= u + 1e-12).all() and ended.sum() <= died.sum()


def test_the_log_rank_score_is_that_of_lifelines() -> None:
    trial = eolia_individuals(3)
    rounded = np.ceil(trial.time)
    for time in (trial.time, rounded):
        theirs = logrank_test(time[trial.ecmo], time[~trial.ecmo], trial.died[trial.ecmo], trial.died[~trial.ecmo])
        assert log_rank(time, trial.died, trial.ecmo) ** 2 == pytest.approx(theirs.test_statistic, rel=1e-9)


def test_the_weibull_shape_is_that_of_lifelines() -> None:
    trial = eolia_individuals(3)
    assert weibull_shape(trial.time, trial.died) == pytest.approx(WeibullFitter().fit(trial.time, trial.died).rho_, rel=1e-3)


def test_the_logistic_model_is_that_of_statsmodels() -> None:
    trial = eolia_individuals(2)
    rows = patient_days(trial, np.flatnonzero(~trial.ecmo))
    x = np.column_stack([rows["day"], rows["severity"], rows["marker"]])
    theirs = sm.Logit(rows["crosses"], sm.add_constant(x)).fit(disp=0).predict()
    assert np.allclose(logistic(x, rows["crosses"]), theirs, atol=1e-4)


def test_every_patient_day_is_before_crossover_and_death() -> None:
    trial = eolia_individuals(2)
    control = np.flatnonzero(~trial.ecmo)
    rows = patient_days(trial, control)
    assert rows["crosses"].sum() == 35
    assert (rows["day"] < trial.time[control][rows["patient"]]).all()
    assert (rows["day"] <= trial.crossed[control][rows["patient"]]).all()


def test_equal_weights_give_kaplan_meier_and_greenwood() -> None:
    rng = np.random.default_rng(1)
    stop, died = rng.integers(1, 40, 200).astype(float), rng.random(200) < 0.6
    alive, influence = share_alive(np.zeros(200), stop, died, np.full(200, 2.5), np.arange(200), 20.0, 200)
    theirs = KaplanMeierFitter().fit(stop, died)
    assert alive == pytest.approx(float(theirs.predict(20.0)))
    table = theirs.event_table.loc[1:20]
    greenwood = alive**2 * (table["observed"] / (table["at_risk"] * (table["at_risk"] - table["observed"]))).sum()
    assert (influence**2).sum() == pytest.approx(greenwood, rel=0.03)
    assert influence.sum() == pytest.approx(0.0, abs=1e-9)


def test_weights_find_the_truth_in_a_large_trial_and_only_with_the_marker_on_record() -> None:
    how = with_crossover(MECHANISMS["deterioration"], 0.28)
    trial = simulate_trial(np.random.default_rng(3), how, 8000, 8000)
    true = truth(how).rr
    seen = censoring_weighted(trial)
    assert seen.rr == pytest.approx(true, rel=0.05)
    unseen = censoring_weighted(replace(trial, mechanism=replace(how, marker_known=False)))
    assert unseen.rr > 1.12 * true


def test_which_method_finds_the_truth_under_which_mechanism() -> None:
    lines = {(line.mechanism, line.method): line for line in replicate(60, seed=2, mechanisms=["random", "hidden"])}

    def off(mechanism: str, method: str) -> float:
        line = lines[mechanism, method]
        return line.bias / line.bias_error

    for mechanism in ("random", "hidden"):
        assert abs(off(mechanism, "intention-to-treat")) < 3.0
        assert abs(off(mechanism, "rpsft")) < 3.0
    assert abs(off("random", "ipcw")) < 3.0 and off("hidden", "ipcw") > 3.0
    assert off("random", "as-treated") < -3.0, "immortal time flatters ECMO where crossover is by lot"
    assert off("hidden", "as-treated") > 3.0 and off("hidden", "as-treated-over-time") > 3.0
    for mechanism, method in (("random", "ipcw"), ("hidden", "rpsft"), ("hidden", "intention-to-treat")):
        assert lines[mechanism, method].coverage == pytest.approx(0.95, abs=0.09)  # three standard errors of 60


def test_without_crossover_all_methods_agree() -> None:
    how = with_crossover(MECHANISMS["deterioration"], 0.0)
    trial = simulate_trial(np.random.default_rng(5), how)
    crude = intention_to_treat(trial).rr
    for name in ("per-protocol", "as-treated", "ipcw", "censored"):
        assert METHODS[name].answer(trial).rr == pytest.approx(crude, rel=1e-9)


def test_nothing_depends_on_the_order_of_patients() -> None:
    trial = eolia_individuals(6)
    mixed = trial.rows(np.random.default_rng(0).permutation(trial.time.size))
    for method in METHODS.values():
        assert method.answer(trial).rr == pytest.approx(method.answer(mixed).rr, rel=1e-6)


def test_the_ratio_of_counts_has_its_known_interval() -> None:
    """EOLIA: 0.778 (0.574-1.056), computed in the reference."""
    found = of_counts(44, 124, 57, 125)
    assert (round(found.rr, 3), round(found.low or 0, 3), round(found.high or 0, 3)) == (0.778, 0.574, 1.056)
    assert np.isfinite(of_counts(0, 20, 3, 20).rr)


def test_findings_carry_assumptions_and_the_table_stands_beside_what_is_published() -> None:
    findings = crossover_findings(seed=1, draws=3)
    assert [finding.name for finding in findings] == list(METHODS)
    assert all(finding.assumptions and finding.source for finding in findings)
    rows = estimators_table(findings)
    assert {row["kind"] for row in rows} == {"method", "naive", "published"}
    printed = {row["label"]: row["rr"] for row in rows if row["kind"] == "published"}
    assert printed["EOLIA as printed"] == 0.76
    curves = findings[0].curves["deaths, control"]
    assert curves["at_risk"][0] == 125 and curves["share"][-1] == pytest.approx(59 / 125)


def test_an_unknown_mechanism_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="deterioration"):
        replicate(5, mechanisms=["deteriorate"])


def test_arms_are_joined_in_order() -> None:
    rng = np.random.default_rng(1)
    one, two = arm(rng, 3, True, MECHANISMS["random"]), arm(rng, 4, False, MECHANISMS["random"])
    both = joined(one, two)
    assert both.ecmo.tolist() == [True] * 3 + [False] * 4
