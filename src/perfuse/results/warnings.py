"""What a reader should keep in mind about a run: curves left, quantities out of range, assumed device data."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perfuse.parameters.devices import Cannula
from perfuse.parameters.library import limits, load_device, load_pump

Array = NDArray[np.float64]


def warnings_of(case: Any, after: Mapping[str, float], columns: Mapping[str, Array]) -> list[str]:
    """Sentences; signs, never causes."""
    said: list[str] = []
    support = case.support
    if support is not None:
        said += _assumed(support) + _charts(support, columns) + _pressures(columns)
    return said + _ranges(after)


def outside(case: Any, after: Mapping[str, float], columns: Mapping[str, Array]) -> list[str]:
    """Sentences for what left the range in which a curve or an equation is known."""
    return ([] if case.support is None else _charts(case.support, columns)) + _ranges(after)


def _ranges(after: Mapping[str, float]) -> list[str]:
    said = []
    if after.get("pH", 7.4) < 6.9 or after.get("pH", 7.4) > 7.7:
        said.append(f"pH {after['pH']:.2f} lies outside 6.9-7.7, where the blood-gas equations are checked against measurements.")
    if after.get("MAP", 80.0) < 20.0 and after.get("HR", 0.0) > 0.0:
        said.append(
            "The circulation has collapsed: mean arterial pressure below 20 mmHg. "
            "The patient model has no death; numbers after collapse are formal."
        )
    return said


def _assumed(support: Any) -> list[str]:
    pump = load_pump(support.pump.model)
    for name, quantity in (("a", pump.a), ("c", pump.c)):
        if quantity is not None and quantity.mark in ("assumed", "recalled-low"):
            mark = quantity.mark.replace("-", " ")
            return [f"The head-flow curve of {pump.title} ({name}) is {mark}; its slope is not identified by published points."]
    return []


def _charts(support: Any, columns: Mapping[str, Array]) -> list[str]:
    said = []
    top = float(np.nanmax(np.abs(columns["ecmo_flow"]))) if columns["ecmo_flow"].size else 0.0
    for limb in (*support.drain, *support.return_):
        cannula = load_device(limb.cannula)
        if isinstance(cannula, Cannula) and cannula.q_max is not None:
            share = 1.0 / max(len(support.drain if limb in support.drain else support.return_), 1)
            if top * share > cannula.q_max.value:
                said.append(f"Flow reached {top * share:.1f} L/min in {cannula.title}; its chart ends at {cannula.q_max.value:g} L/min.")
    return said


def _pressures(columns: Mapping[str, Array]) -> list[str]:
    said = []
    known = limits()
    for name, limit in known.items():
        quantity = name
        if not quantity.startswith("P_") or quantity not in columns or not columns[quantity].size:
            continue
        values = columns[quantity]
        low = limit.side == "below"
        worst = float(np.nanmin(values)) if low else float(np.nanmax(values))
        line = limit.alarm or limit.warn
        if (worst < line.value) if low else (worst > line.value):
            said.append(f"{quantity} reached {worst:.0f} mmHg, beyond the usual alarm limit of {line.value:g} mmHg.")
    return said
