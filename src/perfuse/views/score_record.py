"""A record of a score on the terminal: what it asks for, points, classes, later results, source; or why it is not available."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from perfuse.parameters.safety import SAFETY_TEXT
from perfuse.views.score_words import cohort_words, external_words, input_words, labels, number, outcome_words, with_unit
from perfuse.views.screen import ending_with_the_safety_line, table


def screen(found: Mapping[str, Any], *, whole: bool) -> None:
    """A record without a patient."""
    with ending_with_the_safety_line() as console:
        console.print(Text(f"{found['name']} ({found['id']}): {found['status']}", style="bold"))
        if found["endpoint"]:
            console.print(Text(found["endpoint"]))
        console.print()
        body(console, found, whole=whole)
        console.print()
        console.print(Text(f"{found['elso']['text']} ({found['elso']['source']}).", style="bold"))
        console.print(Text(SAFETY_TEXT, style="dim"))


def body(console: Console, found: Mapping[str, Any], *, whole: bool) -> None:
    """Inputs; with `whole` points, classes, notes and marks too."""
    for warning in found["warnings"]:
        console.print(Text(f"! {warning}", style="yellow"))
    if found["why_not"]:
        _known(console, found)
    if found["inputs"]:
        _inputs(console, found)
    if whole:
        _points(console, found)
    _classes(console, found)
    if whole:
        for one in found["external"]:
            console.print(Text(f"Later: {external_words(one)}"))
        for note in found["notes"]:
            console.print(Text(f"\N{EN DASH} {note}"))
        console.print(Text(f"Evidence: {found['evidence']}. Confidence: {found['confidence']}.", style="dim"))
    console.print(Text(f"Source: {found['source']} [{found['mark']}]", style="dim"))
    if not whole and not found["why_not"]:
        console.print(Text(f"\nperfuse score {found['id']} --explain shows points, notes and later results.", style="dim"))


def _inputs(console: Console, found: Mapping[str, Any]) -> None:
    made = table("input", "unit", "can be", "meaning")
    made.columns[0].no_wrap = True
    sources = set()
    for name, one in found["inputs"].items():
        if one["low"] is not None:
            can = f"{number(one['low'])} to {number(one['high'])}"
            sources.add(f"{one['range_source']} [{one['range_mark']}]")
        else:
            can = "yes, no" if one["type"] == "bool" else ", ".join(one["values"])
        optional = [f"may be left out: {one['absent']}"] if one["optional"] else []
        several = ["one or several"] if one["type"] == "multi-enum" else []
        option = f"--{name.replace('_', '-')}"
        made.add_row(
            option,
            one["unit"] or "",
            can,
            "; ".join([*several, *([words] if (words := input_words(name, one["note"])) else []), *optional]),
        )
    console.print(made)
    for group in found["one_of"]:
        console.print(Text(f"At least one of: {', '.join(group)}"))
    for source in sorted(sources):
        console.print(Text(f"Ranges: {source}", style="dim"))


def _points(console: Console, found: Mapping[str, Any]) -> None:
    console.print()
    if found["items"]:
        made = table("item", "of", "points")
        for item in found["items"]:
            lines = "; ".join(f"{line['when'].replace('not ', 'no ')}: {number(line['points'])}" for line in item["points"])
            made.add_row(item["item"].replace("_", " "), ", ".join(item["of"]), lines)
        if found["constant"]:
            made.add_row("constant", "", number(found["constant"]))
        console.print(made)
        if found["total_range"]:
            joined = "their mean" if found["total"] == "mean" else "their sum"
            low, high = found["total_range"]
            console.print(Text(f"The score is {joined}: {number(low)} to {number(high)}", style="dim"))
    for kind in ("terms", "criteria", "outputs"):
        if found[kind] and not (kind == "outputs" and found["items"]):
            made = table(kind, "")
            for name, text in found[kind].items():
                made.add_row(name.replace("_", " "), text)
            console.print(made)
    for one in found["thresholds"]:
        console.print(Text(f"Threshold: {one['label']}: {one['rule']} [{one['source']}; {one['mark']}]"))


def _classes(console: Console, found: Mapping[str, Any]) -> None:
    if found["classes"]:
        console.print()
        made = table("class", found["class_of"].replace("_", " ") or "condition", "published")
        for one in found["classes"]:
            made.add_row(labels([one["label"]]), one["when"], outcome_words(one["outcome"]))
        console.print(made)
    if found["cohort"]:
        console.print(Text(f"Found in: {cohort_words(found['cohort'])}"))


def _known(console: Console, found: Mapping[str, Any]) -> None:
    console.print(Text(f"It cannot be worked out: {found['why_not']}."))
    if found["stages"]:
        known = found["known"] or {}
        by_stage = known.get("by_stage", {})
        made = table("stage", "description", *([known["outcome"]] if by_stage else []))
        for stage, text in found["stages"].items():
            made.add_row(stage, text, *([number(by_stage.get(stage))] if by_stage else []))
        console.print(made)
        for name in ("cohort", "modifiers", "mark"):
            if name in known:
                console.print(Text(f"{name.capitalize()}: {number(known[name])}", style="dim"))
        for note in found["notes"]:
            console.print(Text(note))
    elif found["known"]:
        console.print(Text("What is known:"))
        for name, value in found["known"].items():
            console.print(Text(f"  {name.replace('_', ' ')}: {_plain(value)}"))


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key} {_plain(one)}" for key, one in value.items())
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "; ".join(_class(one) for one in value)
    return with_unit(value, None)


def _class(one: Mapping[str, Any]) -> str:
    n = f" of {one['n']}" if "n" in one else ""
    interval = f" (95 % interval {number(one['interval_95'][0])} to {number(one['interval_95'][1])})" if "interval_95" in one else ""
    return f"{one['label']}: {number(one['mortality_pct'])} %{n} died{interval}"
