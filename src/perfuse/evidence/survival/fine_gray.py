"""Fine-Gray: how covariates move the cumulative incidence of one cause while others compete.

Those who had a competing event stay in the risk set with the weight G(t-)/G(T-), the chance that they would still be watched. The
variance adds what the estimated G contributes (Fine and Gray, J Am Stat Assoc 1999;94:496, section 4), as cmprsk::crr does.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from perfuse.evidence.finding import Estimate, Finding
from perfuse.evidence.survival.columns import CENSORED, Missing, as_labels, left_out, must_hold, read
from perfuse.evidence.survival.partial_likelihood import Hazards, fit_hazards
from perfuse.evidence.survival.proportionality import smoothed, trends, warned
from perfuse.evidence.survival.risk_sets import Array, StartStop, Subdistribution

SOURCE = "Fine and Gray, J Am Stat Assoc 1999;94:496"
EVENTS_PER_COVARIATE = 10
"""Fewer events per covariate than this give a warning (a rule of thumb, assumed)."""


def fine_gray(
    frame: pd.DataFrame,
    covariates: Sequence[str],
    *,
    time: str = "run_days",
    event: str = "support_ended_by",
    cause: str | Sequence[str],
    censored: Sequence[str] = CENSORED,
    profiles: Mapping[str, Mapping[str, float]] | None = None,
    level: float = 0.95,
    missing: Missing = "refuse",
    truth: Mapping[str, float] | None = None,
) -> Finding:
    """Subdistribution hazard ratios of one cause, beside the cause-specific ones of a Cox model that censors competing events (naive).

    covariates  columns; numbers, truth values, or text (then one indicator per level, against the first in the alphabet)
    cause       label of the event; every label that is neither this nor of `censored` competes
    profiles    {"name": {covariate: value}}: the cumulative incidence is predicted for each (covariates not named: their mean)
    truth       subdistribution LOG hazard ratio by covariate
    A ratio above 1 means that more reach the event by any time; it says nothing about the rate among those still on support.
    InputError for missing columns and values, labels that do not occur, covariates that are constant, collinear or separate perfectly.
    """
    course = read(frame, time, event, covariates, missing=missing)
    wanted = as_labels(cause)
    must_hold(course, wanted, event)
    is_event = np.isin(course.label, wanted)
    competing = ~is_event & ~np.isin(course.label, censored)
    sets = Subdistribution.of(course.time, is_event, competing)
    fitted = fit_hazards(sets, course.x, ties="breslow", names=course.names, what="Fine-Gray")
    variance = sandwich(fitted, sets, course.x, course.time, is_event, competing)
    naive_sets = StartStop.of(np.full(course.time.size, -1.0), course.time, is_event)
    naive = fit_hazards(naive_sets, course.x, ties="efron", names=course.names, what="the cause-specific Cox model")
    known = truth or {}
    estimates = [
        *_ratios(course.names, fitted.beta, np.sqrt(np.diag(variance)), "subdistribution hazard ratio", level, known),
        *_ratios(course.names, naive.beta, np.sqrt(np.diag(naive.model)), "cause-specific hazard ratio (Cox)", level, known, naive=True),
    ]
    tests = trends(sets, course.x, fitted, course.names)
    warnings = [*left_out(course), *warned(tests)]
    if is_event.sum() < EVENTS_PER_COVARIATE * len(course.names):
        warnings.append(f"{int(is_event.sum())} events for {len(course.names)} covariates: fewer than 10 each, intervals are optimistic.")
    if not competing.any():
        warnings.append("Nothing competes with this event in these data: the model is an ordinary Cox model.")
    curves: dict[str, Mapping[str, Any]] = dict(smoothed(sets, fitted, course.names))
    for name, values in (profiles or {}).items():
        curves[f"incidence {name}"] = predict(fitted, sets, course.x, course.names, values)
    return Finding(
        name="fine-gray",
        question=f"How do covariates move the share who reach {' or '.join(wanted)} while other events compete?",
        n={"rows": int(course.time.size), "events": int(is_event.sum()), "competing": int(competing.sum())},
        estimates=tuple(estimates),
        assumptions=(
            "The subdistribution hazards are proportional: one ratio holds at all times (tested below).",
            "Censoring is independent of covariates and outcome: one curve of staying in sight serves for all.",
            "Rows are independent of each other.",
            "The ratio orders cumulative incidences; it is not a rate among those still at risk and not a causal effect by itself.",
        ),
        diagnostics={
            "proportionality": tests,
            "ended": course.counts(),
            "log_likelihood": list(fitted.likelihood),
            "newton_steps": fitted.steps,
            "interval": f"robust (sandwich with the censoring curve's own part), {100 * level:g} %",
        },
        warnings=tuple(warnings),
        curves=curves,
        source=SOURCE,
    )


def _ratios(
    names: Sequence[str], beta: Array, se: Array, words: str, level: float, truth: Mapping[str, float], naive: bool = False
) -> list[Estimate]:
    half = norm.ppf(0.5 + level / 2.0) * se
    tail = "" if level == 0.95 else f" ({100 * level:g} % interval)"
    return [
        Estimate(
            label=f"{words}, {name}{tail}",
            value=float(np.exp(b)),
            low=float(np.exp(b - h)),
            high=float(np.exp(b + h)),
            role="naive" if naive else "method",
            truth=float(np.exp(truth[name])) if name in truth else None,
        )
        for name, b, h in zip(names, beta, half, strict=True)
    ]


def sandwich(
    fitted: Hazards, sets: Subdistribution, x: Array, time: Array, is_event: NDArray[np.bool_], competing: NDArray[np.bool_]
) -> Array:
    """Variance (p, p): score residuals plus each row's part in the censoring curve."""
    residuals = fitted.residuals + _censoring_part(fitted, sets, x, time, is_event, competing)
    return np.asarray(fitted.model @ (residuals.T @ residuals) @ fitted.model)


