"""Weights from the propensity score: inverse probability (everybody, the treated), and overlap weights.

w = a/e + (1-a)/(1-e) for everybody (ATE); a + (1-a) e/(1-e) for the treated (ATT); a (1-e) + (1-a) e for the overlap (ATO), which balance
the means of the model's covariates exactly. Sources: Robins JM et al. Epidemiology 2000;11:550-60; Li F, Morgan KL, Zaslavsky AM. J Am
Stat Assoc 2018;113:390-400; the interval from stacked estimating equations: Lunceford JK, Davidian M. Stat Med 2004;23:2937-60.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perfuse.evidence.causal.contrasts import Contrast, contrast
from perfuse.evidence.causal.logistic import with_constant
from perfuse.evidence.causal.propensity import Propensity

Array = NDArray[np.float64]
ESTIMANDS = {
    "ATE": "everybody in the registry, had all been treated v had none been",
    "ATT": "those who were treated, v the same people untreated",
    "ATO": "those for whom either was likely (the overlap)",
}
SOURCES = {
    "ATE": "Robins JM, Hernán MA, Brumback B. Epidemiology 2000;11:550-60",
    "ATT": "Robins JM, Hernán MA, Brumback B. Epidemiology 2000;11:550-60",
    "ATO": "Li F, Morgan KL, Zaslavsky AM. J Am Stat Assoc 2018;113:390-400",
}


@dataclass(frozen=True)
class Weights:
    """Weights of the rows and how they move with the log odds of treatment.

    weights    (rows,)
    slope      (rows,) derivative of each weight by its log odds; 0 where it was truncated
    truncated  how many were set to the limit
    """

    weights: Array
    slope: Array
    truncated: int


def weights(score: Array, treated: NDArray[np.bool_], estimand: str, *, stabilised: bool = False, truncate: float | None = None) -> Weights:
    """Weights of one estimand from propensity scores.

    stabilised   multiplied by the share of the own arm, which changes their size and no weighted mean
    truncate     percentile above which (and below 100 minus which) weights of an arm are set to it, for example 99
    """
    e, a = score, treated
    if estimand == "ATE":
        w, d = np.where(a, 1.0 / e, 1.0 / (1.0 - e)), np.where(a, -(1.0 - e) / e, e / (1.0 - e))
    elif estimand == "ATT":
        odds = e / (1.0 - e)
        w, d = np.where(a, 1.0, odds), np.where(a, 0.0, odds)
    else:
        w, d = np.where(a, 1.0 - e, e), np.where(a, -1.0, 1.0) * e * (1.0 - e)
    if stabilised:
        share = np.where(a, a.mean(), 1.0 - a.mean())
        w, d = w * share, d * share
    cut = np.zeros(a.size, dtype=bool)
    if truncate is not None:
        for arm in (a, ~a):
            low, high = np.percentile(w[arm], [100.0 - truncate, truncate])
            cut |= arm & ((w < low) | (w > high))
            w = np.where(arm, np.clip(w, low, high), w)
        d = np.where(cut, 0.0, d)
    return Weights(w, d, int(cut.sum()))


def effective(weights: Array) -> float:
    """Effective sample size: (sum w)^2 / sum w^2 (Kish)."""
    return float(weights.sum() ** 2 / np.sum(weights**2))


def weighted(found: Propensity, y: Array, given: Weights) -> Contrast:
    """Weighted risks with a sandwich that knows that the weights were estimated."""
    x, a = with_constant(found.x), found.treated
    e = found.score
    shift = np.empty((y.size, 2))
    for column, arm in enumerate((a, ~a)):
        w = np.where(arm, given.weights, 0.0)
        risk = float(w @ y / w.sum())
        slope = x.T @ (np.where(arm, given.slope, 0.0) * (y - risk)) / w.sum()
        shift[:, column] = (x * (a - e)[:, None]) @ (found.model.covariance @ slope)
    return contrast(y, a, given.weights, correction=shift)
