"""What the console costs, measured as it is used: the real server in its own process, the page in headless Chromium, sockets beside it."""

import asyncio
import gzip
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import numpy as np
import websockets

from perfuse.bedside.bed import Bed
from perfuse.bedside.monitor import ONSET, r_waves
from perfuse.parameters.json_text import json_text
from perfuse.parameters.problems import InputError, Problem
from perfuse.views.console.app import PAGE
from perfuse.views.console.starts import chosen_case
from perfuse.views.console.sweep import HEAD

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENTS, SOCKETS = 20, 100
WATCH = 20.0  # s for which each thing is watched
CLICKS = 30
ON_TIME = 0.060  # s between two frames of 0.04 s: later than half a frame is late
DAY = 86400.0
EVERY = 30.0  # s between two looks at the memory
CLICK = """() => new Promise((done) => {
  const box = document.querySelector('[role=spinbutton][aria-label^="Speed"]'), plus = box.parentElement.querySelectorAll('button')[1];
  const before = box.textContent, begin = performance.now();
  const painted = () => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - begin)));
  const watch = new MutationObserver(() => { if (box.textContent !== before) { watch.disconnect(); painted(); } });
  watch.observe(box, { childList: true, characterData: true, subtree: true });
  const at = { bubbles: true, button: 0, isPrimary: true, pointerId: 1 };
  plus.dispatchEvent(new PointerEvent('pointerdown', at));
  plus.dispatchEvent(new PointerEvent('pointerup', at));
  plus.click();
  setTimeout(() => done(1000), 1000);
})"""
Progress = Callable[[float, float], None]
NOTES = {
    "first page": "bytes of the page's files, each compressed; the server's files alone, no network beyond it",
    "usable": "from asking for the page to cards that can be clicked, the server being warm",
    "main thread": "time of tasks on the page's main thread over time on the wall (Performance.getMetrics), five waves at 1 x",
    "action to pixels": "from a click on Speed + to the second frame of the display after its value changed, median of 30",
    "on time": "share of wave frames at most 20 ms later than 40 ms after the one before; readers share the machine with the server",
    "fast-forward": "24 h of the VV case through the page's own 'go to'",
    "soak": "simulated time against the clock on the wall, memory of server and page, beats sent against beats of a replay",
}


def bench(minutes: float, progress: Progress | None = None) -> dict[str, Any]:
    """Measure everything; `minutes` is how long the soak lasts. InputError without Chromium and playwright."""
    play = _playwright()
    tell = progress or (lambda done, of: None)
    found: dict[str, Any] = {}
    steps: list[Callable[[str, Any, dict[str, Any]], None]] = [_first_page, _one_page, _many_patients, _many_sockets, _fast_forward]
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder)) as (address, server), play() as chrome:
        browser = chrome.chromium.launch(executable_path=_chromium(), args=FLAGS)
        for i, step in enumerate(steps):
            tell(float(i), len(steps) + minutes)
            step(address, browser, found)
        found |= _soak(address, browser, server, minutes, lambda done: tell(len(steps) + done, len(steps) + minutes))
        browser.close()
    found["notes"] = NOTES
    return found


def _playwright() -> Any:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        hint = "Install perfuse[test]; no browser is downloaded, the machine's Chromium is used."
        problem = Problem("playwright", "this measurement drives a browser, and playwright is not installed", hint=hint)
        raise InputError([problem], "perfuse bench") from None
    _chromium()
    return sync_playwright


def _chromium() -> str:
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        raise InputError([Problem("chromium", "no Chromium was found on PATH", hint="Debian: apt-get install chromium")], "perfuse bench")
    return found


@contextmanager
def _server(folder: Path) -> Iterator[tuple[str, Any]]:
    """A console of its own on a free port, with a record of its own."""
    words = [
        sys.executable,
        "-c",
        "from perfuse.views.cli import main; main()",
        "console",
        "--port",
        "0",
        "--no-open",
        "--store",
        str(folder / "runs.db"),
    ]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        match = None
        while match is None and (line := process.stdout.readline()):
            match = re.search(r"http://\S+/", line)
        if match is None:
            raise InputError([Problem("server", "the console did not start", hint="perfuse console says why.")], "perfuse bench")
        yield match.group(0), process
    finally:
        process.terminate()
        process.wait(20.0)


