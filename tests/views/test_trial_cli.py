"""perfuse trial and perfuse bridge as a person uses them, with the real engine."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from perfuse.parameters.safety import NOT_FOR_CLINICAL_USE, SAFETY_TEXT

Call = Callable[..., subprocess.CompletedProcess[str]]
NEVER = ("recommend a", "should", "ready for", "is safe", "unsafe", "advis", "eligible", "candidate")


@pytest.fixture(scope="session")
def real() -> Call:
    """The command line in a folder."""

    def call(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from perfuse.views.cli import main; main()", *words]
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "120"})

    return call


@pytest.fixture(scope="session")
def turned_down(real: Call, tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    folder = tmp_path_factory.mktemp("trial")
    return real("trial", "va-turn-down", "va-scai-d", "--out", "out", cwd=folder), folder / "out"


@pytest.fixture(scope="session")
def bridged(real: Call, tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    folder = tmp_path_factory.mktemp("bridge")
    return real("bridge", "va-scai-d", "--out", "out", cwd=folder), folder / "out"


def test_the_list_names_every_trial_and_for_whom(real: Call, tmp_path: Path) -> None:
    done = real("trial", "--list", cwd=tmp_path)
    assert done.returncode == 0
    for name in ("va-turn-down", "vv-sweep-off", "ramp-study", "impella-wean", "protected-pci"):
        assert name in done.stdout
    assert done.stdout.rstrip().endswith(NOT_FOR_CLINICAL_USE)
    found = json.loads(real("trial", "--list", "--json", cwd=tmp_path).stdout)
    assert found["safety"] == SAFETY_TEXT


def test_a_trial_whose_criteria_are_not_met_was_played_and_exits_0(turned_down: tuple[Any, Path]) -> None:
    done, out = turned_down
    assert done.returncode == 0
    assert done.stdout.rstrip().endswith(NOT_FOR_CLINICAL_USE)
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["schema"] == "perfuse-trial/1"
    assert summary["safety"] == SAFETY_TEXT
    assert {one["verdict"] for one in summary["criteria"]} <= {"met", "not met", "cannot be judged"}
    assert "not met" in {one["verdict"] for one in summary["criteria"]}
    assert all(one["mark"] and one["source"] for one in summary["criteria"])
    assert summary["drugs"]["drug.norepinephrine"] == {"value": 0.4, "unit": "ug/kg/min"}


def test_the_files_end_where_the_trial_was_stopped(turned_down: tuple[Any, Path]) -> None:
    _, out = turned_down
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["stop"]["of"] == "MAP"
    t = pq.read_table(out / "trends.parquet").column("t").to_pylist()
    assert "perfuse trial va-turn-down va-scai-d --out out" in (out / "report.html").read_text(encoding="utf-8")
    assert t[-1] == summary["stop"]["at"] == summary["steps"][-1]["end"]


def test_json_alone_is_the_summary(real: Call, tmp_path: Path) -> None:
    done = real("trial", "vv-sweep-off", "vv-covid-ards", "--json", cwd=tmp_path)
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert found["protocol"]["name"] == "vv-sweep-off"
    assert [step["name"] for step in found["steps"]][:2] == ["before", "protective ventilation"]
    assert list(tmp_path.iterdir()) == []


def test_the_bridge_answers_its_questions_with_facts(bridged: tuple[Any, Path]) -> None:
    done, out = bridged
    assert done.returncode == 0
    whole = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert list(whole["questions"]) == ["recovery", "durable-lvad", "transplant"]
    assert whole["left_out"] == []
    assert whole["questions"]["transplant"]["steps"][0]["readings"]["TPG"]["unit"] == "mmHg"
    assert (out / "recovery/trends.parquet").exists()


@pytest.mark.parametrize("which", ["turned_down", "bridged"])
def test_a_page_states_facts_and_recommends_nothing(which: str, request: pytest.FixtureRequest) -> None:
    done, out = request.getfixturevalue(which)
    text = re.sub(r"<style>.*?</style>", " ", (out / "report.html").read_text(encoding="utf-8"), flags=re.S)
    body = re.sub(r"<[^>]+>", " ", text).replace(SAFETY_TEXT, " ").lower()
    for words in NEVER:
        assert words not in body.replace("nothing on this page recommends a way", ""), words
        assert words not in done.stdout.lower().replace("recommends a way", ""), words


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("trial", "va-turndown", "va-scai-d"), "va-turn-down"),
        (("trial", "va-turn-down"), "case"),
        (("trial",), "va-turn-down"),
        (("trial", "va-turn-down", "vv-covid-ards"), "VV-ECMO"),
        (("trial", "vv-sweep-off", "va-scai-d"), "VA-ECMO"),
        (("trial", "va-turn-down", "no-such-case"), "no-such-case"),
        (("trial", "va-turn-down", "va-scai-d", "--out", "."), "the folder you are in"),
        (("trial", "ramp-study", "va-scai-d"), "heartmate3"),
        (("bridge", "vv-covid-ards"), "the lungs"),
        (("bridge",), "CASE"),
    ],
)
def test_wrong_input_gives_a_sentence_and_exit_2(real: Call, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = real(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert said.lower() in done.stderr.lower()
    assert "Traceback" not in done.stderr
    assert done.stderr.rstrip().endswith(NOT_FOR_CLINICAL_USE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.browser
@pytest.mark.parametrize("which", ["turned_down", "bridged"])
@pytest.mark.parametrize("width", [400, 1280])
def test_the_page_is_whole_on_a_phone_and_a_desk(which: str, width: int, request: pytest.FixtureRequest, browser: Any) -> None:
    _, out = request.getfixturevalue(which)
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.goto((out / "report.html").as_uri())
    assert asked == [(out / "report.html").as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("body").inner_text().count(SAFETY_TEXT) == 2
    page.close()
