"""Clone, censor, weight: the arithmetic. Every patient follows both strategies until what was done departs from one of them.

Time is counted in days from time zero; decisions to start are taken at the beginning of a day where start days are whole numbers. Source:
Hernán MA, Robins JM. Am J Epidemiol 2016;183:758-64; Cain LE et al. Int J Biostat 2010;6(2):18; Maringe C et al. Int J Epidemiol
2020;49:1719-29.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from perfuse.evidence.causal.logistic import Logistic, fit, with_constant

Array = NDArray[np.float64]
DIED, DISCHARGED, CENSORED = 1, 2, 0
PER_TERM = 10
"""Patients of the rarer kind that each term of a model needs (a rule of thumb, assumed)."""


@dataclass(frozen=True)
class Followed:
    """Patients who met the criteria, in the order of the end of their follow-up.

    end      day on which follow-up ended        how     DIED, DISCHARGED or CENSORED
    start    day on which ECMO began, infinite where it never did
    x        covariates at time zero (patients, columns), without a constant
    z        the same with their squares and products, for the model of having started by the end of grace: that is not logistic in x
             even where starting on each day is, because those who have it live longer (or shorter)
    """

    end: Array
    how: NDArray[np.int64]
    start: Array
    x: Array
    z: Array
    names: tuple[str, ...] = ()
    whole_days: bool = False


def followed(
    end: Array, how: NDArray[np.int64], start: Array, x: Array, names: tuple[str, ...] = (), *, grace: float, most_terms: int = 40
) -> Followed:
    """Sort patients by the end of their follow-up; a start after the end did not happen.

    Squares and products are taken where there are ten patients of the rarer kind (started by the end of grace or not) for each term.
    """
    start = np.where(np.isnan(start) | (start > end), np.inf, start)
    known = start[np.isfinite(start)]
    order = np.argsort(end, kind="stable")
    whole = bool(np.all(known == np.round(known)))
    at = end > grace
    rarer = min(int((start[at] <= grace).sum()), int((start[at] > grace).sum()))
    z = curved(x)
    if z.shape[1] > most_terms or rarer < PER_TERM * z.shape[1]:
        z = x
    return Followed(end[order], how[order], start[order], x[order], z[order], names, whole)


def curved(x: Array) -> Array:
    """The columns, the squares of those with more than two values, and the products of all pairs; what adds nothing is left out."""
    pairs = [(i, j) for i in range(x.shape[1]) for j in range(i, x.shape[1])]
    wide = [np.unique(column[:1000]).size > 2 for column in x.T]
    more = [x[:, i] * x[:, j] for i, j in pairs if i != j or wide[i]]
    whole = np.column_stack([x, *more])
    kept: list[int] = []
    base = np.ones((x.shape[0], 1))
    for k in range(whole.shape[1]):
        column = whole[:, k]
        left = column - base @ np.linalg.lstsq(base, column, rcond=None)[0]
        if k < x.shape[1] or left.std() > 1e-6 * max(1.0, column.std()):
            kept.append(k)
            base = np.column_stack([base, column])
    return whole[:, kept]


@dataclass(frozen=True)
class Models:
    """The two models of artificial censoring.

    start      pooled logistic model of starting on a day (powers of the week, covariates), among those not yet started
    in_grace   logistic model of having started, among those still followed at the end of the grace period
    last_day   the last day on which anybody started
    """

    start: Logistic
    in_grace: Logistic
    last_day: int


def last_day(f: Followed) -> int:
    """The last day on which anybody started."""
    known = f.start[np.isfinite(f.start)]
    return int(np.floor(known.max())) if known.size else 0


def start_rows(f: Followed) -> tuple[Array, Array, NDArray[np.int64]]:
    """Person-days at risk of starting: columns (1, powers of the week, covariates), whether ECMO began, and whose day it is."""
    last = last_day(f)
    xs, ys, who = [], [], []
    for day in range(last + 1):
        rows = np.flatnonzero((f.end > day) & (f.start >= day))
        xs.append(np.column_stack([np.tile(_week(day, last), (rows.size, 1)), f.x[rows]]))
        ys.append((f.start[rows] < day + 1.0).astype(np.float64))
        who.append(rows)
    return np.concatenate(xs), np.concatenate(ys), np.concatenate(who)


def _week(day: int, last: int) -> Array:
    """1, week, week squared; fewer powers where starts happen on one or two days only."""
    return np.array([1.0, day / 7.0, (day / 7.0) ** 2])[: 1 + min(last, 2)]


def models(f: Followed, grace: float, counts: Array, days: tuple[Array, Array, NDArray[np.int64]], before: Models | None = None) -> Models:
    """Fit both models; `counts` says how often each patient counts (1, or as drawn in a resample), `before` where to begin."""
    x, y, who = days
    last = last_day(f)
    names = (*("week", "week squared")[: min(last, 2)], *f.names)
    start = fit(x, y, counts[who], names=names) if before is None else _again(x, y, counts[who], names, before.start)
    at = f.end > grace
    z, began = with_constant(f.z[at]), (f.start[at] <= grace).astype(np.float64)
    in_grace = fit(z, began, counts[at]) if before is None else _again(z, began, counts[at], (), before.in_grace)
    return Models(start, in_grace, last)


def _again(x: Array, y: Array, w: Array, names: tuple[str, ...], before: Logistic) -> Logistic:
    from perfuse.evidence.causal.logistic import newton, sums

    return newton(lambda beta: sums(x, y, beta, w), x.shape[1], names, before.beta)


@dataclass(frozen=True)
class Arm:
    """Clones of one arm in the order in which their follow-up ends.

    rows          of the patients         end, how      day and kind of the end of each
    first, group  first clone of each group that ends at one moment, and the group of each clone
    """

    rows: NDArray[np.int64]
    end: Array
    how: NDArray[np.int64]
    first: NDArray[np.int64]
    group: NDArray[np.int64]

    def death(self, own: Array, left: Array, horizon: int) -> Array:
        """Aalen-Johansen incidence of death, discharge competing, at the end of day 1 to `horizon`.

        own    weight of each clone at its own end      left   weight of all who are still followed then
        """
        there = np.maximum(left[self.first], 1e-300)
        deaths = np.bincount(self.group, own * (self.how == DIED), there.size) / there
        others = np.bincount(self.group, own * (self.how == DISCHARGED), there.size) / there
        stay = np.cumprod(1.0 - np.minimum(1.0, deaths + others))
        dead = np.r_[0.0, np.cumsum(np.r_[1.0, stay[:-1]] * deaths)]
        return np.asarray(dead[np.searchsorted(self.end[self.first], np.arange(1.0, horizon + 1.0), side="right")])


def arm(end: Array, how: NDArray[np.int64], rows: NDArray[np.int64]) -> Arm:
    """Put clones in order; `rows` says whose they are."""
    order = np.argsort(end, kind="stable")
    _, first, group = np.unique(end[order], return_index=True, return_inverse=True)
    return Arm(rows[order], end[order], how[order], first.astype(np.int64), group.astype(np.int64))


@dataclass(frozen=True)
class Arms:
    """The two arms of clones, and the two groups of the naive comparison."""

    within: Arm
    never: Arm
    ever_treated: Arm
    never_treated: Arm


def arms(f: Followed, grace: float) -> Arms:
    """Who is followed until when under each strategy, and by what was ever done."""
    everybody, late, ever = np.arange(f.end.size), f.start > grace, np.isfinite(f.start)
    return Arms(
        arm(np.where(late, np.minimum(f.end, grace), f.end), np.where(late & (f.end > grace), CENSORED, f.how), everybody),
        arm(np.minimum(f.end, f.start), np.where(ever, CENSORED, f.how), everybody),
        arm(f.end[ever], f.how[ever], everybody[ever]),
        arm(f.end[~ever], f.how[~ever], everybody[~ever]),
    )


@dataclass(frozen=True)
class Course:
    """Cumulative incidence of death of one strategy at the end of each day, the largest weight, the effective number at the last end."""

    death: Array
    largest: float
    effective: float


def never(f: Followed, who: Arm, m: Models, horizon: int, counts: Array) -> Course:
    """Strategy "no ECMO": clones are censored when ECMO begins; the rest stand for them, by the chance of not having begun so far."""
    powers = 1 + min(m.last_day, 2)
    base = f.x[who.rows] @ m.start.beta[powers:]
    w = counts[who.rows].copy()
    own, left = np.zeros(w.size), np.zeros(w.size)
    for day in range(m.last_day + 2):  # the last turn is for all days on which nobody starts any more
        begin = int(np.searchsorted(who.end, float(day), side="right"))
        later = slice(begin, None)
        today = w[later]
        if day <= m.last_day:
            stays = expit(-(_week(day, m.last_day) @ m.start.beta[:powers] + base[later]))
            today = today / (stays if f.whole_days else np.sqrt(stays))
            w[later] /= stays
        own[later] = today
        left[later] = _left(today)
    return Course(who.death(own, left, horizon), *_size(own, counts[who.rows]))


def within(f: Followed, who: Arm, m: Models, grace: float, horizon: int, counts: Array) -> Course:
    """Strategy "ECMO within the grace period": clones still without it at its end are censored; those who have it stand for them."""
    c = counts[who.rows]
    heavy = c / expit(with_constant(f.z[who.rows]) @ m.in_grace.beta)
    after = who.end > grace
    own, left = np.where(after, heavy, c), np.where(after, _left(np.where(after, heavy, 0.0)), _left(c))
    return Course(who.death(own, left, horizon), *_size(own, c))


def group(who: Arm, horizon: int, weights: Array) -> Course:
    """Cumulative incidence of death by what was ever done, from time zero, with fixed weights of all patients: the naive comparison."""
    own = weights[who.rows]
    return Course(who.death(own, _left(own), horizon), *_size(own, np.ones(own.size)))


def _left(w: Array) -> Array:
    return np.asarray(np.cumsum(w[::-1])[::-1])


def _size(own: Array, counts: Array) -> tuple[float, float]:
    seen = counts > 0
    return float(np.max(own[seen] / counts[seen])), float(own.sum() ** 2 / np.sum(own**2))
