"""The commands `perfuse registry analyse` and `perfuse registry parts`: what they run, write and show."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from perfuse.parameters.problems import InputError, Problem
from perfuse.parameters.safety import SAFETY_TEXT
from perfuse.views import finding_shown
from perfuse.views.answering import OK, answer


@dataclass(frozen=True)
class Answer:
    """Data for JSON, and the screen."""

    data: dict[str, Any]
    screen: Callable[[], None]


def listed(json: bool) -> int:
    """The list of analyses, with the options that each takes."""
    from perfuse.evidence.analyses.catalogue import listed as lines

    found = lines()
    answer({"safety": SAFETY_TEXT, "analyses": found}, json, lambda: finding_shown.listed(found))
    return OK


def words(given: str | None) -> tuple[str, ...]:
    """What stands between commas."""
    return () if given is None else tuple(one.strip() for one in given.split(",") if one.strip())


def numbers(given: str | None, place: str) -> tuple[float, ...]:
    """Numbers between commas; InputError for what is none."""
    found, wrong = [], []
    for one in words(given):
        try:
            found.append(float(one))
        except ValueError:
            wrong.append(one)
    if wrong:
        raise InputError(
            [Problem(place, f"'{one}' is not a number", value=one, hint="For example: 7,14,30.") for one in wrong], "the command line"
        )
    return tuple(found)


def analysed(name: str, given: dict[str, Any], out: Path | None, command: str) -> Answer:
    """Run one analysis; its page is written where `out` says."""
    from perfuse.evidence.analyses.catalogue import analyse, names
    from perfuse.evidence.analyses.options import Options
    from perfuse.views.progress import watched

    if not name:
        hint = f"Known: {', '.join(names())}. `perfuse registry analyse --list` says what each answers."
        raise InputError([Problem("NAME", "an analysis has to be named", hint=hint)], "the command line")
    refuse_no_page(out)
    with watched(f"analysing: {name}") as progress:
        found = analyse(name, Options(**given), progress)
    from perfuse.views.finding_page import as_json, finding_html

    data = as_json({**plain(found.as_data()), "command": command})
    if out is not None:
        from perfuse.results.store import write_text_whole

        write_text_whole(finding_html(data, command), out)
    return Answer(data, lambda: finding_shown.screen(data, out))


def refuse_no_page(out: Path | None) -> None:
    """InputError, before anything is computed, where no HTML page could be written."""
    if out is None:
        return
    if out.is_dir():
        problem = Problem("--out", "this is a folder, and the page is a file", value=str(out), hint="Name a .html file.")
    elif out.suffix.lower() not in (".html", ".htm"):
        problem = Problem("--out", f"{out} is no name of a page", value=str(out), hint="The page is HTML: let the name end in .html.")
    elif not out.resolve().parent.is_dir():
        hint = "Make it first, or choose another name."
        problem = Problem("--out", f"the folder {out.parent} does not exist", value=str(out), hint=hint)
    else:
        return
    raise InputError([problem], "the command line")


def parted(kind: str, out: Path, options: Any, number: int) -> tuple[dict[str, Any], Callable[[], None]]:
    """Write the flat frame with its derived columns in parts."""
    from perfuse.evidence.analyses.options import refuse_others, rows
    from perfuse.evidence.scale import write_parts
    from perfuse.views.progress import watched
    from perfuse.views.screen import ending_with_the_safety_line

    if kind not in ("runs", "candidates"):
        raise InputError([Problem("KIND", f"'{kind}' is no table", value=kind, allowed="runs, candidates")], "the command line")
    if not 1 <= number <= 10_000:
        raise InputError(
            [Problem("--number", "this many parts are not written", value=str(number), allowed="1 to 10,000")], "the command line"
        )
    refuse_others("parts", options, ("registry", "runs", "seed", "where"))
    with watched("writing parts") as progress:
        given = rows(kind, options)
        progress(1, 2, "writing parts")
        written = write_parts(given.frame, out, number, by="centre_id")
    data = {"safety": SAFETY_TEXT, "registry": given.words, "rows": len(given.frame), "parts": len(written), "folder": str(out)}

    def screen() -> None:
        with ending_with_the_safety_line() as console:
            console.print(f"{len(given.frame):,} rows ({given.words}) in {len(written)} parts, every centre whole.")
            console.print(f"written: {out}", soft_wrap=True)

    return data, screen


def plain(value: Any) -> Any:
    """Numbers and words as JSON knows them, whatever library they come from; what is not finite becomes None."""
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not isfinite(value):
        return None
    return value
