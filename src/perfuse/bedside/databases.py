"""The two databases a record can lie in, behind one small door: rows of a statement, and transactions."""

import socket
import sqlite3
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from perfuse.bedside.records import refused
from perfuse.parameters.database_address import AddressError, read_address, servers_words

PATIENCE = 1.0
"""How long a statement waits for somebody else's lock, s."""

SILENCE = 10.0
"""How long a database server may stay silent before its connection is given up, s."""


class RecordError(Exception):
    """The database cannot be written or read now; the words say why. The same may go well later."""


class Database(Protocol):
    """What the record needs of a database. Values are named in the statement (`:run`), never written into it."""

    kind: str
    bytes_type: str
    name: str

    def rows(self, statement: str, **values: Any) -> Sequence[Sequence[Any]]:
        """Run one statement; what it finds."""

    def tables(self) -> set[str]:
        """Names of the tables that are there."""

    def transaction(self, write: bool, alone: bool = False) -> Any:
        """A block that is kept whole or not at all; `alone` keeps out everybody who asks the same."""

    def close(self) -> None:
        """Let go of the database."""


class SQLite:
    """One file; write-ahead log, synced at every commit."""

    kind = "sqlite"
    bytes_type = "BLOB"

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise refused(self.name, f"the record cannot be opened ({error})", "Name another file.") from error
        try:
            tables = self.tables()
            if tables and "perfuse_schema" not in tables:
                # asked before the first pragma, which would change the file
                text = f"this database holds the table {min(tables)} and was not made by perfuse; it is left as it was"
                raise refused(self.name, text, "Name another file.")
            for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
                self.rows(f"PRAGMA {setting}")
        except BaseException as error:
            self.close()
            if isinstance(error, sqlite3.Error):
                raise refused(self.name, f"the record cannot be opened ({error})", "Name another file.") from error
            raise

    def rows(self, statement: str, **values: Any) -> Sequence[Sequence[Any]]:
        return self._connection.execute(statement, values).fetchall()

    def tables(self) -> set[str]:
        return {name for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}

    @contextmanager
    def transaction(self, write: bool, alone: bool = False) -> Iterator[None]:
        try:
            self._connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            yield
            self._connection.execute("COMMIT")
        except BaseException as error:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.IntegrityError):
                raise refused(self.name, f"this does not fit what is kept already ({error})") from error
            if isinstance(error, sqlite3.Error):
                raise RecordError(f"{self.name}: {error}") from error
            raise

    def close(self) -> None:
        self._connection.close()


class PostgreSQL:
    """A schema named perfuse in a database of a server; a lost connection is made anew at the next transaction."""

    kind = "postgresql"
    bytes_type = "BYTEA"

    def __init__(self, url: str) -> None:
        try:
            from pg8000 import native
        except ImportError as error:
            text = "a record in PostgreSQL needs the package pg8000, which is not installed"
            raise refused("", text, 'Install it with: pip install "perfuse[postgres]", or name a file instead.') from error
        self._native = native
        # pg8000 passes on what the socket and the parsing of a torn answer raise
        self._broken = (native.Error, OSError, EOFError, struct.error)
        try:
            self._arguments, self.name = read_address(url)
        except AddressError as error:
            raise refused("", error.text, error.hint) from error
        self._connection: Any = None
        try:
            self._connect()
        except self._broken as error:
            self.close()
            raise refused(
                self.name, f"the database cannot be opened ({servers_words(error)})", "See that it runs and lets you in."
            ) from error

    def _connect(self) -> None:
        line = self._line()
        try:
            self._connection = self._native.Connection(**self._arguments, sock=line, timeout=SILENCE, application_name="perfuse")
        except BaseException:
            if line is not None:
                line.close()
            raise
        run = self._connection.run
        encoding = run("SHOW server_encoding")[0][0]
        if encoding != "UTF8":
            self.close()
            raise refused(self.name, f"this database keeps text as {encoding}", "Make one with ENCODING 'UTF8'.")
        run(f"SET lock_timeout = {int(1000 * PATIENCE)}")
        run("SET synchronous_commit = on")
        run("SET search_path = perfuse")

    def _line(self) -> socket.socket | None:
        """A connection over TCP that sends at once: otherwise every snapshot would wait 40 ms for an acknowledgement."""
        if "port" not in self._arguments:
            return None
        line = socket.create_connection((self._arguments["host"], self._arguments["port"]), SILENCE)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return line

    def rows(self, statement: str, **values: Any) -> Sequence[Sequence[Any]]:
        found: Sequence[Sequence[Any]] | None = self._connection.run(statement, **values)
        return found or []

    def tables(self) -> set[str]:
        return {name for (name,) in self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'perfuse'")}

    @contextmanager
    def transaction(self, write: bool, alone: bool = False) -> Iterator[None]:
        try:
            if self._connection is None:
                self._connect()
            self.rows("BEGIN" if write else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            if alone:
                self.rows("SELECT pg_advisory_xact_lock(hashtext('perfuse'))")
            yield
            self.rows("COMMIT")
        except BaseException as error:
            self._undo(error)
            if isinstance(error, self._native.DatabaseError) and _code(error).startswith("23"):
                raise refused(self.name, f"this does not fit what is kept already ({servers_words(error)})") from error
            if isinstance(error, self._broken):
                raise RecordError(f"{self.name}: {servers_words(error)}") from error
            raise

    def _undo(self, error: BaseException) -> None:
        """Roll back where server and connection still agree on where they are; otherwise let the connection go."""
        if self._connection is None:
            return
        if isinstance(error, self._broken) and not isinstance(error, self._native.DatabaseError):
            self.close()
            return
        try:
            self.rows("ROLLBACK")
        except self._broken:
            self.close()

    def close(self) -> None:
        if self._connection is not None:
            with suppress(*self._broken):
                self._connection.close()
            self._connection = None


def _code(error: Exception) -> str:
    """The five letters by which PostgreSQL names an error."""
    said = error.args[0] if error.args else {}
    return str(said.get("C", "")) if isinstance(said, dict) else ""
