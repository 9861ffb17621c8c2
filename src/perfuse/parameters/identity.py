"""Identifiable data are not asked for: a field or column whose name says who a person is is refused. The words stand in identity.yaml."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from perfuse.parameters.problems import Path, Problems
from perfuse.parameters.yamlfile import read_file

OF_A_CASE = ("name", "record number", "birth date", "address", "contact")
"""Kinds that are refused in a case file; its notes and texts are its own."""
OUR_WORDS = frozenset(("patient", "cpr"))
"""Words of cases and of tables here (a patient by its pseudonym, chest compressions), though a registry refuses columns of that name."""


@cache
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


def patterns() -> Mapping[str, Any]:
    """Patterns of values that look as if they named a person, each with the share of a column's values that must match."""
    found: Mapping[str, Any] = _words_and_patterns()["values"]
    return found


def asks_who(key: str) -> bool:
    """Whether a field of a case asks for who a person is; an id of the patient does here, where a registry keeps pseudonyms under it."""
    return key not in OUR_WORDS and (kind_of_name(key) in OF_A_CASE or "".join(_words(key)) == "patientid")


def refuse_identity(data: Any, problems: Problems, path: Path = ()) -> None:
    """Note every identifying field of a case and take it out; what it held is never repeated."""
    if isinstance(data, dict):
        for key in list(data):
            if asks_who(str(key)):
                del data[key]
                problems.add(
                    (*path, key),
                    f"'{key}' looks like identifiable data, which is not read",
                    hint="Take the field out. Do not enter identifiable data; call the case by a title that describes it.",
                )
            else:
                refuse_identity(data[key], problems, (*path, key))
    elif isinstance(data, list):
        for i, item in enumerate(data):
            refuse_identity(item, problems, (*path, i))


@cache
def _words_and_patterns() -> Mapping[str, Any]:
    data, problems = read_file(FilePath(__file__).with_name("identity.yaml"), "identity.yaml")
    problems.raise_if_any()
    return dict(data)


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
        kind: {form: frozenset(map(str, said.get(form, ()))) for form in forms} for kind, said in _words_and_patterns()["kinds"].items()
    }


@cache
def _things() -> frozenset[str]:
    return frozenset(map(str, _words_and_patterns()["things"]))
