"""Fixed-effect pooling without variances of studies: Mantel-Haenszel and Peto. Zero cells need no correction here.

Mantel and Haenszel 1959; variance of the log odds ratio: Robins, Breslow and Greenland 1986; of the log risk ratio: Greenland and
Robins 1985; of the risk difference: Sato 1989. Peto: Yusuf 1985.
"""

from collections.abc import Sequence
from math import log, sqrt

import numpy as np

from perfuse.evidence.trials.pooling import Pooled, wald
from perfuse.evidence.trials.two_arms import Counts, Measure, peto_parts


def mantel_haenszel(tables: Sequence[Counts], measure: Measure, level: float = 0.95) -> Pooled | None:
    """The pooled effect; None where no study has an event in one of the arms, so that the ratio is 0 or infinite."""
    a, b, c, d = np.array([table.cells for table in tables]).T
    n1, n0 = a + b, c + d
    n = n1 + n0
    if measure == "rd":
        weight = np.sum(n1 * n0 / n)
        difference = float(np.sum((a * n0 - c * n1) / n) / weight)
        p = np.sum((n1 * n1 * c - n0 * n0 * a + n1 * n0 * (n0 - n1) / 2.0) / (n * n))
        q = np.sum((a * d + c * b) / (2.0 * n))
        variance = float((difference * p + q) / weight**2)
        return wald("MH", difference, sqrt(variance), None, level) if variance > 0.0 else None
    if measure == "rr":
        r, s = a * n0 / n, c * n1 / n
        if np.sum(r) == 0.0 or np.sum(s) == 0.0:
            return None
        spread = np.sum((n1 * n0 * (a + c) - a * c * n) / (n * n))
        variance = float(spread / (np.sum(r) * np.sum(s)))
        return wald("MH", log(np.sum(r) / np.sum(s)), sqrt(variance), None, level) if variance > 0.0 else None
    r, s, p, q = a * d / n, b * c / n, (a + d) / n, (b + c) / n
    top, bottom = float(np.sum(r)), float(np.sum(s))
    if top == 0.0 or bottom == 0.0:
        return None
    variance = float(np.sum(p * r) / (2 * top**2) + np.sum(p * s + q * r) / (2 * top * bottom) + np.sum(q * s) / (2 * bottom**2))
    return wald("MH", log(top / bottom), sqrt(variance), None, level)


def peto_pool(tables: Sequence[Counts], level: float = 0.95) -> Pooled | None:
    """Peto's pooled log odds ratio; None where no study has events."""
    parts = [peto_parts(table) for table in tables]
    variance = sum(v for _, v in parts)
    if variance == 0.0:
        return None
    return wald("Peto", sum(o for o, _ in parts) / variance, 1.0 / sqrt(variance), None, level)
