"""perfuse evidence trials, meta and bayes as a person uses them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from perfuse.parameters.safety import NOT_FOR_CLINICAL_USE, SAFETY_TEXT
from perfuse.views.cli import main

NEVER = ("recommend", "is safe", "unsafe", "should")


class Said:
    """What a command printed, and its exit code."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *words: str) -> None:
        with pytest.raises(SystemExit) as caught:
            main(list(words))
        self.code = caught.value.code
        found = capsys.readouterr()
        self.out, self.err = found.out, found.err

    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "150")


def test_the_list_of_trials_shows_print_and_counts_and_ends_safely(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "evidence", "trials")
    assert said.code == 0 and said.out.rstrip().endswith(NOT_FOR_CLINICAL_USE)
    line = next(line for line in said.out.splitlines() if line.startswith("eolia-death-at-60-d"))
    assert "RR 0.76 (0.55 to 1.04)" in line and "RR 0.778 (0.574 to 1.056)" in line and line.rstrip().endswith("differs")
    assert "0.05[sic]" in said.out
    assert not [words for words in NEVER if words in said.out.lower()]


def test_one_study_shows_why_print_and_counts_differ(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "evidence", "trials", "danger")
    assert said.code == 0 and "as the odds ratio" in said.out and "Number needed to treat" in said.out
    data = Said(capsys, "evidence", "trials", "EOLIA", "--json").json()
    assert data["safety"] == SAFETY_TEXT
    first = next(one for one in data["comparisons"] if one["id"] == "eolia-death-at-60-d")
    assert first["verdict"] == "differs" and first["explanation"]["mark"] == "assumed"
    assert first["nnt"]["through_infinity"] and first["nnt"]["fewer"][1] is None
    assert {arm["endpoint"] for arm in data["single_arms"]} >= {"crossover to rescue ECMO"}


def test_a_pool_shows_every_model_and_writes_its_figures(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    forest, funnel = tmp_path / "forest.svg", tmp_path / "funnel.svg"
    said = Said(capsys, "evidence", "meta", "--pool", "ecpr", "--plot", str(forest), "--funnel", str(funnel))
    assert said.code == 0 and said.out.rstrip().endswith(NOT_FOR_CLINICAL_USE)
    for words in ("1.452 (1.019 to 2.071)", "1.471 (0.958 to 2.259)", "0.543 to 3.989", "Hartung-Knapp is shown but not chosen", "Without"):
        assert words in said.out
    for path in (forest, funnel):
        text = path.read_text(encoding="utf-8")
        assert text.startswith("<svg") and NOT_FOR_CLINICAL_USE in text and "prefers-color-scheme:dark" in text


def test_proportions_come_with_their_caveat(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = Said(capsys, "evidence", "meta", "--pool", "h1n1", "--plot", str(tmp_path / "f.svg"))
    assert said.code == 0 and "62.3 (50.2 to 73.0)" in said.out and "Freeman-Tukey results depend" in said.out


def test_a_file_of_studies_with_subgroups(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "my.csv"
    path.write_text(
        "study,e1,n1,e0,n0,year,site\nA [x],3,20,5,21,2001,n\nB,9,40,12,42,2002,n\nC,4,40,9,44,2003,s\nD,0,30,4,30,2004,s\n",
        encoding="utf-8",
    )
    said = Said(capsys, "evidence", "meta", "--studies", str(path), "--subgroup", "site", "--measure", "or", "--model", "MH", "--json")
    data = said.json()
    assert data["chosen"] == "MH" and data["corrected"] == ["D"] and [g["subgroup"] for g in data["subgroups"]["groups"]] == ["n", "s"]
    screen = Said(capsys, "evidence", "meta", "--studies", str(path), "--subgroup", "site")
    assert "A [x]" in screen.out and "Interaction" in screen.out and "As studies came in" in screen.out


def test_trials_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    data = Said(capsys, "evidence", "meta", "--trial", "eolia-death-at-90-d", "--trial", "cesar-death-at-90-d", "--json").json()
    assert [round(x, 4) for x in data["FE"]] == [0.7516, 0.5991, 0.9429]


def test_a_posterior_with_the_benefits_asked_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    figure, chart = tmp_path / "p.svg", tmp_path / "m.svg"
    asked = ("--benefit", "rr<0.9", "--benefit", "arr>=4", "--plot", str(figure), "--map", str(chart))
    said = Said(capsys, "evidence", "bayes", "--events", "44", "124", "57", "125", "--prior", "sceptical", *asked)
    assert said.code == 0 and "0.881, 95 % credible interval 0.714 to 1.086" in said.out
    assert re.search(r"a risk ratio below 0\.9: 58\.\d %", said.out)
    assert re.search(r"an absolute reduction of 4 % or more: 60\.\d %", said.out)
    assert "is 95%" in said.out and figure.exists() and chart.exists()
    assert not [words for words in NEVER if words in said.out.lower()]


def test_where_more_events_are_better_the_other_side_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "evidence", "bayes", "--trial", "inception-30-d-cpc-1-2", "--prior", "minimal", "--benefit", "ari>=5")
    assert "Risk ratio above" in said.out and "Absolute increase" in said.out and "an absolute increase of 5 % or more" in said.out


def test_published_reanalyses_stand_beside_recomputed_ones(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "evidence", "bayes", "--published")
    assert said.code == 0 and "not reproduced" in said.out and "the mean and SD of this prior are not known" in said.out
    data = Said(capsys, "evidence", "bayes", "--published", "--json").json()
    assert {one["id"]: one["reproduced"] for one in data["reanalyses"]}["arrest-flat"] == "yes"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("trials", "eolio"), "EOLIA"),
        (("meta",), "one of --studies, --trial, --pool"),
        (("meta", "--pool", "ecrp"), "ecpr"),
        (("meta", "--pool", "ecpr", "--trial", "x"), "stand together"),
        (("meta", "--pool", "ecpr", "--measure", "hr"), "rr, or, rd"),
        (("meta", "--pool", "ecpr", "--model", "XX"), "XX"),
        (("meta", "--pool", "ecpr", "--subgroup", "x"), "CSV"),
        (("meta", "--pool", "ecpr", "--plot", "f.png"), ".svg"),
        (("meta", "--pool", "h1n1", "--measure", "rr"), "one-arm"),
        (("meta", "--studies", "none.csv"), "none.csv"),
        (("meta", "--trial", "protect-ii-30-d-major-adverse-events"), "never turned into counts"),
        (("bayes",), "--events"),
        (("bayes", "--events", "44", "124", "57"), "4"),
        (("bayes", "--events", "130", "124", "57", "125"), "130 events among 124"),
        (("bayes", "--events", "44", "124", "57", "125", "--prior", "hopeful"), "sceptical"),
        (("bayes", "--events", "44", "124", "57", "125", "--benefit", "better"), "rr<RATIO"),
        (("bayes", "--events", "44", "124", "57", "125", "--benefit", "arr>=4", "--normal"), "absolute risks"),
    ],
)
def test_wrong_input_gives_a_sentence_and_exit_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    said = Said(capsys, "evidence", *words)
    assert said.code == 2 and told in said.err and "Traceback" not in said.err
    assert list(tmp_path.iterdir()) == []
