"""Trials on the terminal."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

from rich.console import Console
from rich.text import Text

from perfuse.parameters.problems import InputError
from perfuse.parameters.protocols import load_protocol, protocol_names, unit_of_reading
from perfuse.views.labels import clock, label_of, shown, unit_words
from perfuse.views.screen import ending_with_the_safety_line, table
from perfuse.views.trial_words import YES, bound_words, drugs_words, facts, plain_symbol, read_value, set_words, where

WIDE = 6
"""Steps that fit side by side; more stand below each other."""


def listed() -> list[dict[str, str]]:
    """Shipped protocols, one line each."""
    found = []
    for name in protocol_names():
        try:
            one = load_protocol(name)
        except InputError as error:
            found.append({"name": name, "text": f"cannot be played: {error.problems[0].text}", "for": "", "source": ""})
            continue
        whom = ", ".join([f"{mode.upper()}-ECMO" for mode in one.modes] + list(one.models))
        found.append({"name": name, "text": f"{one.title}. {one.about}", "for": whom, "source": ", ".join(one.source)})
    return found


def protocols_screen(lines: Sequence[Mapping[str, str]]) -> None:
    """The list."""
    made = table("Trial", "What is done", "for")
    for line in lines:
        made.add_row(line["name"], line["text"], line["for"])
    with ending_with_the_safety_line() as console:
        console.print(made)


def one(summary: Mapping[str, Any], support: Sequence[str], written: Sequence[Path]) -> None:
    """Who, steps, criteria, facts, files."""
    with ending_with_the_safety_line() as console:
        body(console, summary, support)
        files(console, written)


def several(
    title: str, lead: str, parts: Sequence[tuple[Mapping[str, Any], Sequence[str]]], left_out: Sequence[str], written: Sequence[Path]
) -> None:
    """The questions of a bridge, one after the other."""
    with ending_with_the_safety_line() as console:
        console.print(Text(title, style="bold"))
        console.print(Text(lead, style="dim"))
        for summary, support in parts:
            console.print()
            body(console, summary, support, question=True)
        for words in left_out:
            console.print()
            console.print(Text(words, style="dim"))
        files(console, written)


def body(console: Console, summary: Mapping[str, Any], support: Sequence[str], question: bool = False) -> None:
    """One trial."""
    console.print(Text(summary["protocol"]["title"] if question else summary["title"], style="bold"))
    console.print(Text(summary["protocol"]["about"], style="dim"))
    if not question:
        console.print(Text(f"Patient: {summary['patient']}. Support: {'; '.join(support)}. Drugs: {drugs_words(summary['drugs'])}."))
    if not summary["status"]["ok"]:
        console.print(Text(f"the run did not end as asked: {summary['status']['text']}", style="bold red"))
    for warning in summary["warnings"]:
        console.print(Text(f"! {warning}", style="yellow"))
    _steps(console, summary)
    _criteria(console, summary, YES if question else {})
    if "without_support" in summary:
        console.print()
        console.print(Text("The same without support", style="bold"))
        _steps(console, summary["without_support"])
    console.print()
    console.print(Text(facts(summary, question)))


def _steps(console: Console, summary: Mapping[str, Any]) -> None:
    steps = summary["steps"]
    names = [name for name in dict.fromkeys(name for step in steps for name in step["readings"])]
    console.print()
    if len(steps) <= WIDE:
        made = table("", *(_head(step, summary["begin"]) for step in steps), right=tuple(range(1, len(steps) + 1)))
        made.columns[0].min_width = 22
        for name in names:
            made.add_row(_named(name), *(_cell(step, name) for step in steps))
        console.print(made)
        for step in steps[1:]:
            console.print(Text(f"  {step['name']}: {set_words(step)}", style="dim"))
        return
    heads = [f"{plain_symbol(name)}\n{unit_words(unit_of_reading(name))}" for name in names]
    made = table("Step", *heads, right=tuple(range(1, len(heads) + 1)))
    for step in steps:
        made.add_row(step["name"] + ("" if step["ended"] else " (stopped)"), *(_cell(step, name) for name in names))
    console.print(made)


def _head(step: Mapping[str, Any], begin: float) -> str:
    words = fill(step["name"], 12, break_long_words=False)
    return f"{words}\n{'to' if step['ended'] else 'stopped'} {clock(step['end'] - begin)}"


def _named(name: str) -> str:
    unit = unit_words(unit_of_reading(name))
    return f"{label_of(name).words}{', ' if unit else ''}{unit}"


def _cell(step: Mapping[str, Any], name: str) -> str:
    return shown(name, step["readings"][name]["value"] if name in step["readings"] else None)


def _criteria(console: Console, summary: Mapping[str, Any], words: Mapping[str, str]) -> None:
    made = table("Criterion", "read", "published", "reached" if words else "finding", "mark", right=(1,))
    for line in summary["criteria"]:
        why = f" ({line['why']})" if line["why"] else ""
        made.add_row(where(line), read_value(line), bound_words(line), f"{words.get(line['verdict'], line['verdict'])}{why}", line["mark"])
    console.print()
    console.print(made)


def files(console: Console, written: Sequence[Path]) -> None:
    """What was written."""
    console.print()
    for path in written:
        console.print(Text(f"written: {path}"), soft_wrap=True)
    if not written:
        console.print(Text("Nothing was written; --out DIR keeps the report and the tables.", style="dim"))
