"""The record of live runs: written as they go, read back after a power cut; its log of events can only grow."""

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from perfuse.bedside.databases import Database, PostgreSQL, RecordError, SQLite
from perfuse.bedside.records import Batch, Block, Course, Event, Kept, Listed, RunRow, StateAt, refused
from perfuse.bedside.schema import bring_up_to_date
from perfuse.bedside.snapshots import digest, packed, unpacked
from perfuse.parameters.json_text import json_text
from perfuse.parameters.problems import InputError

_RUN = "id, title, made, version, physics, case_text, state"
_EVENT = "seq, course, step, wall, actor, verb, target, old, new, detail"


def open_store(where: str | Path) -> "Store":
    """The record at a path (SQLite) or at postgresql://user:password@host:port/name; made where there is none.

    InputError says why a place cannot be used. A place that works now and fails later raises `RecordError`.
    """
    address = str(where)
    database: Database
    if address.startswith(("postgresql://", "postgres://")):
        database = PostgreSQL(address)
    elif "://" in address:
        raise refused("", "only a file or a database postgresql://… can hold the record")
    else:
        database = SQLite(Path(where))
    try:
        return Store(database)
    except BaseException as error:
        database.close()
        if isinstance(error, RecordError):
            raise refused(database.name, f"the record cannot be opened ({error})") from error
        raise


