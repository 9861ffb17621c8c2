"""One patient on several supports: the summary, and the page with one table and overlaid loops."""

from collections.abc import Mapping
from typing import Any

from perfuse.parameters.problems import InputError, Problem
from perfuse.parameters.safety import SAFETY_TEXT
from perfuse.results.readable import ReadableRun
from perfuse.results.supported import replaced
from perfuse.views import figures, tables
from perfuse.views.circuit_picture import circuit_picture
from perfuse.views.heart_picture import heart_picture
from perfuse.views.page import figure, heading, page, section, text
from perfuse.views.report import reproduce, status
from perfuse.views.routes import circuit_of, placed

COLOURS = ("t1", "art", "cvp", "ecg", "nirs", "svo2", "pap", "spo2")
MOST = len(COLOURS)
MAIN = (
    "MAP", "PCWP", "CVP", "total_flow", "CO", "ecmo_flow", "lvad_flow", "impella_flow", "rvad_flow", "pulsatile_left_flow",
    "pulsatile_right_flow", "iabp_augmented_diastolic", "LVEDV", "LVSW", "LVPVA", "coronary_flow", "SaO2_right_radial",
    "SaO2_femoral", "SaO2_coronary", "SaO2_brain", "DO2", "lactate",
)  # fmt: skip
"""What supports are compared by first; all other quantities stand below."""
CALLED = {
    "none": "no support",
    "vv": "VV",
    "va": "VA",
    "vav": "VAV",
    "vpa": "V-PA",
    "lvad": "LVAD",
    "rvad": "RVAD",
    "bivad": "BiVAD",
    "tah": "artificial heart",
}


def called(name: str) -> str:
    """A support as a heading names it."""
    return " + ".join(CALLED.get(part, part.replace("_", " ")) for part in name.split("+"))


def supports(words: str) -> list[str]:
    """The names between the commas, each once, without the spaces around a plus; whether they are known is asked by the comparison."""
    if not words:
        raise InputError([Problem("--support", "no support is named", hint="Write for example --support none,vv,va")], "the command line")
    names = ["+".join(part.strip() for part in name.split("+")) for name in words.split(",", MOST)]
    problems = []
    if not all(names):
        problems.append(
            Problem("--support", "a name is missing between the commas", value=words, hint="Write for example --support none,vv,va")
        )
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        problems.append(Problem("--support", f"{', '.join(twice)} stands there twice", value=words, hint="Name each support once."))
    if len(names) > MOST:
        problems.append(Problem("--support", f"more than {MOST} supports are too many for one table", allowed=f"1 to {MOST}"))
    if problems:
        raise InputError(problems, "the command line")
    return names


def summary(title: str, runs: Mapping[str, ReadableRun]) -> dict[str, Any]:
    """All summaries under the names of their supports, with what they share in front."""
    found = {name: run.summary() for name, run in runs.items()}
    first = next(iter(found.values()))
    shared = {key: first[key] for key in ("perfuse", "physics_hash", "seed")}
    return {"schema": "perfuse-comparison/1", **shared, "safety": SAFETY_TEXT, "title": title, "runs": found}


def comparison_html(whole: Mapping[str, Any], runs: Mapping[str, ReadableRun], command: str = "") -> str:
    """The whole page."""
    summaries, names = whole["runs"], ", ".join(map(called, runs))
    parts = [
        f'<header class="top"><h1>{heading(whole["title"])}</h1><p class="lead">One patient: {text(names)}</p></header>',
        *(f"<h3>{text(called(name))}</h3>{status(one)}" for name, one in summaries.items() if one["warnings"] or not one["status"]["ok"]),
        section("At the end", "table", _table(summaries)),
        section("Pressure\N{EN DASH}volume loops", "loops", _loops(runs)),
        section("Circuits and devices", "circuits", _circuits(runs, summaries)),
        section("Sources", "sources", tables.sources(_sources(summaries))),
        section(
            "Making this again",
            "again",
            "".join(f"<h3>{text(called(name))}</h3>{reproduce(one, command)}" for name, one in summaries.items()),
        ),
    ]
    return page(f"{whole['title']} \N{EN DASH} perfuse", "\n".join(parts))


def _table(summaries: Mapping[str, Mapping[str, Any]]) -> str:
    columns = {called(name): one["after"] for name, one in summaries.items()}
    made = tables.many(columns, change=False, caption="Each support at the end of its run.", first=MAIN)
    return f'<div class="scroll" tabindex="0">{made}</div>'


def _loops(runs: Mapping[str, ReadableRun]) -> str:
    drawn = []
    native = {name: run for name, run in runs.items() if not replaced(run.devices)}
    if not native:
        return "<p>Both ventricles are replaced in these runs: there is no native loop.</p>"
    for ventricle in figures.VENTRICLES:
        curves = {called(name): run.loops["after"][ventricle] for name, run in native.items() if "after" in run.loops}
        if not curves:
            return "<p>None of these runs ended as asked: there is no loop.</p>"
        drawn.append(figure(figures.loops(curves, ventricle, key=f"loop-{ventricle}", colours=COLOURS)))
    return f'<div class="pair">{"".join(drawn)}</div>'


def _circuits(runs: Mapping[str, ReadableRun], summaries: Mapping[str, Mapping[str, Any]]) -> str:
    drawn = []
    for i, (name, run) in enumerate(runs.items()):
        circuit, devices = circuit_of(run.support), placed(run.devices)
        if circuit is not None:
            drawn.append(figure(circuit_picture(circuit, summaries[name]["after"], f"circuit-{i}"), called(name)))
        if devices:
            drawn.append(figure(heart_picture(devices, summaries[name]["after"], f"heart-{i}"), called(name)))
    return f'<div class="pair">{"".join(drawn)}</div>' if drawn else "<p>No support in these runs.</p>"


def _sources(summaries: Mapping[str, Mapping[str, Any]]) -> list[dict[str, str]]:
    found = {(line["key"], line["text"], line["mark"]): line for one in summaries.values() for line in one["sources"]}
    return list(found.values())
