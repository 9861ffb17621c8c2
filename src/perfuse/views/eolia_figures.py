"""Figures of the laboratory of EOLIA as SVG: the triangles with the trial's point, estimators side by side, deaths over time."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from perfuse.evidence.finding import Finding
from perfuse.views.colours import LIGHT
from perfuse.views.drawing import STYLES, calm, paper, settings, svg
from perfuse.views.forest import ForestRow, ForestScale, forest

if TYPE_CHECKING:
    from matplotlib.axes import Axes

KINDS = {"method": "Methods", "naive": "Naive: sick patients cross over", "published": "Published"}


def boundaries(finding: Finding, *, narrow: bool = False, key: str = "triangles") -> str:
    """Score over information: both triangles, corrected lines, EOLIA's point, and where its outcomes would lie in any order."""
    from matplotlib import rc_context

    lines, looks = ({name: np.asarray(column, dtype=float) for name, column in finding.curves[part].items()} for part in ("lines", "looks"))
    orders = {name: np.asarray(column, dtype=float) for name, column in finding.curves["random order"].items()}
    point = finding.curves["trial"]
    with rc_context(settings()):  # type: ignore[arg-type]
        width, height = (380.0, 330.0) if narrow else (860.0, 400.0)
        figure = paper(width, height)
        left, right = 50.0, 14.0 if narrow else 180.0
        axes = figure.add_axes((left / width, 48 / height, (width - left - right) / width, (height - 64) / height))
        v = lines["V"]
        for sign in (1.0, -1.0):
            axes.plot(v, sign * lines["benefit"], color=LIGHT["t1"], linewidth=1.6)
            inner = lines["no_difference"] >= 0.0
            axes.plot(v[inner], sign * lines["no_difference"][inner], color=LIGHT["cvp"], linewidth=1.6, linestyle=STYLES[1])
            axes.plot(
                looks["V"], sign * looks["benefit"], linestyle="none", marker="_", markersize=11, markeredgewidth=2, color=LIGHT["t1"]
            )
            here = looks["no_difference"] >= 0.0
            axes.plot(
                looks["V"][here],
                sign * looks["no_difference"][here],
                linestyle="none",
                marker="_",
                markersize=11,
                markeredgewidth=2,
                color=LIGHT["cvp"],
            )
        axes.fill_between([0.0, *orders["V"]], [0.0, *orders["low"]], [0.0, *orders["high"]], color=LIGHT["rule"], linewidth=0, alpha=0.7)
        axes.plot([0.0, *orders["V"]], [0.0, *orders["middle"]], color=LIGHT["edge"], linewidth=1.0, linestyle=STYLES[2])
        axes.plot(point["V"], point["Z"], marker="o", markersize=8, color=LIGHT["art"], linestyle="none", zorder=5)
        axes.axhline(0.0, color=LIGHT["edge"], linewidth=0.8)
        axes.set_xlim(0.0, float(v[-1]) * 1.04)
        axes.set_xlabel("information V")
        axes.set_ylabel("score Z, fewer deaths with ECMO upwards")
        calm(axes)
        _named(axes, finding, narrow)
        trial = finding.diagnostics["trial"]
        description = (
            f"Triangular test: EOLIA ended at Z {trial['Z']:.1f}, V {trial['V']:.1f}; line of benefit there "
            f"{trial['line_of_benefit']:.1f}, of no difference {trial['line_of_no_difference']:.1f}."
        )
        return svg(figure, key, description)


def _named(axes: "Axes", finding: Finding, narrow: bool) -> None:
    """Words at the lines; on a phone only the point is named."""
    (v,), (z,) = finding.curves["trial"]["V"], finding.curves["trial"]["Z"]
    axes.annotate("EOLIA", (v, z), xytext=(-8, 8), textcoords="offset points", ha="right", color=LIGHT["art"], fontweight="bold")
    if narrow:
        return
    end = axes.get_xlim()[1]
    lines = finding.curves["lines"]
    for y, text, colour in (
        (lines["benefit"][-1] + 0.9, "stop: benefit above", "t1"),
        (0.9, "stop: no difference within", "cvp"),
        (-lines["benefit"][-1] - 1.6, "stop: harm below", "t1"),
        (-3.2, "grey: EOLIA's outcomes", "t3"),
        (-4.6, "in random order, 90 %", "t3"),
    ):
        axes.text(end * 1.01, y, text, color=LIGHT[colour], fontsize=11.5, clip_on=False)


def estimators(rows: Sequence[Mapping[str, Any]], *, narrow: bool = False) -> str:
    """What each method says of EOLIA beside what is published: a forest plot of risk ratios, grouped."""
    drawn: list[ForestRow] = []
    for kind, head in KINDS.items():
        drawn.append(ForestRow(head, "head"))
        for row in rows:
            if row["kind"] == kind and row["low"] is not None:
                drawn.append(
                    ForestRow(
                        row["label"],
                        "prediction" if row["rr"] is None else "study",
                        ("" if row["truth"] is None else f"{row['truth']:.2f}",),
                        row["rr"] if row["rr"] is not None else (row["low"] * row["high"]) ** 0.5,
                        row["low"],
                        row["high"],
                    )
                )
    scale = ForestScale("ratio", "Risk ratio of death", "fewer deaths with ECMO", "more deaths with ECMO")
    numbers = "; ".join(f"{row['label']} {row['rr']:.2f}" for row in rows if row["rr"] is not None)
    return forest(drawn, scale, ("truth of model",), f"Risk ratios of death in EOLIA by method: {numbers}.", narrow=narrow)


def replicates(lines: Sequence[Mapping[str, Any]], *, narrow: bool = False) -> str:
    """Geometric mean risk ratio of each method under each mechanism, with the interval that chance leaves, beside the truth."""
    drawn: list[ForestRow] = []
    for mechanism in dict.fromkeys(line["mechanism"] for line in lines):
        mine = [line for line in lines if line["mechanism"] == mechanism]
        drawn.append(ForestRow(mechanism, "head"))
        for line in mine:
            reach = np.exp(1.96 * line["bias_error"])
            drawn.append(ForestRow(line["method"], "study", (f"{line['truth']:.2f}",), line["mean"], line["mean"] / reach, line["mean"] * reach))
    scale = ForestScale("ratio", "Mean risk ratio", "fewer deaths with ECMO", "more deaths with ECMO")
    return forest(drawn, scale, ("truth",), "Mean risk ratio of each method under each mechanism of crossover, beside the truth.", narrow=narrow)


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
