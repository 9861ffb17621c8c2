"""The weighted analysis as a finding: inverse probability of treatment, or overlap weights."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perfuse.evidence.causal import balance as balances
from perfuse.evidence.causal.contrasts import KINDS, crude
from perfuse.evidence.causal.e_value import registered
from perfuse.evidence.causal.logistic import fit, with_constant
from perfuse.evidence.causal.matched import ASSUMPTIONS
from perfuse.evidence.causal.propensity import Propensity, histogram, overlap, propensity
from perfuse.evidence.causal.weights import ESTIMANDS, SOURCES, Weights, effective, weighted, weights
from perfuse.evidence.finding import Estimate, Finding
from perfuse.evidence.frames import called
from perfuse.evidence.progress import Progress
from perfuse.parameters.problems import Problems

Array = NDArray[np.float64]
LARGE = 20.0
"""A weight that many times the mean of its arm is called large."""


def weighting(
    frame: pd.DataFrame,
    *,
    treatment: str,
    outcome: str,
    covariates: Sequence[str],
    estimand: str = "ATE",
    stabilised: bool = False,
    truncate: float | None = None,
    bootstrap: int = 0,
    seed: int = 0,
    truth: Mapping[str, float] | None = None,
    progress: Progress | None = None,
) -> Finding:
    """Weight treated and untreated to one population and compare their risks of the outcome.

    estimand    "ATE" everybody, "ATT" the treated, "ATO" the overlap
    truncate    percentile of the weights of each arm beyond which they are cut, None for not at all
    bootstrap   number of resamples for percentile intervals beside the robust ones; 0 for none
    truth       risk_difference (in %), risk_ratio, odds_ratio of this estimand where they are known
    """
    problems = Problems("the weights")
    if estimand not in ESTIMANDS:
        problems.add(("estimand",), f"'{estimand}' is not an estimand", value=estimand, allowed=", ".join(ESTIMANDS))
    if truncate is not None and not 50.0 < truncate < 100.0:
        problems.add(
            ("truncate",), "this percentile cannot be cut at", value=truncate, allowed="more than 50 and less than 100, usually 99"
        )
    if bootstrap and bootstrap < 50:
        problems.add(("bootstrap",), "too few resamples for an interval", value=bootstrap, allowed="0, or 50 and more")
    problems.raise_if_any()
    found = propensity(frame, treatment, covariates, outcome=outcome)
    y = found.frame[outcome].to_numpy(dtype=np.float64)
    given = weights(found.score, found.treated, estimand, stabilised=stabilised, truncate=truncate)
    both = weighted(found, y, given)
    known = truth or {}
    estimates = [
        Estimate("Risk, treated, weighted", 100 * both.treated, unit="%"),
        Estimate("Risk, untreated, weighted", 100 * both.untreated, unit="%"),
        *both.estimates("weighted", truths=known),
    ]
    if bootstrap and not both.one_sided:
        estimates += _resampled(found, y, estimand, truncate, bootstrap, seed, both, known, progress)
    estimates += crude(y, found.treated, known)
    table = balances.balance(found.x, found.names, found.treated, given.weights)
    diagnostics = _diagnostics(found, given, table, estimand, stabilised, truncate, bootstrap, seed)
    made = Finding(
        name="overlap" if estimand == "ATO" else "weights",
        question=f"How does {called(outcome)} differ between treated and untreated, for {ESTIMANDS[estimand]}?",
        n={"rows": int(y.size), "left out (missing values)": found.left_out, "treated": int(found.treated.sum())},
        estimates=tuple(estimates),
        assumptions=ASSUMPTIONS,
        diagnostics=diagnostics,
        warnings=both.one_sided + _warnings(found, given, table, estimand),
        curves={
            "balance": balances.love(table),
            "propensity": histogram(found),
            "propensity after": histogram(found, given.weights),
            "weights": _spread(found, given),
        },
        source=SOURCES[estimand] + "; interval: Lunceford JK, Davidian M. Stat Med 2004;23:2937-60",
    )
    diagnostics.update(registered(made))
    return made


def _resampled(
    found: Propensity, y: Array, estimand: str, truncate: float | None, times: int, seed: int, both: Any, known: Mapping[str, float],
    progress: Progress | None,
) -> list[Estimate]:  # fmt: skip
    """Percentile intervals: people drawn with replacement (as counts), the propensity model fitted again each time."""
    rng = np.random.default_rng(seed)
    x, a = with_constant(found.x), found.treated
    drawn: list[tuple[float, float]] = []
    for i in range(times):
        counts = rng.multinomial(y.size, np.full(y.size, 1.0 / y.size)).astype(np.float64)
        model = fit(x, a.astype(np.float64), counts, names=found.names)
        score = 1.0 / (1.0 + np.exp(-model.log_odds(x)))
        w = counts * weights(score, a, estimand, truncate=truncate).weights
        drawn.append((float((w * y)[a].sum() / w[a].sum()), float((w * y)[~a].sum() / w[~a].sum())))
        if progress is not None:
            progress(i + 1, times, "resampling")
    p1, p0 = np.array(drawn).T
    scales = {"risk_difference": 100 * (p1 - p0), "risk_ratio": p1 / p0, "odds_ratio": p1 * (1 - p0) / (p0 * (1 - p1))}
    out = []
    for kind, words in KINDS.items():
        one = both.estimate(kind, f"{words}, weighted, bootstrap interval", truth=known.get(kind))
        low, high = np.percentile(scales[kind], [2.5, 97.5])
        out.append(Estimate(one.label, one.value, float(low), float(high), one.unit, "method", one.truth))
    return out


def _diagnostics(
    found: Propensity,
    given: Weights,
    table: list[dict[str, Any]],
    estimand: str,
    stabilised: bool,
    truncate: float | None,
    times: int,
    seed: int,
) -> dict[str, Any]:
    a, w = found.treated, given.weights
    return {
        "estimand": estimand,
        "balance": table,
        "largest standardised difference before": max(abs(row["SMD before"]) for row in table),
        "largest standardised difference after": max(abs(row["SMD after"]) for row in table),
        **overlap(found),
        "effective sample size, treated": effective(w[a]),
        "effective sample size, untreated": effective(w[~a]),
        "largest weight over the mean of its arm": float(max(w[arm].max() / w[arm].mean() for arm in (a, ~a))),
        "stabilised": "yes" if stabilised else "no",
        "truncated": "no" if truncate is None else f"{given.truncated} weights, beyond percentile {truncate:g}",
        **({"resamples": times, "seed": seed} if times else {}),
    }


def _spread(found: Propensity, given: Weights) -> dict[str, Any]:
    """Weights over the mean of their arm at percentiles, for a figure."""
    at = [0, 1, 5, 25, 50, 75, 95, 99, 100]
    arms = [given.weights[arm] / given.weights[arm].mean() for arm in (found.treated, ~found.treated)]
    return {"percentile": at, "treated": np.percentile(arms[0], at).tolist(), "untreated": np.percentile(arms[1], at).tolist()}


def _warnings(found: Propensity, given: Weights, table: list[dict[str, Any]], estimand: str) -> tuple[str, ...]:
    words = []
    for name, arm in (("treated", found.treated), ("untreated", ~found.treated)):
        w = given.weights[arm]
        if w.max() > LARGE * w.mean():
            words.append(
                f"One of the {name} counts {w.max() / w.mean():.0f} times the mean: few patients carry the estimate; overlap weights do "
                "not have this."
            )
        if effective(w) < 0.2 * w.size:
            words.append(f"The {int(arm.sum())} {name} are worth {effective(w):.0f} after weighting.")
    if given.truncated:
        words.append("Truncated weights no longer weigh to the population named; the interval takes the limits as fixed.")
    if found.left_out:
        words.append(f"{found.left_out} rows with missing values were left out; that is fair only if they miss by chance.")
    if estimand == "ATO":
        words.append("The overlap is a population that the data define: those with a propensity near one half count most.")
    return (*words, *balances.out_of_balance(table))