def _new(address: str, patient: str = "covid-ards", support: str = "vv") -> str:
    body = json_text({"patient": patient, "support": support}).encode()
    with urlopen(Request(f"{address}api/runs", body, {"content-type": "application/json"})) as answer:
        return str(json.load(answer)["run"])


def _stop(address: str, *runs: str) -> None:
    """End runs, so that what follows is measured without them."""
    for run in runs:
        with urlopen(Request(f"{address}api/runs/{run}/stop", b"", {"content-type": "application/json"})) as answer:
            answer.read()


def _first_page(address: str, browser: Any, found: dict[str, Any]) -> None:
    files = [path for path in PAGE.glob("*") if path.suffix in (".html", ".js", ".css", ".svg")]
    found["first_page_kB"] = sum(len(gzip.compress(path.read_bytes(), 9)) for path in files) / 1000.0
    times = []
    for _ in range(5):
        context = browser.new_context()
        page = context.new_page()
        begin = time.monotonic()
        page.goto(address)
        page.locator("button.card").first.wait_for()
        times.append(time.monotonic() - begin)
        context.close()
    found["usable_s"] = statistics.median(times)


def _open(address: str, browser: Any, run: str) -> Any:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(f"{address}#run={run}")
    page.get_by_role("spinbutton", name="Speed, rpm").wait_for(timeout=60000)
    page.wait_for_timeout(3000)
    return page


def _one_page(address: str, browser: Any, found: dict[str, Any]) -> None:
    run = _new(address)
    page = _open(address, browser, run)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def counters() -> tuple[float, float, float]:
        metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        return metrics["Timestamp"], metrics["TaskDuration"], page.evaluate("window.__perfuse.frames")

    begin = counters()
    page.wait_for_timeout(WATCH * 1000)
    end = counters()
    wall = end[0] - begin[0]
    found["frames_per_s"] = (end[2] - begin[2]) / wall
    found["main_thread_share"] = (end[1] - begin[1]) / wall
    found["action_to_pixels_ms"] = _latency(page)
    page.context.close()
    _stop(address, run)


def _latency(page: Any) -> float:
    """Median ms from a click to its value on the glass."""
    taken = []
    for _ in range(CLICKS):
        taken.append(page.evaluate(CLICK))
        page.wait_for_timeout(137)
    return float(statistics.median(taken))


def _many_patients(address: str, browser: Any, found: dict[str, Any]) -> None:
    runs = [_new(address) for _ in range(PATIENTS)]
    found["patients"] = PATIENTS
    found["patients_frames_on_time"] = _apart(_readers(address, runs, 1))
    _stop(address, *runs)


