"""Cumulative incidences as SVG: steps with intervals, naive curves thin beside them, numbers at risk below."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from perfuse.views.colours import LIGHT
from perfuse.views.drawing import STYLES, calm, paper, settings, svg


def incidence(
    curves: Mapping[str, Mapping[str, Any]],
    title: str,
    *,
    until: float | None = None,
    unit: str = "d",
    narrow: bool = False,
    key: str = "cif",
) -> str:
    """Cumulative incidences with their intervals and the number at risk below; a column `naive` is drawn thin.

    curves  name to columns time, share, low, high, at_risk (as `survival.cumulative_incidence` returns them)
    until   end of the time axis in `unit`
    """
    from matplotlib import rc_context

    names = list(curves)
    colours = [LIGHT[name] for name in ("cvp", "art", "ecg", "nirs", "svo2", "spo2")]
    end = until if until is not None else max(float(max(curve["time"])) for curve in curves.values())
    with rc_context(settings()):  # type: ignore[arg-type]
        width, below = (380.0 if narrow else 860.0), 58.0 + 17.0 * len(names)
        height = (230.0 if narrow else 300.0) + below
        figure = paper(width, height)
        left, right = 58.0, 14.0
        axes = figure.add_axes((left / width, below / height, (width - left - right) / width, (height - below - 30) / height))
        for i, name in enumerate(names):
            curve = {column: np.concatenate(([0.0], np.asarray(values, dtype=float))) for column, values in curves[name].items()}
            colour, style = colours[i % len(colours)], STYLES[i % len(STYLES)]
            axes.step(curve["time"], 100 * curve["share"], where="post", color=colour, linestyle=style, linewidth=1.9, label=name)
            if "low" in curve:
                axes.fill_between(
                    curve["time"], 100 * curve["low"], 100 * curve["high"], step="post", color=colour, alpha=0.12, linewidth=0
                )
            if "naive" in curve:
                axes.step(curve["time"], 100 * curve["naive"], where="post", color=colour, linestyle=style, linewidth=0.9)
        axes.set_xlim(0.0, end)
        axes.set_ylim(bottom=0.0)
        axes.set_ylabel("share, %")
        axes.set_xlabel(f"time, {unit}")
        calm(axes)
        axes.legend(loc="upper left", frameon=False, handlelength=2.6)
        axes.set_title(title, loc="left", fontsize=12.5, fontweight="bold", color=LIGHT["t1"], pad=8)
        ticks = [tick for tick in axes.get_xticks() if 0.0 <= tick <= end]
        for i, name in enumerate(names):
            y = (below - 52.0 - 17.0 * i) / height
            figure.text(4 / width, y, _short(name, 8), color=colours[i % len(colours)], fontsize=11)
            for tick in ticks:
                x = (left + (width - left - right) * tick / end) / width
                figure.text(x, y, f"{at_risk(curves[name], tick):.0f}", ha="center", fontsize=11, color=LIGHT["t2"])
        words = "; ".join(f"{name} {100 * value_at(curves[name], end):.1f} % by {end:g} {unit}" for name in names)
        return svg(figure, key, f"{title}. {words}. Numbers at risk below.")


def at_risk(curve: Mapping[str, Any], when: float) -> float:
    """Rows still followed just before a time."""
    place = int(np.searchsorted(curve["time"], when, side="left"))
    return float(curve["at_risk"][place]) if place < len(curve["time"]) else 0.0


def value_at(curve: Mapping[str, Any], when: float) -> float:
    """Share by a time."""
    place = int(np.searchsorted(curve["time"], when, side="right")) - 1
    return float(curve["share"][place]) if place >= 0 else 0.0


def _short(name: str, most: int) -> str:
    last = name.split(", ")[-1]
    return last if len(last) <= most else last[:most]
