"""The rank-preserving structural failure time model: what patients would have lived without ECMO, if ECMO stretches time by one factor.

    U(psi) = days without ECMO + exp(psi) days with ECMO

At the true psi the two arms have the same U, because randomisation made them alike. psi is found where a log-rank test of U between arms
sees no difference; its interval holds all psi that the test does not reject. U is recensored at min(C, C exp(psi)), or censoring would
depend on prognosis. The p value of psi = 0 is that of intention to treat: crossover hides an effect, but this removes no doubt about it.
Robins and Tsiatis, Commun Stat 1991;20:2609; recensoring: White et al., Stat Med 1999;18:209.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from perfuse.evidence.eolia.estimators import Z95, Answer
from perfuse.evidence.eolia.patients import ENDPOINT, FOLLOWED, Trial
from perfuse.evidence.survival.partial_likelihood import fit_hazards
from perfuse.evidence.survival.risk_sets import StartStop
from perfuse.parameters.problems import InputError

Array = NDArray[np.float64]
GRID = np.linspace(-4.0, 4.0, 321)
"""psi that are tried; an interval that reaches an end is open there."""


@dataclass(frozen=True)
class Structure:
    """psi with its interval (None: open, or not found within the grid), the log-rank Z over GRID, and how often Z = 0 is crossed."""

    psi: float | None
    low: float | None
    high: float | None
    z: Array
    roots: int


def untreated_time(trial: Trial, psi: float, recensor: bool = True) -> tuple[Array, NDArray[np.bool_]]:
    """U(psi) of every patient, recensored, and whether it ends with death."""
    begun = np.where(trial.ecmo, 0.0, np.minimum(trial.crossed, trial.time))
    u = begun + (trial.time - begun) * np.exp(psi)
    if not recensor:
        return u, trial.died
    end = FOLLOWED * min(1.0, float(np.exp(psi)))
    return np.minimum(u, end), trial.died & (u <= end)


def log_rank(time: Array, died: NDArray[np.bool_], ecmo: NDArray[np.bool_]) -> float:
    """Standardised log-rank score; above 0: more deaths in the ECMO arm than expected."""
    order = np.argsort(time, kind="stable")
    t, d, e = time[order], died[order], ecmo[order]
    first = np.searchsorted(t, t, side="left")
    n = t.size - first
    n_ecmo = np.cumsum(e[::-1])[::-1][first]
    deaths = np.bincount(first, weights=d, minlength=t.size)[first]
    share = n_ecmo / n
    tied = np.where(n > 1, (n - deaths) / np.maximum(n - 1, 1), 0.0)
    variance = float((d * share * (1.0 - share) * tied).sum())
    return float((d * (e - share)).sum() / np.sqrt(variance)) if variance > 0.0 else 0.0


def g_estimate(trial: Trial, recensor: bool = True) -> Structure:
    """psi by the log-rank test. Crossings of the levels are interpolated; the outermost of several bound the interval."""
    z = np.array([log_rank(*untreated_time(trial, float(psi), recensor), trial.ecmo) for psi in GRID])
    roots = _crossings(z, 0.0)
    lows, highs = _crossings(z, -Z95), _crossings(z, Z95)
    inside = np.flatnonzero(np.abs(z) < Z95)
    low = high = None
    if inside.size:
        edge = sorted([*lows, *highs])
        low = None if inside[0] == 0 else min(edge, default=None)
        high = None if inside[-1] == GRID.size - 1 else max(edge, default=None)
    psi = float(np.mean(roots)) if roots else None
    return Structure(psi, low, high, z, len(roots))


def _crossings(z: Array, level: float) -> list[float]:
    """Where the score passes a level, by interpolation on the grid."""
    y = z - level
    found = [float(GRID[i]) for i in np.flatnonzero(y == 0.0)]
    for i in np.flatnonzero(y[:-1] * y[1:] < 0.0):
        found.append(float(GRID[i] + (GRID[i + 1] - GRID[i]) * y[i] / (y[i] - y[i + 1])))
    return sorted(found)


def weibull_shape(time: Array, died: NDArray[np.bool_]) -> float:
    """Shape of a Weibull law by maximum likelihood with censoring."""
    t = np.maximum(time, 1e-6)
    logs, deaths = np.log(t), float(died.sum())

    def slope(shape: float) -> float:
        power = t**shape
        return float(deaths / shape + logs[died].sum() - deaths * (power @ logs) / power.sum())

    return float(brentq(slope, 0.02, 20.0))


def structural(trial: Trial) -> Answer:
    """Risk ratio of ECMO against no ECMO: controls as they would have been, beside the ECMO arm as it was.

    The hazard ratio between both (over the recensored follow-up) turns the ECMO arm's risk at day 60 into the risk without ECMO, by
    proportional hazards. The limits are those of psi, carried over by a Weibull law: the one law under which a stretch of time is also a
    ratio of hazards. The ECMO arm's risk is taken as known there, so the interval is a little short.
    """
    found = g_estimate(trial)
    details = {
        "psi": found.psi,
        "psi_interval": [found.low, found.high],
        "time_ratio": None if found.psi is None else float(np.exp(-found.psi)),
        "roots": found.roots,
        "log_rank_z": log_rank(trial.time, trial.died, trial.ecmo),
    }
    if found.psi is None:
        return Answer(float("nan"), None, None, {**details, "failed": "no psi within -4 to 4 makes the arms alike"})
    u, ended = untreated_time(trial, found.psi)
    time, died = np.where(trial.ecmo, trial.time, u), np.where(trial.ecmo, trial.died, ended)
    sets = StartStop.of(np.full(time.size, -1.0), time, died)
    try:
        fitted = fit_hazards(sets, trial.ecmo[:, None].astype(float), names=("ecmo",), what="the structural model")
    except InputError as error:
        return Answer(float("nan"), None, None, {**details, "failed": error.problems[0].text})
    risk = float(trial.dead_by(ENDPOINT)[trial.ecmo].mean())
    shape = weibull_shape(u, ended)

    def ratio(log_hazard_ratio: float) -> float:
        return float(risk / (1.0 - (1.0 - risk) ** np.exp(-log_hazard_ratio)))

    rr = ratio(float(fitted.beta[0]))
    scale = rr / ratio(shape * found.psi)
    low = risk if found.low is None else scale * ratio(shape * found.low)
    more = {
        **details,
        "hazard_ratio": float(np.exp(fitted.beta[0])),
        "weibull_shape": shape,
        "recensored_at": FOLLOWED * min(1.0, float(np.exp(found.psi))),
    }
    if found.high is None:
        return Answer(rr, None, None, {**more, "no_interval": "psi has no upper limit within the range tried"})
    return Answer(rr, low, scale * ratio(shape * found.high), more)
