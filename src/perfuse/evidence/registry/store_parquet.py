"""A registry as a folder: registry.json, truth.json, and Parquet files, in parts where that was asked for."""

import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from perfuse.evidence.registry import schema
from perfuse.evidence.registry.query import closing
from perfuse.evidence.registry.store import HOW, Store, described, in_words, read_said, refuse_other_format, refused
from perfuse.evidence.registry.tables import Registry
from perfuse.parameters.json_text import json_text
from perfuse.results.store import whole_folder, write_table

ABOUT, TRUTH, FILE = "registry.json", "truth.json", "part.parquet"
BUCKETS = 16
"""Parts of a registry that is parted by centre."""
WHOLE = ("patients",)
"""Tables that are never parted."""
OTHER_FILES = ("rejected.csv", "check.json", "check.html")
"""Files that a check may leave beside the tables."""


def own_files() -> frozenset[str]:
    """Names of files that may lie in such a folder."""
    return frozenset({ABOUT, TRUTH, FILE, *OTHER_FILES, *(f"{name}.parquet" for name in schema.tables())})


class ParquetStore(Store):
    """A folder; with `only`, one part of it."""

    kind = "Parquet folder"

    def __init__(self, folder: Path, about: Any, truth: Any, only: str | None = None) -> None:
        super().__init__(str(folder), about, truth)
        self.folder, self.only = folder, only

    @classmethod
    def open(cls, folder: Path) -> "ParquetStore":
        """The registry in a folder."""
        try:
            about = read_said(str(folder), (folder / ABOUT).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            raise refused(str(folder), f"this folder holds no registry ({ABOUT} is missing or cannot be read)", HOW) from None
        refuse_other_format(str(folder), about)
        truth = read_said(str(folder), (folder / TRUTH).read_text(encoding="utf-8")) if (folder / TRUTH).exists() else {}
        return cls(folder, about, truth)

    @classmethod
    def save(cls, registry: Registry, folder: Path, by: str | None = None) -> "ParquetStore":
        """Write a folder, whole or not at all."""
        about = {**described(registry), "parted_by": by}
        footer = {"safety": str(about["safety"]), "perfuse": str(about["perfuse"]), "about": json_text(about)}
        with whole_folder(folder, own_files(), ABOUT) as building:
            _write_json(building / ABOUT, about)
            if registry.truth:
                _write_json(building / TRUTH, dict(registry.truth))
            for name in schema.tables():
                table = registry.tables[name]
                if by is None or name in WHOLE:
                    write_table(table, building / f"{name}.parquet", footer)
                    continue
                for part, rows in _parted(registry, name, table, by):
                    place = building / name / part
                    place.mkdir(parents=True)
                    write_table(rows, place / FILE, footer)
        return cls.open(folder)

    def parts(self) -> list[str]:
        return sorted(place.parent.name for place in (self.folder / "runs").glob(f"*/{FILE}"))

    def part(self, name: str) -> "ParquetStore":
        if name not in self.parts():
            return super().part(name)  # type: ignore[return-value]
        return ParquetStore(self.folder, self.about, self.truth, name)

    def files(self, name: str) -> list[Path]:
        """The Parquet files of a table."""
        if self.about.get("parted_by") is None or name in WHOLE:
            return [self.folder / f"{name}.parquet"]
        return sorted((self.folder / name).glob(f"{self.only or '*'}/{FILE}"))

    @contextmanager
    def connected(self, names: Sequence[str]) -> Iterator[Any]:
        with closing() as connection, in_words(self.where):
            for name in names:
                self._offer(connection, name)
            yield connection

    def _offer(self, connection: Any, name: str) -> None:
        files = self.files(name)
        if not files:
            connection.register(name, schema.tables()[name].arrow.empty_table())
            return
        for file in files:
            self._refuse_damaged(name, file)
        said = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet([{said}], hive_partitioning = false)")

    def _refuse_damaged(self, name: str, file: Path) -> None:
        try:
            found = pq.read_schema(file)
        except (OSError, pa.ArrowException) as error:
            reason = str(error).splitlines()[0]
            raise refused(self.where, f"{file.name} of the table {name} cannot be read ({reason})", "Make or import it again.") from None
        expected = schema.tables()[name].arrow
        wrong = [one.name for one in expected if one.name not in found.names or found.field(one.name).type != one.type]
        if wrong:
            raise refused(self.where, f"{file.name} of the table {name} lacks the column {wrong[0]}, or holds it as something else")


def _write_json(path: Path, data: Any) -> None:
    path.write_text(json_text(data, indent=1) + "\n", encoding="utf-8")


def _parted(registry: Registry, name: str, table: pa.Table, by: str) -> Iterator[tuple[str, pa.Table]]:
    """A table in parts: runs and candidates by their own year or centre, the others by that of their run."""
    if name in ("runs", "candidates"):
        labels = _labels(table, by)
    else:
        runs = registry.tables["runs"]
        where = pc.index_in(table.column("run_id"), runs.column("run_id"))
        labels = pc.fill_null(pc.take(_labels(runs, by), where), "none")
    for label in sorted(set(labels.to_pylist())):
        yield label, table.filter(pc.equal(labels, label))


def _labels(table: pa.Table, by: str) -> Any:
    if by == "year":
        return pc.fill_null(pc.cast(table.column("year"), pa.string()), "none").combine_chunks()
    centres = table.column("centre_id").combine_chunks().dictionary_encode()
    buckets = pa.array([f"{zlib.crc32(str(one).encode()) % BUCKETS:02d}" for one in centres.dictionary.to_pylist()], pa.string())
    return pc.fill_null(pc.take(buckets, centres.indices), "none")
