"""What is read from a finished arm: means over a window of its trends, its waveforms, its loops, its patient's parameters.

A protocol entry `{at: 10 min, measure: base}` marks a moment called `base`: readings are taken over the 60 s (or `over`) that end
there. Two moments always exist: `before` (the last 60 s before the circuit or the first device starts, where a start is given) and `after`
(the last 60 s).
`of` says what is taken over the window: mean (the default), min, max or sd.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from perfuse.parameters.units import read as read_unit
from perfuse.results.readable import ReadableRun

Statistic = Literal["mean", "min", "max", "sd"]
WINDOW = 60.0
"""s; the usual averaging window. Source: assumed, two screens of a bedside monitor."""


class ReadingError(LookupError):
    """A reading that this run does not have, with what there is."""


@dataclass(frozen=True)
class Moment:
    """A window of time that ends at `end` (s, simulated time)."""

    end: float
    window: float = WINDOW
    of: Statistic = "mean"


def _seconds(given: object) -> float:
    return read_unit(given, "s")


def split_measures(case: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Moment]]:
    """The case without its `measure` entries, and the moments they name."""
    moments: dict[str, Moment] = {}
    protocol = []
    for entry in case.get("protocol", ()):
        if "measure" not in entry:
            protocol.append(entry)
            continue
        unknown = set(entry) - {"at", "measure", "over", "of"}
        if unknown:
            raise ReadingError(f"a measure entry has at, measure, over and of; not {', '.join(sorted(unknown))}")
        moments[entry["measure"]] = Moment(_seconds(entry["at"]), _seconds(entry.get("over", WINDOW)), entry.get("of", "mean"))
    end = _seconds(case["duration"])
    parts = [part for part in (case.get("support"), *case.get("devices", ())) if isinstance(part, Mapping)]
    starts = [_seconds(part["start"]) for part in parts if part.get("start") is not None]
    if starts:
        moments.setdefault("before", Moment(min(starts)))
    moments.setdefault("after", Moment(end))
    return {**case, "protocol": protocol}, moments


def finished(run: ReadableRun) -> ReadableRun:
    """The run, when it reached its end in good order; otherwise a RuntimeError with the run's own words."""
    status = run.summary().get("status", {})
    if not status.get("ok", True):
        raise RuntimeError(str(status.get("text", "the run did not reach its end")))
    return run


@dataclass(frozen=True)
class Arm:
    """One finished run with the moments at which it is read."""

    run: ReadableRun
    moments: Mapping[str, Moment]

    def read(self, name: str) -> float:
        """`MAP` at the end, `base.MAP` at a named moment, `patient.lv_contractility` a parameter, `ESP` and `ESV` from the LV loop."""
        head, _, rest = name.partition(".")
        if head == "patient" and rest:
            return self._parameter(rest)
        moment = self.moments["after"]
        if rest:
            if head not in self.moments:
                raise ReadingError(f"{name!r}: no moment {head!r}; there are {', '.join(sorted(self.moments))}")
            moment, name = self.moments[head], rest
        if name in ("ESP", "ESV"):
            return end_systole(self.run)[0 if name == "ESP" else 1]
        return over_window(self._column(name), moment, name)

    def _column(self, name: str) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        for table in (self.run.trends, self.run.waveforms):
            if table is not None and name in table.column_names:
                return numbers(table, "t"), numbers(table, name)
        raise ReadingError(f"the run does not report {name!r}")

    def _parameter(self, name: str) -> float:
        patient = getattr(self.run, "patient", None)
        found = patient.get(name) if isinstance(patient, Mapping) else getattr(patient, name, None)
        found = getattr(found, "value", found)
        if not isinstance(found, int | float):
            raise ReadingError(f"the run's patient has no parameter {name!r}")
        return float(found)


def numbers(table: pa.Table, name: str) -> npt.NDArray[np.float64]:
    """A column as floats; missing values are not-a-number."""
    return np.asarray(table.column(name).to_numpy(zero_copy_only=False), dtype=np.float64)


def over_window(column: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]], moment: Moment, name: str) -> float:
    """Mean, least, most or spread of a series over a moment's window (s)."""
    times, values = column
    inside = (times > moment.end - moment.window + 1e-6) & (times <= moment.end + 1e-6) & np.isfinite(values)
    if not inside.any():
        raise ReadingError(f"{name} has no value in the {moment.window:g} s before {moment.end:g} s")
    taken = values[inside]
    if moment.of == "sd":
        return float(taken.std())
    return float(taken.min() if moment.of == "min" else taken.max() if moment.of == "max" else taken.mean())


def end_systole(run: ReadableRun) -> tuple[float, float]:
    """Pressure (mmHg) and volume (mL) of the left ventricle where P/V is greatest, from the last loop of the run."""
    loops = run.loops
    key = "after" if "after" in loops else "before"
    if key not in loops:
        raise ReadingError("the run kept no pressure-volume loop")
    volume, pressure = (np.asarray(part, dtype=np.float64) for part in loops[key]["lv"])
    at = int(np.argmax(pressure / np.maximum(volume, 1.0)))
    return float(pressure[at]), float(volume[at])
