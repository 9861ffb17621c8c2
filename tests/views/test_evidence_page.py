"""The page of six works, as `perfuse evidence report` writes it and as a reader opens it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from test_report import DESK, PHONE, Opened

from perfuse.evidence.trials.dataset import arms
from perfuse.parameters.safety import SAFETY_TEXT

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WORKS = ("eolia", "hypoxaemia", "h1n1", "covid-question", "volume", "covid-meta")


def call(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from perfuse.views.cli import main; main()", "evidence", "report", *words]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=400, env={**os.environ, "COLUMNS": "120"}, check=False
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    place = tmp_path_factory.mktemp("works")
    done = call(place, "--out", "evidence.html", "--seed", "3", "--json")
    assert done.returncode == 0, done.stderr
    return place / "evidence.html", json.loads(done.stdout)


@pytest.fixture(params=[(DESK, "light"), (PHONE, "dark")], ids=["desk", "phone"])
def opened(browser: Any, made: tuple[Path, dict[str, Any]], request: pytest.FixtureRequest) -> Any:
    found = Opened(browser, made[0], *request.param)
    yield found
    found.page.close()


def test_the_page_is_one_file_that_asks_for_nothing(opened: Opened, made: tuple[Path, dict[str, Any]]) -> None:
    assert opened.asked == [made[0].as_uri()] and opened.complaints == []
    assert opened.page.locator("body").inner_text().count(SAFETY_TEXT) == 2


def test_nothing_is_wider_than_the_screen(opened: Opened) -> None:
    assert opened.page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_each_of_the_six_works_says_what_agrees_and_what_could_not_be_reproduced(opened: Opened) -> None:
    for key in WORKS:
        part = opened.page.locator(f"section[aria-labelledby='{key}']")
        assert part.count() == 1
        assert "Not reproduced, and why" in part.inner_text()
        assert part.locator("svg:visible").count() > 0


def test_every_figure_is_told_in_words(opened: Opened) -> None:
    labels = opened.page.eval_on_selector_all("figure svg", "found => found.map(one => one.getAttribute('aria-label') || '')")
    assert len(labels) > 20 and all(len(label) > 20 for label in labels)


def test_words_of_a_drawing_do_not_lie_on_each_other(opened: Opened) -> None:
    """Text of one figure: no two boxes overlap by more than a third of the smaller one's height and width."""
    overlaps = opened.page.evaluate(
        """() => [...document.querySelectorAll('figure svg')].filter(svg => svg.getBoundingClientRect().width > 0).flatMap(svg => {
            const boxes = [...svg.querySelectorAll('text')].map(one => [one.textContent, one.getBoundingClientRect()])
                .filter(([words, box]) => words.trim() && box.width > 0 && box.width / box.height > 0.2);
            const found = [];
            for (let i = 0; i < boxes.length; i++) for (let j = 0; j < i; j++) {
                const [a, b] = [boxes[i][1], boxes[j][1]];
                const x = Math.min(a.right, b.right) - Math.max(a.left, b.left), y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
                if (x > Math.min(a.width, b.width) / 3 && y > Math.min(a.height, b.height) / 3)
                    found.push(svg.getAttribute('aria-label').slice(0, 40) + ': ' + boxes[i][0] + ' / ' + boxes[j][0]);
            }
            return found;
        })"""
    )
    assert overlaps == []


def test_the_published_numbers_are_met_or_the_difference_is_explained(made: tuple[Path, dict[str, Any]]) -> None:
    checks = {check["published"]: check for work in made[1]["works"] for check in work["checks"]}
    assert len(checks) > 12
    verdicts = {name.partition(":")[0]: check["verdict"] for name, check in checks.items()}
    assert verdicts["Combes IPD-MA (EOLIA+CESAR), death at 90 d"] == "agrees"
    assert verdicts["EOLIA, death at 60 d (primary)"] == "differs"
    for check in checks.values():
        assert check["verdict"] == "agrees" or len(check["from"]) > 60, check


def test_the_matched_odds_ratio_and_the_pooled_risk_ratio_are_those_of_the_papers(made: tuple[Path, dict[str, Any]]) -> None:
    computed = {check["published"].partition(",")[0]: check["computed"] for work in made[1]["works"] for check in work["checks"]}
    assert computed["Pham REVA H1N1"].startswith("OR 1.476")
    assert computed["Combes IPD-MA (EOLIA+CESAR)"].startswith("RR 0.751 (0.599 to 0.942)")


def test_every_source_of_the_trials_table_is_listed(opened: Opened) -> None:
    listed = re.sub(r"\s+", " ", opened.page.locator("section[aria-labelledby='sources']").inner_text())
    assert all(arm.source in listed for arm in arms())


def test_the_truth_lies_in_the_intervals_of_the_methods_and_outside_those_of_the_naive(
    made: tuple[Path, dict[str, Any]], opened: Opened
) -> None:
    part = opened.page.locator("section[aria-labelledby='covid-question']")
    method = part.locator("tr", has_text="Risk difference at 60 d, emulated trial").first.inner_text()
    naive = part.locator("tr", has_text="Risk difference at 60 d, ever v never treated").first.inner_text()
    assert "holds it" in method and "misses it" in naive


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--out", "page.txt"), "a file that ends with .html"),
        (("--out", "nowhere/page.html"), "its folder does not exist"),
        (("--out", "page.html", "--seed", "-1"), "0 to 4294967295"),
    ],
)
def test_wrong_input_is_told_before_anything_is_computed(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = call(tmp_path, *words)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
