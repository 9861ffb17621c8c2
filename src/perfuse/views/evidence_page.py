"""The page of published numbers beside simulated ones: counts, a figure and a table for each group."""

from collections.abc import Mapping, Sequence
from typing import Any

from perfuse.views import figures, tables
from perfuse.views.evidence_shown import WORDS, counts
from perfuse.views.page import both_widths, page, rows, section, text

GROUPS = {
    "A": "Circulation at rest and in disease",
    "A-SCAI": "Stages of cardiogenic shock",
    "B": "Blood and gas exchange",
    "C": "Membrane lung, pump and cannulae",
    "D": "Veno-venous support",
    "E": "Veno-arterial support",
}
MOST = 60
"""Checks in one figure; a longer group is drawn in several."""


def evidence_html(found: Sequence[Mapping[str, Any]], command: str = "") -> str:
    """The whole page."""
    areas = list(dict.fromkeys(group_of(row) for row in found))
    total = ", ".join(f"{number} {WORDS[status]}" for status, number in counts(found).items() if number) or "no rows"
    parts = [
        '<header class="top"><h1>Simulated beside published</h1>'
        f'<p class="lead">{text(total)}</p><p>Each row is an experiment on the model, put beside what was published. '
        "Rows of kind result and equation count; criterion and contested rows are shown only.</p></header>",
        _overview(found, areas),
        *(_group(area, [row for row in found if group_of(row) == area], i) for i, area in enumerate(areas)),
    ]
    if command:
        parts.append(section("Making this again", "again", f"<p><code>{text(command)}</code></p>"))
    return page("Simulated beside published \N{EN DASH} perfuse", "\n".join(parts))


def group_of(row: Mapping[str, Any]) -> str:
    """The group a row stands in: its area, or the scenario before the colon of its id."""
    return str(row.get("area") or str(row["id"]).partition(":")[0])


def _title(area: str) -> str:
    return f"{area} \N{MIDDLE DOT} {GROUPS[area]}" if area in GROUPS else area


def _overview(found: Sequence[Mapping[str, Any]], areas: Sequence[str]) -> str:
    lines = []
    for area in areas:
        number = counts([row for row in found if group_of(row) == area])
        cells = "".join(f"<td>{number[status] or ''}</td>" for status in WORDS)
        lines.append(f'<tr><th scope="row">{text(_title(area))}</th>{cells}</tr>')
    heads = "".join(f'<th scope="col">{words}</th>' for words in WORDS.values())
    return f'<table><thead><tr><th scope="col">Group</th>{heads}</tr></thead><tbody>{"".join(lines)}</tbody></table>'


def _group(area: str, found: Sequence[Mapping[str, Any]], number: int) -> str:
    checks = [{**check, "label": f"{row['id']} {check['label']}"} for row in found for check in row.get("checks", ())]
    drawn = []
    for start in range(0, len(checks), MOST):
        part, key = checks[start : start + MOST], f"bands-{number}-{start}"
        drawn.append(
            both_widths(
                figures.bands(part, f"{key}-wide", figures.WIDE),
                figures.bands(part, f"{key}-narrow", figures.NARROW),
                "The grey band is the published tolerance, drawn to the same width for every check; the mark is the simulated value "
                "(cross: outside; at the edge of the drawing: far outside).",
            )
        )
    cells = [
        [
            ("", f"<strong>{text(row['id'])}</strong> {text(WORDS[row['status']])}"),
            ("", f"{text(row['quantity'])}<br><span class=quiet>{text(row['setup'])}</span>"),
            ("", text(row["simulated"]) or "\N{EN DASH}"),
            ("", f"{text(row['published'])}<br><span class=quiet>{text(row['tolerance'])}</span>"),
            ("", _source(row)),
        ]
        for row in found
    ]
    body = "".join(drawn) + rows(cells, ["Row", "Quantity and setup", "Simulated", "Published", "Source and note"])
    return section(_title(area), f"group-{number}", body)


def _source(row: Mapping[str, Any]) -> str:
    known = f" {tables.mark(row['mark'])}" if row.get("mark") else ""
    note = f"<br><span class=quiet>{text(row['note'])}</span>" if row.get("note") else ""
    return f"{text(row['source'])}{known}{note}"
