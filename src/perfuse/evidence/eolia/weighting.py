"""Inverse-probability-of-censoring weights: controls are followed until they cross, and those like them who did not stand in for them.

Every morning a control without ECMO crosses with a probability that a logistic model gives from the day, severity and (where it is on
record) deterioration. Whoever stays weighs 1/P(stayed so far), times P(stayed so far) by a model of the day alone (stabilised), and
weights beyond a percentile can be cut.
Robins and Finkelstein, Biometrics 2000;56:779; cutting: Cole and Hernan, Am J Epidemiol 2008;168:656.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from perfuse.evidence.causal.logistic import Sums, newton, sums
from perfuse.evidence.eolia.estimators import Answer, from_log, share_alive
from perfuse.evidence.eolia.patients import ENDPOINT, Trial

Array = NDArray[np.float64]
WHOLE, CUT = 100.0, 99.0
"""Percentiles at which weights are cut: not at all, and the usual choice, which trades bias for calm."""
RIDGE = 1e-3
"""A faint pull of slopes (per SD) towards 0 keeps the fit finite when a group never crosses."""


def censoring_weighted(trial: Trial, cut: float = WHOLE) -> Answer:
    """Risk ratio by weighted Kaplan-Meier of controls without rescue; sandwich interval with the weights taken as known.

    cut  percentile of the weights above which they are set to it; 100 leaves them whole
    """
    control = np.flatnonzero(~trial.ecmo)
    rows = patient_days(trial, control)
    leaves = rows["crosses"]
    full = [rows["day"], rows["severity"]]
    if trial.mechanism.marker_known:
        full.append(rows["marker"])
    stays = 1.0 - logistic(np.column_stack(full), leaves)
    stays_anyway = 1.0 - logistic(np.column_stack([rows["day"]]), leaves)
    kept = leaves == 0
    weight = np.exp(_sums_within(rows["patient"], np.log(stays_anyway) - np.log(stays)))[kept]
    top = float(np.percentile(weight, cut))
    used = np.minimum(weight, top)
    first = np.arange(control.size)
    start = np.concatenate([np.zeros(control.size), rows["day"][kept]])
    own, own_died = trial.time[control], trial.died[control]
    day_of, patient = rows["day"][kept], rows["patient"][kept]
    stop = np.concatenate([np.minimum(own, 1.0), np.minimum(own[patient], day_of + 1.0)])
    died = np.concatenate([own_died & (own <= 1.0), own_died[patient] & (own[patient] <= day_of + 1.0)])
    weights = np.concatenate([np.ones(control.size), used])
    belongs = np.concatenate([first, patient])
    alive, influence = share_alive(start, stop, died, weights, belongs, ENDPOINT, control.size)
    treated = trial.dead_by(ENDPOINT)[trial.ecmo]
    risk_ecmo, risk = float(treated.mean()), 1.0 - alive
    se = np.sqrt((1.0 - risk_ecmo) / (risk_ecmo * treated.size) + float((influence**2).sum()) / risk**2)
    details: dict[str, Any] = {
        "risk_without_ecmo": risk,
        "weight_mean": float(used.mean()),
        "weight_largest": float(weight.max()),
        "weight_cut_at": top if cut < WHOLE else None,
        "effective_controls_day_28": _effective(used[(day_of == 28)]),
        "controls_left_day_28": int((day_of == 28).sum()),
        "measured": "day, severity, deterioration" if trial.mechanism.marker_known else "day, severity",
    }
    return from_log(float(np.log(risk_ecmo / risk)), float(se), **details)


def censored_unweighted(trial: Trial) -> Answer:
    """The same without weights: crossover as if it were a loss from sight that means nothing (naive)."""
    control = ~trial.ecmo
    stop = np.minimum(trial.time, trial.crossed)[control]
    died = (trial.died & (trial.time <= trial.crossed))[control]
    n = int(control.sum())
    alive, influence = share_alive(np.zeros(n), stop, died, np.ones(n), np.arange(n), ENDPOINT, n)
    treated = trial.dead_by(ENDPOINT)[trial.ecmo]
    risk_ecmo, risk = float(treated.mean()), 1.0 - alive
    se = np.sqrt((1.0 - risk_ecmo) / (risk_ecmo * treated.size) + float((influence**2).sum()) / risk**2)
    return from_log(float(np.log(risk_ecmo / risk)), float(se), risk_without_ecmo=risk)


def patient_days(trial: Trial, control: NDArray[np.int64]) -> dict[str, Array]:
    """Mornings on which a control was alive and without ECMO, up to the crossover: patient (position), day, severity, marker, crosses."""
    days = np.arange(1, ENDPOINT)
    alive = (trial.time[control][:, None] > days) & (trial.crossed[control][:, None] >= days)
    patient, at = np.nonzero(alive)
    day = days[at]
    return {
        "patient": patient,
        "day": day.astype(float),
        "severity": trial.severity[control][patient],
        "marker": trial.marker[control[patient], day].astype(float),
        "crosses": (trial.crossed[control][patient] == day).astype(float),
    }


def logistic(x: Array, y: Array) -> Array:
    """Fitted probabilities of a logistic regression with an intercept; columns that never vary are dropped."""
    moving = np.ptp(x, axis=0) > 0.0
    z = (x[:, moving] - x[:, moving].mean(axis=0)) / x[:, moving].std(axis=0)
    z = np.column_stack([np.ones(y.size), z])
    pull = np.full(z.shape[1], RIDGE)
    pull[0] = 0.0
    mean = float(np.clip(y.mean(), 1e-9, 1.0 - 1e-9))
    beta = np.zeros(z.shape[1])
    beta[0] = np.log(mean / (1.0 - mean))
    if y.sum() == 0.0:
        return np.zeros(y.size)

    def total(b: Array) -> Sums:
        value, gradient, information = sums(z, y, b)
        return value - 0.5 * float(pull @ b**2), gradient - pull * b, information + np.diag(pull)

    return np.asarray(expit(z @ newton(total, z.shape[1], start=beta).beta))


def _sums_within(patient: NDArray[np.generic], values: Array) -> Array:
    """Running sums that begin anew with each patient (rows are sorted by patient)."""
    total = np.cumsum(values)
    begins = np.concatenate([[True], patient[1:] != patient[:-1]])
    before = np.where(begins, total - values, 0.0)[np.maximum.accumulate(np.where(begins, np.arange(values.size), 0))]
    return np.asarray(total - before)


def _effective(weights: Array) -> float:
    """Kish's effective number."""
    return float(weights.sum() ** 2 / (weights**2).sum()) if weights.size else 0.0
