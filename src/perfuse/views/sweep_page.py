"""The page of a sweep: curves or maps, the points in numbers, what is to be kept in mind of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from perfuse.views import sweep_figures, tables
from perfuse.views.labels import label_of, shown, unit_words
from perfuse.views.page import figure, heading, page, section, symbol, text
from perfuse.views.report import reproduce, status
from perfuse.views.sweep_shown import MARKS, MOST_ROWS, held, kind, noted, setting, wanted

Summary = Mapping[str, Any]
LEGEND = (
    "A full point is a settled one, a hollow one lies outside the range in which a curve is known, "
    "a half one was still moving at the end, a cross diverged."
)
CONTOURS = (
    "Lines join equal values and carry them; the bar repeats their bands. Small dots show where the map was computed; "
    "a hollow circle lies outside the range in which a curve is known, a cross diverged."
)


def sweep_html(summary: Summary, names: Sequence[str], command: str = "") -> str:
    """The whole page; `names`: the quantities asked for, none for the main ones."""
    shown_names = wanted(summary, names)
    one = len(summary["set"]) == 1
    parts = [
        _head(summary),
        status(summary),
        _noted(summary),
        section("Curves" if one else "Maps", "curves", _curves(summary, shown_names) if one else _maps(summary, shown_names)),
        section("Points", "points", _points(summary, shown_names)),
        section("Sources", "sources", tables.sources(summary["sources"])),
        section("Making this again", "again", reproduce(summary, command)),
    ]
    return page(f"{summary['title']} \N{EN DASH} perfuse", "\n".join(part for part in parts if part))


def _head(summary: Summary) -> str:
    ways = " by ".join(f"{text(name)} {_range(summary, name)}" for name in summary["set"])
    return (
        f'<header class="top"><h1>{heading(summary["title"])}</h1>'
        f'<p class="lead">{ways} · {text(summary["status"]["text"])} · perfuse {text(summary["perfuse"])}</p></header>'
        f"<p>{text(held(summary))}</p>"
    )


def _range(summary: Summary, name: str) -> str:
    values = list(dict.fromkeys(summary["columns"][name]["values"]))
    ends = setting(name, values[0], False), setting(name, values[-1])
    return text(" to ".join(ends) if len(values) > 1 else ends[1])


def _noted(summary: Summary) -> str:
    lines = noted(summary)
    if not lines:
        return ""
    items = "".join(f"<li>{text(place)}: {text(words)}</li>" for place, words in lines)
    return f'<div class="box caution"><strong>Points with a note</strong><ul>{items}</ul></div>'


def _curves(summary: Summary, names: Sequence[str]) -> str:
    drawn = "".join(figure(sweep_figures.curve(summary, name, f"curve-{i}"), label_of(name).words) for i, name in enumerate(names))
    return f'<div class="trio">{drawn}</div><p class="quiet">{LEGEND}</p>'


def _maps(summary: Summary, names: Sequence[str]) -> str:
    drawn = "".join(figure(sweep_figures.plane(summary, name, f"map-{i}"), label_of(name).words) for i, name in enumerate(names))
    return f'<div class="pair">{drawn}</div><p class="quiet">{CONTOURS}</p>'


def _points(summary: Summary, names: Sequence[str]) -> str:
    columns, axes = summary["columns"], summary["set"]
    heads = [(text(name), columns[name]["unit"]) for name in axes] + [("", "")]
    heads += [(symbol(label_of(name).symbol), columns[name]["unit"] if name in columns else "") for name in names]
    top = "".join(f'<th scope="col">{name}{f"<br>{text(unit_words(unit))}" if unit_words(unit) else ""}</th>' for name, unit in heads)
    body = []
    for number, point in enumerate(summary["points"][:MOST_ROWS]):
        places = "".join(f'<th scope="row">{text(setting(name, columns[name]["values"][number], False))}</th>' for name in axes)
        mark = f'<td title="{text(point["status"])}">{MARKS[kind(point["status"])]}</td>'
        cells = "".join(f"<td>{shown(name, columns[name]['values'][number] if name in columns else None)}</td>" for name in names)
        body.append(f"<tr>{places}{mark}{cells}</tr>")
    more = len(summary["points"]) - MOST_ROWS
    rest = f"<p>{more} more points stand in summary.json and sweep.parquet.</p>" if more > 0 else ""
    marks = f"{MARKS['outside']} outside a known range, {MARKS['not settled']} still moving, {MARKS['diverged']} diverged."
    caption = f"<caption>{text(held(summary))} {marks}</caption>"
    made = f"<table>{caption}<thead><tr>{top}</tr></thead><tbody>{''.join(body)}</tbody></table>"
    return f'<div class="scroll" tabindex="0">{made}</div>{rest}'
