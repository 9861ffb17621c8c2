"""Logistic regression by Newton's method from sums over parts, so that a table in one piece and in many gives the same numbers.

Compared with statsmodels in the tests. Each step needs of every part only its log likelihood, its gradient and its information.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from perfuse.parameters.problems import InputError, Problem

Array = NDArray[np.float64]
Sums = tuple[float, Array, Array]
"""Log likelihood, gradient (columns), information (columns, columns)."""
MOST_STEPS = 60
MOST_INFLATION = 1e7
"""How much smaller than at even odds the information may be in any direction before the data are said to be separated."""


@dataclass(frozen=True)
class Logistic:
    """A fitted model: coefficients (log odds, in the order of the columns), their covariance, log likelihood, Newton steps."""

    beta: Array
    covariance: Array
    log_likelihood: float
    steps: int

    @property
    def se(self) -> Array:
        """Standard errors, from the information."""
        return np.sqrt(np.diag(self.covariance))

    def log_odds(self, x: Array) -> Array:
        """Log odds at rows of the same columns."""
        return np.asarray(x @ self.beta)


def sums(x: Array, y: Array, beta: Array, weights: Array | None = None, offset: Array | None = None) -> Sums:
    """What one part of the rows adds: log likelihood, gradient, information at `beta`."""
    eta = x @ beta if offset is None else x @ beta + offset
    p = expit(eta)
    loss = y * eta - np.logaddexp(0.0, eta)
    slack, spread = y - p, p * (1.0 - p)
    if weights is not None:
        loss, slack, spread = weights * loss, weights * slack, weights * spread
    return float(loss.sum()), x.T @ slack, (x * spread[:, None]).T @ x


def newton(total: Callable[[Array], Sums], columns: int, names: Sequence[str] = (), start: Array | None = None) -> Logistic:
    """The maximum of a concave log likelihood of which `total` gives value, gradient and information at a point.

    Raises InputError where columns say the same thing, or where the outcome is separated (a coefficient without bound).
    """
    beta = np.zeros(columns) if start is None else start.copy()
    value, gradient, first = total(beta)
    information = first
    scale = np.sqrt(np.maximum(np.diag(first), 1e-300))
    if np.linalg.cond(first / np.outer(scale, scale)) > 1e13:
        raise _refused("columns of the model say the same thing (they are collinear)", names, "Leave one of them out.")
    steps = 0
    while steps < MOST_STEPS:
        steps += 1
        move = _solved(information, gradient, names)
        decrement = float(gradient @ move)
        for _ in range(40):  # a step that would lose is halved
            tried = total(beta + move)
            if tried[0] >= value - 1e-10 * (1.0 + abs(value)):
                break
            move = move / 2.0
        beta = beta + move
        value, gradient, information = tried
        if decrement < 1e-13:
            break
    worst = np.max(np.abs(np.linalg.eigvals(_solved(information, first, names))))
    if not np.isfinite(worst) or worst > MOST_INFLATION:
        raise _separated(names)
    return Logistic(beta, _solved(information, np.eye(columns), names), value, steps)


def fit(x: Array, y: Array, weights: Array | None = None, offset: Array | None = None, names: Sequence[str] = ()) -> Logistic:
    """Logistic regression of y (0/1) on the columns of x (a constant among them where one is wanted).

    weights   of the rows, as copies of a row would count; offset   added to the log odds with coefficient 1
    """
    total = y.sum() if weights is None else (weights * y).sum()
    whole = float(y.size) if weights is None else float(weights.sum())
    if not 0.0 < total < whole:
        raise InputError(
            [Problem("", "the outcome never varies", value=f"{total:g} of {whole:g}", hint="Choose another outcome.")], "the model"
        )
    return newton(lambda beta: sums(x, y, beta, weights, offset), x.shape[1], names)


def with_constant(x: Array) -> Array:
    """The same columns after a column of ones."""
    return np.column_stack([np.ones(x.shape[0]), x])


def _solved(information: Array, right: Array, names: Sequence[str]) -> Array:
    scale = np.sqrt(np.maximum(np.diag(information), 1e-300))
    below = scale if right.ndim == 1 else scale[:, None]
    try:
        return np.asarray(np.linalg.solve(information / np.outer(scale, scale), right / below) / below)
    except np.linalg.LinAlgError:
        raise _separated(names) from None


def _refused(text: str, names: Sequence[str], hint: str) -> InputError:
    return InputError([Problem("", text, value=", ".join(names) or None, hint=hint)], "the model")


def _separated(names: Sequence[str]) -> InputError:
    text = "a combination of the columns foretells the outcome without error (separation): no finite estimate exists"
    return _refused(text, names, "Leave out the column that does it, or join its rare levels.")
