"""Places to keep a record in: a file, and a real PostgreSQL server that the tests start for themselves and stop."""

import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from types import SimpleNamespace
from typing import Any

import pytest

from perfuse.bedside.records import Batch, Course, Event, RunRow
from perfuse.bedside.store import Store, open_store

USER, PASSWORD = "keeper", "p w/ü"
WRITTEN = "p%20w%2F%C3%BC"


def programs() -> Path:
    """The folder of PostgreSQL's programs."""
    folders = [*os.environ.get("PATH", "").split(os.pathsep), *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))]
    for folder in map(Path, folders):
        if all(os.access(folder / name, os.X_OK) for name in ("initdb", "pg_ctl", "postgres")):
            return folder
    pytest.fail("no PostgreSQL server was found: run tools/system.sh postgres, or leave these tests out with -m 'not postgres'")


def who() -> dict[str, Any]:
    """The server refuses to run as root: another user then."""
    if os.getuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    pytest.fail("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")


class Cluster:
    """One server with a folder, a port on the loopback and a socket in the folder."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="perfuse-pg-"))
        self.programs, self.who, self.port, self.made = programs(), who(), 0, 0
        secret = self.folder / "password"
        secret.write_text(PASSWORD + "\n", encoding="utf-8")
        if self.who:
            for path in (self.folder, secret):
                os.chown(path, self.who["user"], self.who["group"])
        access = ("-U", USER, "--pwfile", str(secret), "--auth", "scram-sha-256")
        self._run("initdb", "-D", str(self.folder / "data"), *access, "--encoding", "UTF8", "--locale", "C", "--no-sync")
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        # a server that inherited a pipe would keep it open, so that what it says goes to a file
        with (self.folder.parent / f"{self.folder.name}.log").open("w+", encoding="utf-8") as log:
            done = subprocess.run(
                [self.programs / program, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self.who
            )
            log.seek(0)
            assert done.returncode == 0, f"{program}: {log.read()}"

    def start(self) -> None:
        """Start it, at a port that is free now; at the port it had, where it was stopped."""
        for left in (2, 1, 0):
            port = self.port or free_port()
            options = f"-c listen_addresses=127.0.0.1 -p {port} -k {self.folder} -F"
            try:
                self._run("pg_ctl", "start", "-w", "-s", "-D", str(self.folder / "data"), "-l", str(self.folder / "log"), "-o", options)
                self.port = port
                return
            except AssertionError:
                if not left or self.port:
                    raise

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-w", "-s", "-m", "immediate", "-D", str(self.folder / "data"))

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)
        (self.folder.parent / f"{self.folder.name}.log").unlink()

    def connect(self, database: str = "postgres") -> Any:
        from pg8000 import native

        return native.Connection(USER, host="127.0.0.1", port=self.port, database=database, password=PASSWORD, timeout=20)

    def database(self, more: str = "") -> str:
        """A new empty database: its name."""
        self.made += 1
        name = f"record_{self.made}"
        connection = self.connect()
        connection.run(f"CREATE DATABASE {name} TEMPLATE template0 {more}")
        connection.close()
        return name

    def url(self, name: str, password: str = WRITTEN) -> str:
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{name}"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One server per worker, started when the first test asks for it."""
    started = Cluster()
    yield started
    started.remove()


class FilePlace:
    """A record in a file, and the ways round the store."""

    kind = "sqlite"

    def __init__(self, path: Path) -> None:
        self.where: str | Path = path

    def sql(self, statement: str, *values: Any) -> list[Any]:
        connection = sqlite3.connect(self.where, isolation_level=None)
        try:
            return connection.execute(statement, values).fetchall()
        finally:
            connection.close()

    def let_go(self) -> None:
        """A process that is gone holds no file."""

    @contextmanager
    def held(self) -> Iterator[None]:
        """Somebody else has the database for himself."""
        connection = sqlite3.connect(self.where, isolation_level=None)
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")
        connection.close()


class ServerPlace:
    """A record on a server, and the ways round the store."""

    kind = "postgresql"

    def __init__(self, cluster: Cluster) -> None:
        self.cluster, self.name = cluster, cluster.database()
        self.where: str | Path = cluster.url(self.name)

    def sql(self, statement: str, *values: Any) -> list[Any]:
        connection = self.cluster.connect(self.name)
        try:
            connection.run("SET search_path = perfuse")
            for number in range(len(values)):
                statement = statement.replace("?", f":v{number}", 1)
            found: list[Any] = connection.run(statement, **{f"v{number}": value for number, value in enumerate(values)}) or []
            return found
        finally:
            connection.close()

    def let_go(self) -> None:
        """Wait until the server has seen that a killed client is gone; until then it may finish what it was sent."""
        others = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        end = monotonic() + 15
        while self.sql(others) != [[0]]:
            assert monotonic() < end
            sleep(0.01)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Somebody else has the log for himself."""
        connection = self.cluster.connect(self.name)
        connection.run("BEGIN")
        connection.run("LOCK TABLE perfuse.events IN ACCESS EXCLUSIVE MODE")
        yield
        connection.run("ROLLBACK")
        connection.close()


Place = FilePlace | ServerPlace
BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


def _place(kind: str, request: pytest.FixtureRequest, folder: Path) -> Place:
    return FilePlace(folder / "runs.sqlite") if kind == "sqlite" else ServerPlace(request.getfixturevalue("cluster"))


@pytest.fixture(params=BOTH)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty place for a record, once in each database."""
    return _place(request.param, request, tmp_path)


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    """A new record in that place."""
    opened = open_store(place.where)
    yield opened
    opened.close()


@pytest.fixture(scope="module", params=BOTH)
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A record that many drawn examples share, each with its own run."""
    opened = open_store(_place(request.param, request, tmp_path_factory.mktemp("shared")).where)
    yield opened
    opened.close()


WALL = "2026-05-01T12:30:00.125Z"


def event(seq: int, course: str = "A", **said: Any) -> Event:
    return Event(seq, course, said.pop("step", 50 * seq), WALL, said.pop("actor", "operator"), said.pop("verb", "set"), **said)


def run_row(name: str = "r1", **said: Any) -> RunRow:
    return RunRow(**{"id": name, "title": "VV", "made": WALL, "version": "0.1", "physics": "abc", "case": "{}", "state": "running", **said})


@pytest.fixture
def say() -> SimpleNamespace:
    """Short ways to say events, runs and batches."""

    def begun(store: Store, name: str = "r1", **said: Any) -> None:
        store.begin(run_row(name, **said), [Course("A", None, 0, 0)], [event(0, verb="begin")])

    def batch(*seqs: int, run: str = "r1", **said: Any) -> Batch:
        return Batch(run, [event(seq, **said) for seq in seqs], [Course("A", None, 0, 50 * max(seqs))])

    def seqs(store: Store, run: str = "r1") -> list[int]:
        return [kept.seq for kept in store.load(run).events]

    return SimpleNamespace(event=event, run=run_row, begun=begun, batch=batch, seqs=seqs, wall=WALL)


@pytest.fixture
def until() -> Callable[..., None]:
    """Wait for something to become true, not for a time."""

    def wait(true: Callable[[], bool], seconds: float = 15.0) -> None:
        end = monotonic() + seconds
        while not true():
            assert monotonic() < end, "this did not come true"
            sleep(0.005)

    return wait
