"""A funnel plot with contours of significance: effects against their standard errors, and where a study would have P = 0.1, 0.05, 0.01."""

from math import ceil, exp, log, log10

import numpy as np

from perfuse.evidence.trials.meta import Meta
from perfuse.evidence.trials.small_studies import warning
from perfuse.evidence.trials.two_arms import MEASURES, z_of
from perfuse.views.colours import LIGHT
from perfuse.views.drawing import paper, settings, svg
from perfuse.views.lines_svg import ratio_ticks

CONTOURS = ((0.90, (0, (1, 1.6))), (0.95, (0, (5, 2))), (0.99, "-"))
"""Levels and line styles: P = 0.1 dotted, 0.05 dashed, 0.01 whole."""


def funnel(meta: Meta, key: str = "funnel", *, narrow: bool = False) -> str:
    """The funnel of a meta-analysis as SVG: y upside down, lines of P = 0.1, 0.05 and 0.01 around no effect, the fixed effect upright.

    Below ten studies the picture says that its asymmetry is not to be trusted.
    """
    from matplotlib import rc_context
    from matplotlib.ticker import MaxNLocator

    errors = np.sqrt(meta.v)
    deepest = 1.12 * float(np.max(errors))
    with rc_context(settings()):  # type: ignore[arg-type]
        width, height = (360.0, 320.0) if narrow else (560.0, 380.0)
        figure = paper(width, height)
        axes = figure.add_axes((64 / width, 48 / height, (width - 80) / width, (height - 84) / height))
        for level, style in CONTOURS:
            reach = z_of(level) * deepest
            for side in (-1.0, 1.0):
                axes.plot([0.0, side * reach], [0.0, deepest], color=LIGHT["edge"], linewidth=1.0, linestyle=style)
        axes.axvline(meta.pooled["FE"].y, color=LIGHT["t1"], linewidth=1.2)
        axes.axvline(0.0, color=LIGHT["edge"], linewidth=0.8)
        axes.plot(meta.y, errors, marker="o", markersize=7, linestyle="none", color=LIGHT["t1"], zorder=3)
        limit = max(z_of(0.99) * deepest, float(np.max(np.abs(meta.y)))) * 1.06
        axes.set_xlim(-limit, limit)
        axes.set_ylim(deepest, 0.0)
        axes.yaxis.set_major_locator(MaxNLocator(5))
        step = axes.get_yticks()[1] - axes.get_yticks()[0]
        axes.yaxis.set_major_formatter(f"{{x:.{max(0, ceil(-log10(step)))}f}}")
        axes.set_ylabel("standard error")
        axes.set_xlabel(MEASURES[meta.measure])
        if meta.measure != "rd":
            ticks = ratio_ticks(exp(-limit), exp(limit))
            axes.set_xticks([log(tick) for tick in ticks], [f"{tick:g}" for tick in ticks])
        title = "dotted, dashed, whole: P 0.1, 0.05, 0.01"
        axes.set_title(title, loc="left", fontsize=11.5 if narrow else 12, color=LIGHT["t2"], pad=9)
        said = warning(meta.k) or "Points that lack on one side may be studies that were not published."
        return svg(figure, key, f"Funnel plot of {meta.k} studies, {MEASURES[meta.measure]} against standard error. {said}")
