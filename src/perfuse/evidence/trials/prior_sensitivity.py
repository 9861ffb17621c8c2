"""How much the answer hangs on the prior: a map over means and SDs, and the prior at which a probability tips.

The likelihood of a risk ratio does not depend on the prior of it: it is computed once, and each prior is a sum over the same grid.
"""

from dataclasses import dataclass
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from perfuse.evidence.trials.bayes import MEANS, SDS, Prior, posterior, prior_of
from perfuse.evidence.trials.likelihood import Likelihood, conditional, peaked
from perfuse.evidence.trials.two_arms import Counts
from perfuse.parameters.problems import InputError, Problem

Array = NDArray[np.float64]
POINTS = 3001


@dataclass(frozen=True)
class TippingPoint:
    """The prior mean, as a log risk ratio, at which the posterior probability of RR < `ratio` is `wanted` when the prior has this SD."""

    sd: float
    wanted: float
    ratio: float
    mean: float
    text: str


class AnyPrior:
    """P(RR < ratio) for normal priors whose means lie between two values and whose SDs are `least` to `most`."""

    def __init__(self, table: Counts, means: tuple[float, float], least: float, most: float) -> None:
        self.table = table
        self.x = peaked(Likelihood(table), means[0] - 9.0 * most, means[1] + 9.0 * most, POINTS)
        self.step = float(self.x[1] - self.x[0])
        self.fine = self.step <= 0.4 * least  # a flat likelihood beside a sharp prior: one grid cannot serve both
        self.like = conditional(table, self.x).log_like if self.fine else self.x

    def below(self, mean: float, sd: float, ratio: float) -> float:
        """Posterior probability that the risk ratio is below `ratio`."""
        if not self.fine:
            return posterior(self.table, prior_of(Prior(mean, sd))).below_ratio(ratio)
        weight = self.like - 0.5 * ((self.x - mean) / sd) ** 2
        mass = np.exp(weight - np.max(weight))
        edge = np.clip((log(ratio) - self.x) / self.step + 0.5, 0.0, 1.0)  # how much of each cell lies below the ratio
        return float(np.sum(mass * edge) / np.sum(mass))


def sensitivity(table: Counts, means: Array, sds: Array, ratio: float = 1.0) -> Array:
    """P(RR < ratio) for each prior of a map: means of the log risk ratio [m] by SDs [s]; answer [s, m]."""
    found = [Problem("prior", "a map needs means and SDs")] if means.size == 0 or sds.size == 0 else []
    if not found:
        for name, values, (least, most) in (("mean", means, MEANS), ("SD", sds, SDS)):
            if np.min(values) < least or np.max(values) > most:
                found.append(Problem("prior", f"a {name} of the map is out of range", allowed=f"{least:g} to {most:g}"))
    if found:
        raise InputError(found)
    any_prior = AnyPrior(table, (float(np.min(means)), float(np.max(means))), float(np.min(sds)), float(np.max(sds)))
    return np.array([[any_prior.below(float(mean), float(sd), ratio) for mean in means] for sd in sds])


def tipping_point(table: Counts, sd: float, wanted: float = 0.95, ratio: float = 1.0) -> TippingPoint | None:
    """The most pessimistic prior mean that still leaves P(RR < ratio) at `wanted`; None where no mean within -3 to 3 does.

    The posterior probability falls steadily as the prior's mean rises, so that there is one crossing at most.
    """
    prior_of(Prior(0.0, sd))
    low, high = MEANS
    any_prior = AnyPrior(table, MEANS, sd, sd)
    if any_prior.below(low, sd, ratio) < wanted or any_prior.below(high, sd, ratio) > wanted:
        return None
    for _ in range(50):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if any_prior.below(middle, sd, ratio) >= wanted else (low, middle)
    text = f"With a prior SD of {sd:g}, P(RR < {ratio:g}) is {wanted:.0%} when the prior is centred on a risk ratio of {exp(low):.2f}."
    return TippingPoint(sd, wanted, ratio, low, text)
