"""The tables of the record, and how an older record is brought up to date."""

from perfuse.bedside.databases import Database
from perfuse.bedside.records import refused

_TABLES = (
    "CREATE TABLE perfuse_schema (version BIGINT NOT NULL)",
    "INSERT INTO perfuse_schema (version) VALUES (0)",
    """CREATE TABLE runs (
        id TEXT PRIMARY KEY, title TEXT NOT NULL, made TEXT NOT NULL, version TEXT NOT NULL, physics TEXT NOT NULL,
        case_text TEXT NOT NULL, state TEXT NOT NULL)""",
    """CREATE TABLE courses (
        run TEXT NOT NULL REFERENCES runs (id), id TEXT NOT NULL, parent TEXT, begins BIGINT NOT NULL, head BIGINT NOT NULL,
        words TEXT NOT NULL, place BIGINT NOT NULL,
        PRIMARY KEY (run, id), FOREIGN KEY (run, parent) REFERENCES courses (run, id))""",
    """CREATE TABLE events (
        run TEXT NOT NULL, seq BIGINT NOT NULL, course TEXT NOT NULL, step BIGINT NOT NULL, wall TEXT NOT NULL, actor TEXT NOT NULL,
        verb TEXT NOT NULL, target TEXT NOT NULL, old TEXT NOT NULL, new TEXT NOT NULL, detail TEXT NOT NULL,
        PRIMARY KEY (run, seq), FOREIGN KEY (run, course) REFERENCES courses (run, id))""",
    """CREATE TABLE snapshots (
        run TEXT NOT NULL, course TEXT NOT NULL, step BIGINT NOT NULL, state {bytes} NOT NULL, digest TEXT NOT NULL,
        PRIMARY KEY (run, course, step), FOREIGN KEY (run, course) REFERENCES courses (run, id))""",
    """CREATE TABLE readings (
        run TEXT NOT NULL, course TEXT NOT NULL, block BIGINT NOT NULL, columns TEXT NOT NULL, rows {bytes} NOT NULL,
        PRIMARY KEY (run, course, block), FOREIGN KEY (run, course) REFERENCES courses (run, id))""",
)

_APPEND_ONLY = {
    # REPLACE deletes a row without firing the trigger on DELETE, so that an INSERT over an existing row is refused as well
    "sqlite": (
        """CREATE TRIGGER events_no_update BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'the log of events is append-only'); END""",
        """CREATE TRIGGER events_no_delete BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'the log of events is append-only'); END""",
        """CREATE TRIGGER events_no_replace BEFORE INSERT ON events
        WHEN EXISTS (SELECT 1 FROM events WHERE run = NEW.run AND seq = NEW.seq)
        BEGIN SELECT RAISE(ABORT, 'the log of events is append-only'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION events_append_only() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the log of events is append-only'; END $$""",
        """CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
        FOR EACH STATEMENT EXECUTE FUNCTION events_append_only()""",
    ),
}

STEPS: list[dict[str, tuple[str, ...]]] = [
    {
        "sqlite": (*_TABLES, *_APPEND_ONLY["sqlite"]),
        "postgresql": ("CREATE SCHEMA IF NOT EXISTS perfuse", *_TABLES, *_APPEND_ONLY["postgresql"]),
    },
]
"""Statements that make version n + 1 of the record out of version n, for each kind of database; version 0 is an empty one."""


def bring_up_to_date(database: Database) -> None:
    """Make the tables, or change those of an older version; InputError for a record that this version does not know."""
    with database.transaction(write=True, alone=True):
        version = 0
        if "perfuse_schema" in database.tables():
            ((version,),) = database.rows("SELECT version FROM perfuse_schema")
        if version > len(STEPS):
            text = f"this record has the form {version}, and this version of perfuse knows forms up to {len(STEPS)}"
            raise refused(database.name, text, "Use the newer version that wrote it, or name another place; it is left as it was.")
        for step in STEPS[version:]:
            for statement in step[database.kind]:
                database.rows(statement.replace("{bytes}", database.bytes_type))
        if version < len(STEPS):
            database.rows("UPDATE perfuse_schema SET version = :version", version=len(STEPS))
