"""How well a prediction tells deaths from survivals: the area under the ROC curve with DeLong's interval.

Sources: DeLong ER et al. Biometrics 1988;44:837-45; from ranks, in n log n: Sun X, Xu W. IEEE Signal Process Lett 2014;21:1389-93.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import rankdata

Array = NDArray[np.float64]
Z = 1.959963984540054


def auc(y: Array, score: Array) -> tuple[float, float]:
    """Area under the ROC curve and its standard error; ties count one half. Needs both outcomes."""
    dead, alive = score[y > 0], score[y <= 0]
    m, n = dead.size, alive.size
    both = rankdata(np.r_[dead, alive])
    among_dead = (both[:m] - rankdata(dead)) / n
    among_alive = 1.0 - (both[m:] - rankdata(alive)) / m
    area = float(among_dead.mean())
    spread = (among_dead.var(ddof=1) / m if m > 1 else np.nan) + (among_alive.var(ddof=1) / n if n > 1 else np.nan)
    return area, float(np.sqrt(spread))


def auc_interval(area: float, se: float) -> tuple[float, float]:
    """95 % limits on the logit scale, so that they stay between 0 and 1; the area itself where it is 0 or 1."""
    if not 0.0 < area < 1.0:
        return area, area
    half = Z * se / (area * (1.0 - area))
    return float(expit(logit(area) - half)), float(expit(logit(area) + half))


def roc(y: Array, score: Array, points: int = 200) -> dict[str, list[float]]:
    """The ROC curve for a figure: false and true positive rate at falling thresholds."""
    order = np.argsort(-score, kind="stable")
    ranked, dead = score[order], y[order] > 0
    last = np.r_[np.flatnonzero(np.diff(ranked)), dead.size - 1]
    true, false = np.cumsum(dead)[last] / dead.sum(), np.cumsum(~dead)[last] / (~dead).sum()
    keep = np.unique(np.linspace(0, last.size - 1, min(points, last.size)).astype(int))
    return {"false_positive": [0.0, *false[keep].tolist()], "true_positive": [0.0, *true[keep].tolist()]}
