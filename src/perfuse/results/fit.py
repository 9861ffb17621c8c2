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
    """A reading to reach, and how far off is as good as met. One that does not bind is worth a try, not another search."""

    name: str
    value: float
    tolerance: float
    binds: bool = True


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
    rounds: int = 24,
    restarts: int = 0,
    told: Callable[[int, int], None] | None = None,
) -> Fit:
    """The parameters (a copy of `start` with the free ones moved) that meet the targets best.

    A search that ends with a reading WELL tolerances off has lost its way in a valley: it starts again, up to `restarts` times, from
    places drawn around the start (always the same ones), and the best end counts.
    """
    origin = np.array([to_line(start[f.name], f) for f in frees])
    spread = np.array([f.spread for f in frees])
    weight = 1.0 / spread

    def at(point: Array) -> Values:
        return start | {f.name: from_line(float(v), f) for f, v in zip(frees, point, strict=True)}

    def misses(readings: Mapping[str, float], point: Array) -> Array:
        off = [(readings.get(t.name, np.nan) - t.value) / t.tolerance for t in targets]
        bounded = np.clip(np.nan_to_num(np.array(off), nan=50.0), -200.0, 200.0)
        return np.concatenate([bounded, PRIOR * (point - origin) * weight])

    def search(y: Array) -> tuple[Array, dict[str, float], Array]:
        best = measure([at(y)])[0]
        r = misses(best, y)
        cost = float(r @ r)
        damping, widths = DAMPING, list(WIDTHS)
        for turn in range(rounds):
            if told is not None:
                told(turn, rounds)
            if float(np.abs(r[: len(targets)]).max(initial=0.0)) < 0.25:
                break
            h = widths[0]
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
            elif damping < 1e3:
                damping *= 30.0
            else:  # a slope read so close by leads nowhere: read it over a longer step
                widths.pop(0)
                if not widths:
                    break
                damping = DAMPING
        return y, best, r

    count = len(targets)
    binding = np.array([target.binds for target in targets], dtype=bool)
    ends = [search(origin)]
    dice = np.random.default_rng(SEED)
    while len(ends) <= restarts and min(float(np.abs(r[:count][binding]).max(initial=0.0)) for _, _, r in ends) > WELL:
        ends.append(search(origin + 0.5 * spread * dice.standard_normal(len(origin))))
    y, best, r = min(ends, key=lambda end: float(end[2] @ end[2]))
    return Fit(at(y), best, float(np.sum(r[:count] ** 2)))


DAMPING = 0.3
WIDTHS = (0.04, 0.15, 0.4)
"""Steps over which the slope of the readings is taken, on the moving scale; the next when the one before gets no further."""
WELL, SEED = 5.0, 1
RESTARTS = 4
"""How often a patient whose readings are not met is searched for again (assumed)."""
PRIOR = 0.15
"""Weight of the prior against readings: one spread counts as 0.15 tolerances."""


def batches(tries: Sequence[Values], width: int = LANES) -> list[Sequence[Values]]:
    """Tries in groups that fill the lanes of a kernel."""
    return [tries[i : i + width] for i in range(0, len(tries), width)]
