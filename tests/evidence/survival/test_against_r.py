"""Our survival estimates against R's survival and cmprsk, on one kept data set and on the Stanford heart transplants."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxTimeVaryingFitter
from lifelines.datasets import load_stanford_heart_transplants

from perfuse.evidence.eolia.estimators import share_alive
from perfuse.evidence.eolia.rpsft import log_rank, weibull_shape
from perfuse.evidence.survival import cumulative_incidence, ecmo_cox, fine_gray, kaplan_meier
from perfuse.evidence.survival.aalen_johansen import aalen_johansen
from perfuse.evidence.survival.ecmo_cox import split
from perfuse.evidence.survival.partial_likelihood import clustered, fit_hazards
from perfuse.evidence.survival.proportionality import trends
from perfuse.evidence.survival.risk_sets import StartStop

ORACLES = Path(__file__).resolve().parents[2] / "oracles"
ENDS = ("weaned", "died", "transplant")


@pytest.fixture(scope="module")
def r() -> dict[str, float]:
    table = pd.read_csv(ORACLES / "survival.csv", comment="#")
    return dict(zip(table["quantity"], table["value"], strict=True))


@pytest.fixture(scope="module")
def runs() -> pd.DataFrame:
    return pd.read_csv(ORACLES / "survival_data.csv")


@pytest.mark.parametrize(("ours", "theirs"), [("log-log", "log-log"), ("greenwood", "plain")])
def test_kaplan_meier_and_its_interval_are_those_of_survfit(runs: pd.DataFrame, r: dict[str, float], ours, theirs) -> None:
    found = kaplan_meier(runs, (5, 15, 30), cause=ENDS, interval=ours)
    for when, one in zip((5, 15, 30), found.estimates, strict=True):
        assert one.value / 100 == pytest.approx(r[f"km {theirs} at {when}"], abs=1e-9)
        assert one.low / 100 == pytest.approx(r[f"km {theirs} low at {when}"], abs=1e-9)
        assert one.high / 100 == pytest.approx(r[f"km {theirs} high at {when}"], abs=1e-9)
        i = int(np.searchsorted(found.curves["all"]["time"], when))
        assert found.curves["all"]["at_risk"][i] == r[f"km at risk at {when}"]


def test_cumulative_incidence_is_that_of_cuminc_and_survfit(runs: pd.DataFrame, r: dict[str, float]) -> None:
    causes = ["died", "transplant", "weaned"]
    code = runs["support_ended_by"].map({"still_on": 0, "died": 1, "transplant": 2, "weaned": 3}).to_numpy()
    found = aalen_johansen(runs["run_days"].to_numpy(), code, 3)
    for k, cause in enumerate(causes):
        for when in (5, 15, 30):
            i = found.at(when)
            assert found.share[k, i] == pytest.approx(r[f"cif {cause} at {when}"], abs=1e-10)
            assert found.share[k, i] == pytest.approx(r[f"survfit cif {cause} at {when}"], abs=1e-10)
            assert found.variance[k, i] == pytest.approx(r[f"cif variance {cause} at {when}"], rel=1e-8)
            assert np.sqrt(found.variance[k, i]) == pytest.approx(r[f"survfit cif se {cause} at {when}"], rel=0.03)  # another formula


def test_groups_are_those_of_cuminc_and_their_test_is_grays(runs: pd.DataFrame, r: dict[str, float]) -> None:
    found = cumulative_incidence(runs, (15,), group="mode")
    values = {one.label: one.value / 100 for one in found.estimates if one.role == "method"}
    for mode in ("va", "vav", "vv"):
        for k, cause in enumerate(("died", "transplant", "weaned"), 1):
            assert values[f"cumulative incidence, {mode}, {cause}, by day 15"] == pytest.approx(r[f"cif group {mode} {k} at 15"], abs=1e-10)
    for row in found.diagnostics["groups"]:
        assert row["chi2"] == pytest.approx(r[f"gray chi2 {row['cause']}"], rel=1e-8)


@pytest.mark.parametrize("cause", ["died", "weaned"])
def test_fine_gray_is_crr_with_its_variance(runs: pd.DataFrame, r: dict[str, float], cause: str) -> None:
    profile = {"severity": 0.5, "female": 1, "mode: vav": 0, "mode: vv": 1}
    found = fine_gray(runs, ["severity", "female", "mode"], cause=cause, profiles={"one": profile})
    ours = {one.label.split(", ")[1]: one for one in found.estimates if one.role == "method"}
    for name, label in (("severity", "severity"), ("female", "female"), ("vav", "mode: vav"), ("vv", "mode: vv")):
        one = ours[label]
        assert np.log(one.value) == pytest.approx(r[f"crr {cause} beta {name}"], abs=1e-7)
        assert np.log(one.high / one.low) / (2 * 1.959963984540054) == pytest.approx(r[f"crr {cause} se {name}"], abs=1e-7)
    assert found.diagnostics["log_likelihood"][1] == pytest.approx(r[f"crr {cause} loglik"], abs=1e-6)
    curve = found.curves["incidence one"]
    assert curve["share"][int(np.searchsorted(curve["time"], 15, "right")) - 1] == pytest.approx(
        r[f"crr {cause} predicted at 15"], abs=1e-7
    )


def test_fine_gray_is_finegray_with_coxph(runs: pd.DataFrame, r: dict[str, float]) -> None:
    found = fine_gray(runs, ["severity", "female"], cause="weaned")
    assert np.log(found.estimates[0].value) == pytest.approx(r["finegray beta severity"], abs=2e-3)  # G at ties is taken otherwise there
    assert np.log(found.estimates[1].value) == pytest.approx(r["finegray beta female"], abs=2e-3)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_start_stop_cox_is_coxph(runs: pd.DataFrame, r: dict[str, float], ties: str) -> None:
    died = (runs["support_ended_by"] == "died").to_numpy()
    rows = split(
        runs["run_days"].to_numpy(), died, runs["ecmo_day"].fillna(np.inf).to_numpy(), runs[["severity", "female"]].to_numpy(float)
    )
    fitted = fit_hazards(StartStop.of(rows.start, rows.stop, rows.event), rows.x, ties=ties)
    robust = clustered(fitted, rows.patient)
    for i, name in enumerate(("treatment", "severity", "female")):
        assert fitted.beta[i] == pytest.approx(r[f"cox {ties} beta {name}"], abs=1e-8)
        assert np.sqrt(fitted.model[i, i]) == pytest.approx(r[f"cox {ties} model se {name}"], abs=1e-8)
        assert np.sqrt(robust[i, i]) == pytest.approx(r[f"cox {ties} robust se {name}"], abs=1e-8)
    assert fitted.likelihood[1] == pytest.approx(r[f"cox {ties} loglik"], abs=1e-8)


def test_the_test_of_proportionality_is_cox_zph(runs: pd.DataFrame, r: dict[str, float]) -> None:
    died = (runs["support_ended_by"] == "died").to_numpy()
    rows = split(
        runs["run_days"].to_numpy(), died, runs["ecmo_day"].fillna(np.inf).to_numpy(), runs[["severity", "female"]].to_numpy(float)
    )
    sets = StartStop.of(rows.start, rows.stop, rows.event)
    fitted = fit_hazards(sets, rows.x, ties="breslow")
    for row in trends(sets, rows.x, fitted, ("treatment", "severity", "female")):
        assert row["chi2"] == pytest.approx(r[f"zph chi2 {row['covariate']}"], rel=1e-5)


def test_ecmo_cox_reads_the_same_from_candidates(runs: pd.DataFrame, r: dict[str, float]) -> None:
    found = ecmo_cox(runs, ["severity", "female"], time="run_days", event="support_ended_by")
    one = found.estimates[0]
    assert np.log(one.value) == pytest.approx(r["cox efron beta treatment"], abs=1e-8)
    assert np.log(one.high / one.value) / 1.959963984540054 == pytest.approx(r["cox efron robust se treatment"], abs=1e-8)


def test_stanford_heart_transplants_are_those_of_r_and_of_lifelines(r: dict[str, float]) -> None:
    heart = load_stanford_heart_transplants()
    names = ["age", "year", "surgery", "transplant"]
    sets = StartStop.of(heart["start"].to_numpy(float), heart["stop"].to_numpy(float), heart["event"].to_numpy(bool))
    fitted = fit_hazards(sets, heart[names].to_numpy(float))
    theirs = CoxTimeVaryingFitter().fit(heart, id_col="id", event_col="event", start_col="start", stop_col="stop")
    for i, name in enumerate(names):
        assert fitted.beta[i] == pytest.approx(r[f"heart beta {name}"], abs=1e-6)
        assert np.sqrt(fitted.model[i, i]) == pytest.approx(r[f"heart se {name}"], abs=1e-6)
        assert fitted.beta[i] == pytest.approx(theirs.params_[name], abs=1e-4)


def test_a_weighted_cox_with_its_sandwich_is_coxph(runs: pd.DataFrame, r: dict[str, float]) -> None:
    died = (runs["support_ended_by"] == "died").to_numpy()
    weights = 0.5 + (runs["female"].to_numpy() + (runs["severity"].to_numpy() > 0)) / 2
    sets = StartStop.of(np.zeros(died.size), runs["run_days"].to_numpy(), died)
    fitted = fit_hazards(sets, runs[["severity"]].to_numpy(), weights=weights, ties="breslow")
    assert fitted.beta[0] == pytest.approx(r["weighted beta"], abs=1e-6)
    assert np.sqrt(fitted.robust[0, 0]) == pytest.approx(r["weighted robust se"], abs=1e-6)


def test_a_weighted_kaplan_meier_and_its_jackknife_are_those_of_survfit(runs: pd.DataFrame, r: dict[str, float]) -> None:
    died = (runs["support_ended_by"] == "died").to_numpy()
    rows = split(runs["run_days"].to_numpy(), died, runs["ecmo_day"].fillna(np.inf).to_numpy(), runs[["severity"]].to_numpy(float))
    weights = 0.6 + ((rows.patient + 1) % 5) / 4 + rows.x[:, 0] / 2
    for when in (10, 20):
        alive, influence = share_alive(rows.start, rows.stop, rows.event, weights, rows.patient, float(when), len(runs))
        assert alive == pytest.approx(r[f"weighted km at {when}"], abs=1e-10)
        assert np.sqrt((influence**2).sum()) == pytest.approx(r[f"weighted km se at {when}"], rel=1e-8)


def test_the_log_rank_score_and_the_weibull_shape_are_those_of_r(runs: pd.DataFrame, r: dict[str, float]) -> None:
    time, died = runs["run_days"].to_numpy(), (runs["support_ended_by"] == "died").to_numpy()
    assert log_rank(time, died, runs["female"].to_numpy() == 1) ** 2 == pytest.approx(r["log-rank chi2 female"], rel=1e-9)
    assert weibull_shape(time, died) == pytest.approx(r["weibull shape"], rel=1e-6)
