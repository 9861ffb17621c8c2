"""A page for a finding: question, estimates with naive ones and truth, figures, what was measured, assumed and warned of."""

from collections.abc import Mapping, Sequence
from typing import Any

from perfuse.parameters.safety import SAFETY_TEXT
from perfuse.views.finding_figures import NARROW, WIDE, drawings
from perfuse.views.finding_shown import interval, number, plain, split, spoken, told, verdict
from perfuse.views.finding_words import head as words_of
from perfuse.views.finding_words import meanings
from perfuse.views.page import both_widths, page, rows, section, text

Data = Mapping[str, Any]


def finding_html(data: Data, command: str = "") -> str:
    """The whole page; `data` as `Finding.as_data` gives it."""
    again = section("Making this again", "again", f"<p><code>{text(command)}</code></p>") if command else ""
    return page(f"{data['name']} \N{EN DASH} perfuse", f"{head(data)}\n{body(data, 'finding')}\n{again}")


def head(data: Data) -> str:
    """Title, numbers of rows, and the warnings."""
    counts = ", ".join(f"{plain(value)} {text(words_of(key))}" for key, value in data["n"].items())
    words = "".join(f"<li>{text(one)}</li>" for one in data["warnings"])
    box = f'<aside class="box caution"><strong>Before you believe it</strong><ul>{words}</ul></aside>' if words else ""
    return f'<header class="top"><h1>{text(words_of(data["question"]))}</h1><p class="lead">{counts}</p></header>{box}'


def body(data: Data, key: str) -> str:
    """Estimates, figures, measurements, assumptions and source, for a page of its own or as a part of another; `key` keeps ids apart."""
    single, tables = split(data["diagnostics"])
    parts = [section("Estimates", f"{key}-estimates", estimates(data["estimates"])), figures(data, key)]
    for i, (title, lines) in enumerate(tables.items()):
        parts.append(section(title[:1].upper() + title[1:], f"{key}-table-{i}", table(lines)))
    if single:
        facts = "".join(f"<dt>{text(words_of(name))}</dt><dd>{text(told(name, value))}</dd>" for name, value in single.items())
        parts.append(section("Measured", f"{key}-measured", f'<dl class="facts">{facts}</dl>'))
    assumed = "".join(f"<li>{text(one)}</li>" for one in data["assumptions"])
    parts.append(section("Assumed", f"{key}-assumed", f"<ul>{assumed}</ul>"))
    short = "".join(f"<li>{text(one)}</li>" for one in meanings(spoken(data)))
    if short:
        parts.append(section("Abbreviations", f"{key}-abbreviations", f'<ul class="quiet">{short}</ul>'))
    parts.append(section("Source", f"{key}-source", f"<p>{text(data['source'])}</p>"))
    return "\n".join(part for part in parts if part)


def estimates(found: Sequence[Data]) -> str:
    """The table of estimates; naive ones are marked, and the truth stands beside where it is known."""
    known = any(one["truth"] is not None for one in found)
    cells = []
    for one in found:
        naive = one["role"] == "naive"
        label = text(words_of(one["label"])) + (' <span class="mark assumed">naive</span>' if naive else "")
        line = [("", label), ("" if naive else "now", text(number(one["value"], one["unit"]))), ("", text(interval(one)))]
        if known:
            line += [("", text(number(one["truth"], one["unit"]))), ("", text(verdict(one)))]
        cells.append(line)
    return rows(cells, ["Estimate", "Value", "95 % interval", *(("Truth", "The interval") if known else ())])


def figures(data: Data, key: str) -> str:
    """Every figure of the finding, for a page and for a phone; empty where it has none."""
    parts = []
    for i, (drawing, caption) in enumerate(drawings(data["name"], data["curves"])):
        wide, narrow = (drawing(data["curves"], f"{key}-{i}-{word}", width) for word, width in (("wide", WIDE), ("narrow", NARROW)))
        parts.append(both_widths(wide, narrow, caption))
    return "".join(parts)


def table(lines: Sequence[Data], most: int = 40) -> str:
    """A list of mappings as a table."""
    heads = [str(key) for key in lines[0]]
    short = all(len(plain(line[heads[0]])) <= 24 for line in lines)
    cells = [[("nowrap" if short and not i else "", text(told(head, line[head]))) for i, head in enumerate(heads)] for line in lines[:most]]
    more = f'<p class="quiet">and {len(lines) - most} more</p>' if len(lines) > most else ""
    return rows(cells, [words_of(name)[:1].upper() + words_of(name)[1:] for name in heads]) + more


def as_json(data: Data) -> dict[str, Any]:
    """The finding for a program, with the safety text."""
    return {"schema": "perfuse-finding/1", "safety": SAFETY_TEXT, **data}
