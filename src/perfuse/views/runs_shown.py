"""One run, or several side by side, on the terminal."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from perfuse.views.labels import clock, in_groups, label_of, number, shown, unit_words
from perfuse.views.screen import ending_with_the_safety_line, table
from perfuse.views.tables import difference, value_of

Block = Mapping[str, Mapping[str, Any]]


def one(summary: Mapping[str, Any], written: Sequence[Path]) -> None:
    """Status, bedside fit, before and after, gases, events, files."""
    with ending_with_the_safety_line() as console:
        console.print(Text(summary["title"], style="bold"))
        console.print(Text(f"On {' and '.join(summary['support'])}." if summary["support"] else "No support.", style="dim"))
        _status(console, summary)
        if summary["bedside"]:
            _bedside(console, summary["bedside"])
        _blocks(console, {"before": summary["before"], "end": summary["after"]}, change=True)
        _gases(console, summary["gases"])
        if summary["events"]:
            console.print()
            for event in summary["events"]:
                console.print(Text(f"  {clock(event['t']):>8}  {event['text']}"))
        files(console, written, "--out DIR keeps the report and the tables.")


def several(summary: Mapping[str, Any], written: Sequence[Path], first: Sequence[str] = ()) -> None:
    """One column a support, each at its end; the quantities of `first` stand before all others."""
    with ending_with_the_safety_line() as console:
        console.print(Text(summary["title"], style="bold"))
        for name, run in summary["runs"].items():
            _status(console, run, name)
        _blocks(console, {name: run["after"] for name, run in summary["runs"].items()}, change=False, first=first)
        files(console, written, "--out DIR keeps the report with overlaid loops.")


def _status(console: Console, summary: Mapping[str, Any], name: str = "") -> None:
    before = f"{name}: " if name else ""
    if not summary["status"]["ok"]:
        console.print(Text(f"{before}the run did not end as asked: {summary['status']['text']}", style="bold red"))
    for warning in summary["warnings"]:
        console.print(Text(f"! {before}{warning}", style="yellow"))


def _blocks(console: Console, columns: Mapping[str, Block], *, change: bool, first: Sequence[str] = ()) -> None:
    heads = ("", *columns, *(("change",) if change else ()), "unit")
    made = table(*heads, right=tuple(range(1, len(heads) - 1)))
    names = list(dict.fromkeys(name for block in columns.values() for name in block))
    for group, members in in_groups(names, first):
        made.add_row(Text(group, style="bold"), *[""] * (len(heads) - 1))
        for name in members:
            values = [value_of(block, name) for block in columns.values()]
            unit = unit_words(next(block[name]["unit"] for block in columns.values() if name in block))
            cells = [shown(name, value) for value in values] + ([difference(name, values[0], values[-1])] if change else [])
            made.add_row(f"  {label_of(name).words}", *cells, unit)
    console.print()
    console.print(made)


def _bedside(console: Console, lines: Sequence[Mapping[str, Any]]) -> None:
    made = table("Bedside measurement", "asked", "reached", "difference", "unit", right=(1, 2, 3))
    for line in lines:
        name, asked, reached = str(line["name"]), line["asked"], line["reached"]
        made.add_row(
            label_of(name).words,
            shown(name, asked),
            shown(name, reached),
            difference(name, asked, reached),
            unit_words(line.get("unit", "")),
        )
    console.print()
    console.print(made)


def _gases(console: Console, gases: Mapping[str, Mapping[str, Mapping[str, float]]]) -> None:
    made = table("Gases", "when", "PO2 mmHg", "PCO2 mmHg", "pH", "SO2 %", right=(2, 3, 4, 5))
    for site in dict.fromkeys([*gases["before"], *gases["after"]]):
        for when, title in (("before", "before"), ("after", "end")):
            gas = gases[when].get(site)
            if gas is not None:
                cells = [number(gas.get(name), digits) for name, digits in (("PO2", 0), ("PCO2", 0), ("pH", 2), ("SO2", 1))]
                made.add_row(site.replace("_", " "), title, *cells)
    console.print()
    console.print(made)


def files(console: Console, written: Sequence[Path], hint: str) -> None:
    """The files that were written, or what would write them."""
    console.print()
    for path in written:
        console.print(Text(f"written: {path}"), soft_wrap=True)
    if not written:
        console.print(Text(f"Nothing was written; {hint}", style="dim"))
