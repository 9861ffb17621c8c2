"""Bayesian re-analysis of one trial of two arms: a normal prior on the log risk ratio, the counts, and what is believed afterwards.

Exact: binomial likelihood, uniform control risk, quadrature on two grids (likelihood.py); no sampling, no seed.
Approximate: the log risk ratio of the counts as normal; good enough for a slider, and labelled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp, isfinite, log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perfuse.evidence.trials.dataset import HERE
from perfuse.evidence.trials.likelihood import Conditional, Likelihood, conditional, peaked
from perfuse.evidence.trials.two_arms import Counts, effect
from perfuse.parameters.problems import InputError, Problem, did_you_mean
from perfuse.parameters.yamlfile import read_file

Array = NDArray[np.float64]
POINTS = 801
RATIOS = (0.5, 0.6, 0.67, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0)
"""Risk ratios below which a probability is told."""
REDUCTIONS = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20)
"""Absolute reductions, per cent, whose probability is told."""
MEANS, SDS = (-3.0, 3.0), (0.01, 10.0)
"""Allowed means and SDs of a prior's log risk ratio: ratios of 0.05 to 20 at its centre; more certain than 0.01 needs 100,000 patients."""


@dataclass(frozen=True)
class Prior:
    """A normal prior of the log risk ratio."""

    mean: float
    sd: float
    title: str = "given"
    source: str = ""
    mark: str = "assumed"
    meaning: str = ""

    @property
    def interval(self) -> tuple[float, float, float]:
        """Median risk ratio and the limits of its central 95 %."""
        return exp(self.mean), exp(self.mean - 1.959964 * self.sd), exp(self.mean + 1.959964 * self.sd)


@dataclass(frozen=True)
class Posterior:
    """What is believed after the counts.

    exact       whether the likelihood was binomial (else normal on the log ratio)
    log_rr      grid [m]; density over it [m]; below: probability below each point [m]
    grid        the likelihood on the same grid, for the control risk; None when approximate
    """

    prior: Prior
    counts: Counts
    exact: bool
    log_rr: Array
    density: Array
    below: Array
    grid: Conditional | None

    def quantile(self, share: float) -> float:
        """Risk ratio below which this share of the posterior lies."""
        return exp(float(np.interp(share, self.below, self.log_rr)))

    def below_ratio(self, ratio: float) -> float:
        """Probability that the risk ratio is below `ratio`."""
        return float(np.interp(log(ratio), self.log_rr, self.below, left=0.0, right=1.0))

    def reduced_by(self, amount: float) -> float:
        """Probability that the absolute risk reduction (control minus intervention, 0-1) is at least `amount`; exact ones only."""
        if self.grid is None:
            raise InputError(
                [Problem("benefit", "a normal approximation of the risk ratio has no absolute risks", hint="Use the exact one.")]
            )
        weights = self.density / np.sum(self.density)
        return float(min(1.0, max(0.0, np.sum(weights * self.grid.reduced_by(amount)))))


@cache
def priors() -> dict[str, Prior]:
    """The named priors: minimal, enthusiastic, sceptical; each with its source and mark."""
    data, problems = read_file(HERE / "priors.yaml", "priors.yaml")
    problems.raise_if_any()
    return {name: Prior(**entry) for name, entry in data.items()}


def prior_of(given: Any) -> Prior:
    """A prior from a name, from "MEAN,SD" (of the log risk ratio), or from {log_rr_mean, log_rr_sd, pc}; InputError otherwise."""
    if isinstance(given, Prior):
        return _checked(given.mean, given.sd, given)
    if isinstance(given, Mapping):
        return _from_mapping(given)
    words = str(given).strip().lower()
    if words in priors():
        return priors()[words]
    parts = words.split(",")
    if len(parts) == 2:
        try:
            return _checked(float(parts[0]), float(parts[1]))
        except ValueError:
            pass
    hint = did_you_mean(words, priors())
    raise InputError(
        [
            Problem(
                "prior",
                f"'{given}' is no prior",
                value=str(given),
                allowed=f"{', '.join(priors())}, or MEAN,SD of the log risk ratio",
                hint=hint,
            )
        ]
    )


