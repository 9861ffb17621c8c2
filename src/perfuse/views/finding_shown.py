"""A finding on the terminal: question, estimates beside the naive ones and the truth, what was assumed, measured and warned of."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from perfuse.views.finding_words import head, meanings
from perfuse.views.screen import ending_with_the_safety_line, table

Data = Mapping[str, Any]
MOST_ROWS = 20
ROUNDING = 1e-12
"""What is smaller comes from rounding and is shown as 0; P values are not."""


def number(value: float | None, unit: str = "1") -> str:
    """A number in as many figures as it deserves, with its unit behind it."""
    if value is None:
        return ""
    size = abs(value)
    text = (
        "0"
        if size < ROUNDING
        else f"{value:,.0f}"
        if size >= 1000
        else f"{value:.1f}"
        if size >= 100 or unit == "%"
        else f"{value:.2f}"
        if size >= 0.1
        else f"{value:.3g}"
    )
    text = text.replace("-", "\N{MINUS SIGN}")
    return text if unit == "1" else f"{text}\N{NO-BREAK SPACE}{unit}"


def interval(one: Data) -> str:
    """The interval in words, empty without one."""
    if one["low"] is None or one["high"] is None:
        return ""
    low, high = (number(one[end], one["unit"]).partition("\N{NO-BREAK SPACE}")[0] for end in ("low", "high"))
    return f"{low} to {high}"


def verdict(one: Data) -> str:
    """Whether the interval holds the truth."""
    return "" if one["covers"] is None else "holds it" if one["covers"] else "misses it"


def plain(value: Any) -> str:
    """A diagnostic in words."""
    if value is None:
        return "\N{EN DASH}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {plain(one)}" for key, one in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(plain(one) for one in value)
    return str(value)


def told(name: str, value: Any) -> str:
    """A diagnostic in words; a very small P value as such."""
    is_p = isinstance(value, float) and re.search(r"(^|\W)p$", name) is not None
    return "< 0.0001" if is_p and value < 1e-4 else plain(value)


def split(diagnostics: Data) -> tuple[dict[str, Any], dict[str, list[Data]]]:
    """Diagnostics that are single values, and those that are tables."""
    tables = {key: value for key, value in diagnostics.items() if isinstance(value, list) and value and isinstance(value[0], Mapping)}
    return {key: value for key, value in diagnostics.items() if key not in tables}, tables


def screen(data: Data, out: Path | None = None) -> None:
    """One finding."""
    with ending_with_the_safety_line() as console:
        console.print(Text(head(str(data["question"])), style="bold"))
        if data["n"]:
            console.print(Text(", ".join(f"{plain(value)} {head(key)}" for key, value in data["n"].items()), style="dim"))
        console.print()
        known = any(one["truth"] is not None for one in data["estimates"])
        heads = ("estimate", "", "95 % interval", *(("truth", "interval") if known else ()))
        made = table(*heads, right=(1, 2, 3) if known else (1, 2))
        for one in data["estimates"]:
            style = "dim" if one["role"] == "naive" else ""
            cells = [head(one["label"]) + (" (naive)" if one["role"] == "naive" else ""), number(one["value"], one["unit"]), interval(one)]
            cells += [number(one["truth"], one["unit"]), verdict(one)] if known else []
            made.add_row(*(Text(cell, style) for cell in cells))
        console.print(made)
        single, tables = split(data["diagnostics"])
        for title, rows in tables.items():
            console.print()
            _rows(console, title, rows)
        if single:
            console.print()
            measured = table("measured", "")
            for key, value in single.items():
                measured.add_row(Text(head(str(key))), Text(told(str(key), value)))
            console.print(measured)
        for title, lines in (("assumed", data["assumptions"]), ("warnings", data["warnings"])):
            if lines:
                console.print()
                console.print(Text(title, style="dim"))
                for line in lines:
                    console.print(Text(f"\N{BULLET} {line}"))
        console.print()
        for line in meanings(spoken(data)):
            console.print(Text(line, style="dim"))
        console.print(Text(f"source: {data['source']}", style="dim"))
        if out is not None:
            console.print(Text(f"written: {out}"), soft_wrap=True)


def spoken(data: Data) -> list[str]:
    """The words of a finding in which an abbreviation may stand."""
    single, tables = split(data["diagnostics"])
    heads = [head(str(key)) for rows in tables.values() for key in rows[0]]
    return [str(data["question"]), *(one["label"] for one in data["estimates"]), *map(str, single), *map(str, single.values()), *heads]


def _rows(console: Console, title: str, rows: Sequence[Data]) -> None:
    """A table of diagnostics: as many of its columns as fit, those of standardised differences first."""
    every = [str(key) for key in rows[0]]
    wanted = [
        every[0],
        *(name for name in every[1:] if name.startswith("SMD")),
        *(name for name in every[1:] if not name.startswith("SMD")),
    ]
    heads: list[str] = []
    room = console.width
    for name in wanted:
        room -= 3 + max(*(len(word) for word in head(name).split()), *(min(40, len(told(name, row[name]))) for row in rows[:MOST_ROWS]))
        if room < 0 and heads:
            break
        heads.append(name)
    numeric = tuple(
        i for i, name in enumerate(heads) if i and isinstance(rows[0][name], int | float) and not isinstance(rows[0][name], bool)
    )
    made = table(*(head(name) for name in heads), right=numeric, title=title)
    for row in rows[:MOST_ROWS]:
        made.add_row(*(Text(told(name, row[name])) for name in heads))
    console.print(made)
    left = [f"{len(rows) - MOST_ROWS} more rows"] if len(rows) > MOST_ROWS else []
    left += [f"columns {', '.join(head(name) for name in every if name not in heads)}"] if len(heads) < len(every) else []
    if left:
        console.print(Text(f"not shown: {'; '.join(left)} (--json and --out have all)", style="dim"))


def listed(lines: Sequence[Data]) -> None:
    """The list of analyses."""
    with ending_with_the_safety_line() as console:
        made = table("analysis", "question", "rows")
        made.columns[0].no_wrap = True
        for line in lines:
            made.add_row(*(Text(str(line[key])) for key in ("name", "question", "rows")))
        console.print(made)
        console.print()
        console.print(
            Text("Run one: perfuse registry analyse NAME. Without --registry the embedded synthetic one is made, and its truth shown.")
        )
