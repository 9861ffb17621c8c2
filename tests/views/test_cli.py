"""The command line as a person uses it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pyarrow.parquet as pq
import pytest

Call = Callable[..., CompletedProcess[str]]
CASE = "vv-covid-ards"
LINE = "Not for clinical use"


@pytest.mark.parametrize("words", [(), ("--help",), ("--version",), ("run", "--help"), ("patients",), ("devices",), ("cases",), ("bench",)])
def test_every_screen_ends_with_the_safety_line(perfuse: Call, words: tuple[str, ...]) -> None:
    done = perfuse(*words)
    assert done.returncode == 0
    assert done.stdout.rstrip().endswith(LINE)


def test_a_run_prints_before_and_after_and_writes_nothing_by_itself(perfuse: Call, tmp_path: Path) -> None:
    done = perfuse("run", CASE)
    assert done.returncode == 0
    row = next(line for line in done.stdout.splitlines() if "Arterial carbon dioxide pressure" in line)
    assert row.split()[-4:] == ["61", "43", "−18", "mmHg"]
    assert done.stdout.rstrip().endswith(LINE)
    assert list(tmp_path.iterdir()) == []


def test_a_run_writes_its_folder(perfuse: Call, tmp_path: Path) -> None:
    done = perfuse("run", CASE, "--out", "out", "--seed", "7")
    assert done.returncode == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "report.html",
        "summary.json",
        "trends.parquet",
        "waveforms.parquet",
    ]
    assert json.loads((tmp_path / "out/summary.json").read_text(encoding="utf-8"))["seed"] == 7
    assert f"perfuse run {CASE} --seed 7 --out out" in (tmp_path / "out/report.html").read_text(encoding="utf-8")
    assert pq.read_schema(tmp_path / "out/trends.parquet").metadata[b"seed"] == b"7"


def test_json_is_the_summary_and_nothing_else(perfuse: Call) -> None:
    done = perfuse("run", CASE, "--json")
    assert json.loads(done.stdout)["after"]["MAP"] == {"value": 79.6, "unit": "mmHg"}
    assert LINE in done.stderr


def test_a_run_that_diverged_is_kept_and_exits_1(perfuse: Call, tmp_path: Path) -> None:
    done = perfuse("run", CASE, "--out", "out", FAKE="diverge")
    assert done.returncode == 1
    assert "diverged at 3:12" in done.stdout
    assert (tmp_path / "out/summary.json").exists()


def test_a_run_that_must_build_the_kernel_first_says_so(perfuse: Call) -> None:
    fresh = perfuse("run", CASE, "--json", FAKE="fresh")
    assert "Building the kernel" in fresh.stderr
    assert json.loads(fresh.stdout)["status"]["ok"]
    assert "kernel" not in perfuse("run", CASE).stderr


def test_a_kernel_that_cannot_be_built_is_one_sentence_and_a_problem_in_json(perfuse: Call) -> None:
    said = perfuse("run", CASE, FAKE="no compiler")
    assert said.returncode == 2 and "there is no compiler. Install one." in said.stderr and "Traceback" not in said.stderr
    listed = json.loads(perfuse("run", CASE, "--json", FAKE="no compiler").stdout)
    assert [problem["place"] for problem in listed["problems"]] == ["kernel"]


def test_stopping_a_run_leaves_nothing_and_exits_130(perfuse: Call, tmp_path: Path) -> None:
    done = perfuse("run", CASE, "--out", "out", FAKE="interrupt")
    assert done.returncode == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("fly",), "fly"),
        (("run",), "CASE"),
        (("run", CASE, "--speed", "3"), "speed"),
        (("run", CASE, "--seed", "many"), "seed"),
        (("run", CASE, "--seed", "-1"), "seed"),
        (("run", "no-such-case.yaml"), "no-such-case.yaml"),
        (("run", "folder"), "folder"),
        (("run", "latin.yaml"), "UTF-8"),
        (("run", CASE, "--out", "latin.yaml"), "a file"),
        (("run", CASE, "--out", "."), "the folder you are in"),
        (("run", CASE, "--out", "mine"), "notes.txt"),
        (("compare", CASE, "--support", "vv,,va"), "missing"),
        (("compare", CASE, "--support", "vv,vv"), "twice"),
        (("compare", CASE), "support"),
        (("show", "rotaflo"), "rotaflow"),
        (("validate", "--area", "Z"), "Z"),
        (("validate", "--scenarios", "none.yaml"), "none.yaml"),
        (("validate", "--out", "nowhere/report.html"), "nowhere"),
        (("schema", "--out", "folder"), "folder"),
    ],
)
def test_wrong_input_exits_2_with_a_sentence_and_writes_nothing(perfuse: Call, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "latin.yaml").write_bytes("title: Größe".encode("latin-1"))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("mine", encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    done = perfuse(*words)
    assert done.returncode == 2
    assert said.lower() in done.stderr.lower()
    assert "Traceback" not in done.stderr
    assert done.stderr.rstrip().endswith(LINE)
    assert sorted(tmp_path.rglob("*")) == before


def test_every_problem_of_a_case_is_told_at_once_and_as_json(perfuse: Call, tmp_path: Path) -> None:
    (tmp_path / "case.yaml").write_text("schema: perfuse-case/1\ntitle: x\npatient: nobody\nduration: 20\nsed: 3\n", encoding="utf-8")
    done = perfuse("run", "case.yaml", "--json")
    assert done.returncode == 2
    places = {problem["place"] for problem in json.loads(done.stdout)["problems"]}
    assert {"duration", "sed"} <= places
    assert all(place in done.stderr for place in places)


def test_compare_puts_supports_side_by_side(perfuse: Call, tmp_path: Path) -> None:
    done = perfuse("compare", CASE, "--support", "none,vv,va", "--out", "out")
    assert done.returncode == 0
    row = next(line for line in done.stdout.splitlines() if "Circuit flow" in line)
    assert row.split()[-4:] == ["–", "4.62", "4.62", "L/min"]
    assert sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("trends.parquet")) == [
        "none/trends.parquet", "va/trends.parquet", "vv/trends.parquet",
    ]  # fmt: skip
    assert perfuse("compare", CASE, "--support", "none,va", "--out", "out").returncode == 0
    assert not (tmp_path / "out/vv").exists()


def test_lists_have_a_line_and_a_source_each(perfuse: Call) -> None:
    for kind in ("patients", "devices", "cases"):
        found = json.loads(perfuse(kind, "--json").stdout)
        assert found["safety"]
        assert found[kind]
        assert all(line["name"] and line["text"] and line["source"] for line in found[kind])


def test_show_explains_a_device_with_unit_source_and_mark(perfuse: Call) -> None:
    found = json.loads(perfuse("show", "quadrox_id", "--json").stdout)
    assert found["kind"] == "device"
    assert found["numbers"]
    assert all(number["unit"] and number["source"] and number["mark"] for number in found["numbers"])
    done = perfuse("show", "quadrox_id")
    assert done.returncode == 0
    assert all(number["name"] in done.stdout for number in found["numbers"])


def test_show_explains_a_patient_and_a_case(perfuse: Call) -> None:
    assert json.loads(perfuse("show", "covid-ards", "--json").stdout)["numbers"]
    assert "schema: perfuse-case/1" in perfuse("show", CASE).stdout


def test_validate_lists_every_row_and_exits_1_when_one_fails(perfuse: Call) -> None:
    done = perfuse("validate", "--json")
    assert done.returncode == 1
    assert [(row["id"], row["status"]) for row in json.loads(done.stdout)] == [("A02", "pass"), ("B01", "fail"), ("F01", "not_expressible")]
    shown = perfuse("validate").stdout
    assert "1 pass, 1 fail, 1 not expressible" in shown
    assert "curve too far right" in shown


def test_validate_exits_0_when_all_rows_that_count_pass(perfuse: Call) -> None:
    assert perfuse("validate", FAKE="pass").returncode == 0
    assert perfuse("validate", "--area", "A").returncode == 0


def test_validate_writes_a_page_with_a_figure_for_each_group(perfuse: Call, tmp_path: Path) -> None:
    perfuse("validate", "--out", "evidence.html")
    page = (tmp_path / "evidence.html").read_text(encoding="utf-8")
    assert page.count("<figure") == 2
    assert "needs an LVAD" in page


def test_validate_plays_a_file_of_scenarios(perfuse: Call, tmp_path: Path) -> None:
    (tmp_path / "VV-04-RECIRC.yaml").write_text("x", encoding="utf-8")
    done = perfuse("validate", "--scenarios", "VV-04-RECIRC.yaml", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)[0]["id"] == "VV-04-RECIRC:spo2_rh"


def test_bench_prints_its_numbers(perfuse: Call) -> None:
    assert json.loads(perfuse("bench", "--json").stdout)["states"] == 214
    shown = perfuse("bench").stdout
    assert "3,210" in shown
    assert "kernel build" not in shown, "nothing is printed of what could not be measured"


def test_the_schema_is_json(perfuse: Call, tmp_path: Path) -> None:
    assert json.loads(perfuse("schema").stdout)["title"] == "perfuse-case/1"
    assert perfuse("schema", "--out", "schema.json").returncode == 0
    assert json.loads((tmp_path / "schema.json").read_text(encoding="utf-8"))["title"] == "perfuse-case/1"


def test_help_loads_nothing_heavy() -> None:
    import subprocess

    code = (
        "import sys\nfrom perfuse.views.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
        "print([m for m in ('numpy', 'scipy', 'matplotlib', 'pyarrow', 'pint', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"
