"""Balance of covariates between treated and untreated, before and after matching or weighting."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
GOOD = 0.1
"""Standardised mean difference below which balance is usually called good (Austin 2009)."""
SOURCE = "Austin PC. Stat Med 2009;28:3083-107"


def moments(x: Array, weights: Array) -> tuple[Array, Array]:
    """Weighted mean and variance of each column; the variance of a 0/1 column is p(1-p), of others unbiased for weights of importance."""
    share = weights / weights.sum()
    mean = share @ x
    spread = share @ (x - mean) ** 2
    binary = np.all((x == 0.0) | (x == 1.0), axis=0)
    return mean, np.where(binary, mean * (1.0 - mean), spread / max(1.0 - float(share @ share), 1e-12))


def balance(x: Array, names: list[str], treated: NDArray[np.bool_], weights: Array, standard: str = "pooled") -> list[dict[str, Any]]:
    """One row a covariate: means, standardised mean difference and variance ratio before and after.

    weights    of the rows after matching (times used; 0 for the unmatched) or weighting
    standard   "pooled": both arms' variances averaged; "treated": the treated's. Always those before, so that the yardstick stays.
    """
    one = np.ones(treated.size)
    (m1, v1), (m0, v0) = (moments(x[arm], one[arm]) for arm in (treated, ~treated))
    (w1, u1), (w0, u0) = (moments(x[arm & (weights > 0)], weights[arm & (weights > 0)]) for arm in (treated, ~treated))
    yard = np.sqrt((v1 + v0) / 2.0 if standard == "pooled" else v1)
    binary = np.all((x == 0.0) | (x == 1.0), axis=0)
    rows = []
    for j, name in enumerate(names):
        yardstick = yard[j] if yard[j] > 0 else 1.0
        rows.append(
            {
                "covariate": name,
                "treated before": float(m1[j]),
                "untreated before": float(m0[j]),
                "SMD before": float((m1[j] - m0[j]) / yardstick),
                "treated after": float(w1[j]),
                "untreated after": float(w0[j]),
                "SMD after": float((w1[j] - w0[j]) / yardstick),
                "variance ratio before": None if binary[j] or v0[j] == 0 else float(v1[j] / v0[j]),
                "variance ratio after": None if binary[j] or u0[j] == 0 else float(u1[j] / u0[j]),
            }
        )
    return rows


def out_of_balance(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    """A warning that names every covariate whose difference stays at 0.1 standard deviations or more."""
    left = [f"{row['covariate']} ({row['SMD after']:+.2f})" for row in rows if abs(row["SMD after"]) >= GOOD]
    if not left:
        return ()
    return (f"Still out of balance (standardised difference of {GOOD} or more): {', '.join(left)}.",)


def love(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Columns for a balance plot."""
    return {
        key: [row[column] for row in rows] for key, column in (("covariate", "covariate"), ("before", "SMD before"), ("after", "SMD after"))
    }
