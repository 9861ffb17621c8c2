"""The seam between the published tables and the simulator: cases go in as written, finished runs come out.

Everything in this room that needs a simulated patient asks a `Simulator`, so that the bookkeeping can be tested without one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from perfuse.results.readable import ReadableRun

CaseText = Mapping[str, Any]
"""A case in the form of a case file."""
Progress = Callable[[int, int, str], None]
"""Called with how many are done, how many there are, and what was done last."""


class Simulator(Protocol):
    """Runs cases and finds the parameters that bring a case to given readings."""

    def runs(self, cases: Sequence[CaseText], progress: Progress | None = None) -> list[ReadableRun | Exception]:
        """One finished run for each case, in order; a case that cannot be run gives its exception and hides no other."""

    def match(self, case: CaseText, free: Sequence[str], targets: Mapping[str, str | float]) -> CaseText:
        """The case with the parameters named in `free` solved so that its readings meet the targets."""


def silent(done: int, total: int, text: str) -> None:
    """A progress report that nobody sees."""
