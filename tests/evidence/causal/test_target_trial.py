"""The emulated trial: it recovers what the potential outcomes say; without confounding and immortal time it is the plain comparison."""

import numpy as np
import pandas as pd
import pytest

from perfuse.evidence.causal import clones
from perfuse.evidence.causal.target_trial import emulate
from perfuse.evidence.registry import flat
from perfuse.evidence.registry.synthetic import synthesise
from perfuse.evidence.scale import processes
from perfuse.parameters.problems import InputError


def one(found, label):  # type: ignore[no-untyped-def]
    return next(estimate for estimate in found.estimates if estimate.label == label)


@pytest.fixture(scope="module")
def registry() -> tuple[pd.DataFrame, dict[str, float]]:
    made = synthesise(400, 7, candidates=8000, course=False)
    risk = made.truth["candidates"]["risk"]
    within, never = 100 * risk["within_grace"], 100 * risk["never"]
    frame = flat.candidates(made)
    truth = {"risk_treated": within, "risk_untreated": never, "risk_difference": within - never, "risk_ratio": within / never}
    return frame, truth


def test_it_recovers_the_truth_where_the_naive_comparisons_do_not(registry: tuple[pd.DataFrame, dict[str, float]]) -> None:
    frame, truth = registry
    found = emulate(frame, covariates=["severity", "age"], resamples=60, truth=truth)
    for label in ("Risk of death at 60 d, ECMO in time", "Risk of death at 60 d, no ECMO", "Risk difference at 60 d, emulated trial"):
        assert one(found, label).covers, label
    assert not one(found, "Risk difference at 60 d, ever v never treated").covers
    assert not one(found, "Risk difference at 60 d, ever v never treated, weighted by baseline, without time zero").covers
    assert [row["item"] for row in found.diagnostics["protocol"]] == [
        "eligibility", "treatment strategies", "assignment", "follow-up", "outcome", "causal contrast", "analysis",
    ]  # fmt: skip


def test_the_same_seed_gives_the_same_numbers_however_the_work_is_shared(registry: tuple[pd.DataFrame, dict[str, float]]) -> None:
    frame = registry[0].head(1500)
    alone = emulate(frame, covariates=["severity"], resamples=50, seed=4)
    with processes(2) as across:
        shared = emulate(frame, covariates=["severity"], resamples=50, seed=4, across=across)
    assert alone.as_data() == shared.as_data()
    other = emulate(frame, covariates=["severity"], resamples=50, seed=5)
    assert other.estimates[0].value == alone.estimates[0].value and other.estimates[0].low != alone.estimates[0].low


def test_when_all_start_on_day_zero_or_never_at_random_it_is_the_plain_comparison() -> None:
    rng = np.random.default_rng(2)
    n = 3000
    treated = rng.random(n) < 0.5
    days = rng.exponential(np.where(treated, 60, 40))
    frame = pd.DataFrame({"x": rng.normal(size=n), "ecmo_day": np.where(treated, 0.0, np.nan), "end_day": np.minimum(days, 80.0)})
    frame["ended_by"] = np.where(days <= 80, "died", "censored")
    found = emulate(frame, covariates=["x"], grace_days=1, resamples=50)
    plain = 100 * (np.mean(days[treated] <= 60) - np.mean(days[~treated] <= 60))
    assert one(found, "Risk difference at 60 d, emulated trial").value == pytest.approx(plain, abs=0.6)
    assert one(found, "Risk difference at 60 d, ever v never treated").value == pytest.approx(plain, abs=1e-9)


def test_with_equal_weights_it_is_aalen_johansen() -> None:
    from perfuse.evidence.survival.aalen_johansen import aalen_johansen  # which is compared with R's cmprsk and survival

    rng = np.random.default_rng(3)
    end = np.round(rng.exponential(20, 200), 1) + 0.1
    how = rng.choice([clones.CENSORED, clones.DIED, clones.DISCHARGED], 200, p=[0.2, 0.5, 0.3])
    who = clones.arm(end, how, np.arange(200))
    own = np.ones(200)
    ours = who.death(own, np.cumsum(own[::-1])[::-1], 40)
    theirs = aalen_johansen(end, how, 2)
    for day in (1, 5, 10, 20, 40):
        at = theirs.at(float(day))
        assert ours[day - 1] == pytest.approx(theirs.share[0][at] if at >= 0 else 0.0, abs=1e-12)


def test_what_cannot_be_emulated_is_refused_in_sentences(registry: tuple[pd.DataFrame, dict[str, float]]) -> None:
    frame, _ = registry
    with pytest.raises(InputError) as caught:
        emulate(frame, start="ecmo_dy", grace_days=70, resamples=2)
    assert len(caught.value.problems) == 3 and "ecmo_day" in str(caught.value)
    with pytest.raises(InputError, match="one arm cannot stand for the other"):
        emulate(frame.assign(ecmo_day=np.nan), covariates=["severity"])
    with pytest.raises(InputError, match="not known here"):
        emulate(frame.assign(ended_by="lost"), covariates=["severity"])
