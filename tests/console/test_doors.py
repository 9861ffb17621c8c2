"""Who comes in: this page on this machine without a word, others with the token of their role, other sites and crowds not at all."""

import asyncio
import io
import json
import resource
from collections.abc import Callable, Iterator
from itertools import pairwise
from threading import Thread
from time import monotonic
from typing import Any

import pyarrow.parquet as pq
import pytest
from websockets.exceptions import InvalidStatus

from perfuse.parameters.case import case_from_text
from perfuse.parameters.yamlfile import read_text
from perfuse.views.console.guard import COOKIE, MOST_SOCKETS, Bucket, Guard

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
CASE = f"""schema: perfuse-case/1
title: "{SCRIPT}"
patient: {{library: covid-ards}}
duration: 1 h
"""


def refused(server: Any, address: str, **more: Any) -> tuple[int, str]:
    """Status and words with which a socket is refused."""
    with pytest.raises(InvalidStatus) as caught:
        server.socket(address, **more)
    response = caught.value.response
    return response.status_code, str(json.loads(response.body)["error"])


# -- other sites -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://[", "http://127.0.0.1:1", "https://127.0.0.1.evil.example", "", "file://", "://"]
)
def test_another_origin_is_refused_everywhere(server: Any, run: str, origin: str) -> None:
    assert server.ask("/api/runs", "POST", {"patient": "covid-ards", "support": "vv"}, Origin=origin).status == 403
    assert server.ask("/api/start", Origin=origin).status == 403
    status, words = refused(server, server.address(run), origin=origin)
    assert status == 403 and "another origin" in words


def test_the_pages_own_origin_comes_in(server: Any, run: str) -> None:
    own = f"http://{server.name}"
    assert server.ask("/api/start", Origin=own).status == 200
    server.socket(server.address(run), origin=own).close()


@pytest.mark.parametrize("site", ["cross-site", "same-site", "x"])
def test_what_another_page_asks_without_an_origin_is_refused_but_its_links_may_lead_here(server: Any, site: str) -> None:
    assert server.ask("/api/runs", "POST", {"patient": "covid-ards", "support": "vv"}, Sec_Fetch_Site=site).status == 403
    assert server.ask("/api/start", Sec_Fetch_Site=site, Sec_Fetch_Mode="no-cors").status == 403
    assert server.ask("/api/runs/x/export/report.html", Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate").status == 403
    assert server.ask("/", Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate").status == 200
    assert server.ask("/api/start", Sec_Fetch_Site="same-origin").status == 200
    assert server.ask("/api/start", Sec_Fetch_Site="none").status == 200


@pytest.mark.parametrize(
    "name", ["evil.example", "evil.example:80", "", "127.0.0.1.evil.example", '"><script>', "[", "localhost.", "0x7f.1"]
)
def test_a_name_that_is_not_this_servers_is_refused(server: Any, run: str, name: str) -> None:
    answer = server.ask("/api/start", Host=name)
    assert answer.status == 421 and "does not answer" in answer.json["error"]
    with server.raw() as one:
        wanted = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
        one.sendall(f"GET /live/{run} HTTP/1.1\r\nHost: {name}\r\n{wanted}\r\n\r\n".encode())
        assert b" 421 " in one.recv(1000).split(b"\r\n")[0]


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "127.0.0.1", "[::1]"])
def test_this_machine_answers_to_its_own_names(server: Any, name: str) -> None:
    assert server.ask("/api/start", Host=f"{name}:{server.port}").status == 200


def test_every_answer_forbids_what_a_page_never_needs(server: Any) -> None:
    for path in ("/", "/api/start", "/nothing", "/words/en"):
        headers = server.ask(path).headers
        assert "default-src 'self'" in headers["content-security-policy"] and "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in headers


# -- off loopback ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory, shared_server: Any) -> Iterator[Any]:
    """A server that other machines may reach."""
    server = type(shared_server)(tmp_path_factory.mktemp("open"), "--host", "0.0.0.0")
    yield server
    assert server.stop() == 0
    assert "Traceback" not in server.log, server.log


EVERYWHERE = ["/", "/words/de", "/api/start", "/api/runs/x/trends", "/api/runs/x/export/case.yaml", "/nothing"]


