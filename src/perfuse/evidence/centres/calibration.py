"""Are predicted chances right? Calibration in the large, intercept and slope, a flexible curve, Brier score, net benefit, recalibration.

Sources: Van Calster B et al. J Clin Epidemiol 2016;74:167-76 (levels of calibration); Cox DR. Biometrika 1958;45:562-5 (intercept, slope);
Austin PC, Steyerberg EW. Stat Med 2019;38:4051-65 (ICI); Vickers AJ, Elkin EB. Med Decis Making 2006;26:565-74 (net benefit).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression
from scipy.special import expit, logit

from perfuse.evidence.causal.logistic import Logistic, fit, with_constant
from perfuse.evidence.centres.splines import knots_of, spline
from perfuse.evidence.wilson import wilson
from perfuse.parameters.problems import InputError

Array = NDArray[np.float64]
EDGE = 1e-6
"""Predictions of 0 and 1 are moved in by so much before their log odds are taken; how many is said."""
THRESHOLDS = np.linspace(0.05, 0.95, 91)


def log_odds(predicted: Array) -> Array:
    """Log odds of predictions, with 0 and 1 moved in a little."""
    return np.asarray(logit(np.clip(predicted, EDGE, 1.0 - EDGE)))


@dataclass(frozen=True)
class Line:
    """Calibration by logistic regression on the log odds predicted.

    shift           (estimate, SE): intercept with the slope held at 1; calibration in the large, 0 is right. Its SE is a sandwich:
                    that of the model is too small where the slope is not 1
    line            model of both: intercept and slope; slope 1 is right, below 1 the predictions are too extreme
    """

    shift: tuple[float, float]
    line: Logistic


def calibrated(y: Array, predicted: Array) -> Line:
    """Fit both; raises InputError where predictions do not vary."""
    eta = log_odds(predicted)
    one = np.ones((y.size, 1))
    shift = fit(one, y, offset=eta)
    line = fit(with_constant(eta[:, None]), y, names=["log odds predicted"])
    risk = expit(eta + shift.beta[0])
    robust = float(np.sqrt(np.sum((y - risk) ** 2)) / np.sum(risk * (1.0 - risk)))
    return Line((float(shift.beta[0]), robust), line)


def brier(y: Array, predicted: Array) -> tuple[float, float]:
    """Brier score (mean squared error) and scaled Brier score: 1 less its ratio to that of predicting the mean for everybody."""
    score = float(np.mean((predicted - y) ** 2))
    return score, float(1.0 - score / (y.mean() * (1.0 - y.mean())))


def curve(y: Array, predicted: Array, points: int = 60) -> dict[str, Any] | None:
    """Observed chance as a smooth function of the predicted one (restricted cubic spline of its log odds) with 95 % limits.

    None where predictions take too few values. Also `errors`: mean (ICI), median and 90th percentile of |smooth - predicted|.
    """
    eta = log_odds(predicted)
    try:
        bends = knots_of(eta, 4)
        model = fit(with_constant(spline(eta, bends)), y)
    except InputError:
        return None
    low, high = np.quantile(eta, [0.005, 0.995])
    grid = np.linspace(low, high, points)
    rows = with_constant(spline(grid, bends))
    line, se = rows @ model.beta, np.sqrt(np.einsum("ij,jk,ik->i", rows, model.covariance, rows))
    off = np.abs(expit(with_constant(spline(eta, bends)) @ model.beta) - predicted)
    return {
        "predicted": expit(grid).tolist(),
        "observed": expit(line).tolist(),
        "low": expit(line - 1.96 * se).tolist(),
        "high": expit(line + 1.96 * se).tolist(),
        "errors": [float(off.mean()), float(np.median(off)), float(np.quantile(off, 0.9))],
    }


def groups(y: Array, predicted: Array, number: int = 10) -> dict[str, list[float]]:
    """Observed against mean predicted chance in groups of about equal size by prediction, with Wilson's limits."""
    edges = np.unique(np.quantile(predicted, np.linspace(0, 1, number + 1)))
    which = np.clip(np.searchsorted(edges, predicted, side="right") - 1, 0, max(0, edges.size - 2))
    out: dict[str, list[float]] = {"predicted": [], "observed": [], "low": [], "high": [], "n": []}
    for g in np.unique(which):
        mine = which == g
        low, high = wilson(float(y[mine].sum()), int(mine.sum()))
        for key, value in zip(out, (predicted[mine].mean(), y[mine].mean(), low, high, mine.sum()), strict=True):
            out[key].append(float(value))
    return out


def net_benefit(y: Array, predicted: Array, thresholds: Array = THRESHOLDS) -> dict[str, list[float]]:
    """Net benefit of acting where the predicted chance reaches a threshold: true positives - false positives x its odds, per head.

    Beside it acting for everybody, and for nobody (0).
    """
    odds = thresholds / (1.0 - thresholds)
    order = np.argsort(predicted, kind="stable")
    ranked, dead = predicted[order], y[order]
    above = np.r_[np.cumsum(dead[::-1])[::-1], 0.0]
    first = np.searchsorted(ranked, thresholds, side="left")
    true = above[first]
    false = (y.size - first) - true
    share = y.mean()
    return {
        "threshold": thresholds.tolist(),
        "model": ((true - false * odds) / y.size).tolist(),
        "everybody": (share - (1 - share) * odds).tolist(),
        "nobody": [0.0] * thresholds.size,
    }


def recalibrate(y: Array, predicted: Array, how: str) -> Array:
    """Predictions made right on these data: "intercept", "slope" (intercept and slope), or "isotonic" (any rising function)."""
    eta = log_odds(predicted)
    if how == "intercept":
        return np.asarray(expit(eta + fit(np.ones((y.size, 1)), y, offset=eta).beta[0]))
    if how == "slope":
        x = with_constant(eta[:, None])
        return np.asarray(expit(fit(x, y).log_odds(x)))
    values, where, counts = np.unique(predicted, return_inverse=True, return_counts=True)
    means = np.bincount(where, y) / counts
    fitted = isotonic_regression(means, weights=counts.astype(np.float64)).x
    return np.asarray(fitted[where]) if values.size else predicted


def classes(y: Array, label: Sequence[Any], published: dict[str, float], order: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Observed outcome by class with Wilson's limits, beside what was published of it (both in %)."""
    names = np.array([str(one) for one in label])
    rows = []
    for name in [*order, *sorted(set(names) - set(order))]:
        mine = names == name
        if not mine.any():
            continue
        low, high = wilson(float(y[mine].sum()), int(mine.sum()))
        known = published.get(name)
        within = "" if known is None else "yes" if 100 * low <= known <= 100 * high else "no"
        rows.append(
            {
                "class": name, "n": int(mine.sum()), "observed, %": float(100 * y[mine].mean()), "low": 100 * low, "high": 100 * high,
                "published, %": known, "published lies within": within,
            }
        )  # fmt: skip
    return rows
