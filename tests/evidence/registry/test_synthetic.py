"""The synthetic registry: the same from the same seed, near what was published, and drawn from the truth that it tells."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter

from perfuse.evidence.registry import flat
from perfuse.evidence.registry.draws import described, parameters
from perfuse.evidence.registry.schema import tables
from perfuse.evidence.registry.synthetic import synthesise
from perfuse.evidence.registry.synthetic_candidates import fate, people
from perfuse.evidence.registry.synthetic_runs import volume_effect
from perfuse.evidence.registry.validate import validate
from perfuse.parameters.problems import InputError

MARKS = {"seen", "recalled-high", "recalled-medium", "recalled-low", "computed", "assumed"}


@pytest.fixture(scope="module")
def large() -> Any:
    """40,000 runs of which nothing is cut off or lost, and 40,000 candidates."""
    return synthesise(40_000, 11, candidates=40_000, censoring=0, missingness=0, course=False)


@pytest.fixture(scope="module")
def rows(large: Any) -> pd.DataFrame:
    return flat.runs(large)


@given(seed=st.integers(0, 2**32 - 1), runs=st.integers(20, 120))
@settings(max_examples=8)
def test_the_same_seed_gives_the_same_registry(seed: int, runs: int) -> None:
    one, two = synthesise(runs, seed), synthesise(runs, seed)
    assert one.truth == two.truth
    for name in tables():
        assert one.tables[name].equals(two.tables[name])


def test_another_seed_gives_another_registry(small: Any) -> None:
    assert not small.tables["runs"].equals(synthesise(800, 6).tables["runs"])


def test_what_is_cut_off_or_lost_does_not_move_what_happens(small: Any) -> None:
    whole = flat.runs(synthesise(800, 5, censoring=0, missingness=0, course=False))
    seen = flat.runs(small)
    known = (seen["hospital_outcome"] != "still_in").to_numpy()
    assert 0.5 < known.mean() < 1.0
    assert (seen["hospital_outcome"][known] == whole["hospital_outcome"][known]).all()
    np.testing.assert_array_equal(seen["run_days"][known], whole["run_days"][known])
    gaps = seen["lactate_mmol_L"].isna().to_numpy()
    assert 0.05 < gaps.mean() < 0.15
    np.testing.assert_array_equal(seen["lactate_mmol_L"][~gaps], whole["lactate_mmol_L"][~gaps])


def test_a_synthetic_registry_keeps_every_rule(small: Any) -> None:
    found = validate(small.tables)
    assert found.ok, found.reasons()
    assert found.questions == []


@pytest.mark.parametrize(
    ("groups", "published"),
    [
        (["respiratory"], 0.349),  # VV, ELSO 2010-17, n=7579, PMC9178906
        (["cardiac", "ecpr"], 0.62),  # VA, pooled, n=12756, PMC9532225
        (["ecpr"], 0.70),
    ],
)
def test_hospital_deaths_are_those_that_were_published(rows: pd.DataFrame, groups: list[str], published: float) -> None:
    died = (rows["hospital_outcome"] == "died")[rows["indication"].isin(groups)]
    assert abs(died.mean() - published) < 4 * np.sqrt(published * (1 - published) / len(died))


def test_complications_are_as_often_as_was_published() -> None:
    made = synthesise(20_000, 3, censoring=0, candidates=0)
    runs, events = made.tables["runs"].to_pandas(), made.tables["complications"].to_pandas()
    lungs = runs.loc[runs["indication"] == "respiratory", "run_id"]
    hearts = runs.loc[runs["indication"] != "respiratory", "run_id"]

    def share(among: Any, *kinds: str) -> float:
        hit = events.loc[events["kind"].str.startswith(kinds), "run_id"]
        return float(among.isin(hit).mean())

    thrombotic = ("mechanical.clots", "neurological.cns_infarct", "neurological.cns_haemorrhage", "haemorrhagic")
    assert share(lungs, *thrombotic) == pytest.approx(0.402, abs=0.02)  # PMC9178906
    assert share(hearts, "limb.ischaemia") == pytest.approx(0.169, abs=0.015)  # athoracsur.2013.09.008
    assert share(hearts, "limb.amputation") == pytest.approx(0.047, abs=0.01)
    assert share(hearts, "renal.replacement_therapy") == pytest.approx(0.44, abs=0.02)  # PMC9532225


def test_centres_fill_the_volume_categories_of_barbaro_2015(rows: pd.DataFrame) -> None:
    years = rows.drop_duplicates(["centre_id", "year"])["annual_volume"]
    shares = pd.cut(years, [0, 5, 14, 30, 10_000]).value_counts(normalize=True)
    assert shares.min() > 0.05


def test_the_volume_effect_between_categories_is_near_that_of_barbaro_2015() -> None:
    # adjusted odds ratio of more than 30 against fewer than 6 adult runs a year 0.61 (0.46-0.80), PMC4435456
    ratio = np.exp(volume_effect(np.array([3.0, 45.0]), described()["volume.log_or_per_doubling"]["value"], None))
    assert ratio[1] / ratio[0] == pytest.approx(0.61, abs=0.01)


def test_a_plateau_bends_the_effect_of_volume_and_is_linear_far_below_it() -> None:
    v = np.array([1.0, 2.0, 200.0, 400.0])
    effect = volume_effect(v, -0.2, 40.0)
    assert np.all(np.diff(effect) < 0)
    assert effect[0] - effect[1] == pytest.approx(0.2, rel=0.05)
    assert effect[2] - effect[3] < 0.06
    assert volume_effect(np.array([16.0]), -0.2, 40.0)[0] == pytest.approx(0.0)


def test_a_model_that_knows_the_centres_recovers_the_logistic_truth(large: Any, rows: pd.DataFrame) -> None:
    truth = large.truth["mortality"]
    data = rows[rows["indication"] != "cardiac"]
    lungs = data["indication"] == "respiratory"
    x = pd.DataFrame(
        {
            "ecpr": (~lungs).astype(float),
            "severity": data["severity"],
            "age_decade": (data["age"] - 50) / 10,
            "immunocompromised": data["immunocompromised"].astype(float),
            "cns_dysfunction": data["cns_dysfunction"].astype(float),
            "cardiac_arrest": (lungs & data["cardiac_arrest"]).astype(float),
            "volume": np.log2(data["annual_volume"] / 16),
            "centre": data["centre_id"].map(truth["centre_effects"]),
        }
    )
    fit = sm.Logit((data["hospital_outcome"] == "died").astype(float), sm.add_constant(x)).fit(disp=0)
    expected = {**truth["coefficients"], "volume": truth["volume"]["log_or_per_doubling"], "centre": 1.0}
    expected |= {"const": truth["intercepts"]["respiratory"], "ecpr": truth["intercepts"]["ecpr"] - truth["intercepts"]["respiratory"]}
    for name, value in expected.items():
        assert abs(fit.params[name] - value) < 4 * fit.bse[name], name


def test_effects_of_centres_have_the_spread_that_was_asked_for() -> None:
    made = synthesise(4000, 2, centres=1000, centre_sd=0.8, candidates=0, course=False)
    effects = list(made.truth["mortality"]["centre_effects"].values())
    assert np.std(effects) == pytest.approx(0.8, rel=0.1)


def test_large_centres_take_sicker_patients(rows: pd.DataFrame) -> None:
    assert np.corrcoef(rows["severity"], np.log2(rows["annual_volume"]))[0, 1] > 0.05


@pytest.mark.parametrize("end", ["weaned", "died", "transplant", "durable_device"])
def test_incidences_without_censoring_are_those_of_the_truth(large: Any, rows: pd.DataFrame, end: str) -> None:
    hearts = rows[rows["indication"] == "cardiac"]
    truth = large.truth["weaning"]["incidence"]
    for day, share in zip(truth["days"], truth[end], strict=True):
        counted = ((hearts["support_ended_by"] == end) & (hearts["run_days"] <= day)).mean()
        assert abs(counted - share) < 4 * np.sqrt(max(share * (1 - share), 1e-4) / len(hearts)), day


def test_without_censoring_a_cox_model_of_the_subdistribution_recovers_fine_and_gray(large: Any, rows: pd.DataFrame) -> None:
    hearts = rows[rows["indication"] == "cardiac"]
    weaned = hearts["support_ended_by"] == "weaned"
    data = pd.DataFrame(
        {
            # who cannot be weaned any more stays at risk for ever: Fine and Gray's risk set where nothing is censored
            "days": np.where(weaned, hearts["run_days"], 1e4),
            "weaned": weaned.astype(int),
            "severity": hearts["severity"],
            "age_decade": (hearts["age"] - 50) / 10,
            "myocarditis": (hearts["diagnosis"] == "myocarditis").astype(float),
        }
    )
    fit = CoxPHFitter().fit(data, "days", "weaned").summary
    for name, value in large.truth["weaning"]["log_subdistribution_hazard_ratios"].items():
        assert abs(fit.loc[name, "coef"] - value) < 4 * fit.loc[name, "se(coef)"], name


def test_ecmo_as_it_starts_has_the_causal_hazard_ratio_and_ever_or_never_has_not(large: Any) -> None:
    truth = large.truth["candidates"]
    data = flat.candidates(large).iloc[:5000]
    on = data["ecmo_day"].notna()
    base = pd.DataFrame({"id": data["candidate_id"], "severity": data["severity"], "decade": (data["age"] - 50) / 10})
    died = data["ended_by"] == "died"
    until = base.assign(start=0.0, stop=np.where(on, data["ecmo_day"], data["end_day"]), ecmo=0, died=(died & ~on).astype(int))
    since = base[on].assign(start=data["ecmo_day"][on], stop=data["end_day"][on], ecmo=1, died=died[on].astype(int))
    long = pd.concat([until, since])
    long = long[long["stop"] > long["start"]].drop(columns="id")
    fit = CoxPHFitter().fit(long, "stop", "died", entry_col="start").summary
    assert abs(fit.loc["ecmo", "coef"] - truth["log_hazard_ratio"]) < 3 * fit.loc["ecmo", "se(coef)"]
    assert abs(fit.loc["severity", "coef"] - truth["log_hazard_ratios"]["severity"]) < 3 * fit.loc["severity", "se(coef)"]
    naive = base.drop(columns="id").assign(days=data["end_day"], died=died.astype(int), ecmo=on.astype(int))
    wrong = CoxPHFitter().fit(naive, "days", "died").summary
    assert wrong.loc["ecmo", "coef"] < truth["log_hazard_ratio"] - 3 * wrong.loc["ecmo", "se(coef)"]


def test_the_sicker_are_treated(large: Any) -> None:
    data = flat.candidates(large)
    assert data["severity"][data["ecmo_day"].notna()].mean() > data["severity"][data["ecmo_day"].isna()].mean() + 0.3
    assert (data["ecmo_day"].dropna() <= data["end_day"][data["ecmo_day"].notna()]).all()


@given(seed=st.integers(0, 1000), ratio=st.floats(0.2, 0.99), day=st.integers(0, 14))
@settings(max_examples=20)
def test_ecmo_that_protects_never_hastens_death_and_changes_nothing_before_it_starts(seed: int, ratio: float, day: int) -> None:
    p = parameters({"candidates.hazard_ratio": ratio})
    who = people(np.random.default_rng(seed), 200)
    never, out = fate(who, np.full(200, np.inf), p)
    treated, same = fate(who, np.full(200, float(day)), p)
    np.testing.assert_array_equal(out, same)
    assert np.all(treated >= never * (1 - 1e-9))
    before = never <= day
    np.testing.assert_allclose(treated[before], never[before], rtol=1e-9)


def test_a_hazard_ratio_of_one_makes_no_difference() -> None:
    truth = synthesise(20, 1, hazard_ratio=1.0, course=False).truth["candidates"]
    assert truth["risk_difference"] == 0.0
    assert truth["risk_difference_at_once"] == 0.0


def test_potential_outcomes_are_ordered_by_how_early_ecmo_starts(large: Any) -> None:
    risk = large.truth["candidates"]["risk"]
    assert risk["at_once"] < risk["within_grace"] < risk["never"]


def test_every_parameter_has_a_source_and_a_mark() -> None:
    for name, said in described().items():
        assert said["source"] and said["mark"] in MARKS and said["unit"], name


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"runs": 5}, "runs"),
        ({"seed": -1}, "seed"),
        ({"centres": 0}, "centres"),
        ({"quirks": 0.9}, "quirks"),
        ({"hazard_ratio": 0.0}, "hazard_ratio"),
        ({"censoring": 1.0}, "censoring"),
        ({"volume_plateau": 0.0}, "volume_plateau"),
        ({"change": {"weaning.severty": 1.0}}, "weaning.severity"),
        ({"change": {"weaning.scale_days": 0.0}}, "scale_days"),
        ({"change": {"candidates.grace": 20.0}}, "grace"),
        ({"change": {"volume.centre_sd": float("nan")}}, "centre_sd"),
    ],
)
def test_what_cannot_be_made_is_told(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        synthesise(**{"runs": 50, "seed": 1, **arguments})


@pytest.mark.parametrize("shares", [(1.0, 0.0), (0.0, 1.0), (0.0, 0.0), (0.5, 0.5)])
def test_a_registry_of_one_kind_of_support_can_be_made(shares: tuple[float, float]) -> None:
    change = {"registry.share_respiratory": min(shares[0], 0.95), "registry.share_ecpr": min(shares[1], 0.95)}
    made = synthesise(200, 1, change=change)
    assert validate(made.tables).ok
    assert flat.runs(made)["indication"].nunique() >= 1
