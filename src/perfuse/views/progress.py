"""How far a long run is, on standard error; short runs stay silent."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from perfuse.evidence.progress import Progress

QUIET = 1.5
"""Seconds after which a command shows how far it is."""


@contextmanager
def watched(label: str, *, simulates: bool = False, at_once: bool = False) -> Iterator[Progress]:
    """A function to call with (done, total); a bar appears on a terminal when the work takes long, or `at_once`.

    What `simulates` needs the kernel: where it must be built first, a line says why nothing moves yet.
    """
    start = time.monotonic()
    if simulates:
        from perfuse.engine.library import is_built

        if not is_built():
            sys.stderr.write("Building the kernel (20 s): the equations have changed, or it was built for another kind of processor.\n")
            sys.stderr.flush()
    bar = _Bar(label) if sys.stderr.isatty() else None
    if bar is not None and at_once:
        bar.show(0.0, None, "")

    def progress(done: float, total: float, words: str = "", /) -> None:
        if bar is not None and (at_once or time.monotonic() - start > QUIET):
            bar.show(done, total, words)

    try:
        yield progress
    finally:
        if bar is not None:
            bar.close()


class _Bar:
    def __init__(self, label: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bars

        columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        self.bars = Bars(*columns, console=Console(stderr=True), transient=True)
        self.task = self.bars.add_task(label, total=None, start=True)
        self.running, self.label = False, label

    def show(self, done: float, total: float | None, words: str) -> None:
        if not self.running:
            self.bars.start()
            self.running = True
        self.bars.update(self.task, completed=done, total=total, description=words or self.label)

    def close(self) -> None:
        if self.running:
            self.bars.stop()
