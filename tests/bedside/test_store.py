"""What was written is read back as it was, the log only grows, and neither a kill nor damage takes what was kept."""

import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import perfuse
from perfuse.bedside import schema
from perfuse.bedside.records import Batch, Block, Course, Event, RunRow, StateAt, wall_now
from perfuse.bedside.snapshots import digest, packed, unpacked
from perfuse.bedside.store import Store, open_store
from perfuse.parameters.problems import InputError

STRANGE = [
    "'; DROP TABLE events; --",
    "\"quoted\" and 'quoted'",
    "<script>alert(1)</script>",
    "🫀 Herzkammer „links“ ±0 µg/kg/min",
    "back\\slash \\u0000 \\\\u0000 %s ? :run $1 $$ {bytes}",
    "line\nbreak\r\ttab \x01\x1f\x7f\u2028\ufffe",
    "עברית ⁧‏ e\u0301",
    " ",
    "x" * 100_000,
]
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
values = st.none() | texts | numbers
leaves = values | st.booleans()
plain = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=8)
steps = st.integers(0, 2**63 - 1)
events = st.builds(Event, steps, st.just("A"), steps, texts, texts, texts, texts, values, values, st.dictionaries(texts, plain, max_size=3))


def named(name: str, title: str = "", case: str = "{}") -> RunRow:
    return RunRow(name, title, wall_now(), "0.1", "abc", case, "running")


COUNT = iter(range(10**9))


@given(st.lists(events, unique_by=lambda event: event.seq, max_size=8), texts, texts)
def test_what_is_written_is_read_back_in_order(shared: Store, said: list[Event], title: str, case: str) -> None:
    run, course = named(f"run {next(COUNT)}", title, case), Course("A", None, 3, 9, title)
    shared.begin(run, [course], said)
    kept = shared.load(run.id)
    assert (kept.run, kept.courses) == (run, (course,))
    assert kept.events == tuple(sorted(said, key=lambda event: event.seq))
    assert [json.dumps([e.old, e.new, e.detail], sort_keys=True) for e in kept.events] == [
        json.dumps([e.old, e.new, e.detail], sort_keys=True) for e in sorted(said, key=lambda event: event.seq)
    ]


@given(st.data())
def test_what_comes_twice_is_kept_once(shared: Store, data: st.DataObject) -> None:
    """As after a commit whose answer got lost: pieces of the log, overlapping, in any order, give the log."""
    run, said = named(f"twice {next(COUNT)}"), [Event(seq, "A", seq, wall_now(), "operator", "set") for seq in range(12)]
    shared.begin(run, [Course("A", None, 0, 0)], [])
    starts = data.draw(st.permutations(range(12)))
    for start in starts:
        shared.write(Batch(run.id, said[start : start + data.draw(st.integers(1, 6))]))
    assert shared.load(run.id).events == tuple(said)


@pytest.mark.parametrize("text", STRANGE)
def test_strange_text_comes_back_as_it_was(store: Store, say: Any, text: str) -> None:
    run = say.run(text[:1000], title=text, case=json.dumps({"who": text}), state=text)
    said = say.event(0, text[:1000], actor=text, verb=text, target=text, old=text, new=text, detail={text: [text]})
    store.begin(run, [Course(text[:1000], None, 0, 0, text)], [said])
    kept = store.load(text[:1000])
    assert (kept.run, kept.events, kept.courses[0].words) == (run, (said,), text)


@pytest.mark.parametrize("bad", ["a\0b", "half \ud83d"])
def test_text_that_no_database_takes_is_refused_before_it_gets_there(say: Any, bad: str) -> None:
    for said in ({"actor": bad}, {"target": bad}, {"old": bad}, {"new": bad}, {"detail": {"note": [bad]}}, {"detail": {bad: 1}}):
        with pytest.raises(InputError, match=r"NUL|half of a character"):
            say.event(1, **said)
    for make in (lambda: say.run(bad), lambda: Course(bad, None, 0, 0), lambda: StateAt(bad, 0, b""), lambda: Batch("r", title=bad)):
        with pytest.raises(InputError, match=r"NUL|half of a character"):
            make()


@pytest.mark.parametrize("said", [{"new": float("nan")}, {"old": float("inf")}, {"detail": {"x": {1, 2}}}, {"detail": {"x": b"raw"}}])
def test_what_json_cannot_say_is_refused(say: Any, said: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="JSON"):
        say.event(1, **said)


