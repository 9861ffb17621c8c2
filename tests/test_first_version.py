"""What version 0.1.0 wrote is listed, exported, played and replayed by every later version, or refused in words that say why.

The files lie in fixtures/first_version (its README says what each is). They are never made again.
"""

import hashlib
import io
import json
import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import perfuse as pf
from perfuse.bedside.actions import VERBS
from perfuse.bedside.bed import Bed
from perfuse.bedside.export import case_text, trend_table
from perfuse.bedside.packing import packed, unpacked
from perfuse.bedside.records import Kept, forks_of, way_to
from perfuse.bedside.run import Run
from perfuse.bedside.store import Store, open_store
from perfuse.bedside.trend import columns
from perfuse.bedside.writer import Writer
from perfuse.engine.kernel import physics_hash
from perfuse.engine.run import PER_SECOND
from perfuse.parameters.case import case_from, case_from_text, load_case
from perfuse.parameters.safety import SAFETY_TEXT
from perfuse.parameters.vocabulary import unit_of, vocabulary
from perfuse.results.saved import Snapshot
from perfuse.results.simulate import run_case
from perfuse.results.store import METADATA, write_run
from perfuse.views.console.ward import Ward

HERE = Path(__file__).parent / "fixtures" / "first_version"
THEN: dict[str, Any] = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
CASES = sorted(THEN["cases"])
RUNS = sorted(THEN["runs"])
COURSES = [(run, course) for run in RUNS for course in THEN["runs"][run]["courses"]]

TOLERANCE = (0.02, 0.1)
"""How far a reading may lie from that of version 0.1.0: this share of it, or this much in its own unit, whichever is more.

It may be widened only together with a sentence under "Numbers change" in CHANGELOG.md that names the readings that moved, and by how much.
"""


WIDER = {"balloon": 0.05, "measured-volunteer": 0.05, "vv-bedside": 0.05}
"""Cases of which readings moved by more, as CHANGELOG.md says: an output that scatters from beat to beat, and fits that end elsewhere.

Of a patient who was fitted to measurements only the readings that were measured are determined.
"""
NO_EFFECT = ["height", "hb", "temperature", "blood_volume", "platelets", "fibrinogen"]
"""Parameters that a protocol of version 0.1.0 could set without any effect, and that are refused now."""


def digests() -> dict[str, str]:
    """What lies in the folder now."""
    return {name: hashlib.sha256((HERE / name).read_bytes()).hexdigest() for name in THEN["files"]}


