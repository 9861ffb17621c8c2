"""On the synthetic registry each method finds the truth it was made with, and its naive neighbour does not."""

import pandas as pd
import pytest

from perfuse.evidence.registry import flat
from perfuse.evidence.registry.synthetic import Registry, synthesise
from perfuse.evidence.survival import cumulative_incidence, ecmo_cox, fine_gray


@pytest.fixture(scope="module")
def registry() -> Registry:
    return synthesise(20_000, seed=5, candidates=20_000, course=False, missingness=0.0)


@pytest.fixture(scope="module")
def cardiac(registry: Registry) -> pd.DataFrame:
    runs = flat.runs(registry, ["run_days", "support_ended_by", "indication", "age", "severity", "diagnosis"])
    runs = runs[runs["indication"] == "cardiac"]
    return runs.assign(age_decade=(runs["age"] - 50.0) / 10.0, myocarditis=runs["diagnosis"] == "myocarditis")


def test_fine_gray_finds_the_ratios_of_weaning_and_the_cause_specific_model_does_not(registry: Registry, cardiac: pd.DataFrame) -> None:
    truth = registry.truth["weaning"]["log_subdistribution_hazard_ratios"]
    found = fine_gray(cardiac, list(truth), cause="weaned", truth=truth)
    for one in found.estimates:
        if one.role == "method":
            assert one.truth is not None and one.low is not None and one.high is not None
            reach = (one.high / one.low) ** (1.1 / 3.92)  # 99.7 % in place of 95 %, for three ratios
            assert one.low / reach < one.truth < one.high * reach
    naive = next(one for one in found.estimates if one.role == "naive" and "severity" in one.label)
    assert naive.covers is False


def test_the_incidence_is_that_of_the_registry_and_one_minus_kaplan_meier_is_far_above(registry: Registry, cardiac: pd.DataFrame) -> None:
    known = registry.truth["weaning"]["incidence"]
    at = known["days"].index(14.0)
    found = cumulative_incidence(cardiac, (14,), truth={f"{cause} at 14": known[cause][at] for cause in ("weaned", "died")})
    for one in found.estimates:
        if one.truth is not None:
            assert (one.value == pytest.approx(one.truth, abs=1.8)) is (one.role == "method")


def test_cox_with_a_late_start_finds_the_causal_hazard_ratio_and_ever_treated_does_not(registry: Registry) -> None:
    found = ecmo_cox(flat.candidates(registry), truth=registry.truth["candidates"]["hazard_ratio"])
    ours, naive = found.estimates[0], found.estimates[-1]
    assert ours.value == pytest.approx(0.7, rel=0.08)
    assert naive.role == "naive" and naive.covers is False and naive.value < 0.45