@pytest.mark.parametrize("number", [-1, 2**63, 1.5, None, "1", np.int64(1)])
def test_numbers_of_steps_are_whole_and_fit(number: Any) -> None:
    with pytest.raises(InputError, match="whole number"):
        Event(0, "A", number, "", "", "")


def test_an_event_stays_as_it_was_said() -> None:
    detail = {"list": [1]}
    said = Event(0, "A", 0, "", "", "", detail=detail)
    detail["list"].append(2)
    assert said.detail == {"list": [1]}


FORBIDDEN = [
    "UPDATE events SET wall = 'never' WHERE seq = 1",
    "DELETE FROM events WHERE seq = 1",
    "DELETE FROM events",
    """INSERT INTO events SELECT run, seq, course, step, wall, 'somebody', verb, target, old, new, detail FROM events WHERE seq = 1
    ON CONFLICT (run, seq) DO UPDATE SET actor = excluded.actor""",
]
ONLY = {
    "sqlite": ["INSERT OR REPLACE INTO events SELECT run, seq, course, step, wall, 'somebody', verb, target, old, new, detail FROM events"],
    "postgresql": ["TRUNCATE events", "TRUNCATE runs CASCADE", "DELETE FROM runs", "DELETE FROM courses"],
}


def test_the_database_itself_refuses_to_change_the_log(place: Any, store: Store, say: Any) -> None:
    say.begun(store)
    store.write(say.batch(1, 2))
    before = store.load("r1")
    for statement in FORBIDDEN + ONLY[place.kind]:
        with pytest.raises(Exception, match=r"append-only|foreign key"):
            place.sql(statement)
        assert store.load("r1") == before, statement


def test_another_event_under_the_same_number_is_refused_and_nothing_of_its_batch_is_kept(store: Store, say: Any) -> None:
    say.begun(store)
    store.write(say.batch(1, 2))
    before = store.load("r1")
    late = Batch("r1", [say.event(3), say.event(2, target="rpm")], [Course("A", None, 0, 999)], [StateAt("A", 5, b"x")], state="stopped")
    with pytest.raises(InputError, match="event 2: another event of this number"):
        store.write(late)
    assert store.load("r1") == before
    assert store.snapshot_at("r1", "A", 99) is None


def test_a_number_and_its_text_are_different_events(store: Store, say: Any) -> None:
    say.begun(store)
    store.write(Batch("r1", [say.event(1, new=1.0)]))
    for other in (1, "1.0", None, -1.0):
        with pytest.raises(InputError, match="another event"):
            store.write(Batch("r1", [say.event(1, new=other)]))


def test_heads_words_state_and_title_follow_the_run(store: Store, say: Any) -> None:
    say.begun(store)
    store.write(Batch("r1", courses=[Course("A", None, 0, 70), Course("B", "A", 50, 60, "Speed 3300 → 3450")], state="paused"))
    store.write(Batch("r1", courses=[Course("B", "A", 50, 90, "Speed 3300 → 3500")], title="Night"))
    kept = store.load("r1")
    assert (kept.run.state, kept.run.title) == ("paused", "Night")
    assert kept.courses == (Course("A", None, 0, 70), Course("B", "A", 50, 90, "Speed 3300 → 3500"))
    with pytest.raises(InputError, match="cannot move"):
        store.write(Batch("r1", courses=[Course("B", "A", 40, 90)]))


def test_runs_are_listed_newest_first_with_how_far_they_came(store: Store, say: Any) -> None:
    assert store.runs() == []
    for day in ("02", "03", "01"):
        say.begun(store, f"day {day}", made=f"2026-05-{day}T00:00:00.000Z")
    store.write(say.batch(1, 2, run="day 02"), Batch("day 02", courses=[Course("B", "A", 10, 700)]))
    listed = store.runs()
    assert [row.run.id for row in listed] == ["day 03", "day 02", "day 01"]
    assert [(row.courses, row.head, row.last) for row in listed] == [(1, 0, say.wall), (2, 700, say.wall), (1, 0, say.wall)]


def test_two_runs_do_not_mix(store: Store, say: Any) -> None:
    for name in ("r1", "r2"):
        say.begun(store, name)
        said = [say.event(seq, target=name) for seq in (1, 2)]
        numbers = [Block("A", 0, ("MAP",), np.full((2, 1), len(name)))]
        store.write(Batch(name, said, snapshots=[StateAt("A", 7, name.encode())], readings=numbers if name == "r2" else []))
    for name in ("r1", "r2"):
        assert {event.target for event in store.load(name).events[1:]} == {name}
        found = store.snapshot_at(name, "A", 7)
        assert found is not None and found.state == name.encode()
    assert store.readings("r1", "A", 0, 9) == []


