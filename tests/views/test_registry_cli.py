"""perfuse registry as a person uses it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from perfuse.parameters.safety import NOT_FOR_CLINICAL_USE, SAFETY_TEXT

Call = Callable[..., subprocess.CompletedProcess[str]]
EXAMPLES = Path(__file__).parents[1] / "evidence" / "registry" / "examples"
HOWTO = Path(__file__).parents[2] / "docs" / "howto" / "registry.md"


@pytest.fixture
def call(tmp_path: Path) -> Call:
    """The command line in an empty folder."""

    def made(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from perfuse.views.cli import main; main()", "registry", *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "140"})

    return made


def test_a_synthetic_registry_is_made_described_and_checked(call: Call, tmp_path: Path) -> None:
    done = call("make", "--out", "demo", "--runs", "300", "--seed", "4")
    assert done.returncode == 0, done.stderr
    assert "300 runs of 300 patients" in done.stdout and "hazard ratio of death on ECMO" in done.stdout
    assert done.stdout.rstrip().endswith(NOT_FOR_CLINICAL_USE)
    said = json.loads(call("describe", "demo", "--json").stdout)
    assert said["safety"] == SAFETY_TEXT and said["about"]["seed"] == 4 and said["rows"]["runs"] == 300
    again = call("check", "demo")
    assert again.returncode == 0 and "Every row keeps the rules" in again.stdout
    assert sorted(os.listdir(tmp_path)) == ["demo"]


def test_errors_that_were_put_in_are_told_and_the_rest_can_be_kept(call: Call, tmp_path: Path) -> None:
    assert call("make", "--out", "demo.duckdb", "--runs", "400", "--quirks", "0.05", "--set", "weaning.severity=-0.2").returncode == 0
    done = call("check", "demo.duckdb", "--report", "report", "--out", "clean")
    assert done.returncode == 1
    assert all(unit in done.stdout for unit in ("kPa", "percent", "umol/L"))
    assert sorted(os.listdir(tmp_path / "report")) == ["check.html", "check.json", "rejected.csv"]
    page = unescape((tmp_path / "report" / "check.html").read_text(encoding="utf-8"))
    assert page.count(SAFETY_TEXT) == 2 and "looks like kPa" in page and "http" not in page.replace("http-equiv", "")
    lines = (tmp_path / "report" / "rejected.csv").read_text(encoding="utf-8").splitlines()
    data = json.loads((tmp_path / "report" / "check.json").read_text(encoding="utf-8"))
    assert len(lines) == data["rejected_lines"] + 1
    assert call("check", "clean").returncode == 0


def test_the_csv_example_is_imported_with_exit_code_1_and_its_key_stays_outside(call: Call, tmp_path: Path) -> None:
    words = ("import", str(EXAMPLES / "csv"), "--map", str(EXAMPLES / "csv" / "mapping.yaml"))
    only = call(*words)
    assert only.returncode == 1 and "Nothing was written" in only.stdout and os.listdir(tmp_path) == []
    done = call(*words, "--out", "mine", "--key", "key.txt", "--json")
    assert done.returncode == 1
    data = json.loads(done.stdout)
    assert data["counts"]["runs"] == {"given": 9, "taken": 3, "rejected": 6}
    key = (tmp_path / "key.txt").read_text(encoding="ascii").strip()
    assert all(key.encode() not in file.read_bytes() for file in (tmp_path / "mine").rglob("*"))
    described = call("describe", "mine")
    assert "3 runs of 3 patients in 2 centres" in described.stdout, described.stdout


@pytest.mark.parametrize(("kind", "source"), [("fhir", "fhir/bundle.json"), ("mimic", "mimic/chartevents.csv"), ("clif", "clif")])
def test_other_sources_are_imported(kind: str, source: str, call: Call) -> None:
    done = call("import", str(EXAMPLES / source), "--from", kind, "--out", "mine", "--by", "centre")
    assert done.returncode == 1, done.stderr
    assert call("describe", "mine").returncode == 0


def test_the_schema_is_listed(call: Call) -> None:
    assert "pre_support" in call("schema").stdout
    one = call("schema", "pre_support")
    assert "paco2_mmHg" in one.stdout and "10 to 200 mmHg" in one.stdout
    assert json.loads(call("schema", "--json").stdout)["tables"]["runs"]["columns"]["mode"]["mark"] == "recalled-high"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("make",), "--out"),
        (("make", "--out", "."), "the folder you are in"),
        (("make", "--out", "x", "--runs", "3"), "20 to 5e+06"),
        (("make", "--out", "x", "--set", "weaning.severty=1"), "weaning.severity"),
        (("make", "--out", "x", "--set", "weaning"), "NAME=NUMBER"),
        (("make", "--out", "no/where.duckdb"), "does not exist"),
        (("make", "--out", "mysql://a:secret@b/c"), "PostgreSQL"),
        (("make", "--out", "postgresql://u:secret@127.0.0.1:1/x", "--runs", "20"), "cannot be opened"),
        (("check", "nowhere"), "no registry here"),
        (("describe", "."), "holds no registry"),
        (("import", "nowhere.csv"), "--map"),
        (("import", "nowhere.csv", "--from", "fhir"), "no .json or .ndjson"),
        (("import", "nowhere.csv", "--from", "mimic"), "no such file"),
        (("import", "nowhere", "--from", "clif"), "ecmo_mcs"),
        (("import", "x", "--from", "fhir", "--map", "m.yaml"), "only CSV"),
        (("import", "x", "--from", "excel"), "excel"),
        (("schema", "run"), "runs"),
    ],
)
def test_wrong_input_gives_a_sentence_and_exit_2(words: tuple[str, ...], said: str, call: Call, tmp_path: Path) -> None:
    done = call(*words)
    assert done.returncode == 2, done.stdout
    assert said.lower() in done.stderr.lower()
    assert "Traceback" not in done.stderr and "secret" not in done.stderr
    assert done.stderr.rstrip().endswith(NOT_FOR_CLINICAL_USE)
    assert os.listdir(tmp_path) == []


def test_a_source_that_names_persons_is_refused_and_writes_nothing(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("case,Nachname,Geburtsdatum\n1,Miller,1970-01-01\n", encoding="utf-8")
    (tmp_path / "m.yaml").write_text("columns: {case: runs.run_id}\n", encoding="utf-8")
    done = call("import", "a.csv", "--map", "m.yaml", "--out", "mine", "--key", "key.txt")
    assert done.returncode == 2
    assert "Nachname" in done.stderr and "Geburtsdatum" in done.stderr and "Miller" not in done.stderr
    assert sorted(os.listdir(tmp_path)) == ["a.csv", "m.yaml"]


def test_the_howto_does_what_it_says(call: Call, tmp_path: Path) -> None:
    text = HOWTO.read_text(encoding="utf-8")
    for name, body in re.findall(r"<!-- file: ([\w./-]+) -->\n```\w+\n(.*?)```", text, re.S):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(body, encoding="utf-8")
    commands = [
        line for block in re.findall(r"```console\n(.*?)```", text, re.S) for line in block.splitlines() if line.startswith("$ perfuse ")
    ]
    assert len(commands) >= 6
    for line in commands:
        words: Any = line.removeprefix("$ perfuse registry ").split()
        if "postgresql://" in line or "--from" in line:
            continue
        done = call(*words)
        assert done.returncode in ((0, 1) if words[0] in ("check", "import") else (0,)), f"{line}: {done.stderr}"
    (code,) = re.findall(r"```python\n(.*?)```", text, re.S)
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert -0.1 < float(done.stdout) < 0


@pytest.mark.browser
@pytest.mark.parametrize("width", [400, 1280])
def test_the_report_of_a_check_is_whole_on_a_phone_and_a_desk(width: int, call: Call, tmp_path: Path, browser: Any) -> None:
    call("import", str(EXAMPLES / "csv"), "--map", str(EXAMPLES / "csv" / "mapping.yaml"), "--report", "report")
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.goto((tmp_path / "report" / "check.html").as_uri())
    assert asked == [(tmp_path / "report" / "check.html").as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("body").inner_text().count(SAFETY_TEXT) == 2
    page.close()
