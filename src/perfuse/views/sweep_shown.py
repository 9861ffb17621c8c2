"""A sweep on the terminal: one row a point, and what its marks mean."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from perfuse.parameters.problems import Problems, alike, did_you_mean
from perfuse.parameters.tables import controls
from perfuse.parameters.vocabulary import vocabulary
from perfuse.views.labels import clock, shown, span, unit_words
from perfuse.views.runs_shown import files
from perfuse.views.screen import ending_with_the_safety_line, table

MAIN = ("MAP", "PCWP", "CVP", "CO", "total_flow", "ecmo_flow", "P_ven", "SaO2_right_radial", "LVEDV", "LVPVA")
MOST_ROWS = 200
MARKS = {"ok": "", "outside": "\N{WHITE CIRCLE}", "not settled": "~", "diverged": "\N{MULTIPLICATION SIGN}"}
MEANINGS = {"outside": "outside the range in which a curve is known", "not settled": "still moving at the end", "diverged": "diverged"}
Summary = Mapping[str, Any]


def chosen(words: str | None, problems: Problems) -> list[str]:
    """The quantities between the commas; every unknown name is noted. Without words, none: the main ones are meant."""
    names = list(dict.fromkeys(name.strip() for name in words.split(","))) if words is not None else []
    for name in names:
        if name not in vocabulary():
            text = f"'{name}' is not a reported quantity" if name else "a name is missing between the commas"
            problems.add(("--quantity",), text, value=name, hint=did_you_mean(name, vocabulary()) if name else None)
    return names


def wanted(summary: Summary, names: Sequence[str]) -> list[str]:
    """What is shown of this sweep: the names asked for, or the main quantities and those of the devices, as far as they exist."""
    devices = [name for name, entry in vocabulary().items() if entry.group == "devices"]
    return list(names) or [name for name in (*MAIN, *devices) if name in summary["columns"]]


def kind(status: str) -> str:
    """Which mark a status has: ok, outside, not settled, diverged."""
    return next(key for key in MARKS if status.startswith(key))


def setting(name: str, value: float, unit: bool = True) -> str:
    """A value of a control in words, with its unit unless it is a pure number."""
    entry = controls()[name]
    words = entry.worded(value)
    return words if not unit or entry.unit == "1" else f"{words} {unit_words(entry.unit)}"


def where(summary: Summary, point: int) -> str:
    """The settings of one point in words."""
    return ", ".join(f"{name} {setting(name, summary['columns'][name]['values'][point])}" for name in summary["set"])


def held(summary: Summary) -> str:
    """How the points came about, in a sentence."""
    start, length = summary["held_from"]["value"], span(summary["held_for"]["value"])
    first, last = summary["from_the_beginning"], span(summary["averaged_over"]["value"])
    if len(first) == len(summary["set"]) or not start:
        begin = f"Each value holds from the beginning on, {length} beyond the case's own protocol" if start else "Each value holds"
        return f"{begin}{'' if start else f' for {length}'}; averages of the last {last}."
    early = f"{', '.join(first)} from the beginning, the other" if first else "Each value holds"
    return f"{early} from {clock(start)} (min:s) of the case on, for {length}; averages of the last {last}."


def noted(summary: Summary) -> list[tuple[str, str]]:
    """Where something is to be said, and what; sentences that differ only in their numbers are told once, with their points."""
    kinds: dict[str, list[tuple[int, str]]] = {}
    for number, point in enumerate(summary["points"]):
        for words in point["notes"] or ([point["status"]] if kind(point["status"]) == "diverged" else []):
            kinds.setdefault(alike(words), []).append((number, words))
    found = []
    for said in kinds.values():
        (first, words), (last, last_words) = said[0], said[-1]
        place = where(summary, first) + (f" and {len(said) - 1} more, up to {where(summary, last)}" if len(said) > 1 else "")
        found.append((place, words if words == last_words else f"{words} Last: {last_words}"))
    return found


def screen(summary: Summary, names: Sequence[str], written: Sequence[Path]) -> None:
    """Title, the table (in parts where the terminal is narrow), marks, files."""
    with ending_with_the_safety_line() as console:
        console.print(Text(summary["title"], style="bold"))
        console.print(Text(held(summary)))
        for warning in summary["warnings"]:
            console.print(Text(f"! {warning}", style="yellow"))
        for part in _parts(wanted(summary, names), console.width - 12 * len(summary["set"]) - 3):
            console.print()
            _table(console, summary, part)
        _marks(console, summary)
        files(console, written, "--out DIR keeps the report with curves or maps, and every quantity in sweep.parquet.")


def _parts(names: Sequence[str], width: int) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    left = width
    for name in names:
        need = max(len(line) for line in [*_head(name).split("\n"), "-1234.0"]) + 2
        if need > left and parts[-1]:
            parts.append([])
            left = width
        parts[-1].append(name)
        left -= need
    return parts


def _head(name: str) -> str:
    """The name of a quantity as `--quantity` takes it, in lines, with its unit."""
    return "\n".join([*(name.replace("_", "_\n", 1).split("\n") if len(name) > 10 else [name]), unit_words(vocabulary()[name].unit)])


def _table(console: Console, summary: Summary, names: Sequence[str]) -> None:
    columns, axes = summary["columns"], summary["set"]
    heads = [f"{name}\n{unit_words(columns[name]['unit'])}" for name in axes]
    made = table(*heads, "", *(_head(name) for name in names), right=(*range(len(axes)), *range(len(axes) + 1, len(axes) + 1 + len(names))))
    for number, point in enumerate(summary["points"][:MOST_ROWS]):
        cells = [shown(name, columns[name]["values"][number] if name in columns else None) for name in names]
        made.add_row(*(setting(name, columns[name]["values"][number], False) for name in axes), MARKS[kind(point["status"])], *cells)
    console.print(made)


def _marks(console: Console, summary: Summary) -> None:
    present = {kind(point["status"]) for point in summary["points"]}
    if meanings := [f"{MARKS[key]} {words}" for key, words in MEANINGS.items() if key in present]:
        console.print(Text("\n" + "; ".join(meanings)))
    for place, text in noted(summary):
        console.print(Text(f"! {place}: {text}", style="yellow"))
    if (more := len(summary["points"]) - MOST_ROWS) > 0:
        console.print(Text(f"{more} more points are not shown here; --out DIR or --json has them all."))
