"""Trends as they come: blocks of rows become reported quantities and go to disk, so that a long run needs no more memory than a short."""

import os
import tempfile
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from perfuse.results.numerics import by_name, numerics
from perfuse.results.stopping import undisturbed

Array = NDArray[np.float64]
BLOCK = 600.0  # s of a run that are held at a time
LOOK_BACK = 60  # samples kept from the block before, for sensors that average (ten of their time constants)


class Gathered:
    """Columns of a run, one sample a second, in a file without a name that vanishes with the last reader."""

    def __init__(self, seconds: float, names: list[str], surface: float) -> None:
        self.names, self.surface = names, surface
        self.room = max(int(seconds), 1)
        self.count = 0
        self.quantities: list[str] = []
        self._tail = np.empty((0, len(names)))
        self._store: Array = np.empty((0, 0))

    def add(self, rows: Array) -> None:
        """Take the rows [sample, row] of a block."""
        if not rows.shape[0]:
            return
        joined = np.concatenate([self._tail, rows])
        found = numerics(by_name(joined, self.names), self.surface)
        if not self.quantities:
            self.quantities = list(found)
            self._store = _nameless((len(self.quantities) + 1, self.room))
        new = slice(self.count, min(self.count + rows.shape[0], self.room))
        length = new.stop - new.start
        self._store[0, new] = np.arange(self.count + 1.0, self.count + 1.0 + length)
        for i, name in enumerate(self.quantities):
            self._store[i + 1, new] = found[name][self._tail.shape[0] :][:length]
        self.count = new.stop
        self._tail = joined[-LOOK_BACK:].copy()

    @property
    def last(self) -> Array:
        """The latest rows."""
        return self._tail[-1:]

    def columns(self) -> dict[str, Array]:
        """`t` and every quantity."""
        if not self.quantities:
            return {"t": np.empty(0)}
        return {name: self._store[i, : self.count] for i, name in enumerate(["t", *self.quantities])}


def _nameless(shape: tuple[int, int]) -> Array:
    """An array in a temporary file that is already unlinked."""
    with undisturbed():
        handle, path = tempfile.mkstemp(prefix="perfuse-trends-")
        try:
            os.ftruncate(handle, 8 * shape[0] * shape[1])
            with os.fdopen(handle, "r+b") as file:
                return np.memmap(file, dtype=np.float64, mode="r+", shape=shape)
        finally:
            os.unlink(path)


def blocks(begin: float, end: float) -> list[float]:
    """Times at which a stretch is cut, its end included."""
    cuts = np.arange(np.floor(begin / BLOCK) + 1.0, np.ceil(end / BLOCK)) * BLOCK
    return [*(float(t) for t in cuts if begin < t < end), end]


def first_of(columns: Mapping[str, Array]) -> dict[str, float]:
    """The first sample of every quantity that has a reading."""
    return {name: float(values[0]) for name, values in columns.items() if values.size and np.isfinite(values[0])}
