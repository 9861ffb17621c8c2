"""Scores on the terminal: the list, one worked out, a table done, all of a simulated patient."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from perfuse.evidence.scoring.library import find_score
from perfuse.parameters.safety import SAFETY_TEXT
from perfuse.views import score_record
from perfuse.views.finding_words import meanings
from perfuse.views.score_words import cohort_words, external_words, labels, number, outcome_words, output_words, span, with_unit
from perfuse.views.screen import ending_with_the_safety_line, table

HIDDEN = {"id", "name", "endpoint", "score", "components", "failed", "undecided"}
"""Outputs that are shown in another place than the line of values."""


def listed(found: Sequence[Mapping[str, Any]]) -> None:
    """All scores: what they tell, whether they are available, and if not, why."""
    with ending_with_the_safety_line() as console:
        made = table("score", "name", "tells", "mark", title=f"{sum(one['why_not'] is None for one in found)} scores can be worked out")
        made.columns[0].no_wrap = True
        for one in (one for one in found if one["why_not"] is None):
            warned = "; with a warning" if "warning" in one["status"] else ""
            made.add_row(Text(one["id"], style="bold"), one["name"], f"{one['endpoint'] or ''}{warned}", one["mark"])
        console.print(made)
        console.print()
        rest = table("score", "name", "why it cannot be worked out", title="Described or not available")
        rest.columns[0].no_wrap = True
        for one in (one for one in found if one["why_not"] is not None):
            rest.add_row(Text(one["id"], style="bold"), one["name"], one["why_not"])
        console.print(rest)
        console.print()
        for line in meanings(f"{one['name']} {one['endpoint'] or ''}" for one in found):
            console.print(Text(line, style="dim"))
        console.print(Text("\nperfuse score NAME shows what it asks for, or what is known of it.", style="dim"))


def screen(found: Mapping[str, Any], record: Mapping[str, Any] | None = None) -> None:
    """One score worked out; with its record, the whole record below."""
    with ending_with_the_safety_line() as console:
        console.print(Text(headline(found), style="bold"))
        if found["endpoint"]:
            console.print(Text(found["endpoint"], style="dim"))
        _values(console, found)
        _contributions(console, found)
        _published(console, found)
        _thresholds(console, found)
        for warning in found["warnings"]:
            console.print(Text(f"! {warning}", style="yellow"))
        console.print()
        console.print(Text(f"Source: {found['source']} [{found['mark']}]", style="dim"))
        if record is not None:
            console.print()
            score_record.body(console, record, whole=True)
        words(console, found)


def words(console: Console, found: Mapping[str, Any]) -> None:
    """What stands below every score."""
    console.print()
    console.print(Text(f"{found['elso']['text']} ({found['elso']['source']}).", style="bold"))
    console.print(Text(SAFETY_TEXT, style="dim"))


def headline(found: Mapping[str, Any]) -> str:
    """Name, score or its range, class or those that remain."""
    parts = []
    if found["score_range"] is not None:
        low, high = found["score_range"]
        parts.append(number(low) if low == high else f"{span(low, high)} remain possible")
    some = found["possible_classes"]
    if some:
        parts.append(f"class {labels(some)}" if len(some) == 1 else f"classes {labels(some)}")
    return f"{found['name']}: {'; '.join(parts)}" if parts else str(found["name"])


def _values(console: Console, found: Mapping[str, Any]) -> None:
    told = list(found)[3 : list(found).index("complete")]
    for name in told:
        if name in HIDDEN or name in found["outcome_names"]:
            continue
        value = number(found[name])
        if name in found["ranges"]:
            value = f"{span(*found['ranges'][name])} remain possible"
        elif name in found["choices"]:
            value = f"{' or '.join(number(one) for one in found['choices'][name])}"
        console.print(Text(f"  {output_words(name, value)}"))
    if found.get("failed") is not None:
        console.print(Text(f"  not met: {number(found['failed'])}"))
    if found.get("undecided"):
        console.print(Text(f"  cannot be decided: {number(found['undecided'])}"))


def _contributions(console: Console, found: Mapping[str, Any]) -> None:
    if not found["contributions"]:
        return
    console.print()
    last = "met" if "criterion" in found["contributions"][0] else "adds"
    made = table("item", "given", last, right=(2,))
    for line in found["contributions"]:
        given = [_given(found, name) for name in line["inputs"] if name in found["inputs"] or len(line["inputs"]) == 1]
        points = number(line.get("points", line.get("met")))
        if "range" in line:
            points = span(*line["range"])
        made.add_row(str(line.get("item", line.get("criterion"))).replace("_", " "), ", ".join(given), points)
    if found["constant"]:
        made.add_row("constant", "", number(found["constant"]))
    console.print(made)


def _given(found: Mapping[str, Any], name: str) -> str:
    if name not in found["inputs"]:
        return "missing" if name in found["missing"] else "not given"
    one = found["inputs"][name]
    return with_unit(one["value"], one["unit"])


def _published(console: Console, found: Mapping[str, Any]) -> None:
    lines = []
    one = found["class_outcome"]
    for shown in [one] if one else found["possible_outcomes"]:
        if shown["outcome"]:
            lines.append(f"Class {labels([shown['label']])}: {outcome_words(shown['outcome'])}")
            lines += [f"  {name}: 95 % interval {span(*pair)} % (n = {shown['n']})" for name, pair in shown["interval_95"].items() if pair]
    if found["cohort"]:
        lines.append(f"Found in: {cohort_words(found['cohort'])}")
    lines += [f"Later: {external_words(other)}" for other in found["external"]]
    if lines:
        console.print()
    for line in lines:
        console.print(Text(line))


def _thresholds(console: Console, found: Mapping[str, Any]) -> None:
    if not found["thresholds"]:
        return
    console.print()
    made = table("published threshold", "rule", "here", "source", "mark")
    for one in found["thresholds"]:
        made.add_row(one["label"], one["rule"], number(one["holds"]), one["source"], one["mark"])
    console.print(made)


def table_done(found: Mapping[str, Any]) -> None:
    """What came of a table."""
    with ending_with_the_safety_line() as console:
        console.print(Text(f"{found['name']}: {found['rows']} rows", style="bold"))
        console.print(
            Text(f"  {found['complete']} complete, {found['with_missing']} with missing inputs (ranges), {found['failed']} failed")
        )
        if found["not_in_table"]:
            console.print(Text(f"! not in the table: {', '.join(found['not_in_table'])}", style="yellow"))
        for warning in found["warnings"]:
            console.print(Text(f"! {warning}", style="yellow"))
        if found["carried"]:
            console.print(Text(f"  carried along: {', '.join(found['carried'])}", style="dim"))
        if found["failed"]:
            console.print(Text(f"! the column {found['score']}_error says what is wrong with each row that failed", style="yellow"))
        console.print(Text(f"\nwritten: {found['out']}"), soft_wrap=True)


def of_case(found: Mapping[str, Any]) -> None:
    """All scores of a simulated patient."""
    with ending_with_the_safety_line() as console:
        console.print(Text(f"{found['title']} at {found['at_s'] / 60.0:.4g} min", style="bold"))
        for warning in found["warnings"]:
            console.print(Text(f"! {warning}", style="yellow"))
        console.print()
        made = table("score", "value", "class", "missing")
        made.columns[0].no_wrap = True
        for one in found["scores"]:
            if "error" in one:
                made.add_row(Text(one["id"], style="bold"), "", "", Text(one["error"], style="red"))
                continue
            made.add_row(Text(one["id"], style="bold"), _value(one), labels(one["possible_classes"]), ", ".join(one["missing"]))
        console.print(made)
        for one in found["scores"]:
            if find_score(one["id"]).warning:
                console.print(Text(f"! {one['id']}: {find_score(one['id']).warning}", style="yellow"))
        if found["scores"] and "elso" in found["scores"][0]:
            words(console, found["scores"][0])


def _value(one: Mapping[str, Any]) -> str:
    if one["score_range"] is not None and one["contributions"]:
        low, high = one["score_range"]
        return number(low) if low == high else span(low, high)
    told = [name for name in list(one)[3 : list(one).index("complete")] if name not in HIDDEN and name not in one["outcome_names"]]
    known = {name: span(*one["ranges"][name]) if name in one["ranges"] else number(one[name]) for name in told}
    return ", ".join(output_words(name, value) for name, value in known.items() if name in one["ranges"] or one[name] is not None)
