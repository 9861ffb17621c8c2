"""One score for every row of a table: CSV or Parquet in, CSV or Parquet out, row by row in bounded memory; a broken row spoils no other."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from perfuse.evidence.scoring.evaluate import outcomes, work_out
from perfuse.evidence.scoring.inputs import understand
from perfuse.evidence.scoring.library import find_score
from perfuse.evidence.scoring.missing import explore
from perfuse.evidence.scoring.records import Score
from perfuse.evidence.scoring.table_files import BROKEN, Progress, Row, opened, whole_file, writer_for
from perfuse.parameters.problems import InputError, Problem, Problems, did_you_mean, nearest
from perfuse.parameters.safety import NOT_FOR_CLINICAL_USE, SAFETY_TEXT

NOTHING = {"", "na", "n/a", "nan", "null", "none", "."}
"""Words of a table that mean: not given."""


def score_table(name: str, table: Path, out: Path, progress: Progress | None = None) -> dict[str, Any]:
    """Score every row of `table` (.csv, .parquet) and write it, with new columns behind its own, to `out` (.csv, .parquet).

    Columns named as inputs of the score are read, text with units too; the others are carried along. An empty cell is a missing input and
    gives a range. New columns: NAME_score and the other outputs, NAME_low, NAME_high, NAME_possible, NAME_missing, NAME_error.
    `out` appears whole or not at all. Returns {"rows", "complete", "with_missing", "failed", "read", "carried", ...}.
    Raises InputError when the table cannot be read or has no column that the score knows.
    """
    record = find_score(name)
    if not record.available:
        raise InputError([Problem("", f"{record.name} cannot be worked out", hint=f"`perfuse score {record.id}` says why.")], "the score")
    _check_places(table, out)
    counts = {"rows": 0, "complete": 0, "with_missing": 0, "failed": 0}
    with opened(table, progress) as (columns, batches):
        read = _columns_of(record, columns, table)
        fields = _fields(record)
        _refuse_twice([one for one in fields if one in columns], table)
        with whole_file(out) as building:
            writer = writer_for(building, out.suffix.lower(), columns, fields, batches.schema)
            try:
                for rows in batches.chunks:
                    writer.write([_scored(record, row, read, fields, counts) for row in rows])
            finally:
                writer.close()
    return {
        "score": record.id,
        "name": record.name,
        **counts,
        "read": list(read.values()),
        "not_in_table": [one for one in record.inputs if one not in read.values()],
        "carried": [one for one in columns if one not in read],
        "out": str(out),
        "safety": SAFETY_TEXT,
    }


def _scored(record: Score, row: Row, read: Mapping[str, str], fields: Mapping[str, pa.DataType], counts: dict[str, int]) -> Row:
    """A row with its new columns."""
    counts["rows"] += 1
    new: Row = dict.fromkeys(fields)
    new[f"{record.id}_use"] = NOT_FOR_CLINICAL_USE
    broken = row.pop(BROKEN, None)
    given = {name: _cell(row.get(column)) for column, name in read.items()}
    try:
        if broken:
            raise InputError([Problem("", broken)])
        understood = understand(record, given)
    except InputError as error:
        counts["failed"] += 1
        new[f"{record.id}_error"] = " ".join(str(problem) for problem in error.problems)
        return {**row, **new}
    if understood.missing:
        counts["with_missing"] += 1
        possible = explore(record, understood.values, understood.missing)
        outputs = possible.outputs
        low, high = possible.ranges.get(record.main, (outputs.get(record.main),) * 2)
        labels = [one.label for one in possible.classes] or possible.choices.get(next(iter(record.outputs), ""), [])
        new[f"{record.id}_missing"] = ", ".join(understood.told)
        new[f"{record.id}_possible"] = ", ".join("none" if one is None else str(one) for one in labels) or None
    else:
        counts["complete"] += 1
        outputs = work_out(record, understood.values).outputs
        low = high = outputs.get(record.main)
    flat = _flat(record, outputs)
    new |= {f"{record.id}_{key}": value for key, value in flat.items() if f"{record.id}_{key}" in fields}
    if record.main:
        new[f"{record.id}_low"], new[f"{record.id}_high"] = (None if one is None else float(one) for one in (low, high))
    return {**row, **new}


def _cell(value: Any) -> Any:
    """What stands in a cell; None where nothing does."""
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, str) and value.strip().lower() in NOTHING:
        return None
    return value


def _flat(record: Score, outputs: Mapping[str, Any]) -> Row:
    flat: Row = {}
    for name, value in outputs.items():
        if name == "components":
            flat |= value
        elif isinstance(value, list):
            flat[name] = ", ".join(value)
        elif isinstance(value, bool) or value is None or isinstance(value, str):
            flat[name] = value
        else:
            flat[name] = float(value)
    return flat


def _fields(record: Score) -> dict[str, pa.DataType]:
    """New columns and their types."""
    of: dict[str, pa.DataType] = {}
    for name, expression in record.outputs.items():
        if not name.startswith("_"):
            truth = expression.truth or bool(record.criteria)
            of[name] = pa.bool_() if truth else pa.float64()
    of |= dict.fromkeys(record.items if record.components else (), pa.float64())
    of |= {"failed": pa.string(), "undecided": pa.string()} if record.failed else {}
    if record.class_name:
        of |= {record.class_name: pa.string(), **dict.fromkeys(outcomes(record), pa.float64())}
    of |= {"low": pa.float64(), "high": pa.float64()} if record.main else {}
    of |= dict.fromkeys(("possible", "missing", "error", "use"), pa.string())
    return {f"{record.id}_{name}": kind for name, kind in of.items()}


def _columns_of(record: Score, columns: Sequence[str], table: Path) -> dict[str, str]:
    """Column of the table to input of the score."""
    plain = {name.lower(): name for name in record.inputs}
    found = {column: plain[key] for column in columns if (key := column.strip().lower().replace("-", "_").replace(" ", "_")) in plain}
    problems = Problems(str(table))
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


def _refuse_twice(names: Sequence[str], table: Path) -> None:
    if names:
        raise InputError([Problem(one, "this column is in the table already", hint="Rename or remove it.") for one in names], str(table))


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
