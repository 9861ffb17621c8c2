"""What a reader should keep in mind about a run: curves left, quantities out of range, assumed device data."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perfuse.parameters.assist import RotaryPump
from perfuse.parameters.device_checks import side_of
from perfuse.parameters.devices import Cannula
from perfuse.parameters.library import heart_device, limits, load_device, load_pump
from perfuse.parameters.step_checks import cut_short
from perfuse.results.supported import title_of

Array = NDArray[np.float64]
BACKWARDS = -0.5  # L/min, below it a pump runs backwards (a line that is just opening passes less)
SUCTION = 5.0  # % of the time with the inlet sucked shut, from which it is told
DECEIVED = 1.0  # L/min between the flow shown and the true one, from which it is told unless the published error is larger


def warnings_of(case: Any, after: Mapping[str, float], columns: Mapping[str, Array]) -> list[str]:
    """Sentences; signs, never causes."""
    said = cut_short(case)
    support = case.support
    if support is not None:
        said += _assumed(support) + _charts(support, columns) + _pressures(columns)
    for choice in case.devices:
        said += _assumed_curve(choice) + _beyond(choice, columns) + _sucked(choice, columns) + _deceived(choice, after)
    return said + _ranges(after)


def outside(case: Any, after: Mapping[str, float], columns: Mapping[str, Array]) -> list[str]:
    """Sentences for what left the range in which a curve or an equation is known."""
    left = [] if case.support is None else _charts(case.support, columns)
    return left + [text for choice in case.devices for text in _beyond(choice, columns)] + _ranges(after)


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


def _rotary(choice: Any) -> tuple[RotaryPump, str] | None:
    """The record of a rotary pump and the beginning of its quantities; None for another device."""
    device = heart_device(choice.model)
    if not isinstance(device, RotaryPump):
        return None
    return device, "rvad" if side_of(choice) == "right" else "impella" if device.kind == "transvalvular" else "lvad"


def _assumed_curve(choice: Any) -> list[str]:
    found = _rotary(choice)
    if found is None or not found[0].assumed:
        return []
    spread, title = 100.0 * found[0].curve_spread.value, title_of(choice)
    return [f"The head-flow curve of {title} is assumed: none was found. A cohort samples its head with a spread of {spread:.0f} %."]


def _beyond(choice: Any, columns: Mapping[str, Array]) -> list[str]:
    """Flow above the end of the pump's curve, or backwards, where it is assumed."""
    found = _rotary(choice)
    flow = columns.get(f"{found[1]}_flow") if found is not None else None
    if found is None or flow is None or not np.isfinite(flow).any():
        return []
    device, title, top, low = found[0], title_of(choice), float(np.nanmax(flow)), float(np.nanmin(flow))
    said = []
    if top > device.flow_max.value:
        said.append(f"Flow reached {top:.1f} L/min in {title}; its curve ends at {device.flow_max.value:g} L/min.")
    if low < BACKWARDS:
        said.append(f"Blood ran backwards through {title}, up to {-low:.1f} L/min; how much it lets back is {device.c_back.mark}.")
    return said


def _sucked(choice: Any, columns: Mapping[str, Array]) -> list[str]:
    found = _rotary(choice)
    share = columns.get(f"{found[1]}_suction") if found is not None else None
    if share is None or not np.isfinite(share).any():
        return []
    worst = float(np.nanmax(share))
    if worst <= SUCTION:
        return []
    seconds = int(np.nansum(share > SUCTION))
    return [
        f"The inlet of {title_of(choice)} was sucked shut for up to {worst:.0f} % of the time (above {SUCTION:g} % during {seconds} s)."
    ]


def _deceived(choice: Any, after: Mapping[str, float]) -> list[str]:
    found = _rotary(choice)
    if found is None or f"{found[1]}_flow_shown" not in after:
        return []
    true, shown = after[f"{found[1]}_flow"], after[f"{found[1]}_flow_shown"]
    if abs(shown - true) <= max(DECEIVED, found[0].estimate_error.value):
        return []
    return [f"The controller of {title_of(choice)} would show {shown:.1f} L/min at the end; {true:.1f} L/min flow."]


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
