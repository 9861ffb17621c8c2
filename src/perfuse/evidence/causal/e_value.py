"""The E-value: how strong an unmeasured confounder would have to be to explain an association away.

It is the least risk ratio that the confounder would need with treatment and with outcome, beyond what was adjusted for:
E = RR + sqrt(RR (RR - 1)) for RR >= 1, and the same of 1/RR below 1. Source: VanderWeele TJ, Ding P. Ann Intern Med 2017;167:268-74.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from perfuse.evidence.finding import Estimate, Finding
from perfuse.parameters.problems import Problems, did_you_mean

SOURCE = "VanderWeele TJ, Ding P. Ann Intern Med 2017;167:268-74"
MEASURES = {"rr": "risk ratio", "or": "odds ratio", "hr": "hazard ratio", "smd": "standardised mean difference"}


def as_risk_ratio(value: float, measure: str, *, rare: bool = False) -> float:
    """The risk ratio that an effect is taken for.

    rr    itself; or and hr with a rare outcome (below 15 % by the end of follow-up) too
    or    common outcome: square root of the odds ratio
    hr    common outcome: (1 - 0.5^sqrt(HR)) / (1 - 0.5^sqrt(1/HR))
    smd   exp(0.91 d)
    """
    if measure == "smd":
        return math.exp(0.91 * value)
    if measure == "rr" or rare:
        return value
    if measure == "or":
        return math.sqrt(value)
    return float((1.0 - 0.5 ** math.sqrt(value)) / (1.0 - 0.5 ** math.sqrt(1.0 / value)))


def e_value(risk_ratio: float, towards: float = 1.0) -> float:
    """The E-value of a risk ratio (> 0), to move it to `towards`; 1 means that nothing is needed."""
    ratio = risk_ratio / towards
    ratio = 1.0 / ratio if ratio < 1.0 else ratio
    return ratio + math.sqrt(ratio * (ratio - 1.0))


def of_estimate(
    value: float, low: float | None, high: float | None, measure: str = "rr", *, rare: bool = False
) -> tuple[float, float | None]:
    """E-values of a point estimate and of the limit of its interval nearest to no effect (1 when the interval holds it)."""
    ratio = as_risk_ratio(value, measure, rare=rare)
    if low is None or high is None:
        return e_value(ratio), None
    ends = as_risk_ratio(low, measure, rare=rare), as_risk_ratio(high, measure, rare=rare)
    if ends[0] <= 1.0 <= ends[1]:
        return e_value(ratio), 1.0
    return e_value(ratio), e_value(ends[0] if ratio > 1.0 else ends[1])


def sensitivity(
    value: float,
    low: float | None = None,
    high: float | None = None,
    *,
    measure: str = "rr",
    rare: bool = False,
    name: str = "the estimate",
) -> Finding:
    """The E-values of one effect with its interval, and the curve of pairs of strengths that would explain it away.

    Raises InputError for an unknown measure, a ratio that is not positive, or limits that do not enclose the value.
    """
    problems = Problems("the effect")
    if measure not in MEASURES:
        problems.add(
            ("measure",), f"'{measure}' is not a measure", value=measure, allowed=", ".join(MEASURES), hint=did_you_mean(measure, MEASURES)
        )
    for place, one in (("value", value), ("low", low), ("high", high)):
        if one is not None and (not math.isfinite(one) or (measure != "smd" and one <= 0)):
            problems.add((place,), f"{one} is not a ratio", value=one, allowed="more than 0")
    if (low is None) != (high is None):
        problems.add(("low", "high"), "an interval has two limits", hint="Give both, or neither.")
    elif low is not None and high is not None and not low <= value <= high:
        problems.add(
            ("low",), "the interval does not hold the value", value=f"{low} to {high}", hint="Give low, then high, around the value."
        )
    problems.raise_if_any()
    point, limit = of_estimate(value, low, high, measure, rare=rare)
    ratio = as_risk_ratio(value, measure, rare=rare)
    up = ratio if ratio >= 1 else 1 / ratio
    estimates = [Estimate("E-value of the estimate", point)]
    if limit is not None:
        estimates.append(Estimate("E-value of the limit nearest to no effect", limit))
    return Finding(
        name="e-value",
        question=f"How strongly would an unmeasured confounder have to act to explain {name} ({MEASURES[measure]} {value:.3g}) away?",
        n={},
        estimates=tuple(estimates),
        assumptions=(
            "The E-value is the least strength that would suffice, with the confounder's prevalence at its worst; it says nothing about "
            "whether such a confounder exists.",
            "Bias by selection, by measurement and by time zero is not covered.",
            *(
                ()
                if measure == "rr" or rare
                else (f"The outcome is common, so the {MEASURES[measure]} is taken for a risk ratio of about {ratio:.2f}.",)
            ),
        ),
        diagnostics={"taken as risk ratio": ratio},
        warnings=("The interval holds no effect: nothing has to be explained away.",) if limit == 1.0 else (),
        curves={"strengths": _strengths(up, point)} if up > 1.0 else {},
        source=SOURCE,
    )


def _strengths(ratio: float, point: float) -> Mapping[str, Any]:
    """Pairs of risk ratios (confounder with treatment, confounder with outcome) whose joint bias is just the ratio observed."""
    first = np.geomspace(ratio * 1.02, max(3.0 * point, 4.0), 60)
    second = ratio * (first - 1.0) / (first - ratio)
    seen = second <= first.max()
    return {"with_treatment": first[seen].tolist(), "with_outcome": second[seen].tolist()}


def registered(found: Finding) -> dict[str, float]:
    """E-values of every ratio among a finding's estimates, for its diagnostics: label to value."""
    kinds = {"Risk ratio": "rr", "Odds ratio": "or", "Hazard ratio": "hr"}
    out: dict[str, float] = {}
    for one in found.estimates:
        kind = next((measure for words, measure in kinds.items() if one.label.startswith(words)), None)
        if kind and one.role == "method":
            point, limit = of_estimate(one.value, one.low, one.high, kind)
            out[f"E-value, {one.label}"] = point
            if limit is not None:
                out[f"E-value of its limit, {one.label}"] = limit
    return out
