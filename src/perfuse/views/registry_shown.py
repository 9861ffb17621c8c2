"""A registry, and what a check of it found, on the terminal."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from perfuse.views.screen import ending_with_the_safety_line, table

REASONS, QUESTIONS = 20, 12
"""Lines that a screen shows of each."""


def overview(data: Mapping[str, Any]) -> None:
    """What a registry holds."""
    about = data["about"]
    with ending_with_the_safety_line() as console:
        kind = f"{about.get('kind', '')} registry"
        if "seed" in about:
            kind += f", seed {about['seed']}"
        console.print(Text(kind.strip().capitalize(), style="bold"))
        years = "" if data["years"][0] is None else f", {data['years'][0]} to {data['years'][1]}"
        console.print(Text(f"{data['rows']['runs']} runs of {data['patients']} patients in {data['centres']} centres{years}", style="dim"))
        _indications(console, data["indications"])
        made = table("Table", "rows", right=(1,))
        for name, rows in data["rows"].items():
            made.add_row(name, f"{rows}")
        console.print()
        console.print(made)
        if data["truth"]:
            _truth(console, data["truth"])
        if data.get("written"):
            console.print()
            console.print(Text(f"written: {data['written']}"), soft_wrap=True)


def _indications(console: Console, groups: Sequence[Mapping[str, Any]]) -> None:
    made = table(
        "Indication",
        "runs",
        "mean\nage",
        "hospital\ndeath",
        "median\nrun",
        "weaned",
        "died on\nsupport",
        "bridged",
        right=tuple(range(1, 8)),
    )
    for one in groups:
        ends, n = one["support_ended_by"], one["runs"]
        known = sum(ends.values())
        bridged = ends["transplant"] + ends["durable_device"]
        made.add_row(
            one["indication"],
            f"{n}",
            "" if one["mean_age"] is None else f"{one['mean_age']:.0f}",
            _percent(one["hospital_mortality"]),
            "" if one["median_run_days"] is None else f"{one['median_run_days']:.1f} d",
            *(_percent(count / known if known else None) for count in (ends["weaned"], ends["died"], bridged)),
        )
    console.print()
    console.print(made)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"


def _truth(console: Console, truth: Mapping[str, Any]) -> None:
    made = table("Truth it was made with", "value", right=(1,))
    made.add_row("log odds ratio of death per doubling of volume", f"{truth['log_or_per_doubling_of_volume']:.3f}")
    made.add_row("standard deviation of centres, log odds", f"{truth['centre_sd']:.2f}")
    for name, value in truth["log_subdistribution_hazard_ratios_of_weaning"].items():
        made.add_row(f"log subdistribution hazard ratio of weaning: {name}", f"{value:.2f}")
    made.add_row("hazard ratio of death on ECMO, among candidates", f"{truth['hazard_ratio_of_ecmo']:.2f}")
    made.add_row("risk difference, ECMO within the grace period v never", f"{100 * truth['risk_difference']:.1f} %")
    if truth["reporting_errors"]:
        made.add_row("reporting errors put in", f"{truth['reporting_errors']}")
    console.print()
    console.print(made)


def check(data: Mapping[str, Any], written: Sequence[Path]) -> None:
    """Which rows were taken, which not and why."""
    with ending_with_the_safety_line() as console:
        console.print(Text(data["where"], style="bold"), soft_wrap=True)
        made = table("Table", "given", "taken", "rejected", right=(1, 2, 3))
        for name, count in data["counts"].items():
            made.add_row(name, f"{count['given']}", f"{count['taken']}", f"{count['rejected']}" if count["rejected"] else "")
        console.print()
        console.print(made)
        if data["reasons"]:
            _reasons(console, data)
        else:
            console.print(Text("Every row keeps the rules."))
        for one in data["questions"][:QUESTIONS]:
            console.print(Text(f"? {one['table']}.{one['column']}: {one['text']}.", style="yellow"))
        for note in data["notes"]:
            console.print(Text(f"  {note}", style="dim"))
        console.print()
        if data["written"]:
            console.print(Text(f"written: {data['written']}"), soft_wrap=True)
        for path in written:
            console.print(Text(f"written: {path}"), soft_wrap=True)
        if not written and not data["written"]:
            console.print(Text("Nothing was written; --report DIR keeps the list of rejected rows.", style="dim"))


def _reasons(console: Console, data: Mapping[str, Any]) -> None:
    from perfuse.evidence.registry.rejections import place

    made = table("Column", "why rows were rejected", "rows", "first", "there", "allowed", right=(2, 3))
    for one in data["reasons"][:REASONS]:
        made.add_row(place(one), one["reason"], f"{one['rows']}", f"{one['row']}", one["value"], _short(one["allowed"]))
    console.print()
    console.print(made)
    if len(data["reasons"]) > REASONS:
        console.print(Text(f"and {len(data['reasons']) - REASONS} more reasons; --report DIR or --json tells all", style="dim"))
    console.print(Text(f"Row numbers count {data['rows_are']}. Identifiers and dates are told by their shape only.", style="dim"))


def _short(words: str, most: int = 60) -> str:
    return words if len(words) <= most else words[:most].rsplit(",", 1)[0] + " ..."


def schema(data: Mapping[str, Any], one: bool) -> None:
    """The tables, or the columns of one."""
    with ending_with_the_safety_line() as console:
        if not one:
            made = table("Table", "holds", "key", "columns", right=(3,))
            for name, said in data["tables"].items():
                made.add_row(name, said["about"], ", ".join(said["key"]), f"{len(said['columns'])}")
            console.print(made)
            return
        for name, said in data["tables"].items():
            console.print(Text(f"{name}: {said['about']}", style="bold"))
            console.print(Text(f"Key: {', '.join(said['key'])}. Source: {said['source']} ({said['mark']}).", style="dim"))
            made = table("Column", "holds", "type", "allowed")
            for column, words in said["columns"].items():
                made.add_row(column, words["about"], words["type"] + (", required" if words["required"] else ""), words["allowed"])
            console.print(made)
