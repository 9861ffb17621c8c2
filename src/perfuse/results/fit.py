"""Finding the parameters that bring a patient to given readings: damped Gauss-Newton, every try a lane of the same engine.

Each reading has a tolerance and each free parameter a spread around its start (a prior), so that what the readings do not determine stays
where it was. Parameters move on a scale on which they cannot leave their range.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perfuse.engine.kernel import LANES

Array = NDArray[np.float64]
Values = dict[str, float]
Measure = Callable[[Sequence[Values]], list[dict[str, float]]]


@dataclass(frozen=True)
class Free:
    """A parameter that may move within [low, high]; `spread` is one standard deviation of its prior on the moving scale."""

    name: str
    low: float
    high: float
    spread: float = 1.0


@dataclass(frozen=True)
class Target:
    """A reading to reach, and how far off is as good as met."""

    name: str
    value: float
    tolerance: float


@dataclass
class Fit:
    """Parameters found, what they give, and the sum of squares of readings off target in tolerances."""

    values: Values
    readings: dict[str, float]
    misfit: float


def to_line(x: float, free: Free) -> float:
    share = min(max((x - free.low) / (free.high - free.low), 1e-6), 1.0 - 1e-6)
    return float(np.log(share / (1.0 - share)))


def from_line(y: float, free: Free) -> float:
    return free.low + (free.high - free.low) / (1.0 + float(np.exp(-y)))


def fit(
    start: Values,
    frees: Sequence[Free],
    targets: Sequence[Target],
    measure: Measure,
    *,
    rounds: int = 14,
    told: Callable[[int, int], None] | None = None,
) -> Fit:
    """The parameters (a copy of `start` with the free ones moved) that meet the targets best."""
    y = np.array([to_line(start[f.name], f) for f in frees])
    origin = y.copy()
    weight = np.array([1.0 / f.spread for f in frees])

    def at(point: Array) -> Values:
        return start | {f.name: from_line(float(v), f) for f, v in zip(frees, point, strict=True)}

    def misses(readings: Mapping[str, float], point: Array) -> Array:
        off = [(readings.get(t.name, np.nan) - t.value) / t.tolerance for t in targets]
        bounded = np.clip(np.nan_to_num(np.array(off), nan=50.0), -200.0, 200.0)
        return np.concatenate([bounded, PRIOR * (point - origin) * weight])

    best = measure([at(y)])[0]
    r = misses(best, y)
    cost = float(r @ r)
    damping = 0.3
    for turn in range(rounds):
        if told is not None:
            told(turn, rounds)
        if float(np.abs(r[: len(targets)]).max(initial=0.0)) < 0.25:
            break
        h = 0.04
        tries = [at(y + h * np.eye(len(y))[i]) for i in range(len(y))]
        found = measure(tries)
        jacobian = np.column_stack([(misses(reading, y + h * np.eye(len(y))[i]) - r) / h for i, reading in enumerate(found)])
        square, slope = jacobian.T @ jacobian, jacobian.T @ r
        candidates = []
        for scale in (0.1, 1.0, 10.0, 100.0):
            step = np.linalg.solve(square + damping * scale * np.diag(np.maximum(np.diag(square), 1e-3)), -slope)
            candidates.append(y + np.clip(step, -1.2, 1.2))
        outcomes = measure([at(point) for point in candidates])
        costs = [float(m @ m) for m in (misses(reading, point) for reading, point in zip(outcomes, candidates, strict=True))]
        pick = int(np.argmin(costs))
        if costs[pick] < cost * 0.9999:
            y, best, cost = candidates[pick], outcomes[pick], costs[pick]
            r = misses(best, y)
            damping = max(damping * (0.1, 1.0, 10.0, 100.0)[pick] * 0.5, 1e-4)
        else:
            damping *= 30.0
            if damping > 1e5:
                break
    return Fit(at(y), best, float(np.sum(r[: len(targets)] ** 2)))


PRIOR = 0.15
"""Weight of the prior against readings: one spread counts as 0.15 tolerances."""


def batches(tries: Sequence[Values], width: int = LANES) -> list[Sequence[Values]]:
    """Tries in groups that fill the lanes of a kernel."""
    return [tries[i : i + width] for i in range(0, len(tries), width)]
