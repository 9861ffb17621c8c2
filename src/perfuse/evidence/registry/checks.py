"""What is checked within one table: required values, ranges, words, units that look like others, and order within a row."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from perfuse.evidence.registry.rejections import Rejections, shown
from perfuse.evidence.registry.schema import Column, Table

CODE = r"^[A-Za-z0-9][A-Za-z0-9._:/+-]{0,63}$"
MANY = 20
"""Values that a column needs before its median says something about its unit."""


def within_table(table: Table, given: pa.Table, rows: Any, unread: Mapping[str, Any], found: Rejections, now: Any) -> Any:
    """Which rows of `given` break a rule of their own table (or could not be read); why is noted.

    rows    what each row is called in reports (counted from 1 in what was given)
    unread  by column, rows whose value could not be read, which was noted already
    now     the last moment that can have happened, None where dates were moved
    """
    bad = np.zeros(given.num_rows, dtype=bool)
    for column in table.columns.values():
        values = given.column(column.name)
        known = unread.get(column.name)
        bad = bad if known is None else bad | known
        for broken, reason in _broken(column, values, now):
            mask = broken if known is None else broken & ~known
            if mask.any():
                bad |= mask
                texts = shown(column, _texts(values.filter(pa.array(mask))))
                found.add(table.name, column.name, rows[mask], texts, _each(reason, column, values, mask), column.allowed, column.source)
        _ask_unit(table, column, values, found)
        if column.not_before:
            _order(table, column, given, rows, bad, found)
    return bad


def _broken(column: Column, values: Any, now: Any) -> Any:
    if column.required:
        yield _np(pc.is_null(values)), "this value is required and missing"
    if column.type == "enum":
        yield _not_in(values, column), "this word is not known here"
    elif column.type in ("id", "code"):
        yield _np(pc.fill_null(pc.invert(pc.match_substring_regex(values, CODE)), False)), "this is no pseudonym or short code"
    elif column.type in ("number", "integer") and column.low is not None:
        numbers = _floats(values)
        yield (numbers < column.low) | (numbers > column.high), "outside what is taken for possible"
    elif column.type == "time" and now is not None:
        yield _np(pc.fill_null(pc.greater(values, pa.scalar(now, pa.timestamp("us"))), False)), "this lies in the future"


def _not_in(values: Any, column: Column) -> Any:
    known = pc.is_in(values, pa.array(column.values))
    return ~_np(known) & _np(pc.is_valid(values))


def _each(reason: str, column: Column, values: Any, mask: Any) -> str | list[str]:
    """The reason for each row: a value out of range may look like another unit."""
    if not column.like or "possible" not in reason:
        return reason
    numbers = _floats(values)[mask]
    return [f"{reason}{_looks_like(column, one)}" for one in numbers]


def _looks_like(column: Column, number: float) -> str:
    low, high = column.median or (column.low, column.high)
    for unit, factor in column.like.items():
        if low is not None and high is not None and low <= float(number) * factor <= high:
            return (
                f"; it looks like {unit} ({number:g} {unit} is {number * factor:.3g} {column.unit if column.unit != '1' else ''}".rstrip()
                + ")"
            )
    return ""


def _ask_unit(table: Table, column: Column, values: Any, found: Rejections) -> None:
    """A column whose median lies where another unit would put it; nothing is changed."""
    if column.median is None or not column.like:
        return
    numbers = _floats(values)
    numbers = numbers[np.isfinite(numbers)]
    if len(numbers) < MANY:
        return
    median = float(np.median(numbers))
    if column.median[0] <= median <= column.median[1]:
        return
    for unit, factor in column.like.items():
        if column.median[0] <= median * factor <= column.median[1]:
            text = f"the median is {median:.3g}, which is unusual in {column.unit} and usual in {unit}; nothing was changed"
            found.ask(table.name, column.name, f"{text}. If it is {unit}, say so in the mapping (unit: {unit})")
            return
    where = f"{column.median[0]:g} to {column.median[1]:g} {column.unit}"
    found.ask(table.name, column.name, f"the median is {median:.3g}, and {where} is usual; look at its unit")


def _order(table: Table, column: Column, given: pa.Table, rows: Any, bad: Any, found: Rejections) -> None:
    early, late = given.column(column.not_before), given.column(column.name)
    mask = _np(pc.fill_null(pc.less(late, early), False))
    if not mask.any():
        return
    bad |= mask
    if column.type == "time":
        first, second = (np.asarray(one.filter(pa.array(mask)).to_numpy(zero_copy_only=False)) for one in (early, late))
        words = [f"{day:.2f} d before {column.not_before}" for day in (first - second) / np.timedelta64(1, "D")]
    else:
        words = _texts(late.filter(pa.array(mask))).tolist()
    found.add(table.name, column.name, rows[mask], words, f"this lies before {column.not_before}", f"not before {column.not_before}")


def _texts(values: Any) -> Any:
    return np.array(["" if one is None else f"{one:g}" if isinstance(one, float) else str(one) for one in values.to_pylist()], dtype=object)


def _floats(values: Any) -> Any:
    return np.asarray(pc.fill_null(values.cast(pa.float64()), float("nan")).to_numpy(zero_copy_only=False))


def _np(mask: Any) -> Any:
    return np.asarray(mask.to_numpy(zero_copy_only=False)).astype(bool)