def test_a_run_begins_once(store: Store, say: Any) -> None:
    say.begun(store)
    say.begun(store)
    with pytest.raises(InputError, match="another run of this name"):
        say.begun(store, title="Somebody else's")
    assert say.seqs(store) == [0]


def test_what_belongs_to_no_run_or_course_is_refused(store: Store, say: Any) -> None:
    with pytest.raises(InputError, match="no run of this name"):
        store.load("r1")
    with pytest.raises(InputError, match="no run of this name"):
        store.write(Batch("r1"))
    say.begun(store)
    with pytest.raises(InputError, match="does not fit"):
        store.write(Batch("r1", [say.event(1, "Z")]))
    with pytest.raises(InputError, match="does not fit"):
        store.write(Batch("r1", courses=[Course("B", "Z", 0, 0)]))
    store.write(say.batch(1))
    assert say.seqs(store) == [0, 1]


def test_the_newest_snapshot_at_or_before_a_step_is_found(store: Store, say: Any) -> None:
    say.begun(store)
    states = {step: os.urandom(5000) for step in (0, 500, 1000)}
    store.write(Batch("r1", courses=[Course("B", "A", 0, 0)], snapshots=[StateAt("A", step, state) for step, state in states.items()]))
    for step, expected in ((0, 0), (499, 0), (500, 500), (999, 500), (2**40, 1000)):
        assert store.snapshot_at("r1", "A", step) == StateAt("A", expected, states[expected])
    assert store.snapshot_at("r1", "B", 999) is None


def test_a_damaged_snapshot_is_passed_over_and_that_is_said(place: Any, store: Store, say: Any) -> None:
    say.begun(store)
    store.write(Batch("r1", snapshots=[StateAt("A", step, b"state %d" % step) for step in (100, 200, 300)]))
    place.sql("UPDATE snapshots SET state = ? WHERE step = 300", b"not even packed")
    place.sql("UPDATE snapshots SET state = ? WHERE step = 200", packed(b"state 201"))
    assert store.snapshot_at("r1", "A", 900) == StateAt("A", 100, b"state 100", "Damaged and passed over: snapshots at step 300, 200.")
    place.sql("UPDATE snapshots SET digest = '' WHERE step = 100")
    with pytest.raises(InputError, match=r"every snapshot is damaged .*300, 200, 100"):
        store.snapshot_at("r1", "A", 900)
    store.write(Batch("r1", snapshots=[StateAt("A", 300, b"made again")]))
    assert store.snapshot_at("r1", "A", 900) == StateAt("A", 300, b"made again")


