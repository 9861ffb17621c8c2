"""Clone, censor, weight: the arithmetic. Every patient follows both strategies until what was done departs from one of them.

Time is counted in days from time zero; decisions to start are taken at the beginning of a day where start days are whole numbers. Source:
Hernán MA, Robins JM. Am J Epidemiol 2016;183:758-64; Cain LE et al. Int J Biostat 2010;6(2):18; Maringe C et al. Int J Epidemiol
2020;49:1719-29.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from perfuse.evidence.causal.logistic import Logistic, fit, with_constant

Array = NDArray[np.float64]
DIED, DISCHARGED, CENSORED = 1, 2, 0


@dataclass(frozen=True)
class Followed:
    """Patients who met the criteria, in the order of the end of their follow-up.

    end      day on which follow-up ended        how     DIED, DISCHARGED or CENSORED
    start    day on which ECMO began, infinite where it never did
    x        covariates at time zero (patients, columns), without a constant
    """

    end: Array
    how: NDArray[np.int64]
    start: Array
    x: Array
    names: tuple[str, ...] = ()
    whole_days: bool = field(default=False)


def followed(end: Array, how: NDArray[np.int64], start: Array, x: Array, names: tuple[str, ...] = ()) -> Followed:
    """Sort patients by the end of their follow-up; a start after the end did not happen."""
    start = np.where(np.isnan(start) | (start > end), np.inf, start)
    known = start[np.isfinite(start)]
    order = np.argsort(end, kind="stable")
    whole = bool(np.all(known == np.round(known)))
    return Followed(end[order], how[order], start[order], x[order], names, whole)


@dataclass(frozen=True)
class Models:
    """The two models of artificial censoring.

    start      pooled logistic model of starting on a day (day, day squared, covariates), among those not yet started
    in_grace   logistic model of having started, among those still followed at the end of the grace period
    last_day   the last day on which anybody started
    """

    start: Logistic
    in_grace: Logistic
    last_day: int


def start_rows(f: Followed) -> tuple[Array, Array, NDArray[np.int64]]:
    """Person-days at risk of starting: columns (1, day, day squared, covariates), whether ECMO began, and whose day it is."""
    known = f.start[np.isfinite(f.start)]
    last = int(np.floor(known.max())) if known.size else 0
    xs, ys, who = [], [], []
    for day in range(last + 1):
        rows = np.flatnonzero((f.end > day) & (f.start >= day))
        xs.append(np.column_stack([np.ones(rows.size), np.full(rows.size, day / 7.0), np.full(rows.size, (day / 7.0) ** 2), f.x[rows]]))
        ys.append((f.start[rows] < day + 1.0).astype(np.float64))
        who.append(rows)
    return np.concatenate(xs), np.concatenate(ys), np.concatenate(who)


def models(f: Followed, grace: float, counts: Array, days: tuple[Array, Array, NDArray[np.int64]], before: Models | None = None) -> Models:
    """Fit both models; `counts` says how often each patient counts (1, or as drawn in a resample), `before` where to begin."""
    x, y, who = days
    names = ("day", "day squared", *f.names)
    start = fit(x, y, counts[who], names=names) if before is None else _again(x, y, counts[who], names, before.start)
    at = f.end > grace
    z, began = with_constant(f.x[at]), (f.start[at] <= grace).astype(np.float64)
    in_grace = fit(z, began, counts[at], names=f.names) if before is None else _again(z, began, counts[at], f.names, before.in_grace)
    return Models(start, in_grace, int(round(x[:, 1].max() * 7.0)))


def _again(x: Array, y: Array, w: Array, names: tuple[str, ...], before: Logistic) -> Logistic:
    from perfuse.evidence.causal.logistic import newton, sums

    return newton(lambda beta: sums(x, y, beta, w), x.shape[1], names, before.beta)


@dataclass(frozen=True)
class Course:
    """Cumulative incidence of death, discharge competing, of one strategy: (days,) at the end of each day, and the largest weight."""

    death: Array
    largest: float
    effective: float


def never(f: Followed, m: Models, horizon: int, counts: Array) -> Course:
    """Strategy "no ECMO": clones are censored when ECMO begins; the rest stand for them, by the chance of not having begun so far."""
    end = np.minimum(f.end, f.start)
    how = np.where(f.start <= f.end, CENSORED, f.how)
    order = np.argsort(end, kind="stable")
    end, how, x, c = end[order], how[order], f.x[order], counts[order]
    base = x @ m.start.beta[3:]
    b0, b1, b2 = m.start.beta[:3]
    weight = c.copy()

    def step(day: int, rows: slice) -> Array:
        if day > m.last_day:
            return weight[rows]
        t = day / 7.0
        stays = expit(-(b0 + b1 * t + b2 * t * t + base[rows]))
        if f.whole_days:
            weight[rows] /= stays
            return weight[rows]
        today = np.asarray(weight[rows] / np.sqrt(stays))
        weight[rows] /= stays
        return today

    return _course(end, how, horizon, step, c)


def within(f: Followed, m: Models, grace: float, horizon: int, counts: Array) -> Course:
    """Strategy "ECMO within the grace period": clones still without it at its end are censored; those who have it stand for them."""
    late = f.start > grace
    end = np.where(late, np.minimum(f.end, grace), f.end)
    how = np.where(late & (f.end > grace), CENSORED, f.how)
    order = np.argsort(end, kind="stable")
    end, how, c = end[order], how[order], counts[order]
    after = c / expit(with_constant(f.x[order]) @ m.in_grace.beta)
    return _course(end, how, horizon, lambda day, rows: (after if day >= grace else c)[rows], c)


def groups(f: Followed, horizon: int, weights: Array, treated: NDArray[np.bool_]) -> tuple[Course, Course]:
    """Cumulative incidence of death by what was ever done, from time zero, with fixed weights: the naive comparison."""
    return tuple(  # type: ignore[return-value]
        _course(f.end[arm], f.how[arm], horizon, lambda day, rows, w=weights[arm]: w[rows], weights[arm]) for arm in (treated, ~treated)
    )


def _course(end: Array, how: NDArray[np.int64], horizon: int, step, counts: Array) -> Course:  # type: ignore[no-untyped-def]
    """Aalen-Johansen of death and discharge with weights that change by day; `step(day, rows)` gives them for the rows still there."""
    free, dead = 1.0, 0.0
    death = np.empty(horizon)
    at = int(np.searchsorted(end, 0.0))  # rows that ended before time zero; none
    largest, last = 0.0, np.ones(1)
    for day in range(horizon):
        to = int(np.searchsorted(end, day + 1.0, side="right"))
        w = step(day, slice(at, end.size))
        if w.size:
            last = w
            largest = max(largest, float(np.max(w / np.maximum(counts[at:], 1.0))))
        n = to - at
        if n:
            left = np.cumsum(w[::-1])[::-1][:n]  # weight still there just before each end
            times, first, group = np.unique(end[at:to], return_index=True, return_inverse=True)
            deaths = np.bincount(group, w[:n] * (how[at:to] == DIED), times.size)
            others = np.bincount(group, w[:n] * (how[at:to] == DISCHARGED), times.size)
            there = left[first]
            safe = np.where(there > 0, there, 1.0)
            stay = np.cumprod(1.0 - (deaths + others) / safe)
            before = free * np.concatenate([[1.0], stay[:-1]])
            dead += float(np.sum(before * deaths / safe))
            free *= float(stay[-1])
        death[day] = dead
        at = to
    return Course(death, largest, float(last.sum() ** 2 / max(np.sum(last**2), 1e-300)))
