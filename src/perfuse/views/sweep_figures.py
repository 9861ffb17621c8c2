"""The figures of a sweep: small curves over one setting, maps with labelled contours over two."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from perfuse.parameters.tables import controls
from perfuse.views.colours import LIGHT
from perfuse.views.drawing import calm, paper, settings, svg
from perfuse.views.labels import label_of, shown, unit_words
from perfuse.views.sweep_shown import kind, where

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
Summary = Mapping[str, Any]
RAMP = ("#f3f7fa", "#dbe8f1", "#c2d8e8", "#a8c7de", "#8fb6d4", "#76a4c9")
INK = "#182028"
"""Colours of a map are the same on light and dark pages: its labels stand on them."""
LEVELS = 8
DOTTED = 900
"""Points up to which a map shows where it was computed."""


def curve(summary: Summary, name: str, key: str) -> str:
    """One quantity over the setting; hollow: outside a known range, half: still moving, a cross: diverged."""
    from matplotlib import rc_context

    axis = summary["set"][0]
    x, y = _column(summary, axis), _column(summary, name)
    kinds = [kind(point["status"]) for point in summary["points"]]
    with rc_context(settings()):  # type: ignore[arg-type]
        width, height = 290.0, 206.0
        figure = paper(width, height)
        axes = figure.add_axes((46 / width, 46 / height, (width - 60) / width, (height - 76) / height))
        order = [i for i in np.argsort(x) if kinds[i] != "diverged" and np.isfinite(y[i])]
        axes.plot(x[order], y[order], color=LIGHT["t1"], linewidth=1.6, solid_joinstyle="round")
        for i in range(x.size):
            _mark(axes, float(x[i]), float(y[i]), kinds[i])
        calm(axes)
        _room(axes, name)
        _along(axes, axis, "x", x)
        axes.set_title(_titled(name), loc="left", fontsize=12.5, fontweight="bold", color=LIGHT["t1"], pad=8)
        return svg(figure, key, f"{label_of(name).words} over {axis}. {_in_words(summary, name, y)}")


def _mark(axes: "Axes", x: float, y: float, how: str) -> None:
    if how == "diverged":
        place = (y, axes.transData) if np.isfinite(y) else (0.04, axes.get_xaxis_transform())
        axes.plot(
            [x], [place[0]], marker="x", markersize=7, markeredgewidth=2, color=LIGHT["bad"], transform=place[1], clip_on=False, zorder=4
        )
    elif np.isfinite(y):
        style: dict[str, Any] = {"markerfacecolor": {"outside": LIGHT["paper"]}.get(how, LIGHT["t1"])}
        if how == "not settled":
            style |= {"fillstyle": "left", "markerfacecoloralt": LIGHT["paper"]}
        axes.plot(
            [x], [y], marker="o", markersize=6.5, markeredgecolor=LIGHT["t1"], markeredgewidth=1.5, linestyle="none", zorder=3, **style
        )


def _room(axes: "Axes", name: str) -> None:
    """An axis of at least four shown decimals, so that noise is not drawn as news."""
    axes.margins(0.07, 0.14)
    low, high = axes.get_ylim()
    least = max(4.0 * 10.0 ** -label_of(name).digits, 0.02 * abs(low + high) / 2.0)
    if high - low < least:
        axes.set_ylim((low + high - least) / 2.0, (low + high + least) / 2.0)


def _along(axes: "Axes", name: str, way: str, values: Array) -> None:
    """The setting's name and unit at its axis, and words instead of numbers where it has options."""
    from matplotlib.ticker import MaxNLocator

    entry = controls()[name]
    unit, words = unit_words(entry.unit), name.replace("_", " ")  # a drawing would lower what follows the stroke
    getattr(axes, f"set_{way}label")(f"{words}, {unit}" if unit else words)
    side = axes.xaxis if way == "x" else axes.yaxis
    if entry.options:
        side.set_ticks(sorted(set(values)), [entry.worded(value) for value in sorted(set(values))])
    else:
        whole = all(value.is_integer() for value in values)
        side.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10], integer=whole))


