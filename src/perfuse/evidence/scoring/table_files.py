"""Tables as files, read and written some rows at a time: CSV and Parquet; what is written appears whole or not at all."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from perfuse.evidence.progress import Progress
from perfuse.parameters.problems import InputError, Problem
from perfuse.parameters.safety import SAFETY_TEXT

ROWS = 10_000
"""Rows that are held at a time."""
BROKEN = "\0broken"
"""Key under which a reader leaves what is wrong with a row as a whole."""
Row = dict[str, Any]


class Writer(Protocol):
    """Takes rows as they come."""

    def write(self, rows: Sequence[Row]) -> None:
        """Write rows."""

    def close(self) -> None:
        """End the file."""


class Batches:
    """Rows of a table, some at a time, and their types (None for text)."""

    def __init__(self, chunks: Iterator[list[Row]], schema: pa.Schema | None) -> None:
        self.chunks, self.schema = chunks, schema


@contextmanager
def opened(table: Path, progress: Progress | None) -> Iterator[tuple[list[str], Batches]]:
    """Columns and rows of a CSV (comma, semicolon or tab) or Parquet file."""
    if table.suffix.lower() == ".parquet":
        try:
            file = pq.ParquetFile(table)
        except pa.ArrowException as error:
            raise InputError([Problem("", f"this is not a Parquet file: {error}")], str(table)) from None
        with file:
            _refuse_twice(file.schema_arrow.names, table)
            yield list(file.schema_arrow.names), Batches(_parquet_rows(file, progress), file.schema_arrow)
        return
    with table.open(encoding="utf-8-sig", newline="") as text:
        try:
            first = text.readline()
            delimiter = ";" if first.count(";") > first.count(",") else "\t" if "\t" in first and "," not in first else ","
            text.seek(0)
            reader = csv.reader(text, delimiter=delimiter, strict=True)
            columns = [name.strip() for name in next(reader, [])]
        except (UnicodeDecodeError, csv.Error) as error:
            raise _unreadable(error, 1, table) from None
        _refuse_twice(columns, table)
        yield columns, Batches(_csv_rows(reader, columns, text, table, progress), None)


def _parquet_rows(file: pq.ParquetFile, progress: Progress | None) -> Iterator[list[Row]]:
    done, total = 0, max(file.metadata.num_rows, 1)
    for batch in file.iter_batches(batch_size=ROWS):
        yield batch.to_pylist()
        done += batch.num_rows
        if progress is not None:
            progress(done, total)


def _csv_rows(reader: Any, columns: Sequence[str], text: Any, table: Path, progress: Progress | None) -> Iterator[list[Row]]:
    size, rows = max(table.stat().st_size, 1), list[Row]()
    try:
        for cells in reader:
            if not cells:
                continue
            row: Row = dict(zip(columns, cells, strict=False))
            if len(cells) != len(columns):
                row = {**dict.fromkeys(columns), **row}
                row[BROKEN] = f"line {reader.line_num}: {len(cells)} values stand under {len(columns)} columns"
            rows.append(row)
            if len(rows) == ROWS:
                yield rows
                rows = []
                if progress is not None:
                    progress(min(text.buffer.tell(), size), size)
        yield rows
    except (UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(error, reader.line_num, table) from None


def _refuse_twice(columns: Sequence[str], table: Path) -> None:
    if not columns or len(set(columns)) < len(columns):
        why = "two columns have the same name" if columns else "the file is empty"
        raise InputError([Problem("", why, hint="The first line names the columns.")], str(table))


def _unreadable(error: UnicodeDecodeError | csv.Error, line: int, table: Path) -> InputError:
    if isinstance(error, UnicodeDecodeError):
        return InputError([Problem("", "the file is not text in UTF-8", hint="Save it as CSV in UTF-8.")], str(table))
    return InputError([Problem("", f"this cannot be read: {error}", line, hint="See that every quote is closed.")], str(table))


def writer_for(path: Path, ending: str, columns: Sequence[str], fields: Mapping[str, pa.DataType], schema: pa.Schema | None) -> Writer:
    """Writes rows with the table's own columns and the new `fields`; `schema` is that of the own columns where they have types."""
    if ending == ".csv":
        return _CsvWriter(path, [*columns, *fields])
    own = list(schema) if schema is not None else [pa.field(name, pa.string()) for name in columns]
    new = [pa.field(name, kind) for name, kind in fields.items()]
    return _ParquetWriter(path, pa.schema([*own, *new], metadata={"safety": SAFETY_TEXT}))


class _CsvWriter:
    def __init__(self, path: Path, columns: list[str]) -> None:
        self.file = path.open("w", encoding="utf-8", newline="")
        self.rows = csv.DictWriter(self.file, columns, restval="", lineterminator="\n")
        self.rows.writeheader()

    def write(self, rows: Sequence[Row]) -> None:
        self.rows.writerows(rows)

    def close(self) -> None:
        self.file.close()


class _ParquetWriter:
    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.schema, self.file = schema, pq.ParquetWriter(path, schema, compression="zstd")

    def write(self, rows: Sequence[Row]) -> None:
        self.file.write_table(pa.Table.from_pylist(list(rows), schema=self.schema))

    def close(self) -> None:
        self.file.close()
