"""The trials table: arms as they were published, paired into comparisons; what is not known is None.

`trials.csv` is kept as it was compiled: one row an arm and end point, with the source of each number and how sure its reader was.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from perfuse.evidence.trials.printed import Printed, read_printed
from perfuse.evidence.trials.two_arms import Counts
from perfuse.parameters.problems import InputError, Problem, Problems, did_you_mean

HERE = Path(__file__).parent
COLUMNS = ("study", "year", "design", "arm", "role", "events", "n", "endpoint", "published_effect", "source", "confidence", "note")
FIRST, SECOND = ("intervention", "exposed"), ("control", "reference")
ROLES = (*FIRST, *SECOND, "registry")
_LEVELS = {
    "high": "high", "medium": "medium", "low": "low", "medium-high": "medium", "high / medium": "medium", "high n": "high",
    "n high": "high", "none": "none",
}  # fmt: skip
"""Two words for two numbers of one row: the less sure one counts."""
_BETTER = re.compile(r"survival|CPC 1-2")
_NEITHER = re.compile(r"crossover|rescue")
_WORSE = re.compile(
    r"death|mortality|failure|bleeding|thrombo|stroke|complication|safety endpoint|renal replacement|adverse|pump replacement"
)
_NOT_READ = re.compile(r"counts? back-calculated|counts reproduce|derived")


@dataclass(frozen=True)
class Arm:
    """One arm and end point of one study.

    events, n    counts; None where they are not known: a percentage is never turned into a count
    percent      where only that is known, 0-100
    n_text       what stood for n, where it was more than a number
    better       "higher" or "lower" number of events is better for patients, None for what is neither (crossover)
    mark         how the counts are known: seen, recalled-*, computed; None where the row has no number
    back_calculated  whether the counts were worked out from printed percentages or effects, so that they cannot confirm them
    """

    study: str
    year: int
    design: str
    arm: str
    role: str
    events: int | None
    n: int | None
    percent: float | None
    n_text: str
    endpoint: str
    printed: str
    source: str
    confidence: str
    mark: str | None
    back_calculated: bool
    note: str
    better: str | None
    line: int


@dataclass(frozen=True)
class Comparison:
    """Two arms of one study at one end point; `counts` is None where one of the four is not known."""

    id: str
    intervention: Arm
    control: Arm
    printed: Printed
    counts: Counts | None

    @property
    def study(self) -> str:
        """Name of the study."""
        return self.intervention.study

    @property
    def endpoint(self) -> str:
        """The end point."""
        return self.intervention.endpoint

    @property
    def year(self) -> int:
        """Year of publication."""
        return self.intervention.year

    @property
    def mark(self) -> str | None:
        """The less sure of the two arms' marks; None where either arm has no number."""
        order = ("seen", "computed", "recalled-high", "recalled-medium", "recalled-low")
        marks = (self.intervention.mark, self.control.mark)
        return None if None in marks else max((mark for mark in marks if mark), key=order.index)

    @property
    def independent(self) -> bool:
        """Whether the counts are known apart from the percentages and effects that they are compared with."""
        return not (self.intervention.back_calculated or self.control.back_calculated)


@cache
def arms() -> tuple[Arm, ...]:
    """Every row of the shipped table."""
    return read_arms((HERE / "trials.csv").read_text(encoding="utf-8"), "trials.csv")


@cache
def comparisons() -> tuple[Comparison, ...]:
    """Every pair of an intervention and a control at the same end point, in the order of the table."""
    return paired(arms())


def single_arms() -> tuple[Arm, ...]:
    """Rows that are compared with nothing: cohorts, registries, pooled proportions, crossovers."""
    used = {arm.line for pair in comparisons() for arm in (pair.intervention, pair.control)}
    return tuple(arm for arm in arms() if arm.line not in used)


def comparison(name: str) -> Comparison:
    """One comparison by its id."""
    known = {pair.id: pair for pair in comparisons()}
    if name not in known:
        words = _slug(name)
        near = [one for one in known if words and one.startswith(f"{words}-")][:5]
        hint = f"Did you mean {' or '.join(near)}?" if near else did_you_mean(name, known, "'perfuse evidence trials' lists them.")
        raise InputError([Problem("", f"'{name}' is no comparison of the trials table", value=name, hint=hint)])
    return known[name]


def of_study(name: str) -> tuple[tuple[Comparison, ...], tuple[Arm, ...]]:
    """Comparisons and single arms whose study or id begins with, or holds, these words; InputError where none does."""
    words = _slug(name)
    pairs = tuple(pair for pair in comparisons() if words and (words in _slug(pair.study) or pair.id == words))
    alone = tuple(arm for arm in single_arms() if words and words in _slug(arm.study))
    if not pairs and not alone:
        names = sorted({arm.study for arm in arms()})
        raise InputError([Problem("", f"'{name}' is no study of the trials table", value=name, hint=did_you_mean(name, names))])
    return pairs, alone


