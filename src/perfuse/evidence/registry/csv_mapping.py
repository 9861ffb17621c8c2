"""The mapping of a CSV file: which column goes where, in what unit, and what its words mean."""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from perfuse.evidence.registry import raw, schema
from perfuse.evidence.registry.units import factor
from perfuse.parameters.problems import Problems, did_you_mean
from perfuse.parameters.units import UnitError
from perfuse.parameters.yamlfile import read_file

FILE_KEYS = ("columns", "constants", "separator", "decimal", "missing", "encoding")
COLUMN_KEYS = ("to", "unit", "values", "format")
EMPTY = ("", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "-")


@dataclass(frozen=True)
class Target:
    """Where one column of a file goes."""

    table: str
    column: schema.Column
    factor: float = 1.0
    offset: float = 0.0
    values: Mapping[str, str] = field(default_factory=dict)
    format: str = ""


@dataclass(frozen=True)
class FileMap:
    """How one file is read."""

    columns: Mapping[str, Target]
    constants: Mapping[str, Mapping[str, str]]
    separator: str = ","
    decimal: str = "."
    missing: tuple[str, ...] = EMPTY
    encoding: str = "utf-8"


def read_mapping(path: Path) -> dict[str, FileMap]:
    """The mappings of a file by the name of the CSV file they are for ("" where there is only one).

    Errors: `InputError` with everything that is wrong.
    """
    data, problems = read_file(path)
    if not isinstance(data, Mapping):
        problems.add((), "a mapping has `columns`, or `files`", hint="See docs/howto/registry.md.")
        problems.raise_if_any()
    files = data.get("files") if "files" in data else {"": data}
    if not isinstance(files, Mapping) or not files:
        problems.add(("files",), "this names files, each with its `columns`")
        problems.raise_if_any()
    unknown = [key for key in data if "files" in data and key != "files"]
    for key in unknown:
        problems.add((key,), "this is not read beside `files`", hint="Put it under each file.")
    start = ("files",) if "files" in data else ()
    found = {str(name): _file_map(said, (*start, str(name)) if start else (), problems) for name, said in files.items()}
    problems.raise_if_any()
    return found


def _file_map(said: Any, path: tuple[str, ...], problems: Problems) -> FileMap:
    if not isinstance(said, Mapping) or not isinstance(said.get("columns"), Mapping) or not said.get("columns"):
        problems.add(
            (*path, "columns"), "this names columns of the file, each with where it goes", hint="Write for example: case: runs.run_id"
        )
        return FileMap({}, {})
    for key in said:
        if key not in FILE_KEYS:
            problems.add((*path, key), "this is not known here", hint=did_you_mean(key, FILE_KEYS))
    columns = {}
    for name, words in said["columns"].items():
        target = _target(words, (*path, "columns", name), problems)
        if target is not None:
            columns[str(name)] = target
    constants = _constants(said.get("constants"), (*path, "constants"), problems)
    filled = [(one.table, one.column.name) for one in columns.values()] + [
        (table, name) for table, some in constants.items() for name in some
    ]
    for table, name in sorted({one for one in filled if filled.count(one) > 1}):
        problems.add((*path, "columns"), f"two things go to {table}.{name}", hint="Keep one of them.")
    missing = said.get("missing", EMPTY)
    if not isinstance(missing, list | tuple):
        problems.add((*path, "missing"), "this is a list of words", hint='Write for example: ["", "NA", "-99"]')
        missing = EMPTY
    separator, decimal = str(said.get("separator", ",")), str(said.get("decimal", "."))
    if len(separator) != 1 or separator == decimal or separator in '\r\n\0"':
        text = "the separator is one character, no quote and no end of line, and not the decimal sign"
        problems.add((*path, "separator"), text, value=separator, allowed=', ; | or "\\t"')
    if decimal not in (".", ","):
        problems.add((*path, "decimal"), "this is no decimal sign", value=decimal, allowed=". or ,")
    encoding = str(said.get("encoding", "utf-8"))
    if not _is_text_encoding(encoding):
        problems.add((*path, "encoding"), "this encoding is not known", value=encoding, allowed="utf-8, latin-1, cp1252, utf-16 ...")
    return FileMap(columns, constants, separator, decimal, tuple(map(str, missing)), encoding)


def _constants(given: Any, path: tuple[str, ...], problems: Problems) -> dict[str, dict[str, str]]:
    """Values that hold for every line, by table and column."""
    if given is not None and not isinstance(given, Mapping):
        problems.add(path, "this names columns of ours, each with its value", hint="Write for example: runs.centre_id: A")
        return {}
    out: dict[str, dict[str, str]] = {}
    for name, value in (given or {}).items():
        target = _target(name, (*path, name), problems)
        if isinstance(value, list | Mapping):
            problems.add((*path, name), "one value should stand here")
        elif target is not None:
            out.setdefault(target.table, {})[target.column.name] = str(value).lower() if isinstance(value, bool) else str(value)
    return out


def _is_text_encoding(name: str) -> bool:
    try:
        known = codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return known._is_text_encoding


def _is_form(text: str) -> bool:
    """Whether this is a form of dates: %d.%m.%Y %H:%M."""
    try:
        datetime.strptime(datetime(2021, 2, 3, tzinfo=UTC).strftime(text), text)
    except (ValueError, KeyError):
        return False
    return "%" in text


def _target(words: Any, path: tuple[str, ...], problems: Problems) -> Target | None:
    said = dict(words) if isinstance(words, Mapping) else {"to": words}
    for key in said:
        if key not in COLUMN_KEYS:
            problems.add((*path, key), "this is not known here", hint=did_you_mean(key, COLUMN_KEYS))
    table, _, column = str(said.get("to", "")).partition(".")
    tables = schema.tables()
    if table not in tables:
        problems.add(path, f"'{said.get('to')}' names no table", hint=did_you_mean(table, tables))
        return None
    if column not in tables[table].columns:
        problems.add(path, f"the table {table} has no column '{column}'", hint=did_you_mean(column, tables[table].columns))
        return None
    one = tables[table].columns[column]
    scale, shift = 1.0, 0.0
    if "unit" in said:
        if not raw.is_number(one):
            problems.add((*path, "unit"), f"{column} has no unit", hint="Leave the unit out.")
        else:
            try:
                scale, shift = factor(one, str(said["unit"]))
            except UnitError as error:
                problems.add((*path, "unit"), error.text, value=said["unit"], hint=error.hint)
    values = _values(said.get("values", {}), one, path, problems)
    if "format" in said and one.type != "time":
        problems.add((*path, "format"), f"{column} is no time", hint="Leave the format out.")
    elif "format" in said and not _is_form(str(said["format"])):
        problems.add((*path, "format"), "this is no form of dates", value=said["format"], allowed="for example %d.%m.%Y %H:%M")
    return Target(table, one, scale, shift, values, str(said.get("format", "")))


def _values(given: Any, column: schema.Column, path: tuple[str, ...], problems: Problems) -> dict[str, str]:
    if not isinstance(given, Mapping):
        problems.add((*path, "values"), "this says what each word means", hint="Write for example: {w: true, m: false}")
        return {}
    out = {}
    for word, value in given.items():
        text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        if column.values and text and text not in column.values:
            problems.add((*path, "values", str(word)), f"'{text}' is not known for {column.name}", allowed=column.allowed)
        out[str(word)] = text
    return out
