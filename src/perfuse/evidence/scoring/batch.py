"""One score for every row of a table: CSV or Parquet in, CSV or Parquet out, row by row in bounded memory; a broken row spoils no other."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perfuse.evidence.progress import Progress
from perfuse.evidence.registry.identity import refuse
from perfuse.evidence.scoring.answer import rules_of_absent
from perfuse.evidence.scoring.library import find_score
from perfuse.evidence.scoring.records import Score
from perfuse.evidence.scoring.rows import new_columns, scored_row
from perfuse.evidence.scoring.table_files import BROKEN, opened, writer_for
from perfuse.parameters.identity import OUR_WORDS
from perfuse.parameters.problems import InputError, Problem, Problems, did_you_mean, nearest
from perfuse.parameters.safety import SAFETY_TEXT
from perfuse.results.store import whole_file

if TYPE_CHECKING:
    import pandas as pd


def score_table(name: str, table: Path, out: Path, progress: Progress | None = None) -> dict[str, Any]:
    """Score every row of `table` (.csv, .parquet) and write it, with new columns behind its own, to `out` (.csv, .parquet).

    Columns named as inputs of the score are read, text with units too; the others are carried along. An empty cell is a missing input and
    gives a range. New columns: NAME_score and the other outputs, NAME_low, NAME_high, NAME_possible, NAME_missing, NAME_warnings,
    NAME_error.
    `out` appears whole or not at all. Returns {"rows", "complete", "with_missing", "failed", "read", "carried", ...}.
    Raises InputError when the table cannot be read, has no column that the score knows, or has one that looks as if it named a person.
    """
    record = _available(name)
    _check_places(table, out)
    counts = {"rows": 0, "complete": 0, "with_missing": 0, "failed": 0}
    with opened(table, progress) as (columns, batches):
        read = _columns_of(record, columns, str(table))
        fields = new_columns(record)
        _refuse_twice([one for one in fields if one in columns], str(table))
        refuse(dict.fromkeys(one for one in columns if one not in read), str(table), skip=OUR_WORDS)
        with whole_file(out) as building:
            writer = writer_for(building, out.suffix.lower(), columns, fields, batches.schema)
            try:
                for rows in batches.chunks:
                    writer.write([_with_score(record, row, read, counts) for row in rows])
            finally:
                writer.close()
    return {
        "score": record.id,
        "name": record.name,
        **counts,
        "read": list(read.values()),
        "not_in_table": [one for one in record.inputs if one not in read.values()],
        "warnings": _said(record, read),
        "carried": [one for one in columns if one not in read],
        "out": str(out),
        "safety": SAFETY_TEXT,
    }


def score_frame(name: str, frame: "pd.DataFrame") -> "pd.DataFrame":
    """The new columns of `score_table` for a data frame, one row for each of its rows and with its index.

    Columns named as inputs of the score are read, in its units; the others are ignored. Raises InputError as `score_table` does.
    """
    import pandas as pd

    record = _available(name)
    read = _columns_of(record, [str(column) for column in frame.columns], "the data frame")
    columns = {one: frame[column].tolist() for column, one in read.items()}
    rows = (dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True))
    return pd.DataFrame([scored_row(record, row)[0] for row in rows], index=frame.index, columns=list(new_columns(record)))


def _available(name: str) -> Score:
    record = find_score(name)
    if not record.available:
        raise InputError([Problem("", f"{record.name} cannot be worked out", hint=f"`perfuse score {record.id}` says why.")], "the score")
    return record


def _with_score(record: Score, row: dict[str, Any], read: dict[str, str], counts: dict[str, int]) -> dict[str, Any]:
    """A row of a table with its new columns, counted."""
    broken = row.pop(BROKEN, None)
    new, how = scored_row(record, {name: row.get(column) for column, name in read.items()}, broken)
    counts["rows"] += 1
    counts[how] += 1
    return {**row, **new}


def _said(record: Score, read: dict[str, str]) -> list[str]:
    """Warnings that hold for every row: that of the record, and rules of optional inputs that have no column."""
    absent = [name for name, one in record.inputs.items() if one.optional and name not in read.values()]
    return [*([record.warning] if record.warning else []), *rules_of_absent(record, absent)]


def _columns_of(record: Score, columns: Sequence[str], table: str) -> dict[str, str]:
    """Column of the table to input of the score."""
    plain = {name.lower(): name for name in record.inputs}
    found = {column: plain[key] for column in columns if (key := column.strip().lower().replace("-", "_").replace(" ", "_")) in plain}
    problems = Problems(table)
    if not found:
        near = [f"{column}: {did_you_mean(column, record.inputs)}" for column in columns if nearest(column, record.inputs)][:3]
        hint = " ".join(near) or f"Name the columns as `perfuse score {record.id}` shows: {', '.join(record.inputs)}."
        problems.add((), f"no column is an input of {record.name}", hint=hint)
    for name in record.inputs:
        twice = [column for column, one in found.items() if one == name]
        if len(twice) > 1:
            problems.add((name,), f"several columns are this input: {', '.join(twice)}", hint="Keep one of them.")
    problems.raise_if_any()
    return found


def _refuse_twice(names: Sequence[str], table: str) -> None:
    if names:
        raise InputError([Problem(one, "this column is in the table already", hint="Rename or remove it.") for one in names], table)


def _check_places(table: Path, out: Path) -> None:
    problems = Problems("the command line")
    for path, option in ((table, "--table"), (out, "--out")):
        if path.suffix.lower() not in (".csv", ".parquet"):
            problems.add((option,), f"{path} is neither .csv nor .parquet", value=path, hint="The ending of the name says what it is.")
    if not table.is_file():
        problems.add(("--table",), f"there is no file {table}", hint="Check the path.")
    elif out.exists() and out.resolve() == table.resolve():
        problems.add(("--out",), "the table itself would be replaced", hint="Choose another name.")
    problems.raise_if_any()