def _from_mapping(given: Mapping[str, Any]) -> Prior:
    known = ("log_rr_mean", "log_rr_sd", "pc")
    found = [Problem(f"prior.{key}", f"'{key}' is not known here", hint=did_you_mean(str(key), known)) for key in given if key not in known]
    numbers = {}
    for key in known[:2]:
        value = given.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            found.append(Problem(f"prior.{key}", "a number is missing", value=str(value), allowed="mean and SD of the log risk ratio"))
        else:
            numbers[key] = float(value)
    flat = str(given.get("pc", "Uniform(0,1)")).replace(" ", "").lower()
    if flat not in ("uniform(0,1)", "u(0,1)", "beta(1,1)"):
        found.append(Problem("prior.pc", "only a uniform control risk is computed here", value=str(given["pc"]), allowed="Uniform(0,1)"))
    if found:
        raise InputError(found)
    return _checked(numbers["log_rr_mean"], numbers["log_rr_sd"])


def _checked(mean: float, sd: float, prior: Prior | None = None) -> Prior:
    found = []
    if not MEANS[0] <= mean <= MEANS[1]:
        found.append(
            Problem(
                "prior.log_rr_mean",
                "the mean of the log risk ratio is out of range",
                value=f"{mean:g}",
                allowed=f"{MEANS[0]:g} to {MEANS[1]:g}",
            )
        )
    if not SDS[0] <= sd <= SDS[1] or not isfinite(sd):
        found.append(
            Problem("prior.log_rr_sd", "the SD of the log risk ratio is out of range", value=f"{sd:g}", allowed=f"{SDS[0]:g} to {SDS[1]:g}")
        )
    if found:
        raise InputError(found)
    return prior or Prior(mean, sd)


def posterior(table: Counts, prior: Prior, exact: bool = True) -> Posterior:
    """The posterior of the risk ratio."""
    if not exact:
        return _approximate(table, prior)
    reach = 9.0 * prior.sd
    x = peaked(Likelihood(table, prior.mean, prior.sd), prior.mean - reach, prior.mean + reach, POINTS)
    grid = conditional(table, x)
    return _normalised(table, prior, True, x, grid.log_like - 0.5 * ((x - prior.mean) / prior.sd) ** 2, grid)


def _approximate(table: Counts, prior: Prior) -> Posterior:
    one = effect(table, "rr")
    weight = 1.0 / prior.sd**2 + 1.0 / one.se**2
    mean, sd = (prior.mean / prior.sd**2 + one.y / one.se**2) / weight, sqrt(1.0 / weight)
    x = np.linspace(mean - 8.5 * sd, mean + 8.5 * sd, POINTS)
    return _normalised(table, prior, False, x, -0.5 * ((x - mean) / sd) ** 2, None)


def _normalised(table: Counts, prior: Prior, exact: bool, x: Array, log_density: Array, grid: Conditional | None) -> Posterior:
    density = np.exp(log_density - np.max(log_density))
    density /= np.trapezoid(density, x)
    steps = 0.5 * (density[1:] + density[:-1]) * np.diff(x)
    below = np.concatenate([[0.0], np.cumsum(steps)])
    return Posterior(prior, table, exact, x, density, below / below[-1], grid)


def summary(found: Posterior, benefits: Sequence[float] = ()) -> dict[str, Any]:
    """Median and 95 % credible interval of the risk ratio and probabilities, under the names of the analysis vectors.

    p_lt067: P(RR < 0.67); p_gt1: P(RR > 1); arr2: P(absolute reduction >= 2 %), ari2: P(absolute increase >= 2 %).
    """
    answer: dict[str, Any] = {"med": found.quantile(0.5), "lo": found.quantile(0.025), "hi": found.quantile(0.975)}
    answer |= {f"p_lt{_digits(ratio)}": found.below_ratio(ratio) for ratio in RATIOS}
    answer["p_gt1"] = 1.0 - answer["p_lt1"]
    if found.exact:
        answer |= {f"arr{_digits(percent)}": found.reduced_by(percent / 100.0) for percent in (*REDUCTIONS, *benefits)}
        answer |= {f"ari{percent}": 1.0 - found.reduced_by(-percent / 100.0) for percent in REDUCTIONS}
    answer["likelihood"] = "binomial, exact by quadrature" if found.exact else "normal approximation of the log risk ratio"
    return answer


def _digits(number: float) -> str:
    return f"{number:g}".replace(".", "")
