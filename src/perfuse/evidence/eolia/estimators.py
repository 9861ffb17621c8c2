"""Ways to read a trial with crossover that need no model of who crosses: by randomisation, by protocol, by treatment, and at the extremes.

All say the same quantity, the risk ratio of death by day 60 (ECMO over no ECMO), so that they can stand beside each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from perfuse.evidence.eolia.patients import ENDPOINT, Trial
from perfuse.evidence.survival.ecmo_cox import split
from perfuse.evidence.survival.partial_likelihood import Hazards, fit_hazards
from perfuse.evidence.survival.risk_sets import StartStop

Array = NDArray[np.float64]
Z95 = float(norm.ppf(0.975))


@dataclass(frozen=True)
class Answer:
    """Risk ratio of death by day 60 with a 95 % interval (None: none can be given), and what else the method found."""

    rr: float
    low: float | None
    high: float | None
    found: Mapping[str, Any] = field(default_factory=dict)


def from_log(log_rr: float, se: float, **found: Any) -> Answer:
    """An answer with a normal interval on the log scale."""
    return Answer(float(np.exp(log_rr)), float(np.exp(log_rr - Z95 * se)), float(np.exp(log_rr + Z95 * se)), found)


def of_counts(died: int, n: int, died_other: int, n_other: int) -> Answer:
    """Risk ratio of two counts with the interval of the log (Katz 1978); half a death is added to each where one is 0."""
    add = 0.5 if died == 0 or died_other == 0 else 0.0
    a, b = died + add, died_other + add
    se = float(np.sqrt(max(1.0 / a - 1.0 / (n + add) + 1.0 / b - 1.0 / (n_other + add), 0.0)))
    counts = {"ecmo": [int(died), int(n)], "no_ecmo": [int(died_other), int(n_other)]}
    return from_log(float(np.log(a / (n + add)) - np.log(b / (n_other + add))), se, counts=counts)


def intention_to_treat(trial: Trial) -> Answer:
    """As randomised; the hazard ratio beside it is Cox's."""
    dead = trial.dead_by(ENDPOINT)
    one = of_counts(int(dead[trial.ecmo].sum()), int(trial.ecmo.sum()), int(dead[~trial.ecmo].sum()), int((~trial.ecmo).sum()))
    fitted = _cox(np.zeros(trial.time.size), trial.time, trial.died, trial.ecmo[:, None].astype(float))
    se = float(np.sqrt(fitted.model[0, 0]))
    hazard = {
        "hazard_ratio": float(np.exp(fitted.beta[0])),
        "hazard_ratio_interval": [float(np.exp(fitted.beta[0] + sign * Z95 * se)) for sign in (-1, 1)],
    }
    return Answer(one.rr, one.low, one.high, {**one.found, **hazard})


def per_protocol(trial: Trial) -> Answer:
    """Controls who crossed are left out."""
    dead, stayed = trial.dead_by(ENDPOINT), ~trial.ecmo & ~np.isfinite(trial.crossed)
    return of_counts(int(dead[trial.ecmo].sum()), int(trial.ecmo.sum()), int(dead[stayed].sum()), int(stayed.sum()))


def as_treated(trial: Trial) -> Answer:
    """Whoever had ECMO at any time counts as treated from the start."""
    dead, had = trial.dead_by(ENDPOINT), trial.ecmo | np.isfinite(trial.crossed)
    return of_counts(int(dead[had].sum()), int(had.sum()), int(dead[~had].sum()), int((~had).sum()))


def treatment_failure(trial: Trial) -> Answer:
    """The trial's secondary end: for controls, death or crossover by day 60."""
    dead = trial.dead_by(ENDPOINT)
    failed = ~trial.ecmo & (dead | (trial.crossed <= ENDPOINT))
    return of_counts(int(dead[trial.ecmo].sum()), int(trial.ecmo.sum()), int(failed.sum()), int((~trial.ecmo).sum()))


def as_treated_over_time(trial: Trial) -> Answer:
    """Cox with ECMO from the day it starts, adjusted for severity; risks of all on ECMO and all without, from its baseline hazard.

    The interval is that of the hazard ratio, carried over with the baseline hazard held.
    """
    begun = np.where(trial.ecmo, 0.0, trial.crossed)
    rows = split(trial.time, trial.died, begun, trial.severity[:, None])
    sets = StartStop.of(rows.start, rows.stop, rows.event)
    fitted = fit_hazards(sets, rows.x, names=("ecmo", "severity"), what="the time-dependent model")
    baseline = float(fitted.step[sets.times <= ENDPOINT].sum())
    se = float(np.sqrt(fitted.model[0, 0]))
    frailty = np.exp(fitted.beta[1] * trial.severity)

    def ratio(beta: float) -> float:
        return float((1.0 - np.exp(-baseline * np.exp(beta) * frailty)).mean() / (1.0 - np.exp(-baseline * frailty)).mean())

    b = float(fitted.beta[0])
    interval = [float(np.exp(b + sign * Z95 * se)) for sign in (-1, 1)]
    return Answer(ratio(b), ratio(b - Z95 * se), ratio(b + Z95 * se), {"hazard_ratio": float(np.exp(b)), "hazard_ratio_interval": interval})


def extremes(trial: Trial) -> tuple[Answer, Answer]:
    """Had no control crossed: all who did would have lived, or all would have died. (RR if all had lived, RR if all had died.)

    The interval of the pair is from the lower limit of the lower one to the upper limit of the upper one.
    """
    dead, crossed = trial.dead_by(ENDPOINT), ~trial.ecmo & np.isfinite(trial.crossed)
    died_ecmo, n_ecmo, n = int(dead[trial.ecmo].sum()), int(trial.ecmo.sum()), int((~trial.ecmo).sum())
    stayed = int((dead & ~trial.ecmo & ~crossed).sum())
    return of_counts(died_ecmo, n_ecmo, stayed, n), of_counts(died_ecmo, n_ecmo, stayed + int(crossed.sum()), n)


def _cox(start: Array, stop: Array, died: NDArray[np.bool_], x: Array) -> Hazards:
    return fit_hazards(StartStop.of(start, stop, died), x, names=("ecmo",), what="the comparison of arms")


def share_alive(
    start: Array, stop: Array, died: NDArray[np.bool_], weights: Array, patient: NDArray[np.int64], day: float, patients: int
) -> tuple[float, Array]:
    """Weighted Kaplan-Meier at a day and each patient's influence on it (weights taken as known), for a sandwich variance."""
    counted = died & (stop <= day)
    times, where = np.unique(stop[counted], return_inverse=True)
    d = np.bincount(where, weights=weights[counted], minlength=times.size)
    by_stop, by_start = np.argsort(stop), np.argsort(start)

    def after(order: NDArray[np.int64], when: Array) -> Array:
        total = np.concatenate([np.cumsum(weights[order][::-1])[::-1], [0.0]])
        return np.asarray(total[np.searchsorted(when[order], times, side="left")])

    at_risk = after(by_stop, stop) - after(by_start, start)
    alive = float(np.prod(1.0 - d / at_risk))
    rise = np.concatenate([[0.0], np.cumsum(d / np.maximum(at_risk * (at_risk - d), 1e-12))])
    pull = -(rise[np.searchsorted(times, stop, side="right")] - rise[np.searchsorted(times, start, side="right")])
    pull[counted] += (1.0 / np.maximum(at_risk - d, 1e-12))[where]
    influence = np.bincount(patient, weights=-alive * weights * pull, minlength=patients)
    return alive, np.asarray(influence, dtype=np.float64)
