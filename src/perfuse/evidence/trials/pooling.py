"""Pooling by inverse variance: one common effect, or effects that vary; four ways to the interval.

fixed    weights 1/v
random   weights 1/(v + tau2), tau2 by DL, REML or PM
Wald     normal; too narrow with few studies
HK       Hartung and Knapp (2001), Sidik and Jonkman (2002): t with k-1 df, variance scaled by q = Q(tau2)/(k-1)
mHK      the same with q no less than 1 (Roever, Knapp and Friede 2015; metafor's test="adhoc"). It is never narrower than Wald
prediction interval  t with k-2 df, variance tau2 + se2 (Higgins, Thompson and Spiegelhalter 2009); none below three studies
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtr, stdtrit

from perfuse.evidence.trials.heterogeneity import ESTIMATORS, mean_at, q_at, tau2_of
from perfuse.evidence.trials.two_arms import z_of

Array = NDArray[np.float64]
FEW = 5
"""Studies below which Hartung-Knapp is shown but not chosen: with two studies its t has one degree of freedom."""


@dataclass(frozen=True)
class Pooled:
    """A pooled effect on the scale on which it was pooled (log ratio, difference, logit).

    model     "FE", "DL", "REML", "PM", "MH", "Peto"
    interval  "Wald", "HK", "mHK"
    df        degrees of freedom of t, None for normal
    tau2      variance between studies that was used, None where the model has none
    """

    model: str
    interval: str
    y: float
    se: float
    low: float
    high: float
    p: float
    tau2: float | None
    df: int | None = None

    @property
    def name(self) -> str:
        """FE, DL, HK_DL, mHK_REML, ..."""
        return self.model if self.interval == "Wald" else f"{self.interval}_{self.model}"


def wald(model: str, y: float, se: float, tau2: float | None, level: float) -> Pooled:
    """A pooled effect with its normal interval."""
    z = z_of(level)
    return Pooled(model, "Wald", y, se, y - z * se, y + z * se, 2.0 * float(ndtr(-abs(y) / se)), tau2)


def pool(y: Array, v: Array, model: str = "FE", interval: str = "Wald", level: float = 0.95) -> Pooled:
    """The pooled effect of one model with one kind of interval; y, v: [k], k >= 1 (HK and mHK: k >= 2)."""
    tau2 = 0.0 if model == "FE" else tau2_of(y, v, model)
    mean, se = mean_at(y, v, tau2)
    if interval == "Wald":
        return wald(model, mean, se, tau2 if model != "FE" else None, level)
    df = y.size - 1
    q = q_at(y, v, tau2) / df
    se *= sqrt(max(1.0, q) if interval == "mHK" else q)
    t = float(stdtrit(df, 0.5 + 0.5 * level))
    p = 2.0 * float(stdtr(df, -abs(mean) / se)) if se > 0.0 else float(mean == 0.0)
    return Pooled(model, interval, mean, se, mean - t * se, mean + t * se, p, tau2, df)


def all_models(y: Array, v: Array, level: float = 0.95) -> dict[str, Pooled]:
    """FE, then each random model with Wald, HK and mHK, by name."""
    found = [pool(y, v, "FE", "Wald", level)]
    ways = ("Wald", "HK", "mHK") if y.size > 1 else ("Wald",)
    found += [pool(y, v, model, way, level) for model in ESTIMATORS for way in ways]
    return {one.name: one for one in found}


def prediction(y: Array, v: Array, model: str, level: float = 0.95) -> tuple[float, float] | None:
    """Where the effect of a new study would lie; None below three studies."""
    if y.size < 3:
        return None
    tau2 = tau2_of(y, v, model)
    mean, se = mean_at(y, v, tau2)
    half = float(stdtrit(y.size - 2, 0.5 + 0.5 * level)) * sqrt(tau2 + se * se)
    return mean - half, mean + half


def chosen_model(k: int) -> tuple[str, str]:
    """What is shown first: REML; its modified Hartung-Knapp interval from five studies on, the Wald interval below."""
    return "REML", "mHK" if k >= FEW else "Wald"
