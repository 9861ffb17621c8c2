"""A run with its history: going back, branching, replay from the log, what is kept and what it costs to lose power."""

import itertools

import pytest

from perfuse.bedside.export import case_of as exported
from perfuse.bedside.export import case_text, trend_table
from perfuse.bedside.packing import packed
from perfuse.bedside.run import Run
from perfuse.bedside.store import open_store
from perfuse.bedside.writer import Writer
from perfuse.parameters.case import case_from_text
from perfuse.parameters.circuits import default_support
from perfuse.parameters.from_python import case_of


@pytest.fixture
def kept(tmp_path):
    store = open_store(tmp_path / "runs.db")
    writer = Writer(store)
    yield store, writer
    writer.close()
    store.close()


def begun(kept, ident="one"):
    case = case_of("covid-ards", {**default_support("vv"), "established": True}, seconds=604800.0, title="COVID")
    return Run.begin(ident, "COVID", case, *kept)


def acted(run):
    """A minute with three deeds in it."""
    run.advance(50 * 20 + 7)
    run.act({"do": "set", "control": "pump.rpm", "value": 3600}, "operator")
    run.advance(50 * 10)
    run.act({"do": "fault", "fault": "bleeding", "severity": 0.5}, "operator")
    run.advance(50 * 30)
    run.act({"do": "draw", "what": "gas", "site": "right radial"}, "operator")
    run.advance(11)
    return run


def test_a_run_that_is_opened_again_goes_on_with_the_same_bits(kept):
    run = acted(begun(kept))
    run.keep(everything=True)
    kept[1].flush(5.0)
    again = Run.resume(kept[0].load("one"), *kept)
    assert packed(again.bed.state()) == packed(run.bed.state())
    run.advance(50 * 120)
    again.advance(50 * 120)
    assert packed(again.bed.state()) == packed(run.bed.state())


def test_replay_from_the_log_gives_the_same_alarms_at_the_same_steps(kept):
    run = acted(begun(kept))
    run.advance(50 * 600)
    derived = [(e.step, e.verb, e.target, e.new) for e in run.events if e.actor in ("monitor", "laboratory")]
    assert derived
    other = begun(kept, "two")
    for event in run.events:
        if event.actor == "operator":
            other.advance(event.step - other.bed.step)
            other.act(event.detail["request"], "operator")
    other.advance(run.bed.step - other.bed.step)
    assert [(e.step, e.verb, e.target, e.new) for e in other.events if e.actor in ("monitor", "laboratory")] == derived
    assert packed(other.bed.state()) == packed(run.bed.state())


def test_what_happened_before_a_snapshot_was_written_is_computed_again(kept):
    run = begun(kept)
    run.advance(50 * 700)  # passes a snapshot at 600 s
    run.act({"do": "set", "control": "gas.sweep", "value": 2.0}, "operator")
    run.advance(50 * 30)
    run.keep()
    kept[1].flush(5.0)
    assert kept[0].snapshot_at("one", "A", run.bed.step) is not None
    again = Run.resume(kept[0].load("one"), *kept)
    assert packed(again.bed.state()) == packed(run.bed.state())
    t, rows = again.courses["A"].trend.series(["MAP"], 0.0, 1e9)
    u, lines = run.courses["A"].trend.series(["MAP"], 0.0, 1e9)
    assert list(t) == list(u)
    assert (rows == lines).all()


def test_going_back_opens_a_course_and_keeps_the_old_one(kept):
    run = acted(begun(kept))
    old = run.bed.time
    run.go_back(25.0, "operator")
    assert run.course == "B"
    assert run.bed.time == pytest.approx(25.0)
    assert run.bed.setting("pump.rpm") == 3600, "what was done before that moment is still done"
    assert run.bed.faults == {}, "what was done later is not"
    run.act({"do": "set", "control": "pump.rpm", "value": 3000}, "operator")
    run.advance(50 * 60)
    run.switch("A", "operator")
    assert run.bed.time == pytest.approx(old)
    assert run.bed.faults == {"bleeding": 0.5}
    run.switch("B", "operator")
    assert run.bed.time == pytest.approx(85.0)
    assert run.bed.setting("pump.rpm") == 3000


