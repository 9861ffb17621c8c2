"""Raw columns of a source on their way to the tables of the schema, converted as its description says; what cannot be converted stays."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from perfuse.evidence.registry.schema import Column

ROW = "_row"
Raw = dict[str, pa.Table]
"""Tables by name, as text, each with a column _row that says where a row stands in the source."""


def table(columns: Mapping[str, Any], rows: Any) -> pa.Table:
    """Columns and their row numbers."""
    made = {name: values if isinstance(values, pa.Array) else pa.array(values, from_pandas=True) for name, values in columns.items()}
    return pa.table({**made, ROW: pa.array(rows, pa.int64())})


def converted(texts: pd.Series, factor: float, offset: float, decimal: str = ".") -> Any:
    """Numbers in our unit, as text; text that is no number is left as it is, for the check to tell.

    A point where the decimal sign is another may group thousands: it is told too.
    """
    plain = texts.str.strip()
    if decimal != ".":
        grouped = plain.str.contains(".", regex=False, na=False)
        plain = plain.str.replace(decimal, ".", regex=False).mask(grouped, plain + " (a point)")
    numbers = pd.to_numeric(plain, errors="coerce")
    if (factor, offset) == (1.0, 0.0):
        return plain
    done = (numbers * factor + offset).round(9)
    return plain.where(numbers.isna(), done.astype(str))


def replaced(texts: pd.Series, words: Mapping[str, str]) -> Any:
    """Words of the source as words of ours; unknown ones are left as they are."""
    known = {str(word).strip().lower(): value for word, value in words.items()}
    return texts.map(lambda one: known.get(str(one).strip().lower(), one) if one is not None and one == one else one)


def dated(texts: pd.Series, how: str) -> Any:
    """Dates in a form such as %d.%m.%Y %H:%M as ISO text; what does not fit is left as it is."""
    stamps = pd.to_datetime(texts.str.strip(), format=how, errors="coerce", utc="%z" in how)
    return texts.where(stamps.isna(), stamps.dt.strftime("%Y-%m-%d %H:%M:%S"))


def joined(parts: Mapping[str, list[pa.Table]]) -> Raw:
    """Tables that came in pieces; a column that one piece lacks is empty there."""
    return {name: pa.concat_tables(pieces, promote_options="permissive") for name, pieces in parts.items() if pieces}


def once(raw: pa.Table) -> pa.Table:
    """Rows that say the same about the same thing, once: a source with one line per run repeats its patients."""
    names = [name for name in raw.column_names if name != ROW]
    frame = raw.select(names).to_pandas()
    return raw.filter(pa.array(~frame.duplicated(keep="first").to_numpy()))


def episodes(who: pd.Series, when: pd.Series, gap_hours: float) -> Any:
    """The number of the episode of each row: rows of one patient that are further apart than `gap_hours` belong to different ones.

    Rows must be sorted by patient and time.
    """
    gap = when.diff() > pd.Timedelta(hours=gap_hours)
    new = (who != who.shift()) | gap
    return new.groupby(who, sort=False).cumsum().astype(np.int64)


def is_number(column: Column) -> bool:
    """Whether a column holds numbers with a unit."""
    return column.type in ("number", "integer")