def test_off_loopback_a_token_is_asked_for_everywhere(open_server: Any) -> None:
    assert len(set(open_server.tokens.values())) == 2 and min(map(len, open_server.tokens.values())) >= 30
    for path in EVERYWHERE:
        for token in ("", "?token=", "?token=wrong", "?token=" + "A" * 5000, "?token=%00%ff", "?role=operator"):
            answer = open_server.ask(path + token)
            assert answer.status == 401 and "token" in answer.json["error"]
            assert "set-cookie" not in answer.headers
        assert open_server.ask(path, Cookie=f"{COOKIE}=wrong").status == 401
        assert open_server.ask(path, Cookie='x="; \x01').status == 401
    assert open_server.ask("/api/runs", "POST", {"patient": "covid-ards", "support": "vv"}).status == 401
    for token in ("", "?token=wrong", "?role=operator"):
        status, words = refused(open_server, f"ws://127.0.0.1:{open_server.port}/live/x{token}")
        assert status == 401 and "token" in words


def test_a_token_becomes_a_cookie_that_scripts_and_other_sites_do_not_have(open_server: Any) -> None:
    for role, token in open_server.tokens.items():
        cookie = open_server.ask(f"/?token={token}").headers["set-cookie"]
        assert set(cookie.split("; ")[1:]) == {"HttpOnly", "SameSite=Strict", "Path=/"}
        held = cookie.split("; ")[0]
        answer = open_server.ask("/api/start", Cookie=held)
        assert answer.status == 200 and "set-cookie" not in answer.headers
        begun = open_server.ask("/api/runs", "POST", {"patient": "covid-ards", "support": "vv"}, Cookie=held)
        assert begun.status == (201 if role == "operator" else 403)


def test_the_token_of_a_trainee_opens_what_a_trainee_may_see(open_server: Any) -> None:
    ident = open_server.new(Cookie=f"{COOKIE}={open_server.tokens['operator']}")
    held = {"Cookie": f"{COOKIE}={open_server.tokens['trainee']}"}
    page = open_server.page(ident, "trainee")
    assert page.last["hello"]["role"] == "trainee"
    for what in ("case.yaml", "trends.parquet", "report.html"):
        assert open_server.ask(f"/api/runs/{ident}/export/{what}", **held).status == 404
        assert open_server.ask(f"/api/runs/{ident}/export/{what}?role=operator", **held).status == 404
    assert open_server.ask("/api/start?role=operator", **held).json["runs"] == []
    operator = open_server.page(ident)
    assert operator.last["hello"]["role"] == "operator"
    open_server.leave()


def test_off_loopback_other_names_and_origins_are_refused_with_a_token_too(open_server: Any) -> None:
    token = open_server.tokens["operator"]
    assert open_server.ask(f"/?token={token}", Host="evil.example").status == 421
    assert open_server.ask(f"/api/start?token={token}", Origin="http://evil.example").status == 403
    status, _ = refused(open_server, f"ws://127.0.0.1:{open_server.port}/live/x?token={token}", origin="http://evil.example")
    assert status == 403


# -- names that are scripts ----------------------------------------------------------------------------------------------------


def test_a_script_in_a_name_stays_a_name(server: Any) -> None:
    answer = server.ask("/api/runs", "POST", {"case": CASE})
    assert answer.status == 201
    ident = answer.json["run"]
    page = server.page(ident)
    page.do("branch", words=SCRIPT)
    page.do("note", text=SCRIPT)
    page.do("set", control="ventilator.peep", value=8)
    page.ahead(70)
    page.do("pause")
    page.listen(1)
    assert page.last["hello"]["title"] == SCRIPT
    entries = [entry["words"] for message in page.told if message["k"] == "log" for entry in message["entries"]]
    assert entries.count(SCRIPT) == 3
    start = server.ask("/api/start")
    assert start.headers["content-type"].startswith("application/json")
    assert [one["title"] for one in start.json["runs"] if one["id"] == ident] == [SCRIPT]

    case = server.ask(f"/api/runs/{ident}/export/case.yaml")
    assert "attachment" in case.headers["content-disposition"]
    assert case_from_text(case.content.decode()).title == SCRIPT
    assert [step["set"] for step in read_text(case.content.decode())[0]["protocol"]] == [{"ventilator.peep": 8}]
    table = pq.read_table(io.BytesIO(server.ask(f"/api/runs/{ident}/export/trends.parquet").content))
    assert table.schema.metadata[b"title"].decode() == SCRIPT and table.num_rows >= 60
    report = server.ask(f"/api/runs/{ident}/export/report.html")
    text = report.content.decode()
    assert report.status == 200 and "&lt;script&gt;alert(1)" in text
    assert "<script>alert" not in text and "<img src=x" not in text


