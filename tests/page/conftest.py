"""The bedside page in a real browser, served by the real server; what a person sees is found by role and name."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.request import Request, urlopen

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOOK = Path(__file__).with_name("look.js")
NOTICES = ("Simulation – not for clinical use", "Simulation – nicht für den klinischen Gebrauch")
DEAD = (
    "ERR_CONNECTION_REFUSED",
    "ERR_CONNECTION_RESET",
    "Error during WebSocket handshake",
)  # what a browser says of a server that is gone


class Server:
    """A console as a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, 0
        self.start()

    def start(self) -> None:
        paths = [str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
        words = ["console", "--no-open", "--port", str(self.port), "--store", str(self.folder / "runs.db")]
        self._log = (self.folder / "log").open("a", encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from perfuse.views.cli import main; main()", *words],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PERFUSE_DATA": str(self.folder)},
            stdout=subprocess.PIPE, stderr=self._log, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", said)
        assert found, said + (self.folder / "log").read_text(encoding="utf-8")
        self.port = int(found[1])
        self.address = f"http://127.0.0.1:{self.port}/"

    def new(self, patient: str = "covid-ards", support: str = "vv") -> str:
        """A run that was begun, as another page would have begun it."""
        body = json.dumps({"patient": patient, "support": support}).encode()
        with urlopen(Request(f"{self.address}api/runs", data=body, headers={"content-type": "application/json"}), timeout=60) as answer:
            return str(json.load(answer)["run"])

    def kill(self) -> None:
        self.process.kill()
        self._gone()

    def stop(self) -> None:
        self.process.terminate()
        self._gone()

    def _gone(self) -> None:
        self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._log.close()


class Bed:
    """One page. Numbers are read where they stand; `wrong` is what the browser complained of."""

    def __init__(self, page: Any, server: Server) -> None:
        self.page, self.server = page, server
        self.asked: list[str] = []
        self.wrong: list[str] = []
        self.may_lose = False  # whether this test takes the server away
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("websocket", lambda socket: self.asked.append(socket.url))
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on(
            "console",
            lambda said: self.wrong.append(f"{said.text} {said.location.get('url')}") if said.type in ("error", "warning") else None,
        )
        page.on("dialog", lambda dialog: (self.wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    def open(self, run: str = "", role: str = "") -> "Bed":
        """The start page, or a run, whose numbers are there."""
        self.page.goto(f"{self.server.address}{f'?role={role}' if role else ''}{f'#run={run}' if run else ''}")
        if run:
            self.arrived()
        else:
            self.page.get_by_role("heading", level=1).wait_for()
        return self

    def arrived(self) -> None:
        """The monitor shows what it measures. Finding the steady state may come before."""
        self.page.locator(".monitor").wait_for(timeout=300_000)
        self.until(lambda: self.clock() is not None and self.text("MAP") not in ("", "– –"), 30)

    def button(self, name: str | re.Pattern[str], exact: bool = True, within: Any = None) -> Any:
        return (within or self.page).get_by_role("button", name=name, exact=exact)

    def click(self, name: str | re.Pattern[str], times: int = 1, within: Any = None) -> None:
        for _ in range(times):
            self.button(name, within=within).click()

    def region(self, name: str) -> Any:
        return self.page.get_by_role("region", name=name, exact=True)

    def spin(self, name: str | re.Pattern[str]) -> Any:
        return self.page.get_by_role("spinbutton", name=name)

    def set_value(self, name: str | re.Pattern[str]) -> float:
        return number(self.spin(name).get_attribute("aria-valuetext"))

    def text(self, quantity: str) -> str:
        """The digits of a quantity, as they stand on the page, wherever that is."""
        found: str = self.look("digits", quantity)
        return found

    def value(self, quantity: str) -> float:
        return number(self.text(quantity))

    def clock(self) -> int | None:
        """Simulated time, in seconds, as the time line writes it."""
        return self.seconds(self.page.locator("time").inner_text())

    @staticmethod
    def seconds(words: str) -> int | None:
        found = re.search(r"(\d+)\s+(\d\d):(\d\d):(\d\d)", words)
        return None if found is None else ((int(found[1]) * 24 + int(found[2])) * 60 + int(found[3])) * 60 + int(found[4])

    def until(self, true: Callable[[], Any], seconds: float = 20.0, what: str = "this did not come true") -> Any:
        end = monotonic() + seconds
        while not (found := true()):
            assert monotonic() < end, f"{what} at {self.clock()}"
            self.page.wait_for_timeout(50)
        return found

    def marks(self) -> list[str]:
        """What is written at the events of the trends."""
        found: list[str] = self.page.locator(".trends svg text.ink").all_text_contents()
        return found

    def speed(self, times: int) -> None:
        self.click(f"{times}×", within=self.page.get_by_role("group", name=re.compile("Speed of time|Zeitraffer|Tempo")))

    def close_panel(self) -> None:
        self.page.keyboard.press("Escape")
        self.page.get_by_role("dialog").wait_for(state="detached")

    def look(self, what: str, *given: Any) -> Any:
        return self.page.evaluate(f"(given) => look.{what}(...given)", list(given))

    def notice(self) -> None:
        """The notice is whole, on the glass, and nothing lies over it."""
        words = self.look("notices")
        assert len(words) == 1 and words[0] in NOTICES, f"the notice cannot be read: {words}"

    def picture(self, name: str) -> None:
        """A picture for whoever wants to look: PERFUSE_SHOTS names the folder."""
        if folder := os.environ.get("PERFUSE_SHOTS"):
            self.page.screenshot(path=Path(folder) / f"{name}.png")


def number(text: str | None) -> float:
    return float((text or "").replace("−", "-"))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("page"))
    yield made
    made.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server that a test may kill."""
    made = Server(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def bed(browser: Any, server: Server) -> Iterator[Callable[..., Bed]]:
    """Open pages. Afterwards: none complained, and none asked anything of another place."""
    beds: list[Bed] = []

    def make(width: int = 1440, height: int = 900, chosen: dict[str, str] | None = None, at: Server = server, **more: Any) -> Bed:
        context = browser.new_context(viewport={"width": width, "height": height}, **more)
        context.set_default_timeout(30_000)
        context.add_init_script(path=LOOK)
        if chosen:
            context.add_init_script(f"localStorage.perfuse ??= JSON.stringify({json.dumps(chosen)})")
        beds.append(Bed(context.new_page(), at))
        return beds[-1]

    yield make
    for one in beds:
        wrong = [w for w in one.wrong if not (one.may_lose and any(d in w for d in DEAD))]
        elsewhere = [u for u in one.asked if not re.match(rf"(http|ws)://127\.0\.0\.1:{one.server.port}/|data:|blob:", u)]
        one.page.context.close()
        assert wrong == []
        assert elsewhere == []


@pytest.fixture
def feed() -> Callable[..., None]:
    """Change what the server says before it reaches a page: `change` gets each message, by its kind."""

    def through(one: Bed, change: Callable[[dict[str, Any]], None]) -> None:
        def route(socket: Any) -> None:
            there = socket.connect_to_server()

            def down(said: Any) -> None:
                if isinstance(said, str):
                    message = json.loads(said)
                    change(message)
                    said = json.dumps(message)
                socket.send(said)

            there.on_message(down)
            socket.on_message(there.send)

        one.page.route_web_socket(re.compile("/live/"), route)

    return through
