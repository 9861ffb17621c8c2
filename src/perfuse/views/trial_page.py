"""The report of a trial, and of the questions of a bridge: steps, curves, criteria with their sources, and a paragraph of facts."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from perfuse.parameters.protocols import unit_of_reading
from perfuse.results.readable import Loop
from perfuse.results.trial import StepRead, Trial
from perfuse.views import figures, tables
from perfuse.views.labels import clock, label_of, shown, span, unit_words
from perfuse.views.lanes import Lane, Mark, column, draw
from perfuse.views.page import both_widths, figure, heading, page, rows, section, symbol, text
from perfuse.views.report import reproduce, status
from perfuse.views.trial_words import YES, bound_words, drugs_words, facts, read_value, set_words, short, support_words, where

WIDE = 6
LANES = (
    Lane("Pressures", "mmHg", ("MAP", "mPAP", "PCWP", "CVP"), ("art", "pap", "nirs", "cvp"), height=1.35, span=20.0),
    Lane("Flow", "L/min", ("total_flow", "ecmo_flow", "lvad_flow", "impella_flow", "CO"), ("t1", "pap", "nirs", "spo2", "art"),
        ("total", "circuit", "LVAD", "Impella", "heart"), span=1.0),
    Lane("Speed", "rpm", ("lvad_speed",), ("t1",), ("speed",), height=0.7, span=200.0),
    Lane("P-level", "", ("impella_level",), ("t1",), ("level",), 0.6, 2.0),
    Lane("Sweep gas", "L/min", ("sweep",), ("t1",), height=0.7, span=1.0),
    Lane("Left ventricle", "%", ("LVEF", "AV_open"), ("art", "t1"), span=10.0, height=0.9),
    Lane("Velocity\N{EN DASH}time integral", "cm", ("LVOT_VTI",), ("art",), ("VTI",), 0.8, 2.0),
    Lane("End-diastolic diameter", "cm", ("LVEDD",), ("art",), height=0.8, span=0.5),
    Lane("Cardiac power output", "W", ("CPO_total", "CPO_native"), ("t1", "art"), ("total", "native"), 0.8, 0.2),
    Lane("Coronary flow", "mL/min", ("coronary_flow",), ("art",), ("Q_cor",), 0.8, 50.0),
    Lane("Saturation", "%", ("SaO2_right_radial", "SvO2"), ("spo2", "cvp"), ("radial", "SvO_2"), 1.1, 10.0),
    Lane("Blood gas", "mmHg", ("PaO2", "PaCO2"), ("spo2", "t1"), height=1.0, span=10.0),
    Lane("Arterial pH", "", ("pH",), ("spo2",), height=0.8, span=0.1),
    Lane("Pulmonary resistance", "mmHg·min/L", ("PVR",), ("pap",), height=0.8, span=1.0),
    Lane("Lactate", "mmol/L", ("lactate",), ("svo2",), height=0.7, span=1.0),
)  # fmt: skip
LOOK_BACK = 300.0  # s of the case's own course that are drawn before the trial


def trial_html(trial: Trial, command: str = "") -> str:
    """The whole page of one trial."""
    summary = trial.summary()
    parts = [
        f'<header class="top"><h1>{heading(trial.protocol.title)}</h1><p class="lead">{text(trial.case.title)} · '
        f"{span(summary['steps'][-1]['end'] - trial.begin)} of trial · perfuse {text(summary['perfuse'])}</p></header>",
        _status(summary),
        section("Patient and support", "patient", _patient(trial, summary)),
        *_body(trial, summary, ""),
    ]
    if trial.against is not None:
        against = trial.against.summary()
        parts += [section("The same patient without support", "without", _against(trial, trial.against, summary, against))]
    parts += [
        section("In words", "words", f"<p>{text(facts(summary))}</p>"),
        section("Sources", "sources", tables.sources(summary["sources"])),
        section("Making this again", "again", reproduce(summary, command)),
    ]
    return page(f"{summary['title']} \N{EN DASH} perfuse", "\n".join(parts))


def bridge_html(whole: Mapping[str, Any], trials: Mapping[str, Trial], command: str = "") -> str:
    """The page of the bridge questions: for each the facts, beside published thresholds."""
    first = next(iter(trials.values()))
    parts = [
        f'<header class="top"><h1>{heading("Bridge questions")}</h1>'
        f'<p class="lead">{text(first.case.title)} · perfuse {text(whole["perfuse"])}</p></header>',
        '<div class="box caution"><strong>To keep in mind</strong><ul>'
        "<li>Facts of a model beside published thresholds. Nothing on this page "
        "recommends a way, and no threshold decides about a person.</li>"
        + "".join(f"<li>{text(words)}</li>" for words in whole["left_out"])
        + "</ul></div>",
        section("Patient and support", "patient", _patient(first, whole["questions"][next(iter(trials))])),
        section("The questions at a glance", "glance", _glance(whole)),
    ]
    for name, trial in trials.items():
        summary = whole["questions"][name]
        inner = f"<p>{text(trial.protocol.about)}</p>{_status(summary)}{_step_table(summary)}"
        inner += f"<h3>Published thresholds</h3>{_criteria(summary, YES)}<h3>Course</h3>"
        inner += f"{_course(trial, summary, name)}<p>{text(facts(summary, True))}</p>"
        parts.append(section(trial.protocol.title, name, inner))
    listed = {(line["key"], line["text"], line["mark"]): line for one in whole["questions"].values() for line in one["sources"]}
    parts += [
        section("Sources", "sources", tables.sources(list(listed.values()))),
        section("Making this again", "again", reproduce({**whole, "schema": whole["schema"]}, command)),
    ]
    return page(f"{whole['title']} \N{EN DASH} perfuse", "\n".join(parts))


def _glance(whole: Mapping[str, Any]) -> str:
    cells = []
    for summary in whole["questions"].values():
        for line in summary["criteria"]:
            finding = f"<strong>{text(YES[line['verdict']])}</strong>"
            cells.append([("", text(where(line))), ("nowrap", text(read_value(line))), ("nowrap", text(bound_words(line))), ("", finding)])
    return rows(cells, ["Fact", "read", "published threshold", "reached"])


def _status(summary: Mapping[str, Any]) -> str:
    """What to keep in mind; nothing where there is nothing, since a trial that was stopped did not end as a run does."""
    return status(summary) if summary["warnings"] or not summary["status"]["ok"] else ""


def _patient(trial: Trial, summary: Mapping[str, Any]) -> str:
    about = trial.run.patient.about if trial.case.patient.bedside is None and trial.run.patient is not None else ""
    support = "<br>".join(text(words) for words in support_words(trial.case.support, trial.case.devices))
    facts_ = [
        ("Patient", f"{text(summary['patient'])}<br><span class='quiet'>{text(about)}</span>"),
        ("Support", support),
        ("Drugs", text(drugs_words(summary["drugs"]))),
        ("Trial", text(trial.protocol.about)),
    ]
    return f'<dl class="facts">{"".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts_)}</dl>'


def _body(trial: Trial, summary: Mapping[str, Any], key: str) -> list[str]:
    return [
        section("Criteria", f"criteria{key}", _criteria(summary, {}) + _stop(summary)),
        section("Steps", f"steps{key}", _step_table(summary)),
        section("Course", f"course{key}", _course(trial, summary, f"course{key}")),
        section("Pressure\N{EN DASH}volume loops", f"loops{key}", _loops({"": trial})),
    ]


def _criteria(summary: Mapping[str, Any], words: Mapping[str, str]) -> str:
    cells = []
    for line in summary["criteria"]:
        note = f'<br><span class="keys">{text(line["text"])}</span>' if line["text"] else ""
        why = f'<br><span class="keys">{text(line["why"])}</span>' if line["why"] else ""
        source = "; ".join(short(words) for words in line["source"])
        cells.append(
            [
                ("", f"{text(where(line))}{note}"),
                ("nowrap", text(read_value(line))),
                ("nowrap", text(bound_words(line))),
                ("", f"<strong>{text(words.get(line['verdict'], line['verdict']))}</strong>{why}"),
                ("keys", f"{text(source)} {tables.mark(line['mark'])}"),
            ]
        )
    return rows(cells, ["Criterion", "read", "published", "reached" if words else "finding", "source"], "criteria")


def _stop(summary: Mapping[str, Any]) -> str:
    stop = summary["stop"]
    if stop is None:
        return '<p class="quiet">No stop criterion was passed.</p>'
    return (
        f'<div class="box"><strong>Stopped.</strong> {text(label_of(stop["of"]).words)} {text(bound_words(stop))}: passed at '
        f"{clock(stop['at'] - summary['begin'])} (min:s) in the step {text(stop['step'])} "
        f"({text('; '.join(stop['source']))}, {text(stop['mark'])}).</div>"
    )


def _step_table(summary: Mapping[str, Any]) -> str:
    """Readings at the end of each step; few steps stand side by side, many below each other."""
    steps, begin = summary["steps"], summary["begin"]
    names = list(dict.fromkeys(name for step in steps for name in step["readings"]))
    caption = "<caption>Means over the end of each step. A step in which the trial stopped shows the means before the stop.</caption>"
    if len(steps) <= WIDE:
        heads = "".join(f'<th scope="col">{_head(step, begin)}</th>' for step in steps)
        body = "".join(
            f'<tr><th scope="row">{text(label_of(name).words)}<span class="symbol">{text(unit_words(unit_of_reading(name)))}</span></th>'
            + "".join(f"<td>{_cell(step, name)}</td>" for step in steps)
            + "</tr>"
            for name in names
        )
        table = f'<table>{caption}<thead><tr><th scope="col">Quantity</th>{heads}</tr></thead><tbody>{body}</tbody></table>'
    else:
        heads = "".join(f'<th scope="col">{symbol(label_of(n).symbol)}<br>{text(unit_words(unit_of_reading(n)))}</th>' for n in names)
        body = "".join(
            f'<tr><th scope="row">{text(step["name"])}{"" if step["ended"] else " (stopped)"}</th>'
            + "".join(f"<td>{_cell(step, name)}</td>" for name in names)
            + "</tr>"
            for step in steps
        )
        table = f'<table>{caption}<thead><tr><th scope="col">Step</th>{heads}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="scroll" tabindex="0">{table}</div>'


def _head(step: Mapping[str, Any], begin: float) -> str:
    ended = "to" if step["ended"] else "stopped"
    return f'{text(step["name"])}<br><span class="quiet nowrap">{ended} {clock(step["end"] - begin)}</span>'


def _cell(step: Mapping[str, Any], name: str) -> str:
    return shown(name, step["readings"][name]["value"] if name in step["readings"] else None)


def _course(trial: Trial, summary: Mapping[str, Any], key: str) -> str:
    """Curves from shortly before the trial to its end, on the trial's own clock, with the number of each step."""
    table = _since(trial.run.trends, trial.begin - LOOK_BACK, trial.begin)
    asked = {
        *trial.protocol.measure,
        *(one.of for one in trial.protocol.criteria),
        *(n for one in trial.protocol.criteria for n in one.of.split("/")),
    }
    lanes = []
    for lane in LANES:
        kept = [i for i, name in enumerate(lane.names) if name in asked]
        if kept:
            labels = tuple(lane.labels[i] for i in kept) if lane.labels else ()
            lanes.append(
                lane._replace(names=tuple(lane.names[i] for i in kept), colours=tuple(lane.colours[i] for i in kept), labels=labels)
            )
    steps = summary["steps"][1:]
    marks = [Mark(step["start"] - trial.begin, i) for i, step in enumerate(steps, 1)]
    said = "; ".join(f"{i}: {step['name']}" for i, step in enumerate(steps, 1))
    drawn = (
        ["", ""]
        if not table.num_rows
        else [
            draw(table, lanes, key=f"{key}-{name}", description=f"Course of the trial. Steps: {said}.", width=width, marks=marks)
            for name, width in (("wide", figures.WIDE), ("narrow", figures.NARROW))
        ]
    )
    lines = "".join(
        f"<li><b>{i}</b><time>{clock(step['start'] - trial.begin)}</time><span>{text(step['name'])}: {text(set_words(step))}</span></li>"
        for i, step in enumerate(steps, 1)
    )
    caption = (
        "Time is counted from the beginning of the trial. Numbered marks are its steps; the number at the end of a line is its last value."
    )
    return both_widths(drawn[0], drawn[1], caption) + f'<ol class="events">{lines}</ol>'


