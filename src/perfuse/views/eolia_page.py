"""The laboratory of EOLIA as a page, and as sections that another page can take over."""

from collections.abc import Mapping, Sequence
from typing import Any

from perfuse.evidence.finding import Finding
from perfuse.views import eolia_figures as figures
from perfuse.views.eolia_shown import LEAD, limits, method_words
from perfuse.views.incidence_figure import incidence
from perfuse.views.page import both_widths, page, rows, section, text


def eolia_html(data: Mapping[str, Any], design: Finding | None, findings: Sequence[Finding], command: str) -> str:
    """The whole page."""
    head = f'<header class="top"><h1>The laboratory of EOLIA</h1><p class="lead">{text(LEAD)}</p></header>'
    again = section("Making this again", "again", f"<p><code>{text(command)}</code>, seed {data['seed']}</p>")
    return page("The laboratory of EOLIA \N{EN DASH} perfuse", "\n".join([head, *sections(data, design, findings), known(data), again]))


def sections(data: Mapping[str, Any], design: Finding | None, findings: Sequence[Finding]) -> list[str]:
    """Design, estimators, deaths, replicates: those there is something for."""
    found = []
    if design is not None:
        found.append(section("The sequential design and the early stop", "design", sequential(design)))
    if findings:
        found.append(section("Crossover: what each estimator says", "crossover", estimators(data, findings)))
    if data["replicates"]:
        found.append(section("Which method finds the truth", "replicates", replicates(data["replicates"])))
    return found


def sequential(design: Finding) -> str:
    """Figure, behaviour, estimates."""
    picture = both_widths(
        figures.boundaries(design, key="triangles-wide"),
        figures.boundaries(design, narrow=True, key="triangles-narrow"),
        "Whole lines: benefit or harm; broken: no difference. Ticks: the same lines corrected for looks. Grey: EOLIA's own outcomes in "
        "random order (90 %; dotted: median), because its interim results are not published.",
    )
    behaviour = [
        [
            ("", text(row["name"])),
            ("nowrap", f"{100 * row['ecmo_risk']:.0f} v {100 * row['control_risk']:.0f} %"),
            ("nowrap", f"{100 * row['benefit']:.1f} %"),
            ("nowrap", f"{100 * row['no_difference']:.1f} %"),
            ("", f"{row['mean_size']:.0f}"),
            ("nowrap", ", ".join(f"{100 * share:.0f}" for share in row["stops"]) + " %"),
            ("", f"{row['true_rr']:.3f}"),
            ("", f"{row['naive_rr']:.3f}"),
        ]
        for row in design.diagnostics["operating"]
    ]
    heads = ["Simulated trials", "died", "benefit", "no difference", "patients", "stops at looks", "true RR", "crude RR"]
    adjusted = [[("", text(one.label)), ("", f"{one.value:.3f}"), ("nowrap", limits(one.low, one.high))] for one in design.estimates]
    adjusted.append([("", "as printed"), ("", "0.76"), ("", "0.55 to 1.04")])
    return "\n".join(
        [
            picture,
            rows(behaviour, heads),
            "<h3>Estimates adjusted for the looks</h3>",
            rows(adjusted, ["Risk ratio", "estimate", "95 % interval"]),
            f"<p>{text(design.diagnostics['explanation'])}</p>",
            doubts(design),
        ]
    )


def estimators(data: Mapping[str, Any], findings: Sequence[Finding]) -> str:
    """Forest plot, deaths over time, and the assumptions of each method."""
    drawn = both_widths(figures.estimators(data["estimators"]), figures.estimators(data["estimators"], narrow=True))
    curves = findings[0].curves
    title = "Death in simulated individuals of EOLIA"
    deaths = both_widths(
        incidence(curves, title, until=90.0, key="deaths-wide"),
        incidence(curves, title, until=90.0, narrow=True, key="deaths-narrow"),
        "Counts at 60 and 90 days are the published ones; the days between are the model's. Numbers at risk below.",
    )
    lines = [
        [
            ("", text(method_words(finding.name))),
            ("", text(finding.question)),
            ("", "<br>".join(text(words) for words in finding.assumptions)),
            ("", text(finding.source)),
        ]
        for finding in findings
    ]
    notes = "".join(f"<li>{text(note)}</li>" for note in data["notes"])
    return "\n".join(
        [
            drawn,
            deaths,
            rows(lines, ["Method", "Question", "What it assumes", "Source"]),
            f'<div class="box caution"><ul>{notes}</ul></div>',
        ]
    )


def replicates(found: Mapping[str, Any]) -> str:
    """Figure and table of bias and coverage."""
    drawn = both_widths(figures.replicates(found["lines"]), figures.replicates(found["lines"], narrow=True))
    cells = [
        [
            ("", text(f"{line['mechanism']}: {method_words(line['method'])}")),
            ("", f"{line['truth']:.2f}"),
            ("", f"{line['mean']:.2f}"),
            ("nowrap", f"{line['bias']:+.3f} ± {line['bias_error']:.3f}"),
            ("nowrap", f"{100 * line['coverage']:.0f} ± {100 * line['coverage_error']:.0f} %"),
            ("", str(line["failed"])),
        ]
        for line in found["lines"]
    ]
    heads = ["Mechanism and method", "truth", "mean", "bias of log RR", "coverage", "no estimate"]
    words = "".join(f"<li>{text(one)}</li>" for one in found["mechanisms"])
    lead = f"{found['replicates']} trials of EOLIA's size per mechanism, {100 * found['crossover']:.0f} % cross over, seed {found['seed']}."
    return f"<p>{text(lead)}</p><ul>{words}</ul>{drawn}{rows(cells, heads)}"


def known(data: Mapping[str, Any]) -> str:
    """Every published number with source and mark."""
    cells = [
        [("", text(row["text"])), ("", f"{row['value']:g}"), ("", text(row["source"])), ("", text(row["mark"]))]
        for row in data["published"]
    ]
    return section("Published numbers used", "published", rows(cells, ["What", "value", "Source", "mark"]))


def doubts(finding: Finding) -> str:
    """Assumptions and warnings of a Finding."""
    items = "".join(f"<li>{text(words)}</li>" for words in (*finding.assumptions, *finding.warnings))
    return f'<div class="box"><strong>What could be wrong</strong><ul>{items}</ul></div>'
