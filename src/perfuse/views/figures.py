"""The figures of a report: pressure-volume loops, waves, trends with event marks, published against simulated."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from perfuse.results.readable import Loop, ReadableRun
from perfuse.views.colours import LIGHT
from perfuse.views.drawing import STYLES, calm, paper, settings, svg
from perfuse.views.labels import clock
from perfuse.views.lanes import Lane, Mark, column, draw, spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDE, NARROW = 860.0, 372.0
"""Widths (pixels) of a figure with a time axis: one for a page, one for a phone."""

MOST_SAID = 50
"""Events that the description of a drawing names; all of them stand in the list below it."""

TALL = 228.0
"""Height (pixels) of the axes of a loop."""
VENTRICLES = {"lv": ("Left ventricle", "art"), "rv": ("Right ventricle", "cvp")}

TREND_LANES = (
    Lane("Pressures", "mmHg", ("MAP", "mPAP", "PCWP", "CVP"), ("art", "pap", "nirs", "cvp"), height=1.35, span=20.0),
    Lane("Flow", "L/min", ("ecmo_flow", "CO"), ("t1", "art"), span=1.0),
    Lane(
        "Flow of devices", "L/min", ("lvad_flow", "impella_flow", "rvad_flow", "pulsatile_left_flow", "pulsatile_right_flow"),
        ("t1", "t1", "cvp", "t1", "cvp"), ("left", "Impella", "right", "left", "right"), span=1.0,
    ),
    Lane("Flow that controllers show", "L/min", ("lvad_flow_shown", "rvad_flow_shown"), ("ghost", "cvp"), ("left", "right"), 0.8, 1.0),
    Lane("Power", "W", ("lvad_power", "rvad_power"), ("t1", "cvp"), ("left", "right"), 0.7, 1.0),
    Lane("Swing of the motor current", "mA", ("impella_motor_pulse",), ("t1",), ("swing",), 0.7, 2.0),
    Lane(
        "Systolic and augmented pressure", "mmHg", ("iabp_augmented_diastolic", "iabp_assisted_systolic", "iabp_unassisted_systolic"),
        ("pap", "art", "ghost"), ("augmented", "assisted", "unassisted"), 1.0, 20.0,
    ),
    Lane("Filling of chambers", "%", ("pulsatile_left_fill", "pulsatile_right_fill"), ("t1", "cvp"), ("left", "right"), 0.8, 10.0),
    Lane(
        "Arterial saturation by site", "%", ("SaO2_right_radial", "SaO2_femoral", "SaO2_coronary", "SaO2_brain", "SvO2"),
        ("spo2", "art", "nirs", "pap", "cvp"), ("radial", "femoral", "coronary", "brain", "SvO_2"), 1.35, 10.0,
    ),
    Lane("Arterial carbon dioxide", "mmHg", ("PaCO2",), ("t1",), height=0.8, span=10.0),
    Lane("Arterial pH", "", ("pH",), ("spo2",), height=0.8, span=0.2),
    Lane("Lactate", "mmol/L", ("lactate",), ("svo2",), height=0.8, span=1.0),
    Lane("Circuit pressures", "mmHg", ("P_int", "P_art", "P_ven"), ("pap", "art", "cvp"), height=1.35, span=20.0),
)  # fmt: skip

WAVE_LANES = (
    Lane("Left heart and arteries", "mmHg", ("P_LV", "P_root", "P_radial"), ("t1", "art", "svo2"), ("P_LV", "root", "radial"), 1.35, 20.0),
    Lane("Right heart and pulmonary artery", "mmHg", ("P_RV", "P_PA"), ("t1", "pap"), ("P_RV", "P_PA"), span=20.0),
    Lane("Atria", "mmHg", ("P_LA", "P_RA"), ("nirs", "cvp"), ("P_LA", "P_RA"), 0.8, 10.0),
    Lane("Circuit flow", "L/min", ("ECMO_flow",), ("t1",), ("flow",), 0.8, 1.0),
    Lane("Circuit pressures", "mmHg", ("P_int", "P_art", "P_ven"), ("pap", "art", "cvp"), height=1.1, span=20.0),
    Lane(
        "Flow of devices", "L/min", ("lvad_flow", "impella_flow", "rvad_flow"), ("t1", "t1", "cvp"), ("left", "Impella", "right"), 0.9, 1.0
    ),
    Lane("Placement signal", "mmHg", ("impella_placement",), ("art",), ("placement",), 0.8, 20.0),
    Lane("Motor current, estimated", "mA", ("impella_current",), ("pap",), ("motor",), 0.7, 20.0),
    Lane("Balloon", "mmHg", ("P_balloon",), ("pap",), ("P_balloon",), 0.8, 20.0),
    Lane("Balloon", "mL", ("V_balloon",), ("t1",), ("volume",), 0.7, 10.0),
    Lane(
        "Volume of chambers",
        "mL",
        ("pulsatile_left_volume", "pulsatile_right_volume"),
        ("art", "cvp"),
        ("left", "right"),
        0.9,
        20.0,
    ),
    Lane("Drive of chambers", "mmHg", ("pulsatile_left_air", "pulsatile_right_air"), ("art", "cvp"), ("left", "right"), 0.8, 50.0),
    Lane("Airway pressure", "cmH\N{SUBSCRIPT TWO}O", ("P_airway",), ("spo2",), ("airway",), 0.7, 10.0),
)


def loops(curves: Mapping[str, Loop], ventricle: str, *, key: str, colours: Sequence[str] = ()) -> str:
    """Loops of one ventricle over each other; the first is the earlier state, grey and dashed.

    With `colours`, each loop has its own colour and line and carries its name; without, a legend stands below.
    """
    from matplotlib import rc_context

    title, colour = VENTRICLES[ventricle]
    inks = [LIGHT[ink] for ink in (colours or ["ghost", colour])]
    styles = list(STYLES) if colours else [STYLES[1], STYLES[0]]
    with rc_context(settings()):  # type: ignore[arg-type]
        foot, side = (44.0, 130.0) if colours else (78.0, 14.0)
        width, height = 386.0 + side, 258.0 + foot
        figure = paper(width, height)
        axes = figure.add_axes((52 / width, foot / height, (width - 52 - side) / width, TALL / height))
        for i, (name, (volume, pressure)) in enumerate(curves.items()):
            closed_v, closed_p = np.append(volume, volume[0]), np.append(pressure, pressure[0])
            look: dict[str, Any] = {"color": inks[i % len(inks)], "linestyle": styles[i % len(styles)]}
            axes.plot(closed_v, closed_p, **look, linewidth=1.9, label=name, solid_joinstyle="round")
        calm(axes)
        axes.set_xlim(left=_left(curves) if colours else 0.0)
        axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
        axes.set_xlabel("volume, mL")
        axes.set_ylabel("pressure, mmHg")
        axes.set_title(title, loc="left", fontsize=13, fontweight="bold", color=LIGHT["t1"], pad=10)
        if colours:
            _name_loops(axes, curves, inks)
        else:
            figure.legend(loc="lower left", ncols=2, frameon=False, bbox_to_anchor=(0.11, 0.0), handlelength=2.6, columnspacing=1.6)
        return svg(figure, key, f"Pressure-volume loop of the {title.lower()}: {', '.join(curves)}. {_in_words(curves)}")


def _left(curves: Mapping[str, Loop]) -> float:
    """Where the volumes of a comparison begin: at 0, or shortly before loops that lie far from it, which would be too narrow to read."""
    low, high = min(volume.min() for volume, _ in curves.values()), max(volume.max() for volume, _ in curves.values())
    return float(max(0.0, 10.0 * np.floor((low - 0.35 * (high - low)) / 10.0)))


def _name_loops(axes: "Axes", curves: Mapping[str, Loop], inks: Sequence[str]) -> None:
    """Each loop's name beside the figure, with a sample of its line and a thin thread to the loop's upper right corner."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    ends = []
    for i, (name, (volume, pressure)) in enumerate(curves.items()):
        corner = int(np.argmax((volume - left) / (right - left) + (pressure - low) / (high - low)))
        ends.append(((float(pressure[corner]) - low) / (high - low) * TALL, float(volume[corner]), float(pressure[corner]), name, i))
    ends.sort()
    for place, (_, volume_at, pressure_at, name, i) in zip(spread([end[0] for end in ends], TALL, 20.0), ends, strict=True):
        ink = inks[i % len(inks)]
        axes.annotate(
            "", (volume_at, pressure_at), (1.02, place / TALL), xycoords="data", textcoords="axes fraction", annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": ink, "linewidth": 0.7, "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip
        axes.plot(
            [1.02, 1.1],
            [place / TALL] * 2,
            color=ink,
            linestyle=STYLES[i % len(STYLES)],
            linewidth=1.9,
            transform=axes.transAxes,
            clip_on=False,
        )
        axes.annotate(name, (1.115, place / TALL), xycoords="axes fraction", color=ink, va="center", fontsize=12)


def _in_words(curves: Mapping[str, Loop]) -> str:
    return " ".join(
        f"{name}: {volume.min():.0f} to {volume.max():.0f} mL, peak {pressure.max():.0f} mmHg."
        for name, (volume, pressure) in curves.items()
    )


def loops_of(run: ReadableRun, ventricle: str) -> str:
    """One run: the loop before support (at the beginning, where support has been running for long) and the loop after."""
    running = [one for one in (run.support, *run.devices) if getattr(one, "established", False)]
    named = {"before": "at the beginning" if running else "before support", "after": "at the end"}
    return loops({named[when]: run.loops[when][ventricle] for when in named if when in run.loops}, ventricle, key=f"loop-{ventricle}")


def trends(run: ReadableRun, width: float, key: str) -> str:
    """The whole run on one time axis, with the numbers of its events."""
    marks = [Mark(t, i) for i, (t, _) in enumerate(run.events, 1)]
    said = "; ".join(f"{i}: {clock(t)} {text}" for i, (t, text) in enumerate(run.events[:MOST_SAID], 1))
    said += f"; and {len(run.events) - MOST_SAID} more" if len(run.events) > MOST_SAID else ""
    words = "Trends of pressures, flow, saturations by site, carbon dioxide, pH, lactate, circuit pressures and devices over time."
    return draw(run.trends, TREND_LANES, key=key, description=f"{words} Events: {said or 'none'}.", width=width, marks=marks)


def waves(table: pa.Table, width: float, key: str) -> str:
    """The last window of waveforms, at most ten seconds of it."""
    window = last_window(table)
    t = column(window, "t")
    words = f"Pressure and flow waves of heart, vessels, circuit and devices from {clock(t[0])} to {clock(t[-1])} of the run."
    shifted = window.set_column(window.column_names.index("t"), "t", pa.array(t - t[0]))
    return draw(shifted, WAVE_LANES, key=key, description=words, width=width, clock="s")


def last_window(table: pa.Table, seconds: float = 10.0) -> pa.Table:
    """The end of the last unbroken window of a waveform table."""
    t = column(table, "t")
    steps = np.diff(t)
    breaks = np.flatnonzero(steps > 2.5 * np.median(steps)) if steps.size else np.array([], dtype=int)
    start = max(int(breaks[-1]) + 1 if breaks.size else 0, int(np.searchsorted(t, t[-1] - seconds)))
    return table.slice(start)


def bands(rows: Sequence[Mapping[str, Any]], key: str, width: float) -> str:
    """Checks of a group against their published bands: each band is drawn to the same width, the dot is the simulated value.

    A row is {label, value, low, high, ok}; a band with one end is drawn from that end outwards.
    """
    from matplotlib import rc_context

    with rc_context(settings()):  # type: ignore[arg-type]
        height = 24.0 * len(rows) + 52.0
        figure = paper(width, height)
        left = min(250.0, 0.42 * width)
        axes = figure.add_axes((left / width, 34 / height, (width - left - 40) / width, (height - 44) / height))
        for y, row in enumerate(rows):
            low, high = row["low"], row["high"]
            span = (high - low if low is not None and high is not None else abs(low if low is not None else high)) or 1.0
            middle = (low + high) / 2 if low is not None and high is not None else low + span / 2 if low is not None else high - span / 2
            start, end = (-1.0 if low is not None else -2.6), (1.0 if high is not None else 2.6)
            axes.plot([start, end], [y, y], color=LIGHT["rule"], linewidth=9, solid_capstyle="butt")
            if row["value"] is None:
                axes.annotate("no value", (0, y), color=LIGHT["bad"], fontsize=11, va="center", ha="center")
                continue
            place = min(max(2.0 * (row["value"] - middle) / span, -2.5), 2.5)
            ok = bool(row["ok"])
            axes.plot([place], [y], marker="o" if ok else "X", markersize=8, color=LIGHT["t1" if ok else "bad"], linestyle="none")
        axes.set_yticks(range(len(rows)), [_short(str(row["label"]), 30 if width > 500 else 20) for row in rows], fontsize=11)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(-2.6, 2.6)
        axes.set_xticks([-1.0, 1.0], ["low end", "high end"])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        return svg(figure, key, f"Simulated values of {len(rows)} checks against their published bands; the table below has the numbers.")


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"
