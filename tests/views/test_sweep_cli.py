"""perfuse sweep as a person uses it, with the real engine, and its page in a browser."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from test_report import DESK, PHONE, Opened

from perfuse.parameters.safety import SAFETY_TEXT
from perfuse.parameters.vocabulary import unit_of

Call = Callable[..., subprocess.CompletedProcess[str]]
LINE = "Not for clinical use"
CASE = """
schema: perfuse-case/1
title: swept
patient: covid-ards
support:
  mode: vv
  drain: [{cannula: hls_pvl_2555, site: ivc}]
  return: [{cannula: nextgen_jug_21, site: ra, tip_distance: 10 cm}]
  pump: {model: rotaflow, rpm: 3000 rpm}
  lung: {model: quadrox_id}
  gas: {sweep: 3 L/min, fdo2: 1.0}
  start: 5 s
duration: 20 s
"""
ONE = ("sweep", "case.yaml", "--set", "pump.rpm=2000:4800:700", "--minutes", "1")
TWO = ("sweep", "case.yaml", "--set", "pump.rpm=2000,3000,4000", "--set", "gas.sweep=1:6:2.5", "--minutes", "1")


def call(folder: Path, *words: str, columns: int = 120) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from perfuse.views.cli import main; main()", *words]
    surroundings = {**os.environ, "COLUMNS": str(columns)}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, env=surroundings, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("sweep")
    (place / "case.yaml").write_text(CASE, encoding="utf-8")
    for name, words in (("one", ONE), ("two", TWO)):
        done = call(place, *words, "--out", name)
        assert done.returncode == 0, done.stderr
        (place / f"{name}.txt").write_text(done.stdout, encoding="utf-8")
    return place


def test_the_table_has_a_row_for_each_value_and_marks_what_left_a_chart(folder: Path) -> None:
    screen = (folder / "one.txt").read_text(encoding="utf-8")
    rows = {line.split()[0]: line.split() for line in screen.splitlines() if line.strip()[:4] in ("2000", "2700", "3400", "4100", "4800")}
    assert len(rows) == 5
    assert "○" in rows["4800"] and "○" not in rows["2000"]
    assert "its chart ends at" in screen
    assert screen.rstrip().endswith(LINE)


def test_a_narrow_terminal_gets_the_table_in_parts_and_loses_nothing(folder: Path) -> None:
    narrow = call(folder, *ONE, columns=60)
    assert narrow.returncode == 0
    assert narrow.stdout.count("pump.rpm") >= 2
    assert all(name in narrow.stdout for name in ("MAP", "PCWP", "P_ven", "LVPVA"))
    assert "…" not in narrow.stdout


def test_chosen_quantities_are_shown_alone(folder: Path) -> None:
    done = call(folder, *ONE, "--quantity", "MAP,SvO2")
    assert "SvO2" in done.stdout and "PCWP" not in done.stdout
    assert "Nothing was written" in done.stdout


def test_the_folder_holds_table_summary_and_page(folder: Path) -> None:
    assert sorted(path.name for path in (folder / "one").iterdir()) == ["report.html", "summary.json", "sweep.parquet"]
    table = pq.read_table(folder / "one/sweep.parquet")
    assert table.column("pump.rpm").to_pylist() == [2000.0, 2700.0, 3400.0, 4100.0, 4800.0]
    assert {"status", "notes", "PaCO2", "P_ven"} <= set(table.column_names)
    assert table.schema.metadata[b"safety"].decode() == SAFETY_TEXT
    page = (folder / "one/report.html").read_text(encoding="utf-8")
    assert "perfuse sweep case.yaml --seed" not in page
    assert "--set pump.rpm=2000:4800:700" in page and "--minutes 1" in page


def test_json_is_the_summary_and_nothing_else(folder: Path) -> None:
    done = call(folder, *TWO, "--json")
    found = json.loads(done.stdout)
    assert found == json.loads((folder / "two/summary.json").read_text(encoding="utf-8"))
    assert found["schema"] == "perfuse-sweep/1" and found["safety"] == SAFETY_TEXT
    assert found["set"] == ["pump.rpm", "gas.sweep"]
    assert all(len(column["values"]) == len(found["points"]) == 9 for column in found["columns"].values())
    assert found["columns"]["MAP"]["unit"] == unit_of("MAP") and found["columns"]["pump.rpm"]["unit"] == "rpm"
    assert LINE in done.stderr


def test_an_earlier_sweep_is_replaced(folder: Path) -> None:
    assert call(folder, *ONE, "--out", "again").returncode == 0
    assert call(folder, *ONE, "--out", "again").returncode == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--set"),
        (("--set", "pump.rmp=1:2:1"), "Did you mean pump.rpm"),
        (("--set", "pump.rpm=3000:2000:100"), "lower end first"),
        (("--set", "pump.rpm=2000:3000:0"), "more than 0"),
        (("--set", "pump.rpm=2000:3000:0.1"), "too many"),
        (("--set", "pump.rpm=4000:6000:1000"), "above 5000 rpm"),
        (("--set", "drain2.clamp=0,1"), "second drainage line"),
        (("--set", "pump.rpm=2000,3000", "--quantity", "MAPP"), "Did you mean MAP"),
        (("--set", "pump.rpm=2000,3000", "--minutes", "0"), "1 to 1440 min"),
        (("--set", "pump.rpm=2000,3000", "--out", "case.yaml"), "a file"),
    ],
)
def test_wrong_input_exits_2_with_a_sentence_and_writes_nothing(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    (tmp_path / "case.yaml").write_text(CASE, encoding="utf-8")
    done = call(tmp_path, "sweep", "case.yaml", *words, *(() if "--out" in words else ("--out", "out")))
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.rstrip().endswith(LINE)
    assert [path.name for path in tmp_path.iterdir()] == ["case.yaml"]


def test_every_problem_is_told_at_once_and_as_json(folder: Path) -> None:
    done = call(folder, "sweep", "case.yaml", "--set", "pump.rpm=3:2:1", "--quantity", "MAPP", "--minutes", "x", "--json")
    assert done.returncode == 2
    places = [problem["place"] for problem in json.loads(done.stdout)["problems"]]
    assert places == ["--set pump.rpm", "--quantity", "--minutes"]


@pytest.mark.browser
@pytest.mark.parametrize("name", ["one", "two"])
@pytest.mark.parametrize("width", [320, PHONE, DESK])
def test_the_page_fits_and_asks_for_nothing(browser: Any, folder: Path, name: str, width: int) -> None:
    file = folder / name / "report.html"
    opened = Opened(browser, file, width)
    assert opened.asked == [file.as_uri()]
    assert opened.complaints == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    drawn = opened.page.locator("section[aria-labelledby=curves] svg")
    assert drawn.count() == 10
    assert all(len(drawn.nth(i).get_attribute("aria-label")) > 40 for i in range(drawn.count()))
    assert opened.page.locator("body").inner_text().count(SAFETY_TEXT) == 2
    opened.page.close()


@pytest.mark.browser
def test_maps_carry_their_numbers_beside_their_shades(browser: Any, folder: Path) -> None:
    opened = Opened(browser, folder / "two/report.html")
    words = opened.page.locator("section[aria-labelledby=curves] figure").nth(5).locator("text").all_text_contents()
    numbers = [word for word in words if word.strip().replace(".", "").replace("−", "").isdigit()]
    assert len(numbers) > len(set(numbers)) > 4  # on the lines and at the bar
    opened.page.close()
