"""The Aalen-Johansen estimator for one state that is left by one of several doors; ties are taken as they are, nothing is jittered.

    F_k(t) = sum_{s<=t} S(s-) d_k(s)/n(s)          S: Kaplan-Meier of leaving by any door

Variance: each time's counts move F_k(t) directly, and through S all that comes later; a tie of d among n has the variance of a draw
without replacement, (n-d)/(n-1) (Aalen, Ann Stat 1978;6:534; the form that R's cmprsk::cuminc prints).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Incidence:
    """Steps of one group: times (J,), at_risk (J,), free (J,) still without any event, share (K, J) and variance (K, J) per cause."""

    times: Array
    at_risk: Array
    free: Array
    share: Array
    variance: Array

    def at(self, when: float) -> int:
        """Position of the last step up to a time; -1 before the first."""
        return int(np.searchsorted(self.times, when, side="right")) - 1


def aalen_johansen(time: Array, cause: NDArray[np.int64], causes: int) -> Incidence:
    """Cumulative incidences of causes 1..`causes`; 0 is censored. An event at a time comes before a censoring at that time."""
    times, where = np.unique(time, return_inverse=True)
    counts = np.stack([np.bincount(where, weights=cause == k, minlength=times.size) for k in range(causes + 1)])
    at_risk = time.size - np.concatenate(([0.0], np.cumsum(counts.sum(axis=0))[:-1]))
    ended = counts[1:].sum(axis=0)
    free = np.cumprod(1.0 - ended / at_risk)
    before = np.concatenate(([1.0], free[:-1]))
    share = np.cumsum(before * counts[1:] / at_risk, axis=1)
    variance = np.stack([_variance(counts[1 + k], ended - counts[1 + k], at_risk, before, free, share[k]) for k in range(causes)])
    return Incidence(times, at_risk, free, share, variance)


def _variance(own: Array, other: Array, at_risk: Array, before: Array, free: Array, share: Array) -> Array:
    """Of F(t) at every step, by running sums: (a + b F(t))^2 is expanded so that each time is visited once."""

    def tie(d: Array) -> Array:
        many = d > 1.0
        return np.where(many, 1.0 - (d - 1.0) / np.where(many, at_risk - 1.0, 1.0), 1.0) * d * (before / at_risk) ** 2

    inside = free > 0.0
    after = np.where(inside, 1.0 / np.where(inside, free, 1.0), 0.0)
    first, second = tie(own), np.where(inside, tie(other), 0.0)
    direct, passing = 1.0 + after * share, after * share
    a = np.cumsum(direct**2 * first + passing**2 * second)
    b = np.cumsum(after * (direct * first + passing * second))
    c = np.cumsum(after**2 * (first + second))
    return np.maximum(a - 2.0 * share * b + share**2 * c, 0.0)


def log_log_interval(share: Array, variance: Array, level: float) -> tuple[Array, Array]:
    """Limits within 0-1 of a cumulative incidence: F^exp(±z s/(F log F)) (Kalbfleisch and Prentice). Where F is 0 or 1 both are F."""
    share = np.clip(share, 0.0, 1.0)  # a sum of all shares may pass 1 in its last digit
    inside = (share > 0.0) & (share < 1.0)
    safe = np.where(inside, share, 0.5)
    reach = norm.ppf(0.5 + level / 2.0) * np.sqrt(variance) / np.abs(safe * np.log(safe))
    reach = np.minimum(reach, 700.0)  # beyond, the limit is 0 to the last digit
    low, high = safe ** np.exp(reach), safe ** np.exp(-reach)
    return np.where(inside, low, share), np.where(inside, high, share)
