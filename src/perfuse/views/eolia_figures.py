"""Figures of the laboratory of EOLIA as SVG: the triangles with the trial's point, estimators side by side, methods against the truth."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from perfuse.evidence.finding import Finding
from perfuse.views.colours import LIGHT
from perfuse.views.drawing import STYLES, calm, paper, settings, svg
from perfuse.views.eolia_shown import method_words
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
            ends = line["mean"] / reach, line["mean"] * reach
            drawn.append(ForestRow(method_words(line["method"]), "study", (f"{line['truth']:.2f}",), line["mean"], *ends))
    scale = ForestScale("ratio", "Mean risk ratio", "fewer deaths with ECMO", "more deaths with ECMO")
    description = "Mean risk ratio of each method under each mechanism of crossover, beside the truth."
    return forest(drawn, scale, ("truth",), description, narrow=narrow)
