"""A run on disk appears whole or not at all."""

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from perfuse.parameters.problems import InputError
from perfuse.parameters.safety import SAFETY_TEXT
from perfuse.results import store
from perfuse.results.store import write_run, write_text_whole


def _fake() -> Any:
    place = Path(__file__).parent.parent / "views" / "fake_run.py"
    spec = importlib.util.spec_from_file_location("fake_run_for_store", place)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


FAKE = _fake()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_run_without_waveforms_has_no_file_for_them(tmp_path: Path) -> None:
    write_run(FAKE.short_run(), tmp_path / "out")
    assert names(tmp_path / "out") == ["summary.json", "trends.parquet"]


def test_tables_come_back_as_they_were(tmp_path: Path) -> None:
    run = FAKE.FakeRun()
    write_run(run, tmp_path / "out")
    for name, table in (("trends", run.trends), ("waveforms", run.waveforms)):
        back = pq.read_table(tmp_path / f"out/{name}.parquet")
        assert back.column_names == table.column_names
        for column in table.column_names:
            np.testing.assert_array_equal(back.column(column).to_numpy(), table.column(column).to_numpy())


def test_every_parquet_file_says_where_it_comes_from(tmp_path: Path) -> None:
    run = FAKE.FakeRun()
    write_run(run, tmp_path / "out")
    for name in ("trends", "waveforms"):
        footer = pq.read_schema(tmp_path / f"out/{name}.parquet").metadata
        assert footer[b"safety"].decode() == SAFETY_TEXT
        summary = run.summary()
        assert {key: footer[key.encode()].decode() for key in store.METADATA} == {key: str(summary[key]) for key in store.METADATA}


def test_the_summary_is_plain_json_with_the_safety_text(tmp_path: Path) -> None:
    write_run(FAKE.short_run(), tmp_path / "out")
    assert json.loads((tmp_path / "out/summary.json").read_text(encoding="utf-8"))["safety"] == SAFETY_TEXT


def test_a_folder_of_perfuse_is_replaced_as_a_whole(tmp_path: Path) -> None:
    write_run(FAKE.FakeRun(), tmp_path / "out", {"report.html": "first"})
    write_run(FAKE.short_run(), tmp_path / "out")
    assert names(tmp_path / "out") == ["summary.json", "trends.parquet"]
    assert names(tmp_path) == ["out"]


def test_missing_folders_above_are_made(tmp_path: Path) -> None:
    write_run(FAKE.short_run(), tmp_path / "a" / "b" / "out")
    assert (tmp_path / "a/b/out/summary.json").exists()


@pytest.mark.parametrize("broken", ["trends", "summary"])
def test_when_writing_fails_nothing_remains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    run = FAKE.short_run()
    if broken == "trends":

        def fail(*_: object, **__: object) -> None:
            raise OSError("no room left on the disk")

        monkeypatch.setattr(store, "write_table", fail)
    else:
        run.status = {"ok": True, "text": {"ok"}}  # a set cannot stand in JSON
    with pytest.raises((OSError, TypeError)):
        write_run(run, tmp_path / "a" / "out")
    assert list(tmp_path.iterdir()) == []


def test_when_replacing_fails_the_old_run_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_run(FAKE.short_run(), tmp_path / "out", {"report.html": "old"})
    monkeypatch.setattr(store, "_sync", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        write_run(FAKE.FakeRun(), tmp_path / "out", {"report.html": "new"})
    assert (tmp_path / "out/report.html").read_text(encoding="utf-8") == "old"
    assert names(tmp_path) == ["out"]


def test_somebody_elses_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/thesis.doc").write_text("years of work", encoding="utf-8")
    with pytest.raises(InputError, match="did not write"):
        write_run(FAKE.short_run(), tmp_path / "out")
    assert (tmp_path / "out/thesis.doc").read_text(encoding="utf-8") == "years of work"


def test_a_folder_of_perfuse_with_a_note_added_is_left_alone(tmp_path: Path) -> None:
    write_run(FAKE.short_run(), tmp_path / "out")
    (tmp_path / "out/note.txt").write_text("important", encoding="utf-8")
    with pytest.raises(InputError, match=r"note\.txt"):
        write_run(FAKE.short_run(), tmp_path / "out")
    assert names(tmp_path / "out") == ["note.txt", "summary.json", "trends.parquet"]


def test_a_summary_of_another_program_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/summary.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="not written by perfuse"):
        write_run(FAKE.short_run(), tmp_path / "out")


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_run(FAKE.short_run(), tmp_path / "out")
    assert names(tmp_path / "out") == ["summary.json", "trends.parquet"]


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_run(FAKE.short_run(), tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert names(tmp_path / "real") == ["summary.json", "trends.parquet"]


def test_a_file_is_written_whole_over_an_old_one(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("old", encoding="utf-8")
    write_text_whole("new", tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == "new"
    assert names(tmp_path) == ["page.html"]
