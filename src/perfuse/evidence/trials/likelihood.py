"""What the counts of two arms say of the risk ratio, whatever anyone believed of it before.

Events of the control arm ~ Binomial(n0, p), of the other ~ Binomial(n1, RR p), p ~ Uniform(0, 1), RR p <= 1 (Goligher 2018).
p is integrated out by quadrature: q = p max(1, RR) runs over (0, 1), on the logit of q the integrand has one smooth top, and the
trapezoid rule on such a function is exact to rounding once its width is resolved. The nodes are put where the top is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln, log_expit, logsumexp

from perfuse.evidence.trials.two_arms import Counts

Array = NDArray[np.float64]
DEEP = 45.0
"""Natural logs below the top where a density counts as nothing (3e-20)."""
NODES = 241
_SEARCHED = 40.0
"""Logits within which the control risk is looked for: 4e-18 to 1 minus that."""


@dataclass(frozen=True)
class Conditional:
    """For each log risk ratio of a grid: how likely the counts are, and the distribution of the control risk given that ratio.

    log_rr     [m]
    log_like   [m]; up to one constant
    control    [m, NODES] risks of the control arm, rising
    below      [m, NODES] probability that the control risk is below each of them
    """

    log_rr: Array
    log_like: Array
    control: Array
    below: Array

    def reduced_by(self, amount: float) -> Array:
        """For each ratio, the probability [m] that the absolute reduction, p - RR p, is at least `amount` (may be negative)."""
        spared = -np.expm1(self.log_rr)  # 1 - RR
        with np.errstate(divide="ignore", invalid="ignore"):
            limit = np.where(spared == 0.0, np.inf, amount / np.where(spared == 0.0, 1.0, spared))
        share = np.array([np.interp(x, p, c, left=0.0, right=1.0) for x, p, c in zip(limit, self.control, self.below, strict=True)])
        # with RR < 1 the reduction grows with p: p >= limit; with RR > 1 it is p (1 - RR) >= amount: p <= limit
        certain = float(amount <= 0.0)
        return np.where(spared > 0.0, 1.0 - share, np.where(spared < 0.0, share, certain))


def conditional(table: Counts, log_rr: Array) -> Conditional:
    """The likelihood on a grid of log risk ratios [m], with the control risk integrated out."""
    ratio = np.exp(log_rr)
    big = np.maximum(1.0, ratio)[:, None]
    p_per_q, r_per_q = 1.0 / big, (ratio[:, None] / big)

    def log_density(x: Array) -> Array:
        """log likelihood at logit(q) = x, times dq/dx and dp/dq; [m, nodes]."""
        log_q, log_not = log_expit(x), log_expit(-x)
        found = log_q + log_not + np.log(p_per_q)
        for events, n, per_q in ((table.e0, table.n0, p_per_q), (table.e1, table.n1, r_per_q)):
            # log(1 - per_q q) without cancellation: (1 - q) + (1 - per_q) q
            with np.errstate(divide="ignore"):
                spared = np.where(per_q == 1.0, log_not, np.log1p(-per_q * expit(x)))
            found = found + (events * (np.log(per_q) + log_q) if events else 0.0) + ((n - events) * spared if n > events else 0.0)
        return np.asarray(found)

    low, high = np.full((log_rr.size, 1), -_SEARCHED), np.full((log_rr.size, 1), _SEARCHED)
    unit = np.linspace(0.0, 1.0, NODES)[None, :]
    for _ in range(4):  # each round narrows the interval to where the density is, one node beyond on either side
        x = low + (high - low) * unit
        f = log_density(x)
        inside = f > np.max(f, axis=1, keepdims=True) - DEEP
        step = (high - low) / (NODES - 1)
        first, last = np.argmax(inside, axis=1), NODES - 1 - np.argmax(inside[:, ::-1], axis=1)
        low, high = (np.maximum(low, low + (first[:, None] - 1) * step), np.minimum(high, low + (last[:, None] + 1) * step))
    x = low + (high - low) * unit
    f = log_density(x)
    step = (high - low) / (NODES - 1)
    log_like = logsumexp(f, axis=1) + np.log(step[:, 0])
    mass = np.exp(f - logsumexp(f, axis=1, keepdims=True))
    below = np.cumsum(mass, axis=1) - 0.5 * mass
    choose = sum(gammaln(n + 1.0) - gammaln(e + 1.0) - gammaln(n - e + 1.0) for e, n in ((table.e0, table.n0), (table.e1, table.n1)))
    return Conditional(log_rr, log_like + choose, expit(x) / big, below)


def peaked(function: "Likelihood", low: float, high: float, points: int) -> Array:
    """A grid of `points` log ratios where a function with one top is not nothing, inside low to high."""
    for _ in range(8):
        x = np.linspace(low, high, 101)
        f = function(x)
        inside = np.flatnonzero(f > np.max(f) - DEEP)
        step = x[1] - x[0]
        new_low, new_high = max(low, float(x[inside[0]] - step)), min(high, float(x[inside[-1]] + step))
        done = new_high - new_low > 0.7 * (high - low)
        low, high = new_low, new_high
        if done:
            break
    return np.linspace(low, high, points)


class Likelihood:
    """log likelihood of a log risk ratio as a function; the sum with a log prior is what `peaked` looks at."""

    def __init__(self, table: Counts, mean: float = 0.0, sd: float = np.inf) -> None:
        self.table, self.mean, self.sd = table, mean, sd

    def __call__(self, log_rr: Array) -> Array:
        """[m] log density of likelihood and prior, up to a constant."""
        return conditional(self.table, log_rr).log_like - 0.5 * ((log_rr - self.mean) / self.sd) ** 2
