"""Every pooled number beside R's metafor, whose answers are kept in tests/oracles/metafor.csv."""

import csv
from functools import cache
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from perfuse.evidence.trials import small_studies
from perfuse.evidence.trials.classical import mantel_haenszel, peto_pool
from perfuse.evidence.trials.heterogeneity import ESTIMATORS, i2_of_q, q_profile, q_test, tau2_of
from perfuse.evidence.trials.meta import Meta, cumulative, leave_one_out, meta_analysis, subgroups
from perfuse.evidence.trials.pooling import pool, prediction
from perfuse.evidence.trials.proportions import binomial_normal, freeman_tukey, logits
from perfuse.evidence.trials.studies import OneArm, Study
from perfuse.evidence.trials.two_arms import Counts

ORACLES = Path(__file__).resolve().parents[2] / "oracles"
TESTS = {"z": "Wald", "knha": "HK", "adhoc": "mHK"}
H1N1 = [OneArm(str(i), e, n) for i, (e, n) in enumerate(((32, 68), (57, 75), (41, 60), (33, 38), (5, 14), (79, 123), (28, 61)))]
CASES = [(p, m) for p in ("ecpr", "shock", "eolia", "bcg", "zeros") for m in ("rr", "or", "rd") if (p, m) != ("zeros", "rd")]


@cache
def said() -> dict[str, float]:
    """What R said."""
    with (ORACLES / "metafor.csv").open(encoding="utf-8", newline="") as file:
        return {row["quantity"]: float(row["value"]) for row in csv.DictReader(file)}


@cache
def pools() -> dict[str, tuple[Study, ...]]:
    """The pools that R was given."""
    with (ORACLES / "metafor_data.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        name: tuple(Study(r["study"], Counts(*(int(r[c]) for c in ("e1", "n1", "e0", "n0"))), int(r["year"]), r["group"]) for r in group)
        for name, group in groupby(rows, key=lambda row: row["pool"])
    }


def pooled(name: str, measure: str) -> Meta:
    return meta_analysis(pools()[name], measure, model="DL")  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "measure"), CASES)
def test_effects_and_variances_of_studies_are_those_of_escalc(name: str, measure: str) -> None:
    meta, key = pooled(name, measure), f"{name}.{measure.upper()}"
    assert meta.y == pytest.approx([said()[f"{key}.y.{i + 1}"] for i in range(meta.k)], rel=1e-10)
    assert meta.v == pytest.approx([said()[f"{key}.v.{i + 1}"] for i in range(meta.k)], rel=1e-10)


@pytest.mark.parametrize(("name", "measure"), CASES)
def test_every_model_and_interval_is_that_of_rma(name: str, measure: str) -> None:
    meta, key = pooled(name, measure), f"{name}.{measure.upper()}"
    for model in ("FE", *ESTIMATORS):
        for test in ("z",) if model == "FE" else TESTS:
            one, at = pool(meta.y, meta.v, model, TESTS[test]), f"{key}.{model}.{test}"
            assert one.y == pytest.approx(said()[f"{at}.b"], rel=2e-6, abs=1e-8), at
            assert (one.low, one.high) == pytest.approx((said()[f"{at}.lb"], said()[f"{at}.ub"]), rel=2e-6, abs=1e-7), at
            assert one.p == pytest.approx(said()[f"{at}.p"], rel=2e-5, abs=1e-12), at


@pytest.mark.parametrize(("name", "measure"), CASES)
def test_heterogeneity_is_that_of_rma_and_confint(name: str, measure: str) -> None:
    meta, key = pooled(name, measure), f"{name}.{measure.upper()}"
    q, df, p = q_test(meta.y, meta.v)
    assert (q, p) == pytest.approx((said()[f"{key}.Q"], said()[f"{key}.Qp"]), rel=1e-9)
    assert i2_of_q(q, df) == pytest.approx(said()[f"{key}.I2"], rel=1e-9)
    for model in ESTIMATORS:
        assert tau2_of(meta.y, meta.v, model) == pytest.approx(said()[f"{key}.{model}.tau2"], rel=1e-5, abs=1e-9), model
        if meta.k > 2:
            ahead = prediction(meta.y, meta.v, model)
            assert ahead is not None
            assert ahead[0] == pytest.approx(said()[f"{key}.{model}.pi.lb"], rel=1e-5, abs=1e-8)
    if meta.k > 2:
        limits = (said()[f"{key}.tau2.lb"], min(said()[f"{key}.tau2.ub"], 100.0))  # confint looks no further than 100
        low, high = q_profile(meta.y, meta.v)
        assert (low, min(high, 100.0)) == pytest.approx(limits, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("name", "measure"), [case for case in CASES if case[0] != "eolia"])
