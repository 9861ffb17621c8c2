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
    if _unread(column):
        return "letters that are not read here"
    words = _words(column)
    joined = "".join(words)
    some = frozenset(words)
    for kind, said in _kinds().items():
        if joined in said["whole"] or joined in said["words"] or some & said["words"] or any(one in joined for one in said["joined"]):
            return kind
        if some & said["of"] and some & said["what"]:
            return kind
        if (joined in said["unless"] or some & said["unless"]) and not some & _things():
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


_WRITTEN = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "æ": "ae", "œ": "oe"}


def _words(column: str) -> list[str]:
    text = unicodedata.normalize("NFKC", column)
    text = re.sub(r"(\w)([A-ZÄÖÜ][a-zäöü])", r"\1 \2", re.sub(r"([a-zäöüß])([A-ZÄÖÜ])", r"\1 \2", text)).lower()
    text = "".join(_WRITTEN.get(letter, letter) for letter in text)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return [word for word in re.split(r"[^a-z]+", text) if word]


def _unread(column: str) -> bool:
    """Whether a name has letters of another script, which may say anything; single Greek ones are symbols of quantities."""
    plain = unicodedata.normalize("NFKC", column)
    scripts = [unicodedata.name(letter, "?").partition(" ")[0] for letter in plain if letter.isalpha()]
    return any(script not in ("LATIN", "GREEK", "MICRO") for script in scripts) or scripts.count("GREEK") > 2


@cache
def _kinds() -> dict[str, dict[str, frozenset[str]]]:
    forms = ("whole", "words", "joined", "of", "what", "unless")
    return {
        kind: {form: frozenset(map(str, said.get(form, ()))) for form in forms} for kind, said in data("identity.yaml")["kinds"].items()
    }


@cache
def _things() -> frozenset[str]:
    return frozenset(map(str, data("identity.yaml")["things"]))
