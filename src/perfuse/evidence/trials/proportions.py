"""Meta-analysis of proportions from studies with one arm: logits pooled, Freeman-Tukey, and a binomial-normal model.

Nothing is compared here: that one group of cohorts survives more often than another says nothing of a treatment.
"""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, gammaln, log_expit, logsumexp

from perfuse.evidence.trials.heterogeneity import i2_of_q, q_test
from perfuse.evidence.trials.pooling import Pooled, pool, prediction, wald
from perfuse.evidence.trials.studies import OneArm
from perfuse.evidence.trials.two_arms import CORRECTION

Array = NDArray[np.float64]
FT_CAVEAT = (
    "Freeman-Tukey results depend on one 'typical' n when they are turned back into a proportion, and can mislead where studies differ "
    "in size (Schwarzer 2019, Res Synth Methods 10:476)."
)


def logits(studies: Sequence[OneArm]) -> tuple[Array, Array, list[str]]:
    """Logits, their variances, and the studies to whose two cells 0.5 was added (no event, or nothing but events)."""
    corrected = [s.name for s in studies if s.events in (0, s.n)]
    cells = [(s.events, s.n - s.events, CORRECTION if s.events in (0, s.n) else 0.0) for s in studies]
    y = np.array([np.log((e + c) / (f + c)) for e, f, c in cells])
    return y, np.array([1.0 / (e + c) + 1.0 / (f + c) for e, f, c in cells]), corrected


def freeman_tukey(studies: Sequence[OneArm], model: str = "DL", level: float = 0.95) -> tuple[float, float, float]:
    """(pooled, low, high) as proportions, 0-1: double arcsine, turned back at the harmonic mean of n (Miller 1978)."""
    n = np.array([s.n for s in studies], dtype=np.float64)
    e = np.array([s.events for s in studies], dtype=np.float64)
    y = 0.5 * (np.arcsin(np.sqrt(e / (n + 1.0))) + np.arcsin(np.sqrt((e + 1.0) / (n + 1.0))))
    pooled = pool(y, 1.0 / (4.0 * n + 2.0), model, "Wald", level)
    typical = float(n.size / np.sum(1.0 / n))
    return tuple(_turned_back(t, typical) for t in (pooled.y, pooled.low, pooled.high))  # type: ignore[return-value]


def _turned_back(t: float, n: float) -> float:
    """Inverse of the double arcsine at a sample size of n; held at 0 and 1 outside its range."""
    least = 0.5 * (np.arcsin(0.0) + np.arcsin(sqrt(1.0 / (n + 1.0))))
    most = 0.5 * (np.arcsin(sqrt(n / (n + 1.0))) + np.arcsin(1.0))
    if t <= least:
        return 0.0
    if t >= most:
        return 1.0
    sine = np.sin(2.0 * t)
    inner = 1.0 - (sine + (sine - 1.0 / sine) / n) ** 2
    return float(0.5 * (1.0 - np.sign(np.cos(2.0 * t)) * np.sqrt(max(0.0, inner))))


def binomial_normal(studies: Sequence[OneArm], level: float = 0.95) -> Pooled | None:
    """One-stage model by maximum likelihood: events ~ binomial, logits ~ normal(mean, tau2); zero cells need no correction.

    The integral over each study's logit is done on a fine grid of standard normal deviates (trapezoid, -8 to 8), so that it is exact
    enough for studies up to some 10,000 patients. Interval: Wald, from the curvature at the top. None without any event, or without
    anything else: the most likely proportion is then 0 or 1, and has no logit.
    """
    e, n = np.array([s.events for s in studies], dtype=np.float64), np.array([s.n for s in studies], dtype=np.float64)
    if e.sum() in (0.0, n.sum()):
        return None
    z = np.linspace(-8.0, 8.0, 1601)
    log_weight = -0.5 * z * z - 0.5 * np.log(2.0 * np.pi) + np.log(z[1] - z[0])
    choose = gammaln(n + 1.0) - gammaln(e + 1.0) - gammaln(n - e + 1.0)

    def lost(theta: Array) -> float:
        logit = theta[0] + np.exp(theta[1]) * z
        each = choose[:, None] + e[:, None] * log_expit(logit) + (n - e)[:, None] * log_expit(-logit)
        return -float(np.sum(logsumexp(each + log_weight, axis=1)))

    start = np.array([np.log((e.sum() + 0.5) / (n.sum() - e.sum() + 0.5)), np.log(0.5)])
    found = minimize(lost, start, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-10, "maxiter": 2000})
    mean, log_tau = found.x
    at_zero = log_tau < np.log(1e-3)
    if at_zero:  # no variance between studies: the pooled proportion is the crude one
        p = e.sum() / n.sum()
        return wald("GLMM", float(np.log(p / (1.0 - p))), float(1.0 / np.sqrt(n.sum() * p * (1.0 - p))), 0.0, level)
    return wald("GLMM", float(mean), _error_of_mean(lost, found.x), float(np.exp(2.0 * log_tau)), level)


def _error_of_mean(lost: object, x: Array) -> float:
    """Standard error of the first parameter from the curvature (central differences)."""
    h = np.array([1e-3, 1e-3])
    function = lost
    assert callable(function)
    curvature = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            di, dj = np.eye(2)[i] * h[i], np.eye(2)[j] * h[j]
            corners = function(x + di + dj) - function(x + di - dj) - function(x - di + dj) + function(x - di - dj)
            curvature[i, j] = corners / (4.0 * h[i] * h[j])
    return float(np.sqrt(np.linalg.inv(curvature)[0, 0]))


def summary(studies: Sequence[OneArm], level: float = 0.95) -> dict[str, object]:
    """Pooled by logit and DL, with heterogeneity, under the names of the analysis vectors; proportions 0-1, I2 in per cent.

    Other models stand beside it (REML, FE, FT, GLMM: [pooled, low, high]), and the prediction interval from three studies on.
    """
    y, v, corrected = logits(studies)
    main = pool(y, v, "DL", "Wald", level)
    q, df, p = q_test(y, v)
    ahead = prediction(y, v, "DL", level)
    rows: dict[str, list[float] | None] = {
        name: [float(expit(t)) for t in (one.y, one.low, one.high)] if one is not None else None
        for name, one in (
            ("DL", main), ("FE", pool(y, v, "FE", "Wald", level)), ("REML", pool(y, v, "REML", "Wald", level)),
            ("GLMM", binomial_normal(studies, level)),
            *((("HK_DL", pool(y, v, "DL", "HK", level)), ("mHK_DL", pool(y, v, "DL", "mHK", level))) if y.size > 1 else ()),
        )
    }  # fmt: skip
    return {
        "pooled": float(expit(main.y)), "ci_low": float(expit(main.low)), "ci_high": float(expit(main.high)),
        "tau2": main.tau2, "I2": i2_of_q(q, df), "Q": q, "df": df, "Q_p": p,
        "crude": sum(s.events for s in studies) / sum(s.n for s in studies),
        "prediction": [float(expit(t)) for t in ahead] if ahead else None,
        **{name: row for name, row in rows.items() if name != "DL"}, "FT": list(freeman_tukey(studies, "DL", level)),
        "k": len(studies), "corrected": corrected, "warnings": [FT_CAVEAT],
    }  # fmt: skip
