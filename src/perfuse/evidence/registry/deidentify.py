"""What is changed on the way in, so that rows cannot be led back to persons: pseudonyms, dates, great age.

The key is never kept with the registry. With the same key the same person gets the same pseudonym and the same offset, so that a later
import fits; without a key one is drawn and forgotten, and nothing can be led back or added.
"""

import os
import secrets
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from perfuse.evidence.registry import schema
from perfuse.parameters.problems import InputError, Problem

FARTHEST = 182
"""Days by which dates are moved at most, either way; never by none."""
POOLED = 90.0
"""Ages above 89 are all written as this (HIPAA safe harbour, 45 CFR 164.514(b)(2))."""
OLDEST = 125.0
KEY_BYTES = 32
_KINDS = {"patient_id": "patient", "run_id": "run", "centre_id": "centre", "candidate_id": "candidate"}


def key_of(path: Path | None) -> bytes:
    """The key in a file (made there, readable only by its owner, if it does not exist); without a file one that is forgotten."""
    if path is None:
        return secrets.token_bytes(KEY_BYTES)
    if not path.exists():
        key = secrets.token_bytes(KEY_BYTES)
        try:
            with open(path, "x", encoding="ascii", opener=_only_mine) as file:
                file.write(key.hex() + "\n")
        except OSError as error:
            raise InputError(
                [Problem("--key", f"the key cannot be written ({error.strerror})", hint="Choose another place.")], str(path)
            ) from error
        return key
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        text = f"this is not a key: {2 * KEY_BYTES} hexadecimal digits are expected"
        raise InputError([Problem("--key", text, hint="Name a file that an import wrote, or one that does not exist yet.")], str(path))
    return key


def _only_mine(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def pooled(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Ages above 89 (and up to 125) written as 90; text that is no number is left for the check to tell."""
    out = dict(tables)
    for name in ("runs", "candidates"):
        table = out.get(name)
        if table is None or "age" not in table.column_names:
            continue
        given = table.column("age")
        numbers = [_number(one) for one in given.to_pylist()]
        if any(one is not None and POOLED - 1 < one <= OLDEST for one in numbers):
            kept = [
                (POOLED if pa.types.is_floating(given.type) else "90") if one is not None and POOLED - 1 < one <= OLDEST else old
                for one, old in zip(numbers, given.to_pylist(), strict=True)
            ]
            column = pa.array(kept, given.type if not pa.types.is_integer(given.type) else pa.string())
            out[name] = table.set_column(table.column_names.index("age"), "age", column)
    return out


def _number(given: object) -> float | None:
    try:
        value = float(str(given))
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def deidentified(tables: Mapping[str, pa.Table], key: bytes, *, keep_year: bool = True) -> dict[str, pa.Table]:
    """Checked tables with pseudonyms for every id and dates moved by a secret number of whole days per patient; intervals are kept.

    Rows come in the order of their pseudonyms: that of the source, which is often that of the true dates, would tell them.
    keep_year  write the calendar year of a run's start, before it is moved, into `year` where that is empty
    """
    runs = tables["runs"]
    if keep_year and runs.num_rows:
        year = pc.coalesce(runs.column("year"), pc.year(runs.column("start")))
        runs = runs.set_column(runs.column_names.index("year"), "year", year.cast(pa.int64()))
    days = _by_value(runs.column("patient_id"), lambda one: offset(key, one), pa.int64())
    out = {}
    for name, table in {**tables, "runs": runs}.items():
        moved = days if name == "runs" else _days_of(table, runs, days)
        columns = []
        for field in table.schema:
            column = table.column(field.name)
            if pa.types.is_timestamp(field.type) and moved is not None:
                column = pc.add(column, pc.multiply(moved, 86_400_000_000).cast(pa.duration("us"))).cast(field.type)
            elif field.name in _KINDS:
                kind = _KINDS[field.name]
                column = _by_value(column, lambda one, kind=kind: pseudonym(key, kind, one), pa.string())
            columns.append(column)
        made = pa.table(columns, schema=schema.tables()[name].arrow)
        out[name] = made.sort_by([(column, "ascending") for column in schema.tables()[name].key])
    return out


def _days_of(table: pa.Table, runs: pa.Table, days: Any) -> Any:
    if "run_id" not in table.column_names:
        return None
    return pc.take(days, pc.index_in(table.column("run_id"), runs.column("run_id")))


def _by_value(column: Any, function: Any, kind: pa.DataType) -> Any:
    """A function of each different value, spread over the column."""
    coded = column.combine_chunks().dictionary_encode()
    made = pa.array([function(one) for one in coded.dictionary.to_pylist()], kind)
    return pc.take(made, coded.indices)


def pseudonym(key: bytes, kind: str, name: str) -> str:
    """A name that only the key leads back to."""
    return kind[0] + blake2b(f"{kind}:{name}".encode(), key=key, digest_size=10).hexdigest()


def offset(key: bytes, patient: str) -> int:
    """Days by which a patient's dates are moved: -182 to 182, never 0."""
    drawn = int.from_bytes(blake2b(f"offset:{patient}".encode(), key=key, digest_size=8).digest(), "big") % (2 * FARTHEST)
    return drawn - FARTHEST if drawn < FARTHEST else drawn - FARTHEST + 1
