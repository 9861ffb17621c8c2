"""perfuse registry analyse and parts as a person uses them."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from perfuse.evidence.analyses import derived, embedded
from perfuse.evidence.analyses.catalogue import names
from perfuse.evidence.registry import flat
from perfuse.parameters.safety import NOT_FOR_CLINICAL_USE, SAFETY_TEXT
from perfuse.views import finding_figures, finding_shown
from perfuse.views.finding_page import finding_html

Call = Callable[..., subprocess.CompletedProcess[str]]
NEVER = ("recommend a", "you should", "is safe", "unsafe", "Traceback", "NaN", "nan %")


@pytest.fixture(scope="module")
def call(tmp_path_factory: pytest.TempPathFactory) -> Call:
    folder = tmp_path_factory.mktemp("analyses")

    def run(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from perfuse.views.cli import main; main()", "registry", *words]
        env = {**os.environ, "COLUMNS": "120"}
        return subprocess.run(command, cwd=cwd or folder, capture_output=True, text=True, check=False, env=env)

    return run


def test_the_list_names_every_analysis(call: Call) -> None:
    done = call("analyse", "--list")
    assert done.returncode == 0 and all(name in done.stdout for name in names())
    assert done.stdout.rstrip().endswith(NOT_FOR_CLINICAL_USE)
    found = json.loads(call("analyse", "--list", "--json").stdout)
    assert found["safety"] == SAFETY_TEXT and [one["name"] for one in found["analyses"]] == names()


def test_an_analysis_shows_method_naive_and_truth(call: Call) -> None:
    done = call("analyse", "overlap", "--runs", "8000")
    assert done.returncode == 0, done.stderr
    for words in ("holds it", "misses it", "(naive)", "truth", "assumed", "source:", "embedded synthetic registry"):
        assert words in done.stdout
    assert done.stdout.rstrip().endswith(NOT_FOR_CLINICAL_USE)
    assert not any(word in done.stdout for word in NEVER)


def test_json_alone_is_the_finding(call: Call) -> None:
    done = call("analyse", "vlad", "--runs", "4000", "--json")
    found = json.loads(done.stdout)
    assert found["schema"] == "perfuse-finding/1" and found["safety"] == SAFETY_TEXT
    assert found["command"] == "perfuse registry analyse vlad --runs 4000"
    assert {"label", "value", "low", "high", "unit", "role", "truth", "covers"} == set(found["estimates"][0])
    assert NOT_FOR_CLINICAL_USE in done.stderr


def test_a_page_is_one_file_with_figures_and_the_command_that_makes_it_again(call: Call, tmp_path: Path) -> None:
    done = call("analyse", "matching", "--runs", "6000", "--columns", "severity,age_decade", "--replace", "--out", "m.html", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "m.html").read_text(encoding="utf-8")
    assert "perfuse registry analyse matching --out m.html --runs 6000 --columns severity,age_decade --replace" in page
    assert page.count("<svg") >= 4 and page.count(NOT_FOR_CLINICAL_USE) >= 2
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
    identifiers = re.findall(r'\bid="([^"]+)"', page)
    assert len(identifiers) == len(set(identifiers))
    assert not any(word in page.replace("'unsafe-inline'", "") for word in NEVER)


def test_effects_from_a_paper_get_their_e_value(call: Call) -> None:
    done = call("analyse", "e-value", "--value", "3.9", "--low", "1.8", "--high", "8.7")
    assert "7.26" in done.stdout and "3.00" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("analyse",), "an analysis has to be named"),
        (("analyse", "matchin"), "Did you mean matching"),
        (("analyse", "funnel", "--caliper", "0.2"), "'funnel' does not use --caliper"),
        (("analyse", "matching", "--columns", "sevrity"), "Did you mean severity"),
        (("analyse", "matching", "--caliper", "-1", "--order", "tall"), "has 2 problems"),
        (("analyse", "volume", "--runs", "3"), "200 to 5,000,000"),
        (("analyse", "volume", "--table", "nowhere.csv"), "there is no such file"),
        (("analyse", "incidence", "--at", "7,x"), "'x' is not a number"),
        (("analyse", "survival", "--cause", "died"), "can come before died"),
        (("analyse", "vlad", "--runs", "2000", "--centre", "c9999"), "no such centre"),
        (("analyse", "calibration", "--score", "rap"), "not a score"),
        (("analyse", "weights", "--estimand", "ATX", "--runs", "2000"), "not an estimand"),
        (("analyse", "weights", "--where", "age", "--runs", "2000"), "COLUMN=VALUE"),
        (("analyse", "e-value", "--low", "2"), "the effect itself is missing"),
        (("analyse", "volume", "--parts", "."), "no Parquet file"),
        (("analyse", "volume", "--parts", ".", "--where", "year=2016", "--knots", "3"), "has 2 problems"),
        (("analyse", "volume", "--workers", "2"), "--parts is not given"),
        (("parts", "patients", "--out", "x"), "no table"),
        (("analyse", "matching", "--landmark", "99"), "landmark"),
        (("analyse", "cox", "--registry", "nowhere"), "nowhere"),
    ],
)
def test_what_is_wrong_is_said_in_sentences(words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    from perfuse.views.cli import main

    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
        patch.chdir(tmp_path)
        main(["registry", *words])
    told = capsys.readouterr().err
    assert ended.value.code == 2, told
    assert said in " ".join(told.split()), told
    assert "Traceback" not in told and NOT_FOR_CLINICAL_USE in told


def test_parts_are_written_once_and_analysed_in_processes(call: Call, tmp_path: Path) -> None:
    done = call("parts", "runs", "--runs", "4000", "--number", "4", "--out", "p", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "p").glob("*.parquet"))) >= 3
    assert call("parts", "runs", "--runs", "4000", "--out", "p", cwd=tmp_path).returncode == 2
    alone = json.loads(call("analyse", "incidence", "--parts", "p", "--json", cwd=tmp_path).stdout)
    shared = json.loads(call("analyse", "incidence", "--parts", "p", "--workers", "2", "--json", cwd=tmp_path).stdout)
    assert alone["estimates"] == shared["estimates"]


def test_parts_of_candidates_are_warned_of_immortal_time(call: Call, tmp_path: Path) -> None:
    call("parts", "candidates", "--runs", "4000", "--number", "2", "--out", "p", cwd=tmp_path)
    found = json.loads(call("analyse", "overlap", "--parts", "p", "--json", cwd=tmp_path).stdout)
    assert any("Immortal time" in line for line in found["warnings"])


DOCUMENT = Path(__file__).parents[2] / "docs" / "howto" / "analyses.md"
COMMANDS = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("perfuse registry analyse ")]
ALONE = [line for line in COMMANDS if not any(word in line for word in ("--list", "--parts", "--table", "--registry", "--out"))]


@pytest.mark.parametrize("line", ALONE)
def test_every_command_of_the_document_runs(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    from perfuse.views.cli import main

    small = [] if " e-value" in line or "--runs" in line else ["--runs", "3000"]
    with pytest.raises(SystemExit) as ended:
        main([*line.split()[1:], *(["--json"] if "--json" not in line else []), *small])
    told = capsys.readouterr()
    assert ended.value.code == 0, told.err
    assert json.loads(told.out)["schema"] == "perfuse-finding/1"


def test_a_registry_that_was_made_and_a_table_of_it_give_the_same(call: Call, tmp_path: Path) -> None:
    table = flat.runs(embedded.made(3000, 5, whole=True).source)
    table.to_parquet(tmp_path / "t.parquet")
    words = ("analyse", "funnel", "--where", "indication=respiratory", "--json")
    from_table = json.loads(call(*words, "--table", "t.parquet", cwd=tmp_path).stdout)
    embedded_one = json.loads(call(*words, "--runs", "3000", "--seed", "5", cwd=tmp_path).stdout)
    for one, other in zip(from_table["estimates"], embedded_one["estimates"], strict=True):
        assert one["value"] == pytest.approx(other["value"], rel=1e-9)


def test_numbers_are_shown_in_as_many_figures_as_they_deserve() -> None:
    assert [finding_shown.number(value) for value in (12345.6, 123.4, 1.234, 0.01234, -0.5, 0.0)] == [
        "12,346", "123.4", "1.23", "0.0123", "\N{MINUS SIGN}0.50", "0",
    ]  # fmt: skip
    assert finding_shown.number(12.34, "%") == "12.3\N{NO-BREAK SPACE}%"
    assert finding_shown.number(None) == ""


def data(**more: Any) -> dict[str, Any]:
    one = {"label": "x", "value": 1.0, "low": None, "high": None, "unit": "1", "role": "method", "truth": None, "covers": None}
    base = {
        "name": "n",
        "question": "Why <b>?",
        "n": {},
        "estimates": [one],
        "assumptions": [],
        "diagnostics": {},
        "warnings": [],
        "curves": {},
    }
    return {**base, "source": "s", **more}


def test_a_page_of_a_finding_without_anything_extra_is_whole_and_escapes_words() -> None:
    page = finding_html(data())
    assert "Why &lt;b&gt;?" in page and "<svg" not in page


def test_every_figure_of_the_list_has_a_drawing() -> None:
    assert set(finding_figures.FIGURES) <= set(names())
    frame = derived.runs(pd.DataFrame({"hospital_outcome": ["died"], "age": [60.0]}))
    assert frame["died"].tolist() == [1.0]


def test_a_table_that_names_people_is_not_analysed(call: Call, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("surname,treated,died\nX,1,0\n", encoding="utf-8")
    done = call("analyse", "matching", "--table", "t.csv", "--treatment", "treated", "--outcome", "died", cwd=tmp_path)
    assert done.returncode == 2 and "surname: this column looks like: name" in done.stderr
