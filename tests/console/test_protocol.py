"""What a page is told and what it may ask: order, pace, answers, refusals, results, and pages in step."""

import json
import socket as sockets
from itertools import pairwise
from time import monotonic
from typing import Any

import pytest

FIRST = ["hello", "layout", "state", "num", "alarms", "log", "lab"]


def test_a_page_is_first_told_everything_in_order(server: Any, run: str) -> None:
    page = server.page(run)
    told = [message["k"] for message in page.told if message["k"] != "preparing"]
    assert told[: len(FIRST)] == FIRST
    hello, log = page.last["hello"], page.last["log"]
    assert (hello["run"], hello["role"], hello["wire"]) == (run, "operator", 1)
    assert hello["title"] == "COVID-19 ARDS, VV-ECMO"
    assert log["fresh"] and log["entries"][0]["verb"] == "begin"
    assert not page.last["state"]["paused"] and page.last["state"]["speed"] == 1


def test_waves_come_25_times_a_second_and_draw_200_samples_a_second(page: Any) -> None:
    page.listen(1)
    page.waves.clear()
    page.listen(4)
    frames = page.waves
    span = frames[-1].came - frames[0].came
    samples = sum(frame.samples for frame in frames[1:])
    assert 20 <= (len(frames) - 1) / span <= 27
    assert samples / span == pytest.approx(200, rel=0.06)
    assert frames[-1].time - frames[0].time == pytest.approx(span, abs=0.15)
    assert all(frame.channels == len(page.last["layout"]["channels"]) for frame in frames)
    assert all(len(frame.data) == 4 * frame.channels * frame.samples for frame in frames)
    assert max(b.came - a.came for a, b in pairwise(frames)) < 1


@pytest.mark.parametrize(("speed", "thinned"), [(5, 0), (20, 2)])
def test_at_any_speed_a_second_of_the_page_is_200_samples(page: Any, speed: int, thinned: int) -> None:
    page.do("speed", value=speed)
    page.until(lambda said: getattr(said, "speed", 0) == speed)
    page.waves.clear()
    page.listen(3)
    frames = page.waves
    span = frames[-1].came - frames[0].came
    assert sum(frame.samples for frame in frames[1:]) / span == pytest.approx(200, rel=0.1)
    assert (frames[-1].time - frames[0].time) / span == pytest.approx(speed, rel=0.1)
    assert {frame.flags & 2 for frame in frames} == {thinned}


def test_numbers_come_once_a_second(page: Any) -> None:
    page.listen(1)
    begun = len(page.told)
    page.listen(4)
    numbers = [message for message in page.told[begun:] if message["k"] == "num"]
    assert 3 <= len(numbers) <= 5
    assert [b["t"] - a["t"] for a, b in pairwise(numbers)] == pytest.approx([1.0] * (len(numbers) - 1), abs=0.5)


def test_what_is_done_is_answered_said_to_everybody_and_logged(page: Any) -> None:
    answer = page.do("set", control="pump.rpm", value=3450)
    assert answer["new"] == 3450
    page.have("state", lambda message: message["set"]["pump.rpm"] == 3450)
    entries = [entry for message in page.told if message["k"] == "log" for entry in message["entries"]]
    (entry,) = [entry for entry in entries if entry["verb"] == "set"]
    assert (entry["target"], entry["old"], entry["new"], entry["actor"], entry["mark"]) == ("pump.rpm", 3000, 3450, "operator", True)
    assert entry["words"] == "Speed 3000 → 3450"


