"""Two weighted risks and what separates them: difference, ratio, odds ratio, with intervals from influence functions.

A risk p = sum(w y) / sum(w) is changed by row i by w (y - p) / sum(w). The squares of these, summed over independent clusters, are its
variance (the sandwich of Huber and White; for matched pairs and for controls used twice the clusters are the pairs and the people).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perfuse.evidence.finding import Estimate
from perfuse.parameters.problems import InputError, Problem

Array = NDArray[np.float64]
Z = 1.959963984540054
KINDS = {"risk_difference": "Risk difference", "risk_ratio": "Risk ratio", "odds_ratio": "Odds ratio"}


@dataclass(frozen=True)
class Contrast:
    """Risks of the treated and the untreated and the covariance of the two."""

    treated: float
    untreated: float
    covariance: Array

    @property
    def one_sided(self) -> tuple[str, ...]:
        """A warning where all of an arm end alike: ratios have no interval then, and are left out."""
        arms = (("treated", self.treated), ("untreated", self.untreated))
        return tuple(
            f"The {words} who count all end alike (risk {risk:g}): ratios are left out."
            for words, risk in arms
            if not 1e-12 < risk < 1.0 - 1e-12
        )

    def estimates(self, suffix: str, role: str = "method", truths: Mapping[str, float] | None = None) -> list[Estimate]:
        """Difference and ratios, as far as they exist."""
        kinds = ("risk_difference",) if self.one_sided else tuple(KINDS)
        return [self.estimate(kind, f"{KINDS[kind]}, {suffix}", role, (truths or {}).get(kind)) for kind in kinds]

    def scale(self, kind: str) -> tuple[float, float]:
        """The contrast and its standard error: on the risk scale for a difference, on the log scale for the ratios."""
        p1, p0 = self.treated, self.untreated
        if kind == "risk_difference":
            value, slope = p1 - p0, np.array([1.0, -1.0])
        elif kind == "risk_ratio":
            value, slope = np.log(p1 / p0), np.array([1.0 / p1, -1.0 / p0])
        else:
            value, slope = np.log(p1 * (1 - p0) / (p0 * (1 - p1))), np.array([1.0 / (p1 * (1 - p1)), -1.0 / (p0 * (1 - p0))])
        return float(value), float(np.sqrt(max(0.0, slope @ self.covariance @ slope)))

    def estimate(self, kind: str, label: str, role: str = "method", truth: float | None = None) -> Estimate:
        """One line of a finding: kind is risk_difference (in %), risk_ratio or odds_ratio."""
        value, se = self.scale(kind)
        low, high = value - Z * se, value + Z * se
        if kind == "risk_difference":
            value, low, high = 100 * value, 100 * low, 100 * high
            return Estimate(label, value, low, high, "%", role, truth)  # type: ignore[arg-type]
        return Estimate(label, float(np.exp(value)), float(np.exp(low)), float(np.exp(high)), "1", role, truth)  # type: ignore[arg-type]


def contrast(
    y: Array,
    treated: NDArray[np.bool_],
    weights: Array | None = None,
    clusters: Sequence[NDArray[np.int64]] = (),
    correction: Array | None = None,
) -> Contrast:
    """Weighted risks of two arms with a robust covariance.

    y           outcome (0/1)
    clusters    none: rows are independent. One array of labels: clusters are. Two: the two-way variance of Cameron, Gelbach & Miller
                (2011), which is V(first) + V(second) - V(both at once)
    correction  (rows, 2) what estimating the weights adds to the influence on the treated and the untreated risk
    Raises InputError when an arm is empty.
    """
    w = np.ones(y.size) if weights is None else weights
    in_arm = (treated, ~treated)
    if not all((w[arm] > 0).any() for arm in in_arm):
        raise InputError([Problem("", "an arm is empty", hint="Check the treatment, or widen the caliper.")], "the comparison")
    risks = [float(np.sum(w[arm] * y[arm]) / np.sum(w[arm])) for arm in in_arm]
    influence = np.column_stack(
        [np.where(arm, w * (y - p), 0.0) / np.sum(w[arm]) for arm, p in zip(in_arm, risks, strict=True)]
    )  # fmt: skip
    if correction is not None:
        influence = influence + correction
    return Contrast(risks[0], risks[1], _variance(influence, clusters))


def _variance(influence: Array, clusters: Sequence[NDArray[np.int64]]) -> Array:
    if not clusters:
        return influence.T @ influence
    if len(clusters) == 1:
        summed = np.column_stack([np.bincount(clusters[0], column) for column in influence.T])
        return np.asarray(summed.T @ summed, dtype=np.float64)
    first, second = clusters
    both = np.unique(first.astype(np.int64) * (int(second.max()) + 1) + second, return_inverse=True)[1]
    return _variance(influence, [first]) + _variance(influence, [second]) - _variance(influence, [both])


def crude(y: Array, treated: NDArray[np.bool_], truths: Mapping[str, float] | None = None) -> list[Estimate]:
    """The naive estimates: the two arms as they are."""
    return contrast(y, treated).estimates("crude", "naive", truths)
