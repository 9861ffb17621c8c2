"""The main job from end to end: perfuse run and perfuse compare with the real engine."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from perfuse.engine.kernel import build_words, physics_hash
from perfuse.parameters.safety import NOT_FOR_CLINICAL_USE, SAFETY_TEXT
from perfuse.parameters.vocabulary import unit_of, vocabulary

Call = Callable[..., subprocess.CompletedProcess[str]]
SHIPPED = ("vv-covid-ards", "va-pump-stop")

SHORT = """
schema: perfuse-case/1
title: short
patient: {patient}
support:
  mode: {mode}
  drain: [{{cannula: hls_pvl_2555, site: ivc}}]
  return: [{{cannula: nextgen_jug_21, site: ra, tip_distance: 10 cm}}]
  pump: {{model: rotaflow, rpm: {rpm}}}
  lung: {{model: quadrox_id}}
  gas: {{sweep: {sweep}, fdo2: 1.0}}
  start: 10 s
duration: {duration}
"""
GOOD = {"patient": "healthy-adult", "mode": "vv", "rpm": "3000 rpm", "sweep": "3 L/min", "duration": "20 s"}


@pytest.fixture(scope="module", params=SHIPPED)
def done(request: pytest.FixtureRequest, perfuse: Call, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp(request.param)
    call = perfuse("run", request.param, "--out", "out", cwd=folder)
    assert call.returncode == 0, call.stderr
    return folder / "out", call.stdout


def test_a_run_writes_all_its_files(done: tuple[Path, str]) -> None:
    assert {path.name for path in done[0].iterdir()} == {"summary.json", "trends.parquet", "waveforms.parquet", "report.html"}


def test_the_summary_and_the_long_version_say_what_computed(done: tuple[Path, str], perfuse: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = json.loads((done[0] / "summary.json").read_text(encoding="utf-8"))
    assert (summary["physics_hash"], summary["kernel"]) == (physics_hash(), build_words())
    said = perfuse("--version", "--verbose", cwd=done[0]).stdout
    assert physics_hash() in said and build_words() in said and said.rstrip().endswith(NOT_FOR_CLINICAL_USE)
    monkeypatch.setenv("PERFUSE_ENGINE", "plain")
    assert "plain Python" in perfuse("--version", "--verbose", cwd=done[0]).stdout


def test_the_summary_holds_names_and_units_of_the_vocabulary(done: tuple[Path, str]) -> None:
    summary = json.loads((done[0] / "summary.json").read_text(encoding="utf-8"))
    assert summary["safety"] == SAFETY_TEXT
    assert summary["status"] == {"ok": True, "text": "ok"}
    for block in ("before", "after"):
        assert {"MAP", "HR", "CO", "SaO2_right_radial", "PaCO2", "lactate"} <= set(summary[block])
        assert all(entry["unit"] == unit_of(name) for name, entry in summary[block].items())
    assert summary["after"]["ecmo_flow"]["unit"] == "L/min"
    assert all(line["text"] and line["mark"] for line in summary["sources"])


def test_tables_carry_the_safety_text_and_their_origin(done: tuple[Path, str]) -> None:
    summary = json.loads((done[0] / "summary.json").read_text(encoding="utf-8"))
    for name in ("trends", "waveforms"):
        footer = pq.read_schema(done[0] / f"{name}.parquet").metadata
        assert footer[b"safety"].decode() == SAFETY_TEXT
        assert footer[b"physics_hash"].decode() == summary["physics_hash"]
    trends = pq.read_table(done[0] / "trends.parquet")
    assert set(trends.column_names) <= {"t", *vocabulary()}
    t = trends.column("t").to_numpy()
    assert (t[1:] - t[:-1] == 1.0).all()


def test_the_report_needs_no_network_and_carries_the_safety_text(done: tuple[Path, str]) -> None:
    page = (done[0] / "report.html").read_text(encoding="utf-8")
    assert "Not for clinical use" in page
    assert "<svg" in page
    assert 'src="http' not in page and 'href="http' not in page.replace('href="https://www.w3.org', "")


def test_the_screen_shows_before_and_end_and_the_safety_line_last(done: tuple[Path, str]) -> None:
    assert "Mean arterial pressure" in done[1]
    assert done[1].rstrip().endswith(NOT_FOR_CLINICAL_USE)


def test_json_is_the_summary_and_the_same_each_time(perfuse: Call, tmp_path: Path) -> None:
    (tmp_path / "case.yaml").write_text(SHORT.format(**GOOD), encoding="utf-8")
    first, second = (perfuse("run", "case.yaml", "--json", cwd=tmp_path) for _ in range(2))
    assert json.loads(first.stdout)["title"] == "short"
    assert first.stdout == second.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["case.yaml"]


def test_wrong_input_tells_every_problem_exits_2_and_writes_nothing(perfuse: Call, tmp_path: Path) -> None:
    wrong = GOOD | {"patient": "nobody", "mode": "va", "rpm": "fast", "sweep": "-2 L/min", "duration": "20"}
    (tmp_path / "case.yaml").write_text(SHORT.format(**wrong), encoding="utf-8")
    call = perfuse("run", "case.yaml", "--out", "out", "--json", cwd=tmp_path)
    assert call.returncode == 2
    places = {problem["place"] for problem in json.loads(call.stdout)["problems"]}
    assert {"patient", "support.mode", "support.pump.rpm", "support.gas.sweep", "duration"} <= places
    assert "line 4" in call.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["case.yaml"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"patient": "nobody"}, "patient"),
        ({"rpm": "3 L/min"}, "support.pump.rpm"),
        ({"sweep": "-2 L/min"}, "support.gas.sweep"),
        ({"mode": "va"}, "support.mode"),
        ({"rpm": "9000 rpm"}, "support.pump.rpm"),
        ({"duration": "5 s"}, "support.start"),
    ],
)
def test_one_wrong_thing_is_named_alone(perfuse: Call, tmp_path: Path, change: dict[str, str], place: str) -> None:
    (tmp_path / "case.yaml").write_text(SHORT.format(**(GOOD | change)), encoding="utf-8")
    call = perfuse("run", "case.yaml", "--out", "out", "--json", cwd=tmp_path)
    assert call.returncode == 2
    assert [problem["place"] for problem in json.loads(call.stdout)["problems"]] == [place]
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_not_there_exits_2(perfuse: Call, tmp_path: Path) -> None:
    call = perfuse("run", "absent.yaml", "--out", "out", cwd=tmp_path)
    assert call.returncode == 2
    assert "absent.yaml" in call.stderr and "Traceback" not in call.stderr
    assert list(tmp_path.iterdir()) == []


def test_compare_writes_one_page_and_the_tables_of_each_run(perfuse: Call, tmp_path: Path) -> None:
    (tmp_path / "case.yaml").write_text(SHORT.format(**GOOD), encoding="utf-8")
    call = perfuse("compare", "case.yaml", "--support", "none,vv,va", "--out", "out", cwd=tmp_path)
    assert call.returncode == 0, call.stderr
    row = next(line for line in call.stdout.splitlines() if "Circuit flow" in line).split()
    assert row[2] == "–" and float(row[3]) > 0.5 and float(row[4]) > 0.5
    assert (tmp_path / "out/report.html").read_text(encoding="utf-8").count("<svg") >= 4
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["none", "report.html", "summary.json", "va", "vv"]
    found = json.loads((tmp_path / "out/summary.json").read_text(encoding="utf-8"))
    assert list(found["runs"]) == ["none", "vv", "va"]


def test_compare_with_an_unknown_support_exits_2_and_writes_nothing(perfuse: Call, tmp_path: Path) -> None:
    (tmp_path / "case.yaml").write_text(SHORT.format(**GOOD), encoding="utf-8")
    call = perfuse("compare", "case.yaml", "--support", "none,lvda", "--out", "out", "--json", cwd=tmp_path)
    assert call.returncode == 2
    assert json.loads(call.stdout)["problems"][0]["value"] == "lvda"
    assert not (tmp_path / "out").exists()
