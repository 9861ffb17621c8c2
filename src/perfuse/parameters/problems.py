"""Every problem of a file, collected and then told at once, in sentences a nurse could act on."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

Path = tuple[str | int, ...]
LONGEST, LONGEST_VALUE = 400, 60
"""Characters of a sentence, and of a value in it, that are told; what is longer is told by its beginning and its end."""

MOST_TOLD = 200
"""Problems that are told on a screen; JSON has them all."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with what was given.

    place    dotted path in the file ("support.pump.rpm"), empty for the file as a whole
    line     line in the file, None where there is no file
    text     what is wrong
    value    what was given
    allowed  what may stand there
    source   where the allowed range comes from
    hint     what to try
    """

    place: str
    text: str
    line: int | None = None
    value: str | None = None
    allowed: str | None = None
    source: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        where = ", ".join(part for part in (f"line {self.line}" if self.line else "", self.place) if part)
        said = told(self.text, LONGEST)
        text = f"{where}: {said}." if where else f"{said}."
        if self.allowed:
            text += f" Allowed: {self.allowed}{f' ({self.source})' if self.source else ''}."
        repeated = self.hint == f"Known here: {self.allowed}."
        return f"{text} {self.hint}" if self.hint and not repeated else text


def told(given: object, longest: int = LONGEST_VALUE) -> str:
    """What was given, as it can be told: the ends of what is longer, and a number of thousands of digits by its size."""
    try:
        words = str(given)
    except ValueError:  # Python writes no number of more than 4,300 digits
        words = f"a number of {given.bit_length():,} bits" if isinstance(given, int) else f"a {type(given).__name__} that cannot be written"
    if len(words) <= longest:
        return words
    return f"{words[: longest // 2]} ... ({len(words):,} characters) ... {words[-longest // 8 :]}"


class InputError(Exception):
    """What was given cannot be used; `problems` holds every reason."""

    def __init__(self, problems: Sequence[Problem], file: str = "") -> None:
        super().__init__(file)
        self.problems = tuple(problems)
        self.file = file

    def __str__(self) -> str:
        n = len(self.problems)
        head = f"{self.file or 'what was given'} has {n:,} problem{'s' if n > 1 else ''}:"
        lines = [f"  {i}. {problem}" for i, problem in enumerate(self.problems[:MOST_TOLD], 1)]
        return "\n".join([head, *lines, *([f"  ... and {n - MOST_TOLD:,} more."] if n > MOST_TOLD else [])])

    def as_json(self) -> dict[str, object]:
        """The same, for a program: {"file": ..., "problems": [{place, line, value, text, allowed, source, hint}]}."""
        keys = ("place", "line", "value", "text", "allowed", "source", "hint")
        said = [{key: getattr(problem, key) for key in keys} for problem in self.problems]
        short = [{key: told(value, LONGEST) if isinstance(value, str) else value for key, value in one.items()} for one in said]
        return {"file": self.file, "problems": short}


def refuse_long(count: int, most: int, place: str, file: str, hint: str, line: int | None = None) -> None:
    """InputError for a list that nobody could check in a moment, asked before anything else is made of it."""
    if count > most:
        allowed, why = f"at most {most:,}", "each is checked, and kept in memory until the end"
        raise InputError([Problem(place, f"more than {most:,} entries stand here", line, None, allowed, why, hint)], file)


class Problems:
    """Collects problems; `lines` gives the line of a path, or of the nearest place around it."""

    def __init__(self, file: str = "", lines: dict[Path, int] | None = None) -> None:
        self.file = file
        self.lines = lines or {}
        self.found: list[Problem] = []
        self._known: set[Problem] = set()
        self._paths: list[Path] = []

    def __len__(self) -> int:
        return len(self.found)

    def add(
        self,
        path: Path,
        text: str,
        *,
        value: object = None,
        allowed: str | None = None,
        source: str | None = None,
        hint: str | None = None,
    ) -> None:
        """Note one problem; the same text at the same place is noted once."""
        given = None if value is None else told(value, LONGEST)
        problem = Problem(dotted(path), told(text, LONGEST), self.line(path), given, allowed, source, hint)
        if problem not in self._known:
            self._known.add(problem)
            self.found.append(problem)
            self._paths.append(path)

    def line(self, path: Path) -> int | None:
        """The line of a path in the file."""
        while path not in self.lines:
            if not path:
                return None
            path = path[:-1]
        return self.lines[path]

    def touch(self, *path: str | int) -> bool:
        """Whether something at this place, below it or around it has a problem already."""
        return any(given[: len(path)] == path or path[: len(given)] == given for given in self._paths)

    def touch_exactly(self, *path: str | int) -> bool:
        """Whether this place itself has a problem already."""
        return path in self._paths

    def raise_if_any(self) -> None:
        """Raise one InputError with everything found, in the order of the file."""
        if self.found:
            raise InputError(sorted(self.found, key=lambda problem: problem.line or 0), self.file)


def dotted(path: Path) -> str:
    """("support", "drain", 0, "site") as support.drain[0].site"""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def alike(sentence: str) -> str:
    """A sentence without its numbers: what two sentences that differ only in them have in common."""
    return re.sub(r"(?<![\w])[-+]?\d[\d.]*(e[-+]?\d+)?", "", sentence)


def nearest(name: str, names: Iterable[str], limit: int = 3) -> list[str]:
    """Known names that look like this one, nearest first."""
    known = {str(candidate).lower(): str(candidate) for candidate in names}
    squeezed = {key.replace("-", "").replace("_", "").replace(" ", ""): value for key, value in known.items()}
    lower = str(name).lower()
    exact = squeezed.get(lower.replace("-", "").replace("_", "").replace(" ", ""))
    found = ([exact] if exact else []) + [known[key] for key in get_close_matches(lower, known, limit, 0.55)]
    return list(dict.fromkeys(found))[:limit]


def did_you_mean(name: str, names: Iterable[str], list_command: str = "") -> str:
    """A hint with the nearest known names, or all of them where they are few."""
    names = list(names)
    near = nearest(name, names)
    if near:
        return f"Did you mean {' or '.join(near)}?"
    if len(names) <= 14:
        return f"Known here: {', '.join(names)}."
    return list_command or f"Known here are, among others: {', '.join(names[:14])}."