def _since(table: pa.Table, begin: float, zero: float) -> pa.Table:
    t = column(table, "t")
    first = int(np.searchsorted(t, begin, side="right"))
    cut = table.slice(first)
    return cut.set_column(cut.column_names.index("t"), "t", pa.array(t[first:] - zero))


def _loops(trials: Mapping[str, Trial]) -> str:
    """One beat at the end of each step; of many steps the first, the middle and the last."""
    drawn = []
    for ventricle in figures.VENTRICLES:
        curves: dict[str, Loop] = {}
        for name, trial in trials.items():
            for number, step in _chosen(trial):
                beat = _beat(trial, step.end, step.readings.get("HR", 0.0), ventricle.upper())
                if beat is not None:
                    curves[f"{name}{f'step {number}' if number else step.name}"] = beat
        if curves:
            colours = ("ghost", "art", "t1", "cvp", "nirs", "pap")
            drawn.append(figure(figures.loops(curves, ventricle, key=f"loop-{ventricle}", colours=colours)))
    return f'<div class="pair">{"".join(drawn)}</div>' if drawn else "<p>No waves were kept.</p>"


def _chosen(trial: Trial) -> Sequence[tuple[int, StepRead]]:
    steps = list(enumerate(trial.steps))
    return steps if len(steps) < WIDE else [steps[0], steps[1], steps[len(steps) // 2], steps[-1]]


def _beat(trial: Trial, end: float, rate: float, side: str) -> Loop | None:
    """Volume and pressure of the last whole beat before a time."""
    waves = trial.run.waveforms
    if waves is None or rate < 20.0:
        return None
    t = column(waves, "t")
    inside = (t > end - 60.0 / rate - 1e-6) & (t <= end + 1e-6)
    if inside.sum() < 20:
        return None
    return column(waves, f"V_{side}")[inside], column(waves, f"P_{side}")[inside]


def _against(trial: Trial, other: Trial, summary: Mapping[str, Any], against: Mapping[str, Any]) -> str:
    """The same steps without support: readings, course, and the criteria side by side."""
    cells = []
    for mine, theirs in zip(summary["criteria"], against["criteria"], strict=True):
        pair = [f"{read_value(line)}: {line['verdict']}" for line in (mine, theirs)]
        cells.append([("", text(where(mine))), ("nowrap", text(bound_words(mine))), *(("", text(words)) for words in pair)])
    table = rows(cells, ["Criterion", "published", "on support", "without"])
    return table + _stop(against) + _step_table(against) + _course(other, against, "without") + f"<p>{text(facts(against))}</p>"