def read_arms(text: str, file: str = "") -> tuple[Arm, ...]:
    """Arms of a CSV text in the form of trials.csv; InputError names every row that is not in that form."""
    problems = Problems(file)
    reader = csv.DictReader(text.splitlines())
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise InputError([Problem("", "the columns are not those of a trials table", 1, allowed=", ".join(COLUMNS))], file)
    found = []
    for i, row in enumerate(reader):
        problems.lines[(i,)] = i + 2
        found.append(_arm(row, i, problems))
    problems.raise_if_any()
    return tuple(arm for arm in found if arm is not None)


def _arm(row: dict[str, str], i: int, problems: Problems) -> Arm | None:
    before = len(problems)
    if None in row or any(value is None for value in row.values()):
        problems.add((i,), f"the row has not {len(COLUMNS)} fields", hint="Texts with commas need quotes.")
        return None
    row = {key: value.strip() for key, value in row.items()}
    for name in ("study", "design", "arm", "endpoint", "source", "confidence"):
        if not row[name]:
            problems.add((i, name), "this is empty")
    if row["role"] not in ROLES:
        problems.add((i, "role"), "this is no role of an arm", value=row["role"], allowed=", ".join(ROLES))
    if not re.fullmatch(r"(19|20)\d\d", row["year"]):
        problems.add((i, "year"), "this is no year", value=row["year"])
    if row["confidence"] not in _LEVELS:
        problems.add((i, "confidence"), "this is no confidence", value=row["confidence"], allowed=", ".join(_LEVELS))
    events, percent = _events(row["events"], i, problems)
    n = int(row["n"]) if row["n"].isdigit() else None
    if n is None and row["n"] and not re.match(r"\d", row["n"]):
        problems.add((i, "n"), "this is no number of patients", value=row["n"])
    if events is not None and n is not None and (events > n or n == 0):
        problems.add((i, "events"), f"{events} events among {n} patients cannot be", value=events)
    better = direction(row["endpoint"])
    if better == "unknown":
        problems.add((i, "endpoint"), "whether more of this is better is not known", value=row["endpoint"])
    if len(problems) > before:
        return None
    return Arm(
        row["study"], int(row["year"]), row["design"], row["arm"], row["role"], events, n, percent,
        row["n"] if n is None else "", row["endpoint"], row["published_effect"], row["source"], row["confidence"],
        mark_of(row["source"], row["confidence"]), bool(_NOT_READ.search(row["source"])), row["note"],
        None if better == "neither" else better, i + 2,
    )  # fmt: skip


def _events(text: str, i: int, problems: Problems) -> tuple[int | None, float | None]:
    if not text:
        return None, None
    if text.isdigit():
        return int(text), None
    if re.fullmatch(r"\d+(\.\d+)?%", text) and float(text[:-1]) <= 100.0:
        return None, float(text[:-1])
    problems.add((i, "events"), "this is neither a count nor a percentage", value=text)
    return None, None


def direction(endpoint: str) -> str:
    """Whether more events are "higher" (better), "lower" (worse), "neither", or "unknown", from the words of the end point."""
    if _NEITHER.search(endpoint) and not _WORSE.search(endpoint):
        return "neither"
    if _BETTER.search(endpoint):
        return "higher"
    return "lower" if _WORSE.search(endpoint) else "unknown"


def mark_of(source: str, confidence: str) -> str | None:
    """The mark of the counts from the words of the source and its reader's confidence; None where nothing was found."""
    level = _LEVELS[confidence]
    if level == "none":
        return None
    if _NOT_READ.search(source):
        return "computed"
    return f"recalled-{level}" if "recalled" in source else "seen"


def paired(rows: Iterable[Arm]) -> tuple[Comparison, ...]:
    """Arms of one study, year and end point put side by side, where there is one of each role."""
    groups: dict[tuple[str, int, str], list[Arm]] = {}
    for arm in rows:
        groups.setdefault((arm.study, arm.year, arm.endpoint), []).append(arm)
    found: list[Comparison] = []
    for group in groups.values():
        first, second = ([arm for arm in group if arm.role in roles] for roles in (FIRST, SECOND))
        if len(first) == 1 and len(second) == 1:
            one, two = first[0], second[0]
            whole = [one.events, one.n, two.events, two.n]
            known = Counts(*(number for number in whole if number is not None)) if None not in whole else None
            found.append(Comparison(_id(one), one, two, read_printed(one.printed), known))
    ids = [pair.id for pair in found]
    if double := sorted({name for name in ids if ids.count(name) > 1}):
        raise InputError([Problem("", f"two comparisons would be called {name}") for name in double])
    return tuple(found)


def _id(arm: Arm) -> str:
    return f"{_slug(re.sub(r'[(].*?[)]', '', arm.study))}-{_slug(re.sub(r'[(].*?[)]|<.*', '', arm.endpoint))}"


def _slug(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
