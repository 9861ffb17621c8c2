"""Published numbers beside simulated ones, on the terminal."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.text import Text

from perfuse.evidence.progress import Progress
from perfuse.parameters.problems import InputError, Problem, did_you_mean
from perfuse.views.screen import ending_with_the_safety_line, table

STYLES = {"pass": "green", "fail": "bold red", "refused": "bold red", "not_expressible": "dim"}
WORDS = {"pass": "pass", "fail": "fail", "refused": "refused", "not_expressible": "not expressible"}


def rows(scenarios: Path | None, area: str | None, progress: Progress) -> list[dict[str, Any]]:
    """The rows to show: of the published table, or of a file of scenarios."""
    if scenarios is not None:
        from perfuse.evidence.scenarios import play_file

        if area is not None:
            raise InputError(
                [Problem("--area", "scenarios have no areas", value=area, hint="Leave out --area, or --scenarios.")], "the command line"
            )
        if not scenarios.is_file():
            what = "this is a folder" if scenarios.is_dir() else "there is no such file"
            raise InputError([Problem("--scenarios", what, value=str(scenarios), hint="Check the path.")], str(scenarios))
        played: list[dict[str, Any]] = play_file(scenarios, progress=progress)
        return played
    from perfuse.evidence.validate import areas, validate

    if area is not None and area not in areas():
        hint = did_you_mean(area, areas())
        raise InputError(
            [Problem("--area", f"'{area}' is not an area", value=area, allowed=", ".join(areas()), hint=hint)], "the command line"
        )
    return validate(area, progress)


def counts(found: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many rows of each status."""
    return {status: sum(row["status"] == status for row in found) for status in WORDS}


def screen(found: Sequence[Mapping[str, Any]], out: Path | None) -> None:
    """Every row in one line, then the rows that fail in full, then the counts."""
    with ending_with_the_safety_line() as console:
        made = table("row", "", "quantity", "simulated", "published")
        made.columns[0].no_wrap = made.columns[1].no_wrap = True
        for row in found:
            status = str(row["status"])
            made.add_row(
                str(row["id"]),
                Text(WORDS[status], STYLES[status]),
                *(Text(str(row[key])) for key in ("quantity", "simulated", "published")),
            )
        console.print(made)
        for row in found:
            if row["status"] in ("fail", "refused"):
                console.print()
                console.print(Text(f"{row['id']} {WORDS[row['status']]}: {row['quantity']}", style="bold"))
                for key in ("setup", "simulated", "published", "tolerance", "source", "note"):
                    if row.get(key):
                        console.print(Text(f"  {key}: {row[key]}"))
        console.print()
        console.print(", ".join(f"{number} {WORDS[status]}" for status, number in counts(found).items() if number) or "no rows")
        if out is not None:
            console.print(Text(f"written: {out}"), soft_wrap=True)
