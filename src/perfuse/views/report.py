"""The report of a run: one page that an intensivist can read on a screen, on a phone or on paper."""

from collections.abc import Mapping
from typing import Any

from perfuse.results.readable import ReadableRun
from perfuse.results.supported import replaced, title_of
from perfuse.views import figures, tables
from perfuse.views.circuit_picture import circuit_picture
from perfuse.views.heart_picture import ROUTES, heart_picture
from perfuse.views.labels import clock, span
from perfuse.views.lanes import column
from perfuse.views.page import both_widths, figure, heading, page, section, text
from perfuse.views.routes import circuit_of, placed


def report_html(run: ReadableRun, command: str = "") -> str:
    """The whole page; `command` is what would make this run again."""
    summary = run.summary()
    parts = [
        _head(run, summary),
        status(summary),
        tables.questions(summary["before"], summary["after"]),
        _bedside(summary),
        _support(run, summary),
        section("Before and after", "table", before_after(summary)),
        section("Pressure\N{EN DASH}volume loops", "loops", _loops(run)),
        section("Gases by site", "gases", tables.gases(summary["gases"]["before"], summary["gases"]["after"])),
        section("Pressures and flows", "waves", _waves(run)),
        section("Course", "trends", _trends(run)),
        section("Sources", "sources", tables.sources(summary["sources"])),
        section("Making this run again", "again", reproduce(summary, command)),
    ]
    return page(f"{summary['title']} \N{EN DASH} perfuse", "\n".join(part for part in parts if part))


def _head(run: ReadableRun, summary: Mapping[str, Any]) -> str:
    t = column(run.trends, "t")
    end = t[-1] if t.size else 0.0
    circuit = circuit_of(run.support)
    support = " + ".join([*([] if circuit is None else [circuit.name]), *map(title_of, run.devices)]) or "no support"
    version = text(summary["perfuse"])
    return (
        f'<header class="top"><h1>{heading(summary["title"])}</h1>'
        f'<p class="lead">{span(end)} simulated · {text(support)} · {len(run.events)} events · perfuse {version}</p></header>'
    )


def status(summary: Mapping[str, Any]) -> str:
    """How the run ended, and what to keep in mind when reading it."""
    state, warnings = summary["status"], summary["warnings"]
    parts = []
    if not state["ok"]:
        parts.append(f'<div class="box bad" role="alert"><strong>The run did not end as asked.</strong> {text(state["text"])}</div>')
    if warnings:
        parts.append(
            f'<div class="box caution"><strong>To keep in mind</strong><ul>{"".join(f"<li>{text(w)}</li>" for w in warnings)}</ul></div>'
        )
    if not parts:
        parts.append('<p class="quiet">The run ended as asked; no quantity left the range in which the model is known.</p>')
    return "".join(parts)


def _bedside(summary: Mapping[str, Any]) -> str:
    return section("Fit to the bedside measurements", "fit", tables.bedside(summary["bedside"])) if summary["bedside"] else ""


def _support(run: ReadableRun, summary: Mapping[str, Any]) -> str:
    """The circuit and the place of each device, side by side where there are both."""
    circuit, devices = circuit_of(run.support), placed(run.devices)
    if circuit is None and not devices:
        return ""
    caption = "Numbers at the end of the run. The colour of the blood follows its saturation, from dark (40 %) to bright (100 %)."
    drawn = [] if circuit is None else [figure(circuit_picture(circuit, summary["after"]), caption)]
    if devices:
        named = ". ".join(f"{one.title}: {ROUTES[one.kind](one)}" for one in devices)
        drawn.append(figure(heart_picture(devices, summary["after"]), f"{named}." if drawn else f"{named}. {caption}"))
    title = "Circuit" if not devices else "Devices" if circuit is None else "Circuit and devices"
    return section(title, "circuit", drawn[0] if len(drawn) == 1 else f'<div class="pair">{"".join(drawn)}</div>')


def before_after(summary: Mapping[str, Any]) -> str:
    """The numbers before support and at the end."""
    columns = {"before": summary["before"], "end": summary["after"]}
    return tables.many(columns, change=True, caption="Averages over beats and breaths; change is end minus before.")


def _loops(run: ReadableRun) -> str:
    if replaced(run.devices):
        return "<p>Both ventricles are replaced in this run: there is no native loop.</p>"
    if not run.loops:
        return "<p>The run did not reach the start of support: there is no loop.</p>"
    return f'<div class="pair">{figure(figures.loops_of(run, "lv"))}{figure(figures.loops_of(run, "rv"))}</div>'


def _waves(run: ReadableRun) -> str:
    if run.waveforms is None:
        return "<p>The case asked for no waveform window. Pressures and flows over the whole run stand in the course below.</p>"
    wide = figures.waves(run.waveforms, figures.WIDE, "waves-wide")
    narrow = figures.waves(run.waveforms, figures.NARROW, "waves-narrow")
    t = column(figures.last_window(run.waveforms), "t")
    return both_widths(wide, narrow, f"Waves from {clock(t[0])} to {clock(t[-1])} (min:s) of the run.")


def _trends(run: ReadableRun) -> str:
    lines = "".join(f"<li><b>{i}</b><time>{clock(t)}</time><span>{text(words)}</span></li>" for i, (t, words) in enumerate(run.events, 1))
    events = f'<h3 id="events">Events</h3><ol class="events">{lines}</ol>' if lines else "<p>No event during this run.</p>"
    if not run.trends.num_rows:
        return f"<p>No second of this run has numbers.</p>{events}"
    wide, narrow = figures.trends(run, figures.WIDE, "trends-wide"), figures.trends(run, figures.NARROW, "trends-narrow")
    return both_widths(wide, narrow, "Numbered marks are events; the number at the end of a line is its last value.") + events


def reproduce(summary: Mapping[str, Any], command: str) -> str:
    """What decides the numbers of this run: the same version, hashes and seed give the same numbers."""
    facts = [
        ("Command", f"<code>{text(command)}</code>" if command else ""),
        ("Version", f"<code>perfuse {text(summary['perfuse'])}</code>"),
        ("Physics", f"<code>{text(summary['physics_hash'])}</code>"),
        ("Parameters", f"<code>{text(summary['parameter_hash'])}</code>"),
        ("Seed", f"<code>{text(summary['seed'])}</code>"),
        ("Format", f"<code>{text(summary['schema'])}</code>"),
    ]
    return f'<dl class="facts">{"".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts if value)}</dl>'
