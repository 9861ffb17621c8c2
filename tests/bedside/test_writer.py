"""Nobody waits for the writer, and whatever the database does, nothing is lost and nothing changes places."""

import random
import threading
import time
from typing import Any

import pytest

from perfuse.bedside import writer
from perfuse.bedside.databases import RecordError
from perfuse.bedside.records import Batch
from perfuse.bedside.store import Store, open_store
from perfuse.bedside.writer import Writer


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commits and tries again without the pauses of a real night."""
    monkeypatch.setattr(writer, "EVERY", 0.01)
    monkeypatch.setattr(writer, "PAUSES", (0.01, 0.05))


def test_what_is_put_is_kept_within_the_second(store: Store, say: Any, until: Any) -> None:
    say.begun(store)
    keeping = Writer(store)
    begun = time.monotonic()
    for seq in range(1, 6):
        keeping.put(say.batch(seq))
    until(lambda: say.seqs(store) == list(range(6)), 5)
    assert time.monotonic() - begun < 3
    assert (keeping.state, keeping.error) == ("kept", "")
    assert keeping.close()


def test_what_comes_together_is_committed_together(store: Store, say: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    say.begun(store)
    commits: list[int] = []
    write = store.write
    monkeypatch.setattr(store, "write", lambda *batches: (commits.append(len(batches)), write(*batches)))
    keeping = Writer(store)
    for seq in range(1, 101):
        keeping.put(say.batch(seq))
    assert keeping.close()
    assert sum(commits) == 100 and len(commits) <= 3
    assert say.seqs(store) == list(range(101))


def test_flush_keeps_at_once_what_was_put_before(store: Store, say: Any) -> None:
    say.begun(store)
    keeping = Writer(store)
    assert keeping.flush(5)
    keeping.put(say.batch(1))
    assert keeping.flush(5)
    assert say.seqs(store) == [0, 1]
    assert keeping.close()


def test_closing_keeps_what_is_left_and_takes_no_more(store: Store, say: Any) -> None:
    say.begun(store)
    keeping = Writer(store)
    keeping.put(say.batch(1))
    assert keeping.close()
    assert say.seqs(store) == [0, 1]
    with pytest.raises(RuntimeError, match="closed"):
        keeping.put(say.batch(2))


def test_a_slow_disk_makes_the_record_behind_and_nobody_waits(store: Store, say: Any, until: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    say.begun(store)
    go = threading.Event()
    write = store.write
    monkeypatch.setattr(store, "write", lambda *batches: (go.wait(20), write(*batches)))
    keeping = Writer(store)
    keeping.put(say.batch(1))
    assert keeping.state == "kept"
    until(lambda: keeping.state == "behind")
    begun = time.monotonic()
    for seq in range(2, 200):
        keeping.put(say.batch(seq))
    assert time.monotonic() - begun < 0.5
    assert (keeping.state_of("r1"), keeping.state_of("another")) == ("behind", "kept")
    assert not keeping.flush(0.05)
    go.set()
    assert keeping.flush(10) and keeping.state == "kept"
    assert keeping.close()
    assert say.seqs(store) == list(range(200))


def test_a_database_that_somebody_else_holds_is_failing_until_he_lets_go(place: Any, store: Store, say: Any, until: Any) -> None:
    say.begun(store)
    keeping = Writer(store)
    with place.held():
        keeping.put(say.batch(1))
        until(lambda: keeping.state == "failing")
        assert "lock" in keeping.error
        keeping.put(say.batch(2))
        assert not keeping.flush(0.1)
    assert keeping.flush(15)
    assert (keeping.state, keeping.error) == ("kept", "")
    assert keeping.close()
    assert say.seqs(store) == [0, 1, 2]


def test_a_full_disk_is_failing_until_there_is_room(tmp_path: Any, say: Any, until: Any) -> None:
    store = open_store(tmp_path / "runs.sqlite")
    say.begun(store)
    ((pages,),) = store._database.rows("PRAGMA page_count")
    store._database.rows(f"PRAGMA max_page_count = {pages}")
    keeping = Writer(store)
    for seq in range(1, 50):
        keeping.put(say.batch(seq, target="much " * 1000))
    until(lambda: keeping.state == "failing")
    assert "full" in keeping.error
    assert say.seqs(store) == [0]
    store._database.rows("PRAGMA max_page_count = 1000000")
    assert keeping.flush(15) and keeping.state == "kept"
    assert keeping.close()
    assert say.seqs(store) == list(range(50))
    store.close()


@pytest.mark.postgres
def test_a_server_that_goes_away_and_comes_back_loses_nothing(cluster: Any, say: Any, until: Any) -> None:
    name = cluster.database()
    store = open_store(cluster.url(name))
    say.begun(store)
    keeping = Writer(store)
    keeping.put(say.batch(1))
    assert keeping.flush(10)
    cluster.stop()
    try:
        keeping.put(say.batch(2))
        until(lambda: keeping.state == "failing")
        with pytest.raises(RecordError):
            store.load("r1")
        keeping.put(say.batch(3))
    finally:
        cluster.start()
    assert keeping.flush(20) and keeping.close()
    assert say.seqs(store) == [0, 1, 2, 3]
    admin = cluster.connect()
    admin.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name", name=name)
    admin.close()
    with pytest.raises(RecordError):
        store.load("r1")
    assert say.seqs(store) == [0, 1, 2, 3]
    store.close()


@pytest.mark.usefixtures("quick")
def test_whatever_fails_the_log_is_whole_and_in_order(store: Store, say: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commits fail before or after they took place, while several threads put into several runs."""
    for name in "abc":
        say.begun(store, name)
    chance, write = random.Random(7), store.write

    def shaky(*batches: Batch) -> None:
        luck = chance.random()
        if luck < 0.4:
            raise RecordError("no luck")
        write(*batches)
        if luck < 0.6:
            raise RecordError("the answer was lost")

    monkeypatch.setattr(store, "write", shaky)
    keeping = Writer(store)

    def work(name: str) -> None:
        for seq in range(1, 101):
            keeping.put(say.batch(seq, run=name))
            time.sleep(0.001)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert keeping.close(30)
    for name in "abc":
        kept = store.load(name)
        assert [event.seq for event in kept.events] == list(range(101))
        assert kept.courses[0].head == 5000


@pytest.mark.usefixtures("quick")
def test_a_run_that_is_refused_holds_up_no_other(store: Store, say: Any, until: Any) -> None:
    say.begun(store, "bad")
    say.begun(store, "good")
    keeping = Writer(store)
    keeping.put(say.batch(0, run="bad", target="something else"))
    keeping.put(say.batch(1, run="good"))
    until(lambda: say.seqs(store, "good") == [0, 1])
    until(lambda: keeping.state_of("bad") == "failing")
    assert (keeping.state, keeping.state_of("good")) == ("failing", "kept")
    assert "another event of this number" in keeping.error
    keeping.put(say.batch(2, run="good"))
    assert keeping.flush(5, run="good") and not keeping.flush(0.1, run="bad")
    assert not keeping.close(0.2)
    assert (say.seqs(store, "good"), say.seqs(store, "bad")) == ([0, 1, 2], [0])


@pytest.mark.usefixtures("quick")
def test_the_writer_outlives_what_nobody_foresaw(store: Store, say: Any, until: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    say.begun(store)
    with monkeypatch.context() as broken:
        broken.setattr(store, "write", lambda *batches: 1 / 0)
        keeping = Writer(store)
        keeping.put(say.batch(1))
        until(lambda: keeping.state == "failing")
        assert "zero" in keeping.error
    assert keeping.close()
    assert say.seqs(store) == [0, 1]
