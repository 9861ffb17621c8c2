"""CSV files with a mapping: which column goes where, in what unit, and what its words mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from perfuse.evidence.registry import identity, raw, schema
from perfuse.evidence.registry.sources import Given
from perfuse.evidence.registry.units import factor
from perfuse.parameters.problems import InputError, Problem, Problems, did_you_mean
from perfuse.parameters.units import UnitError
from perfuse.parameters.yamlfile import read_file

FILE_KEYS = ("columns", "constants", "separator", "decimal", "missing", "encoding")
COLUMN_KEYS = ("to", "unit", "values", "format")
EMPTY = ("", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "-")
ROWS = 200_000
"""Lines that are read at a time."""


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


def read_csv(source: Path, mapping: Path) -> Given:
    """Raw tables of a CSV file, or of a folder of them, by a mapping file.

    Errors: `InputError` with everything that is wrong with the mapping, with every column that looks as if it named a person (also
    among those that are not mapped), and where nothing can be read.
    """
    maps = read_mapping(mapping)
    files = _files(source, maps)
    parts: dict[str, list[Any]] = {}
    unused: list[str] = []
    for path, how in files:
        _read_one(path, how, parts, unused)
    tables = raw.joined(parts)
    if "patients" in tables:
        tables["patients"] = raw.once(tables["patients"])
    notes = [f"not imported, because the mapping does not name it: {name}" for name in unused]
    return Given(tables, notes, "CSV", rows_are="lines of the file, the heading being line 1")


def _files(source: Path, maps: Mapping[str, FileMap]) -> list[tuple[Path, FileMap]]:
    if source.is_dir():
        if "" in maps:
            text = "the mapping has no `files`, and a folder was given"
            raise InputError([Problem("files", text, hint="Put the mapping of each file under files: name.csv:.")], str(source))
        missing = [name for name in maps if not (source / name).is_file()]
        if missing:
            raise InputError([Problem(name, "the folder has no such file") for name in missing], str(source))
        return [(source / name, how) for name, how in maps.items()]
    if not source.is_file():
        raise InputError([Problem("", "there is no such file", hint="Check the path.")], str(source))
    how = maps.get("") or maps.get(source.name)
    if how is None:
        raise InputError(
            [Problem("files", f"the mapping says nothing about {source.name}", hint=did_you_mean(source.name, maps))], str(source)
        )
    return [(source, how)]


def _read_one(path: Path, how: FileMap, parts: dict[str, list[Any]], unused: list[str]) -> None:
    options: dict[str, Any] = {
        "sep": how.separator,
        "dtype": str,
        "encoding": how.encoding,
        "na_values": list(how.missing),
        "keep_default_na": False,
    }
    try:
        heads = list(pd.read_csv(path, nrows=0, **options).columns)
        _refuse_heads(path, heads, how)
        unused += [f"{path.name}: {name}" for name in heads if name not in how.columns]
        line = 2
        with pd.read_csv(path, chunksize=ROWS, **options) as chunks:
            for chunk in chunks:
                _refuse_values(path, chunk, how)
                rows = range(line, line + len(chunk))
                line += len(chunk)
                for name, columns in _by_table(chunk, how).items():
                    parts.setdefault(name, []).append(raw.table(columns, rows))
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeError, LookupError) as error:
        said = " ".join(str(error).split())
        hint = "See that the separator and the encoding of the mapping are those of the file."
        raise InputError([Problem("", f"the file cannot be read as CSV ({said})", hint=hint)], str(path)) from None


def _refuse_heads(path: Path, heads: list[str], how: FileMap) -> None:
    identity.refuse(dict.fromkeys(heads), str(path))
    missing = [name for name in how.columns if name not in heads]
    if missing:
        raise InputError([Problem(name, "the file has no such column", hint=did_you_mean(name, heads)) for name in missing], str(path))
    again = {name for name in heads if name.rsplit(".", 1)[-1].isdigit() and name.rsplit(".", 1)[0] in heads}
    if again & set(how.columns):
        raise InputError([Problem(name, "this column stands twice in the file") for name in sorted(again)], str(path))


def _refuse_values(path: Path, chunk: pd.DataFrame, how: FileMap) -> None:
    import pyarrow as pa

    free = {name: pa.array(chunk[name], pa.string(), from_pandas=True) for name in chunk.columns if _may_name(how.columns.get(name))}
    identity.refuse(free, str(path))


def _may_name(target: Target | None) -> bool:
    return target is None or target.column.type in ("id", "code", "enum")


def _by_table(chunk: pd.DataFrame, how: FileMap) -> dict[str, dict[str, Any]]:
    """The columns of each table that a chunk feeds; a run's or patient's key goes to every table that has it."""
    out: dict[str, dict[str, Any]] = {}
    for name, target in how.columns.items():
        texts = chunk[name]
        if target.values:
            texts = raw.replaced(texts, target.values)
        if target.format:
            texts = raw.dated(texts, target.format)
        if raw.is_number(target.column):
            texts = raw.converted(texts, target.factor, target.offset, how.decimal)
        out.setdefault(target.table, {})[target.column.name] = texts
    for name, said in how.constants.items():
        for column, value in said.items():
            out.setdefault(name, {})[column] = pd.Series([value] * len(chunk), index=chunk.index)
    for key in ("run_id", "patient_id"):
        given = next((columns[key] for columns in out.values() if key in columns), None)
        for name, columns in out.items():
            if given is not None and key in schema.tables()[name].columns:
                columns.setdefault(key, given)
    return out


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
    constants: dict[str, dict[str, str]] = {}
    for name, value in (said.get("constants") or {}).items():
        target = _target(name, (*path, "constants", name), problems)
        if target is not None:
            constants.setdefault(target.table, {})[target.column.name] = str(value)
    missing = said.get("missing", EMPTY)
    if not isinstance(missing, list | tuple):
        problems.add((*path, "missing"), "this is a list of words", hint='Write for example: ["", "NA", "-99"]')
        missing = EMPTY
    separator, decimal = str(said.get("separator", ",")), str(said.get("decimal", "."))
    if len(separator) != 1 or len(decimal) != 1 or separator == decimal:
        problems.add((*path, "separator"), "separator and decimal are one character each, and different", value=f"{separator} {decimal}")
    return FileMap(columns, constants, separator, decimal, tuple(map(str, missing)), str(said.get("encoding", "utf-8")))


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