def test_both_courses_share_their_past_in_the_trends(kept):
    run = acted(begun(kept))
    run.go_back(30.0, "operator")
    run.act({"do": "set", "control": "pump.rpm", "value": 2500}, "operator")
    run.advance(50 * 40)
    a, b = (run.series(course, ["ecmo_flow"], 0.0, 1e9, 4000) for course in ("A", "B"))
    assert a["t"][:29] == b["t"][:29]
    assert a["values"]["ecmo_flow"][:29] == b["values"]["ecmo_flow"][:29]
    assert a["values"]["ecmo_flow"][45] != b["values"]["ecmo_flow"][45]
    assert b["t"] == [float(i) for i in range(1, 71)]


def test_going_back_to_the_moment_of_a_deed_is_before_it(kept):
    run = begun(kept)
    run.advance(500)
    run.act({"do": "set", "control": "pump.rpm", "value": 4000}, "operator")
    run.advance(500)
    run.go_back(10.0, "operator")
    assert run.bed.setting("pump.rpm") == 3400


def test_going_back_twice_leaves_no_empty_course_in_the_way(kept):
    run = acted(begun(kept))
    run.go_back(40.0, "operator")
    run.advance(50)
    run.go_back(30.0, "operator")
    assert [line.id for line in run.visible()] == ["A", run.course]
    assert run.line.parent == "A"


def test_a_branch_from_a_branch_is_opened_again_whole(kept):
    run = acted(begun(kept))
    run.go_back(25.0, "operator")
    run.act({"do": "set", "control": "gas.sweep", "value": 1.0}, "operator")
    run.advance(50 * 20)
    run.branch("operator", "sweep 1 and then 6")
    run.act({"do": "set", "control": "gas.sweep", "value": 6.0}, "operator")
    run.advance(50 * 33 + 3)
    run.keep(everything=True)
    kept[1].flush(5.0)
    again = Run.resume(kept[0].load("one"), *kept)
    assert again.course == run.course == "C"
    assert packed(again.bed.state()) == packed(run.bed.state())
    again.switch("A", "operator")
    run.switch("A", "operator")
    assert packed(again.bed.state()) == packed(run.bed.state())


def test_the_record_holds_every_second_but_the_last(kept):
    run = begun(kept)
    for _ in itertools.repeat(None, 10):
        run.advance(50)
        run.keep()
    kept[1].flush(5.0)
    run.advance(25)  # half a second that nobody wrote down
    again = Run.resume(kept[0].load("one"), *kept)
    assert run.bed.time - again.bed.time <= 1.0


def test_a_run_exported_as_a_case_plays_what_was_done(kept):
    run = acted(begun(kept))
    run.keep(everything=True)
    kept[1].flush(5.0)
    whole = kept[0].load("one")
    case = case_from_text(case_text(whole, "A"), "case.yaml")
    assert case.patient.library == "covid-ards"
    assert [step.at for step in case.protocol] == [pytest.approx(20.14), pytest.approx(30.14)]
    assert exported(whole, "A")["duration"] == "60 s"
    table = trend_table(kept[0], whole, "A")
    assert table[:4] == b"PAR1"


def test_of_two_deeds_of_one_moment_the_last_word_is_exported(kept):
    run = begun(kept)
    run.advance(500)
    deeds = [
        {"do": "set", "control": "gas.sweep", "value": 2.0},
        {"do": "set", "control": "gas.sweep", "value": 4.0},
        {"do": "fault", "fault": "bleeding", "severity": 0.5},
        {"do": "fault", "fault": "bleeding", "severity": 0.0},
        {"do": "set", "control": "pump.rpm", "value": 3000.0},
        {"do": "set", "control": "pump.rpm", "value": 3600.0, "over": 5.0},
    ]
    for deed in deeds:
        run.act(deed, "operator")
    run.advance(500)
    run.keep(everything=True)
    kept[1].flush(5.0)
    case = case_from_text(case_text(kept[0].load("one"), "A"), "case.yaml")
    assert [(round(step.at, 3), step.settings, step.severity) for step in case.protocol] == [
        (10.0, {"gas.sweep": 4.0}, None),
        (10.0, {}, 0.0),
        (10.0, {"pump.rpm": 3000.0, "pump.flow": 0.0}, None),
        (10.02, {"pump.rpm": 3600.0, "pump.flow": 0.0}, None),
    ]
