"""The validation of a score or a prediction as a finding."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perfuse.evidence.centres import calibration as cal
from perfuse.evidence.centres.discrimination import auc, auc_interval, roc
from perfuse.evidence.finding import Estimate, Finding
from perfuse.evidence.frames import called, complete
from perfuse.parameters.problems import InputError, Problem

Array = NDArray[np.float64]
Z = 1.959963984540054
SOURCE = (
    "Van Calster B et al. J Clin Epidemiol 2016;74:167-76; DeLong ER et al. Biometrics 1988;44:837-45; "
    "Vickers AJ, Elkin EB. Med Decis Making 2006;26:565-74"
)
ASSUMPTIONS = (
    "The rows are a sample of those for whom the prediction is meant, none chosen by it.",
    "The outcome is known for all rows that count and means what the prediction means.",
    "Rows are independent; runs of one centre are not quite.",
)
WAYS = {"intercept": "intercept", "slope": "intercept and slope", "isotonic": "isotonic"}


def validate_prediction(
    frame: pd.DataFrame,
    *,
    predicted: str,
    outcome: str = "died",
    label: str | None = None,
    published: Mapping[str, float] | None = None,
    published_order: Sequence[str] = (),
    name: str = "",
    left_out_before: int = 0,
) -> Finding:
    """Discrimination, calibration, net benefit and recalibration of predicted chances (0 to 1) in one column.

    predicted        column of predicted chances of the outcome, 0 to 1
    label            column of classes; `published` the outcome of each in %, shown beside what is seen here
    left_out_before  rows that could not be scored at all; counted among those left out
    """
    found, left_out = complete(frame, [label] if label else [], "the validation", binary=[outcome], numbers=[predicted])
    y, p = found[outcome].to_numpy(np.float64), found[predicted].to_numpy(np.float64)
    if p.min() < 0.0 or p.max() > 1.0:
        text = "a prediction is not a chance"
        raise InputError([Problem(predicted, text, value=f"{p.min():g} to {p.max():g}", allowed="0 to 1")], "the validation")
    if not 0 < y.sum() < y.size:
        raise InputError([Problem(outcome, "the outcome never varies", value=f"{y.sum():g} of {y.size}")], "the validation")
    area, se = auc(y, p)
    line = cal.calibrated(y, p)
    smooth = cal.curve(y, p)
    edges = int(((p < cal.EDGE) | (p > 1 - cal.EDGE)).sum())
    estimates, ways = _estimates(y, p, area, se, line)
    return Finding(
        name="calibration",
        question=f"How right is {name or predicted.replace('_', ' ')} about {called(outcome)}?",
        n={"rows": int(y.size), "left out (missing values)": left_out + left_out_before, outcome: int(y.sum())},
        estimates=tuple(estimates),
        assumptions=ASSUMPTIONS,
        diagnostics=_diagnostics(y, p, smooth, ways, found[label] if label else None, published or {}, published_order),
        warnings=_warnings(y, line, edges, left_out + left_out_before, len(frame) + left_out_before),
        curves=_curves(y, p, smooth, ways),
        source=SOURCE,
    )


def _estimates(y: Array, p: Array, area: float, se: float, line: cal.Line) -> tuple[list[Estimate], dict[str, Array]]:
    (shift, shift_se), both = line.shift, line.line
    score, scaled = cal.brier(y, p)
    spread = float(np.std((p - y) ** 2, ddof=1) / np.sqrt(y.size))
    ratio = y.sum() / p.sum()
    half = Z * np.sqrt(y.size * y.mean() * (1 - y.mean())) / p.sum()
    ways = {how: cal.recalibrate(y, p, how) for how in WAYS}
    return [
        Estimate("Area under the ROC curve", area, *auc_interval(area, se)),
        Estimate("Calibration in the large (intercept with slope 1; 0 is right)", shift, shift - Z * shift_se, shift + Z * shift_se),
        Estimate("Observed over expected (1 is right)", float(ratio), float(max(0.0, ratio - half)), float(ratio + half)),
        *(
            Estimate(words, float(b), float(b - Z * s), float(b + Z * s))
            for words, b, s in zip(("Calibration intercept", "Calibration slope (1 is right)"), both.beta, both.se, strict=True)
        ),
        Estimate("Brier score (0 is best)", score, score - Z * spread, score + Z * spread),
        Estimate("Scaled Brier score (1 is best, 0 no better than the mean)", scaled),
        *(Estimate(f"Brier score after recalibration: {WAYS[how]}", cal.brier(y, new)[0]) for how, new in ways.items()),
    ], ways


def _diagnostics(
    y: Array,
    p: Array,
    smooth: dict[str, Any] | None,
    ways: dict[str, Array],
    label: Any,
    published: Mapping[str, float],
    order: Sequence[str],
) -> dict[str, Any]:
    out: dict[str, Any] = {"mean predicted, %": float(100 * p.mean()), "observed, %": float(100 * y.mean())}
    if smooth is not None:
        out |= dict(zip(("ICI (mean error of calibration)", "E50", "E90"), smooth["errors"], strict=True))
    for how, new in ways.items():
        if how != "isotonic":
            again = cal.calibrated(y, new)
            out[f"after recalibration ({WAYS[how]}): intercept, slope"] = [float(again.line.beta[0]), float(again.line.beta[1])]
    out["recalibration"] = "fitted and judged on the same rows: optimistic where rows are few"
    if label is not None:
        out["classes"] = cal.classes(y, list(label), dict(published), order)
    return out


def _warnings(y: Array, line: cal.Line, edges: int, left_out: int, whole: int) -> tuple[str, ...]:
    words = []
    few = int(min(y.sum(), y.size - y.sum()))
    if few < 100:
        words.append(f"Only {few} rows of the rarer outcome: calibration needs 100 of each, a curve 200 (Van Calster 2016).")
    slope, se = float(line.line.beta[1]), float(line.line.se[1])
    if slope + Z * se < 1.0:
        words.append(f"The slope {slope:.2f} is below 1: the predictions are too extreme for these patients.")
    if slope <= 0:
        words.append("The slope is not positive: the prediction points the wrong way here.")
    if edges:
        words.append(f"{edges} predictions of 0 or 1 were moved in by {cal.EDGE:g} for their log odds.")
    if left_out:
        words.append(f"{left_out} of {whole} rows lack an input or the outcome and were left out (complete cases); nothing was filled in.")
    return tuple(words)


def _curves(y: Array, p: Array, smooth: dict[str, Any] | None, ways: dict[str, Array]) -> dict[str, Any]:
    curves: dict[str, Any] = {"groups": cal.groups(y, p), "roc": roc(y, p), "net_benefit": cal.net_benefit(y, p)}
    curves["net_benefit"]["recalibrated"] = cal.net_benefit(y, ways["slope"])["model"]
    if smooth is not None:
        curves["calibration"] = {key: smooth[key] for key in ("predicted", "observed", "low", "high")}
        curves["predictions"] = dict(zip(("middle", "share"), _shares(p), strict=True))
    return curves


def _shares(p: Array, bins: int = 40) -> tuple[list[float], list[float]]:
    counts, edges = np.histogram(p, np.linspace(0, 1, bins + 1))
    return ((edges[1:] + edges[:-1]) / 2).tolist(), (counts / p.size).tolist()