def _many_sockets(address: str, browser: Any, found: dict[str, Any]) -> None:
    runs = [_new(address) for _ in range(5)]
    found["sockets"] = SOCKETS
    found["sockets_frames_on_time"] = _apart(_readers(address, runs, SOCKETS // len(runs)))
    _stop(address, *runs)


def _apart(work: Any) -> Any:
    """Run a coroutine in a thread of its own: the browser's driver has the loop of this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def _socket(address: str, run: str) -> str:
    return f"{address.replace('http', 'ws', 1)}live/{run}"


async def _readers(address: str, runs: list[str], each: int) -> float:
    """Share of frames on time over all sockets; the first seconds, in which runs are prepared, do not count."""
    counts = await asyncio.gather(*(_reader(_socket(address, run)) for run in runs for _ in range(each)))
    wanted = sum(WATCH / 0.04 for _ in counts)
    return sum(on_time for on_time in counts) / wanted


async def _reader(url: str) -> float:
    on_time, last, begun = 0.0, None, None
    async with websockets.connect(url, max_size=None, open_timeout=60) as socket:
        while begun is None or time.monotonic() - begun < WATCH:
            message = await asyncio.wait_for(socket.recv(), 60)
            now = time.monotonic()
            if not isinstance(message, bytes):
                continue
            if begun is None and last is not None and now - last > 0.0:
                begun = begun or (now if _settled(message) else None)
            elif begun is not None and last is not None:
                on_time += _frames(message) * (now - last <= ON_TIME)
            last = now
    return on_time


def _settled(message: bytes) -> bool:
    return float(HEAD.unpack_from(message)[4]) > 5.0


def _frames(message: bytes) -> float:
    """How many frames of 8 samples a message holds."""
    return float(HEAD.unpack_from(message)[3]) / 8.0


def _fast_forward(address: str, browser: Any, found: dict[str, Any]) -> None:
    run = _new(address)
    found["fast_forward_24h_s"] = _apart(_skip(_socket(address, run)))
    _stop(address, run)


async def _skip(url: str) -> float:
    async with websockets.connect(url, max_size=None, open_timeout=60) as socket:
        begin = first = None
        while True:
            message = await asyncio.wait_for(socket.recv(), 120)
            if isinstance(message, bytes):
                continue
            said = json.loads(message)
            if said["k"] == "state" and begin is None:
                begin, first = time.monotonic(), float(said["t"])
                await socket.send(json_text({"n": 1, "do": "goto", "t": first + DAY}))
            elif said["k"] == "state" and begin is not None and first is not None and said["towards"] is None and said["t"] >= first + DAY:
                return time.monotonic() - begin


def _soak(address: str, browser: Any, server: Any, minutes: float, tell: Callable[[float], None]) -> dict[str, Any]:
    """Leave a page open: does time drift, does memory grow, is a beat lost?"""
    if minutes <= 0.0:
        return {}
    run = _new(address)
    page = _open(address, browser, run)
    session = page.context.new_cdp_session(page)
    memory = [(_rss(server.pid), _heap(session))]
    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(asyncio.run, _watch(_socket(address, run), minutes * 60.0))
        since = time.monotonic()
        while not watching.done():
            page.wait_for_timeout(1000)
            if time.monotonic() - since > EVERY * len(memory):
                memory.append((_rss(server.pid), _heap(session)))
                tell((time.monotonic() - since) / 60.0)
        beats, first, last, begin, end = watching.result()
    gaps, longest = page.evaluate("[window.__perfuse.gaps, window.__perfuse.longest]")
    memory.append((_rss(server.pid), _heap(session)))
    page.context.close()
    bed = Bed(chosen_case("covid-ards", "vv")[1])
    bed.advance(round(first / 0.02))
    ecg = np.concatenate([piece["ECG"] for piece in bed.advance(round((last - first) / 0.02))])
    return {
        "soak_minutes": minutes,
        "soak_drift_ms": 1000.0 * ((last - first) - (end - begin)),
        "soak_beats_sent": beats,
        "soak_beats_missed": len(r_waves(ecg)) - beats,
        "soak_page_gaps": gaps,
        "soak_page_longest_frame_ms": longest,
        "soak_server_MB_begin": memory[0][0],
        "soak_server_MB_end": memory[-1][0],
        "soak_page_MB_begin": memory[0][1],
        "soak_page_MB_end": memory[-1][1],
    }


async def _watch(url: str, seconds: float) -> tuple[int, float, float, float, float]:
    """Beats that were sent, simulated time of the first and the last frame, and when each came."""
    beats, above = 0, False
    first = last = begin = end = 0.0
    async with websockets.connect(url, max_size=None, open_timeout=60) as socket:
        while not begin or time.monotonic() - begin < seconds:
            message = await asyncio.wait_for(socket.recv(), 60)
            if not isinstance(message, bytes):
                continue
            _, _, _, samples, at, _, _ = HEAD.unpack_from(message)
            ecg = np.frombuffer(message, dtype="<f4", offset=HEAD.size, count=samples)
            end, last = time.monotonic(), float(at)
            if not begin:
                begin, first = end, last
            else:
                high = np.concatenate([[above], ecg > ONSET])
                beats += int(np.sum(high[1:] & ~high[:-1]))
            above = bool(ecg[-1] > ONSET)
    return beats, first, last, begin, end


def _rss(pid: int) -> float:
    """Resident memory of a process, MB."""
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _heap(session: Any) -> float:
    """The page's JavaScript heap after a collection, MB."""
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 1e6
