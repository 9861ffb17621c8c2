"""Prior, likelihood and posterior of a risk ratio as three curves; and a map of how the answer hangs on the prior."""

from math import exp, log

import numpy as np

from perfuse.evidence.trials.bayes import Posterior
from perfuse.evidence.trials.likelihood import conditional
from perfuse.evidence.trials.prior_sensitivity import sensitivity
from perfuse.evidence.trials.two_arms import Counts, effect
from perfuse.views.colours import LIGHT
from perfuse.views.drawing import paper, settings, svg
from perfuse.views.lines_svg import ratio_ticks

RAMP = ("#f3f7fa", "#dbe8f1", "#c2d8e8", "#a8c7de", "#8fb6d4", "#76a4c9")
INK = "#182028"
"""Colours of the map are the same on light and dark pages: its labels stand on them."""
LEVELS = (0.5, 0.8, 0.9, 0.95, 0.975, 0.99)


def three_curves(found: Posterior, key: str = "posterior", *, ratio: float = 1.0, narrow: bool = False) -> str:
    """Prior (dotted), likelihood (dashed) and posterior (whole, shaded where RR < `ratio`), each with the same area where it is finite."""
    from matplotlib import rc_context

    low, high = _shown(found)
    x = np.linspace(low, high, 601)
    prior = np.exp(-0.5 * ((x - found.prior.mean) / found.prior.sd) ** 2) / (found.prior.sd * np.sqrt(2.0 * np.pi))
    like = np.exp(conditional(found.counts, x).log_like)
    like /= np.trapezoid(like, x)
    after = np.interp(x, found.log_rr, found.density, left=0.0, right=0.0)
    share = found.below_ratio(ratio)
    with rc_context(settings()):  # type: ignore[arg-type]
        width, height = (360.0, 300.0) if narrow else (600.0, 340.0)
        figure = paper(width, height)
        axes = figure.add_axes((14 / width, 48 / height, (width - 28) / width, (height - 104) / height))
        axes.fill_between(x, after, where=list(x <= log(ratio)), color=LIGHT["panel"], linewidth=0)
        axes.axvline(0.0, color=LIGHT["edge"], linewidth=0.8)
        for values, style, weight, name in (
            (prior, (0, (1, 1.6)), 1.6, "prior"),
            (like, (0, (5, 2)), 1.6, "likelihood"),
            (after, "-", 2.2, "posterior"),
        ):
            axes.plot(x, values, color=LIGHT["t1"] if name == "posterior" else LIGHT["t2"], linestyle=style, linewidth=weight, label=name)
        axes.set_ylim(0.0, 1.08 * float(max(after.max(), like.max())))
        axes.set_xlim(low, high)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        ticks = ratio_ticks(exp(low), exp(high))
        axes.set_xticks([log(tick) for tick in ticks], [f"{tick:g}" for tick in ticks])
        axes.set_xlabel("risk ratio")
        axes.legend(
            loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=3, frameon=False, fontsize=11.5, handlelength=2.4, borderaxespad=0.2
        )
        title = f"P(RR < {ratio:g}) = {100.0 * share:.1f} %"
        axes.set_title(title, loc="left", fontsize=12.5, fontweight="bold", color=LIGHT["t1"], pad=32)
        words = f"median {found.quantile(0.5):.2f}, 95 % credible interval {found.quantile(0.025):.2f} to {found.quantile(0.975):.2f}"
        return svg(figure, key, f"Prior, likelihood and posterior of the risk ratio; {words}; {title}.")


def _shown(found: Posterior) -> tuple[float, float]:
    """Where posterior and likelihood are, with room for what of the prior is near; never wider than a factor of 50 either way."""
    low, high = log(found.quantile(0.0005)), log(found.quantile(0.9995))
    if not found.counts.uninformative:
        crude = effect(found.counts, "rr")
        reach = min(3.0 * crude.se, 1.2 * (high - low))
        low, high = min(low, crude.y - reach), max(high, crude.y + reach)
    spread = min(3.2 * found.prior.sd, 0.8 * (high - low))
    low, high = min(low, found.prior.mean - spread), max(high, found.prior.mean + spread)
    return max(low, -log(50.0)), min(high, log(50.0))


def prior_map(
    table: Counts, key: str = "priors", *, ratio: float = 1.0, marked: dict[str, tuple[float, float]] | None = None, narrow: bool = False
) -> str:
    """P(RR < `ratio`) for prior centres of RR 0.5 to 1.5 and SDs of the log ratio 0.05 to 1.

    marked: {name: (mean, SD)}, shown as points.
    """
    from matplotlib import rc_context
    from matplotlib.colors import LinearSegmentedColormap

    means, sds = np.linspace(log(0.5), log(1.5), 41), np.geomspace(0.05, 1.0, 31)
    field = sensitivity(table, means, sds, ratio)
    with rc_context(settings()):  # type: ignore[arg-type]
        width, height = (360.0, 330.0) if narrow else (560.0, 380.0)
        figure = paper(width, height)
        axes = figure.add_axes((54 / width, 52 / height, (width - 70) / width, (height - 96) / height))
        shades = LinearSegmentedColormap.from_list("depth", list(RAMP))
        bands = (-1e-9, 0.25, *LEVELS, 1.0 + 1e-9)
        colours = [shades(i / (len(bands) - 2)) for i in range(len(bands) - 1)]
        axes.contourf(means, sds, field, levels=bands, colors=colours)
        lines = axes.contour(means, sds, field, levels=LEVELS, colors=INK, linewidths=1.0, linestyles="solid")
        for text in axes.clabel(lines, fmt=lambda v: f"{100.0 * v:g} %", fontsize=11, colors=INK):
            text.set_fontweight("bold")
        for name, (mean, sd) in (marked or {}).items():
            if means[0] <= mean <= means[-1] and sds[0] <= sd <= sds[-1]:
                axes.plot([mean], [sd], marker="o", markersize=7, color=INK, markeredgecolor="#fdfefe", zorder=4)
                frame = {"facecolor": RAMP[0], "edgecolor": "none", "pad": 1.5}
                axes.annotate(
                    name, (mean, sd), xytext=(0, 9), textcoords="offset points", ha="center", fontsize=11, color=INK, bbox=frame, zorder=4
                )
        axes.set_yscale("log")
        axes.set_yticks([0.05, 0.1, 0.2, 0.5, 1.0], ["0.05", "0.1", "0.2", "0.5", "1"])
        axes.minorticks_off()
        ticks = [0.5, 0.6, 0.8, 1.0, 1.2, 1.5]
        axes.set_xticks([log(tick) for tick in ticks], [f"{tick:g}" for tick in ticks])
        axes.set_xlabel("risk ratio at the prior's centre")
        axes.set_ylabel("SD of the log ratio")
        axes.set_title(f"P(RR < {ratio:g}) after the data", loc="left", fontsize=12.5, fontweight="bold", color=LIGHT["t1"], pad=10)
        ends = f"{100.0 * field.min():.0f} to {100.0 * field.max():.0f} %"
        return svg(figure, key, f"Map of the posterior probability of a risk ratio below {ratio:g} over priors: {ends}.")
