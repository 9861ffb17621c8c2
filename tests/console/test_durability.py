"""A power cut costs at most the last second, and what comes after it is what would have come without it, bit for bit."""

from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest

from perfuse.bedside.bed import Bed
from perfuse.bedside.packing import packed
from perfuse.bedside.run import Run
from perfuse.bedside.store import open_store
from perfuse.bedside.writer import Writer
from perfuse.views.console import sight

STEP = 0.02


def done(page: Any) -> list[dict[str, Any]]:
    """Entries of the log that a page was told of."""
    return [entry for message in page.told if message["k"] == "log" for entry in message["entries"]]


def replayed(run: Run, step: int) -> Bed:
    """The same run without any cut, from its beginning."""
    bed = Bed(run.case)
    for event in run.path():
        if "request" in event.detail and event.step <= step:
            bed.advance(event.step - bed.step)
            bed.act(event.detail["request"])
    bed.advance(step - bed.step)
    return bed


def resumed(where: Any, ident: str) -> Run:
    """The run as it stands in the record, opened without a server."""
    store = open_store(where)
    writer = Writer(store)
    run = Run.resume(store.load(ident), store, writer)
    writer.close()
    store.close()
    return run


def test_a_killed_server_loses_at_most_a_second_and_goes_on_bit_for_bit(begin: Callable[..., Any], place: Any) -> None:
    server = begin(store=place.where)
    ident = server.new()
    page = server.page(ident)
    page.do("set", control="pump.rpm", value=3300, over=20)
    page.do("speed", value=20)
    page.listen(2)
    page.do("fault", fault="bleeding", severity=0.6)
    page.do("draw", what="gas", site="right radial")
    page.listen(1)
    page.do("branch", words="another way")
    page.do("set", control="gas.sweep", value=7)
    page.listen(1.8)
    page.do("note", text="the last word")
    page.listen(1.2)
    server.kill()
    killed = monotonic()
    place.let_go()
    before = [frame.time for frame in page.waves if frame.came < killed - 1.1]

    cut = resumed(place.where, ident)
    assert cut.course == "B" and cut.bed.time >= before[-1] > 60
    assert [event.seq for event in cut.events] == list(range(1, len(cut.events) + 1))
    told = done(page)
    assert [event.verb for event in cut.events][: len(told)] == [entry["verb"] for entry in told]
    assert packed(cut.bed.state()) == packed(replayed(cut, cut.bed.step).state())

    server.start()
    (listed,) = server.ask("/api/start").json["runs"]
    assert (listed["id"], listed["state"], listed["courses"]) == (ident, "stopped", 2)
    assert listed["time"] == pytest.approx(cut.bed.time)
    page = server.page(ident)
    assert [entry["words"] for entry in page.last["log"]["entries"] if entry["verb"] == "note"] == ["the last word"]
    assert page.last["state"]["course"] == "B" and page.last["state"]["set"]["gas.sweep"] == 7
    page.ahead(30)
    page.do("pause")
    page.listen(0.5)
    number = page.last["num"]
    bed = replayed(cut, int(number["t"]) * 50)
    assert number["v"] == sight.numbers("operator", bed.shown, False)
    page.do("course", id="A")
    state = page.have("state", lambda message: message["course"] == "A")
    assert state["set"]["gas.sweep"] == 4.5 and state["t"] == pytest.approx(cut.courses["A"].head * STEP, abs=0.1)


def test_many_pages_that_come_back_at_once_find_one_run_and_nothing_comes_twice(begin: Callable[..., Any]) -> None:
    server = begin()
    ident = server.new()
    page = server.page(ident)
    page.do("note", text="before")
    page.listen(1.1)
    server.kill()
    server.start()
    server.pages = pages = [type(page)(server.socket(server.address(ident))) for _ in range(12)]
    for page in pages:
        page.next("lab", seconds=30)
    pages[0].do("note", text="after")
    for page in pages:
        assert page.have("log", lambda log: log["entries"][-1]["words"] == "after")
    pages[0].listen(1.1)
    assert pages[0].last["state"]["saved"] == "kept"
    server.kill()
    server.start()
    assert [one["id"] for one in server.ask("/api/start").json["runs"]] == [ident]
    page = server.page(ident)
    assert [entry["words"] for entry in page.last["log"]["entries"] if entry["verb"] == "note"] == ["before", "after"]


@pytest.mark.postgres
def test_a_run_lives_on_while_its_database_is_away(begin: Callable[..., Any], cluster: Any) -> None:
    name = cluster.database()
    server = begin(store=cluster.url(name))
    ident = server.new()
    page = server.page(ident)
    page.listen(1)
    cluster.stop()
    page.do("note", text="nobody writes this down now")
    page.next("state", lambda state: state["saved"] == "failing", 15)
    assert server.ask("/api/start").status == 503
    began = page.last["num"]["t"]
    page.listen(2)
    assert page.last["num"]["t"] - began >= 1
    cluster.start()
    page.next("state", lambda state: state["saved"] == "kept", 20)
    server.kill()
    server.start()
    page = server.page(ident)
    assert "nobody writes this down now" in [entry["words"] for entry in page.last["log"]["entries"]]
