"""The figures of findings, each drawn from the curves that a finding carries; every function gives inline SVG."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from perfuse.views.colours import LIGHT
from perfuse.views.drawing import STYLES, calm, paper, settings, svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDE, NARROW = 720.0, 360.0
Columns = Mapping[str, Any]
Drawing = Callable[[Mapping[str, Columns], str, float], str]
"""Curves of a finding, key, width in pixels; inline SVG."""


class _Sheet:
    """An empty drawing: axes, and what makes it SVG at the end."""

    def __init__(self, axes: "Axes", finish: Callable[[str], str]) -> None:
        self.axes, self.finish, self.svg = axes, finish, ""

    def done(self, description: str) -> None:
        self.svg = self.finish(description)


@contextmanager
def _sheet(
    key: str, width: float, height: float, title: str, along: str, up: str = "", left: float = 52.0, right: float = 14.0
) -> Iterator[_Sheet]:
    from matplotlib import rc_context

    with rc_context(settings()):  # type: ignore[arg-type]
        figure = paper(width, height)
        axes = figure.add_axes((left / width, 48 / height, (width - left - right) / width, (height - 84) / height))
        axes.set_xlabel(along)
        head = f"{title}\n" if up else title
        axes.set_title(head, loc="left", fontsize=12.5, fontweight="bold", color=LIGHT["t1"], pad=8)
        if up:
            axes.annotate(up, (0, 1), xycoords="axes fraction", xytext=(0, 7), textcoords="offset points", fontsize=11, color=LIGHT["t2"])
        yield _Sheet(axes, lambda description: svg(figure, key, description))


def _legend(axes: "Axes", **more: Any) -> None:
    axes.legend(frameon=False, fontsize=11, handlelength=2.2, labelcolor=LIGHT["t1"], **more)


def love(curves: Mapping[str, Columns], key: str, width: float) -> str:
    """Standardised mean differences before (hollow) and after (filled); the band is below 0.1."""
    c = curves["balance"]
    names, before, after = list(c["covariate"]), np.array(c["before"]), np.array(c["after"])
    order = np.argsort(np.abs(before))
    left = 18 + 6.4 * min(26, max(map(len, names)))
    with _sheet(key, width, 96 + 24 * len(names), "Balance of covariates", "standardised mean difference", " ", left=left) as sheet:
        at = np.arange(len(names))
        axes = sheet.axes
        axes.axvspan(-0.1, 0.1, color=LIGHT["panel"], linewidth=0, zorder=0)
        axes.axvline(0.0, color=LIGHT["edge"], linewidth=0.8, zorder=1)
        for i, j in enumerate(order):
            axes.plot([before[j], after[j]], [i, i], color=LIGHT["rule"], linewidth=1.2, zorder=1)
        axes.plot(
            before[order],
            at,
            "o",
            markersize=7,
            markerfacecolor=LIGHT["paper"],
            markeredgecolor=LIGHT["art"],
            markeredgewidth=1.6,
            label="before",
        )
        axes.plot(after[order], at, "o", markersize=7, color=LIGHT["cvp"], label="after")
        axes.set_yticks(at, [names[j].replace("_", " ")[:26] for j in order])
        axes.set_ylim(-0.7, len(names) - 0.3)
        _legend(axes, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, borderaxespad=0.1)
        sheet.done(f"Largest standardised difference {np.abs(before).max():.2f} before and {np.abs(after).max():.2f} after.")
    return sheet.svg


def propensity(curves: Mapping[str, Columns], key: str, width: float) -> str:
    """Treated upwards, untreated downwards, by propensity score; outline: after matching or weighting."""
    c, after = curves["propensity"], curves.get("propensity after")
    with _sheet(key, width, 270, "Who overlaps with whom", "propensity score", "share of the arm: treated up, untreated down") as sheet:
        axes, step = sheet.axes, 1.0 / len(c["score"])
        x = np.array(c["score"])
        axes.bar(x, c["treated"], step * 0.92, color=LIGHT["art"], alpha=0.55, linewidth=0, label="treated")
        axes.bar(x, -np.array(c["untreated"]), step * 0.92, color=LIGHT["cvp"], alpha=0.55, linewidth=0, label="untreated")
        if after is not None:
            edges = np.r_[x - step / 2, x[-1] + step / 2]
            axes.stairs(after["treated"], edges, color=LIGHT["t1"], linewidth=1.3, label="after")
            axes.stairs(-np.array(after["untreated"]), edges, color=LIGHT["t1"], linewidth=1.3, linestyle=STYLES[1])
        axes.axhline(0, color=LIGHT["edge"], linewidth=0.8)
        axes.yaxis.set_major_formatter(lambda value, _: f"{abs(100 * value):.0f} %")
        axes.set_xlim(0, 1)
        _legend(axes, loc="lower right")
        sheet.done("Propensity scores of both arms, before and after.")
    return sheet.svg


def spread_of_weights(curves: Mapping[str, Columns], key: str, width: float) -> str:
    """Weights over the mean of their arm, by percentile."""
    c = curves["weights"]
    with _sheet(key, width, 230, "Weights", "percentile of the arm", "over the mean of the arm") as sheet:
        axes, at = sheet.axes, np.arange(len(c["percentile"]))
        for i, (arm, tone) in enumerate((("treated", "art"), ("untreated", "cvp"))):
            axes.plot(at, c[arm], color=LIGHT[tone], linestyle=STYLES[i], marker="o", markersize=4.5, linewidth=1.5, label=arm)
        axes.set_xticks(at, [f"{p}" for p in c["percentile"]])
        calm(axes)
        _legend(axes, loc="upper left")
        sheet.done(f"Largest weight {max(max(c['treated']), max(c['untreated'])):.1f} times the mean of its arm.")
    return sheet.svg


def deaths(curves: Mapping[str, Columns], key: str, width: float) -> str:
    """Cumulative incidence of death by strategy of an emulated trial, and the naive groups beside them."""
    c = curves["death"]
    looks = {
        "ECMO": ("ECMO in time", "art", 0, 2.0), "none": ("no ECMO", "cvp", 1, 2.0), "ever": ("naive: ever treated", "ghost", 2, 1.3),
        "never": ("naive: never treated", "ghost", 3, 1.3),
    }  # fmt: skip
    with _sheet(key, width, 320, "Death in hospital", "days since the criteria were met", "%") as sheet:
        for name, (word, tone, style, thick) in looks.items():
            sheet.axes.plot(c["day"], 100 * np.array(c[name]), color=LIGHT[tone], linestyle=STYLES[style], linewidth=thick, label=word)
        calm(sheet.axes)
        sheet.axes.set_ylim(0, None)
        sheet.axes.set_xlim(0, max(c["day"]))
        _legend(sheet.axes, loc="lower right")
        sheet.done("; ".join(f"{word} {100 * c[name][-1]:.1f} %" for name, (word, *_) in looks.items()))
    return sheet.svg


def volume(curves: Mapping[str, Columns], key: str, width: float) -> str:
    """Odds ratio over annual volume: spline with its band, straight line, truth where it is known."""
    c = curves["volume"]
    x = np.array(c["annual_volume"])
    with _sheet(
        key, width, 320, "Odds of death and annual volume", "runs of the centre a year", "odds ratio against the median volume"
    ) as sheet:
        axes = sheet.axes
        axes.fill_between(x, c["low"], c["high"], color=LIGHT["cvp"], alpha=0.16, linewidth=0, label="95 %")
        axes.plot(x, c["odds_ratio"], color=LIGHT["cvp"], linewidth=2, label="spline")
        axes.plot(x, c["straight"], color=LIGHT["t2"], linewidth=1.4, linestyle=STYLES[1], label="straight line")
        if any(one is not None for one in c.get("truth", ())):
            axes.plot(x, np.array(c["truth"], dtype=float), color=LIGHT["art"], linewidth=1.6, linestyle=STYLES[2], label="truth")
        axes.axhline(1, color=LIGHT["edge"], linewidth=0.8, zorder=1)
        _logs(axes, x, "x", (1, 2, 3, 6, 10, 15, 30, 60, 100, 200, 400, 800))
        _logs(axes, np.r_[c["low"], c["high"]], "y", (0.2, 0.25, 0.33, 0.5, 0.7, 1, 1.5, 2, 3, 4, 5))
        _legend(axes, loc="upper right", ncols=2)
        sheet.done(f"Odds ratio from {c['odds_ratio'][0]:.2f} at {x[0]:.0f} to {c['odds_ratio'][-1]:.2f} at {x[-1]:.0f} runs a year.")
    return sheet.svg


def caterpillar(curves: Mapping[str, Columns], key: str, width: float) -> str:
    """Shrunken effects of centres in order, with their intervals."""
    c = curves["centres"]
    value, low, high = (np.array(c[name]) for name in ("odds_ratio", "low", "high"))
    order = np.argsort(value)
    with _sheet(key, width, 260, "Centres, shrunken", "centres in order", "odds ratio against the average centre") as sheet:
        axes, at = sheet.axes, np.arange(value.size)
        apart = (low[order] > 1) | (high[order] < 1)
        axes.vlines(at, low[order], high[order], color=LIGHT["rule"], linewidth=1.2)
        axes.vlines(at[apart], low[order][apart], high[order][apart], color=LIGHT["cvp"], linewidth=1.4)
        axes.plot(at, value[order], ".", color=LIGHT["t1"], markersize=3.5)
        axes.axhline(1, color=LIGHT["edge"], linewidth=0.8)
        axes.set_xticks([])
        _logs(axes, np.r_[low, high], "y", (0.1, 0.2, 0.33, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10))
        sheet.done(f"{int(apart.sum())} of {value.size} centres have intervals that leave 1.")
    return sheet.svg


def funnel(curves: Mapping[str, Columns], key: str, width: float) -> str:
    """Observed over expected deaths of centres between limits; outside 99.8 % filled, and named where they are few."""
    c, limits = curves["centres"], curves["limits"]
    x, y = np.array(c["expected"]), np.array(c["smr"])
    side = np.array(c["inside_998"])
    with _sheet(key, width, 350, "Funnel of centres", "expected deaths", "observed over expected deaths") as sheet:
        axes = sheet.axes
        for level, style, word in (("95", 1, "95 %"), ("998", 0, "99.8 %")):
            for end in ("low", "high"):
                axes.plot(limits["expected"], limits[f"{end}_{level}"], color=LIGHT["t2"], linewidth=1.1, linestyle=STYLES[style],
                          label=word if end == "low" else None)  # fmt: skip
        for end in ("low", "high"):
            axes.plot(limits["expected"], limits[f"{end}_998_wide"], color=LIGHT["ghost"], linewidth=1.1, linestyle=STYLES[2],
                      label="99.8 %, overdispersed" if end == "low" else None)  # fmt: skip
        axes.axhline(1, color=LIGHT["edge"], linewidth=0.8)
        inside = side == "inside"
        axes.plot(
            x[inside], y[inside], "o", markersize=4.5, markerfacecolor=LIGHT["paper"], markeredgecolor=LIGHT["t1"], markeredgewidth=1.0
        )
        axes.plot(x[~inside], y[~inside], "o", markersize=5.5, color=LIGHT["art"])
        if 0 < (~inside).sum() <= 8:
            for i in np.flatnonzero(~inside):
                axes.annotate(str(c["centre"][i]), (x[i], y[i]), xytext=(5, 3), textcoords="offset points", fontsize=10, color=LIGHT["art"])
        axes.set_xscale("log")
        _plain_logs(axes)
        axes.set_ylim(0, min(max(2.2, 1.1 * y.max()), 3.5))
        calm(axes)
        _legend(axes, loc="upper right")
        sheet.done(f"{int((~inside).sum())} of {inside.size} centres lie outside the limits of 99.8 %.")
    return sheet.svg


def cusum(curves: Mapping[str, Columns], key: str, width: float) -> str:
    """Both sides of a risk-adjusted CUSUM with their limits."""
    c, limits = curves["cusum"], curves["limits"]
    with _sheet(key, width, 290, "Risk-adjusted CUSUM", "runs of the centre, in order", "log likelihood: worse up, better down") as sheet:
        axes = sheet.axes
        axes.plot(c["run"], c["worse"], color=LIGHT["art"], linewidth=1.4)
        axes.plot(c["run"], c["better"], color=LIGHT["cvp"], linewidth=1.4, linestyle=STYLES[4])
        for name, tone in (("worse", "art"), ("better", "cvp")):
            axes.axhline(limits[name][0], color=LIGHT[tone], linewidth=1.0, linestyle=STYLES[1])
            axes.annotate("limit", (0.995, limits[name][0]), xycoords=axes.get_yaxis_transform(), ha="right", xytext=(0, 3),
                          textcoords="offset points", fontsize=10.5, color=LIGHT["t2"])  # fmt: skip
        axes.axhline(0, color=LIGHT["edge"], linewidth=0.8)
        calm(axes)
        sheet.done(
            f"Highest {max(c['worse']):.1f} of {limits['worse'][0]:.1f}, lowest {min(c['better']):.1f} of {limits['better'][0]:.1f}."
        )
    return sheet.svg


def vlad(curves: Mapping[str, Columns], key: str, width: float) -> str:
    """Expected less observed deaths, run by run, and the band of chance at each run."""
    c = curves["vlad"]
    with _sheet(
        key, width, 270, "Variable life-adjusted display", "runs of the centre, in order", "expected less observed deaths"
    ) as sheet:
        axes = sheet.axes
        axes.fill_between(c["run"], c["low"], c["high"], color=LIGHT["panel"], linewidth=0)
        axes.axhline(0, color=LIGHT["edge"], linewidth=0.8)
        axes.plot(c["run"], c["vlad"], color=LIGHT["t1"], linewidth=1.5)
        calm(axes)
        sheet.done(f"Ends at {c['vlad'][-1]:+.1f} deaths.")
    return sheet.svg


def calibration(curves: Mapping[str, Columns], key: str, width: float) -> str:
    """Observed against predicted: groups with intervals, a smooth curve with its band, and where predictions lie."""
    groups, smooth, shares = curves["groups"], curves.get("calibration"), curves.get("predictions")
    with _sheet(key, width, min(width, 420.0), "Calibration", "predicted chance", "observed share") as sheet:
        axes = sheet.axes
        axes.plot([0, 1], [0, 1], color=LIGHT["edge"], linewidth=1.0, linestyle=STYLES[1], label="right")
        if smooth is not None:
            axes.fill_between(smooth["predicted"], smooth["low"], smooth["high"], color=LIGHT["cvp"], alpha=0.16, linewidth=0)
            axes.plot(smooth["predicted"], smooth["observed"], color=LIGHT["cvp"], linewidth=1.8, label="smooth curve")
        x, y = np.array(groups["predicted"]), np.array(groups["observed"])
        axes.vlines(x, groups["low"], groups["high"], color=LIGHT["t1"], linewidth=1.2)
        axes.plot(x, y, "o", markersize=5.5, color=LIGHT["t1"], label="groups")
        if shares is not None:
            top = max(shares["share"]) or 1.0
            axes.bar(shares["middle"], 0.12 * np.array(shares["share"]) / top, 0.02, color=LIGHT["ghost"], alpha=0.5, linewidth=0)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        calm(axes)
        _legend(axes, loc="upper left")
        sheet.done(
            f"Observed {100 * y[0]:.0f} % in the lowest group (predicted {100 * x[0]:.0f} %), "
            f"{100 * y[-1]:.0f} % in the highest ({100 * x[-1]:.0f} %)."
        )
    return sheet.svg


def net_benefit(curves: Mapping[str, Columns], key: str, width: float) -> str:
    """Decision curve."""
    c = curves["net_benefit"]
    looks = (
        ("model", "as predicted", "art", 0),
        ("recalibrated", "recalibrated", "cvp", 1),
        ("everybody", "everybody", "t2", 2),
        ("nobody", "nobody", "ghost", 3),
    )
    with _sheet(key, width, 280, "Net benefit", "threshold of predicted chance", "true positives a head, less weighed false ones") as sheet:
        for name, word, tone, style in looks:
            sheet.axes.plot(c["threshold"], c[name], color=LIGHT[tone], linestyle=STYLES[style], linewidth=1.6, label=word)
        sheet.axes.set_ylim(-0.05, 1.1 * max(0.05, max(c["model"] + c["everybody"])))
        calm(sheet.axes)
        _legend(sheet.axes, loc="upper right")
        sheet.done("Net benefit over thresholds.")
    return sheet.svg


def strengths(curves: Mapping[str, Columns], key: str, width: float) -> str:
    """Pairs of risk ratios of a confounder that would just explain an effect away."""
    c = curves["strengths"]
    with _sheet(
        key, width, 300, "What would explain it away", "risk ratio of the confounder with treatment", "its risk ratio with the outcome"
    ) as sheet:
        axes = sheet.axes
        x, y = np.array(c["with_treatment"]), np.array(c["with_outcome"])
        axes.fill_between(x, y, y.max(), color=LIGHT["panel"], linewidth=0)
        axes.plot(x, y, color=LIGHT["art"], linewidth=1.8)
        i = int(np.argmin(np.abs(x - y)))
        axes.plot([x[i]], [y[i]], "o", color=LIGHT["t1"], markersize=6)
        axes.annotate("E-value", (x[i], y[i]), xytext=(7, 5), textcoords="offset points", fontsize=11)
        calm(axes)
        sheet.done(f"Both {x[i]:.2f} would just suffice.")
    return sheet.svg


def shares_over_time(curves: Mapping[str, Columns], key: str, width: float) -> str:
    """Curves of shares over time with their bands (survival, cumulative incidence)."""
    tones = ("art", "cvp", "nirs", "ecg", "pap", "svo2")
    with _sheet(key, width, 320, "Over time", "days", "%") as sheet:
        axes = sheet.axes
        shown = [(name, c) for name, c in curves.items() if {"time", "share"} <= set(c)]
        for i, (name, c) in enumerate(shown):
            x = np.array(c["time"])
            if "low" in c:
                low, high = (100 * np.array(c[end], dtype=float) for end in ("low", "high"))
                axes.fill_between(x, low, high, step="post", color=LIGHT[tones[i % 6]], alpha=0.14, linewidth=0)
            axes.step(
                x,
                100 * np.array(c["share"]),
                where="post",
                color=LIGHT[tones[i % 6]],
                linestyle=STYLES[i % 5],
                linewidth=1.7,
                label=name.replace("_", " "),
            )
        ends = [float(np.quantile(c["time"], 0.99)) for _, c in shown]
        axes.set_xlim(0, max(ends))
        axes.set_ylim(0, 100)
        calm(axes)
        _legend(axes, loc="best")
        sheet.done("; ".join(f"{name} {100 * c['share'][-1]:.1f} %" for name, c in shown))
    return sheet.svg


def _logs(axes: "Axes", values: Any, way: str, ticks: Sequence[float]) -> None:
    """A logarithmic axis with plain numbers at the ticks that lie in the range."""
    side = axes.xaxis if way == "x" else axes.yaxis
    getattr(axes, f"set_{way}scale")("log")
    low, high = float(np.min(values)), float(np.max(values))
    side.set_minor_locator(_none())
    inside = [tick for tick in ticks if low * 0.98 <= tick <= high * 1.02] or [round(low, 2), round(high, 2)]
    side.set_ticks(inside, [f"{tick:g}" for tick in inside])


def _plain_logs(axes: "Axes") -> None:
    from matplotlib.ticker import LogLocator

    axes.xaxis.set_major_locator(LogLocator(10, (1, 2, 5), numticks=12))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.xaxis.set_minor_locator(_none())


def _none() -> Any:
    from matplotlib.ticker import NullLocator

    return NullLocator()


FIGURES: Mapping[str, Sequence[tuple[str, Drawing, str]]] = {
    "matching": (("balance", love, "Hollow: before; filled: after. The band is the usual tolerance of 0.1."),
                 ("propensity", propensity, "Bars: all patients; lines: matched.")),
    "weights": (("balance", love, "Hollow: before; filled: after. The band is the usual tolerance of 0.1."),
                ("propensity", propensity, "Bars: as they are; lines: weighted."), ("weights", spread_of_weights, "")),
    "overlap": (("balance", love, "After weighting the means are equal to the last digit: overlap weights do that."),
                ("propensity", propensity, "Bars: as they are; lines: weighted."), ("weights", spread_of_weights, "")),
    "e-value": (("strengths", strengths, "Any pair on or above the line could explain the estimate away."),),
    "emulation": (("death", deaths, "Thick: the two strategies, weighted. Thin: the naive groups: other people at other times."),),
    "volume": (("volume", volume, ""), ("centres", caterpillar, "Each line is a centre; those in colour lie apart from the average.")),
    "funnel": (("limits", funnel, "Filled: outside the exact limits of 99.8 % of its own patients."),),
    "cusum": (("cusum", cusum, ""),),
    "vlad": (("vlad", vlad, "The band holds 95 % of ordinary centres at a single run."),),
    "calibration": (("groups", calibration, "Bars at the foot: where predictions lie."), ("net_benefit", net_benefit, "")),
}  # fmt: skip
"""For each finding: the curves that a drawing needs, the drawing, and what stands under it."""


def drawings(name: str, curves: Mapping[str, Columns]) -> list[tuple[Drawing, str]]:
    """The drawings of a finding and their captions; curves of shares over time are drawn for any finding that has them."""
    found = [(drawing, caption) for needs, drawing, caption in FIGURES.get(name, ()) if needs in curves]
    if not found and any({"time", "share"} <= set(c) for c in curves.values()):
        found = [(shares_over_time, "")]
    return found
