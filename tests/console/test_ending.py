"""How a console ends: at once and with everything kept when it is asked to, with words and code 2 where it cannot begin."""

import signal
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from perfuse.bedside.store import open_store
from perfuse.bedside.trend import columns
from perfuse.views.cli import main


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_console_that_is_asked_to_end_ends_at_once_and_keeps_everything(begin: Callable[..., Any], number: int) -> None:
    server = begin()
    ident = server.new()
    page = server.page(ident)
    page.ahead(95)
    page.do("note", text="the last word")
    at = page.last["state"]["t"]
    with server.raw() as half:
        half.sendall(b"GET / HT")
        begun = monotonic()
        server.pages = []
        assert server.stop(number) == 0
        assert monotonic() - begun < 8
    with pytest.raises(ConnectionClosed):
        page.listen(5)
    assert "Traceback" not in server.log and "Cancel" not in server.log
    store = open_store(server.store)
    kept = store.load(ident)
    assert kept.run.state == "stopped" and kept.events[-1].detail["words"] == "the last word"
    assert kept.courses[0].head * 0.02 >= at
    rows = [len(block.rows) for block in store.readings(ident, "A", 0, 10**9) if block.columns == columns()]
    assert sum(rows) == kept.courses[0].head // 50
    store.close()


def test_a_case_can_be_named_at_the_start_and_its_page_is_printed(begin: Callable[..., Any]) -> None:
    server = begin("eolia-vv")
    run = server.said[0].rpartition("#run=")[2].strip()
    page = server.page(run)
    assert page.last["hello"]["title"].startswith("EOLIA")
    assert f"#run={run}" in server.said[1] and "Not for clinical use" in server.said[3]


PLACES = {
    "too high": (["--port", "70000"], "0 to 65535"),
    "negative": (["--port", "-1"], "0 to 65535"),
    "no number": (["--port", "x"], "--port"),
    "no host": (["--host", ""], "--host"),
    "another host": (["--host", "203.0.113.7"], "203.0.113.7:0 cannot be used"),
    "no case": (["no-such-case"], "'no-such-case'"),
    "no file": (["FOLDER/case.yaml"], "there is no file"),
    "a folder": (["--store", "FOLDER"], "cannot be opened"),
    "no database": (["--store", "FOLDER/junk.db"], "not a database"),
    "below a file": (["--store", "FOLDER/file/runs.db"], "cannot be opened"),
    "another address": (["--store", "mysql://a@b/c"], "postgresql://"),
    "half an address": (["--store", "postgresql://nobody"], "lacks its user or its name"),
    "nobody there": (["--store", "postgresql://u:secret@127.0.0.1:1/x"], "postgresql://127.0.0.1:1/x: the database cannot be opened"),
}


def refusal(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What a console says that cannot begin."""
    with pytest.raises(SystemExit) as ended:
        main(["console", "--no-open", *(() if "--port" in words else ("--port", "0")), *words])
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (2, "")
    assert said.err.startswith("perfuse: ") and said.err.endswith("Not for clinical use\n") and "Traceback" not in said.err
    return said.err


@pytest.mark.parametrize("name", PLACES)
def test_what_cannot_begin_says_why(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "junk.db").write_bytes(b"\x07" * 4096)
    (tmp_path / "file").write_text("x", encoding="utf-8")
    words, why = PLACES[name]
    said = refusal([word.replace("FOLDER", str(tmp_path)) for word in words], capsys)
    assert why in said and "secret" not in said


def test_a_data_folder_that_cannot_be_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    monkeypatch.setenv("PERFUSE_DATA", str(tmp_path / "file" / "data"))
    assert "file" in refusal([], capsys)


def test_a_port_that_is_taken_is_found_before_anything_is_begun(server: Any, capsys: pytest.CaptureFixture[str]) -> None:
    said = refusal(["--port", str(server.port)], capsys)
    assert "cannot be used" in said and "--port 0" in said
