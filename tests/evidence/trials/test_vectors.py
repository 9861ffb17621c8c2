"""The published analysis vectors, and the check values of the evidence notes, through the one door."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from perfuse import evidence
from perfuse.evidence.trials.analysis import kinds
from perfuse.evidence.trials.pools import pools
from perfuse.evidence.trials.reanalyses import reanalyses
from perfuse.parameters.problems import InputError

VECTORS = YAML(typ="safe").load((Path(__file__).parent / "analyses.yaml").read_text(encoding="utf-8"))["analyses"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["id"])
def test_every_vector_is_reproduced(vector: dict[str, Any]) -> None:
    found = evidence.analysis(vector["kind"], **vector["inputs"])
    assert found.keys() >= vector["expected"].keys()
    decimals = {"bayes_rr": 1e-3, "risk_ratio": 5.5e-4, "odds_ratio": 5.5e-4}.get(vector["kind"], 6e-5)  # bayes_rr: by a coarser grid
    for name, value in vector["expected"].items():
        assert found[name] == pytest.approx(value, rel=4e-4, abs=decimals), name


def test_pooled_90_day_mortality_of_eolia_and_cesar() -> None:
    pool = pools()["eolia-cesar"]
    rows = [{"study": s.name, **vars(s.counts)} for s in pool.studies]
    found = evidence.analysis("meta_rr", studies=rows)
    for model in ("FE", "DL", "REML", "PM"):
        assert [round(x, 2) for x in found[model]] == [0.75, 0.60, 0.94]
    assert [round(x, 3) for x in found["HK_DL"]] == [0.752, 0.380, 1.488]
    assert round(found["MH"][0], 3) == 0.751
    assert found["I2"] == 0.0 and found["PI_DL"] is None
    assert any("Hartung-Knapp is shown but not chosen" in words for words in found["warnings"])


def test_whether_ecpr_is_significant_depends_on_the_estimator_and_that_is_said() -> None:
    rows = [{"study": s.name, **vars(s.counts)} for s in pools()["ecpr"].studies]
    found = evidence.analysis("meta_rr", studies=rows)
    assert found["REML"] == pytest.approx([1.452, 1.019, 2.071], abs=5e-4) and found["tau2_REML"] == 0.0
    assert found["DL"] == pytest.approx([1.47107, 0.95795, 2.25904], abs=5e-6) and found["tau2_DL"] == pytest.approx(0.0270466, abs=5e-8)
    assert any("depends on the model" in words for words in found["warnings"])


def test_the_va_pool_is_near_the_published_one_and_the_h1n1_pool_is_that_of_the_notes() -> None:
    rows = [{"study": s.name, **vars(s.counts)} for s in pools()["va-ecmo"].studies]
    assert [round(x, 3) for x in evidence.analysis("meta_or", studies=rows)["FE"]] == [0.913, 0.663, 1.259]
    cohorts = [{"study": s.name, "events": s.events, "n": s.n} for s in pools()["h1n1"].cohorts]
    found = evidence.analysis("meta_proportion_logit_DL", studies=cohorts)
    assert [round(100 * found[name], 1) for name in ("pooled", "ci_low", "ci_high")] == [62.3, 50.2, 73.0]
    assert round(found["I2"]) == 81


def test_pham_matched_odds_ratio() -> None:
    assert round(evidence.analysis("odds_ratio", e1=26, n1=52, e0=21, n0=52)["or"], 2) == 1.48


def test_golighers_posteriors_are_reproduced_as_far_as_their_priors_are_known() -> None:
    found = {one.id: one for one in reanalyses()}
    for name in ("goligher-minimal", "goligher-enthusiastic", "goligher-sceptical"):
        numbers = {number.name: number for number in found[name].numbers}
        assert numbers["lo"].agrees and numbers["hi"].agrees and numbers["p_lt1"].agrees, name
    assert found["goligher-earlier-studies"].reproduced == "no"
    off = {(one.id, n.name): abs((n.recomputed or 0.0) - n.printed) for one in found.values() for n in one.numbers if n.agrees is False}
    assert off == pytest.approx(
        {
            ("goligher-minimal", "med"): 0.010, ("goligher-enthusiastic", "p_lt067"): 0.80, ("goligher-sceptical", "p_lt067"): 0.55,
            ("goligher-sceptical", "arr2"): 1.41, ("inception-flat", "rr_lo"): 0.015, ("inception-flat", "rr_hi"): 0.049,
        },
        abs=0.006,
    )  # fmt: skip


def test_arrest_and_inception_follow_from_flat_priors() -> None:
    found = {one.id: one for one in reanalyses()}
    assert found["arrest-flat"].reproduced == "yes"
    numbers = {number.name: number.agrees for number in found["inception-flat"].numbers}
    assert all(numbers[name] for name in ("rd_mean", "rd_lo", "rd_hi", "rr_med", "p_rd_ge5"))


ARMS = {"e1": 3, "n1": 10, "e0": 4, "n0": 10}
TWO = [{"study": "a", **ARMS}, {"study": "b", **ARMS}]


@pytest.mark.parametrize(
    ("kind", "inputs", "said"),
    [
        ("risk_ration", ARMS, "risk_ratio"),
        ("risk_ratio", {"e1": 3, "n1": 10, "e0": 4}, "missing"),
        ("risk_ratio", {**ARMS, "e1": 11}, "11 events among 10 patients"),
        ("risk_ratio", {**ARMS, "e1": -1}, "no count"),
        ("risk_ratio", {**ARMS, "e1": 2.5}, "no count"),
        ("risk_ratio", {**ARMS, "e1": float("nan")}, "no count"),
        ("risk_ratio", {**ARMS, "e1": True}, "no count"),
        ("risk_ratio", {**ARMS, "e1": "30%"}, "percentage"),
        ("risk_ratio", {**ARMS, "n0": 0}, "0"),
        ("risk_ratio", {**ARMS, "e1": 0, "e0": 0}, "ratio does not exist"),
        ("odds_ratio", {**ARMS, "e1": 10, "e0": 10}, "odds ratio does not exist"),
        ("risk_ratio", {**ARMS, "n2": 1}, "n2"),
        ("risk_ratio", {**ARMS, "level": 95}, "level"),
        ("meta_rr", {"studies": []}, "0 studies"),
        ("meta_rr", {"studies": "x"}, "no list"),
        ("meta_rr", {"studies": TWO[:1]}, "1 of 1"),
        ("meta_rr", {"studies": [TWO[0], TWO[0]]}, "stands here 2 times"),
        ("meta_rr", {"studies": [TWO[0], {"study": "c", "e1": 1, "n1": 2, "e0": 3, "n0": 1, "x": 2}]}, "'x' is not known"),
        ("meta_rr", {"studies": TWO, "model": "XX"}, "XX"),
        ("meta_proportion_logit_DL", {"studies": [{"study": "a", "events": 4, "n": 3}]}, "4 events among 3"),
        ("bayes_rr", {**ARMS, "prior": {"log_rr_mean": 0.0}}, "log_rr_sd"),
        ("bayes_rr", {**ARMS, "prior": {"log_rr_mean": 0.0, "log_rr_sd": 0.0}}, "out of range"),
        ("bayes_rr", {**ARMS, "prior": {"log_rr_mean": 0.0, "log_rr_sd": 1.0, "pc": "Beta(2,2)"}}, "uniform"),
        ("bayes_rr", {**ARMS, "prior": "sceptic"}, "sceptical"),
        ("bayes_rr", {**ARMS, "prior": "minimal", "likelihood": "poisson"}, "likelihood"),
    ],
)
def test_wrong_inputs_are_told(kind: str, inputs: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        evidence.analysis(kind, **inputs)
    assert said in str(caught.value)


def test_every_kind_of_the_vectors_is_there_and_problems_come_all_at_once() -> None:
    assert {vector["kind"] for vector in VECTORS} <= set(kinds())
    with pytest.raises(InputError) as caught:
        evidence.analysis("meta_rr", studies=[{"study": "a", "e1": 9, "n1": 3, "e0": 1, "n0": 2}, {"study": "b", "e1": "x", "n1": 3}])
    assert len(caught.value.problems) == 4
