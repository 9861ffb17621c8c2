"""perfuse score as a person uses it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from perfuse.evidence.scoring.library import find_score, score_ids
from perfuse.parameters.safety import NOT_FOR_CLINICAL_USE, SAFETY_TEXT
from perfuse.views import cli

Called = Callable[..., tuple[int, str, str]]
RESP = "--age 35 --immunocompromised no --mv-hours 24 --diagnosis viral_pneumonia --cns-dysfunction no --nonpulmonary_infection no --nmb "
RESP += "--inhaled-no no --bicarbonate-infusion no --cardiac-arrest no --paco2-mmHg 60 --pip_cmH2O=38"


@pytest.fixture
def perfuse_score(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Called:
    """`perfuse score ...` in an empty folder: exit code, what it prints, what it says on standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")

    def call(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(["score", *words])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return int(ended.value.code or 0), said.out, said.err

    return call


def test_a_score_with_its_class_cohort_later_results_and_the_words_that_belong_to_it(perfuse_score: Called) -> None:
    code, out, _ = perfuse_score("resp", *RESP.split())
    assert code == 0
    flat = " ".join(out.split())
    for words in (
        "RESP score: 7; class I",
        "92 % survived",
        "n = 2355",
        "n = 1985",
        "69.7",
        "PROBAST",
        "not recommended for patient",
        SAFETY_TEXT,
    ):
        assert words in flat
    assert out.rstrip().endswith(NOT_FOR_CLINICAL_USE)


def test_json_is_the_answer_alone(perfuse_score: Called) -> None:
    code, out, err = perfuse_score("resp", *RESP.split(), "--json")
    found = json.loads(out)
    assert (code, found["score"], found["risk_class"], found["hospital_survival_pct"]) == (0, 7, "I", 92)
    assert found["safety"] == SAFETY_TEXT and NOT_FOR_CLINICAL_USE in err


def test_missing_inputs_give_what_remains_possible(perfuse_score: Called) -> None:
    code, out, _ = perfuse_score("resp", "--age", "35", "--paco2-mmHg", "8 kPa", "--nmb")
    assert code == 0 and "remain possible" in out and "0 to 11" in out and "missing" in out


def test_negative_numbers_several_words_and_repeated_options_are_read(perfuse_score: Called) -> None:
    assert json.loads(perfuse_score("be_alive", "--base-excess", "-4", "--json")[1])["inputs"]["base_excess"]["value"] == -4
    found = json.loads(perfuse_score("save", "--diagnoses", "myocarditis", "--diagnoses", "refractory_vt_vf", "--json")[1])
    assert found["inputs"]["diagnoses"]["value"] == ["myocarditis", "refractory_vt_vf"]


@pytest.mark.parametrize("name", score_ids())
def test_without_inputs_a_score_shows_what_it_asks_for_or_why_it_is_not_available(perfuse_score: Called, name: str) -> None:
    for more in ((), ("--explain",), ("--json",)):
        code, out, _ = perfuse_score(name, *more)
        assert code == 0
        for one in find_score(name).inputs:
            assert (one if more == ("--json",) else f"--{one.replace('_', '-')}") in out
    record = find_score(name)
    if not record.available:
        assert "cannot be worked out" in perfuse_score(name)[1]
        code, _, _ = perfuse_score(name, "--age", "50")
        assert code == 2


def test_the_list_holds_every_score_and_says_why_some_are_not_available(perfuse_score: Called) -> None:
    code, out, _ = perfuse_score("--list")
    assert code == 0 and all(name in out for name in score_ids())
    assert "points per item" in " ".join(out.split())
    found = json.loads(perfuse_score("--list", "--json")[1])
    assert len(found["scores"]) == 38 and found["safety"] == SAFETY_TEXT
    assert perfuse_score()[1] == out


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("rsep",), "Did you mean resp"),
        (("resp", "--agee", "35", "--pip", "3"), "Did you mean age?"),
        (("resp", "--age"), "a value is missing behind it"),
        (("resp", "35"), "stands alone"),
        (("resp", "--age", "35", "--age", "36"), "a second time"),
        (("resp", "--age", "135", "--nmb", "maybe"), "2 problems"),
        (("resp", "--age", "35 mL"), "cannot be converted"),
        (("resp", "--table", "none.csv", "--out", "o.csv"), "there is no file"),
        (("resp", "--table", "none.csv"), "Add --out"),
        (("resp", "--out", "o.csv"), "Add --table"),
        (("--table", "none.csv", "--out", "o.csv"), "not named"),
        (("resp", "--at", "4 min"), "Add --case"),
        (("resp", "--case", "vv-covid-ards", "--age", "3"), "simulated patient"),
        (("--case", "no-such-case"), "no-such-case"),
        (("--case", "vv-covid-ards", "--at", "9000 min"), "no moment of this run"),
        (("roch", "--age", "50"), "points per item"),
    ],
)
def test_what_is_mistyped_is_told_in_words_with_exit_code_2(perfuse_score: Called, typed: tuple[str, ...], words: str) -> None:
    code, _, err = perfuse_score(*typed)
    assert code == 2 and words in err and err.rstrip().endswith(NOT_FOR_CLINICAL_USE)
    code, out, _ = perfuse_score(*typed, "--json")
    assert code == 2 and json.loads(out)["problems"]


def test_a_table_is_scored_and_broken_rows_set_exit_code_1(perfuse_score: Called, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("who,pf_mmHg,peep_cmH2O\na,95,10\nb,9500,10\n", encoding="utf-8")
    code, out, _ = perfuse_score("berlin", "--table", "p.csv", "--out", "s.csv")
    assert code == 1 and "1 complete" in out and "1 failed" in out and "berlin_error" in out
    assert "severe" in (tmp_path / "s.csv").read_text(encoding="utf-8")
    (tmp_path / "p.csv").write_text("who,pf_mmHg,peep_cmH2O\na,95,10\n", encoding="utf-8")
    code, out, _ = perfuse_score("berlin", "--table", "p.csv", "--out", "s.parquet", "--json")
    assert code == 0 and json.loads(out)["complete"] == 1


def test_options_of_the_command_are_inputs_of_no_score() -> None:
    own = {"list", "explain", "table", "out", "case", "at", "seed", "json", "help", "version"}
    assert all(not own & set(find_score(name).inputs) for name in score_ids())


def test_help_is_quick_and_loads_neither_pandas_nor_pyarrow() -> None:
    code = "import sys\nfrom perfuse.views import cli\ntry:\n cli.main(['score', '--help'])\nexcept SystemExit: pass\n"
    code += "print(sorted({'pandas', 'pyarrow', 'scipy', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "120"})
    assert done.stdout.rstrip().endswith("[]")
    assert re.search(r"--paco2-mmHg", done.stdout)


def test_all_scores_of_a_shipped_case_at_a_moment(perfuse_score: Called) -> None:
    found: dict[str, Any] = json.loads(perfuse_score("--case", "vv-covid-ards", "--at", "4 min", "--json")[1])
    assert found["at_s"] == 240.0
    assert {one["id"] for one in found["scores"]} == {name for name in score_ids() if find_score(name).available}
    code, out, _ = perfuse_score("sofa", "--case", "vv-covid-ards", "--at", "4 min")
    assert code == 0 and "sofa" in out and "gcs" in out and "preset" not in out


def test_an_unknown_option_hides_no_value_out_of_range(perfuse_score: Called) -> None:
    code, _, said = perfuse_score("resp", "--age", "12", "--foo", "3")
    assert code == 2
    assert "--foo" in said and "12 lies outside its range" in said
