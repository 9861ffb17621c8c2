"""What a trial that could have stopped earlier says about its effect: distributions by integration from look to look.

The density of Z inside the boundaries is carried from look to look (Armitage, McPherson and Rowe, J R Stat Soc A 1969;132:235). From it:

    p, median-unbiased estimate, interval   outcomes ordered by the stage of stopping (Fairbanks and Madsen, Biometrika 1982;69:69)
    bias-corrected estimate                 the theta whose mean estimate is the one observed (Whitehead, Biometrika 1986;73:573)

Of two triangles the upper one is used: whoever sees benefit is far from the line of harm.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import norm

from perfuse.evidence.eolia.triangle import Triangle

Array = NDArray[np.float64]
NODES = 64
"""Gauss-Legendre points across the region that goes on."""


@dataclass(frozen=True)
class Adjusted:
    """theta is the log odds ratio (up: benefit): as observed, median-unbiased with limits, and bias-corrected; p is two-sided."""

    naive: float
    median_unbiased: float
    low: float
    high: float
    bias_corrected: float
    p: float


@dataclass(frozen=True)
class _Stage:
    """One look: information, step, lines, and the density carried to it (points, weights) from before."""

    v: float
    step: float
    upper: float
    lower: float
    points: Array
    weights: Array


def _stages(design: Triangle, v: Array, theta: float) -> Iterator[_Stage]:
    upper, lower = design.tree(v)
    steps = np.diff(v, prepend=0.0)
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    points, carried = np.zeros(1), np.ones(1)
    for k in range(v.size):
        yield _Stage(float(v[k]), float(steps[k]), float(upper[k]), float(lower[k]), points, carried)
        if k == v.size - 1 or upper[k] <= lower[k]:
            return
        half = 0.5 * (upper[k] - lower[k])
        grid = lower[k] + half * (nodes + 1.0)
        spread = np.sqrt(steps[k])
        density = norm.pdf((grid[None, :] - points[:, None] - theta * steps[k]) / spread) / spread
        points, carried = grid, (carried[:, None] * density).sum(axis=0) * weights * half


def beyond(design: Triangle, v: Array, z: float, theta: float) -> float:
    """Probability of an outcome at least as good as stopping at the last look with score z: benefit earlier, or z or more then."""
    total = 0.0
    for k, at in enumerate(_stages(design, v, theta)):
        line = z if k == v.size - 1 else at.upper
        total += float(at.weights @ norm.sf((line - at.points - theta * at.step) / np.sqrt(at.step)))
    return total


def mean_estimate(design: Triangle, v: Array, theta: float) -> float:
    """Mean of Z/V at stopping when the looks are at `v` and the last one ends the trial whatever it shows."""
    total = 0.0
    for k, at in enumerate(_stages(design, v, theta)):
        middle, spread = at.points + theta * at.step, np.sqrt(at.step)
        if k == v.size - 1:
            return total + float(at.weights @ middle) / at.v
        for line, sign in ((at.upper, 1.0), (at.lower, -1.0)):
            u = (line - middle) / spread
            total += float(at.weights @ (middle * norm.sf(sign * u) + sign * spread * norm.pdf(u))) / at.v
    return total


def adjusted(design: Triangle, v: Array, z: float, level: float = 0.95) -> Adjusted:
    """What score z at the last of the looks `v` (K,) says, when the looks before it did not stop the trial."""
    naive = z / float(v[-1])
    reach = 8.0 / np.sqrt(v[0])

    def where(share: float) -> float:
        return float(brentq(lambda theta: beyond(design, v, z, theta) - share, naive - reach, naive + reach, xtol=1e-8))

    tail = 0.5 - level / 2.0
    upper = beyond(design, v, z, 0.0)
    corrected = float(brentq(lambda theta: mean_estimate(design, v, theta) - naive, naive - reach, naive + reach, xtol=1e-8))
    return Adjusted(naive, where(0.5), where(tail), where(1.0 - tail), corrected, 2.0 * min(upper, 1.0 - upper))


def odds_to_risk_ratio(theta: float, control_risk: float) -> float:
    """Risk ratio (ECMO over control) of a log odds ratio theta (up: benefit) at a control risk 0-1."""
    odds = control_risk / (1.0 - control_risk) * np.exp(-theta)
    return float(odds / (1.0 + odds) / control_risk)
