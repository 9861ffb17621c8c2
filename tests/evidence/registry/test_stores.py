"""Stores: the same tables come back from every place, whole or in parts, and nothing is ever half written."""

import json
import os
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from perfuse.evidence.registry import flat, store_duckdb
from perfuse.evidence.registry.schema import tables
from perfuse.evidence.registry.store import open_store, save
from perfuse.evidence.registry.synthetic import synthesise
from perfuse.parameters.problems import InputError
from perfuse.parameters.safety import SAFETY_TEXT

PLACES = ["folder", "by year", "by centre", "duckdb", pytest.param("postgresql", marks=pytest.mark.postgres)]


def kept(kind: str, registry: Any, folder: Path, request: pytest.FixtureRequest) -> Any:
    if kind == "postgresql":
        cluster = request.getfixturevalue("cluster")
        return save(registry, cluster.url(cluster.database()))
    if kind == "duckdb":
        return save(registry, folder / "registry.duckdb")
    return save(registry, folder / "registry", by=kind.removeprefix("by ") if kind.startswith("by") else None)


@pytest.mark.parametrize("kind", PLACES)
def test_every_place_gives_back_what_was_kept(kind: str, small: Any, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    store = kept(kind, small, tmp_path, request)
    for name, table in tables().items():
        order = [(column, "ascending") for column in table.key]
        assert store.table(name).equals(small.tables[name].sort_by(order).combine_chunks()), name
    assert store.truth == json.loads(json.dumps(small.truth))
    assert store.about["safety"] == SAFETY_TEXT
    assert store.about["seed"] == 5
    assert store.counts() == {name: table.num_rows for name, table in small.tables.items()}
    assert flat.runs(store).equals(flat.runs(small))
    assert flat.candidates(store).equals(flat.candidates(small))
    assert store.table("runs", ["centre_id"]).column_names == ["centre_id"]


@pytest.mark.parametrize("kind", PLACES)
def test_what_was_kept_is_opened_by_its_name(kind: str, small: Any, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    store = kept(kind, small, tmp_path, request)
    where = getattr(store, "url", None) or store.where
    assert flat.runs(where, ["run_id"]).equals(flat.runs(small, ["run_id"]))
    assert open_store(where).registry().about["kind"] == "synthetic"


@pytest.mark.parametrize("by", ["year", "centre"])
def test_parts_are_read_one_at_a_time_and_are_the_whole(by: str, small: Any, tmp_path: Path) -> None:
    store = save(small, tmp_path / "r", by=by)
    whole = flat.runs(small, ["run_id", "centre_id", "year", "annual_volume", "lactate_mmol_L", "support_ended_by"])
    parts = [flat.runs(store.part(name), list(whole.columns)) for name in store.parts()]
    assert len(parts) > 1
    together = parts[0]._append(parts[1:]).sort_values("run_id").reset_index(drop=True)
    assert together.equals(whole)
    with pytest.raises(InputError, match="no part"):
        store.part("none of these")


def test_the_safety_text_travels_in_every_file(small: Any, tmp_path: Path) -> None:
    save(small, tmp_path / "r", by="year")
    files = sorted((tmp_path / "r").rglob("*.parquet"))
    assert len(files) > 10
    for file in files:
        assert pq.read_schema(file).metadata[b"safety"].decode() == SAFETY_TEXT


def test_a_registry_is_replaced_whole_and_other_peoples_files_are_left_alone(small: Any, tmp_path: Path) -> None:
    save(small, tmp_path / "r", by="year")
    save(synthesise(40, 1), tmp_path / "r")
    assert open_store(tmp_path / "r").counts()["runs"] == 40
    assert open_store(tmp_path / "r").parts() == []
    (tmp_path / "r" / "mine.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(InputError, match=r"mine\.txt"):
        save(small, tmp_path / "r")
    assert (tmp_path / "r" / "mine.txt").read_text(encoding="utf-8") == "keep"
    (tmp_path / "x.duckdb").write_text("not a database", encoding="utf-8")
    with pytest.raises(InputError, match="left as it was"):
        save(small, tmp_path / "x.duckdb")
    assert (tmp_path / "x.duckdb").read_text(encoding="utf-8") == "not a database"


@pytest.mark.parametrize("name", ["r", "r.duckdb"])
def test_what_fails_half_way_leaves_nothing_behind(name: str, small: Any, tmp_path: Path) -> None:
    broken = type(small)({**small.tables, "candidates": None}, small.truth, small.about)
    with pytest.raises(Exception):  # noqa: B017
        save(broken, tmp_path / name)
    assert os.listdir(tmp_path) == []


def test_a_full_disk_is_told_in_words(small: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise duckdb.IOException("IO Error: Could not write file: No space left on device")

    monkeypatch.setattr(store_duckdb, "_fill", full)
    with pytest.raises(InputError, match="No space left"):
        save(small, tmp_path / "r.duckdb")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("nowhere", "no registry here"),
        (".", "holds no registry"),
        ("mysql://u:secret@h/d", "only a folder"),
        ("postgresql://h/d", "lacks its user"),
        ("postgresql://u:secret@127.0.0.1:1/d", "cannot be opened"),
    ],
)
def test_a_place_without_a_registry_is_told(where: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=words) as told:
        open_store(where)
    assert "secret" not in str(told.value)


def test_damage_is_told(small: Any, tmp_path: Path) -> None:
    store = save(small, tmp_path / "r")
    (tmp_path / "r" / "runs.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(InputError, match="runs"):
        flat.runs(store)
    (tmp_path / "r" / "runs.parquet").unlink()
    with pytest.raises(InputError, match="runs"):
        flat.runs(store)
    pq.write_table(small.tables["patients"], tmp_path / "r" / "runs.parquet")
    with pytest.raises(InputError, match="run_id"):
        flat.runs(store)
    (tmp_path / "r" / "registry.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        open_store(tmp_path / "r")
    (tmp_path / "r" / "registry.json").write_text('{"schema": "perfuse-registry/0"}', encoding="utf-8")
    with pytest.raises(InputError, match="format"):
        open_store(tmp_path / "r")


@pytest.mark.parametrize(("where", "by"), [("x.duckdb", "year"), ("postgresql://u@h/d", "centre"), ("r", "month")])
def test_only_a_folder_has_parts_by_year_or_centre(
    where: str, by: str, small: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="part"):
        save(small, where, by=by)
    assert os.listdir(tmp_path) == []


@pytest.mark.postgres
def test_a_database_keeps_its_registry_unless_it_is_to_be_replaced(cluster: Any, small: Any) -> None:
    url = cluster.url(cluster.database())
    save(small, url)
    with pytest.raises(InputError, match="--replace"):
        save(synthesise(40, 1), url)
    assert open_store(url).counts()["runs"] == 800
    save(synthesise(40, 1), url, replace=True)
    assert open_store(url).counts()["runs"] == 40


@pytest.mark.postgres
def test_a_registry_that_cannot_be_written_leaves_the_database_as_it_was(cluster: Any, small: Any) -> None:
    url = cluster.url(cluster.database())
    save(synthesise(40, 1), url)
    broken = type(small)({**small.tables, "candidates": None}, small.truth, small.about)
    with pytest.raises(Exception):  # noqa: B017
        save(broken, url, replace=True)
    assert open_store(url).counts()["runs"] == 40


@pytest.mark.postgres
def test_other_tables_of_a_database_are_not_touched(cluster: Any, small: Any) -> None:
    name = cluster.database()
    connection = cluster.connect(name)
    connection.run("CREATE SCHEMA perfuse_registry")
    connection.run("CREATE TABLE perfuse_registry.theirs (a int)")
    for replace in (False, True):
        with pytest.raises(InputError, match="left as it was"):
            save(small, cluster.url(name), replace=replace)
    with pytest.raises(InputError, match="no registry"):
        open_store(cluster.url(name))
    assert connection.run("SELECT count(*) FROM perfuse_registry.theirs") == [[0]]
    connection.close()
