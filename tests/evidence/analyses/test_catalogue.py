"""Every analysis on the embedded registry: the method holds the truth, the naive estimate beside it does not."""

import json

import numpy as np
import pandas as pd
import pytest

from perfuse.evidence.analyses import between, derived, embedded
from perfuse.evidence.analyses.catalogue import ENTRIES, analyse, names
from perfuse.evidence.analyses.options import Options, Rows
from perfuse.evidence.analyses.scored import scored
from perfuse.evidence.finding import Finding
from perfuse.evidence.registry import flat
from perfuse.parameters.problems import InputError
from perfuse.views.analyses import plain

SMALL = {"e-value": Options(), "emulation": Options(runs=12_000, resamples=60, workers=1)}


@pytest.fixture(scope="module")
def found() -> dict[str, Finding]:
    return {name: analyse(name, SMALL.get(name, Options(runs=12_000))) for name in names()}


def truths(one: Finding, role: str) -> list[bool]:
    return [bool(estimate.covers) for estimate in one.estimates if estimate.role == role and estimate.covers is not None]


@pytest.mark.parametrize("name", ["incidence", "fine-gray", "cox", "matching", "weights", "overlap", "emulation", "volume", "survival"])
def test_the_method_holds_the_truth(found: dict[str, Finding], name: str) -> None:
    held = truths(found[name], "method")
    assert held and sum(held) >= len(held) - (len(held) > 2)  # an interval of 95 % may miss


@pytest.mark.parametrize("name", ["incidence", "cox", "matching", "weights", "overlap", "emulation", "volume"])
def test_the_naive_estimate_beside_it_does_not(found: dict[str, Finding], name: str) -> None:
    held = truths(found[name], "naive")
    assert held and sum(held) <= len(held) / 4


@pytest.mark.parametrize("name", names())
def test_each_has_what_a_reader_needs_to_doubt_it(found: dict[str, Finding], name: str) -> None:
    one = found[name]
    assert one.name.replace("kaplan-meier", "survival") == name.replace("incidence", one.name)
    assert one.estimates and len(one.assumptions) >= 2 and one.source and one.question.endswith("?")
    assert all(np.isfinite(estimate.value) for estimate in one.estimates)
    json.dumps(plain(one.as_data()), allow_nan=False)
    if name != "e-value":
        assert "seed 1" in one.diagnostics["registry"]


def test_the_same_seed_gives_the_same_finding() -> None:
    options = Options(runs=3000, seed=9)
    assert analyse("matching", options).as_data() == analyse("matching", options).as_data()
    assert analyse("matching", Options(runs=3000, seed=10)).estimates != analyse("matching", options).estimates


def test_options_that_are_not_used_are_errors_all_at_once() -> None:
    with pytest.raises(InputError) as caught:
        analyse("funnel", Options(caliper=0.1, grace=7, registry="a", table="b"))
    assert {problem.place for problem in caught.value.problems} >= {"--caliper", "--grace"}
    assert any("two sources" in problem.text for problem in caught.value.problems)
    with pytest.raises(InputError, match="not an analysis"):
        analyse("propensity")
    assert all(set(entry.options) <= set(Options.__dataclass_fields__) for entry in ENTRIES)


def test_treatment_that_began_later_is_warned_of_and_a_landmark_takes_it_away() -> None:
    made = embedded.made(2000, 3)
    table = flat.candidates(made.source)
    with_time = derived.candidates(table, 60.0)
    assert with_time["ecmo"].sum() == table["ecmo_day"].notna().sum()
    marked = derived.candidates(table, 60.0, landmark=5.0)
    assert (marked["end_day"] > 5).all() and marked["ecmo"].sum() == ((table["ecmo_day"] <= 5) & (table["end_day"] > 5)).sum()
    with pytest.raises(InputError, match="landmark"):
        derived.candidates(table, 60.0, landmark=60.0)


