"""The studies of a meta-analysis: rows of counts, checked all at once."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfuse.evidence.trials.two_arms import Counts, check_arm, noted_counts, whole
from perfuse.parameters.problems import InputError, Problem, Problems, did_you_mean

COLUMNS = ("study", "e1", "n1", "e0", "n0")
OPTIONAL = ("year", "subgroup")
MOST = 5000
"""Studies of one pool."""


@dataclass(frozen=True)
class Study:
    """One study of two arms; year and subgroup where they are known."""

    name: str
    counts: Counts
    year: int | None = None
    subgroup: str | None = None


@dataclass(frozen=True)
class OneArm:
    """One study of a single arm: events among n."""

    name: str
    events: int
    n: int
    year: int | None = None


def read_studies(rows: Iterable[Any], file: str = "", subgroup: str = "subgroup", lines: int | None = None) -> tuple[Study, ...]:
    """Studies from mappings with study, e1, n1, e0, n0 and, where wanted, year and a column of subgroups.

    Every row that cannot be used is named in one InputError. `lines`: the line of the first row in its file.
    """
    problems, found = Problems(file), []
    for i, row in enumerate(_listed(rows)):
        path = ("studies", i)
        if lines is not None:
            problems.lines[path] = lines + i
        known = (*COLUMNS, *OPTIONAL, subgroup)
        if not _fits(row, known, COLUMNS, problems, path, strict=lines is None):
            continue
        table = noted_counts(row, problems, path)
        year = _year(row, problems, path)
        group = row.get(subgroup)
        if table is not None:
            found.append(Study(_name(row, i), table, year, str(group).strip() if group not in (None, "") else None))
    _same_names([study.name for study in found], problems)
    problems.raise_if_any()
    return tuple(found)


def read_one_arm(rows: Iterable[Any], file: str = "") -> tuple[OneArm, ...]:
    """Studies of a single arm from mappings with study, events, n and, where wanted, year."""
    problems, found = Problems(file), []
    columns = ("study", "events", "n")
    for i, row in enumerate(_listed(rows)):
        path = ("studies", i)
        if not _fits(row, (*columns, "year"), columns, problems, path, strict=True):
            continue
        events, n = whole(row.get("events"), problems, (*path, "events")), whole(row.get("n"), problems, (*path, "n"))
        check_arm(events, n, problems, path, "events", "n")
        year = _year(row, problems, path)
        if events is not None and n and events <= n:
            found.append(OneArm(_name(row, i), events, n, year))
    _same_names([study.name for study in found], problems)
    problems.raise_if_any()
    return tuple(found)


def read_csv(path: Path, subgroup: str | None = None) -> tuple[Study, ...]:
    """Studies of a CSV file with the columns study, e1, n1, e0, n0 (year and others may stand beside them)."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            heads = [head.strip() for head in reader.fieldnames or ()]
            rows = [{(k or "").strip(): v for k, v in row.items()} for row in reader]
    except csv.Error as error:
        raise InputError([Problem("", f"this is no CSV file: {error}")], str(path)) from None
    problems = Problems(str(path))
    for column in (*COLUMNS, *([subgroup] if subgroup else [])):
        if column not in heads:
            problems.add((column,), f"the column '{column}' is missing", hint=did_you_mean(column, heads) if heads else None)
    problems.raise_if_any()
    return read_studies(rows, str(path), subgroup or "subgroup", lines=2)


def _listed(rows: Any) -> Sequence[Any]:
    if isinstance(rows, str | bytes | Mapping) or not isinstance(rows, Iterable):
        raise InputError([Problem("studies", "this is no list of studies", value=type(rows).__name__, allowed="a list of mappings")])
    found = list(rows)
    if not found or len(found) > MOST:
        raise InputError([Problem("studies", f"{len(found)} studies", allowed=f"1 to {MOST}")])
    return found


def _fits(row: Any, known: Sequence[str], needed: Sequence[str], problems: Problems, path: Any, strict: bool) -> bool:
    if not isinstance(row, Mapping):
        problems.add(path, "this is no study", value=row, allowed=f"a mapping with {', '.join(needed)}")
        return False
    for key in row:
        if strict and key not in known:
            problems.add((*path, str(key)), f"'{key}' is not known here", hint=did_you_mean(str(key), known))
    return True


def _name(row: Mapping[str, Any], i: int) -> str:
    return str(row.get("study") or "").strip() or f"study {i + 1}"


def _year(row: Mapping[str, Any], problems: Problems, path: Any) -> int | None:
    value = row.get("year")
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        year = int(str(value))
    except ValueError:
        year = 0
    if not 1800 <= year <= 2200:
        problems.add((*path, "year"), "this is no year", value=value, allowed="1800 to 2200")
        return None
    return year


def _same_names(names: Sequence[str], problems: Problems) -> None:
    for name in dict.fromkeys(n for n in names if names.count(n) > 1):
        text = f"'{name}' stands here {names.count(name)} times"
        problems.add(("studies",), text, hint="One trial counts once; give other names to different studies.")
