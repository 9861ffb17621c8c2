"""CSV files with a mapping, read some lines at a time."""

import csv
import gzip
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from perfuse.evidence.registry import identity, raw, schema
from perfuse.evidence.registry.csv_mapping import FileMap, Target, read_mapping
from perfuse.evidence.registry.rejections import Rejections
from perfuse.evidence.registry.sources import Given
from perfuse.parameters.problems import InputError, Problem, did_you_mean

ROWS = 100_000
"""Lines that are read at a time."""


def read_csv(source: Path, mapping: Path) -> Given:
    """Raw tables of a CSV file, or of a folder of them, by a mapping file.

    Errors: `InputError` with everything that is wrong with the mapping, with every column that looks as if it named a person (also
    among those that are not mapped), and where nothing can be read.
    """
    maps = read_mapping(mapping)
    files = _files(source, maps)
    parts: dict[str, list[Any]] = {}
    unused: list[str] = []
    found = Rejections()
    for path, how in files:
        _read_one(path, how, parts, unused, found)
    tables = raw.joined(parts)
    if "patients" in tables:
        tables["patients"] = raw.once(tables["patients"])
    elif "patient_id" in (tables["runs"].column_names if "runs" in tables else ()):
        tables["patients"] = raw.once(tables["runs"].select(["patient_id", raw.ROW]))
    notes = [f"not imported, because the mapping does not name it: {name}" for name in unused]
    return Given(tables, notes, "CSV", rows_are="lines of the file, the heading being line 1", rejections=found)


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


def _read_one(path: Path, how: FileMap, parts: dict[str, list[Any]], unused: list[str], found: Rejections) -> None:
    try:
        with _opened(path, how) as reader:
            heads = [name.strip() for name in next(reader, [])]
            _refuse_heads(path, heads, how)
            unused += [f"{path.name}: {name}" for name in heads if name and name not in how.columns]
            for lines, cells in _chunks(path, reader, len(heads), found):
                chunk = _frame(heads, cells, how)
                _refuse_values(path, chunk, how)
                for name, columns in _by_table(chunk, how).items():
                    parts.setdefault(name, []).append(raw.table(columns, lines))
    except (csv.Error, UnicodeError, EOFError, gzip.BadGzipFile) as error:
        said = "its text has another encoding" if isinstance(error, UnicodeError) else str(error)
        hint = "See that the separator and the encoding of the mapping are those of the file."
        raise InputError([Problem("", f"the file cannot be read as CSV ({said})", hint=hint)], str(path)) from None


@contextmanager
def _opened(path: Path, how: FileMap) -> Iterator[Any]:
    encoding = "utf-8-sig" if how.encoding.lower().replace("_", "-") in ("utf-8", "utf8") else how.encoding
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding=encoding, newline="") as text:
        yield csv.reader(text, delimiter=how.separator, strict=True)


def _chunks(path: Path, reader: Any, width: int, found: Rejections) -> Iterator[tuple[list[int], list[list[str]]]]:
    """Line numbers and cells, some lines at a time; a line with more or fewer values than the heading is rejected.

    Empty values behind the last column count for nothing.
    """
    lines, cells = list[int](), list[list[str]]()
    last = reader.line_num
    for row in reader:
        line, last = last + 1, reader.line_num
        while len(row) > width and not row[-1].strip():
            row.pop()
        if not any(one.strip() for one in row):
            continue
        if len(row) != width:
            found.add(path.name, "", [line], [""], f"{len(row)} values stand under {width} columns")
            continue
        lines.append(line)
        cells.append(row)
        if len(lines) == ROWS:
            yield lines, cells
            lines, cells = [], []
    if lines:
        yield lines, cells


def _frame(heads: Sequence[str], cells: Sequence[Sequence[str]], how: FileMap) -> pd.DataFrame:
    missing = {*how.missing, ""}
    columns = zip(*cells, strict=True)
    frame = pd.DataFrame(dict(enumerate([None if one in missing else one for one in column] for column in columns)), dtype=object)
    return frame.set_axis(list(heads), axis=1)


def _refuse_heads(path: Path, heads: list[str], how: FileMap) -> None:
    if not any(heads):
        raise InputError([Problem("", "the file has no heading", hint="The first line names the columns.")], str(path))
    identity.refuse(dict.fromkeys(heads), str(path))
    missing = [name for name in how.columns if name not in heads]
    if missing:
        raise InputError([Problem(name, "the file has no such column", hint=did_you_mean(name, heads)) for name in missing], str(path))
    again = [name for name in how.columns if heads.count(name) > 1]
    if again:
        raise InputError([Problem(name, "this column stands twice in the file", hint="Keep one of them.") for name in again], str(path))


def _refuse_values(path: Path, chunk: pd.DataFrame, how: FileMap) -> None:
    free = [i for i, name in enumerate(chunk.columns) if _may_name(how.columns.get(name))]
    problems = [
        one for i in free for one in identity.problems_of({chunk.columns[i]: pa.array(chunk.iloc[:, i], pa.string(), from_pandas=True)})
    ]
    if problems:
        raise InputError(problems, str(path))


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
