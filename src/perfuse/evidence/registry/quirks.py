"""Reporting errors put into a synthetic registry on purpose and written down, so that a check can be tested on them."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from perfuse.evidence.registry.schema import table_of

Change = Callable[[str, pa.Table, str, Any], pa.Table]
DAY = np.timedelta64(86_400_000_000, "us")


def spoil(rng: np.random.Generator, tables: Mapping[str, pa.Table], share: float) -> tuple[dict[str, pa.Table], list[dict[str, Any]]]:
    """The tables with one error in each of `share` of the runs, and the list of them: table, key, kind, column."""
    out = dict(tables)
    names = tables["runs"].column("run_id")
    hit = rng.permutation(len(names))[: max(round(share * len(names)), len(KINDS))]
    listed: list[dict[str, Any]] = []
    for i, (kind, (name, column, change)) in enumerate(KINDS.items()):
        rows = np.sort(hit[i :: len(KINDS)])
        out[name] = change(name, out[name], column, rows)
        listed += [{"table": name, "key": one, "kind": kind, "column": column} for one in names.take(pa.array(rows)).to_pylist()]
    return out, listed


def _written(low: float, high: float) -> Change:
    """Values in the other unit, where no value in ours lies."""

    def change(name: str, table: pa.Table, column: str, rows: Any) -> pa.Table:
        values = table.column(column).to_numpy(zero_copy_only=False).astype(float).copy()
        values[rows] = np.round(np.linspace(low, high, max(len(rows), 2))[: len(rows)], 1)
        return _with(name, table, column, values)

    return change


def _ended_before_it_began(name: str, table: pa.Table, column: str, rows: Any) -> pa.Table:
    values = table.column(column).to_numpy(zero_copy_only=False).copy()
    values[rows] = table.column("start").to_numpy(zero_copy_only=False)[rows] - 3 * DAY
    return _with(name, table, column, values)


def _pointing_nowhere(name: str, table: pa.Table, column: str, rows: Any) -> pa.Table:
    values = np.array(table.column(column).to_pylist(), dtype=object)
    values[rows] = [f"x{i:07d}" for i in range(len(rows))]
    return _with(name, table, column, values)


def _twice(name: str, table: pa.Table, column: str, rows: Any) -> pa.Table:
    return pa.concat_tables([table, table.take(pa.array(rows))])


def _with(name: str, table: pa.Table, column: str, values: Any) -> pa.Table:
    return table_of(name, {**{one: table.column(one) for one in table.column_names}, column: values})


KINDS: dict[str, tuple[str, str, Change]] = {
    "ends before it begins": ("runs", "end", _ended_before_it_began),
    "kPa written as mmHg": ("pre_support", "paco2_mmHg", _written(4.0, 9.5)),
    "percent written as a fraction": ("pre_support", "fio2", _written(40.0, 100.0)),
    "umol/L written as mg/dL": ("pre_support", "creatinine_mg_dL", _written(60.0, 400.0)),
    "patient unknown": ("runs", "patient_id", _pointing_nowhere),
    "reported twice": ("outcomes", "run_id", _twice),
}
"""Kind of error: where it lies, and how it is made."""
