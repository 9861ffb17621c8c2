"""Columns and values that look as if they named a person; a source that has any is refused, with all of them at once."""

from collections.abc import Collection, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from perfuse.parameters.identity import kind_of_name, patterns
from perfuse.parameters.problems import InputError, Problem

HINT = "Take this column out of the source, or put a pseudonym of your own in its place under a neutral name, and try again."
LOOKED_AT = 200_000
"""Different values of a column that are compared with the patterns."""


def kind_of_values(values: pa.Array | pa.ChunkedArray) -> str | None:
    """What text values seem to be ("e-mail address" ...), None where they seem harmless or are no text."""
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)) or not len(values):
        return None
    different = pc.drop_null(pc.unique(values))[:LOOKED_AT]
    if not len(different):
        return None
    for kind, said in patterns().items():
        hits = int(pc.sum(pc.match_substring_regex(different, said["pattern"])).as_py() or 0)
        if hits and hits >= said["share"] * len(different):
            return str(kind)
    return None


def problems_of(columns: Mapping[str, Any], skip: Collection[str] = ()) -> list[Problem]:
    """One problem for every column that looks as if it named a person, by its name or by what stands in it; values are never told."""
    found = []
    for name, values in columns.items():
        if name in skip:
            continue
        kind = kind_of_name(name)
        if kind is not None:
            found.append(Problem(name, f"this column looks like: {kind}", hint=HINT))
            continue
        kind = kind_of_values(values) if values is not None else None
        if kind is not None:
            found.append(Problem(name, f"values of this column look like: {kind}", hint=HINT))
    return found


def refuse(columns: Mapping[str, Any], where: str, skip: Collection[str] = ()) -> None:
    """Raise `InputError` with every column that looks as if it named a person."""
    found = problems_of(columns, skip)
    if found:
        raise InputError(found, where)
