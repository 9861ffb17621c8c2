"""Whether a hazard ratio stays the same over time: a score test per covariate against a trend in time, and the trend to look at.

For each covariate the model gains x g(t), g(t) = time less its mean over events; the score test of the added term has one degree of
freedom (Grambsch and Therneau, Biometrika 1994;81:515, in the exact form of Therneau's `survival` 3: other covariates are adjusted for).
"""

from typing import Any, Literal

import numpy as np
from scipy.stats import chi2, rankdata

from perfuse.evidence.survival.partial_likelihood import Hazards
from perfuse.evidence.survival.risk_sets import Array, RiskSets

Scale = Literal["time", "rank"]


def trends(
    sets: RiskSets, x: Array, fitted: Hazards, names: tuple[str, ...], weights: Array | None = None, scale: Scale = "time"
) -> list[dict[str, Any]]:
    """Per covariate: chi-square (1 df), p, correlation of its residual with time, and the trend of the log hazard ratio.

    `scale` is g(t): "time", or "rank" of the event times (less led by late events).
    """
    at = rankdata(sets.times[sets.event_time]) if scale == "rank" else sets.times[sets.event_time]
    variance = _variances(sets, x, fitted, weights)
    clock = np.zeros(sets.times.size)
    clock[sets.event_time] = at
    own = np.ones(x.shape[0]) if weights is None else weights
    deaths = np.bincount(sets.event_time, weights=own[sets.event_rows], minlength=sets.times.size)
    clock = clock - float(deaths @ clock) / deaths.sum()
    moved = own[sets.event_rows][:, None] * fitted.schoenfeld
    score = clock[sets.event_time] @ moved
    crossed, squared = np.einsum("j,jpq->pq", clock, variance), np.einsum("j,jpq->pq", clock**2, variance)
    inverse = np.linalg.inv(variance.sum(axis=0))
    found = []
    for i, name in enumerate(names):
        left = squared[i, i] - crossed[i] @ inverse @ crossed[i]
        statistic = float(score[i] ** 2 / left) if left > 0.0 else 0.0
        r = float(np.corrcoef(clock[sets.event_time], fitted.schoenfeld[:, i])[0, 1]) if sets.times.size > 2 else 0.0
        found.append(
            {
                "covariate": name,
                "chi2": statistic,
                "p": float(chi2.sf(statistic, 1)),
                "correlation_with_time": r,
                "log_hazard_ratio_per_unit": float(score[i] / left) if left > 0.0 else 0.0,
            }
        )
    return found


def _variances(sets: RiskSets, x: Array, fitted: Hazards, weights: Array | None) -> Array:
    """(J, p, p): variance of the covariates among those at risk, times the weight of events there (Breslow's form in ties)."""
    n, p = x.shape
    own = np.ones(n) if weights is None else weights
    centred = x - x.mean(axis=0)
    eta = centred @ fitted.beta
    risk = (own * np.exp(eta - eta.max()))[:, None]
    pairs = [(a, b) for a in range(p) for b in range(a, p)]
    products = np.column_stack([centred[:, a] * centred[:, b] for a, b in pairs])
    sums = sets.sums(np.column_stack([risk, risk * centred, risk * products]))
    mean = sums[:, 1 : 1 + p] / sums[:, :1]
    deaths = np.bincount(sets.event_time, weights=own[sets.event_rows], minlength=sets.times.size)
    found = np.zeros((sets.times.size, p, p))
    for k, (a, b) in enumerate(pairs):
        found[:, a, b] = found[:, b, a] = deaths * (sums[:, 1 + p + k] / sums[:, 0] - mean[:, a] * mean[:, b])
    return found


def warned(found: list[dict[str, Any]], level: float = 0.01) -> tuple[str, ...]:
    """Sentences about covariates whose hazard ratio changes over time."""
    return tuple(
        f"The hazard ratio of {row['covariate']} changes over time (score test p {row['p']:.2g}): the single number is an average over "
        f"the event times of this data set, {'rising' if row['log_hazard_ratio_per_unit'] > 0 else 'falling'} with time."
        for row in found
        if row["p"] < level
    )


def smoothed(sets: RiskSets, fitted: Hazards, names: tuple[str, ...], bins: int = 12) -> dict[str, dict[str, list[float]]]:
    """Log hazard ratio over time per covariate: scaled Schoenfeld residuals averaged in bins of equal numbers of events, for a figure."""
    at = sets.times[sets.event_time]
    scaled = fitted.beta + fitted.schoenfeld @ fitted.model * at.size
    order = np.argsort(at, kind="stable")
    parts = [part for part in np.array_split(order, min(bins, max(1, at.size // 5))) if part.size]
    return {
        f"trend of {name}": {
            "time": [float(at[part].mean()) for part in parts],
            "log_hazard_ratio": [float(scaled[part, i].mean()) for part in parts],
            "standard_error": [float(scaled[part, i].std(ddof=1) / np.sqrt(part.size)) if part.size > 1 else 0.0 for part in parts],
        }
        for i, name in enumerate(names)
    }
