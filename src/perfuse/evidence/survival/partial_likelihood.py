"""Newton's method on a partial likelihood, over any risk sets; ties by Efron or Breslow; sandwich variance by score residuals.

    log L = sum_events w x'b - sum_ties mean(w) sum_l log(S0 - l/d D0)      l = 0 .. d-1 (Efron), l/d = 0 (Breslow)

S0 sums exp(x'b) w over those at risk, D0 over those who have the event at that time.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from perfuse.evidence.survival.risk_sets import Array, RiskSets
from perfuse.parameters.problems import InputError, Problem

Ties = Literal["efron", "breslow"]
MOST_STEPS = 40
STILL = 1e-10
"""Largest Newton step, in standard deviations of a covariate, at which the search ends."""
RUNAWAY = 25.0
"""Log hazard ratio per standard deviation beyond which the likelihood has no maximum (an event that never happens in one group)."""


@dataclass(frozen=True)
class Hazards:
    """A fitted proportional-hazards model.

    beta         (p,) log hazard ratios per unit of each covariate
    information  (p, p) of the partial likelihood at beta
    robust       (p, p) sandwich variance, by row or by cluster
    residuals    (n, p) score residuals of rows
    schoenfeld   (d, p) covariates of those with the event less the mean at risk, in the order of `event_rows`
    step         (J,) step of the baseline cumulative hazard at each event time (for covariates at 0)
    likelihood   log partial likelihood at 0 and at beta
    steps        of Newton's method
    """

    beta: Array
    information: Array
    robust: Array
    residuals: Array
    schoenfeld: Array
    step: Array
    likelihood: tuple[float, float]
    steps: int

    @property
    def model(self) -> Array:
        """(p, p) variance if the model is true."""
        return np.asarray(np.linalg.inv(self.information), dtype=np.float64)


@dataclass(frozen=True)
class _Ties:
    """The d places of a tie: which event time, which share l/d of those tied is taken off, with what weight."""

    time: NDArray[np.int64]
    share: Array
    weight: Array

    @classmethod
    def of(cls, sets: RiskSets, weights: Array, ties: Ties) -> "_Ties":
        deaths = np.bincount(sets.event_time, minlength=sets.times.size)
        mean = np.bincount(sets.event_time, weights=weights[sets.event_rows], minlength=sets.times.size) / deaths
        time = np.repeat(np.arange(sets.times.size), deaths)
        place = np.arange(time.size) - np.repeat(np.cumsum(deaths) - deaths, deaths)
        share = place / deaths[time] if ties == "efron" else np.zeros(time.size)
        return cls(time, share, mean[time])


class _Parts:
    """Sums of the partial likelihood at one value of beta."""

    def __init__(self, sets: RiskSets, x: Array, weights: Array, ties: _Ties, beta: Array) -> None:
        n_times = sets.times.size
        eta = x @ beta
        self.shift = float(eta.max()) if eta.size else 0.0
        self.risk = weights * np.exp(eta - self.shift)
        both = np.column_stack([self.risk, self.risk[:, None] * x])
        at_risk = sets.sums(both)
        tied = np.zeros((n_times, both.shape[1]))
        np.add.at(tied, sets.event_time, both[sets.event_rows])
        places = at_risk[ties.time] - ties.share[:, None] * tied[ties.time]
        self.denominator = places[:, 0]
        self.mean = places[:, 1:] / self.denominator[:, None]
        own = weights[sets.event_rows]
        self.loglik = float(own @ eta[sets.event_rows] - ties.weight @ (np.log(self.denominator) + self.shift))
        self.score = own @ x[sets.event_rows] - ties.weight @ self.mean


def fit_hazards(
    sets: RiskSets, x: Array, *, weights: Array | None = None, ties: Ties = "efron", names: tuple[str, ...] = (), what: str = "the model"
) -> Hazards:
    """The maximum of the partial likelihood. InputError where there is none, or where columns cannot be told apart."""
    n, p = x.shape
    weights = np.ones(n) if weights is None else weights
    centre, spread = x.mean(axis=0), x.std(axis=0)
    z = (x - centre) / spread
    tie = _Ties.of(sets, weights, ties)
    beta = np.zeros(p)
    parts = _Parts(sets, z, weights, tie, beta)
    at_zero = parts.loglik
    for count in range(1, MOST_STEPS + 1):
        information = _information(sets, z, tie, parts)
        if not _sound(information):
            if count > 1:
                break
            raise _alike(information, names, what)
        step = np.linalg.solve(information, parts.score)
        trial = _Parts(sets, z, weights, tie, beta + step)
        while trial.loglik < parts.loglik - 1e-9 * abs(parts.loglik) and np.abs(step).max() > STILL:
            step = step / 2.0
            trial = _Parts(sets, z, weights, tie, beta + step)
        beta, parts = beta + step, trial
        if np.abs(beta).max(initial=0.0) > RUNAWAY:
            break
        if np.abs(step).max(initial=0.0) < STILL:
            return _finished(sets, z, weights, tie, parts, beta, (centre, spread), at_zero, count)
    worst = int(np.argmax(np.abs(beta)))
    raise InputError(
        [
            Problem(
                names[worst] if names else f"covariate {worst + 1}",
                "the likelihood has no maximum: this covariate separates those with the event from those without",
                hint="Leave it out, join groups, or use more data.",
            )
        ],
        what,
    )


def _information(sets: RiskSets, z: Array, tie: _Ties, parts: _Parts) -> Array:
    fall = np.zeros((sets.times.size, 2))
    np.add.at(fall, tie.time, np.column_stack([tie.weight, tie.share * tie.weight]) / parts.denominator[:, None])
    collected = sets.exposure(fall[:, :1])[:, 0]
    collected[sets.event_rows] -= fall[sets.event_time, 1]
    squares = (z * (parts.risk * collected)[:, None]).T @ z
    return np.asarray(squares - (parts.mean * tie.weight[:, None]).T @ parts.mean)


def _scaled(information: Array) -> Array:
    scale = np.sqrt(np.maximum(np.diag(information), 1e-300))
    return np.asarray(information / np.outer(scale, scale))


def _sound(information: Array) -> bool:
    return information.size == 0 or bool(np.diag(information).min() > 1e-12 and np.linalg.eigvalsh(_scaled(information))[0] > 1e-10)


def _alike(information: Array, names: tuple[str, ...], what: str) -> InputError:
    vectors = np.linalg.eigh(_scaled(information))[1]
    named = [names[i] if names else f"covariate {i + 1}" for i in np.flatnonzero(np.abs(vectors[:, 0]) > 0.1)]
    text = "these columns cannot be told apart: one is a sum of the others, or does not vary among those at risk"
    return InputError([Problem(", ".join(named), text, hint="Leave one of them out.")], what)


def _finished(
    sets: RiskSets,
    z: Array,
    weights: Array,
    tie: _Ties,
    parts: _Parts,
    beta: Array,
    scale: tuple[Array, Array],
    at_zero: float,
    count: int,
) -> Hazards:
    centre, spread = scale
    information = _information(sets, z, tie, parts)
    residuals, schoenfeld = _residuals(sets, z, weights, tie, parts)
    inverse = np.linalg.inv(information)
    out = 1.0 / spread
    step = np.bincount(tie.time, weights=tie.weight / parts.denominator, minlength=sets.times.size)
    return Hazards(
        beta=beta * out,
        information=information * np.outer(spread, spread),
        robust=inverse @ (residuals.T @ residuals) @ inverse * np.outer(out, out),
        residuals=residuals * spread,
        schoenfeld=schoenfeld * spread,
        step=step * np.exp(-parts.shift - float(centre @ (beta * out))),
        likelihood=(at_zero, parts.loglik),
        steps=count,
    )


def _residuals(sets: RiskSets, z: Array, weights: Array, tie: _Ties, parts: _Parts) -> tuple[Array, Array]:
    """Score residuals of rows, and Schoenfeld residuals of events (mean over the places of a tie)."""
    n_times, p = sets.times.size, z.shape[1]
    hazard = (tie.weight / parts.denominator)[:, None]
    whole = np.zeros((n_times, 1 + p))
    np.add.at(whole, tie.time, np.column_stack([hazard, hazard * parts.mean]))
    taken = np.zeros((n_times, 1 + p))
    np.add.at(taken, tie.time, tie.share[:, None] * np.column_stack([hazard, hazard * parts.mean]))
    collected = sets.exposure(whole)
    collected[sets.event_rows] -= taken[sets.event_time]
    residuals = -parts.risk[:, None] * (z * collected[:, :1] - collected[:, 1:])
    means = np.zeros((n_times, p))
    np.add.at(means, tie.time, parts.mean)
    means /= np.bincount(tie.time, minlength=n_times)[:, None]
    schoenfeld = z[sets.event_rows] - means[sets.event_time]
    residuals[sets.event_rows] += weights[sets.event_rows][:, None] * schoenfeld
    return residuals, schoenfeld


def clustered(fitted: Hazards, cluster: NDArray[np.generic]) -> Array:
    """Sandwich variance (p, p) when rows of one cluster (a patient, a centre) belong together."""
    _, where = np.unique(cluster, return_inverse=True)
    sums = np.zeros((int(where.max()) + 1, fitted.beta.size))
    np.add.at(sums, where, fitted.residuals)
    inverse = fitted.model
    return np.asarray(inverse @ (sums.T @ sums) @ inverse)
