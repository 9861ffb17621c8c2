"""How much studies differ beyond chance: Q, tau2 by three estimators, its interval, I2 and H2.

y     effects of k studies (log ratios, differences, logits)
v     their variances, taken as known
tau2  variance of the true effects between studies, 0 or more; every estimator here stops at 0

Own code, since statsmodels' `combine_effects` has no REML and no interval of tau2, and lets tau2 and I2 fall below 0 (up to weights that
are not finite). It, PyMARE and R's metafor are asked in the tests.
"""

from math import inf

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri

Array = NDArray[np.float64]
ESTIMATORS = ("DL", "REML", "PM")
_EXACT = {"xtol": 1e-14, "rtol": 1e-13, "maxiter": 500}


def mean_at(y: Array, v: Array, tau2: float) -> tuple[float, float]:
    """Weighted mean and its standard error with weights 1/(v + tau2)."""
    w = 1.0 / (v + tau2)
    return float(np.sum(w * y) / np.sum(w)), float(1.0 / np.sqrt(np.sum(w)))


def q_at(y: Array, v: Array, tau2: float = 0.0) -> float:
    """Cochran's Q with weights 1/(v + tau2); it falls as tau2 rises."""
    mean, _ = mean_at(y, v, tau2)
    return float(np.sum((y - mean) ** 2 / (v + tau2)))


def q_test(y: Array, v: Array) -> tuple[float, int, float]:
    """Q, its degrees of freedom, and P under one common effect."""
    q, df = q_at(y, v), y.size - 1
    return q, df, float(chdtrc(df, q)) if df else 1.0


def tau2_of(y: Array, v: Array, estimator: str) -> float:
    """tau2 by DL (DerSimonian and Laird 1986), REML (restricted likelihood) or PM (Paule and Mandel 1982)."""
    if y.size < 2:
        return 0.0
    return {"DL": _dersimonian_laird, "REML": _restricted_likelihood, "PM": _paule_mandel}[estimator](y, v)


def _dersimonian_laird(y: Array, v: Array) -> float:
    w = 1.0 / v
    scale = float(np.sum(w) - np.sum(w * w) / np.sum(w))
    return max(0.0, (q_at(y, v) - (y.size - 1)) / scale)


def _paule_mandel(y: Array, v: Array) -> float:
    """The tau2 at which Q equals its degrees of freedom: Q falls steadily, so that there is one root or none."""
    return _root_of_q(y, v, y.size - 1.0)


def _root_of_q(y: Array, v: Array, target: float) -> float:
    if q_at(y, v) <= target:
        return 0.0
    high = float(np.var(y) + np.max(v))
    while q_at(y, v, high) > target:
        high *= 4.0
    return float(brentq(lambda tau2: q_at(y, v, tau2) - target, 0.0, high, **_EXACT))


def restricted_log_likelihood(y: Array, v: Array, tau2: float) -> float:
    """Restricted log likelihood of tau2, up to a constant."""
    total = v + tau2
    mean, se = mean_at(y, v, tau2)
    return float(-0.5 * np.sum(np.log(total)) + np.log(se) - 0.5 * np.sum((y - mean) ** 2 / total))


def _score(y: Array, v: Array, tau2: float) -> float:
    """Slope of the restricted log likelihood."""
    w = 1.0 / (v + tau2)
    mean, _ = mean_at(y, v, tau2)
    return float(0.5 * (np.sum(w * w * (y - mean) ** 2) - np.sum(w) + np.sum(w * w) / np.sum(w)))


def _restricted_likelihood(y: Array, v: Array) -> float:
    """The highest point of the restricted likelihood: looked for on a wide grid first, since it may have more than one top."""
    top = 10.0 * float(np.ptp(y)) ** 2 + float(np.max(v))
    grid = np.concatenate([[0.0], np.geomspace(1e-9 * top, top, 160)])
    best = int(np.argmax([restricted_log_likelihood(y, v, float(t)) for t in grid]))
    low, high = float(grid[max(0, best - 1)]), float(grid[min(grid.size - 1, best + 1)])
    if best == 0 and _score(y, v, 0.0) <= 0.0:
        return 0.0
    if _score(y, v, low) * _score(y, v, high) > 0.0:
        return float(grid[best])
    return float(brentq(lambda tau2: _score(y, v, tau2), low, high, **_EXACT))


def q_profile(y: Array, v: Array, level: float = 0.95) -> tuple[float, float]:
    """Interval of tau2 from the distribution of Q (Viechtbauer 2007); both limits stop at 0."""
    if y.size < 2:
        return 0.0, inf
    df, half = y.size - 1, 0.5 * (1.0 - level)
    return _root_of_q(y, v, float(chdtri(df, half))), _root_of_q(y, v, float(chdtri(df, 1.0 - half)))


def typical_variance(v: Array) -> float:
    """The "typical" sampling variance of Higgins and Thompson (2002)."""
    w = 1.0 / v
    return float((v.size - 1) * np.sum(w) / (np.sum(w) ** 2 - np.sum(w * w)))


def i2_of_q(q: float, df: int) -> float:
    """I2 in per cent, (Q - df)/Q, clipped at 0."""
    return 100.0 * max(0.0, (q - df) / q) if q > 0.0 else 0.0


def i2_of_tau2(tau2: float, v: Array) -> float:
    """I2 in per cent that belongs to a tau2."""
    return 100.0 * tau2 / (tau2 + typical_variance(v)) if tau2 != inf else 100.0
