"""Whoever stops a command finds nothing half-written, and an exit code that says which signal it was."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from perfuse.results import store
from perfuse.results.stopping import Stopped, leave_if_asked, stoppable, undisturbed

SAYING_WHEN_IT_WORKS = """
import sys
from perfuse.engine.run import Engine
from perfuse.views.cli import main

def advance(*words, **more):
    print("at work", file=sys.stderr, flush=True)
    return true(*words, **more)

true, Engine.advance = Engine.advance, advance
main()
"""
CASE = "schema: perfuse-case/1\ntitle: long\npatient: healthy-adult\nduration: 100 h\n"


def stopped(folder: Path, number: int, *words: str) -> tuple[int, str, str]:
    """Exit code and output of a command that was sent a signal as soon as it had begun to work."""
    (folder / "tmp").mkdir()
    (folder / "case.yaml").write_text(CASE, encoding="utf-8")
    env = {**os.environ, "TMPDIR": str(folder / "tmp"), "PERFUSE_DATA": str(folder / "data")}
    command = [sys.executable, "-c", SAYING_WHEN_IT_WORKS, *words]
    process = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    while process.stderr.readline() not in ("at work\n", ""):
        pass
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (signal.SIGTERM, ("run", "case.yaml", "--out", "a/b/out", "--json")),
        (signal.SIGINT, ("run", "case.yaml", "--out", "out")),
        (signal.SIGTERM, ("sweep", "case.yaml", "--set", "patient.shunt=0.02:0.4:0.001", "--minutes", "1440", "--out", "out")),
    ],
)
def test_a_command_that_is_stopped_leaves_nothing_and_says_so(tmp_path: Path, number: int, words: tuple[str, ...]) -> None:
    code, out, err = stopped(tmp_path, number, *words)
    assert code == 128 + number
    assert "stopped; nothing half-written is left" in err and "Traceback" not in err
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == ["case.yaml", "tmp"]
    if "--json" in words:
        assert json.loads(out)["problems"][0]["text"].startswith("stopped")


@pytest.mark.parametrize("moment", ["mkdtemp", "replace", "rmtree"])
def test_a_signal_at_the_worst_moment_leaves_the_old_results_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """While a folder is made, while it takes its place, and while the old one goes."""
    owner: Any = {"mkdtemp": store.tempfile, "replace": os, "rmtree": store.shutil}[moment]
    true = getattr(owner, moment)

    def disturbed(*words: Any, **more: Any) -> Any:
        found = true(*words, **more)
        signal.raise_signal(signal.SIGTERM)
        return found

    def write(text: str) -> None:
        with store.whole_folder(tmp_path / "out") as folder:
            (folder / "summary.json").write_text(json.dumps({"perfuse": text}), encoding="utf-8")

    write("old")
    monkeypatch.setattr(owner, moment, disturbed)
    with pytest.raises(Stopped), stoppable():
        write("new")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    kept = json.loads((tmp_path / "out/summary.json").read_text(encoding="utf-8"))["perfuse"]
    assert kept == ("old" if moment == "mkdtemp" else "new")


def test_what_belongs_together_is_finished_first_and_a_second_request_waits() -> None:
    done = []
    with pytest.raises(Stopped) as error, stoppable():
        with undisturbed():
            signal.raise_signal(signal.SIGTERM)
            signal.raise_signal(signal.SIGINT)
            done.append("both")
        done.append("never")
    assert done == ["both"] and error.value.number == signal.SIGTERM


def test_signals_are_as_they_were_when_a_command_has_ended() -> None:
    before = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
    with stoppable():
        assert signal.getsignal(signal.SIGTERM) != before[1]
    assert [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)] == before
    leave_if_asked()


def test_a_signal_that_the_process_was_told_to_ignore_stays_ignored() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with stoppable():
            signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
