"""Cox regression with a treatment that starts during follow-up, and the naive model that credits it with the days before it began.

Each patient is a row from time zero to the start of treatment (untreated) and one from there to the end (treated). Ties by Efron.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from perfuse.evidence.finding import Estimate, Finding
from perfuse.evidence.survival.columns import Array, Missing, as_labels, left_out, must_hold, read
from perfuse.evidence.survival.partial_likelihood import Hazards, clustered, fit_hazards
from perfuse.evidence.survival.proportionality import smoothed, trends, warned
from perfuse.evidence.survival.risk_sets import StartStop
from perfuse.parameters.problems import Problems

SOURCE = "Cox, J R Stat Soc B 1972;34:187; immortal time: Suissa, Am J Epidemiol 2008;167:492; ties: Efron, J Am Stat Assoc 1977;72:557"
TREATMENT = "treatment"


def ecmo_cox(
    frame: pd.DataFrame,
    covariates: Sequence[str] = ("severity", "age"),
    *,
    start: str = "ecmo_day",
    time: str = "end_day",
    event: str = "ended_by",
    cause: str | Sequence[str] = "died",
    cluster: str | None = None,
    level: float = 0.95,
    missing: Missing = "refuse",
    truth: float | None = None,
) -> Finding:
    """Hazard ratio of `cause` after v before the start of treatment, at equal covariates.

    start    column with the time at which treatment began, missing where it never did; at or after the end counts as never
    cluster  column whose rows belong together (centre): the interval is then a sandwich over it; else by patient
    truth    the hazard ratio (not its log) that the data were made with
    Every other end of follow-up (discharge, censoring) is censoring here: the ratio is cause-specific.
    """
    problems = Problems("the table")
    if start not in frame.columns:
        problems.add((start,), "there is no such column", hint="It holds the time at which treatment began; missing means never.")
        problems.raise_if_any()
    course = read(frame, time, event, covariates, group=cluster, missing=missing)
    wanted = as_labels(cause)
    must_hold(course, wanted, event)
    begun = pd.to_numeric(frame[start], errors="coerce").to_numpy(dtype=float)[course.rows]
    if (begun < 0.0).any():
        problems.add((start,), "treatment began before time zero", value=float(np.nanmin(begun)), allowed="0 or later, or missing")
        problems.raise_if_any()
    died = np.isin(course.label, wanted)
    treated = np.isfinite(begun) & (begun < course.time)
    late = int((np.isfinite(begun) & ~treated).sum())
    rows = split(course.time, died, np.where(treated, begun, np.inf), course.x)
    names = (TREATMENT, *course.names)
    sets = StartStop.of(rows.start, rows.stop, rows.event)
    fitted = fit_hazards(sets, rows.x, names=names, what="the Cox model")
    belongs = course.group[rows.patient] if cluster else rows.patient
    variance = clustered(fitted, belongs)
    ever = fit_hazards(
        StartStop.of(np.full(course.time.size, -1.0), course.time, died),
        np.column_stack([treated.astype(float), course.x]),
        names=names,
        what="the naive Cox model",
    )
    tests = trends(sets, rows.x, fitted, names)
    others = {label: number for label, number in course.counts().items() if label not in wanted}
    return Finding(
        name="cox",
        question=f"By what factor does the hazard of {' or '.join(wanted)} change once treatment has begun, at equal covariates?",
        n={"patients": int(course.time.size), "ever treated": int(treated.sum()), "events": int(died.sum()), "rows": int(rows.start.size)},
        estimates=(
            _ratio("hazard ratio, treatment as it starts", fitted, variance, 0, level, truth),
            *(_ratio(f"hazard ratio, {name}", fitted, variance, i, level, None) for i, name in enumerate(course.names, 1)),
            _ratio("hazard ratio, ever treated (immortal time)", ever, ever.model, 0, level, truth, naive=True),
        ),
        assumptions=(
            "At every moment, who starts treatment depends on nothing that also drives the outcome, beyond the covariates at time zero.",
            "Hazards are proportional, and the treatment acts at once and evenly from its start (tested below).",
            f"All other ends ({', '.join(sorted(others)) or 'none'}) censor: the ratio is of the rate among those still there. "
            "When discharge competes with death, a rate ratio is not a ratio of risks; ask for a cumulative incidence as well.",
            "Whoever is still untreated is as if never to be treated, up to the day treatment starts.",
        ),
        diagnostics={
            "proportionality": tests,
            "ended": course.counts(),
            "treated_days_share": float((rows.stop - rows.start)[rows.x[:, 0] > 0].sum() / (rows.stop - rows.start).sum()),
            "immortal_days": float(begun[treated].sum()),
            "standard_error_model": float(np.sqrt(fitted.model[0, 0])),
            "standard_error_robust": float(np.sqrt(variance[0, 0])),
            "newton_steps": fitted.steps,
            "interval": f"{'sandwich over ' + cluster if cluster else 'sandwich over patients'}, {100 * level:g} %",
        },
        warnings=(
            *left_out(course),
            *warned(tests),
            *((f"{late} rows have a start of treatment at or after their end, and count as never treated.",) if late else ()),
        ),
        curves=smoothed(sets, fitted, names),
        source=SOURCE,
    )


class Rows:
    """Start-stop rows: start, stop (unit of time), event, x with the treatment first, and the patient each belongs to."""

    def __init__(self, start: Array, stop: Array, event: NDArray[np.bool_], x: Array, patient: NDArray[np.int64]) -> None:
        self.start, self.stop, self.event, self.x, self.patient = start, stop, event, x, patient


def split(time: Array, died: NDArray[np.bool_], begun: Array, x: Array) -> Rows:
    """Rows of patients who are untreated until `begun` (infinite: never) and treated from there on.

    An event at the very start of follow-up (time 0) has its row begin just before, so that it is not lost.
    """
    n = time.size
    zero = np.where(time <= 0.0, -1.0, 0.0)
    treated = begun < time
    at_once = treated & (begun <= 0.0)
    first = np.where(treated, begun, time)
    before = ~at_once
    patient = np.concatenate([np.flatnonzero(before), np.flatnonzero(treated)])
    start = np.concatenate([zero[before], begun[treated]])
    stop = np.concatenate([first[before], time[treated]])
    event = np.concatenate([(died & ~treated)[before], died[treated]])
    on = np.concatenate([np.zeros(int(before.sum())), np.ones(int(treated.sum()))])
    assert patient.size >= n
    return Rows(start, stop, event, np.column_stack([on, x[patient]]), patient)


def _ratio(words: str, fitted: Hazards, variance: Array, i: int, level: float, truth: float | None, naive: bool = False) -> Estimate:
    half = float(norm.ppf(0.5 + level / 2.0) * np.sqrt(variance[i, i]))
    b = float(fitted.beta[i])
    tail = "" if level == 0.95 else f" ({100 * level:g} % interval)"
    value, low, high = (float(np.exp(one)) for one in (b, b - half, b + half))
    return Estimate(words + tail, value, low, high, role="naive" if naive else "method", truth=truth)
