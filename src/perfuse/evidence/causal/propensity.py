"""The propensity score: the chance of being treated, given what was known before; how far the two arms overlap in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import rankdata

from perfuse.evidence.causal.logistic import Logistic, fit, with_constant
from perfuse.evidence.frames import complete, design

Array = NDArray[np.float64]
SOURCE = "Rosenbaum PR, Rubin DB. Biometrika 1983;70:41-55"


@dataclass(frozen=True)
class Propensity:
    """Rows that can be used and their propensity scores.

    frame       complete rows, in the order of the table
    left_out    rows with a missing value
    x, names    covariates as numbers (rows, columns), without a constant
    treated     who was treated
    log_odds    logit of the score
    model       the logistic model behind it
    """

    frame: pd.DataFrame
    left_out: int
    x: Array
    names: list[str]
    treated: NDArray[np.bool_]
    log_odds: Array
    model: Logistic

    @property
    def score(self) -> Array:
        """The chance of treatment."""
        return np.asarray(expit(self.log_odds))

    @property
    def pooled_sd(self) -> float:
        """Standard deviation of the log odds: root of the mean of the two arms' variances (Austin 2011)."""
        both = [self.log_odds[self.treated].var(ddof=1), self.log_odds[~self.treated].var(ddof=1)]
        return float(np.sqrt(np.mean(both)))


def propensity(frame: pd.DataFrame, treatment: str, covariates: Sequence[str], also: Sequence[str] = (), outcome: str = "") -> Propensity:
    """Fit a logistic model of treatment on covariates, over the rows in which everything is known.

    also      further columns that must be known (exact matching, clusters)
    outcome   a binary column that must be known; it takes no part in the model
    """
    found, left_out = complete(frame, [*covariates, *also], "the registry", binary=[treatment, *([outcome] if outcome else [])])
    treated = found[treatment].to_numpy(dtype=bool)
    x, names = design(found, covariates)
    full = with_constant(x)
    model = fit(full, treated.astype(np.float64), names=names)
    return Propensity(found, left_out, x, names, treated, model.log_odds(full), model)


def overlap(found: Propensity) -> dict[str, Any]:
    """How far the arms share the score: its ranges, who lies outside the other arm's, and the c statistic of the model."""
    score, treated = found.score, found.treated
    low, high = score[~treated].min(), score[~treated].max()
    ranks = rankdata(score)
    n1, n0 = int(treated.sum()), int((~treated).sum())
    return {
        "c statistic of the propensity model": float((ranks[treated].sum() - n1 * (n1 + 1) / 2) / (n1 * n0)),
        "propensity score of the treated, range": f"{score[treated].min():.3f} to {score[treated].max():.3f}",
        "propensity score of the untreated, range": f"{low:.3f} to {high:.3f}",
        "treated outside the untreated's range": int(((score[treated] < low) | (score[treated] > high)).sum()),
        "untreated outside the treated's range": int(
            ((score[~treated] < score[treated].min()) | (score[~treated] > score[treated].max())).sum()
        ),
    }


def histogram(found: Propensity, weights: Array | None = None, bins: int = 25) -> dict[str, Any]:
    """Share of each arm by propensity score, for a figure: columns bin middle, treated, untreated."""
    edges = np.linspace(0.0, 1.0, bins + 1)
    w = np.ones(found.score.size) if weights is None else weights
    shares = [np.histogram(found.score[arm], edges, weights=w[arm])[0] / w[arm].sum() for arm in (found.treated, ~found.treated)]
    middle = (edges[1:] + edges[:-1]) / 2
    return {"score": middle.tolist(), "treated": shares[0].tolist(), "untreated": shares[1].tolist()}
