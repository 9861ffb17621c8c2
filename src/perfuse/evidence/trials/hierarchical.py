"""Bayesian random-effects meta-analysis without sampling: half-normal prior on tau, normal prior on the mean, on a grid of tau.

y_i ~ N(theta_i, v_i), theta_i ~ N(mu, tau2). Given tau, mu is normal in closed form (Roever 2020, bayesmeta); over tau there is one
integral. Half-normal(0.5) allows ratios between studies of up to about 7-fold and expects less (Friede 2017); with few studies the
answer hangs on it, so that it is to be varied.
"""

from dataclasses import dataclass
from math import exp
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr

from perfuse.parameters.problems import InputError, Problem

Array = NDArray[np.float64]
POINTS = 801


@dataclass(frozen=True)
class Hierarchical:
    """A posterior as a mixture of normals: for each tau [m] its weight, the mean and SD of mu, and of a new study's effect."""

    tau: Array
    weight: Array
    mean: Array
    sd: Array

    def below(self, x: float, new_study: bool = False) -> float:
        """Probability that mu (or the effect of a new study) is below x."""
        sd = np.sqrt(self.sd**2 + self.tau**2) if new_study else self.sd
        return float(np.sum(self.weight * ndtr((x - self.mean) / sd)))

    def quantile(self, share: float, new_study: bool = False) -> float:
        """Value of mu (or of a new study's effect) below which this share lies."""
        reach = 10.0 * float(np.max(np.sqrt(self.sd**2 + self.tau**2)))
        low, high = float(np.min(self.mean)) - reach, float(np.max(self.mean)) + reach
        return float(brentq(lambda x: self.below(x, new_study) - share, low, high, xtol=1e-10))

    def tau_quantile(self, share: float) -> float:
        """Value of tau below which this share lies."""
        return float(np.interp(share, np.cumsum(self.weight) - 0.5 * self.weight, self.tau))


def hierarchical(y: Array, v: Array, tau_scale: float = 0.5, mean: float = 0.0, sd: float = 10.0) -> Hierarchical:
    """The posterior; y, v: [k] effects on the log scale and variances; tau ~ half-normal(tau_scale), mu ~ N(mean, sd2)."""
    found = [
        Problem(name, "this must be above 0", value=f"{value:g}", allowed="0.001 to 10")
        for name, value in (("tau_scale", tau_scale), ("sd", sd))
        if not 0.001 <= value <= 10.0
    ]
    if found:
        raise InputError(found)
    tau = (np.arange(POINTS) + 0.5) / POINTS * 8.0 * tau_scale
    total = v[None, :] + tau[:, None] ** 2
    precision = np.sum(1.0 / total, axis=1) + 1.0 / sd**2
    centre = (np.sum(y / total, axis=1) + mean / sd**2) / precision
    log_like = -0.5 * (
        np.sum(np.log(total), axis=1) + np.log(precision) + np.sum((y - centre[:, None]) ** 2 / total, axis=1) + ((mean - centre) / sd) ** 2
    )
    log_weight = log_like - 0.5 * (tau / tau_scale) ** 2
    weight = np.exp(log_weight - np.max(log_weight))
    return Hierarchical(tau, weight / np.sum(weight), centre, 1.0 / np.sqrt(precision))


def summary(found: Hierarchical, ratio: bool = True) -> dict[str, Any]:
    """Median and 95 % credible interval of the mean effect, of a new study's, and of tau; P(effect < no effect)."""
    back = exp if ratio else float
    shares = (0.5, 0.025, 0.975)
    return {
        "effect": [back(found.quantile(share)) for share in shares],
        "new_study": [back(found.quantile(share, new_study=True)) for share in shares],
        "tau": [found.tau_quantile(share) for share in shares],
        "p_below": found.below(0.0),
        "p_below_new_study": found.below(0.0, new_study=True),
    }
