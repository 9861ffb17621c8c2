"""Raw columns, as text or as typed values, turned into the types of the schema; what cannot be read rejects its row."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from perfuse.evidence.registry.rejections import Rejections, shown
from perfuse.evidence.registry.schema import Column, Table, table_of

YES = {"true": True, "yes": True, "1": True, "1.0": True, "t": True, "y": True}
NO = {"false": False, "no": False, "0": False, "0.0": False, "f": False, "n": False}
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?( ?(Z|UTC|[+-]\d{2}:?\d{2}))?)?$")
_EARLIEST, _LATEST = pd.Timestamp("1900-01-01"), pd.Timestamp("2262-01-01")


def typed(table: Table, raw: pa.Table, rows: Any, found: Rejections) -> tuple[pa.Table, dict[str, Any]]:
    """The columns of the schema, and by column which rows could not be read. Columns that the schema does not know are left out."""
    unread: dict[str, Any] = {}
    columns: dict[str, Any] = {}
    for column in table.columns.values():
        if column.name not in raw.column_names:
            continue
        given = raw.column(column.name)
        if given.type == table.arrow.field(column.name).type and not pa.types.is_string(given.type):
            columns[column.name] = given
            continue
        values, wrong = _read(column, given)
        columns[column.name] = values
        if wrong.any():
            unread[column.name] = wrong
            texts = shown(column, _texts(given)[wrong])
            found.add(table.name, column.name, rows[wrong], texts, f"this is not {_NAMES[column.type]}", column.allowed, column.source)
    if not columns:
        columns = {next(iter(table.columns)): pa.nulls(raw.num_rows, pa.string())}
    return table_of(table.name, columns), unread


_NAMES = {
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "time": "a date and time",
    "id": "text",
    "code": "text",
    "enum": "text",
}


def _texts(given: Any) -> Any:
    return np.array(["" if one is None else str(one) for one in given.to_pylist()], dtype=object)


def _read(column: Column, given: Any) -> tuple[Any, Any]:
    """Values as an Arrow array, and which of them are wrong; empty text is a missing value."""
    if column.type in ("id", "code", "enum"):
        return _text(given)
    if column.type in ("number", "integer"):
        return _number(given, whole=column.type == "integer")
    if column.type == "boolean":
        return _boolean(given)
    return _time(given)


def _text(given: Any) -> tuple[Any, Any]:
    if pa.types.is_string(given.type) or pa.types.is_large_string(given.type):
        plain = pc.utf8_trim_whitespace(given.cast(pa.string()))
        return pc.if_else(pc.equal(plain, ""), pa.scalar(None, pa.string()), plain), np.zeros(len(given), dtype=bool)
    if pa.types.is_integer(given.type):
        return given.cast(pa.string()), np.zeros(len(given), dtype=bool)
    if pa.types.is_floating(given.type):
        values = given.to_numpy(zero_copy_only=False)
        if np.all(~np.isfinite(values) | (values == np.round(values))):
            empty = ~np.isfinite(values)
            return pa.array(np.where(empty, 0, values).astype(np.int64), mask=empty).cast(pa.string()), np.zeros(len(given), dtype=bool)
    texts = [None if one is None or not str(one).strip() else str(one).strip() for one in given.to_pylist()]
    return pa.array(texts, pa.string()), np.zeros(len(texts), dtype=bool)


def _number(given: Any, whole: bool) -> tuple[Any, Any]:
    if pa.types.is_integer(given.type) or pa.types.is_floating(given.type):
        values = np.asarray(given.to_numpy(zero_copy_only=False), dtype=float)
        wrong = np.isinf(values)
    elif pa.types.is_boolean(given.type) or pa.types.is_timestamp(given.type):
        values, wrong = np.full(len(given), np.nan), np.ones(len(given), dtype=bool)
    else:
        texts = pd.Series(_texts(given)).str.strip()
        values = pd.to_numeric(texts.where(texts != "", None), errors="coerce").to_numpy(dtype=float)
        wrong = ((texts != "").to_numpy() & ~np.isfinite(values)) | np.isinf(values)
    if whole:
        wrong = wrong | (np.isfinite(values) & ((values != np.round(values)) | (np.abs(values) > 2**53)))
        empty = ~np.isfinite(values) | wrong
        return pa.array(np.where(empty, 0, values).astype(np.int64), mask=empty), wrong
    return pa.array(values, pa.float64(), mask=~np.isfinite(values)), wrong


def _boolean(given: Any) -> tuple[Any, Any]:
    words = {**YES, **NO}
    texts = ["" if one is None else str(one).strip().lower() for one in given.to_pylist()]
    values = [words.get(one) for one in texts]
    wrong = np.array([one not in words and one not in ("", "nan") for one in texts], dtype=bool)
    return pa.array(values, pa.bool_()), wrong


def _time(given: Any) -> tuple[Any, Any]:
    if pa.types.is_timestamp(given.type) or pa.types.is_date(given.type):
        stamps = pd.Series(pd.to_datetime(pd.Series(given.to_pandas()), errors="coerce", utc=True)).dt.tz_localize(None)
        asked = np.asarray(given.is_valid())
    else:
        texts = pd.Series(_texts(given)).str.strip()
        asked = (texts != "").to_numpy()
        plain = texts.where(texts.map(lambda one: bool(_DATE.match(one))), None).str.replace(r" ?UTC$", "Z", regex=True)
        stamps = pd.to_datetime(plain, format="ISO8601", errors="coerce", utc=True).dt.tz_localize(None)
    outside = stamps.notna() & ((stamps < _EARLIEST) | (stamps > _LATEST))
    stamps = stamps.mask(outside)
    wrong = asked & stamps.isna().to_numpy()
    return pa.array(stamps.astype("datetime64[us]"), pa.timestamp("us"), from_pandas=True), wrong
