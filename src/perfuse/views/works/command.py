"""`perfuse evidence report`: computes the six works, writes the page, and shows the checks on the screen."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from perfuse.parameters.problems import InputError, Problem
from perfuse.parameters.safety import SAFETY_TEXT
from perfuse.views.answering import refuse_no_seed, typed


def made(out: Path, seed: int) -> tuple[dict[str, Any], bool, Callable[[], None]]:
    """Data, whether all of it ended as asked, and the screen; InputError where the page cannot be written, before anything is computed."""
    if out.is_dir() or out.suffix.lower() not in (".html", ".htm"):
        raise InputError(
            [Problem("--out", "the page is one HTML file", value=str(out), allowed="a file that ends with .html")], "the command line"
        )
    if not out.resolve().parent.is_dir():
        raise InputError([Problem("--out", "its folder does not exist", value=str(out.parent), hint="Make it first.")], "the command line")
    refuse_no_seed(seed)
    from perfuse.results.store import write_text_whole
    from perfuse.views.progress import watched
    from perfuse.views.works import report

    with watched("six works", at_once=True) as progress:
        found = report.works(seed, progress)
        page = report.report_html(found, seed, typed("evidence report", out=out, seed=seed))
    write_text_whole(page, out)
    data = {"schema": "perfuse-evidence-report/1", "safety": SAFETY_TEXT, "written": str(out), **report.summary(found, seed)}
    return data, True, lambda: _screen(data)


def _screen(data: dict[str, Any]) -> None:
    from rich.text import Text

    from perfuse.views.screen import ending_with_the_safety_line, table

    with ending_with_the_safety_line() as console:
        for work in data["works"]:
            console.print(Text(work["title"], style="bold"))
            if work["checks"]:
                lines = table("published", "computed here", "")
                for check in work["checks"]:
                    lines.add_row(check["published"], check["computed"], check["verdict"])
                console.print(lines)
            for sentence in work["not_reproduced"]:
                console.print(Text(f"not reproduced: {sentence}", style="dim"))
            console.print()
        console.print(f"written: {data['written']}")
