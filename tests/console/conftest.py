"""The real server as a process of its own, and what talks to it: requests, pages, and bytes that no browser would send."""

import asyncio
import http.client
import importlib.util
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

ROOT = Path(__file__).resolve().parents[2]
HEAD = struct.Struct("<BBHIdff")


def command(*words: str) -> list[str]:
    return [sys.executable, "-c", "from perfuse.views.cli import main; main()", "console", "--no-open", *words]


def surroundings(data: Path) -> dict[str, str]:
    paths = [str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PERFUSE_DATA": str(data)}


class Page:
    """A page: what it was told, in order. Frames of waves are kept with the time at which they came."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket, self.told, self.waves, self.number = socket, [], [], 0
        self.last: dict[str, Any] = {}

    def hear(self, seconds: float) -> Any:
        """The next thing that is said; None where nothing is, within the time."""
        try:
            said = self.socket.recv(timeout=max(seconds, 0.0))
        except TimeoutError:
            return None
        if isinstance(said, bytes):
            kind, flags, channels, samples, time, speed, beats = HEAD.unpack_from(said)
            frame = SimpleNamespace(kind=kind, flags=flags, channels=channels, samples=samples, time=time, speed=speed, beats=beats)
            frame.came, frame.data = monotonic(), said[HEAD.size :]
            self.waves.append(frame)
            return frame
        message = json.loads(said, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
        self.told.append(message)
        self.last[message["k"]] = message
        return message

    def until(self, true: Callable[[Any], Any], seconds: float = 10.0) -> Any:
        """Listen until something is said of which this is true."""
        end = monotonic() + seconds
        while (left := end - monotonic()) > 0:
            said = self.hear(left)
            if said is not None and true(said):
                return said
        pytest.fail("this was not said in time")

    def next(self, kind: str, true: Callable[[dict[str, Any]], Any] = lambda message: True, seconds: float = 10.0) -> dict[str, Any]:
        """The next message of a kind of which this is true."""
        found: dict[str, Any] = self.until(lambda said: isinstance(said, dict) and said["k"] == kind and true(said), seconds)
        return found

    def listen(self, seconds: float) -> None:
        """Hear everything for a while."""
        end = monotonic() + seconds
        while (left := end - monotonic()) > 0:
            self.hear(left)

    def have(self, kind: str, true: Callable[[dict[str, Any]], Any], seconds: float = 10.0) -> dict[str, Any]:
        """The last message of a kind, where this is true of it, or the next of which it is."""
        return self.last[kind] if kind in self.last and true(self.last[kind]) else self.next(kind, true, seconds)

    def ask(self, verb: str, **what: Any) -> dict[str, Any]:
        """Ask for something and wait for its answer."""
        self.number += 1
        self.socket.send(json.dumps({"n": self.number, "do": verb, **what}))
        return self.next("done", lambda message: message["n"] == self.number)

    def do(self, verb: str, **what: Any) -> dict[str, Any]:
        """Ask for something that has to be done."""
        answer = self.ask(verb, **what)
        assert answer["ok"], answer
        return answer

    def ahead(self, seconds: float) -> None:
        """Skip ahead, and wait until that is done, or the model has left its range."""
        goal = max(self.last["state"]["t"], self.last["num"]["t"]) + seconds
        self.do("goto", t=goal)
        self.next("state", lambda state: state["towards"] is None and (state["t"] >= goal - 1 or not state["ok"]), 30)

    def closed(self, seconds: float = 10.0) -> tuple[int, str]:
        """Code and words with which the server closes this page."""
        end = monotonic() + seconds
        try:
            while (left := end - monotonic()) > 0:
                self.hear(left)
        except ConnectionClosed as error:
            return (error.rcvd.code, error.rcvd.reason) if error.rcvd else (1006, "")
        pytest.fail("this page was not closed")

    def leave(self) -> None:
        self.socket.close()


class Server:
    """A console that runs; `log` is what it said on standard error."""

    def __init__(self, folder: Path, *words: str, store: Any = None) -> None:
        self.folder, self.store = folder, store or folder / "runs.db"
        self.words = ["--store", str(self.store), *words]
        self.pages: list[Page] = []
        self._log = folder / "log"
        self.start()

    def start(self, port: int = 0) -> None:
        with self._log.open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                command("--port", str(port), *self.words), env=surroundings(self.folder), stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self.process.stdout is not None
        self.said = [self.process.stdout.readline() for _ in range(4)]
        found = re.search(r"http://([^/]+):(\d+)/", self.said[0])
        assert found, self.said[0] + self.log
        self.host, self.port = "127.0.0.1", int(found[2])
        self.name = f"{found[1]}:{self.port}"
        self.tokens = dict(zip(("operator", "trainee"), re.findall(r"token=([\w-]+)", "".join(self.said)), strict=False))

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def raw(self) -> socket.socket:
        """A connection and nothing said on it."""
        return socket.create_connection((self.host, self.port), 10)

    def ask(self, path: str, method: str = "GET", body: Any = None, **headers: str) -> SimpleNamespace:
        """One request as it is written; the answer with its status, headers, text, and what its JSON holds."""
        talk = http.client.HTTPConnection(self.host, self.port, timeout=30)
        given = {"Host": self.name, **{name.replace("_", "-"): value for name, value in headers.items()}}
        talk.request(method, path, body=json.dumps(body) if isinstance(body, dict) else body, headers=given)
        answer = talk.getresponse()
        content = answer.read()
        talk.close()
        found = None
        if "json" in (answer.getheader("content-type") or ""):
            found = json.loads(content)
        return SimpleNamespace(status=answer.status, headers=answer.headers, content=content, json=found)

    def new(self, patient: str = "covid-ards", support: str = "vv", **headers: str) -> str:
        """A run that was begun."""
        answer = self.ask("/api/runs", "POST", {"patient": patient, "support": support}, **headers)
        assert answer.status == 201, answer.content
        return str(answer.json["run"])

    def address(self, run: str, role: str = "operator") -> str:
        asked = f"?token={self.tokens[role]}" if self.tokens else f"?role={role}"
        return f"ws://{self.host}:{self.port}/live/{run}{asked}"

    def socket(self, address: str, **more: Any) -> ClientConnection:
        return connect(
            address, **{"compression": None, "max_size": None, "max_queue": None, "open_timeout": 20, "ping_interval": None, **more}
        ).__enter__()

    def page(self, run: str, role: str = "operator") -> Page:
        """A page that was told everything there is."""
        page = Page(self.socket(self.address(run, role)))
        self.pages.append(page)
        page.next("lab", seconds=60)
        return page

    @staticmethod
    def controls() -> list[tuple[str, float, float]]:
        """Everything that can be set, with the ends of its range."""
        from perfuse.parameters.tables import controls

        return [(name, one.low, one.high) for name, one in controls().items() if one.low is not None and one.high is not None]

    def kill(self) -> None:
        """A power cut."""
        self.process.kill()
        self._gone()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it as a person would; the exit code."""
        self.process.send_signal(number)
        return self._gone()

    def _gone(self) -> int:
        code = self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.leave()
        return code

    def leave(self) -> None:
        """Every page of this test goes."""
        for page in self.pages:
            with suppress(Exception):
                page.leave()
        self.pages = []


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for every test that leaves it as it was."""
    server = Server(tmp_path_factory.mktemp("console"))
    yield server
    assert server.stop() == 0


@pytest.fixture
def server(shared_server: Server) -> Iterator[Server]:
    """The shared server; whatever a test does to it, nothing breaks inside."""
    yield shared_server
    shared_server.leave()
    assert shared_server.process.poll() is None
    assert "Traceback" not in shared_server.log, shared_server.log
    assert "Exception" not in shared_server.log, shared_server.log


@pytest.fixture
def run(server: Server) -> Iterator[str]:
    """A new run, VV-ECMO; it stands still when the test is over."""
    ident = server.new()
    yield ident
    server.page(ident).do("pause")


@pytest.fixture
def page(server: Server, run: str) -> Page:
    """An operator's page of that run."""
    return server.page(run)


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Begin a server of one's own."""
    begun: list[Server] = []

    def make(*words: str, store: Any = None) -> Server:
        begun.append(Server(tmp_path, *words, store=store))
        return begun[-1]

    yield make
    for server in begun:
        if server.process.poll() is None:
            assert server.stop() == 0
        assert "Traceback" not in server.log, server.log


def _places() -> Any:
    spec = importlib.util.spec_from_file_location("places_of_records", ROOT / "tests" / "bedside" / "conftest.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


places = _places()
cluster, place = places.cluster, places.place


@pytest.fixture
def in_a_loop() -> Callable[[Any], Any]:
    """What a coroutine comes to, in a loop and a thread of its own: a browser of other tests may hold the loop of this one."""

    def ended(work: Any) -> Any:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, work).result()

    return ended
