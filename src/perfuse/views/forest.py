"""Forest plots: one row a study, its square as large as its weight, diamonds for pooled effects, a bar where a new study would lie."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

from perfuse.evidence.trials.meta import Meta, each, subgroups
from perfuse.evidence.trials.pooling import pool, prediction
from perfuse.evidence.trials.proportions import logits
from perfuse.evidence.trials.proportions import summary as proportions
from perfuse.evidence.trials.studies import OneArm
from perfuse.evidence.trials.two_arms import MEASURES
from perfuse.evidence.wilson import wilson
from perfuse.views.lines_svg import drawing, line, plain_ticks, ratio_ticks, shape, square, words

ROW = 24.0
WIDE, NARROW = 920.0, 380.0
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class ForestRow:
    """One row of a forest plot.

    kind      "study", "pooled", "prediction", "head" (words only)
    columns   words of each arm ("44/124") and of the weight, none for pooled rows
    estimate, low, high   on the scale that is drawn; None for a head
    weight    per cent, for the size of the square
    """

    label: str
    kind: str
    columns: tuple[str, ...] = ()
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    weight: float | None = None


@dataclass(frozen=True)
class ForestScale:
    """What is drawn: "ratio" (logarithmic), "difference" or "proportion" (both given 0-1, shown in per cent); words below the axis."""

    kind: str
    title: str
    left: str = ""
    right: str = ""

    @property
    def none(self) -> float | None:
        """Where there is no effect."""
        return {"ratio": 1.0, "difference": 0.0}.get(self.kind)


def forest(rows: Sequence[ForestRow], scale: ForestScale, heads: Sequence[str], description: str, *, narrow: bool = False) -> str:
    """A forest plot as SVG. `heads` name the columns of the arms. `narrow`: for a phone, words above each bar instead of beside it."""
    low, high = _limits(rows, scale)
    width = NARROW if narrow else WIDE
    left, right = (20.0, width - 20.0) if narrow else (220.0 + 82.0 * len(heads), width - 170.0)
    turn: Callable[[float], float] = log if scale.kind == "ratio" else float

    def at(value: float) -> float:
        share = (turn(value) - turn(low)) / (turn(high) - turn(low))
        return left + min(max(share, 0.0), 1.0) * (right - left)

    step = 40.0 if narrow else ROW
    top = 16.0 if narrow else 46.0
    parts = [] if narrow else _heads(heads, scale, width)
    bottom = top + step * len(rows)
    if scale.none is not None and not narrow:
        parts.append(line(at(scale.none), top - 8, at(scale.none), bottom + 2, colour="edge"))
    for i, row in enumerate(rows):
        y = top + step * i
        parts += _narrow_row(row, y, scale, width) if narrow else _wide_row(row, y, scale, width)
        if scale.none is not None and narrow and row.kind != "head":
            parts.append(line(at(scale.none), y + 19, at(scale.none), y + 39, colour="edge"))
        if row.estimate is not None and row.low is not None and row.high is not None:
            parts += _bar(row, at, y + (28.0 if narrow else 12.0), (low, high))
    parts += _axis(scale, at, (low, high), (left, right), bottom + 4)
    return drawing(width, bottom + (62.0 if scale.left else 44.0), description, parts)


def _limits(rows: Sequence[ForestRow], scale: ForestScale) -> tuple[float, float]:
    """The part of the axis that is drawn; very long intervals get an arrow instead of squeezing all others."""
    if scale.kind == "proportion":
        return 0.0, 1.0
    ends = [(row.low, row.high) for row in rows if row.low is not None and row.high is not None and row.kind != "prediction"]
    middles = [row.estimate for row in rows if row.estimate is not None]
    lows, highs = sorted(end[0] for end in ends), sorted(end[1] for end in ends)
    low, high = min(lows[0], min(middles)), max(highs[-1], max(middles))
    if scale.kind == "difference":
        pad = 0.04 * (high - low)
        return min(low - pad, -0.05), max(high + pad, 0.05)
    low, high = max(low, 0.02, exp(log(max(lows[len(lows) // 2], 1e-3)) - 2.0)), min(high, 50.0, exp(log(highs[len(highs) // 2]) + 2.0))
    low, high = min(low, *(m for m in middles if m > 0.005)), max(high, *middles)
    return min(low / 1.08, 0.8), max(high * 1.08, 1.25)


def _heads(heads: Sequence[str], scale: ForestScale, width: float) -> list[str]:
    parts = [words(8, 18, "Study", colour="t2", size=12)]
    parts += [words(220.0 + 82.0 * i + 70.0, 18, head, anchor="end", colour="t2", size=12) for i, head in enumerate(heads)]
    parts.append(words(width - 8, 18, f"{scale.title} (95 %)", anchor="end", colour="t2", size=12))
    return [*parts, line(8, 28, width - 8, 28, colour="edge")]


def _wide_row(row: ForestRow, y: float, scale: ForestScale, width: float) -> list[str]:
    bold = row.kind in ("pooled", "head")
    parts = [words(8, y + 16, _short(row.label, 34 if row.columns else 54), bold=bold)]
    parts += [words(220.0 + 82.0 * i + 70.0, y + 16, text, anchor="end", colour="t2") for i, text in enumerate(row.columns)]
    if row.estimate is not None or row.low is not None:
        parts.append(words(width - 8, y + 16, effect_words(row, scale), anchor="end", bold=row.kind == "pooled"))
    return parts


def _narrow_row(row: ForestRow, y: float, scale: ForestScale, width: float) -> list[str]:
    bold = row.kind in ("pooled", "head")
    arms = f"  {' v '.join(row.columns[:-1])}" if row.columns else ""
    effect = effect_words(row, scale) if row.low is not None else ""
    parts = [words(8, y + 14, f"{_short(row.label, 54 - len(arms) - len(effect))}{arms}", bold=bold)]
    return [*parts, words(width - 8, y + 14, effect, anchor="end", bold=row.kind == "pooled")] if effect else parts


def _bar(row: ForestRow, at: Callable[[float], float], y: float, limits: tuple[float, float]) -> list[str]:
    assert row.low is not None and row.high is not None and row.estimate is not None
    first, last, middle = at(row.low), at(row.high), at(row.estimate)
    if row.kind == "pooled":
        return [shape([(first, y), (middle, y - 7), (last, y), (middle, y + 7)], fill="t1")]
    if row.kind == "prediction":
        return [line(first, y, last, y, colour="t2", width=2.5, dash="5 3"), *_arrows(row, first, last, y, limits)]
    half = 2.5 + 0.62 * sqrt(max(row.weight or 0.0, 0.0))
    return [line(first, y, last, y, width=1.4), *_arrows(row, first, last, y, limits), square(middle, y, half)]


def _arrows(row: ForestRow, first: float, last: float, y: float, limits: tuple[float, float]) -> list[str]:
    assert row.low is not None and row.high is not None
    left = [shape([(first - 4, y), (first + 4, y - 4), (first + 4, y + 4)])] if row.low < limits[0] else []
    return left + ([shape([(last + 4, y), (last - 4, y - 4), (last - 4, y + 4)])] if row.high > limits[1] else [])


def _axis(scale: ForestScale, at: Callable[[float], float], limits: tuple[float, float], sides: tuple[float, float], y: float) -> list[str]:
    parts = [line(sides[0], y, sides[1], y, colour="edge")]
    ticks = ratio_ticks(*limits) if scale.kind == "ratio" else plain_ticks(*limits)
    for tick in ticks:
        label = f"{tick:g}" if scale.kind == "ratio" else f"{100 * tick:.0f} %".replace("-", MINUS)
        parts += [line(at(tick), y, at(tick), y + 5, colour="edge"), words(at(tick), y + 19, label, anchor="middle", colour="t2", size=12)]
    if scale.left and scale.none is not None:
        middle, letter = at(scale.none), 6.4
        beside = middle - sides[0] >= letter * len(scale.left) + 8 and sides[1] - middle >= letter * len(scale.right) + 8
        for text, x, anchor in (
            (scale.left, middle - 8 if beside else sides[0] - 12, "end" if beside else "start"),
            (scale.right, middle + 8 if beside else sides[1] + 12, "start" if beside else "end"),
        ):
            parts.append(words(x, y + 38, text, anchor=anchor, colour="t2", size=12))
    return parts


def effect_words(row: ForestRow, scale: ForestScale) -> str:
    """0.78 (0.57 to 1.06), or in per cent."""
    if row.low is None or row.high is None:
        return ""
    if scale.kind == "ratio":
        span = f"{_ratio(row.low)} to {_ratio(row.high)}"
        return span if row.kind == "prediction" else f"{_ratio(row.estimate or 0.0)} ({span})"
    span = f"{100 * row.low:.1f} to {100 * row.high:.1f}".replace("-", MINUS)
    return f"{span} %" if row.kind == "prediction" else f"{100 * (row.estimate or 0.0):.1f} ({span}) %".replace("-", MINUS)


def _ratio(value: float) -> str:
    return f"{value:.2f}" if value < 100.0 else f"{value:.0f}" if value < 1e4 else "> 9999"


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: max(1, most - 1)]}\N{HORIZONTAL ELLIPSIS}"


def forest_of(meta: Meta, title: str = "", *, narrow: bool = False, arms: tuple[str, str] = ("intervention", "control")) -> str:
    """The forest plot of a meta-analysis: studies (by subgroup where there are any), the pooled effect, and the prediction interval."""
    scale = ForestScale(
        "difference" if meta.measure == "rd" else "ratio",
        MEASURES[meta.measure].capitalize(),
        f"fewer events, {arms[0]}",
        f"more events, {arms[0]}",
    )
    groups = subgroups(meta)
    studies = [(_study_row(row), row["subgroup"]) for row in each(meta)]
    rows: list[ForestRow] = []
    if groups is None:
        rows = [row for row, _ in studies]
    else:
        names = [one["subgroup"] for one in groups["groups"]]
        for name in (*names, *([None] if groups["without_subgroup"] else [])):
            rows.append(ForestRow(str(name) if name is not None else "no subgroup", "head"))
            rows += [row for row, group in studies if group == name]
            found = next((one for one in groups["groups"] if one["subgroup"] == name), None)
            if found is not None and found["estimate"] is not None and found["studies"] > 1:
                rows.append(ForestRow(f"{name}: pooled", "pooled", (), found["estimate"], found["low"], found["high"]))
    estimate, low, high = meta.triple(meta.main)
    rows.append(ForestRow(f"Pooled ({meta.chosen.replace('_', ' ')})", "pooled", (), estimate, low, high))
    ahead = prediction(meta.y, meta.v, meta.random_model, meta.level) if meta.main.tau2 is not None else None
    if ahead is not None:
        rows.append(ForestRow("Prediction interval", "prediction", (), estimate, meta.back(ahead[0]), meta.back(ahead[1])))
    pooled = f"{MEASURES[meta.measure]} {effect_words(rows[-1 if ahead is None else -2], scale)}"
    return forest(
        rows, scale, (*arms, "weight"), f"Forest plot{f' of {title}' if title else ''}: {meta.k} studies, pooled {pooled}.", narrow=narrow
    )


def _study_row(row: dict[str, object]) -> ForestRow:
    def number(name: str) -> float:
        value = row[name]
        assert isinstance(value, int | float)
        return float(value)

    columns = (f"{row['e1']}/{row['n1']}", f"{row['e0']}/{row['n0']}", f"{number('weight'):.1f} %")
    return ForestRow(str(row["study"]), "study", columns, number("estimate"), number("low"), number("high"), number("weight"))


def forest_of_proportions(studies: Sequence[OneArm], title: str = "", *, narrow: bool = False) -> str:
    """The forest plot of proportions: Wilson intervals of the studies, the pooled logit (DL), and the prediction interval."""
    y, v, _ = logits(studies)
    shares = 100.0 * (1.0 / (v + (pool(y, v, "DL").tau2 or 0.0)))
    shares /= shares.sum()
    rows = []
    for study, share in zip(studies, shares, strict=True):
        low, high = wilson(study.events, study.n)
        columns = (f"{study.events}/{study.n}", f"{100.0 * share:.1f} %")
        rows.append(ForestRow(study.name, "study", columns, study.events / study.n, low, high, 100.0 * float(share)))
    found = proportions(studies)
    triple = [found[name] for name in ("pooled", "ci_low", "ci_high")]
    rows.append(ForestRow("Pooled (logit, DL)", "pooled", (), *triple))  # type: ignore[arg-type]
    if found["prediction"]:
        rows.append(ForestRow("Prediction interval", "prediction", (), triple[0], *found["prediction"]))  # type: ignore[arg-type, misc]
    scale = ForestScale("proportion", "Proportion")
    words_of = effect_words(rows[len(studies)], scale)
    return forest(rows, scale, ("events/n", "weight"), f"Forest plot of {title or 'proportions'}: pooled {words_of}.", narrow=narrow)
