"""Restricted cubic splines: smooth between the first and the last knot, straight beyond them (Harrell 2015; Stone & Koo 1985)."""

import numpy as np
from numpy.typing import NDArray

from perfuse.parameters.problems import InputError, Problem

Array = NDArray[np.float64]
QUANTILES = {3: (0.10, 0.50, 0.90), 4: (0.05, 0.35, 0.65, 0.95), 5: (0.05, 0.275, 0.5, 0.725, 0.95)}
"""Where knots are put (Harrell FE. Regression Modeling Strategies, 2015, table 2.3)."""


def knots_of(x: Array, number: int = 4) -> Array:
    """Knots at Harrell's quantiles of x; InputError where x has too few different values to hold them."""
    knots = np.unique(np.quantile(x, QUANTILES[number]))
    if knots.size < 3:
        text = f"{np.unique(x).size} different values cannot carry a spline with {number} knots"
        raise InputError([Problem("", text, hint="Ask for a straight line instead.")], "the spline")
    return knots


def spline(x: Array, knots: Array) -> Array:
    """Columns (x, then one for each knot but two); as many as knots less one.

    The columns after the first are divided by the square of the distance of the outer knots, so that all are of one size.
    """
    t, last, before = knots, knots[-1], knots[-2]
    cube = np.maximum(x[:, None] - t[None, :], 0.0) ** 3
    bent = cube[:, :-2] - cube[:, [-2]] * (last - t[:-2]) / (last - before) + cube[:, [-1]] * (before - t[:-2]) / (last - before)
    return np.column_stack([x, bent / (last - t[0]) ** 2])
