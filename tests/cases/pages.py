"""What a page of docs/cases says, and what the run of its case gives: a claim is a sentence, and how it is looked up in the run."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from perfuse.parameters.case import case_from
from perfuse.parameters.from_python import plain
from perfuse.results.run import averages
from perfuse.results.simulate import run_case

PAGES = Path(__file__).parents[2] / "docs" / "cases"
SECTIONS = ("What happens", "What to look at", "How far to trust it")
"""Sections in which every sentence is either tested or named as claiming nothing; "Why" explains."""
WINDOW = 30.0  # s averaged before the minute that is named
NUMBER = re.compile(r"(?<![\w.,-])[−-]?\d{1,3}(?:,\d{3})+|(?<![\w.,-])[−-]?\d+(?:\.\d+)?(?!\w)")


class Course:
    """The run of a shipped case."""

    def __init__(self, case: Any) -> None:
        self.case = case
        self.run = run_case(case)

    def changed(self, **parts: Any) -> "Course":
        """The run of the same case with other parts, written as in a case file."""
        return Course(case_from(plain(self.case) | parts))

    def at(self, quantity: str, minute: float, window: float = WINDOW) -> float:
        """Mean of a quantity over the last half minute before a minute of the run."""
        return averages(self.run.columns, 60.0 * minute - window, 60.0 * minute)[quantity]

    def over(self, quantity: str, begin: float, end: float) -> np.ndarray[Any, Any]:
        """A quantity second by second between two minutes."""
        t = self.run.columns["t"]
        return self.run.columns[quantity][(t > 60.0 * begin) & (t <= 60.0 * end)]

    def wave(self, signal: str, begin: float, seconds: float) -> np.ndarray[Any, Any]:
        """A signal of the waveforms from a minute on, for some seconds."""
        t = self.run.waveforms["t"].to_numpy()
        kept = (t >= 60.0 * begin) & (t < 60.0 * begin + seconds)
        found: np.ndarray[Any, Any] = self.run.waveforms[signal].to_numpy()[kept]
        assert found.size, f"no waveform of {signal} from {begin:g} min"
        return found

    def step(self, minute: float, *what: str | float) -> bool:
        """Whether a step at a minute sets or gives something, or brings a fault: ("pump.rpm", 3400), ("clamp", 1)."""
        found: list[tuple[str, float]] = []
        for one in self.case.protocol:
            if abs(one.at - 60.0 * minute) < 1e-6:
                found += [*one.settings.items(), *one.fluids.items()]
                found += [(one.fault, 1.0 if one.severity is None else one.severity)] if one.fault else []
        return what in found

    @cached_property
    def devices(self) -> dict[str, Any]:
        """Devices of the case by model."""
        return {choice.model: choice for choice in self.case.devices}


Reading = float | tuple[str, float] | Callable[[Course], float]
"""A plain number (a setting or a time of the case), a quantity at a minute, or how to work it out."""


@dataclass(frozen=True)
class Claim:
    """A sentence of a page and what it takes to be true: readings for its numbers, in their order, and a check."""

    sentence: str
    readings: Sequence[Reading] = ()
    check: Callable[[Course], bool] | None = None

    def wrong(self, course: Any) -> list[str]:
        """Why the sentence is false; empty where it holds."""
        found = []
        if self.readings:
            said = NUMBER.findall(self.sentence)
            if len(said) != len(self.readings):
                return [f"{len(said)} numbers ({', '.join(said)}) and {len(self.readings)} readings: {self.sentence}"]
            found = [
                f"{text}: {value:.4g} in the run ({reading}): {self.sentence}"
                for text, reading in zip(said, self.readings, strict=True)
                if not agrees(text, value := read(course, reading))
            ]
        if self.check is not None and not self.check(course):
            found.append(f"not so: {self.sentence}")
        return found


def read(course: Any, reading: Reading) -> float:
    """A reading of a run."""
    if callable(reading):
        return float(reading(course))
    return float(course.at(*reading)) if isinstance(reading, tuple) else float(reading)


def agrees(text: str, value: float) -> bool:
    """Whether a printed number is a value to one in its last digit (10,200 to one in its third)."""
    plain = text.replace(",", "").replace("−", "-")
    last = len(plain) - 3 if "," in text else -len(plain.partition(".")[2])
    return abs(value - float(plain)) <= 1.0001 * 10.0**last


def table(page: str, columns: Sequence[str | Callable[[Any, Any], float] | None], rows: Sequence[Any]) -> list[tuple[str, str, Any, Any]]:
    """Cells of the first table of a page: (text, row label, column, row)."""
    lines = [line for line in (PAGES / f"{page}.md").read_text(encoding="utf-8").splitlines() if line.startswith("|")][2:]
    assert len(lines) == len(rows), f"{page}: {len(lines)} rows"
    found = []
    for line, row in zip(lines, rows, strict=True):
        label, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert len(cells) == len(columns), f"{page}: {line}"
        found += [(cell, label, column, row) for cell, column in zip(cells, columns, strict=True) if cell != "–"]
    return found


def words(page: str) -> str:
    """The page in one line."""
    return " ".join((PAGES / f"{page}.md").read_text(encoding="utf-8").split())


def untold(page: str, sentences: Sequence[str]) -> list[str]:
    """What stands in the sections of a page beside the sentences that are tested or claim nothing."""
    left = []
    for section in re.split(r"^## ", (PAGES / f"{page}.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        title, _, body = section.partition("\n")
        if title in SECTIONS:
            text = " ".join(" ".join(line for line in body.splitlines() if not line.startswith("|")).split())
            for sentence in sorted(sentences, key=len, reverse=True):
                text = text.replace(sentence, "\n")
            left += [part.strip(" -\n") for part in text.split("\n") if re.search(r"\w", part)]
    return left
