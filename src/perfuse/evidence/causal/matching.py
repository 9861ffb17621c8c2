"""Nearest-neighbour matching on the log odds of the propensity score, within a caliper."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rows = NDArray[np.int64]
CALIPER = 0.2
"""Standard deviations of the log odds (Austin PC. Pharm Stat 2011;10:150-61)."""


@dataclass(frozen=True)
class Matches:
    """Who was matched to whom.

    treated    (pairs,) row of the treated of each pair; one treated has as many pairs as controls
    control    (pairs,) row of its control
    unmatched  rows of the treated for whom nobody was near enough
    caliper    largest allowed distance
    """

    treated: Rows
    control: Rows
    unmatched: Rows
    caliper: float

    def weights(self, rows: int) -> Array:
        """How much each row counts after matching: each matched treated 1, its controls share 1."""
        w = np.zeros(rows)
        w[self.treated] = 1.0
        each = 1.0 / np.bincount(self.treated, minlength=rows)[self.treated]
        np.add.at(w, self.control, each)
        return w


def match(
    score: Array,
    treated: NDArray[np.bool_],
    *,
    caliper: float,
    ratio: int = 1,
    replace: bool = False,
    order: str = "largest",
    strata: NDArray[np.int64] | None = None,
    seed: int = 0,
) -> Matches:
    """Match each treated to the nearest `ratio` controls in a score, none farther than `caliper`.

    replace   whether a control may serve more than one treated
    order     who chooses first without replacement: "largest" score (as MatchIt), "smallest", or "random"
    strata    labels within which matches must lie (exact matching)
    seed      decides among equals (and the order, where it is random), so that the same seed gives the same pairs
    Without replacement every treated gets one control before any gets a second.
    """
    rng = np.random.default_rng(seed)
    lot = rng.permutation(score.size)
    groups = np.zeros(score.size, dtype=np.int64) if strata is None else strata
    pairs: list[tuple[int, int]] = []
    for label in np.unique(groups[treated]):
        inside = groups == label
        ts, cs = _ordered(np.flatnonzero(inside & treated), score, lot), _ordered(np.flatnonzero(inside & ~treated), score, lot)
        turn = ts[::-1] if order == "largest" else ts if order == "smallest" else rng.permutation(ts)
        pairs += _with(score, turn, cs, caliper, ratio, rng) if replace else _without(score, turn, cs, caliper, ratio, rng)
    first = np.array([a for a, _ in pairs], dtype=np.int64)
    second = np.array([b for _, b in pairs], dtype=np.int64)
    return Matches(first, second, np.setdiff1d(np.flatnonzero(treated), first), caliper)


def strata_of(frame: pd.DataFrame, columns: Sequence[str]) -> NDArray[np.int64] | None:
    """One label for each combination of the columns; None without columns."""
    return np.asarray(frame.groupby(list(columns), sort=True).ngroup(), dtype=np.int64) if columns else None


def _ordered(rows: Rows, score: Array, lot: Rows) -> Rows:
    return rows[np.lexsort((lot[rows], score[rows]))]


def _with(score: Array, turn: Rows, cs: Rows, caliper: float, ratio: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    at = score[cs]
    found = []
    for t in turn:
        s = score[t]
        right = int(np.searchsorted(at, s))
        left = right - 1
        for _ in range(ratio):
            near = _nearer(s, at, left, right, rng)
            if near is None or abs(at[near] - s) > caliper:
                break
            found.append((int(t), int(cs[near])))
            left, right = (left - 1, right) if near == left else (left, right + 1)
    return found


def _without(score: Array, turn: Rows, cs: Rows, caliper: float, ratio: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    at, n = score[cs], cs.size
    lower = list(range(n + 1))  # where to look next below (shifted by one: 0 is "none"), jumping over those taken
    upper = list(range(n + 1))  # the same above: n is "none"

    def free(jump: list[int], i: int) -> int:
        root = i
        while jump[root] != root:
            root = jump[root]
        while jump[i] != root:
            jump[i], i = root, jump[i]
        return root

    starts = np.searchsorted(at, score[turn])
    found, waiting = [], list(zip(turn.tolist(), starts.tolist(), strict=True))
    for _ in range(ratio):
        served = []
        for t, start in waiting:
            s = score[t]
            near = _nearer(s, at, free(lower, start) - 1, free(upper, start), rng)
            if near is None or abs(at[near] - s) > caliper:
                continue
            found.append((t, int(cs[near])))
            lower[near + 1], upper[near] = near, near + 1
            served.append((t, start))
        waiting = served
    return found


def _nearer(s: float, at: Array, left: int, right: int, rng: np.random.Generator) -> int | None:
    """The nearer of the neighbours below and above; a draw of lots where both are as near."""
    below, above = left >= 0, right < at.size
    if not (below or above):
        return None
    if below and above:
        a, b = s - at[left], at[right] - s
        return left if a < b or (a == b and rng.random() < 0.5) else right
    return left if below else right
