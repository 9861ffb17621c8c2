"""A place that cannot hold a record is refused with words, and left as it was."""

import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest

from perfuse.bedside.store import open_store
from perfuse.parameters.problems import InputError


def test_the_folder_of_a_new_record_is_made(tmp_path: Path) -> None:
    open_store(tmp_path / "a" / "b" / "runs.sqlite").close()
    open_store(str(tmp_path / "a" / "b" / "runs.sqlite")).close()


def test_a_file_is_synced_at_every_commit(tmp_path: Path) -> None:
    store = open_store(tmp_path / "runs.sqlite")
    settings = [store._database.rows(f"PRAGMA {name}")[0][0] for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")]
    assert settings == ["wal", 2, 1, 1000]
    store.close()


def test_what_is_no_record_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    prose, foreign = tmp_path / "notes.txt", tmp_path / "foreign.sqlite"
    prose.write_text("Dear diary, " * 100, encoding="utf-8")
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.commit()
    connection.close()
    for path, words in ((prose, "not a database"), (foreign, "holds the table recipes")):
        before = path.read_bytes()
        with pytest.raises(InputError, match=words):
            open_store(path)
        assert path.read_bytes() == before
        assert sorted(tmp_path.iterdir()) == [foreign, prose]


def test_a_folder_or_a_file_on_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for path in (tmp_path, tmp_path / "file" / "runs.sqlite"):
        with pytest.raises(InputError, match="cannot be opened"):
            open_store(path)


def test_a_damaged_file_is_told_and_not_taken_for_an_empty_record(tmp_path: Path, say: Any) -> None:
    path = tmp_path / "runs.sqlite"
    store = open_store(path)
    say.begun(store)
    store.write(*(say.batch(seq, target="much " * 100) for seq in range(1, 50)))
    store.close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(InputError, match="malformed"):
        open_store(path)


def test_a_record_that_somebody_holds_while_it_is_opened_is_told(place: Any, store: Any, say: Any) -> None:
    if place.kind == "sqlite":
        with place.held(), pytest.raises(InputError, match="locked"):
            open_store(place.where)
    else:
        with place.held():
            open_store(place.where).close()


@pytest.mark.parametrize("where", ["mysql://u:p@h/d", "http://127.0.0.1/x"])
def test_other_databases_are_refused(where: str) -> None:
    with pytest.raises(InputError, match="only a file or a database"):
        open_store(where)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("postgresql://", "lacks its user or its name"),
        ("postgresql://127.0.0.1/runs", "lacks its user or its name"),
        ("postgresql://u:secret@127.0.0.1", "lacks its user or its name"),
        ("postgresql://u:secret@127.0.0.1:port/runs", "cannot be read"),
        ("postgresql://u:secret@127.0.0.1/runs?colour=red", "colour=red"),
        ("postgresql://u:secret@127.0.0.1/runs?sslmode=perhaps", "sslmode=perhaps"),
        ("postgresql://u:secret@127.0.0.1:1/runs", "cannot be opened"),
        ("postgresql://u:secret@/runs?host=/nowhere", "cannot be opened"),
    ],
)
def test_an_address_that_cannot_be_used_is_told_without_its_password(where: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as told:
        open_store(where)
    assert "secret" not in str(told.value)


def test_without_the_package_for_postgresql_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pg8000", None)
    with pytest.raises(InputError, match=r"perfuse\[postgres\]"):
        open_store("postgresql://u:secret@127.0.0.1/runs")


@pytest.mark.postgres
def test_a_server_is_reached_by_port_and_by_socket_and_no_other_way(cluster: Any, say: Any) -> None:
    name = cluster.database()
    store = open_store(cluster.url(name))
    say.begun(store)
    store.close()
    by_socket = cluster.url(name).replace("127.0.0.1", "") + f"?host={cluster.folder}"
    for where in (by_socket, cluster.url(name) + "?sslmode=disable"):
        store = open_store(where)
        assert say.seqs(store) == [0]
        store.close()
    refused = {
        cluster.url(name, "wrong"): "password",
        cluster.url("nowhere"): "does not exist",
        cluster.url(name) + "?sslmode=require": "SSL",
    }
    for where, words in refused.items():
        with pytest.raises(InputError, match=words) as told:
            open_store(where)
        assert "wrong" not in str(told.value) and "p%20w" not in str(told.value)


@pytest.mark.postgres
def test_a_database_that_cannot_hold_every_character_is_refused(cluster: Any) -> None:
    with pytest.raises(InputError, match="keeps text as LATIN1"):
        open_store(cluster.url(cluster.database("ENCODING 'LATIN1'")))


@pytest.mark.postgres
def test_the_record_stays_out_of_other_peoples_tables(cluster: Any, say: Any) -> None:
    name = cluster.database()
    connection = cluster.connect(name)
    connection.run("CREATE TABLE public.events (mine TEXT)")
    store = open_store(cluster.url(name))
    say.begun(store)
    assert connection.run("SELECT COUNT(*) FROM public.events") == [[0]]
    assert connection.run("SELECT COUNT(*) FROM perfuse.events") == [[1]]
    connection.close()
    store.close()


@pytest.mark.postgres
def test_a_user_who_may_not_make_tables_is_told_so(cluster: Any) -> None:
    name = cluster.database()
    connection = cluster.connect(name)
    connection.run("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    connection.close()
    with pytest.raises(InputError, match="permission denied"):
        open_store(f"postgresql://guest:guest@127.0.0.1:{cluster.port}/{name}")
