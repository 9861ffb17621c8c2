"""Logistic regression with a random intercept for each centre, by adaptive Gauss-Hermite quadrature with its exact gradient.

    logit p_ij = x_ij b + s u_j,   u_j ~ N(0, 1),   s >= 0 the standard deviation of centres in log odds

For each centre the integral over u_j is taken at `nodes` points around its mode, spread by its curvature; one node is Laplace's method.
The gradient includes how modes and curvatures move, so that it belongs to exactly the function that is maximised (at one node too).
Sources: Pinheiro JC, Bates DM. J Comput Graph Stat 1995;4:12-35; Liu Q, Pierce DA. Biometrika 1994;81:624-9. Compared with lme4.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from perfuse.evidence.causal.logistic import fit
from perfuse.parameters.problems import InputError, Problem

Array = NDArray[np.float64]
Part = tuple[Array, Array, NDArray[np.int64]]
"""Columns (rows, columns), outcomes (rows,), and first row of each centre (centres,); rows of a centre lie together."""


@dataclass(frozen=True)
class Mixed:
    """A fitted model.

    beta, sd          coefficients (log odds) and standard deviation of centres
    covariance        of (beta, sd); of beta alone, with zeros for sd, where sd is at its border 0
    log_likelihood    maximised (by quadrature)
    modes, spreads    centre effects in log odds (shrunken) and their standard deviations, in the order of the centres
    evaluations       of the likelihood and its gradient
    """

    beta: Array
    sd: float
    covariance: Array
    log_likelihood: float
    modes: Array
    spreads: Array
    evaluations: int

    @property
    def se(self) -> Array:
        """Standard errors of the coefficients."""
        return np.sqrt(np.diag(self.covariance))[:-1]

    @property
    def se_sd(self) -> float:
        """Standard error of the standard deviation of centres; 0 at the border."""
        return float(np.sqrt(self.covariance[-1, -1]))


def by_centre(centre: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The order that puts the rows of each centre together, and the first row of each."""
    order = np.argsort(centre, kind="stable")
    ordered = centre[order]
    return order, np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]).astype(np.int64)


def modes(eta: Array, y: Array, first: NDArray[np.int64], sd: float) -> tuple[Array, Array]:
    """Mode of u of each centre and the curvature there (>= 1), by Newton's method for all centres at once."""
    sizes = np.diff(np.r_[first, y.size])
    u = np.zeros(first.size)
    for _ in range(60):
        p = expit(eta + np.repeat(sd * u, sizes))
        pull = sd * np.add.reduceat(y - p, first) - u
        bend = sd * sd * np.add.reduceat(p * (1.0 - p), first) + 1.0
        move = pull / bend
        u = u + np.clip(move, -3.0, 3.0)
        if np.max(np.abs(move)) < 1e-11:
            break
    p = expit(eta + np.repeat(sd * u, sizes))
    return u, sd * sd * np.add.reduceat(p * (1.0 - p), first) + 1.0


def likelihood(part: Part, beta: Array, sd: float, nodes: int) -> tuple[float, Array]:
    """Log likelihood of the centres of one part and its gradient by (beta, sd).

    With h the mode, c the curvature and z_i, w_i the points and weights of Gauss and Hermite, a centre adds

        log sum_i w_i exp(z_i^2 + g(h + z_i sqrt(2/c))) - log(c)/2 - log(pi)/2,      g(u) = sum of log likelihoods - u^2/2
    """
    x, y, first = part
    sizes = np.diff(np.r_[first, y.size])
    eta = x @ beta
    u, c = modes(eta, y, first, sd)
    p = expit(eta + np.repeat(sd * u, sizes))
    q = p * (1.0 - p)
    bent = q * (1.0 - 2.0 * p)
    spread, third, pull_there = (np.add.reduceat(column, first) for column in (q, bent, y - p))
    z, w = np.polynomial.hermite.hermgauss(nodes)
    here = u + np.sqrt(2.0 / c) * z[:, None]
    logs, slack = np.empty((nodes, first.size)), np.empty((nodes, y.size))
    for i in range(nodes):
        line = eta + np.repeat(sd * here[i], sizes)
        small = np.exp(-np.abs(line))
        slack[i] = y - np.where(line >= 0.0, 1.0, small) / (1.0 + small)
        logs[i] = np.add.reduceat(y * line - np.maximum(line, 0.0) - np.log1p(small), first)
    logs += np.log(w)[:, None] + (z**2)[:, None] - here**2 / 2.0
    top = logs.max(axis=0)
    share = np.exp(logs - top)
    total = share.sum(axis=0)
    value = float(np.sum(top + np.log(total) - 0.5 * np.log(c) - 0.5 * np.log(np.pi)))
    share /= total
    pull = np.add.reduceat(slack, first, axis=1)
    uphill = share * (sd * pull - here)
    # how much the value moves with the curvature of a centre, and with its mode (itself and through the curvature)
    by_bend = -0.5 / c - np.sum(uphill * z[:, None], axis=0) / np.sqrt(2.0) * c**-1.5
    by_mode = (uphill.sum(axis=0) + by_bend * sd**3 * third) / c
    rows = np.sum(np.repeat(share, sizes, axis=1) * slack, axis=0)
    rows += np.repeat(by_bend * sd * sd, sizes) * bent - np.repeat(by_mode * sd, sizes) * q
    by_sd = np.sum(share * pull * here) + np.sum(
        by_bend * (2.0 * sd * spread + sd * sd * u * third) + by_mode * (pull_there - sd * u * spread)
    )
    return value, np.r_[x.T @ rows, by_sd]


