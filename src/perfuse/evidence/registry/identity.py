"""Columns and values that look as if they named a person; a source that has any is refused, with all of them at once."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from perfuse.evidence.registry.draws import data
from perfuse.parameters.problems import InputError, Problem

HINT = "Take this column out of the source, or put a pseudonym of your own in its place under a neutral name, and import again."
LOOKED_AT = 200_000
"""Different values of a column that are compared with the patterns."""


def kind_of_name(column: str) -> str | None:
    """What a column seems to hold by its name ("birth date", "free text" ...), None where it seems harmless."""
    words = _words(column)
    joined = "".join(words)
    for kind, said in _kinds().items():
        if joined in said["whole"] or any(word in said["words"] for word in words) or any(one in joined for one in said["joined"]):
            return kind
    return None


def kind_of_values(values: pa.Array | pa.ChunkedArray) -> str | None:
    """What text values seem to be ("e-mail address" ...), None where they seem harmless or are no text."""
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)) or not len(values):
        return None
    different = pc.drop_null(pc.unique(values))[:LOOKED_AT]
    if not len(different):
        return None
    for kind, said in data("identity.yaml")["values"].items():
        hits = int(pc.sum(pc.match_substring_regex(different, said["pattern"])).as_py() or 0)
        if hits and hits >= said["share"] * len(different):
            return str(kind)
    return None


def problems_of(columns: Mapping[str, Any], skip: Sequence[str] = ()) -> list[Problem]:
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


def refuse(columns: Mapping[str, Any], where: str, skip: Sequence[str] = ()) -> None:
    """Raise `InputError` with every column that looks as if it named a person."""
    found = problems_of(columns, skip)
    if found:
        raise InputError(found, where)


def _words(column: str) -> list[str]:
    text = column.replace("ß", "ss")
    for letter, written in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("Ä", "Ae"), ("Ö", "Oe"), ("Ü", "Ue")):
        text = text.replace(letter, written)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    text = re.sub(r"([a-z])([A-Z])", r"\1 \2", text)
    return [word for word in re.split(r"[^a-z]+", text.lower()) if word]


@cache
def _kinds() -> dict[str, dict[str, frozenset[str]]]:
    return {
        kind: {form: frozenset(map(str, words)) for form, words in said.items()} for kind, said in data("identity.yaml")["kinds"].items()
    }
