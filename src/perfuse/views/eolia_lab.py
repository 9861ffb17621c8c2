"""What `perfuse evidence eolia` computes, writes and shows."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfuse.evidence.progress import Progress
from perfuse.parameters.problems import Problems
from perfuse.parameters.safety import SAFETY_TEXT

Answer = tuple[Any, bool, Callable[[], None]]
MOST_REPLICATES = 10_000


@dataclass(frozen=True)
class Asked:
    """The options of the command."""

    seed: int
    replicates: int
    crossover: float
    design: bool
    methods: bool
    out: Path | None
    command: str


def checked(asked: Asked) -> None:
    """InputError for every option out of its range."""
    problems = Problems("the command line")
    if not 0 <= asked.seed <= 2**32 - 1:
        problems.add(("--seed",), f"{asked.seed} is not a seed", value=asked.seed, allowed="0 to 4294967295")
    if asked.replicates != 0 and not 2 <= asked.replicates <= MOST_REPLICATES:
        problems.add(
            ("--replicates",), "so many trials cannot be compared", value=asked.replicates, allowed=f"0 (none), or 2 to {MOST_REPLICATES}"
        )
    if not 0.0 <= asked.crossover <= 0.9:
        problems.add(("--crossover",), "this is no share of controls", value=asked.crossover, allowed="0 to 0.9", hint="EOLIA had 0.28.")
    if asked.design and asked.methods:
        problems.add(("--design",), "--design and --crossover-methods each ask for a part alone", hint="Without either, all is shown.")
    if asked.out is not None:
        _place(problems, asked.out)
    problems.raise_if_any()


def _place(problems: Problems, out: Path) -> None:
    """A problem where neither a page nor a folder of figures can be written."""
    what = out.suffix.lower()
    if what in (".html", ".htm"):
        if out.is_dir():
            problems.add(("--out",), "this is a folder, and the page is a file", value=out, hint="Choose another name.")
        elif not out.resolve().parent.is_dir():
            problems.add(("--out",), f"the folder {out.parent} does not exist", value=out, hint="Make it first, or choose another name.")
    elif out.is_file() or (what and not out.is_dir()):
        hint = "Name FILE.html for one page, or a folder for the figures (SVG)."
        problems.add(("--out",), f"{out} is neither a page nor a folder", value=out, hint=hint)


def laboratory(asked: Asked, progress: Progress) -> Answer:
    """Design, estimators and replicates, as far as asked."""
    from perfuse.evidence.eolia.crossover import crossover_findings, estimators_table, notes
    from perfuse.evidence.eolia.published import table
    from perfuse.evidence.eolia.replicates import compared
    from perfuse.evidence.eolia.sequential import design_finding
    from perfuse.views import eolia_shown

    design = None if asked.methods else design_finding(asked.seed, crossover=asked.crossover)
    findings = [] if asked.design else crossover_findings(asked.seed)
    replicated: dict[str, Any] = {}
    if asked.replicates and not asked.design:
        replicated = compared(asked.replicates, asked.seed, asked.crossover, progress)
    data = {
        "schema": "perfuse-eolia/1",
        "safety": SAFETY_TEXT,
        "seed": asked.seed,
        "published": table(),
        "design": None if design is None else design.as_data(),
        "findings": [finding.as_data() for finding in findings],
        "estimators": estimators_table(findings, asked.seed) if findings else [],
        "replicates": replicated,
        "notes": list(notes()),
    }
    written = [] if asked.out is None else _written(asked, data, design, findings)
    return data, True, lambda: eolia_shown.screen(data, written)


def _written(asked: Asked, data: dict[str, Any], design: Any, findings: list[Any]) -> list[Path]:
    """One page (FILE.html), or a folder of figures."""
    from perfuse.results.store import write_text_whole
    from perfuse.views import eolia_figures
    from perfuse.views.incidence_figure import incidence
    from perfuse.views.lines_svg import standalone

    assert asked.out is not None
    if asked.out.suffix.lower() in (".html", ".htm"):
        from perfuse.views.eolia_page import eolia_html

        write_text_whole(eolia_html(data, design, findings, asked.command), asked.out)
        return [asked.out]
    figures = {}
    if design is not None:
        figures["triangles.svg"] = eolia_figures.boundaries(design)
    if findings:
        figures["estimators.svg"] = eolia_figures.estimators(data["estimators"])
        figures["deaths.svg"] = incidence(findings[0].curves, "Death in simulated individuals of EOLIA", until=90.0)
    if data["replicates"]:
        figures["replicates.svg"] = eolia_figures.replicates(data["replicates"]["lines"])
    asked.out.mkdir(parents=True, exist_ok=True)
    written = []
    for name, drawn in figures.items():
        write_text_whole(standalone(drawn), asked.out / name)
        written.append(asked.out / name)
    return written