def test_real_tables_are_warned_of_immortal_time(tmp_path) -> None:  # type: ignore[no-untyped-def]
    flat.candidates(embedded.made(4000, 3).source).to_csv(tmp_path / "c.csv", index=False)
    plain_one = analyse("weights", Options(table=str(tmp_path / "c.csv")))
    assert any("Immortal time" in line for line in plain_one.warnings)
    assert all(one.truth is None for one in plain_one.estimates)
    marked = analyse("weights", Options(table=str(tmp_path / "c.csv"), landmark=3))
    assert not any("Immortal time" in line for line in marked.warnings)


def test_death_by_the_horizon_is_unknown_where_observation_ended_before() -> None:
    frame = pd.DataFrame({
        "age": 50.0, "ecmo_day": np.nan, "end_day": [10.0, 70.0, 10.0, 10.0, 70.0],
        "ended_by": ["died", "died", "discharged", "censored", "censored"],
    })  # fmt: skip
    known = derived.candidates(frame, 60.0)["died_by_horizon"]
    assert known.tolist()[:3] == [1.0, 0.0, 0.0] and np.isnan(known[3]) and known[4] == 0.0


def test_conditions_pick_rows_and_wrong_ones_are_told_together() -> None:
    frame = pd.DataFrame({"indication": ["respiratory", "ecpr", "cardiac"], "year": [2016, 2017, 2016]})
    assert derived.only(frame, ["indication=respiratory,ecpr"]).index.tolist() == [0, 1]
    assert derived.only(frame, ["year=2016", "indication=cardiac"]).index.tolist() == [2]
    with pytest.raises(InputError) as caught:
        derived.only(frame, ["indicatio=x", "year", "indication=lungs"])
    assert len(caught.value.problems) == 3
    with pytest.raises(InputError, match="meets all"):
        derived.only(frame, ["year=2017", "indication=cardiac"])


def test_a_score_over_a_table_is_the_score_of_each_row_and_gaps_are_counted() -> None:
    from perfuse.evidence import score

    frame = derived.runs(flat.runs(embedded.made(600, 2).source))
    frame = frame[frame["indication"] == "respiratory"]
    done = scored(frame, "resp")
    assert len(done.frame) + done.missing + done.refused == len(frame) and done.missing > 0
    for _, row in done.frame.head(5).iterrows():
        inputs = {name: row[name] for name in ("age", "diagnosis", "mv_hours", "paco2_mmHg", "pip_cmH2O")}
        inputs |= {name: bool(row[name]) for name in (
            "immunocompromised", "cns_dysfunction", "nonpulmonary_infection", "nmb", "inhaled_no", "bicarbonate_infusion", "cardiac_arrest",
        )}  # fmt: skip
        there = score("resp", **{key: value.item() if hasattr(value, "item") else value for key, value in inputs.items()})
        assert there["score"] == row["score_value"] and there["risk_class"] == row["score_class"]
        assert row["predicted_death"] == pytest.approx(1 - there["hospital_survival_pct"] / 100)
    with pytest.raises(InputError, match="no classes"):
        scored(frame, "cpo")
    with pytest.raises(InputError, match="no such column"):
        scored(frame.drop(columns=["nmb", "age"]), "resp")


def test_outcomes_that_observation_ended_before_are_warned_of_and_seen_ones_are_not() -> None:
    table = flat.runs(embedded.made(2000, 3).source)
    frame = derived.runs(table)
    assert frame["died"].isna().any()
    (words,) = derived.unseen(frame, "died")
    assert f"{int(frame['died'].isna().sum())} end before the outcome is known" in words
    assert derived.unseen(frame[frame["died"].notna()], "died") == () == derived.unseen(frame, "ecpr")


def test_effects_of_centres_go_on_beyond_the_volumes_of_the_curve() -> None:
    frame = pd.DataFrame({"centre_id": ["a", "b"], "annual_volume": [16.0, 1024.0]})
    law = {"log_or_per_doubling": -0.1, "plateau": None, "curve": {"annual_volume": [1.0, 120.0], "log_or": [0.4, -0.29]}}
    known = {"mortality": {"centre_effects": {"a": 0.0, "b": 0.0}, "volume": law}}
    found = between._effects(Rows(frame, known, "", True))
    assert found is not None and found["b"] - found["a"] == pytest.approx(-0.6)
