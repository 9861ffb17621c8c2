"""The tables of a registry: their columns, units and limits, read from schema.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from perfuse.parameters.yamlfile import read_file

TYPES = {
    "id": pa.string(),
    "code": pa.string(),
    "enum": pa.string(),
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "time": pa.timestamp("us"),
}


@dataclass(frozen=True)
class Column:
    """One column.

    type        id, code, enum, boolean, integer, number or time
    unit        of numbers; "1" where it has none
    low, high   what is taken for possible
    median      where the median of the whole column is looked for, None where nothing is asked
    like        other units in which the quantity is often written: unit to the factor into ours
    values      words that may stand in an enum
    references  the table whose key this is
    not_before  a column of the same row that may not be later
    within      "run": the time lies inside the run
    """

    name: str
    type: str
    about: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    median: tuple[float, float] | None = None
    like: Mapping[str, float] = field(default_factory=dict)
    values: tuple[str, ...] = ()
    required: bool = False
    references: str = ""
    not_before: str = ""
    within: str = ""
    source: str = ""
    mark: str = ""

    @property
    def allowed(self) -> str:
        """What may stand here, in words."""
        if self.values:
            return ", ".join(self.values)
        if self.low is not None and self.high is not None:
            return f"{self.low:g} to {self.high:g}{'' if self.unit in ('', '1') else f' {self.unit}'}"
        words = {
            "boolean": "true or false",
            "time": "a date and time such as 2024-05-01 13:30",
            "integer": "a whole number",
            "number": "a number",
        }
        return words.get(self.type, "a pseudonym or short code without spaces")


@dataclass(frozen=True)
class Table:
    """One table: its key, the columns that tell two rows of the same thing apart, and its columns in order."""

    name: str
    about: str
    key: tuple[str, ...]
    alike: tuple[str, ...]
    source: str
    mark: str
    columns: Mapping[str, Column]

    @property
    def arrow(self) -> pa.Schema:
        """The same as an Arrow schema."""
        return pa.schema([pa.field(column.name, TYPES[column.type]) for column in self.columns.values()])


@cache
def tables() -> Mapping[str, Table]:
    """Every table by its name, parents before those that refer to them."""
    data, problems = read_file(Path(__file__).with_name("schema.yaml"), "schema.yaml")
    problems.raise_if_any()
    ranges = data["ranges"]
    return {name: _table(name, said, ranges) for name, said in data["tables"].items()}


def _table(name: str, said: Mapping[str, Any], ranges: Mapping[str, str]) -> Table:
    columns = {}
    for column, words in said["columns"].items():
        about = dict(words)
        low, high = about.pop("range", (None, None))
        median = about.pop("median", None)
        values = tuple(about.pop("values", ()))
        if low is not None:
            about = {"source": ranges["source"], "mark": ranges["mark"], **about}
        about = {"source": said["source"], "mark": said["mark"], **about}
        columns[column] = Column(column, low=low, high=high, median=tuple(median) if median else None, values=values, **about)
    return Table(name, said["about"], tuple(said["key"]), tuple(said.get("alike", ())), said["source"], said["mark"], columns)


def table_of(name: str, columns: Mapping[str, Any]) -> pa.Table:
    """An Arrow table of the schema from columns by name; those that are not given are empty.

    Numbers that are not finite become empty; times are numpy datetime64 or Arrow arrays.
    """
    schema = tables()[name].arrow
    rows = len(next(iter(columns.values())))
    arrays = []
    for one in schema:
        given = columns.get(one.name)
        if given is None:
            arrays.append(pa.nulls(rows, one.type))
        elif isinstance(given, pa.Array | pa.ChunkedArray):
            arrays.append(given.cast(one.type))
        else:
            arrays.append(_array(np.asarray(given), one.type))
    return pa.table(arrays, schema=schema)


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    if np.issubdtype(values.dtype, np.floating) and not pa.types.is_floating(kind):
        empty = ~np.isfinite(values)
        return pa.array(np.where(empty, 0, values).astype(np.int64), mask=empty).cast(kind)
    if np.issubdtype(values.dtype, np.floating):
        return pa.array(values, kind, mask=~np.isfinite(values))
    if np.issubdtype(values.dtype, np.datetime64):
        return pa.array(values.astype("datetime64[us]")).cast(kind)
    return pa.array(values.tolist() if values.dtype == object else values, kind)
