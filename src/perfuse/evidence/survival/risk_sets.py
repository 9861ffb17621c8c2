"""Who is at risk at each event time, as sums over rows: the part that Cox and Fine-Gray do differently.

Both need two things, fast: the sum of a quantity over those at risk at every event time, and its mirror, what each row collects of a
quantity that falls at event times while it is at risk. Both are cumulative sums over sorted times, so 100,000 rows cost little.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.int64]


class RiskSets(Protocol):
    """Event times (J,), rows that have the event (in the order of `event_rows`) and the event time each belongs to."""

    @property
    def times(self) -> Array: ...

    @property
    def event_rows(self) -> Index: ...

    @property
    def event_time(self) -> Index: ...

    def sums(self, values: Array) -> Array:
        """(n, k) -> (J, k): over those at risk at each event time."""
        ...

    def exposure(self, falls: Array) -> Array:
        """(J, k) -> (n, k): what each row collects while at risk."""
        ...


def _from_right(values: Array) -> Array:
    """Sums over this and all later rows, with a row of zeros at the end."""
    total = np.zeros((values.shape[0] + 1, values.shape[1]))
    np.cumsum(values[::-1], axis=0, out=total[1:])
    return total[::-1]


def _from_left(values: Array) -> Array:
    """Sums over all rows before this one, with the whole sum at the end."""
    total = np.zeros((values.shape[0] + 1, values.shape[1]))
    np.cumsum(values, axis=0, out=total[1:])
    return total


@dataclass(frozen=True)
class StartStop:
    """At risk at t: rows with start < t <= stop."""

    times: Array
    event_rows: Index
    event_time: Index
    by_stop: Index
    by_start: Index
    first_stop: Index
    first_start: Index
    until: Index
    since: Index

    @classmethod
    def of(cls, start: Array, stop: Array, event: NDArray[np.bool_]) -> "StartStop":
        """Risk sets of rows (start, stop], some of which end with the event."""
        times = np.unique(stop[event])
        rows = np.flatnonzero(event).astype(np.int64)
        by_stop, by_start = np.argsort(stop, kind="stable"), np.argsort(start, kind="stable")
        return cls(
            times,
            rows,
            np.searchsorted(times, stop[rows]),
            by_stop,
            by_start,
            np.searchsorted(stop[by_stop], times, side="left"),
            np.searchsorted(start[by_start], times, side="left"),
            np.searchsorted(times, stop, side="right"),
            np.searchsorted(times, start, side="right"),
        )

    def sums(self, values: Array) -> Array:
        """Over rows with start < t <= stop."""
        return _from_right(values[self.by_stop])[self.first_stop] - _from_right(values[self.by_start])[self.first_start]

    def exposure(self, falls: Array) -> Array:
        """Of event times in (start, stop]."""
        total = _from_left(falls)
        return np.asarray(total[self.until] - total[self.since])


@dataclass(frozen=True)
class Subdistribution:
    """At risk at t: rows with time >= t, and rows that had a competing event before t with weight G(t-)/G(own time-).

    G is the Kaplan-Meier of the censoring time over all rows: what it takes to stand in for those who would still be watched.
    """

    times: Array
    event_rows: Index
    event_time: Index
    by_time: Index
    first: Index
    until: Index
    competing: NDArray[np.bool_]
    g_row: Array
    g_time: Array

    @classmethod
    def of(cls, time: Array, event: NDArray[np.bool_], competing: NDArray[np.bool_]) -> "Subdistribution":
        """Risk sets of rows that end with the event, a competing one, or (neither) censored."""
        times = np.unique(time[event])
        rows = np.flatnonzero(event).astype(np.int64)
        by_time = np.argsort(time, kind="stable")
        uncensored_before = censoring_curve(time, ~(event | competing))
        return cls(
            times,
            rows,
            np.searchsorted(times, time[rows]),
            by_time,
            np.searchsorted(time[by_time], times, side="left"),
            np.searchsorted(times, time, side="right"),
            competing,
            uncensored_before(time),
            uncensored_before(times),
        )

    def _later(self, values: Array) -> Array:
        return np.where(self.competing, 1.0 / self.g_row, 0.0)[:, None] * values

    def sums(self, values: Array) -> Array:
        """Over those at risk, weighted."""
        before = _from_left(self._later(values)[self.by_time])[self.first]
        return np.asarray(_from_right(values[self.by_time])[self.first] + self.g_time[:, None] * before)

    def exposure(self, falls: Array) -> Array:
        """Until the own time whole; after a competing event with the weight."""
        total, weighted = _from_left(falls), _from_left(self.g_time[:, None] * falls)
        return np.asarray(total[self.until] + self._later(weighted[-1] - weighted[self.until]))


class Before(Protocol):
    """A step curve read just before given times."""

    def __call__(self, times: Array, /) -> Array: ...


def censoring_curve(time: Array, censored: NDArray[np.bool_]) -> Before:
    """Kaplan-Meier of being still watched, read just before a time."""
    when, where = np.unique(time, return_inverse=True)
    at_risk = time.size - np.concatenate(([0.0], np.cumsum(np.bincount(where, minlength=when.size))[:-1]))
    curve = np.concatenate(([1.0], np.cumprod(1.0 - np.bincount(where, weights=censored, minlength=when.size) / at_risk)))

    def before(times: Array, /) -> Array:
        return np.asarray(curve[np.searchsorted(when, times, side="left")])

    return before
