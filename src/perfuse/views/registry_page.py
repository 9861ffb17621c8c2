"""What a check of a registry found, as a page."""

from collections.abc import Mapping
from typing import Any

from perfuse.evidence.registry.rejections import place
from perfuse.views.page import page, rows, section, text

LINES = 500
"""Rejected rows that a page shows."""


def check_html(data: Mapping[str, Any], command: str) -> str:
    """Counts, reasons, questions and rejected rows."""
    top = f'<header class="top"><h1>Check of a registry</h1><p class="lead">{text(data["where"])}</p></header>'
    parts = [top, _counts(data), _reasons(data), _questions(data), _rejected(data)]
    notes = "".join(f"<li>{text(note)}</li>" for note in data["notes"])
    if notes:
        parts.append(section("Notes", "notes", f"<ul>{notes}</ul>"))
    parts.append(section("To have this again", "again", f"<p><code>{text(command)}</code></p>"))
    return page("Check of a registry", "\n".join(part for part in parts if part))


def _counts(data: Mapping[str, Any]) -> str:
    cells = [[("", text(name)), *(("", f"{one[key]}") for key in ("given", "taken", "rejected"))] for name, one in data["counts"].items()]
    words = "Every row keeps the rules." if data["ok"] else "Rows that break a rule were left out; nothing was corrected."
    return section("Rows", "rows", f"<p>{words}</p>" + rows(cells, ["Table", "given", "taken", "rejected"]))


def _reasons(data: Mapping[str, Any]) -> str:
    if not data["reasons"]:
        return ""
    cells = [
        [("", text(place(one))), *(("", text(one[key])) for key in ("reason", "rows", "row", "value", "allowed"))]
        for one in data["reasons"]
    ]
    words = f"<p>Row numbers count {text(data['rows_are'])}. Identifiers and dates are told by their shape only.</p>"
    return section("Why", "why", words + rows(cells, ["Column", "reason", "rows", "first row", "there", "allowed"]))


def _questions(data: Mapping[str, Any]) -> str:
    if not data["questions"]:
        return ""
    items = "".join(f"<li>{text(one['table'])}.{text(one['column'])}: {text(one['text'])}.</li>" for one in data["questions"])
    return section("Questions about whole columns", "questions", f"<ul>{items}</ul>")


def _rejected(data: Mapping[str, Any]) -> str:
    lines = data["rejected"][:LINES]
    if not lines:
        return ""
    cells = [
        [("", text(one["table"])), *(("", text(one[key])) for key in ("row", "column", "value", "reason", "allowed"))] for one in lines
    ]
    more = data["rejected_lines"] - len(lines)
    words = f"<p>{more} more are in rejected.csv.</p>" if more > 0 else ""
    return section("Rejected rows", "rejected", rows(cells, ["Table", "row", "column", "there", "reason", "allowed"]) + words)
