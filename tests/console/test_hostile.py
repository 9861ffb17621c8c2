"""Whatever is sent, the answer is a clear refusal: nothing breaks inside, no run stops, and who looked on sees no difference."""

import json
import random
from collections.abc import Iterator
from itertools import pairwise
from time import monotonic, sleep
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

DEEP = "[" * 3000
JUNK: list[Any] = [None, True, 0, -1, 0.5, 1e308, 10**400, "", "x", "\x00", "a" * 600, [], [1], {}, {"a": [1]}, 3000, "3000", -(2**70)]
VERBS = ["set", "give", "fault", "do", "preset", "draw", "acknowledge", "audio", "limit", "sensor", "start", "console", "call", "note"]
VERBS += ["speed", "pause", "resume", "back", "goto", "branch", "course", "look", "see", "join", "leave", "__init__", None, 7, [], {}]
WORDS = {
    "control": ["pump.rpm", "gas.sweep", "lung.clot", "patient.rhythm", "ventilator.mode"],
    "fault": ["bleeding", "power-loss"],
    "fluid": ["crystalloid", "bleed"],
    "procedure": ["defibrillate"],
    "preset": ["rest"],
    "what": ["gas", "act"],
    "site": ["right radial"],
    "quantity": ["MAP", "ecmo_flow"],
    "side": ["below"],
    "priority": ["high"],
    "sensor": ["art_zero"],
    "support": ["va"],
    "name": ["two-number"],
    "id": ["A", "B", 1],
    "words": ["w"],
    "text": ["t"],
    "who": ["w"],
}
NUMBERS = ["value", "over", "severity", "volume", "seconds", "t"]


@pytest.fixture(scope="module")
def halves(shared_server: Any) -> Iterator[tuple[float, list[Any]]]:
    """Connections that say half a request and nothing more."""
    begun = []
    for said in [
        b"",
        b"G",
        b"GET / HTTP/1.1\r\nHost: 127",
        b"POST /api/runs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 90\r\n\r\n{",
    ] * 5:
        one = shared_server.raw()
        one.sendall(said)
        begun.append(one)
    yield monotonic(), begun
    for one in begun:
        one.close()


@pytest.fixture(autouse=True)
def from_the_first_test_on(halves: Any) -> None:
    """So that their time runs while other tests do."""


def drawn(dice: random.Random) -> dict[str, Any]:
    """A request in which anything may be anything."""
    request: dict[str, Any] = {"n": dice.randint(1, 999), "do": dice.choice(VERBS)}
    for name, good in WORDS.items():
        if dice.random() < 0.7:
            request[name] = dice.choice(good) if dice.random() < 0.7 else dice.choice(JUNK)
    for name in NUMBERS:
        if dice.random() < 0.7:
            request[name] = dice.choice([dice.uniform(-10, 100), dice.randint(0, 60)]) if dice.random() < 0.6 else dice.choice(JUNK)
    if dice.random() < 0.1:
        request["n"] = dice.choice(JUNK)
    return request


@pytest.mark.parametrize("seed", range(3))
def test_a_run_outlives_any_request(server: Any, run: str, seed: int) -> None:
    dice = random.Random(seed)
    page = server.page(run)
    for _ in range(100):
        page.socket.send(json.dumps(drawn(dice)))
    page.do("goto", t=0)
    page.do("resume")
    page.do("speed", value=1)
    at = page.next("num")["t"]
    assert page.next("num", lambda message: message["t"] > at)["v"]["MAP"] > 20
    assert server.page(run).last["state"]["ok"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "7",
        '"set"',
        DEEP,
        '{"n": 1, "do": "note", "text": ' + DEEP + "}",
        '{"do": "pause"}',
        '{"n": "1", "do": "pause"}',
        '{"n": true, "do": "pause"}',
        '{"n": 1e400, "do": "pause"}',
        '{"n": 1' + "0" * 5000 + ', "do": "pause"}',
        '{"n": 1, "do": "set", "control": "pump.rpm", "value": NaN}',
        '{"n": 1, "do": "set", "control": "pump.rpm", "value": -Infinity}',
        '{"n": 1, "do": "note", "text": "\\ud800"}',
        '{"n": 1, "do": "note", "text": "x", "more": {"a": 1}}',
        '{"n": 1, "do": "note", "text": "x"} {"n": 2}',
    ],
)
def test_what_is_no_request_is_answered_and_changes_nothing(page: Any, text: str) -> None:
    page.socket.send(text)
    answer = page.next("done")
    assert (answer["n"], answer["ok"]) == (0, False) and "JSON object" in answer["error"]
    page.do("resume")
    assert not page.last["state"]["paused"]


def test_notes_hold_any_letter_but_not_half_of_one(page: Any) -> None:
    page.do("note", text="Ähm – 心 🫀 \u202e\x07 <b>")
    assert not page.ask("note", text="a\x00b")["ok"]
    assert not page.ask("note", text="x" * 501)["ok"]
    entries = [entry for message in page.told if message["k"] == "log" for entry in message["entries"]]
    assert entries[-1]["words"] == "Ähm – 心 🫀 \u202e\x07 <b>"


@pytest.mark.parametrize(("sent", "code"), [(b"\x00\x01", 1003), ("x" * 9000, 1009), ("x" * 200_000, 1009), (b"x" * 200_000, 1009)])
def test_what_is_no_short_text_ends_the_page_that_sent_it(server: Any, run: str, sent: Any, code: int) -> None:
    other, page = server.page(run), server.page(run)
    page.socket.send(sent)
    assert page.closed()[0] == code
    other.do("note", text="still here")


