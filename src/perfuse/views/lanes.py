"""Curves over one shared time axis, a lane for each unit, labels at the end of each line instead of a legend."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from perfuse.views.colours import LIGHT
from perfuse.views.drawing import STYLES, calm, paper, settings, svg
from perfuse.views.labels import label_of, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Curve = npt.NDArray[np.float64]
POINTS = 300
"""Buckets of a drawn curve; each shows its lowest and highest value, so that no peak is lost."""

SHORT = 120.0
"""Seconds up to which a time axis counts seconds."""


class Lane(NamedTuple):
    """Quantities of one unit that are read together; the axis covers at least `span`, so that noise is not drawn as news."""

    title: str
    unit: str
    names: tuple[str, ...]
    colours: tuple[str, ...]
    labels: tuple[str, ...] = ()
    height: float = 1.0
    span: float = 0.0


class Mark(NamedTuple):
    """An event on the time axis and its number in the list of events."""

    t: float
    number: int


def thin(t: Curve, y: Curve) -> tuple[Curve, Curve]:
    """The curve with at most two points a bucket: the lowest and the highest, in their order; gaps stay gaps."""
    if t.size <= 2 * POINTS:
        return t, y
    kept: list[int] = []
    for part in np.array_split(np.arange(t.size), POINTS):
        known = part[~np.isnan(y[part])]
        kept += sorted({int(known[np.argmin(y[known])]), int(known[np.argmax(y[known])])}) if known.size else [int(part[0])]
    return t[kept], y[kept]


def column(table: pa.Table, name: str) -> Curve:
    """A column as numbers; missing values are NaN."""
    return np.asarray(table.column(name).to_numpy(zero_copy_only=False), dtype=np.float64)


def present(table: pa.Table, lanes: Sequence[Lane]) -> list[Lane]:
    """The lanes of which this table has something to show, each without the curves it lacks."""

    def has(name: str) -> bool:
        return name in table.column_names and bool(np.isfinite(column(table, name)).any())

    found = []
    for lane in lanes:
        kept = [i for i, name in enumerate(lane.names) if has(name)]
        if kept:
            pick = lane._replace(names=tuple(lane.names[i] for i in kept), colours=tuple(lane.colours[i] for i in kept))
            found.append(pick._replace(labels=tuple(lane.labels[i] for i in kept) if lane.labels else ()))
    return found


def draw(
    table: pa.Table, lanes: Sequence[Lane], *, key: str, description: str, width: float, marks: Sequence[Mark] = (), clock: str = "min"
) -> str:
    """The lanes as one SVG, `width` pixels wide; `clock` is the unit of the time axis: min for trends (with last values), s for waves."""
    from matplotlib import rc_context

    shown_lanes = present(table, lanes)
    t = column(table, "t")
    unit = "min" if clock == "min" and t[-1] - t[0] > SHORT else "s"
    scale = 60.0 if unit == "min" else 1.0
    t = t / scale
    start = float(t[0]) - (1.0 / scale if clock == "min" else 0.0)  # a reading of trends stands at the end of its second
    heights = [96.0 * lane.height for lane in shown_lanes]
    top, bottom, gap, left, right = 34.0, 40.0, 26.0, (52.0 if width > 500.0 else 40.0), 112.0
    height = top + bottom + sum(heights) + gap * (len(heights) - 1)
    with rc_context(settings()):  # type: ignore[arg-type]
        figure = paper(width, height)
        edge = height - top
        axes_of = []
        for lane, tall in zip(shown_lanes, heights, strict=True):
            axes = figure.add_axes((left / width, (edge - tall) / height, (width - left - right) / width, tall / height))
            _draw_lane(axes, table, lane, t, tall, clock == "min")
            axes_of.append(axes)
            edge -= tall + gap
        for axes in axes_of:
            axes.set_xlim(start, t[-1])
            _lines(axes, marks, scale, (width - left - right) / (t[-1] - start))
        for axes in axes_of[:-1]:
            axes.tick_params(labelbottom=False)
        if axes_of:
            axes_of[-1].set_xlabel(f"time, {unit}")
            _number(axes_of[0], marks, scale, width - left - right, start, float(t[-1]))
        return svg(figure, key, description)


def _draw_lane(axes: "Axes", table: pa.Table, lane: Lane, t: Curve, tall: float, values: bool) -> None:
    ends = []
    for i, name in enumerate(lane.names):
        y = column(table, name)
        alone = "." if np.isfinite(y).sum() == 1 else None  # a line of one point would not be seen
        axes.plot(
            *thin(t, y), color=LIGHT[lane.colours[i]], linestyle=STYLES[i], linewidth=1.75 if i == 0 else 1.6, solid_joinstyle="round",
            marker=alone,
        )  # fmt: skip
        last = float(y[np.isfinite(y)][-1])
        symbol = lane.labels[i] if lane.labels else label_of(name).symbol
        ends.append((last, f"{symbol} {shown(name, last)}" if values else symbol, i))
    calm(axes)
    axes.margins(y=0.08)
    low, high = axes.get_ylim()
    if high - low < lane.span:
        axes.set_ylim((low + high - lane.span) / 2.0, (low + high + lane.span) / 2.0)
    axes.set_title(f"{lane.title}{', ' if lane.unit else ''}{lane.unit}", loc="left", fontsize=12, color=LIGHT["t1"], pad=5)
    low, high = axes.get_ylim()
    _label_ends(axes, [((last - low) / (high - low) * tall, text, i) for last, text, i in ends], lane, tall)


def spread(places: Sequence[float], tall: float, room: float = 15.0) -> list[float]:
    """Rising heights (pixels) pushed apart to `room`, the highest no higher than `tall`."""
    found = list(places)
    for i in range(1, len(found)):
        found[i] = max(found[i], found[i - 1] + room)
    over = max(0.0, found[-1] - tall)
    found = [place - over for place in found]
    for i in range(len(found) - 2, -1, -1):
        found[i] = min(found[i], found[i + 1] - room)
    return found


def _label_ends(axes: "Axes", ends: list[tuple[float, str, int]], lane: Lane, tall: float) -> None:
    """Name each line at its right end with a sample of its style; crowded names are pushed apart."""
    ordered = sorted(ends)
    places = spread([place for place, _, _ in ordered], tall)
    for place, (_, text, i) in zip(places, ordered, strict=True):
        colour = LIGHT[lane.colours[i]]
        axes.annotate(
            text, (1.0, place / tall), (28, 0), xycoords="axes fraction", textcoords="offset points", color=colour, va="center", fontsize=12
        )
        sample: dict[str, Any] = {"arrowstyle": "-", "color": colour, "linewidth": 1.6, "linestyle": STYLES[i], "shrinkA": 0, "shrinkB": 5}
        axes.annotate(
            "", (1.0, place / tall), (24, 0), xycoords="axes fraction", textcoords="offset points", arrowprops=sample, annotation_clip=False
        )


def _lines(axes: "Axes", marks: Sequence[Mark], scale: float, pixels: float) -> None:
    """A line for each event; of those that fall on one pixel (`pixels` to a unit of time), one."""
    from matplotlib.collections import LineCollection

    places = {round(mark.t / scale * pixels): mark.t / scale for mark in marks}
    lines = [[(place, 0.0), (place, 1.0)] for place in places.values()]
    drawn = LineCollection(lines, colors=LIGHT["ghost"], linewidths=1.0, transform=axes.get_xaxis_transform())
    axes.add_collection(drawn, autolim=False)


def _number(axes: "Axes", marks: Sequence[Mark], scale: float, wide: float, start: float, end: float) -> None:
    """Numbers of events above the first lane; events too close to be told apart share one label."""
    groups: list[list[Mark]] = []
    for mark in sorted(marks):
        x = (mark.t / scale - start) / (end - start) * wide
        if groups and x - (groups[-1][0].t / scale - start) / (end - start) * wide < 26.0:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    for group in groups:
        text = str(group[0].number) if len(group) == 1 else f"{group[0].number}\N{EN DASH}{group[-1].number}"
        axes.annotate(
            text, (group[0].t / scale, 1.0), (0, 24), xycoords=("data", "axes fraction"), textcoords="offset points",
            ha="center", va="center", fontsize=11, fontweight="bold",
            bbox={"boxstyle": "round,pad=0.25", "facecolor": LIGHT["panel"], "edgecolor": LIGHT["edge"], "linewidth": 1.0},
        )  # fmt: skip
