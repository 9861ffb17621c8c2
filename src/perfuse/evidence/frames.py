"""What every analysis asks of a table: the columns exist, mean what they should, and missing rows are counted."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perfuse.parameters.problems import InputError, Problem, Problems, did_you_mean

Array = NDArray[np.float64]
_CALLED = {"died": "death in hospital", "died_by_horizon": "death by the horizon"}


def called(column: str) -> str:
    """An outcome in words: those that the registry's derived columns have, otherwise the name of the column."""
    return _CALLED.get(column, column.replace("_", " "))


def complete(
    frame: pd.DataFrame, needed: Sequence[str], where: str, *, binary: Sequence[str] = (), numbers: Sequence[str] = ()
) -> tuple[pd.DataFrame, int]:
    """The rows in which all needed columns are known, and how many rows were left out.

    binary    columns that must hold two states only (true/false or 1/0)
    numbers   columns that must hold finite numbers
    Raises InputError with every column that is absent, has the wrong kind of values, or is empty.
    """
    problems = Problems(where)
    names = list(dict.fromkeys([*needed, *binary, *numbers]))
    for name in names:
        if name not in frame.columns:
            problems.add((name,), "there is no such column", value=name, hint=did_you_mean(name, map(str, frame.columns)))
    problems.raise_if_any()
    found = frame[names].replace([np.inf, -np.inf], np.nan).dropna()
    if found.empty:
        text = f"no row of {len(frame)} has all of {', '.join(names)}"
        raise InputError([Problem("", text, hint="Leave out the column that is missing most.")], where)
    for name in binary:
        states = pd.unique(found[name])
        if not set(states.tolist()) <= {0, 1}:
            shown = ", ".join(map(str, states[:4]))
            problems.add((name,), "the column is not binary", value=shown, allowed="true and false, or 1 and 0")
    for name in numbers:
        if not (pd.api.types.is_numeric_dtype(found[name]) or pd.api.types.is_bool_dtype(found[name])):
            problems.add((name,), "the column does not hold numbers", value=str(found[name].iloc[0]), hint="Give a column of numbers.")
    problems.raise_if_any()
    return found, len(frame) - len(found)


def design(frame: pd.DataFrame, columns: Sequence[str], levels: dict[str, list[Any]] | None = None) -> tuple[Array, list[str]]:
    """Columns as numbers: numbers and true/false as they are, words as one 0/1 column for every level but the first.

    levels   levels of the worded columns, in order, where the frame is only a part of the whole
    returns  a matrix (rows of the frame, columns) without a constant, and the names of its columns
    A column that is constant over the frame is refused unless `levels` is given (a part may be constant where the whole is not).
    """
    parts: list[Array] = []
    names: list[str] = []
    for column in columns:
        values = frame[column]
        if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
            parts.append(values.to_numpy(dtype=np.float64))
            names.append(column)
            continue
        known = (levels or {}).get(column) or sorted(map(str, pd.unique(values)))
        for level in known[1:]:
            parts.append((values.astype(str) == level).to_numpy(dtype=np.float64))
            names.append(f"{column}: {level}")
    matrix = np.column_stack(parts) if parts else np.empty((len(frame), 0))
    if levels is None:
        flat = [name for name, column in zip(names, matrix.T, strict=True) if np.ptp(column) == 0.0]
        if flat:
            problems = [Problem(name, "the column has one value only and cannot be adjusted for", hint="Leave it out.") for name in flat]
            raise InputError(problems, "the covariates")
    return matrix, names


def levels_of(frame: pd.DataFrame, columns: Sequence[str]) -> dict[str, list[Any]]:
    """The levels of the worded columns in order; columns of numbers have an empty list."""

    def worded(values: pd.Series) -> bool:
        return not (pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values))

    return {c: sorted(map(str, pd.unique(frame[c].dropna()))) if worded(frame[c]) else [] for c in columns}
