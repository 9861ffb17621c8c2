"""perfuse evidence eolia as a person uses it."""

import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from perfuse.evidence.eolia.crossover import crossover_findings, estimators_table
from perfuse.evidence.eolia.sequential import design_finding
from perfuse.evidence.survival.aalen_johansen import aalen_johansen
from perfuse.parameters.safety import NOT_FOR_CLINICAL_USE, SAFETY_TEXT
from perfuse.views import eolia_figures, incidence_figure

Done = subprocess.CompletedProcess[str]


def call(*words: str, cwd: Path) -> Done:
    command = [sys.executable, "-c", "from perfuse.views.cli import main; main()", "evidence", "eolia", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "140"})


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Done, Path]:
    folder = tmp_path_factory.mktemp("eolia")
    return call("--replicates", "4", "--seed", "3", "--out", "eolia.html", cwd=folder), folder


def test_the_screen_has_design_estimators_and_replicates(whole: tuple[Done, Path]) -> None:
    done, _ = whole
    assert done.returncode == 0, done.stderr
    for words in ("stopped for no difference", "0.759", "as printed", "as treated, ever v never", "deterioration", "coverage"):
        assert words in done.stdout
    assert done.stdout.rstrip().endswith(NOT_FOR_CLINICAL_USE)


def test_the_page_is_one_file_with_figures_sources_and_the_safety_text(whole: tuple[Done, Path]) -> None:
    page = (whole[1] / "eolia.html").read_text(encoding="utf-8")
    assert html.escape(SAFETY_TEXT) in page and "<script" not in page and "http-equiv" in page
    assert page.count("<svg") == 8  # four figures, each for a page and for a phone
    assert not re.search(r'(src|href)="http', page)
    assert "recalled-high" in page and "perfuse evidence eolia --seed 3 --out eolia.html --replicates 4" in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_json_is_plain_and_reports_its_seed(tmp_path: Path) -> None:
    done = call("--design", "--json", "--seed", "9", cwd=tmp_path)
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["schema"] == "perfuse-eolia/1" and found["seed"] == 9 and found["safety"] == SAFETY_TEXT
    assert found["estimators"] == [] and found["design"]["diagnostics"]["trial"]["stopped_for"] == "no difference"
    assert NOT_FOR_CLINICAL_USE in done.stderr
    assert "NaN" not in done.stdout


def test_figures_go_to_a_folder(tmp_path: Path) -> None:
    done = call("--replicates", "0", "--out", "plots", cwd=tmp_path)
    assert done.returncode == 0
    names = sorted(path.name for path in (tmp_path / "plots").iterdir())
    assert names == ["deaths.svg", "estimators.svg", "triangles.svg"]
    assert all(NOT_FOR_CLINICAL_USE in path.read_text(encoding="utf-8") for path in (tmp_path / "plots").iterdir())


def test_wrong_options_are_said_at_once_and_exit_with_2(tmp_path: Path) -> None:
    done = call("--replicates", "1", "--crossover", "2", "--design", "--crossover-methods", cwd=tmp_path)
    assert done.returncode == 2
    assert "3 problems" in done.stderr and "Traceback" not in done.stderr


def test_figures_are_svg_with_a_description_and_only_colours_of_the_page() -> None:
    findings = crossover_findings(seed=1, draws=1)
    made = [
        eolia_figures.boundaries(design_finding(trials=500)),
        eolia_figures.estimators(estimators_table(findings)),
        incidence_figure.incidence(findings[0].curves, "Deaths", until=90.0, narrow=True),
    ]
    for drawing in made:
        assert drawing.startswith("<svg") and 'role="img" aria-label="' in drawing
        assert not re.findall(r"#[0-9a-fA-F]{6}\b", drawing)


def test_numbers_at_risk_are_read_just_before_a_time() -> None:
    import numpy as np

    found = aalen_johansen(np.array([1.0, 2.0, 2.0, 5.0]), np.array([1, 0, 1, 1]), 1)
    curve = {"time": found.times.tolist(), "share": found.share[0].tolist(), "at_risk": found.at_risk.tolist()}
    assert [incidence_figure.at_risk(curve, when) for when in (0.0, 2.0, 3.0, 6.0)] == [4.0, 3.0, 1.0, 0.0]
    assert incidence_figure.value_at(curve, 0.5) == 0.0