def fit_mixed(x: Array, y: Array, centre: NDArray[np.int64], *, nodes: int = 7, names: Sequence[str] = ()) -> Mixed:
    """Fit the model to rows in any order; `x` has its constant column, `centre` any labels.

    nodes   1 (Laplace) to 25; 7 or 9 are usual where centres are small
    Raises InputError where there are fewer than 3 centres, or the model cannot be fitted.
    """
    order, first = by_centre(centre)
    part = (np.ascontiguousarray(x[order]), y[order], first)
    if first.size < 3:
        raise InputError([Problem("", f"{first.size} centres cannot show how centres differ", allowed="3 centres and more")], "the centres")
    start = fit(x, y, names=names)
    beta, sd, covariance, value, calls = maximise(lambda beta, sd, n: likelihood(part, beta, sd, n), start.beta, start.covariance, nodes)
    u, c = modes(part[0] @ beta, part[1], first, sd)
    return Mixed(beta, sd, covariance, value, sd * u, sd / np.sqrt(c), calls)


def maximise(
    total: Callable[[Array, float, int], tuple[float, Array]], beta: Array, covariance: Array, nodes: int
) -> tuple[Array, float, Array, float, int]:
    """The maximum over (beta, sd) of a log likelihood given with its gradient: beta, sd, their covariance, value, evaluations.

    total        log likelihood and gradient at (beta, sd) with so many points
    covariance   of the coefficients without centres: they are searched for in its directions, so that all are of one size
    The search is Laplace's, which is quick and ends close by; Newton's steps with all points end it.
    """
    root = np.linalg.cholesky(covariance)
    k, calls = beta.size, 0

    def loss(theta: Array, points: int = nodes) -> tuple[float, Array]:
        nonlocal calls
        calls += 1
        value, slope = total(beta + root @ theta[:k], float(theta[k]), points)
        return -value, -np.concatenate([root.T @ slope[:k], slope[k:]])

    found = minimize(lambda theta: loss(theta, 1), np.r_[np.zeros(k), 0.4], jac=True, method="BFGS", options={"gtol": 1e-3, "maxiter": 500})
    theta = np.r_[found.x[:k], abs(found.x[k])]  # the likelihood is the same for sd and -sd
    border = bool(theta[k] < 1e-3)
    free = k if border else k + 1
    theta[free:] = 0.0
    bend = _hessian(loss, theta, free)
    for _ in range(12):
        move = np.linalg.solve(bend, loss(theta)[1][:free])
        theta[:free] -= move
        if np.max(np.abs(move)) > 1e-3:
            bend = _hessian(loss, theta, free)
        elif np.max(np.abs(move)) < 1e-9:
            break
    value, slope = loss(theta)
    if not np.all(np.isfinite(theta)) or theta[k] < 0.0 or np.max(np.abs(slope[:free])) > 1e-3:
        raise InputError(
            [Problem("", "the likelihood has no clear maximum", hint="Leave columns out, or join small centres.")], "the model"
        )
    spread = np.zeros((k + 1, k + 1))
    spread[:free, :free] = np.linalg.inv(bend)
    full = np.eye(k + 1)
    full[:k, :k] = root
    return beta + root @ theta[:k], float(theta[k]), full @ spread @ full.T, -value, calls


def _hessian(loss: Callable[[Array], tuple[float, Array]], theta: Array, free: int, step: float = 1e-4) -> Array:
    """Second derivatives, from differences of the exact gradient."""
    out = np.empty((free, free))
    for i in range(free):
        shift = np.zeros(theta.size)
        shift[i] = step
        out[i] = (loss(theta + shift)[1][:free] - loss(theta - shift)[1][:free]) / (2.0 * step)
    return (out + out.T) / 2.0
