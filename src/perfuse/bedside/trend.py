"""Trends of one course: what was shown at every second, as rows of 32-bit floats; blocks of a minute are kept."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perfuse.bedside.layout import main_of
from perfuse.bedside.tables import table

BLOCK = 60  # s of one block as it is kept


@cache
def columns() -> tuple[str, ...]:
    """Quantities that are kept of every second: those of the trend pages and of the monitor."""
    found: list[str] = ["MAP", "SBP", "DBP", "SpO2_right_hand", "RR", "VT", "Pplat", "CO", "total_flow"]
    for name in ("ecmo", "lvad", "impella", "balloon", "pulsatile", "rvad"):
        found += main_of([name])
    for page in table("panels")["trends"].values():
        found += page
    return tuple(dict.fromkeys(found))


class Trend:
    """Rows from `first` (s of the run) on: row i holds what was shown at first + i + 1 s."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.count = 0
        self.kept = 0  # rows that were handed out as blocks
        self._rows: NDArray[np.float32] = np.empty((256, len(columns())), dtype=np.float32)

    def add(self, shown: Mapping[str, float | None]) -> None:
        """The numbers of the next second."""
        if self.count == len(self._rows):
            self._rows = np.concatenate([self._rows, np.empty_like(self._rows)])
        values = [shown.get(name) for name in columns()]
        self._rows[self.count] = [np.nan if value is None else value for value in values]
        self.count += 1

    def extend(self, rows: NDArray[np.float32]) -> None:
        """Rows that follow, as they were kept."""
        self._rows = np.concatenate([self._rows[: self.count], rows, np.empty((256, len(columns())), dtype=np.float32)])
        self.count += len(rows)

    def blocks(self, everything: bool = False) -> list[tuple[int, NDArray[np.float32]]]:
        """Whole minutes (or all) that were not handed out yet: (first second, rows)."""
        found = []
        while self.count - self.kept >= BLOCK or (everything and self.count > self.kept):
            upto = min(self.kept + BLOCK, self.count)
            found.append((self.first + self.kept, self._rows[self.kept : upto].copy()))
            self.kept = upto
        return found

    def series(self, names: Sequence[str], begin: float, end: float) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """Times (s) and rows of some quantities between two times."""
        low = max(int(np.ceil(begin)) - self.first - 1, 0)
        high = min(int(np.floor(end)) - self.first, self.count)
        at = [columns().index(name) for name in names]
        t = self.first + 1.0 + np.arange(low, max(high, low), dtype=np.float64)
        return t, self._rows[low : max(high, low)][:, at]


def thinned(t: NDArray[np.float64], rows: NDArray[np.float32], seconds: float, points: int) -> tuple[list[float], list[list[float | None]]]:
    """Means over stretches of which `points` fill a window of `seconds`, each at the end of its stretch; missing values are None."""
    if len(t) == 0:
        return [], [[] for _ in range(rows.shape[1])]
    size = max(int(np.ceil(seconds / max(points, 2))), 1)
    edges = np.arange(0, len(t), size)
    counts: Any = np.maximum(np.add.reduceat(np.isfinite(rows).astype(np.float64), edges, axis=0), 1e-9)
    sums = np.add.reduceat(np.nan_to_num(rows.astype(np.float64)), edges, axis=0)
    means = np.where(counts >= 1.0, sums / counts, np.nan)
    last = np.minimum(edges + size, len(t)) - 1
    values = [[None if not np.isfinite(x) else round(float(x), 4) for x in means[:, i]] for i in range(rows.shape[1])]
    return [float(x) for x in t[last]], values