def _censoring_part(
    fitted: Hazards, sets: Subdistribution, x: Array, time: Array, is_event: NDArray[np.bool_], competing: NDArray[np.bool_]
) -> Array:
    """psi of Fine and Gray: integral of q/pi over the censoring martingale of each row."""
    censored = ~(is_event | competing)
    if not (censored.any() and competing.any()):
        return np.zeros_like(x)
    p = x.shape[1]
    risk = np.exp(x @ fitted.beta)
    at_risk = sets.sums(np.column_stack([risk, risk[:, None] * x]))
    hazard = sets.g_time * fitted.step
    late = np.zeros((sets.times.size + 1, 1 + p))
    late[:-1] = np.cumsum(np.column_stack([hazard, hazard[:, None] * at_risk[:, 1:] / at_risk[:, :1]])[::-1], axis=0)[::-1]
    when = np.unique(time[censored])
    gone = np.where(competing, risk / sets.g_row, 0.0)
    order = np.argsort(time, kind="stable")
    summed = np.vstack([np.zeros(1 + p), np.cumsum(np.column_stack([gone, gone[:, None] * x])[order], axis=0)])
    before = summed[np.searchsorted(time[order], when, side="left")]
    after = late[np.searchsorted(sets.times, when, side="left")]
    q = before[:, 1:] * after[:, :1] - before[:, :1] * after[:, 1:]
    watched = time.size - np.searchsorted(time[order], when, side="left")
    numbers = np.bincount(np.searchsorted(when, time[censored]), minlength=when.size)
    drift = np.vstack([np.zeros(p), np.cumsum(q * (numbers / watched**2)[:, None], axis=0)])
    part = -drift[np.searchsorted(when, time, side="right")]
    part[censored] += (q / watched[:, None])[np.searchsorted(when, time[censored])]
    return np.asarray(part)


def predict(fitted: Hazards, sets: Subdistribution, x: Array, names: Sequence[str], values: Mapping[str, float]) -> dict[str, list[float]]:
    """Cumulative incidence over time for one set of covariates: 1 - exp(-cumulative subdistribution hazard)."""
    row = np.array([values.get(name, mean) for name, mean in zip(names, x.mean(axis=0), strict=True)])
    share = 1.0 - np.exp(-np.cumsum(fitted.step) * np.exp(float(row @ fitted.beta)))
    return {"time": [0.0, *sets.times.tolist()], "share": [0.0, *share.tolist()]}
