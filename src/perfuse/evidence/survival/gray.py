"""Gray's test: whether the cumulative incidence of one cause is the same in several groups while others compete.

    z_i = sum_t { d_i - d R_i/R },   R_i = n_i (1 - F_i)/S_i         everything just before t

R_i is the number that would be at risk had nobody been lost (those who had a competing event count on). The variance follows each
count's influence on the estimated subdistribution hazards, groups being independent and alike under the hypothesis.
Gray, Ann Stat 1988;16:1141 (rho = 0: all times weigh alike).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from perfuse.evidence.survival.aalen_johansen import Array
from perfuse.parameters.problems import InputError, Problem


@dataclass(frozen=True)
class GrayTest:
    """Score (G,) of each group, chi-square, degrees of freedom, p."""

    score: Array
    statistic: float
    df: int
    p: float


def gray_test(time: Array, cause: NDArray[np.int64], group: NDArray[np.generic]) -> GrayTest:
    """`cause` is 1 for the event asked, 2 for any competing one, 0 for censored; (n,) each, at least two groups.

    InputError where groups cannot be compared.
    """
    names, where = np.unique(group, return_inverse=True)
    times, step = np.unique(time[cause > 0], return_inverse=True)
    many = names.size
    own, other, at_risk = (np.zeros((many, times.size), dtype=np.float64) for _ in range(3))
    np.add.at(own, (where[cause > 0], step), cause[cause > 0] == 1)
    np.add.at(other, (where[cause > 0], step), cause[cause > 0] == 2)
    for g in range(many):
        mine = np.sort(time[where == g])
        at_risk[g] = float(mine.size) - np.searchsorted(mine, times, side="left")
    here = at_risk > 0.0
    n: Array = np.where(here, at_risk, 1.0)
    free: Array = np.cumprod(np.where(here, 1.0 - (own + other) / n, 1.0), axis=1, dtype=np.float64)
    before = _shifted(free, 1.0)
    safe_before = np.where(before > 0.0, before, 1.0)
    share: Array = np.cumsum(np.where(here, before * own / n, 0.0), axis=1)
    whole = np.where(here, at_risk / safe_before, 0.0)
    stand_in = whole * (1.0 - _shifted(share, 0.0))
    d = own.sum(axis=0)
    total, total_in = whole.sum(axis=0), stand_in.sum(axis=0)
    score = (np.where(here, own - d * stand_in / total_in, 0.0)).sum(axis=1)
    pooled = np.cumsum(d / total)
    late = np.where(free > 0.0, (1.0 - pooled) / np.where(free > 0.0, free, 1.0), 0.0)
    turned = np.where(free > 0.0, 1.0 - late, 1.0)
    rise = d / (total * (1.0 - np.concatenate(([0.0], pooled[:-1]))))
    covariance = np.zeros((many, many))
    for k in range(many):
        pull = whole[k] * ((np.arange(many) == k)[:, None] - whole / total)
        to_come = np.cumsum(pull * rise, axis=1)
        to_come = to_come[:, -1:] - to_come
        tie_own = np.where(d > 1.0, 1.0 - (d - 1.0) / np.where(d > 1.0, total * safe_before[k] - 1.0, 1.0), 1.0)
        tie_other = np.where(other[k] > 1.0, 1.0 - (other[k] - 1.0) / np.where(other[k] > 1.0, n[k] - 1.0, 1.0), 1.0)
        weight_own = np.where(here[k], tie_own * before[k] * d / (total * n[k]), 0.0)
        weight_other = np.where(here[k], tie_other * other[k] * (before[k] / n[k]) ** 2, 0.0)
        first, second = pull + turned[k] * to_come, -late[k] * to_come
        covariance += (first * weight_own) @ first.T + (second * weight_other) @ second.T
    rest = covariance[:-1, :-1]
    if np.linalg.eigvalsh(rest)[0] <= 1e-10 * max(float(np.diag(rest).max()), 1e-300):
        text = "one of the groups is never at risk when events happen"
        raise InputError([Problem("groups", text, hint="Join small groups.")], "Gray's test")
    statistic = float(score[:-1] @ np.linalg.solve(rest, score[:-1]))
    return GrayTest(score, statistic, many - 1, float(chi2.sf(statistic, many - 1)))


def _shifted(steps: Array, first: float) -> Array:
    """Each value moved one time later."""
    return np.hstack([np.full((steps.shape[0], 1), first), steps[:, :-1]])
