"""Many patients side by side, in lanes of the kernel and on every core: one row in, one row out, the same bits as one by one."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from perfuse.engine.kernel import LANES, physics_hash
from perfuse.engine.run import SLOW_DT, Engine
from perfuse.parameters.case_models import Case
from perfuse.parameters.from_python import Given, SupportGiven, seconds_of
from perfuse.parameters.safety import SAFETY_TEXT
from perfuse.results.course import first_column, plan_events, protocol_events, settled, support_events
from perfuse.results.numerics import all_gases, body_surface, by_name, numerics, oximeters, rows_for
from perfuse.results.rows_given import Row, cases_of, rows_of
from perfuse.results.run import averages, meaningful
from perfuse.results.simulate import WINDOW, prepare, structure_of
from perfuse.results.status import status_of
from perfuse.results.stopping import leave_if_asked
from perfuse.version import VERSION

Array = NDArray[np.float64]
BLOCK = 60.0  # s simulated between two looks at what can be forgotten
PULSE_ROWS = [f"{place}_{kind}" for place in ("ascending", "distal_arch", "femoral") for kind in ("o2", "co2", "hb", "temp")]
PULSE_ROWS += ["base_excess", "beat_sbp", "beat_dbp", "beating", "compression_rate"]
Progress = Callable[[float, float], None]
Ended = tuple[dict[str, float | None], str]
"""What a patient came to (None where nothing could be read), and the status in words."""


def simulate_many(
    table: Any,
    *,
    support: SupportGiven | None = None,
    minutes: Given = 20,
    protocol: Iterable[Mapping[str, Any]] = (),
    ventilator: Any = None,
    seed: int = 1,
    progress: Progress | None = None,
) -> pa.Table:
    """Simulate every row of a table; return the table with what each patient came to.

    table      a pyarrow table, a mapping of columns, or a list of mappings. Columns: `patient` (a name of the library); parameters of a
               patient (`shunt`, `lv_contractility`: who they are, before they settle); controls (`pump.rpm`, `gas.sweep`,
               `drug.norepinephrine`, `patient.shunt`: set when support starts, or at the beginning without support); `seed`.
               An empty cell leaves the value as it is. Numbers are in the unit of their table, text may carry a unit.
    support, minutes, protocol, ventilator, seed
               as in pf.simulate, the same for all rows

    The result has the columns of `table`, the quantities of vocabulary.yaml averaged over the last 30 s (null where there was no reading),
    and `status`: "ok", or what went wrong with this patient alone (who diverged has no numbers). A quantity whose name is a column of
    `table` already gets `_end`.

    Memory grows with the number of rows, not with their length. Seldom needed: progress (called with rows done and rows in all).
    """
    rows = rows_of(table)
    cases = cases_of(rows, support, seconds_of(minutes), protocol, ventilator, seed)
    groups = [cases[i : i + LANES] for i in range(0, len(cases), LANES)]
    found: list[Ended] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for group in pool.map(_together, groups):
            found += group
            if progress is not None:
                progress(len(found), len(cases))
    return table_of(rows, found, seed)


def _together(cases: Sequence[Case]) -> list[Ended]:
    """Averages at the end, and status, of up to LANES patients."""
    values = [prepare(case)[0] for case in cases]
    engine = begun(cases, values, LANES)
    case = cases[0]
    begin = case.begins
    kept = Kept(engine, case, len(cases))
    for stop in sorted({begin, case.duration} - {0.0}):
        kept.go_on(stop)
    return [kept.ended(lane, body_surface(v["weight"], v["height"])) for lane, v in enumerate(values)]


def begun(cases: Sequence[Case], values: Sequence[Mapping[str, float]], lanes: int) -> Engine:
    """The patients settled, one a lane, with everything planned that happens to each."""
    firsts = [first_column(case, v, case.support) for v, case in zip(values, cases, strict=True)]
    engine = settled(firsts, structure_of(cases[0]), lanes)
    for lane, case in enumerate(cases):
        plan_events(engine, [*support_events(case), *protocol_events(case)], lane)
    return engine


class Kept:
    """What must be remembered of a run for its end: the last window (s) of all rows, and the oximeters' rows from the beginning."""

    def __init__(self, engine: Engine, case: Case, lanes: int, window: float = WINDOW) -> None:
        self.engine, self.support, self.devices, self.window = engine, case.support, case.devices, window
        self.names = rows_for(engine.kernel.rows)
        self.few = [self.names.index(name) for name in PULSE_ROWS]
        self.pulse: list[Array] = []
        self.tail = np.empty((0, len(self.names), engine.lanes))
        self.status = [status_of(bool(ok), engine.time) for ok in engine.healthy()[:lanes]]

    def go_on(self, stop: float) -> None:
        """Move on to `stop` (s); a patient who has diverged by then is one who diverged before this stop."""
        while round((stop - self.engine.time) / SLOW_DT) > 0:
            leave_if_asked()
            took, _ = self.engine.advance(min(BLOCK, stop - self.engine.time), self.names, 1.0)
            self.pulse.append(took[:, self.few])
            self.tail = np.concatenate([self.tail, took])[-round(self.window) :]
        healthy = self.engine.healthy()
        for lane, status in enumerate(self.status):
            if status["ok"] and not healthy[lane]:
                self.status[lane] = status_of(False, self.engine.time)

    def columns(self, lane: int, surface: float) -> dict[str, Array]:
        """`t` and every quantity over the last window."""
        pulse, tail = np.concatenate(self.pulse)[:, :, lane].copy(), self.tail[:, :, lane].copy()
        rows, end = by_name(pulse, PULSE_ROWS), float(len(pulse))
        columns = {"t": np.arange(end - len(tail) + 1.0, end + 1.0), **numerics(by_name(tail, self.names), surface)}
        return columns | {name: shown[-len(tail) :] for name, shown in oximeters(rows, all_gases(rows)).items()}

    def ended(self, lane: int, surface: float) -> Ended:
        """Averages over the last window, and the status in words. Who diverged has no numbers: they would mean nothing."""
        columns, text = self.columns(lane, surface), str(self.status[lane]["text"])
        if not self.status[lane]["ok"]:
            return dict.fromkeys(name for name in columns if name != "t"), text
        after = averages(columns, columns["t"][-1] - self.window, columns["t"][-1])
        return dict(meaningful(after, self.support, self.devices)), text


def table_of(rows: Sequence[Row], found: Sequence[tuple[Mapping[str, float | None], str]], seed: int) -> pa.Table:
    """A row for each patient: what was given, what came of it, how it ended."""
    given = list(dict.fromkeys(name for row in rows for name in row))
    columns: dict[str, Any] = {name: _array([row.get(name) for row in rows]) for name in given}
    for name in dict.fromkeys(_names(found)):
        columns[f"{name}_end" if name in given else name] = pa.array([after.get(name) for after, _ in found], pa.float64())
    columns["status"] = pa.array([status for _, status in found])
    words = {"safety": SAFETY_TEXT, "perfuse": VERSION, "physics_hash": physics_hash(), "seed": str(seed), "schema": "perfuse-many/1"}
    return pa.table(columns).replace_schema_metadata(words)


def _names(found: Sequence[tuple[Mapping[str, float | None], str]]) -> Iterator[str]:
    for after, _ in found:
        yield from after


def _array(values: list[Any]) -> pa.Array:
    if any(isinstance(value, str) for value in values):
        return pa.array([None if value is None else str(value) for value in values])
    return pa.array(values)