@pytest.mark.parametrize(
    ("what", "allowed"),
    [
        ({"do": "set", "control": "pump.rpm", "value": 90000}, "0 to 5000"),
        ({"do": "set", "control": "gas.fdo2", "value": 0.1}, "0.21 to 1"),
        ({"do": "set", "control": "pump.rpm", "value": "3000"}, "0 to 5000"),
        ({"do": "set", "control": "pump.rpm"}, "0 to 5000"),
        ({"do": "give", "fluid": "crystalloid", "volume": -5}, "1 to 5000"),
        ({"do": "speed", "value": 7}, "1 ×, 2 ×, 5 ×, 10 ×, 20 ×, 60 ×"),
        ({"do": "back", "seconds": -1}, "above 0 to 604800 s"),
        ({"do": "goto", "t": 1e9}, "0 to 604800 s"),
        ({"do": "audio", "seconds": 900}, "0 to 120"),
        ({"do": "sensor", "sensor": "art_zero", "value": 1e6}, "-"),
        ({"do": "course", "id": "Z"}, "A"),
    ],
)
def test_a_refused_value_leaves_the_old_one_and_says_the_range(page: Any, what: dict[str, Any], allowed: str) -> None:
    before = page.last["state"]["set"]
    answer = page.ask(what.pop("do"), **what)
    assert not answer["ok"] and answer["error"]
    assert allowed in answer["allowed"]
    page.do("note", text="after")
    page.listen(0.2)
    assert page.last["state"]["set"] == before
    assert page.last["state"]["speed"] == 1


def test_what_is_no_verb_is_refused_with_what_can_be_done(page: Any) -> None:
    for verb in ("explode", "join", "leave", "__class__", ""):
        answer = page.ask(verb)
        assert not answer["ok"]
        assert "set" in answer["allowed"] and "give" in answer["allowed"]


def test_a_result_says_what_the_blood_was_when_it_was_drawn(page: Any) -> None:
    page.do("speed", value=60)
    page.next("num", lambda message: message["t"] > 60)
    page.do("pause")
    page.do("draw", what="gas", site="right radial")
    drawn = page.last["num"]["v"]
    pending = page.have("lab", lambda lab: lab["pending"])["pending"][0]
    assert 120 <= pending["back"] - pending["drawn"] <= 300
    page.do("set", control="gas.sweep", value=0)
    page.do("resume")
    page.ahead(330)
    page.next("num", lambda message: message["v"]["PaCO2"] > drawn["PaCO2"] + 9)
    page.do("draw", what="gas", site="right radial")
    results = page.have("lab", lambda lab: lab["results"])["results"]
    first = {line["label"]: line["value"] for line in results[0]["values"]}
    assert first["PCO₂"] == pytest.approx(drawn["PaCO2"], abs=1)
    assert first["PO₂"] == pytest.approx(drawn["PaO2"], abs=3)
    page.ahead(330)
    results = page.have("lab", lambda lab: len(lab["results"]) == 2)["results"]
    second = {line["label"]: line for line in results[0]["values"]}
    assert second["PCO₂"]["before"] == first["PCO₂"] and second["PCO₂"]["value"] > first["PCO₂"] + 8


def test_two_pages_are_in_step(server: Any, run: str) -> None:
    one, two = server.page(run), server.page(run)
    one.do("set", control="gas.sweep", value=6)
    state = two.have("state", lambda message: message["set"]["gas.sweep"] == 6)
    assert state["set"] == one.have("state", lambda message: message["set"]["gas.sweep"] == 6)["set"]
    for page in (one, two):
        page.next("num", lambda message: message["t"] >= 1)
    two.do("pause")
    for page in (one, two):
        page.have("state", lambda message: message["paused"])
        page.listen(0.6)
    assert one.last["num"] == two.last["num"]
    assert one.last["state"] == two.last["state"]
    assert one.waves[-1].data == two.waves[-1].data
    entries = [[e for m in page.told if m["k"] == "log" for e in m["entries"]] for page in (one, two)]
    assert entries[0] == entries[1]


