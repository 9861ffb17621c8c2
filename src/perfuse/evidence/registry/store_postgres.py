"""A registry in PostgreSQL: a schema of its own, filled and exchanged in one transaction, read through files of bounded memory."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv

from perfuse.evidence.registry import schema
from perfuse.evidence.registry.query import closing
from perfuse.evidence.registry.store import Store, described, in_words, read_said, refuse_other_format, refused
from perfuse.evidence.registry.tables import Registry
from perfuse.parameters.database_address import AddressError, read_address, servers_words
from perfuse.parameters.json_text import json_text

SCHEMA = "perfuse_registry"
SILENCE = 120.0
"""How long the server may stay silent, s."""
_TYPES = {
    "id": ("TEXT", "VARCHAR"),
    "code": ("TEXT", "VARCHAR"),
    "enum": ("TEXT", "VARCHAR"),
    "boolean": ("BOOLEAN", "BOOLEAN"),
    "integer": ("BIGINT", "BIGINT"),
    "number": ("DOUBLE PRECISION", "DOUBLE"),
    "time": ("TIMESTAMP", "TIMESTAMP"),
}


class PostgresStore(Store):
    """A database of a server."""

    kind = "PostgreSQL"

    def __init__(self, url: str, name: str, about: Any, truth: Any) -> None:
        super().__init__(name, about, truth)
        self.url = url

    @classmethod
    def open(cls, url: str) -> "PostgresStore":
        """The registry in a database."""
        with _line(url) as (run, name):
            if not _there(run):
                raise refused(name, "this database holds no registry that perfuse wrote")
            said = dict(run(f"SELECT key, value FROM {SCHEMA}.perfuse_about"))
        about = read_said(name, said.get("about", ""))
        refuse_other_format(name, about)
        return cls(url, name, about, read_said(name, said.get("truth", "{}")))

    @classmethod
    def save(cls, registry: Registry, url: str, replace: bool = False) -> "PostgresStore":
        """Fill the schema perfuse_registry in one transaction; what it held is replaced only where that is asked for."""
        with _line(url) as (run, name):
            if _any(run) and not (replace and _there(run)):
                text = f"this database has a schema {SCHEMA} already; it is left as it was"
                raise refused(name, text, "Name another database, or replace its registry with --replace.")
            run("BEGIN")
            run(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
            run(f"CREATE SCHEMA {SCHEMA}")
            run(f"CREATE TABLE {SCHEMA}.perfuse_about (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
            for key, value in (("about", described(registry)), ("truth", dict(registry.truth))):
                run(f"INSERT INTO {SCHEMA}.perfuse_about VALUES (:key, :value)", key=key, value=json_text(value))
            for table in schema.tables().values():
                columns = ", ".join(f'"{column.name}" {_TYPES[column.type][0]}' for column in table.columns.values())
                run(f"CREATE TABLE {SCHEMA}.{table.name} ({columns})")
                with tempfile.TemporaryFile() as file:
                    pacsv.write_csv(_plain(registry.tables[table.name]), file, pacsv.WriteOptions(include_header=False))
                    file.seek(0)
                    run(f"COPY {SCHEMA}.{table.name} FROM STDIN WITH (FORMAT csv)", stream=file)
            run("COMMIT")
        return cls.open(url)

    @contextmanager
    def connected(self, names: Sequence[str]) -> Iterator[Any]:
        with tempfile.TemporaryDirectory(prefix="perfuse-") as folder, closing(str(Path(folder) / "read.duckdb")) as connection:
            with _line(self.url) as (run, _):
                run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                for name in names:
                    self._fetch(run, connection, name, Path(folder) / f"{name}.csv")
                run("COMMIT")
            with in_words(self.where):
                yield connection

    def _fetch(self, run: Any, connection: Any, name: str, path: Path) -> None:
        columns = schema.tables()[name].columns
        listed = ", ".join(f'"{column}"' for column in columns)
        with path.open("wb") as file:
            run(f"COPY (SELECT {listed} FROM {SCHEMA}.{name}) TO STDOUT WITH (FORMAT csv)", stream=file)
        if path.stat().st_size == 0:
            connection.register(f"{name}_given", schema.tables()[name].arrow.empty_table())
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM {name}_given")
        else:
            types = ", ".join(f"'{column.name}': '{_TYPES[column.type][1]}'" for column in columns.values())
            how = "header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"', nullstr = '', allow_quoted_nulls = false"
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM read_csv('{path}', columns = {{{types}}}, {how})")
        path.unlink()


def _plain(table: pa.Table) -> pa.Table:
    """Times as text that PostgreSQL reads whatever its settings."""
    for i, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            table = table.set_column(i, field.name, table.column(i).cast(pa.string()))
    return table


def _any(run: Any) -> bool:
    return bool(run("SELECT 1 FROM pg_namespace WHERE nspname = :name", name=SCHEMA))


def _there(run: Any) -> bool:
    return bool(run("SELECT 1 FROM pg_tables WHERE schemaname = :name AND tablename = 'perfuse_about'", name=SCHEMA))


@contextmanager
def _line(url: str) -> Iterator[tuple[Any, str]]:
    """A connection: the function that runs a statement, and the name of the database for messages."""
    try:
        from pg8000 import native
    except ImportError as error:
        text = "a registry in PostgreSQL needs the package pg8000, which is not installed"
        raise refused("postgresql://", text, 'Install it with: pip install "perfuse[postgres]", or name a folder instead.') from error
    try:
        arguments, name = read_address(url)
    except AddressError as error:
        raise refused("postgresql://", error.text, error.hint) from error
    broken = (native.Error, OSError, EOFError)
    try:
        connection = native.Connection(**arguments, timeout=SILENCE, application_name="perfuse")
    except broken as error:
        raise refused(name, f"the database cannot be opened ({servers_words(error)})", "See that it runs and lets you in.") from error
    try:
        yield connection.run, name
    except broken as error:
        raise refused(name, f"the database refused ({servers_words(error)})", "Nothing was changed.") from error
    finally:
        with suppress(*broken):
            connection.close()