class Store:
    """A record that is open; any thread may use it, one at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        with self._lock:
            bring_up_to_date(database)

    def close(self) -> None:
        """Let go of the database; nothing can be written or read after this."""
        with self._lock:
            self._database.close()

    @contextmanager
    def _turn(self, write: bool) -> Iterator[None]:
        with self._lock, self._database.transaction(write):
            yield

    # -- writing ---------------------------------------------------------------------------------------------------------------

    def begin(self, run: RunRow, courses: Sequence[Course], events: Sequence[Event]) -> None:
        """A new run with its first courses and events; InputError where another run has this name."""
        with self._turn(write=True):
            found = self._runs(run.id)
            if found and found[0] != run:
                raise refused(run.id, "another run of this name is kept already", "Choose another name.")
            if not found:
                columns = zip(_RUN.split(", "), vars(run).values(), strict=True)
                self._insert("runs", dict(columns))
            self._take(Batch(run.id, events, courses))

    def write(self, *batches: Batch) -> None:
        """Keep all of these or none; what is there already with the same content is left, another event under its number is refused."""
        with self._turn(write=True):
            for batch in batches:
                self._take(batch)

    def _take(self, batch: Batch) -> None:
        if not self._database.rows("SELECT 1 FROM runs WHERE id = :run", run=batch.run):
            raise refused(batch.run, "no run of this name is kept")
        if batch.state is not None or batch.title is not None:
            change = "UPDATE runs SET state = COALESCE(:state, state), title = COALESCE(:title, title) WHERE id = :run"
            self._database.rows(change, state=batch.state, title=batch.title, run=batch.run)
        for course in batch.courses:
            self._take_course(batch.run, course)
        self._take_events(batch.run, batch.events)
        for s in batch.snapshots:
            row = {"run": batch.run, "course": s.course, "step": s.step, "state": packed(s.state), "digest": digest(s.state)}
            self._insert("snapshots", row, "ON CONFLICT (run, course, step) DO UPDATE SET state = excluded.state, digest = excluded.digest")
        for b in batch.readings:
            rows = zlib.compress(b.rows.astype("<f4").tobytes())
            row = {"run": batch.run, "course": b.course, "block": b.block, "columns": json_text(b.columns), "rows": rows}
            self._insert("readings", row, "ON CONFLICT (run, course, block) DO UPDATE SET columns = excluded.columns, rows = excluded.rows")

    def _take_course(self, run: str, course: Course) -> None:
        where = {"run": run, "id": course.id}
        found = self._database.rows("SELECT parent, begins FROM courses WHERE run = :run AND id = :id", **where)
        if not found:
            ((place,),) = self._database.rows("SELECT COUNT(*) FROM courses WHERE run = :run", run=run)
            self._insert("courses", {"run": run, **vars(course), "place": place})
        elif tuple(found[0]) != (course.parent, course.begins):
            raise refused(f"{run}, course {course.id}", "this course is kept with another beginning, and a course cannot move")
        else:
            change = "UPDATE courses SET head = :head, words = :words WHERE run = :run AND id = :id"
            self._database.rows(change, head=course.head, words=course.words, **where)

    def _take_events(self, run: str, events: Iterable[Event]) -> None:
        ((last,),) = self._database.rows("SELECT COALESCE(MAX(seq), -1) FROM events WHERE run = :run", run=run)
        for event in events:
            row = _event_row(event)
            found: Sequence[Sequence[Any]] = []
            if event.seq <= last:
                found = self._database.rows(f"SELECT {_EVENT} FROM events WHERE run = :run AND seq = :seq", run=run, seq=event.seq)
            if not found:
                self._insert("events", {"run": run, **row})
            elif tuple(found[0]) != tuple(row.values()):
                raise refused(f"{run}, event {event.seq}", "another event of this number is kept already, and the log only grows")
            last = max(last, event.seq)

    def _insert(self, table: str, row: dict[str, Any], conflict: str = "") -> None:
        names = ", ".join(f":{name}" for name in row)
        self._database.rows(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({names}) {conflict}", **row)

    # -- reading ---------------------------------------------------------------------------------------------------------------

    def _runs(self, run_id: str) -> list[RunRow]:
        return [RunRow(*row) for row in self._database.rows(f"SELECT {_RUN} FROM runs WHERE id = :run", run=run_id)]

    def runs(self) -> list[Listed]:
        """Every run that is kept, the newest first."""
        query = f"""SELECT {_RUN}, (SELECT COUNT(*) FROM courses WHERE run = runs.id),
            (SELECT COALESCE(MAX(head), 0) FROM courses WHERE run = runs.id),
            COALESCE((SELECT wall FROM events WHERE run = runs.id ORDER BY seq DESC LIMIT 1), '') FROM runs"""
        with self._turn(write=False):
            found = [Listed(RunRow(*row[:-3]), *row[-3:]) for row in self._database.rows(query)]
        return sorted(found, key=lambda listed: (listed.run.made, listed.run.id), reverse=True)

    def load(self, run_id: str) -> Kept:
        """One run with its courses and its log; InputError where there is none of this name."""
        with self._turn(write=False):
            found = self._runs(run_id)
            if not found:
                raise refused(run_id, "no run of this name is kept")
            query = "SELECT id, parent, begins, head, words FROM courses WHERE run = :run ORDER BY place"
            courses = tuple(Course(*row) for row in self._database.rows(query, run=run_id))
            rows = self._database.rows(f"SELECT {_EVENT} FROM events WHERE run = :run ORDER BY seq", run=run_id)
        return Kept(found[0], courses, tuple(Event(*row[:7], *map(json.loads, row[7:])) for row in rows))

    def snapshot_at(self, run: str, course: str, step: int) -> StateAt | None:
        """The newest state of this course at a step or before it that is whole; None where none was kept (its parent may have one).

        Damaged ones are passed over, and `words` of what is returned names them; InputError where none is whole.
        """
        query = """SELECT step, state, digest FROM snapshots WHERE run = :run AND course = :course AND step <= :step
            ORDER BY step DESC LIMIT 1"""
        damaged: list[int] = []
        while True:
            with self._turn(write=False):
                found = self._database.rows(query, run=run, course=course, step=step)
            if not found and damaged:
                raise refused(f"{run}, course {course}", f"every snapshot is damaged ({_steps(damaged)})")
            if not found:
                return None
            step, stored, digest_then = found[0]
            try:
                state = unpacked(bytes(stored), digest_then)
            except InputError:
                damaged.append(step)
                step -= 1
                continue
            words = f"Damaged and passed over: {_steps(damaged)}." if damaged else ""
            return StateAt(course, step, state, words)

    def readings(self, run: str, course: str, first_block: int, last_block: int) -> list[Block]:
        """The blocks of numbers from one to another, both included, in order."""
        query = """SELECT block, columns, rows FROM readings WHERE run = :run AND course = :course
            AND block >= :first AND block <= :last ORDER BY block"""
        with self._turn(write=False):
            found = self._database.rows(query, run=run, course=course, first=first_block, last=last_block)
        return [_block(course, block, tuple(json.loads(columns)), bytes(rows)) for block, columns, rows in found]


def _event_row(event: Event) -> dict[str, Any]:
    said = {name: json_text(getattr(event, name), sorted_keys=True) for name in ("old", "new", "detail")}
    return {**vars(event), **said}


def _block(course: str, block: int, columns: tuple[str, ...], stored: bytes) -> Block:
    try:
        rows = np.frombuffer(zlib.decompress(stored), dtype="<f4").reshape(-1, len(columns))
        return Block(course, block, columns, rows.astype(np.float32))
    except (zlib.error, ValueError) as error:
        return Block(course, block, columns, np.empty((0, len(columns)), np.float32), f"these numbers are damaged ({error})")


def _steps(steps: list[int]) -> str:
    return f"snapshot{'s' if len(steps) > 1 else ''} at step {', '.join(map(str, steps))}"
