"""Where a registry lies: a folder of Parquet files, one DuckDB file, or PostgreSQL; all are asked through DuckDB."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from perfuse.evidence.registry import schema
from perfuse.evidence.registry.tables import Registry
from perfuse.parameters.problems import InputError, Problem

FORMAT = "perfuse-registry/1"
HOW = "Give a folder that 'perfuse registry make' or 'import' wrote, a .duckdb file, or postgresql://user:password@host:port/name."


def refused(where: str, text: str, hint: str = HOW) -> InputError:
    """A place cannot be used: why, and what to try."""
    return InputError([Problem("", text, hint=hint)], where)


class Store(ABC):
    """A registry that lies somewhere.

    where   for messages; never holds a password
    about   kind ("synthetic" or "imported"), seed or source, safety text
    truth   what a synthetic registry was made with
    """

    kind = ""

    def __init__(self, where: str, about: Mapping[str, Any], truth: Mapping[str, Any]) -> None:
        self.where, self.about, self.truth = where, about, truth

    def __repr__(self) -> str:
        return f"{self.kind} {self.where}: {self.about.get('kind', 'registry')}"

    @abstractmethod
    def connected(self, names: Sequence[str]) -> Any:
        """A context: a DuckDB connection in which these tables can be asked by their names."""

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """One table (or some of its columns) in the order of its key."""
        one = schema.tables()[name]
        wanted = list(columns) if columns is not None else list(one.columns)
        said = f"SELECT {_list(wanted)} FROM {name} ORDER BY {_list(one.key)}"
        with self.connected((name,)) as connection:
            found = connection.sql(said).to_arrow_table()
        return found.cast(pa.schema([one.arrow.field(column) for column in wanted])).combine_chunks()

    def counts(self) -> dict[str, int]:
        """Rows of every table."""
        names = list(schema.tables())
        with self.connected(names) as connection:
            return {name: int(connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]) for name in names}

    def parts(self) -> list[str]:
        """Names of the parts that can be read one at a time; empty where there are none."""
        return []

    def part(self, name: str) -> "Store":
        """One part as a store of its own; each centre's year lies whole in one part."""
        raise refused(self.where, f"this registry has no part '{name}'", "Write it with parts (by year or by centre).")

    def registry(self) -> Registry:
        """Everything, in memory."""
        return Registry({name: self.table(name) for name in schema.tables()}, self.truth, self.about)


def open_store(where: str | Path) -> Store:
    """The registry that lies at `where`: a folder, a DuckDB file, or an address postgresql://...

    Errors: `InputError` where there is none, or where it is damaged.
    """
    said = str(where)
    if said.startswith(("postgresql://", "postgres://")):
        from perfuse.evidence.registry.store_postgres import PostgresStore

        return PostgresStore.open(said)
    if "://" in said:
        raise refused(said.split("://")[0] + "://", "only a folder, a file or a PostgreSQL database can hold a registry")
    place = Path(said)
    if place.is_dir():
        from perfuse.evidence.registry.store_parquet import ParquetStore

        return ParquetStore.open(place)
    if not place.exists():
        raise refused(said, "there is no registry here")
    from perfuse.evidence.registry.store_duckdb import DuckDBStore

    return DuckDBStore.open(place)


def save(registry: Registry, where: str | Path, by: str | None = None, replace: bool = False) -> Store:
    """Keep a registry: whole or not at all.

    where    a folder (Parquet), a name ending in .duckdb, or postgresql://...
    by       "year" or "centre": a folder is written in parts that can be read one at a time
    replace  for a database that holds a registry already; a folder or file that perfuse wrote is always replaced
    """
    said = str(where)
    if by not in (None, "year", "centre"):
        raise refused(said, f"a registry cannot be parted by {by}", "Part it by year or by centre.")
    if by is not None and (said.endswith(".duckdb") or "://" in said):
        raise refused(said, "only a folder can be written in parts", "Leave --by out, or name a folder.")
    if said.startswith(("postgresql://", "postgres://")):
        from perfuse.evidence.registry.store_postgres import PostgresStore

        return PostgresStore.save(registry, said, replace)
    if "://" in said:
        raise refused(said.split("://")[0] + "://", "only a folder, a file or a PostgreSQL database can hold a registry")
    if said.endswith(".duckdb"):
        from perfuse.evidence.registry.store_duckdb import DuckDBStore

        return DuckDBStore.save(registry, Path(said))
    from perfuse.evidence.registry.store_parquet import ParquetStore

    return ParquetStore.save(registry, Path(said), by)


def described(registry: Registry) -> dict[str, Any]:
    """What is kept about a registry beside its tables."""
    from perfuse.parameters.safety import SAFETY_TEXT
    from perfuse.version import VERSION

    counts = {name: table.num_rows for name, table in registry.tables.items()}
    return {"perfuse": VERSION, "schema": FORMAT, "safety": SAFETY_TEXT, **registry.about, "rows": counts}


def read_said(where: str, text: str) -> dict[str, Any]:
    """JSON that was kept beside the tables."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise refused(where, "what is said about this registry cannot be read", "Make or import it again.")
    return found


def refuse_other_format(where: str, about: Mapping[str, Any]) -> None:
    """Raise for a registry of another version of the schema."""
    if about.get("schema") != FORMAT:
        said = f"this registry has the format {about.get('schema')}, and {FORMAT} is read here"
        raise refused(where, said, "Import it again with this version.")


def _list(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


@contextmanager
def in_words(where: str) -> Iterator[None]:
    """What DuckDB says about damaged or missing data, as an `InputError`."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        first = str(error).strip().splitlines()[0]
        raise refused(where, f"the registry cannot be read ({first})", "Make or import it again.") from error