# -- what a case file may do ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[" * 100_000,
        "[]",
        "7",
        "{}",
        '{"patient": NaN, "support": 1e999}',
        '{"patient": "\\ud800", "support": "vv"}',
        {"patient": {"a": 1}, "support": []},
        {"patient": "x" * 200_000, "support": "vv"},
        {"patient": "../../etc/passwd", "support": "vv"},
        {"patient": "covid-ards", "support": "vv+" * 1000},
        {"shipped": "/etc/passwd"},
        {"shipped": "../cases/eolia-vv"},
        {"shipped": ["eolia-vv"]},
        {"case": "/etc/passwd"},
        {"case": "[" * 50_000},
        {"case": "schema: perfuse-case/1\n" + "title: x\n" * 5000},
        {"case": CASE.replace("<script>", "\\0")},
        {"case": CASE.replace("<script>", "\\ud800")},
        {"case": CASE.replace("covid-ards", "../../../../etc/passwd")},
        {"case": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]"},
        {"case": "a: !!python/object/apply:os.system ['true']"},
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_case_is_refused_with_its_problems(server: Any, body: Any) -> None:
    answer = server.ask("/api/runs", "POST", body)
    assert answer.status == 422 and answer.json["problems"][0]["text"]
    assert b"root:" not in answer.content


def test_a_body_without_end_is_refused(server: Any) -> None:
    assert server.ask("/api/runs", "POST", b"x" * 300_000).status == 413
    with server.raw() as one:  # more is announced, and the client goes away
        one.sendall(f"POST /api/runs HTTP/1.1\r\nHost: {server.name}\r\nContent-Length: 90000\r\n\r\nhalf".encode())
    assert server.ask("/api/start").status == 200


def test_a_heavy_case_file_holds_up_no_run(server: Any, run: str) -> None:
    page = server.page(run)
    page.listen(0.5)
    page.waves.clear()
    body = json.dumps({"case": "a: [" + "1, " * 20_000 + "]"})
    with server.raw() as one:
        one.sendall(f"POST /api/runs HTTP/1.1\r\nHost: {server.name}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        page.listen(2)
        assert b" 422 " in one.recv(1000).split(b"\r\n")[0]
    assert max(b.came - a.came for a, b in pairwise(page.waves)) < 0.5


# -- crowds --------------------------------------------------------------------------------------------------------------------


def test_a_thousand_connections_are_refused_with_words_and_harm_nobody(server: Any, run: str) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(4096, hard)), hard))
    page, other = server.page(run), server.page(run)
    other.listen(0.5)
    other.waves.clear()
    looking = Thread(target=other.listen, args=(4,))
    looking.start()
    crowd = [server.raw() for _ in range(1000)]
    page.do("note", text="in the crowd")
    answers = []
    for one in crowd[-50:]:
        one.settimeout(5)
        answers.append(one.recv(1000))
    assert all(b" 503 " in answer.split(b"\r\n")[0] and b"connections at most" in answer for answer in answers)
    for one in crowd:
        one.close()
    looking.join()
    gaps = [b.came - a.came for a, b in pairwise(other.waves)]
    assert len(gaps) > 80 and max(gaps) < 0.5 and sum(gap > 0.1 for gap in gaps) <= 0.1 * len(gaps)
    end = monotonic() + 5
    while True:
        answer = server.ask("/api/start")
        if answer.status == 200 or monotonic() > end:
            break
    assert answer.status == 200
    server.page(run).do("note", text="after the crowd")


def test_more_pages_than_a_server_holds_are_refused_with_words(in_a_loop: Callable[[Any], Any]) -> None:
    said: list[Any] = []

    async def page(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(0.2)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        said.append(message)

    async def come() -> Guard:
        guard = Guard(page, frozenset({"127.0.0.1"}), {})
        scopes = [{"type": "websocket", "headers": [(b"host", b"127.0.0.1")], "extensions": {"websocket.http.response": {}}}] * MOST_SOCKETS
        await asyncio.gather(*(guard(dict(scope), receive, send) for scope in [*scopes, scopes[0]]))
        return guard

    guard = in_a_loop(come())
    assert guard.sockets == 0
    assert [message.get("status") for message in said] == [503, None]
    assert f"{MOST_SOCKETS} pages" in said[1]["body"].decode()


def test_a_bucket_lets_a_burst_pass_and_then_its_rate() -> None:
    now = [0.0]
    clock: Callable[[], float] = lambda: now[0]  # noqa: E731
    bucket = Bucket(10, 5, clock)
    assert [bucket.take() for _ in range(6)] == [True] * 5 + [False]
    now[0] = 0.25
    assert [bucket.take() for _ in range(3)] == [True, True, False]
    now[0] = 100
    assert sum(bucket.take() for _ in range(50)) == 5
