"""Solving a case's parameters for given readings: every batch of tries fills the lanes of a kernel, and every try is remembered.

The slope of the readings is taken from all tries near the best one, so that a round costs one batch. Parameters move on the scale of
`fit` (they cannot leave their range); there is no prior: the readings alone decide.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from perfuse.engine.kernel import LANES
from perfuse.results.fit import Fit, Free, Measure, Target, Values, from_line, to_line

Array = NDArray[np.float64]
FIRST = 0.25  # first step along each parameter, on the moving scale
REACH = 2.0  # longest step of a parameter in one round
SHARES = (0.5, 0.8, 1.0, 1.2, 1.6, 0.25, 2.5, 0.1)  # of the computed step that are tried together


def match(start: Values, frees: Sequence[Free], targets: Sequence[Target], measure: Measure, *, rounds: int = 7) -> Fit:
    """The parameters at which every reading is within its target's tolerance, or the nearest that `rounds` batches found."""
    points: list[Array] = []
    off: list[Array] = []
    found: list[dict[str, float]] = []

    def values(point: Array) -> Values:
        return start | {free.name: from_line(float(x), free) for free, x in zip(frees, point, strict=True)}

    def try_all(batch: Sequence[Array]) -> None:
        for point, readings in zip(batch, measure([values(point) for point in batch]), strict=True):
            miss = np.array([(readings.get(t.name, np.nan) - t.value) / t.tolerance for t in targets])
            points.append(point)
            off.append(np.nan_to_num(np.clip(miss, -1e4, 1e4), nan=1e4))
            found.append(readings)

    origin = np.array([to_line(start[free.name], free) for free in frees])
    count = len(frees)
    steps = [origin + sign * size * FIRST * np.eye(count)[i] for size in (1.0, 3.0) for sign in (1.0, -1.0) for i in range(count)]
    try_all([origin, *steps[: LANES - 1]])
    for _ in range(rounds):
        best = int(np.argmin([float(r @ r) for r in off]))
        if float(np.abs(off[best]).max()) < 1.0:
            break
        here = points[best]
        slope = _slope(points, off, best)
        step = np.linalg.lstsq(slope, -off[best], rcond=1e-3)[0]
        longest = float(np.abs(step).max())
        step = step * min(1.0, REACH / longest) if longest > 0.0 else step
        batch = [here + share * step for share in SHARES[: LANES - (count if count > 1 else 0)]]
        if count > 1:  # the slope there, for the next round
            size = max(0.3 * longest, 0.02)
            batch += [here + step + min(size, FIRST) * np.eye(count)[i] for i in range(count)]
        try_all(batch)
    best = int(np.argmin([float(r @ r) for r in off]))
    return Fit(values(points[best]), found[best], float(off[best] @ off[best]))


def _slope(points: Sequence[Array], off: Sequence[Array], best: int) -> Array:
    """How the misses change with the parameters, by least squares over the tries nearest to the best one."""
    apart = np.array(points) - points[best]
    change = np.array(off) - off[best]
    distance = np.sqrt((apart**2).sum(axis=1))
    good = (distance > 1e-9) & (np.abs(np.array(off)).max(axis=1) < 9e3)
    nearest = [int(i) for i in np.argsort(distance) if good[i]][: max(2 * apart.shape[1] + 1, 3)]
    weight = 1.0 / distance[nearest] ** 2
    rows = apart[nearest] * weight[:, None]
    return np.asarray(np.linalg.lstsq(rows, change[nearest] * weight[:, None], rcond=1e-6)[0].T)
