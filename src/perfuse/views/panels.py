"""Small figures of curves side by side: the look that every figure of the evidence lab shares."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perfuse.views.colours import LIGHT
from perfuse.views.drawing import STYLES, calm, paper, settings, svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TONES = ("t1", "art", "cvp", "nirs", "ecg", "pap")


@dataclass(frozen=True)
class Line:
    """One curve: its points, the word at its end, and which tone and style (by number) it has."""

    x: Sequence[float]
    y: Sequence[float]
    word: str = ""
    number: int = 0
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None


def panel(
    lines: Sequence[Line],
    key: str,
    title: str,
    along: str,
    description: str,
    *,
    levels: Sequence[tuple[float, str]] = (),
    marks: Sequence[tuple[float, str]] = (),
    points: Sequence[tuple[float, float]] = (),
    y_limits: tuple[float, float] | None = None,
    size: tuple[float, float] = (400.0, 270.0),
) -> str:
    """Curves over one quantity, each named at its end; `levels` are named heights, `marks` named places; bands where a line has them."""
    from matplotlib import rc_context

    with rc_context(settings()):  # type: ignore[arg-type]
        width, height = size
        figure = paper(width, height)
        room = 14 + 6.6 * max((len(line.word) for line in lines), default=0)
        axes = figure.add_axes((46 / width, 46 / height, (width - 52 - room) / width, (height - 76) / height))
        for line in lines:
            _curve(axes, line)
        for value, word in levels:
            axes.axhline(value, color=LIGHT["t3"], linewidth=0.9, linestyle=STYLES[2], zorder=1)
            axes.annotate(
                word, (0.01, value), xycoords=axes.get_yaxis_transform(), xytext=(0, 3), textcoords="offset points",
                fontsize=10.5, color=LIGHT["t3"],
            )  # fmt: skip
        for value, word in marks:
            axes.axvline(value, color=LIGHT["t3"], linewidth=0.9, linestyle=STYLES[2], zorder=1)
            axes.annotate(
                word, (value, 0.02), xycoords=axes.get_xaxis_transform(), xytext=(3, 0), textcoords="offset points",
                fontsize=10.5, color=LIGHT["t3"],
            )  # fmt: skip
        if points:
            axes.plot(*zip(*points, strict=True), "o", markersize=4.5, color=LIGHT["t1"], markerfacecolor=LIGHT["paper"], zorder=4)
        calm(axes)
        if y_limits is not None:
            axes.set_ylim(*y_limits)
        axes.set_xlabel(along)
        axes.set_title(title, loc="left", fontsize=12.5, fontweight="bold", color=LIGHT["t1"], pad=10)
        _named(axes, lines)
        return svg(figure, key, description)


def _curve(axes: "Axes", line: Line) -> None:
    colour = LIGHT[TONES[line.number % len(TONES)]]
    if line.low is not None and line.high is not None:
        axes.fill_between(line.x, line.low, line.high, color=colour, alpha=0.16, linewidth=0)
    axes.plot(line.x, line.y, color=colour, linewidth=1.7, linestyle=STYLES[line.number % len(STYLES)], zorder=3)


def _named(axes: "Axes", lines: Sequence[Line]) -> None:
    """Words at the ends of the curves, pushed apart so that none covers another and none leaves the panel."""
    low, high = axes.get_ylim()
    step = (high - low) * 13.5 / (axes.get_window_extent().height or 1.0)
    ends = sorted(((line.y[-1], line) for line in lines if line.word and len(line.y)), key=lambda end: end[0])
    places: list[float] = []
    for value, _ in ends:
        places.append(max(min(max(value, low), high), places[-1] + step if places else low))
    ceiling = high
    for i in reversed(range(len(places))):
        places[i] = min(places[i], ceiling)
        ceiling = places[i] - step
    for place, (_, line) in zip(places, ends, strict=True):
        axes.annotate(
            line.word, (1.0, place), xycoords=axes.get_yaxis_transform(), xytext=(5, 0), textcoords="offset points",
            va="center", fontsize=11, color=LIGHT[TONES[line.number % len(TONES)]], annotation_clip=False,
        )  # fmt: skip
