"""A trial that was never run, read out of a registry: ECMO within a grace period v no ECMO, among those who met the criteria.

Naive comparisons (ever v never treated) stand beside it: they count the days before ECMO as days on it, which nobody can die on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perfuse.evidence.causal import clones
from perfuse.evidence.causal.logistic import fit, with_constant
from perfuse.evidence.finding import Estimate, Finding
from perfuse.evidence.frames import complete, design
from perfuse.evidence.progress import Progress
from perfuse.evidence.scale import Map, serial, told
from perfuse.parameters.problems import InputError, Problem, Problems, did_you_mean

Array = NDArray[np.float64]
SOURCE = (
    "Hernán MA, Robins JM. Am J Epidemiol 2016;183:758-64; clones: Cain LE et al. Int J Biostat 2010;6(2):18; "
    "in ECMO: Hajage D et al. AJRCCM 2022;206:281-94"
)
HOWS = {"died": clones.DIED, "discharged": clones.DISCHARGED, "censored": clones.CENSORED}
ASSUMPTIONS = (
    "Every common cause of starting ECMO on a day and of death is among the covariates at time zero; nothing that changes later is.",
    "On each day of the grace period everybody had a chance to start and a chance not to.",
    "After the grace period the hazard on ECMO does not depend on the day on which it began.",
    "Among those still followed at the end of grace, covariates at time zero make those on ECMO like those without: a cause of death that "
    "is not among them disturbs this even where it has nothing to do with starting, since ECMO changes who lives until then.",
    "Leaving hospital alive counts as surviving to the horizon; end of observation has nothing to do with prognosis.",
)
RISKS = ("ECMO", "none", "ever", "never", "ever, weighted", "never, weighted")


@dataclass(frozen=True)
class _Task:
    """What one resampler needs; sent whole to another process."""

    f: clones.Followed
    grace: float
    horizon: int
    seeds: tuple[Any, ...]


def emulate(
    frame: pd.DataFrame,
    *,
    covariates: Sequence[str] = ("severity", "age", "pf_mmHg", "lactate_mmol_L", "driving_pressure_cmH2O"),
    start: str = "ecmo_day",
    end: str = "end_day",
    ended_by: str = "ended_by",
    grace_days: float = 7.0,
    horizon_days: int = 60,
    resamples: int = 200,
    seed: int = 0,
    truth: Mapping[str, float] | None = None,
    across: Map = serial,
    progress: Progress | None = None,
) -> Finding:
    """Emulate the trial; one row of `frame` is a patient on the day the criteria were met (time zero).

    start       column: day on which ECMO began, missing where it never did
    end         column: day on which follow-up ended; `ended_by` says how: died, discharged (alive) or censored
    covariates  columns known at time zero
    resamples   of patients, for percentile intervals: 50 or more
    truth       risk_treated, risk_untreated, risk_difference (all in %), risk_ratio where they are known
    across      how the resamples are shared out (evidence.scale): one after another, processes, a cluster
    """
    found, left_out = _read(frame, covariates, start, end, ended_by, grace_days, horizon_days, resamples)
    x, names = design(found, covariates)
    centred = (x - x.mean(axis=0)) / x.std(axis=0)
    f = clones.followed(
        found[end].to_numpy(np.float64), found[ended_by].map(HOWS).to_numpy(np.int64), frame.loc[found.index, start].to_numpy(np.float64),
        centred, tuple(names), grace=grace_days,
    )  # fmt: skip
    _enough(f, grace_days)
    days = clones.start_rows(f)
    one = np.ones(f.end.size)
    fitted = clones.models(f, grace_days, one, days)
    courses = _courses(f, clones.arms(f, grace_days), fitted, grace_days, horizon_days, one)
    drawn = _resampled(f, grace_days, horizon_days, resamples, seed, across, progress)
    return Finding(
        name="emulation",
        question=f"How many of those who met the criteria die within {horizon_days} days with ECMO begun within {grace_days:g} days, "
        "and how many with none?",
        n=_counts(f, left_out, grace_days),
        estimates=tuple(_estimates(courses, drawn, horizon_days, truth or {})),
        assumptions=ASSUMPTIONS,
        diagnostics={
            "protocol": protocol(grace_days, horizon_days, covariates),
            "largest weight, none": courses["none"].largest,
            "largest weight, ECMO": courses["ECMO"].largest,
            "effective sample size, none": courses["none"].effective,
            "effective sample size, ECMO": courses["ECMO"].effective,
            "model of starting, log odds": dict(
                zip(("constant", *("week", "week squared")[: min(fitted.last_day, 2)], *names), map(float, fitted.start.beta), strict=True)
            ),
            "model of having started by the end of grace": f"{fitted.in_grace.beta.size - 1} terms"
            + (" (with squares and products)" if f.z.shape[1] > f.x.shape[1] else " (straight: too few patients for squares and products)"),
            "start days": "whole days, decided at the beginning of a day" if f.whole_days else "any time of a day",
            "resamples": len(drawn),
            "seed": seed,
        },
        warnings=_warnings(courses, drawn, resamples, left_out),
        curves={"death": {"day": list(range(horizon_days + 1)), **{name: [0.0, *c.death.tolist()] for name, c in courses.items()}}},
        source=SOURCE,
    )


def protocol(grace_days: float, horizon_days: int, covariates: Sequence[str]) -> list[dict[str, str]]:
    """The seven items of the trial that is emulated (Hernán & Robins 2016)."""
    items = {
        "eligibility": "Adults who met the criteria of the registry's candidates, in hospital and without ECMO on that day.",
        "treatment strategies": f"ECMO begun within {grace_days:g} days of meeting the criteria; no ECMO during follow-up.",
        "assignment": f"At random given {', '.join(covariates)}: emulated by a clone of each patient in each arm.",
        "follow-up": f"From the day the criteria were met (time zero of both arms) to death, end of observation, or {horizon_days} days.",
        "outcome": f"Death in hospital within {horizon_days} days; those who left hospital alive are counted as alive.",
        "causal contrast": "Per protocol: difference and ratio of the risks had everybody followed one strategy or the other; a death or a "
        "discharge within the grace period before ECMO began agrees with both.",
        "analysis": "Clones are censored when they depart from their arm and weighted by the inverse of the chance of not departing "
        "(pooled logistic model of starting by day; logistic model of having started by the end of grace); risks by weighted "
        "Aalen-Johansen; intervals by resampling patients.",
    }
    return [{"item": key, "text": value} for key, value in items.items()]


def _read(
    frame: pd.DataFrame, covariates: Sequence[str], start: str, end: str, ended_by: str, grace: float, horizon: int, resamples: int
) -> tuple[pd.DataFrame, int]:
    problems = Problems("the emulated trial")
    if not 0 <= grace < horizon:
        problems.add(
            ("grace_days",), "the grace period does not lie before the horizon", value=grace, allowed=f"0 to less than {horizon} days"
        )
    if resamples < 50:
        problems.add(("resamples",), "too few resamples for an interval", value=resamples, allowed="50 and more")
    if start not in frame.columns:
        problems.add((start,), "there is no such column", value=start, hint=did_you_mean(start, map(str, frame.columns)))
    problems.raise_if_any()
    found, left_out = complete(frame, [*covariates, ended_by], "the candidates", numbers=[end])
    strange = sorted(set(map(str, found[ended_by])) - set(HOWS))
    if strange:
        problems.add((ended_by,), "an end that is not known here", value=", ".join(strange[:4]), allowed=", ".join(HOWS))
    if (found[end] < 0).any() or (frame.loc[found.index, start] < 0).any():
        problems.add(
            (end,), "a day lies before time zero", allowed="0 and more", hint="Leave out those who began ECMO before meeting the criteria."
        )
    problems.raise_if_any()
    return found, left_out


def _enough(f: clones.Followed, grace: float) -> None:
    problems = Problems("the emulated trial")
    begun = int(((f.start <= grace) & (f.end > grace)).sum())
    waiting = int(((f.start > grace) & (f.end > grace)).sum())
    if begun < 10 or waiting < 10:
        text = f"at the end of the grace period {begun} have ECMO and {waiting} have not: one arm cannot stand for the other"
        problems.add((), text, hint="Give more patients, or another grace period.")
    problems.raise_if_any()


def _courses(
    f: clones.Followed, arms: clones.Arms, m: clones.Models, grace: float, horizon: int, counts: Array
) -> dict[str, clones.Course]:
    ever = np.isfinite(f.start)
    x = with_constant(f.x)
    score = 1.0 / (1.0 + np.exp(-fit(x, ever.astype(np.float64), counts, names=f.names).log_odds(x)))
    adjusted = counts * np.where(ever, 1.0 / score, 1.0 / (1.0 - score))
    found = (
        clones.within(f, arms.within, m, grace, horizon, counts),
        clones.never(f, arms.never, m, horizon, counts),
        *(clones.group(arm, horizon, weights) for weights in (counts, adjusted) for arm in (arms.ever_treated, arms.never_treated)),
    )
    return dict(zip(RISKS, found, strict=True))


def _resample(task: _Task) -> list[list[float]]:
    """Risks of every arm at the horizon for each seed of a task."""
    f = task.f
    days, arms = clones.start_rows(f), clones.arms(f, task.grace)
    before = clones.models(f, task.grace, np.ones(f.end.size), days)
    out = []
    for one in task.seeds:
        counts = np.random.default_rng(one).multinomial(f.end.size, np.full(f.end.size, 1.0 / f.end.size)).astype(np.float64)
        try:
            fitted = clones.models(f, task.grace, counts, days, before)
            out.append([float(c.death[-1]) for c in _courses(f, arms, fitted, task.grace, task.horizon, counts).values()])
        except InputError:  # a resample in which a model has no finite estimate; counted and said
            out.append([np.nan] * len(RISKS))
    return out


def _resampled(f: clones.Followed, grace: float, horizon: int, times: int, seed: int, across: Map, progress: Progress | None) -> Array:
    """(resamples, arms) risks; the seeds do not depend on how the work is shared out."""
    seeds = np.random.SeedSequence(seed).spawn(times)
    size = max(1, min(20, times // 8))
    tasks = [_Task(f, grace, horizon, tuple(seeds[i : i + size])) for i in range(0, times, size)]
    drawn = [row for rows in told(across(partial(_resample), tasks), len(tasks), progress, "resampling patients") for row in rows]
    whole = np.array(drawn)
    kept: Array = whole[np.isfinite(whole).all(axis=1)]
    if len(kept) < 0.8 * times:
        text = f"{times - len(kept)} of {times} resamples allow no model of starting"
        raise InputError([Problem("", text, hint="Give more patients, or fewer covariates.")], "the emulated trial")
    return kept


def _estimates(courses: Mapping[str, clones.Course], drawn: Array, horizon: int, truth: Mapping[str, float]) -> list[Estimate]:
    point = np.array([c.death[-1] for c in courses.values()])

    def one(words: str, value: float, again: Array, unit: str, role: Any, known: str) -> Estimate:
        low, high = np.percentile(again, [2.5, 97.5])
        return Estimate(words, float(value), float(low), float(high), unit, role, truth.get(known))

    def pair(first: int, words: str, role: Any) -> list[Estimate]:
        a, b = drawn[:, first], drawn[:, first + 1]
        return [
            one(
                f"Risk difference at {horizon} d, {words}",
                100 * (point[first] - point[first + 1]),
                100 * (a - b),
                "%",
                role,
                "risk_difference",
            ),
            one(f"Risk ratio at {horizon} d, {words}", point[first] / point[first + 1], a / b, "1", role, "risk_ratio"),
        ]

    return [
        one(f"Risk of death at {horizon} d, ECMO in time", 100 * point[0], 100 * drawn[:, 0], "%", "method", "risk_treated"),
        one(f"Risk of death at {horizon} d, no ECMO", 100 * point[1], 100 * drawn[:, 1], "%", "method", "risk_untreated"),
        *pair(0, "emulated trial", "method"),
        *pair(2, "ever v never treated", "naive"),
        *pair(4, "ever v never treated, weighted by baseline, without time zero", "naive"),
    ]


def _counts(f: clones.Followed, left_out: int, grace: float) -> dict[str, int]:
    return {
        "candidates": int(f.end.size),
        "left out (missing values)": left_out,
        "began ECMO in time": int((f.start <= grace).sum()),
        "began later": int((np.isfinite(f.start) & (f.start > grace)).sum()),
        "never began": int((~np.isfinite(f.start)).sum()),
        "ended within grace without ECMO (in both arms)": int(((f.end <= grace) & ~np.isfinite(f.start)).sum()),
        "died": int((f.how == clones.DIED).sum()),
        "left hospital alive": int((f.how == clones.DISCHARGED).sum()),
    }


def _warnings(courses: Mapping[str, clones.Course], drawn: Array, times: int, left_out: int) -> tuple[str, ...]:
    words = []
    for arm in ("none", "ECMO"):
        if courses[arm].largest > 20:
            words.append(f"One clone of the arm '{arm}' counts {courses[arm].largest:.0f} times: few patients carry the estimate.")
    if len(drawn) < times:
        words.append(f"{times - len(drawn)} of {times} resamples allowed no model of starting and were left out of the intervals.")
    if left_out:
        words.append(f"{left_out} candidates with missing covariates were left out; that is fair only if they miss by chance.")
    return tuple(words)
