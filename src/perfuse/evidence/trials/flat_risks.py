"""Two arms with independent flat priors on both risks: what ARREST and, it seems, INCEPTION report as their Bayesian analysis."""

from collections.abc import Callable, Sequence
from math import exp
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.stats import beta

from perfuse.evidence.trials.two_arms import Counts

_SHARES = (("med", 0.5), ("lo", 0.025), ("hi", 0.975))


def flat_risks(table: Counts, benefits: Sequence[float] = (0.05,), points: int = 4001) -> dict[str, Any]:
    """Beta(1,1) priors on both risks: risk difference (arm 1 minus arm 0, 0-1), risk ratio, and probabilities.

    rd_mean, rd_med, rd_lo, rd_hi, rr_med, rr_lo, rr_hi (95 % credible), p_rd_gt0, p_rd_ge5: P(difference >= 5 %). The sum over the
    control risk is done on `points` midpoints, the other arm's distribution is exact.
    """
    one, two = beta(table.e1 + 1, table.n1 - table.e1 + 1), beta(table.e0 + 1, table.n0 - table.e0 + 1)
    p = two.ppf((np.arange(points) + 0.5) / points)  # equal shares of the control arm's posterior

    def difference_below(d: float) -> float:
        return float(np.mean(one.cdf(p + d)))

    def log_ratio_below(t: float) -> float:
        return float(np.mean(one.cdf(exp(t) * p)))

    answer: dict[str, Any] = {"rd_mean": float(one.mean() - two.mean())}
    answer |= {f"rd_{name}": _crossing(difference_below, share, -1.0, 1.0) for name, share in _SHARES}
    answer |= {f"rr_{name}": exp(_crossing(log_ratio_below, share, -30.0, 30.0)) for name, share in _SHARES}
    answer["p_rd_gt0"] = 1.0 - difference_below(0.0)
    return answer | {f"p_rd_ge{f'{100.0 * b:g}'.replace('.', '')}": 1.0 - difference_below(b) for b in benefits}


def _crossing(function: Callable[[float], float], share: float, low: float, high: float) -> float:
    return float(brentq(lambda t: function(t) - share, low, high, xtol=1e-10))
