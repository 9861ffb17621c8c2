"""The library on the terminal: lists, and one entry explained."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from rich.text import Text

from perfuse.parameters import library
from perfuse.parameters.problems import InputError, Problem, did_you_mean
from perfuse.parameters.records import Quantity, Row, span
from perfuse.parameters.sources import source_text
from perfuse.views.labels import MINUS, unit_words
from perfuse.views.screen import ending_with_the_safety_line, table


def lines(kind: str, found: Sequence[Mapping[str, str]]) -> None:
    """One line and a source each."""
    with ending_with_the_safety_line() as console:
        made = table("name", "what", "source", title=f"{len(found)} {kind}")
        made.columns[0].no_wrap = True
        for line in found:
            made.add_row(Text(line["name"], style="bold"), line["text"], Text(line["source"], style="dim"))
        console.print(made)
        console.print(Text("\nperfuse show NAME explains one.", style="dim"))


def explain(name: str) -> dict[str, Any]:
    """One patient, device or case: what it is, and every number with unit, range, source and mark."""
    listed = {"device": library.devices, "patient": library.patients, "case": library.cases}
    seen: list[str] = []
    for kind, lines_of in listed.items():
        found = {line.name: line for line in lines_of()}
        if name in found:
            return _explained(kind, found[name])
        seen += found
    hint = did_you_mean(name, seen, "'perfuse patients', 'perfuse devices' and 'perfuse cases' list the library.")
    raise InputError([Problem("", f"'{name}' is not in the library", value=name, hint=hint)], "the command line")


def _explained(kind: str, line: library.Line) -> dict[str, Any]:
    name = line.name
    out: dict[str, Any] = {"name": name, "kind": kind, "text": line.text, "source": line.source}
    if kind == "case":
        return {**out, "file": library.case_file(name).read_text(encoding="utf-8")}
    entry = library.load_patient(name) if kind == "patient" else library.load_device(name)
    return {**out, "notes": getattr(entry, "notes", ""), "numbers": [_number(place, quantity) for place, quantity in _quantities(entry)]}


def _quantities(entry: Any, place: str = "") -> Iterator[tuple[str, Quantity]]:
    """Every number of a record with its place in it."""
    if isinstance(entry, Quantity):
        yield place, entry
    elif isinstance(entry, Row):
        for i, value in enumerate(entry.values):
            yield f"{place}[{i}]", Quantity(value, entry.unit, entry.source, entry.mark, text=entry.text)
    elif is_dataclass(entry):
        for part in fields(entry):
            yield from _quantities(getattr(entry, part.name), f"{place}.{part.name}" if place else part.name)
    elif isinstance(entry, Mapping):
        for key, value in entry.items():
            yield from _quantities(value, str(key))


def _number(place: str, quantity: Quantity) -> dict[str, Any]:
    return {
        "name": place, "value": quantity.value, "unit": quantity.unit, "low": quantity.low, "high": quantity.high, "mark": quantity.mark,
        "source": "; ".join(source_text(key) for key in quantity.source), "text": quantity.text,
    }  # fmt: skip


def screen(found: Mapping[str, Any]) -> None:
    """One entry on the terminal."""
    with ending_with_the_safety_line() as console:
        console.print(Text(f"{found['name']} ({found['kind']})", style="bold"))
        console.print(Text(found["text"]))
        console.print(Text(f"Source: {found['source']}", style="dim"))
        console.print()
        if "file" in found:
            console.print(Text(found["file"].rstrip()), soft_wrap=True)
            return
        if found["notes"]:
            console.print(Text(f"{found['notes']}\n"))
        cited = list(dict.fromkeys(number["source"] for number in found["numbers"]))
        made = table("number", "value", "unit", "range", "known", "source", right=(1,))
        for number in found["numbers"]:
            limits = span(number["low"], number["high"], "1").replace("-", MINUS)
            value = f"{number['value']:g}".replace("-", MINUS)
            made.add_row(
                number["name"], value, unit_words(number["unit"]), limits, number["mark"], f"[{cited.index(number['source']) + 1}]"
            )
        for column in made.columns:
            column.overflow = "fold"
        console.print(made)
        console.print()
        for i, source in enumerate(cited, 1):
            console.print(Text(f"[{i}] {source}"))