def test_who_matters_is_that_of_leave1out_and_cumul(name: str, measure: str) -> None:
    meta, key = pooled(name, measure), f"{name}.{measure.upper()}"
    without = [said()[f"{key}.without.{i + 1}"] for i in range(meta.k)]
    assert [row["estimate"] for row in leave_one_out(meta)] == pytest.approx([meta.back(y) for y in without], rel=1e-9)
    up_to = [said()[f"{key}.upto.{i + 1}"] for i in range(meta.k)]
    assert [row["estimate"] for row in cumulative(meta)] == pytest.approx([meta.back(y) for y in up_to], rel=1e-9)


@pytest.mark.parametrize("measure", ["rr", "or", "rd"])
def test_the_interaction_of_subgroups_is_that_of_rma_on_their_means(measure: str) -> None:
    found = subgroups(pooled("bcg", measure))
    assert found is not None
    key = f"bcg.{measure.upper()}.interaction"
    assert (found["Q_between"], found["p"]) == pytest.approx((said()[f"{key}.Q"], said()[f"{key}.p"]), rel=1e-9)


@pytest.mark.parametrize(("name", "measure"), [case for case in CASES if case[0] != "eolia"])
def test_egger_is_regtest(name: str, measure: str) -> None:
    meta, key = pooled(name, measure), f"{name}.{measure.upper()}.egger"
    found = small_studies.egger(meta.y, meta.v)
    assert found is not None
    assert (found.t, found.p) == pytest.approx((said()[f"{key}.t"], said()[f"{key}.p"]), rel=1e-8)


@pytest.mark.parametrize("name", ["ecpr", "shock", "bcg", "zeros"])
def test_peters_is_a_weighted_line(name: str) -> None:
    meta = pooled(name, "or")
    found = small_studies.peters(meta.y, [study.counts for study in meta.used])
    assert found is not None
    assert (found.slope, found.p) == pytest.approx((said()[f"{name}.OR.peters.slope"], said()[f"{name}.OR.peters.p"]), rel=1e-8)


@pytest.mark.parametrize("name", ["ecpr", "shock", "eolia", "bcg", "zeros"])
def test_mantel_haenszel_and_peto_are_rma_mh_and_rma_peto(name: str) -> None:
    tables = [study.counts for study in pools()[name]]
    found = {f"{m.upper()}.MH": mantel_haenszel(tables, m) for m in ("rr", "or", "rd")} | {"Peto": peto_pool(tables)}  # type: ignore[arg-type]
    for model, one in found.items():
        assert one is not None
        key = f"{name}.{model}"
        assert [one.y, one.low, one.high] == pytest.approx(
            [said()[f"{key}.{p}"] for p in ("beta", "ci.lb", "ci.ub")], rel=1e-8, abs=1e-10
        ), key


def test_proportions_are_those_of_rma_and_rma_glmm() -> None:
    y, v, _ = logits(H1N1)
    one = pool(y, v, "DL")
    assert (one.y, one.low, one.high, one.tau2) == pytest.approx([said()[f"h1n1.logit.{p}"] for p in ("b", "lb", "ub", "tau2")], rel=1e-9)
    assert freeman_tukey(H1N1) == pytest.approx([said()[f"h1n1.FT.{p}"] for p in ("pred", "lb", "ub")], rel=1e-9)
    glmm = binomial_normal(H1N1)
    assert glmm is not None and glmm.tau2 is not None
    assert (glmm.y, glmm.tau2) == pytest.approx((said()["h1n1.glmm.b"], said()["h1n1.glmm.tau2"]), abs=1.5e-3)
    assert glmm.low == pytest.approx(said()["h1n1.glmm.lb"], abs=5e-3)


def test_r_was_asked_about_every_pool() -> None:
    assert {key.partition(".")[0] for key in said()} == {*pools(), "h1n1"}
    assert np.isfinite(list(said().values())).all()