def test_a_flood_ends_the_page_that_sends_it_and_no_other(server: Any, run: str) -> None:
    other, page = server.page(run), server.page(run)
    with pytest.raises(ConnectionClosed):
        for number in range(3000):
            page.socket.send(json.dumps({"n": number, "do": "look", "at": "port"}))
            sleep(0.0005)
    assert page.closed() == (1008, "Too many requests.")
    other.waves.clear()
    other.listen(1)
    assert 20 <= len(other.waves) <= 40  # 25 a second; what a busy machine held back comes late
    other.do("note", text="still here")


def test_a_model_that_left_its_range_stands_still_says_so_and_can_be_left_by_going_back(server: Any, run: str) -> None:
    page = server.page(run)
    page.ahead(20)
    dice, controls = random.Random(12), server.controls()
    while page.last["state"]["ok"]:
        for _ in range(20):
            name, low, high = dice.choice(controls)
            page.ask("set", control=name, value=dice.choice([low, high]))
        page.ahead(20)
    at = page.last["state"]["t"]
    assert "left the range" in page.last["state"]["text"]
    for request in (
        {"do": "draw", "what": "gas", "site": "right radial"},
        {"do": "set", "control": "pump.rpm", "value": 3000},
        {"do": "do"},
    ):
        answer = page.ask(request.pop("do"), **request)
        assert not answer["ok"] and "Go back" in answer["hint"]
    page.listen(0.5)
    assert page.last["state"]["t"] == at
    page.do("goto", t=10)
    assert page.have("state", lambda state: state["ok"])["t"] < 12
    assert page.next("num")["v"]["MAP"] > 20


@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "//etc/passwd",
        "/words/../../../../etc/passwd",
        "/words/..%2f..%2fwords%2fde",
        "/words/de.yaml",
        "/words/%00",
        "/page/../app.py",
        "/app.py",
        "/index.html%00.js",
        "/api/runs/..%2f..%2fetc/export/case.yaml",
        "/api/runs/x/export/..%2f..%2fetc%2fpasswd",
        "/api/runs/%00/trends",
        "/api/runs/' OR 1=1 --/export/case.yaml".replace(" ", "%20"),
        "/\\..\\..\\windows\\win.ini",
        "http://127.0.0.1/etc/passwd",
        "/" + "a" * 5000,
    ],
)
def test_no_path_leads_to_a_file(server: Any, path: str) -> None:
    for kind in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "TRACE"):
        with server.raw() as one:
            one.sendall(f"{kind} {path} HTTP/1.1\r\nHost: {server.name}\r\nConnection: close\r\n\r\n".encode())
            answer = b""
            while piece := one.recv(65536):
                answer += piece
        assert int(answer.split()[1]) in (400, 404, 405)
        assert b"root:" not in answer and b"import " not in answer


@pytest.mark.parametrize("run", ["..", "%2e%2e", "x", "a" * 300, "%00", "A" * 12, "..%2f..", "%ff", "'"])
def test_a_run_that_does_not_exist_cannot_be_seen(server: Any, run: str) -> None:
    try:
        page = server.socket(server.address(run))
    except InvalidStatus as error:
        assert error.response.status_code in (403, 404)
    else:
        with pytest.raises(ConnectionClosed) as closed:
            page.recv(timeout=10)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 4404
    assert server.ask(f"/api/runs/{run}/trends?names=MAP").status == 404
    assert server.ask(f"/api/runs/{run}/export/case.yaml").status == 404


def test_names_of_runs_cannot_be_guessed(server: Any) -> None:
    names = {server.new() for _ in range(8)}
    assert len(names) == 8
    assert all(len(name) == 12 for name in names)
    assert len({name[:4] for name in names}) == 8


@pytest.mark.parametrize(
    "query",
    ["names=MAP&from=nan", "names=MAP&to=inf", "names=MAP&points=x", "names=none", "names=MAP&course=Q", "names=MAP&course=%3Cscript%3E"],
)
def test_trends_that_cannot_be_are_refused_with_words(server: Any, page: Any, run: str, query: str) -> None:
    answer = server.ask(f"/api/runs/{run}/trends?{query}")
    assert answer.status == 422 and answer.json["error"]


@pytest.mark.parametrize("query", ["", "names=", "names=MAP&from=9&to=3", "names=MAP&points=-5", "names=" + "MAP," * 500, "from=-1e300"])
def test_trends_of_nothing_are_empty(server: Any, page: Any, run: str, query: str) -> None:
    answer = server.ask(f"/api/runs/{run}/trends?{query}")
    assert answer.status == 200 and len(answer.json["values"]) <= 40


def test_half_requests_are_let_go(server: Any, run: str, halves: tuple[float, list[Any]]) -> None:
    begun, waiting = halves
    page = server.page(run)
    page.listen(max(begun + 10.5 - monotonic(), 0))
    for one in waiting:
        one.settimeout(5)
        try:
            answer = one.recv(1000)
        except ConnectionResetError:
            answer = b""
        assert answer == b"" or b"408" in answer.split(b"\r\n")[0]
    gaps = [b.came - a.came for a, b in pairwise(page.waves)]
    assert not gaps or max(gaps) < 0.5
