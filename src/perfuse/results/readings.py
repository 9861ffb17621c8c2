"""What a trial reads at a step: means of the trends, what follows from them, and how a quantity went over a stretch."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from perfuse.results.run import averages

Array = NDArray[np.float64]
Numbers = Mapping[str, float]

DERIVATIONS: dict[str, tuple[tuple[str, ...], Callable[[Numbers, float], float]]] = {
    "CVP/PCWP": (("CVP", "PCWP"), lambda n, surface: n["CVP"] / max(n["PCWP"], 0.5)),
    "PaO2/FiO2": (("PaO2", "FiO2"), lambda n, surface: n["PaO2"] / n["FiO2"]),
    "TPG": (("mPAP", "PCWP"), lambda n, surface: n["mPAP"] - n["PCWP"]),
    "DPG": (("PAD", "PCWP"), lambda n, surface: n["PAD"] - n["PCWP"]),
    "total_index": (("total_flow",), lambda n, surface: n["total_flow"] / surface),
    "RVSWI": (
        ("RVCO", "HR", "mPAP", "CVP"),
        lambda n, surface: 1000.0 * n["RVCO"] / max(n["HR"], 1.0) / surface * (n["mPAP"] - n["CVP"]),
    ),
}
"""Quantities of parameters/protocols.py DERIVED: what each needs, and its formula from numbers and body surface (m2).

RVSWI is the bedside formula, stroke volume index x (mPAP - CVP), as in the studies that give bounds for it; not the loop's area.
"""


def mean_between(columns: Mapping[str, Array], begin: float, end: float, surface: float) -> dict[str, float]:
    """Every quantity, and what is derived, averaged between two times (s)."""
    found = averages(columns, begin, end)
    return found | {name: formula(found, surface) for name, (needs, formula) in DERIVATIONS.items() if all(need in found for need in needs)}


def extreme(columns: Mapping[str, Array], name: str, begin: float, end: float, reading: str) -> float | None:
    """The lowest or highest second of a quantity between two times; None where it has no reading."""
    if name not in columns:
        return None
    some = columns[name][(columns["t"] > begin) & (columns["t"] <= end + 1e-9)]
    some = some[np.isfinite(some)]
    return float(some.min() if reading == "lowest" else some.max()) if some.size else None


def slope(values: Sequence[float]) -> float | None:
    """Change per step, by least squares; None below three steps."""
    if len(values) < 3:
        return None
    return float(np.polyfit(np.arange(len(values), dtype=float), np.asarray(values), 1)[0])


def first_lasting(t: Array, holds: NDArray[np.bool_], lasting: float) -> float | None:
    """The time (s) at which a condition has held without a break for `lasting` seconds; None where it never does."""
    since: float | None = None
    for at, true in zip(t, holds, strict=True):
        since = None if not true else float(at) if since is None else since
        if since is not None and at - since >= lasting - 1e-9:
            return float(at)
    return None