def test_a_page_that_comes_back_finds_the_run_where_it_has_come_to(server: Any, run: str) -> None:
    page = server.page(run)
    page.do("set", control="pump.rpm", value=2800)
    page.do("note", text="gone for a moment")
    page.listen(1)
    left, when = page.last["num"]["t"], monotonic()
    page.leave()
    again = server.page(run)
    assert [entry["verb"] for entry in again.last["log"]["entries"]] == ["begin", "set", "note"]
    assert again.last["state"]["set"]["pump.rpm"] == 2800
    number = again.next("num")
    assert number["t"] - left == pytest.approx(monotonic() - when, abs=1.5)


def test_skipping_ahead_is_told_on_the_way_and_can_be_stopped(page: Any) -> None:
    page.do("goto", t=7 * 24 * 3600)
    page.have("state", lambda message: message["towards"] == 7 * 24 * 3600)
    page.next("num", lambda message: message["t"] > 300)
    page.do("pause")
    state = page.have("state", lambda message: message["paused"])
    assert state["towards"] is None
    assert 300 < state["t"] < 7 * 24 * 3600


def test_going_back_opens_a_course_in_which_what_came_later_has_not_been(page: Any) -> None:
    page.ahead(30)
    page.do("set", control="pump.rpm", value=3600)
    page.ahead(30)
    later = page.last["state"]["t"]
    page.do("goto", t=20)
    state = page.have("state", lambda message: message["course"] == "B")
    assert state["t"] < 25
    assert state["set"]["pump.rpm"] == 3000
    assert [entry["verb"] for entry in page.last["log"]["entries"]][-1] != "set"
    page.do("course", id="A")
    assert page.have("state", lambda message: message["course"] == "A")["t"] >= later - 1
    assert page.last["state"]["set"]["pump.rpm"] == 3600


def test_two_courses_from_one_moment_can_be_compared(server: Any, page: Any, run: str) -> None:
    page.ahead(20)
    page.do("branch", words="more flow")
    page.do("set", control="pump.rpm", value=3800)
    page.ahead(60)
    page.do("course", id="A")
    page.have("state", lambda message: message["course"] == "A")
    page.ahead(60)
    courses = {course["id"]: course for course in page.last["state"]["courses"]}
    assert courses["B"]["parent"] == "A" and courses["B"]["words"] == "more flow"
    flows = {}
    for course in ("A", "B"):
        answer = server.ask(f"/api/runs/{run}/trends?course={course}&names=ecmo_flow,P_ven&from=0&to=80&points=80")
        assert answer.status == 200 and answer.json["course"] == course
        flows[course] = dict(zip(answer.json["t"], answer.json["values"]["ecmo_flow"], strict=True))
    shared = [t for t in flows["A"] if t <= 20]
    assert len(shared) >= 19
    assert [flows["A"][t] for t in shared] == [flows["B"][t] for t in shared]
    assert flows["B"][75.0] > flows["A"][75.0] + 0.3


def test_a_page_that_does_not_read_loses_no_entry_and_harms_nobody(server: Any, run: str) -> None:
    narrow = sockets.socket()
    narrow.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    narrow.connect((server.host, server.port))
    page = server.page(run)
    slow = type(page)(server.socket(server.address(run), sock=narrow, max_queue=1))
    slow.next("lab")
    page.do("speed", value=60)
    begun, at = monotonic(), page.next("num")["t"]
    page.waves.clear()
    for number in range(150):
        page.number += 1
        page.socket.send(json.dumps({"n": page.number, "do": "note", "text": f"{number} ".ljust(500, "x")}))
        page.listen(0.03)
    page.next("done", lambda message: message["n"] == page.number)
    number = page.next("num")
    assert number["t"] - at == pytest.approx(60 * (monotonic() - begun), rel=0.1, abs=30)
    gaps = [b.came - a.came for a, b in pairwise(page.waves)]
    assert sorted(gaps)[int(0.95 * len(gaps))] < 0.12
    entries: list[Any] = []
    while len(entries) < 150:
        entries += [entry for entry in slow.next("log")["entries"] if entry["verb"] == "note"]
    assert [int(entry["words"].split()[0]) for entry in entries] == list(range(150))
    narrow.close()