@pytest.fixture(autouse=True, scope="module")
def untouched() -> Iterator[None]:
    """The files are as version 0.1.0 wrote them, before these tests and after."""
    assert digests() == THEN["files"], "these files were made by version 0.1.0 and are never made again"
    before = sorted(HERE.rglob("*"))
    yield
    assert digests() == THEN["files"]
    assert [path for path in sorted(HERE.rglob("*")) if path not in before and "__pycache__" not in path.parts] == []


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A copy of the record of version 0.1.0."""
    shutil.copy(HERE / "runs.sqlite", tmp_path / "runs.sqlite")
    opened = open_store(tmp_path / "runs.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def writer(store: Store) -> Iterator[Writer]:
    made = Writer(store)
    yield made
    made.close()


def ours(found: str) -> bool:
    """Whether something is of the physics that runs here."""
    return bool(found == physics_hash())


def far_off(found: dict[str, float], then: dict[str, float], share: float = TOLERANCE[0]) -> dict[str, tuple[float | None, float]]:
    """Readings that are missing now, or are another number than they were: now, then."""
    least = TOLERANCE[1]
    near = {name for name, value in then.items() if name in found and abs(found[name] - value) <= max(share * abs(value), least)}
    return {name: (found.get(name), value) for name, value in then.items() if name not in near}


def says_why(refused: pf.InputError, physics: str) -> None:
    """A refusal is for another physics only; it names that physics and the one here, and says what can be done."""
    assert not ours(physics), str(refused)
    assert physics in str(refused) and physics_hash() in str(refused)
    assert all(problem.hint for problem in refused.problems)


# -- case files ---------------------------------------------------------------------------------------------------------------


def text_of(name: str) -> str:
    """A case file, without the lines of a protocol that had no effect."""
    text = (HERE / "cases" / f"{name}.yaml").read_text(encoding="utf-8")
    return re.sub(rf"^      patient\.({'|'.join(NO_EFFECT)}): .*\n", "", text, flags=re.MULTILINE)


@cache
def played(name: str) -> Any:
    return run_case(case_from_text(text_of(name), f"{name}.yaml"))


def readings(name: str, then: dict[str, float]) -> dict[str, float]:
    """Readings of then that a case determines: all, or what was measured of a patient who was fitted."""
    measured = played(name).bedside
    return then if not measured else {line["name"]: then[line["name"]] for line in measured if line["name"] in then}


def test_there_is_a_case_for_everything_that_is_expected() -> None:
    assert sorted(path.stem for path in (HERE / "cases").glob("*.yaml")) == CASES


@pytest.mark.parametrize("name", CASES)
def test_a_case_file_of_the_first_version_plays_and_reads_what_it_read(name: str) -> None:
    run, then = played(name), THEN["cases"][name]
    assert run.status["ok"], run.status["text"]
    share = WIDER.get(name, TOLERANCE[0])
    found = {when: far_off(getattr(run, when), readings(name, then[when]), share) for when in ("before", "after")}
    assert found == {"before": {}, "after": {}}


def test_what_a_protocol_of_the_first_version_set_without_effect_is_refused_with_what_to_do() -> None:
    with pytest.raises(pf.InputError) as refused:
        load_case(HERE / "cases" / "every-parameter.yaml")
    assert [problem.place.rpartition(".")[2] for problem in refused.value.problems] == NO_EFFECT
    assert all(problem.hint for problem in refused.value.problems)


def test_cases_whose_readings_moved_are_named_in_the_changelog() -> None:
    text = (Path(__file__).parents[1] / "CHANGELOG.md").read_text(encoding="utf-8")
    assert [name for name in WIDER if f"`{name}`" not in text] == []


def test_a_reading_that_moved_would_be_seen() -> None:
    then = THEN["cases"]["vv-ards"]["after"]
    share, least = TOLERANCE
    moved = {name: value + 1.01 * max(share * abs(value), least) for name, value in then.items()}
    assert set(far_off(moved, then)) == set(far_off({}, then)) == set(then)


def test_waveforms_that_a_case_asks_for_are_kept_under_their_old_names() -> None:
    then = pq.read_schema(HERE / "result" / "waveforms.parquet")
    now = played("vv-ards").waveforms
    assert set(then.names) <= set(now.column_names)
    assert now.num_rows == pq.read_metadata(HERE / "result" / "waveforms.parquet").num_rows


# -- results on disk ----------------------------------------------------------------------------------------------------------


def test_every_quantity_of_an_old_result_is_still_known_in_its_unit() -> None:
    summary = json.loads((HERE / "result" / "summary.json").read_text(encoding="utf-8"))
    assert summary["schema"] == "perfuse-summary/1"
    for block in ("before", "after"):
        assert {name: entry["unit"] for name, entry in summary[block].items()} == {name: unit_of(name) for name in summary[block]}
    assert set(pq.read_schema(HERE / "result" / "trends.parquet").names) <= {"t", *vocabulary()}


def test_old_tables_still_say_where_they_come_from() -> None:
    for name in ("trends", "waveforms"):
        footer = pq.read_schema(HERE / "result" / f"{name}.parquet").metadata
        assert {key.encode() for key in METADATA} <= set(footer)
        assert (footer[b"safety"].decode(), footer[b"perfuse"].decode()) == (SAFETY_TEXT, "0.1.0")
        assert footer[b"physics_hash"].decode() == THEN["physics"]


def test_a_folder_of_old_results_is_known_as_ours_and_replaced_as_a_whole(tmp_path: Path) -> None:
    shutil.copytree(HERE / "result", tmp_path / "out")
    write_run(played("artificial-heart"), tmp_path / "out")
    assert json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["title"] == "A total artificial heart"
    assert not (tmp_path / "out" / "waveforms.parquet").exists()


# -- a snapshot ---------------------------------------------------------------------------------------------------------------


def test_an_old_snapshot_goes_on_bit_for_bit_or_is_refused_in_words() -> None:
    then = THEN["snapshot"]
    try:
        snapshot = Snapshot.load(HERE / "snapshot.json")
    except pf.InputError as refused:
        says_why(refused, then["physics"])
        return
    numerics = object.__new__(pf.Simulation).restore(snapshot).step(then["step"]).numerics()
    assert numerics == then["numerics"] if ours(then["physics"]) else far_off(numerics, then["numerics"]) == {}


# -- runs at the bedside ------------------------------------------------------------------------------------------------------


def test_every_old_run_is_listed_with_its_title_and_state(store: Store) -> None:
    listed = {one.run.id: one for one in store.runs()}
    assert sorted(listed) == RUNS
    for ident, then in THEN["runs"].items():
        one = listed[ident]
        assert (one.run.title, one.run.state, one.run.version, one.run.physics) == (then["title"], then["state"], "0.1.0", THEN["physics"])
        assert (one.courses, one.head) == (len(then["courses"]), max(course["head"] for course in then["courses"].values()))
    assert {then["state"] for then in THEN["runs"].values()} == {"stopped", "running"}, "one of them was cut off by a power cut"


@pytest.mark.parametrize("ident", RUNS)
def test_the_log_of_an_old_run_is_read_whole_and_in_order(store: Store, ident: str) -> None:
    kept, then = store.load(ident), THEN["runs"][ident]
    assert [event.seq for event in kept.events] == list(range(1, then["events"] + 1))
    assert {course.id: course.head for course in kept.courses} == {name: course["head"] for name, course in then["courses"].items()}
    assert all(event.detail["words"] for event in kept.events)


@pytest.mark.parametrize("ident", RUNS)
def test_an_old_run_goes_on_where_it_was_left_or_is_refused_in_words(store: Store, writer: Writer, ident: str) -> None:
    kept = store.load(ident)
    try:
        run = Run.resume(kept, store, writer)
    except pf.InputError as refused:
        says_why(refused, kept.run.physics)
        assert kept.run.title in str(refused)
        assert store.load(ident) == kept, "a run that is refused stays as it was"
        return
    assert run.bed.step == run.line.head
    run.advance(5 * PER_SECOND)
    assert run.bed.ok and run.bed.shown["MAP"] is not None


def test_the_console_lists_old_runs_and_says_why_it_does_not_open_those_of_another_physics(store: Store) -> None:
    ward = Ward(store)
    try:
        listed = {one["id"]: one for one in ward.listed()}
        assert {ident: one["title"] for ident, one in listed.items()} == {ident: then["title"] for ident, then in THEN["runs"].items()}
        assert {one["state"] for one in listed.values()} <= ({"stopped"} if ours(THEN["physics"]) else {"stopped", "other version"})
        for ident in [ident for ident, one in listed.items() if one["state"] == "other version"]:
            assert ward.open(ident)
            assert "physics" in ward.failed[ident] and "exported" in ward.failed[ident]
            assert ident not in ward.lives and ident not in ward.preparing
    finally:
        ward.close()


def replayed(kept: Kept, course: str) -> Bed:
    """A course from its very beginning: the patient settles again, and everything that the log says is done at its step."""
    bed = Bed(case_from(json.loads(kept.run.case), kept.run.title))
    for event in way_to(kept.events, forks_of(kept.events), course):
        if event.verb in VERBS:
            bed.advance(event.step - bed.step)
            bed.act(event.detail["request"])
    bed.advance(next(line.head for line in kept.courses if line.id == course) - bed.step)
    return bed


@pytest.mark.parametrize(("ident", "course"), COURSES)
def test_the_log_of_an_old_run_replays_bit_for_bit_where_the_physics_is_the_same(store: Store, ident: str, course: str) -> None:
    kept = store.load(ident)
    if not ours(kept.run.physics):
        pytest.skip("another physics: other bits, and such a run is refused (see the tests above)")
    bed = replayed(kept, course)
    _, rows = bed.trend.series(columns(), 0.0, 1e9)
    for block in store.readings(ident, course, 0, 2**62):
        assert np.array_equal(block.rows, rows[block.block : block.block + len(block.rows)], equal_nan=True)
    last = store.snapshot_at(ident, course, bed.step)
    if last is not None and last.step == bed.step:
        assert packed(bed.state()) == packed(unpacked(last.state)["bed"])


@pytest.mark.parametrize(("ident", "course"), COURSES)
def test_the_numbers_that_an_old_run_showed_are_exported(store: Store, ident: str, course: str) -> None:
    table = pq.read_table(io.BytesIO(trend_table(store, store.load(ident), course)))
    count = THEN["runs"][ident]["courses"][course]["seconds"]
    assert count > 0
    assert table.column("t").to_pylist() == [float(second) for second in range(1, count + 1)]
    assert np.isfinite(table.column("MAP").to_numpy()[5:]).all()
    notes = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    assert (notes["perfuse"], notes["physics_hash"], notes["course"]) == ("0.1.0", THEN["physics"], course)
    assert (notes["title"], notes["safety"]) == (THEN["runs"][ident]["title"], SAFETY_TEXT)


@pytest.mark.parametrize(("ident", "course"), COURSES)
def test_an_old_run_exported_as_a_case_plays_here_and_reads_what_it_read(store: Store, ident: str, course: str) -> None:
    """What the words of a refusal advise works."""
    run = run_case(case_from_text(case_text(store.load(ident), course), f"{ident}.yaml"))
    then = THEN["runs"][ident]["courses"][course]
    assert run.status["ok"], run.status["text"]
    assert far_off(run.after, then["after"]) == {}
