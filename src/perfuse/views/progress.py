"""How far a long run is, on standard error; short runs stay silent."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Progress(Protocol):
    """Called with how much is done of how much, and a few words about it."""

    def __call__(self, done: float, total: float, words: str = "", /) -> None: ...


QUIET = 1.5
"""Seconds after which a command says what it is doing."""


@contextmanager
def watched(label: str) -> Iterator[Progress]:
    """A function to call with (done, total); a bar appears on a terminal when the work takes long."""
    start = time.monotonic()
    told = threading.Event()

    def preparing() -> None:
        told.set()
        sys.stderr.write(
            "Preparing the engine: after an installation or a change of the physics it is compiled once, up to half a minute.\n"
        )
        sys.stderr.flush()

    waiting = threading.Timer(QUIET, preparing)
    waiting.daemon = True
    waiting.start()
    bar = _Bar(label) if sys.stderr.isatty() else None

    def progress(done: float, total: float, words: str = "", /) -> None:
        waiting.cancel()
        if bar is not None and time.monotonic() - start > QUIET:
            bar.show(done, total, words)

    try:
        yield progress
    finally:
        waiting.cancel()
        if bar is not None:
            bar.close()


class _Bar:
    def __init__(self, label: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bars

        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        self.bars = Bars(*columns, console=Console(stderr=True), transient=True)
        self.task = self.bars.add_task(label, total=None, start=True)
        self.running, self.label = False, label

    def show(self, done: float, total: float, words: str) -> None:
        if not self.running:
            self.bars.start()
            self.running = True
        self.bars.update(self.task, completed=done, total=total, description=words or self.label)

    def close(self) -> None:
        if self.running:
            self.bars.stop()
