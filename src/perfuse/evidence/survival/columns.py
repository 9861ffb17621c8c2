"""Columns of a table as numbers and labels, with everything that is wrong with them said at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perfuse.parameters.problems import Problems, did_you_mean

Array = NDArray[np.float64]
CENSORED = ("censored", "still_on", "still_in")
"""Labels that say "not ended when last seen"."""
Missing = Literal["refuse", "drop"]


@dataclass(frozen=True)
class Course:
    """Follow-up read from a table.

    time      (n,) from time zero to the end of follow-up, in the unit of the column (days in the registry)
    label     (n,) how it ended
    x         (n, p) covariates
    names     of the covariates, in order; a level of a text column is "column: level"
    group     (n,) labels of the group, all "" without one
    rows      (n,) positions of the rows that were kept
    left_out  rows left out because a value was missing
    """

    time: Array
    label: NDArray[np.str_]
    x: Array
    names: tuple[str, ...]
    group: NDArray[np.str_]
    rows: NDArray[np.int64]
    left_out: int

    def counts(self) -> dict[str, int]:
        """Rows by label."""
        labels, numbers = np.unique(self.label, return_counts=True)
        return {str(label): int(number) for label, number in zip(labels, numbers, strict=True)}


def as_labels(given: str | Sequence[str]) -> tuple[str, ...]:
    """One label or several, as a tuple."""
    return (given,) if isinstance(given, str) else tuple(given)


def read(
    frame: pd.DataFrame,
    time: str,
    event: str,
    covariates: Sequence[str] = (),
    group: str | None = None,
    missing: Missing = "refuse",
    table: str = "the table",
) -> Course:
    """Follow-up of every row. InputError names every missing column, value that is no time, and missing value.

    With missing="drop" rows without a value are left out and counted; nothing is filled in.
    """
    problems = Problems(table)
    wanted = [time, event, *covariates, *([group] if group else [])]
    for name in wanted:
        if name not in frame.columns:
            problems.add((name,), "there is no such column", hint=did_you_mean(name, map(str, frame.columns)))
    if not len(frame):
        problems.add((), "there are no rows")
    problems.raise_if_any()
    keep = frame[list(dict.fromkeys(wanted))].notna().all(axis=1).to_numpy()
    if missing == "refuse":
        for name in dict.fromkeys(wanted):
            if gaps := int(frame[name].isna().sum()):
                hint = 'Leave those rows out knowingly with missing="drop", or fill them before.'
                problems.add((name,), f"{gaps} of {len(frame)} rows have no value", value=gaps, allowed="a value in every row", hint=hint)
    elif not keep.any():
        problems.add((), "every row lacks a value in one of the columns", hint=f"Columns asked for: {', '.join(wanted)}.")
    used = frame.loc[keep]
    times = _numbers(used[time], time, problems)
    if times is not None and times.size:
        if times.min() < 0.0:
            problems.add((time,), "follow-up is negative", value=float(times.min()), allowed="0 or more", hint="Check the dates.")
        if not np.isfinite(times).all():
            problems.add((time,), "follow-up is not finite", allowed="finite numbers")
    columns, names = _covariates(used, covariates, problems)
    problems.raise_if_any()
    assert times is not None
    groups = used[group].astype(str).to_numpy(dtype=str) if group else np.full(len(used), "", dtype=str)
    return Course(
        times,
        used[event].astype(str).to_numpy(dtype=str),
        columns,
        names,
        groups,
        np.flatnonzero(keep).astype(np.int64),
        int((~keep).sum()),
    )


def _numbers(column: pd.Series, name: str, problems: Problems) -> Array | None:
    if not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)):
        problems.add((name,), "this column does not hold numbers", value=str(column.dtype), allowed="numbers")
        return None
    return np.asarray(column, dtype=np.float64)


def _covariates(frame: pd.DataFrame, names: Sequence[str], problems: Problems) -> tuple[Array, tuple[str, ...]]:
    columns: list[Array] = []
    made: list[str] = []
    for name in names:
        column = frame[name]
        if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
            columns.append(np.asarray(column, dtype=np.float64))
            made.append(name)
        else:
            words = column.astype(str)
            for level in sorted(words.unique())[1:]:
                columns.append((words == level).to_numpy(dtype=np.float64))
                made.append(f"{name}: {level}")
    for label, values in zip(made, columns, strict=True):
        if values.size and not np.isfinite(values).all():
            problems.add((label,), "a value is not finite", allowed="finite numbers")
        elif values.size and np.ptp(values) == 0.0:
            problems.add(
                (label,), "every row has the same value", value=float(values[0]), hint="A constant explains nothing: leave it out."
            )
    return (np.column_stack(columns) if columns else np.empty((len(frame), 0))), tuple(made)


def must_hold(course: Course, labels: Sequence[str], column: str, table: str = "the table") -> None:
    """InputError unless every one of the labels occurs at least once."""
    problems = Problems(table)
    known = course.counts()
    for label in labels:
        if label not in known:
            problems.add((column,), f"no row ended as {label!r}", value=label, hint=did_you_mean(label, known))
    problems.raise_if_any()


def left_out(course: Course) -> tuple[str, ...]:
    """The sentence about rows that were left out, where there are any."""
    if not course.left_out:
        return ()
    return (f"{course.left_out} of {course.left_out + course.time.size} rows lacked a value and were left out (complete cases only).",)


def moment(when: float, time: str) -> str:
    """A time in words, with its unit where the name of the column tells it: "day 7" of `run_days`, otherwise "7"."""
    return f"day {when:g}" if "day" in time.lower() else f"{when:g}"
