"""Wrong input to the evidence lab: every problem at once, JSON with the safety text, and nothing written or replaced unasked."""

import json
from pathlib import Path

import pytest

from perfuse.parameters.safety import SAFETY_TEXT
from perfuse.views.cli import main


class Said:
    """Exit code and words of a command."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *words: str) -> None:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        self.code = ended.value.code
        self.out, self.err = capsys.readouterr()


@pytest.mark.parametrize(
    "words",
    [
        ("registry", "make", "--out", "x", "--seed", "x"),
        ("registry", "describe", "nowhere"),
        ("evidence", "meta", "--studies", "nowhere.csv"),
        ("evidence", "report", "--out", "x.pdf"),
        ("score", "resp", "--age", "350"),
        ("score", "--foo"),
    ],
)
def test_errors_as_json_are_json_and_carry_the_safety_text(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, *words, "--json")
    told = json.loads(said.out)
    assert said.code == 2 and told["safety"] == SAFETY_TEXT and told["problems"]


def test_a_posterior_names_every_problem_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = ("--events", "144", "124", "57", "125", "--prior", "foo", "--benefit", "rr<<2", "--benefit", "xx>1", "--plot", "a.pdf")
    said = Said(capsys, "evidence", "bayes", *wrong)
    assert said.code == 2 and "5 problems" in said.err
    assert all(word in said.err for word in ("144 events", "'foo'", "'rr<<2'", "'xx>1'", "SVG"))


def test_a_pool_names_every_problem_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = ("--measure", "hr", "--model", "XX", "--plot", "nofolder/a.svg", "--funnel", "a.png", "--reduction", "2")
    said = Said(capsys, "evidence", "meta", "--pool", "ecpr", *wrong)
    assert said.code == 2 and "5 problems" in said.err


def test_the_name_of_a_study_leads_to_its_comparisons(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "evidence", "bayes", "--trial", "eolia")
    assert said.code == 2 and "eolia-death-at-60-d" in said.err


def test_published_stands_alone(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "evidence", "bayes", "--published", "--events", "1", "2", "3", "4")
    assert said.code == 2 and "--published" in said.err


def test_a_registry_is_replaced_only_when_asked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    made = ("registry", "make", "--out", str(tmp_path / "kept"), "--runs", "60")
    assert Said(capsys, *made).code == 0
    before = (tmp_path / "kept" / "runs.parquet").read_bytes()
    said = Said(capsys, *made, "--seed", "2")
    assert said.code == 2 and "--replace" in said.err and (tmp_path / "kept" / "runs.parquet").read_bytes() == before
    assert Said(capsys, *made, "--seed", "2", "--replace").code == 0
    assert (tmp_path / "kept" / "runs.parquet").read_bytes() != before


@pytest.mark.parametrize("command", [("registry", "analyse", "e-value", "--value", "2"), ("evidence", "eolia", "--design")])
def test_a_page_is_named_html(command: tuple[str, ...], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = Said(capsys, *command, "--out", str(tmp_path / "page.pdf"))
    assert said.code == 2 and "html" in said.err and not list(tmp_path.iterdir())


def test_a_table_may_have_semicolons(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    lines = [f"{i % 2};{'true' if i % 3 else 'false'};{'true' if (i * 7) % 5 > 2 else 'false'}" for i in range(60)]
    (tmp_path / "mine.csv").write_text("severity;ecmo;died\n" + "\n".join(lines) + "\n", encoding="utf-8")
    told = ("--table", str(tmp_path / "mine.csv"), "--treatment", "ecmo", "--outcome", "died", "--columns", "severity")
    said = Said(capsys, "registry", "analyse", "overlap", *told)
    assert said.code == 0, said.err


def test_who_stops_a_command_is_told_that_nothing_half_written_is_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("perfuse.views.evidence_lab.published", stopped)
    said = Said(capsys, "evidence", "bayes", "--published")
    assert said.code == 130 and "nothing half-written is left" in said.err and "Traceback" not in said.err


@pytest.mark.parametrize("horizon", ["0", "-5", "30.5"])
def test_a_horizon_that_cannot_be_is_not_replaced_by_another(horizon: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "registry", "analyse", "emulation", "--runs", "300", f"--horizon={horizon}")
    assert said.code == 2 and "--horizon" in said.err


def test_the_truth_of_another_grace_period_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("registry", "analyse", "emulation", "--runs", "2000", "--resamples", "50", "--json", "--grace")
    truths = [[one["truth"] for one in json.loads(Said(capsys, *asked, days).out)["estimates"]] for days in ("7", "0")]
    assert any(truth is not None for truth in truths[0]) and all(truth is None for truth in truths[1])