@given(st.binary(max_size=300), st.data())
def test_no_flipped_bit_of_a_packed_state_goes_unseen(state: bytes, data: st.DataObject) -> None:
    stored = bytearray(packed(state))
    assert unpacked(bytes(stored), digest(state)) == state
    stored[data.draw(st.integers(0, len(stored) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        assert unpacked(bytes(stored), digest(state)) == state
    except InputError as error:
        assert "damaged" in str(error)


def test_numbers_shown_come_back_bit_by_bit(store: Store, say: Any) -> None:
    say.begun(store)
    rows = np.random.default_rng(1).normal(size=(60, 3)).astype(np.float32)
    rows[3, 1], rows[4, 2], rows[5, 0] = np.nan, np.inf, -0.0
    blocks = [Block("A", number, ("MAP", "ecmo_flow", "Ω"), rows[: 60 - number]) for number in range(5)]
    store.write(Batch("r1", readings=blocks), Batch("r1", readings=[Block("A", 9, ("MAP",), np.empty((0, 1)))]))
    back = store.readings("r1", "A", 1, 3)
    assert [block.block for block in back] == [1, 2, 3]
    assert all(block.rows.tobytes() == rows[: 60 - block.block].tobytes() and block.columns == blocks[0].columns for block in back)
    assert store.readings("r1", "A", 9, 9)[0].rows.shape == (0, 1)
    store.write(Batch("r1", readings=[Block("A", 1, ("MAP",), np.ones((2, 1)))]))
    assert store.readings("r1", "A", 1, 1)[0].rows.tolist() == [[1.0], [1.0]]
    for columns, shape in ((("MAP", "CVP"), (2, 1)), ((), (0, 0)), (("MAP",), (3,))):
        with pytest.raises(InputError, match="columns are named"):
            Block("A", 0, columns, np.ones(shape))


def test_a_damaged_block_is_said_and_the_others_are_read(place: Any, store: Store, say: Any) -> None:
    say.begun(store)
    store.write(Batch("r1", readings=[Block("A", number, ("MAP",), np.ones((2, 1))) for number in range(3)]))
    place.sql("UPDATE readings SET rows = ? WHERE block = 1", b"?")
    back = store.readings("r1", "A", 0, 2)
    assert [len(block.rows) for block in back] == [2, 0, 2]
    assert ["damaged" in block.words for block in back] == [False, True, False]


def test_many_threads_write_and_read_at_once(store: Store, say: Any) -> None:
    for name in "abcd":
        say.begun(store, name)
    failed: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for seq in range(1, 26):
                store.write(say.batch(seq, run=name))
                assert say.seqs(store, name) == list(range(seq + 1))
                assert len(store.runs()) == 4
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert all(say.seqs(store, name) == list(range(26)) for name in "abcd")


def test_of_two_programs_that_write_one_run_the_second_is_refused(place: Any, store: Store, say: Any) -> None:
    say.begun(store)
    other = open_store(place.where)
    other.write(say.batch(1, actor="other"))
    with pytest.raises(InputError, match="another event of this number"):
        store.write(say.batch(1))
    assert store.load("r1") == other.load("r1")
    other.close()


def test_a_record_is_there_after_it_was_closed(place: Any, say: Any) -> None:
    first = open_store(place.where)
    say.begun(first)
    kept = first.load("r1")
    first.close()
    second = open_store(place.where)
    assert second.load("r1") == kept
    second.close()


def test_an_older_record_is_brought_up_to_date_and_a_newer_one_refused(place: Any, say: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now = open_store(place.where)
    say.begun(now)
    kept = now.load("r1")
    now.close()
    step = ("ALTER TABLE runs ADD COLUMN teacher TEXT NOT NULL DEFAULT 'nobody'",)
    with monkeypatch.context() as later:
        later.setattr(schema, "STEPS", [*schema.STEPS, {"sqlite": step, "postgresql": step}])
        for _ in range(2):
            newer = open_store(place.where)
            assert newer.load("r1") == kept
            newer.close()
        assert [list(row) for row in place.sql("SELECT perfuse_schema.version, teacher FROM perfuse_schema, runs")] == [[2, "nobody"]]
    with pytest.raises(InputError, match="has the form 2, and this version of perfuse knows forms up to 1"):
        open_store(place.where)


DYING = """
import os, sys
from perfuse.bedside.records import Batch, Course, Event, StateAt, wall_now
from perfuse.bedside.store import open_store
store = open_store(sys.argv[1])
last = store.load("r1").events[-1].seq
while True:
    said = [Event(seq, "A", seq, wall_now(), "operator", "set") for seq in range(last + 1, last + 11)]
    last += 10
    store.write(Batch("r1", said, [Course("A", None, 0, last)], [StateAt("A", last, os.urandom(100_000))]))
    print(last, flush=True)
"""


def test_a_kill_in_the_middle_of_writing_loses_nothing_that_was_committed(place: Any, say: Any) -> None:
    store = open_store(place.where)
    say.begun(store)
    store.close()
    environment = {**os.environ, "PYTHONPATH": str(Path(perfuse.__file__).parents[1])}
    chance = random.Random(4)
    for _ in range(4):
        with subprocess.Popen([sys.executable, "-c", DYING, str(place.where)], stdout=subprocess.PIPE, text=True, env=environment) as child:
            assert child.stdout is not None
            said = [child.stdout.readline()]
            time.sleep(chance.uniform(0.0, 0.15))
            child.kill()
            said += child.stdout.readlines()
        place.let_go()
        told = int([line for line in said if line.endswith("\n")][-1])
        store = open_store(place.where)
        kept = store.load("r1")
        last = kept.events[-1].seq
        assert told <= last <= told + 10, "at most the batch that was being written"
        assert [event.seq for event in kept.events] == list(range(last + 1)) and last % 10 == 0, "whole batches only"
        found = store.snapshot_at("r1", "A", 2**40)
        assert found is not None and (found.step, found.words, kept.courses[0].head) == (last, "", last)
        store.close()
    if place.kind == "sqlite":
        assert place.sql("PRAGMA integrity_check") == [("ok",)]
