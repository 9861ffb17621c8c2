"""Kaplan-Meier, where it is allowed: when nothing else can end what is waited for."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from scipy.stats import norm

from perfuse.evidence.finding import Estimate, Finding
from perfuse.evidence.survival.columns import CENSORED, Course, Missing, as_labels, left_out, moment, must_hold, read
from perfuse.parameters.problems import InputError, Problem

SOURCE = "Kaplan and Meier, J Am Stat Assoc 1958;53:457; intervals: Greenwood 1926, Kalbfleisch and Prentice 1980 (log-log)"
Interval = Literal["log-log", "greenwood"]


def kaplan_meier(
    frame: pd.DataFrame,
    at: Sequence[float] = (),
    *,
    time: str = "run_days",
    event: str = "support_ended_by",
    cause: str | Sequence[str],
    censored: Sequence[str] = CENSORED,
    group: str | None = None,
    interval: Interval = "log-log",
    level: float = 0.95,
    missing: Missing = "refuse",
    truth: Mapping[str, float] | None = None,
) -> Finding:
    """Share still free of the event over time, by group.

    at        times (unit of `time`) at which the share is read; without them the median is all that is estimated
    cause     label of the event; several labels are one composite event ("any end of support")
    interval  "log-log" (stays within 0-1) or "greenwood" (symmetrical, cut at 0 and 1)
    truth     the share per time: {"30": 0.62}, or per group {"vv at 30": 0.62}
    InputError when rows ended in any other way than `cause` or `censored`: those compete, and 1-KM would say how many have the event
    in a world where nobody leaves by another door. `cumulative_incidence` answers the question that was meant.
    """
    course = read(frame, time, event, group=group, missing=missing)
    wanted = as_labels(cause)
    must_hold(course, wanted, event)
    refuse_competing(course, event, wanted, censored)
    estimates: list[Estimate] = []
    curves: dict[str, dict[str, Any]] = {}
    medians: dict[str, float | None] = {}
    for name in sorted(set(course.group)):
        mine = course.group == name
        curve = _curve(course.time[mine], np.isin(course.label[mine], wanted), interval, level)
        curves[name or "all"] = curve
        below = np.flatnonzero(np.asarray(curve["share"]) <= 0.5)
        medians[name or "all"] = float(curve["time"][below[0]]) if below.size else None
        for when in at:
            estimates.append(_read(curve, when, time, name, level, truth or {}))
    longest = max(float(course.time.max()), 0.0)
    warnings = [*left_out(course), *(f"Nobody was followed to {when:g}: the last value is carried on." for when in at if when > longest)]
    return Finding(
        name="kaplan-meier",
        question=f"What share is still free of {' or '.join(wanted)} over time?",
        n={"rows": int(course.time.size), "events": int(np.isin(course.label, wanted).sum())},
        estimates=tuple(estimates),
        assumptions=(
            "Those who were lost from sight would have had the event as often as those who stayed in sight (independent censoring).",
            "Nothing else can prevent the event: no competing event is in the data.",
            "Rows are independent of each other; time zero means the same for all.",
        ),
        diagnostics={"median": medians, "ended": course.counts(), "interval": f"{interval}, {100 * level:g} %"},
        warnings=tuple(warnings),
        curves=curves,
        source=SOURCE,
    )


def refuse_competing(course: Course, event: str, wanted: Sequence[str], censored: Sequence[str]) -> None:
    """InputError when something competes with the event."""
    others = {label: number for label, number in course.counts().items() if label not in wanted and label not in censored}
    if others:
        listed = ", ".join(f"{label} ({number} rows)" for label, number in others.items())
        what = " or ".join(wanted)
        raise InputError(
            [
                Problem(
                    event,
                    f"{listed} can come before {what} and prevent it, so 1 - Kaplan-Meier would overstate how many have it",
                    value=", ".join(others),
                    allowed=f"{what}, or a label of censoring: {', '.join(censored)}",
                    source="Putter, Fiocco and Geskus, Stat Med 2007;26:2389",
                    hint="Use cumulative_incidence (Aalen-Johansen), or name every label of a composite event as the cause.",
                )
            ],
            "Kaplan-Meier",
        )


def _curve(time: Any, ended: Any, interval: Interval, level: float) -> dict[str, Any]:
    fitted = KaplanMeierFitter(alpha=1.0 - level).fit(time, ended)
    table = fitted.event_table
    times = table.index.to_numpy(dtype=float)
    share = fitted.survival_function_.iloc[:, 0].to_numpy(dtype=float)
    at_risk = table["at_risk"].to_numpy(dtype=float)
    died = table["observed"].to_numpy(dtype=float)
    if interval == "log-log":
        low, high = fitted.confidence_interval_survival_function_.to_numpy(dtype=float).T
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            steps = np.where(at_risk > died, died / (at_risk * (at_risk - died)), 0.0)
        half = norm.ppf(0.5 + level / 2.0) * share * np.sqrt(np.cumsum(np.where(died > 0, steps, 0.0)))
        low, high = np.clip(share - half, 0.0, 1.0), np.clip(share + half, 0.0, 1.0)
    low, high = np.where(share >= 1.0, 1.0, low), np.where(share >= 1.0, 1.0, high)
    return {"time": times.tolist(), "share": share.tolist(), "low": low.tolist(), "high": high.tolist(), "at_risk": at_risk.tolist()}


def _read(curve: Mapping[str, Any], when: float, time: str, name: str, level: float, truth: Mapping[str, float]) -> Estimate:
    place = max(int(np.searchsorted(curve["time"], when, side="right")) - 1, 0)
    label = f"{name} at {when:g}" if name else f"{when:g}"
    known = truth.get(label, truth.get(f"{when:g}"))
    words = f"share free of the event, {name + ', ' if name else ''}at {moment(when, time)}"
    if level != 0.95:
        words += f" ({100 * level:g} % interval)"
    value, low, high = (100.0 * float(curve[key][place]) for key in ("share", "low", "high"))
    if not 0.0 < value < 100.0:  # none or all so far: the variance is 0, and an interval of no width would be a claim
        return Estimate(words, value, unit="%", truth=_percent(known))
    return Estimate(words, value, low, high, "%", truth=_percent(known))


def _percent(share: float | None) -> float | None:
    return None if share is None else 100.0 * share
