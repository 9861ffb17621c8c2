"""Whether small studies say something else than large ones: Egger's and Peters' regressions, with the warning they need.

Below ten studies such tests must not be trusted (Sterne 2011, BMJ 343:d4002): they have little power, and chance draws asymmetric
funnels. Egger's test is also biased for odds ratios, whose error depends on the ratio itself; Peters' (2006) is made for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from perfuse.evidence.trials.two_arms import Counts

Array = NDArray[np.float64]
TRUSTED_FROM = 10


@dataclass(frozen=True)
class Asymmetry:
    """A regression of effects on a measure of size: slope over its error, t with k-2 df."""

    test: str
    slope: float
    se: float
    t: float
    df: int
    p: float


def egger(y: Array, v: Array) -> Asymmetry | None:
    """Effect on its standard error, weighted by 1/v, error scaled (Egger 1997); None below three studies or when all errors are equal."""
    return _regressed("Egger", y, np.sqrt(v), 1.0 / v)


def peters(y: Array, tables: Sequence[Counts]) -> Asymmetry | None:
    """Effect on 1/N, weighted by events x non-events / N of the whole study (Peters 2006, JAMA 295:676)."""
    n = np.array([t.n1 + t.n0 for t in tables], dtype=np.float64)
    events = np.array([t.e1 + t.e0 for t in tables], dtype=np.float64)
    weights = events * (n - events) / n
    return _regressed("Peters", y, 1.0 / n, weights) if np.all(weights > 0.0) else None


def _regressed(test: str, y: Array, x: Array, w: Array) -> Asymmetry | None:
    """Weighted least squares with an intercept."""
    df = y.size - 2
    centre = np.sum(w * x) / np.sum(w)
    spread = float(np.sum(w * (x - centre) ** 2))
    if df < 1 or spread <= 1e-12 * float(np.sum(w * x * x)):
        return None
    mean = np.sum(w * y) / np.sum(w)
    slope = float(np.sum(w * (x - centre) * (y - mean)) / spread)
    rest = float(np.sum(w * (y - mean - slope * (x - centre)) ** 2))
    se = float(np.sqrt(rest / df / spread))
    if se == 0.0:
        return None
    return Asymmetry(test, slope, se, slope / se, df, 2.0 * float(stdtr(df, -abs(slope / se))))


def warning(k: int) -> str | None:
    """What must be said of funnel plots and their tests with k studies."""
    if k >= TRUSTED_FROM:
        return None
    return f"{k} studies: a funnel's asymmetry and its tests are not to be trusted below {TRUSTED_FROM} studies (Sterne 2011)."