def plane(summary: Summary, name: str, key: str) -> str:
    """One quantity over two settings: bands of one hue, their borders labelled; marks as in a curve."""
    from matplotlib import rc_context

    first, second = summary["set"]
    x, y, z = (_column(summary, column) for column in (first, second, name))
    kinds = [kind(point["status"]) for point in summary["points"]]
    with rc_context(settings()):  # type: ignore[arg-type]
        width, height = 430.0, 330.0
        figure = paper(width, height)
        axes = figure.add_axes((62 / width, 52 / height, (width - 140) / width, (height - 90) / height))
        known = np.where([how == "diverged" for how in kinds], np.nan, z)
        _bands(figure, axes, *_grid(x, y, known), name)
        _points(axes, x, y, kinds)
        axes.margins(0.03)
        _along(axes, first, "x", x)
        _along(axes, second, "y", y)
        axes.set_title(_titled(name), loc="left", fontsize=12.5, fontweight="bold", color=LIGHT["t1"], pad=10)
        return svg(figure, key, f"Map of {label_of(name).words} over {first} and {second}. {_in_words(summary, name, known)}")


def _grid(x: Array, y: Array, z: Array) -> tuple[Array, Array, Array]:
    """Sorted axes and the values as a table [y, x]."""
    across, at_x = np.unique(x, return_inverse=True)
    up, at_y = np.unique(y, return_inverse=True)
    table = np.full((up.size, across.size), np.nan)
    table[at_y, at_x] = z
    return across, up, table


def _bands(figure: Any, axes: "Axes", x: Array, y: Array, z: Array, name: str) -> None:
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.ticker import MaxNLocator

    some = z[np.isfinite(z)]
    digits = label_of(name).digits
    if not some.size or np.ptp(some) < 0.5 * 10.0**-digits:
        words = f"{shown(name, float(some.mean()))} everywhere" if some.size else "no reading"
        axes.fill_between(x[[0, -1]], *y[[0, -1]], color=RAMP[1], linewidth=0)
        frame = {"facecolor": RAMP[1], "edgecolor": "none", "pad": 3.0}
        axes.annotate(words, (0.5, 0.5), xycoords="axes fraction", ha="center", va="center", fontsize=12, color=INK, bbox=frame, zorder=4)
        return
    levels = MaxNLocator(nbins=LEVELS, steps=[1, 2, 2.5, 5, 10]).tick_values(some.min(), some.max())
    field = np.ma.masked_invalid(z)
    filled = axes.contourf(x, y, field, levels=levels, cmap=LinearSegmentedColormap.from_list("depth", list(RAMP)))
    lines = axes.contour(x, y, field, levels=levels, colors=INK, linewidths=0.9, linestyles="solid")
    places = max(0, -int(np.floor(np.log10(levels[1] - levels[0]) + 1e-9)))
    for text in axes.clabel(lines, fmt=lambda v: f"{v:.{places}f}".replace("-", "\N{MINUS SIGN}"), fontsize=11, colors=INK):
        text.set_fontweight("bold")
    box = axes.get_position()
    bar = figure.colorbar(filled, cax=figure.add_axes((box.x1 + 0.045, box.y0, 0.03, box.height)))
    bar.outline.set_edgecolor(LIGHT["edge"])
    bar.ax.tick_params(labelsize=11, length=0)


def _points(axes: "Axes", x: Array, y: Array, kinds: Sequence[str]) -> None:
    """Where the map was computed: dots, hollow where a known range was left, crosses where a point diverged."""
    looks: dict[str, dict[str, Any]] = {
        "ok": {"marker": ".", "s": 9, "facecolors": INK, "edgecolors": "none"},
        "not settled": {"marker": ".", "s": 9, "facecolors": INK, "edgecolors": "none"},
        "outside": {"marker": "o", "s": 30, "facecolors": "#fdfefe", "edgecolors": INK, "linewidths": 1.2},
        "diverged": {"marker": "x", "s": 40, "color": LIGHT["bad"], "linewidths": 2.0},
    }
    for how, look in looks.items():
        at = [i for i, one in enumerate(kinds) if one == how]
        if at and (len(kinds) <= DOTTED or how in ("outside", "diverged")):
            axes.scatter(x[at], y[at], zorder=3, clip_on=False, **look)


def _column(summary: Summary, name: str) -> Array:
    values = summary["columns"][name]["values"] if name in summary["columns"] else [None] * len(summary["points"])
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _titled(name: str) -> str:
    from perfuse.parameters.vocabulary import unit_of

    unit = unit_words(unit_of(name))
    return f"{label_of(name).symbol}, {unit}" if unit else label_of(name).symbol


def _in_words(summary: Summary, name: str, values: Array) -> str:
    if not np.isfinite(values).any():
        return "No reading."
    low, high = int(np.nanargmin(values)), int(np.nanargmax(values))
    ends = [f"{word} {shown(name, values[i])} at {where(summary, i)}" for word, i in (("lowest", low), ("highest", high))]
    return f"{'; '.join(ends)}.".capitalize()
