"""Cumulative incidence under competing events, per cause and group, with the wrong curve (1 - Kaplan-Meier) beside it."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from perfuse.evidence.finding import Estimate, Finding
from perfuse.evidence.survival.aalen_johansen import Incidence, aalen_johansen, log_log_interval
from perfuse.evidence.survival.columns import CENSORED, Course, Missing, as_labels, left_out, moment, must_hold, read
from perfuse.evidence.survival.gray import gray_test
from perfuse.parameters.problems import InputError

SOURCE = "Aalen and Johansen, Scand J Stat 1978;5:141; why not 1 - Kaplan-Meier: Putter, Fiocco and Geskus, Stat Med 2007;26:2389"
FEW = 10
"""At risk; a curve read where fewer are left is warned of (assumed)."""


def cumulative_incidence(
    frame: pd.DataFrame,
    at: Sequence[float] = (),
    *,
    time: str = "run_days",
    event: str = "support_ended_by",
    causes: Sequence[str] | None = None,
    censored: Sequence[str] = CENSORED,
    group: str | None = None,
    level: float = 0.95,
    missing: Missing = "refuse",
    truth: Mapping[str, float] | None = None,
) -> Finding:
    """Share that has had each event by a time, while the others compete.

    at       times (unit of `time`); without them the end of follow-up
    causes   labels to show; without them every label that is not of `censored`. Labels not shown compete all the same.
    truth    share by cause and time: {"weaned at 30": 0.55}; with groups {"vv, weaned at 30": 0.55}
    Each estimate stands beside 1 - Kaplan-Meier (role "naive"), which treats competing events as losses from sight and is too high.
    With groups: Gray's test of each cause.
    """
    course = read(frame, time, event, group=group, missing=missing)
    doors = sorted(set(course.label) - set(censored))
    shown = as_labels(causes) if causes is not None else tuple(doors)
    must_hold(course, shown, event)
    code = np.zeros(course.time.size, dtype=np.int64)
    for k, label in enumerate(doors, 1):
        code[course.label == label] = k
    estimates: list[Estimate] = []
    curves: dict[str, dict[str, Any]] = {}
    few: list[str] = []
    for name in sorted(set(course.group)):
        mine = course.group == name
        found = aalen_johansen(course.time[mine], code[mine], len(doors))
        for cause in shown:
            k = doors.index(cause)
            alone = aalen_johansen(course.time[mine], (code[mine] == k + 1).astype(np.int64), 1)
            curves[f"{name}, {cause}" if name else cause] = _curve(found, k, alone, level)
            for when in at or (float(course.time[mine].max()),):
                estimates += _read(found, k, alone, when, time, f"{name}, {cause}" if name else cause, level, truth or {})
        few += [
            f"{name + ': ' if name else ''}only {left} rows are still at risk at {when:g}."
            for when in at
            if (left := int((course.time[mine] >= when).sum())) < FEW
        ]
    return Finding(
        name="incidence",
        question=f"What share has had {', '.join(shown)} by a time, while {'these compete' if len(doors) > 1 else 'nothing competes'}?",
        n={"rows": int(course.time.size), **{cause: int((course.label == cause).sum()) for cause in doors}},
        estimates=tuple(estimates),
        assumptions=(
            "Those who were lost from sight would have fared as those who stayed in sight (independent censoring, within each group).",
            "Every row ends by one event only; an event and a censoring at the same time count as event first.",
            "Rows are independent of each other.",
            "1 - Kaplan-Meier (naive) asks what would happen if nobody left by another door, and is not an incidence.",
        ),
        diagnostics={
            "ended": course.counts(),
            "interval": f"log-log, {100 * level:g} %",
            **({"groups": [_groups_differ(course, cause, censored) for cause in shown]} if group else {}),
        },
        warnings=(*left_out(course), *few),
        curves=curves,
        source=SOURCE,
    )


def _curve(found: Incidence, k: int, alone: Incidence, level: float) -> dict[str, Any]:
    low, high = log_log_interval(found.share[k], found.variance[k], level)
    columns = {"time": found.times, "share": found.share[k], "low": low, "high": high, "at_risk": found.at_risk}
    return {name: column.tolist() for name, column in {**columns, "naive": alone.share[0]}.items()}


def _read(
    found: Incidence, k: int, alone: Incidence, when: float, time: str, label: str, level: float, truth: Mapping[str, float]
) -> tuple[Estimate, Estimate]:
    i = found.at(when)
    known = truth.get(f"{label} at {when:g}")
    true = None if known is None else 100.0 * known
    tail = f"{label}, by {moment(when, time)}" + ("" if level == 0.95 else f" ({100 * level:g} % interval)")
    if i < 0:
        return (
            Estimate(f"cumulative incidence, {tail}", 0.0, unit="%", truth=true),
            Estimate(f"1 - Kaplan-Meier, {tail}", 0.0, unit="%", role="naive", truth=true),
        )

    def one(words: str, what: Incidence, row: int, role: Literal["method", "naive"]) -> Estimate:
        limits = log_log_interval(what.share[row], what.variance[row], level)
        value, low, high = (100.0 * float(column[i]) for column in (what.share[row], *limits))
        if not 0.0 < value < 100.0:  # none or all so far: the variance is 0, and an interval of no width would be a claim
            return Estimate(f"{words}, {tail}", value, unit="%", role=role, truth=true)
        return Estimate(f"{words}, {tail}", value, low, high, "%", role, true)

    return one("cumulative incidence", found, k, "method"), one("1 - Kaplan-Meier", alone, 0, "naive")


def _groups_differ(course: Course, cause: str, censored: Sequence[str]) -> dict[str, Any]:
    """Gray's test of one cause over groups."""
    if len(set(course.group)) < 2:
        return {"cause": cause, "test": "needs two groups"}
    code = np.where(np.isin(course.label, censored), 0, np.where(course.label == cause, 1, 2))
    try:
        found = gray_test(course.time, code, course.group)
    except InputError as error:
        return {"cause": cause, "test": f"could not be made: {error.problems[0].text}"}
    return {"cause": cause, "test": "Gray", "chi2": found.statistic, "df": found.df, "p": found.p}
