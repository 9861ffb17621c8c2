"""Analyses of candidates: treated and untreated compared."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from perfuse.evidence.analyses import embedded
from perfuse.evidence.analyses.derived import unseen
from perfuse.evidence.analyses.options import Options, Rows, rows, sharing
from perfuse.evidence.finding import Finding
from perfuse.evidence.progress import Progress
from perfuse.evidence.scale import Part, parts_of
from perfuse.parameters.problems import InputError, Problem

COVARIATES = ("severity", "age_decade")
HORIZON = 60.0


def horizon_of(options: Options) -> float:
    """Days by which death is counted; InputError for none or fewer."""
    days = HORIZON if options.horizon is None else options.horizon
    if days <= 0.0:
        problem = Problem("--horizon", "this is no day to count deaths by", value=f"{days:g}", allowed="more than 0 days")
        raise InputError([problem], "the command line")
    return days


def matching(options: Options, progress: Progress | None) -> Finding:
    """1:k nearest neighbours on the propensity score."""
    from perfuse.evidence.causal.matched import matched

    given, asked = _point(options)
    found = matched(given.frame, **asked, **options.take("caliper", "ratio", "exact", "order", "seed", replace="replace"))
    if given.embedded and given.truth is not None and not options.landmark:
        lost, all_treated = found.diagnostics["treated left without a match"], found.n["treated"]
        if lost <= 0.02 * all_treated:  # else the matched are another population than the treated, whose truth is known
            asked["truth"] = embedded.treatment_truth("ATT", horizon_of(options))
            found = matched(given.frame, **asked, **options.take("caliper", "ratio", "exact", "order", "seed", replace="replace"))
    return said(found, given, _doubts(given, options))


def weights(options: Options, progress: Progress | None) -> Finding:
    """Inverse probability of treatment weights."""
    return _weighted(options, options.estimand or "ATE", progress)


def overlap(options: Options, progress: Progress | None) -> Finding:
    """Overlap weights."""
    return _weighted(options, "ATO", progress)


def _weighted(options: Options, estimand: str, progress: Progress | None) -> Finding:
    from perfuse.evidence.causal.in_parts import weighting_in_parts
    from perfuse.evidence.causal.weighting import weighting

    if options.parts is not None:
        asked: dict[str, Any] = {
            "treatment": options.treatment or "ecmo",
            "outcome": options.outcome or "died_by_horizon",
            "covariates": options.columns or COVARIATES,
        }
        with sharing(options) as across:
            parts = parts_of(Path(options.parts))
            found = weighting_in_parts(parts, **asked, estimand=estimand, across=across, progress=progress)
            if asked["treatment"] != "ecmo":
                return found
            late, begun = np.sum(list(across(started, parts)), axis=0)
            return replace(found, warnings=(*_waited(int(late), int(begun)), *found.warnings))
    given, asked = _point(options)
    known = given.embedded and given.truth is not None and not options.landmark and estimand in ("ATE", "ATT", "ATO")
    asked["truth"] = embedded.treatment_truth(estimand, horizon_of(options)) if known else None
    found = weighting(
        given.frame, **asked, estimand=estimand, progress=progress, **options.take("stabilised", "truncate", "seed", bootstrap="resamples")
    )
    return said(found, given, _doubts(given, options))


def emulation(options: Options, progress: Progress | None) -> Finding:
    """Clone, censor, weight."""
    from perfuse.evidence.causal.target_trial import emulate

    days = horizon_of(options)
    if days != int(days):
        problem = Problem("--horizon", "the trial counts whole days", value=f"{days:g}", hint=f"Write {int(days)}.")
        raise InputError([problem], "the command line")
    given = rows("candidates", options, horizon=days)
    truth = None
    if given.truth is not None:
        known = given.truth["candidates"]
        if (7.0 if options.grace is None else options.grace) == known["grace_days"] and days == known["horizon_days"]:
            within, never = known["risk"]["within_grace"], known["risk"]["never"]
            truth = {
                "risk_treated": 100 * within,
                "risk_untreated": 100 * never,
                "risk_difference": 100 * (within - never),
                "risk_ratio": within / never,
            }
    asked: dict[str, Any] = {"covariates": options.columns or COVARIATES, **options.take("resamples", "seed", grace_days="grace")}
    with sharing(replace(options, workers=options.workers or 2)) as across:
        found = emulate(given.frame, **asked, horizon_days=int(days), truth=truth, across=across, progress=progress)
    return said(found, given)


def cox(options: Options, progress: Progress | None) -> Finding:
    """Cox model with a treatment that starts during follow-up."""
    from perfuse.evidence.survival import ecmo_cox

    given = rows("candidates", options)
    truth = given.truth["candidates"]["hazard_ratio"] if given.truth is not None else None
    return said(ecmo_cox(given.frame, options.columns or COVARIATES, missing="drop", truth=truth), given)


def e_value(options: Options, progress: Progress | None) -> Finding:
    """E-values of a given effect, or of the odds ratio of the embedded matched analysis."""
    from perfuse.evidence.causal.e_value import sensitivity

    if options.value is None:
        if any(one in options.given() for one in ("low", "high", "measure", "rare")):
            raise InputError(
                [Problem("--value", "the effect itself is missing", hint="For example: --value 0.76 --low 0.55 --high 1.04.")],
                "the command line",
            )
        found = matching(Options(), progress)
        one = next(one for one in found.estimates if one.label == "Risk ratio, matched")
        made = sensitivity(one.value, one.low, one.high, name="the matched risk ratio of the embedded registry")
        return replace(made, diagnostics={**made.diagnostics, "registry": found.diagnostics["registry"]})
    return sensitivity(options.value, options.low, options.high, measure=options.measure or "rr", rare=bool(options.rare))


def _point(options: Options) -> tuple[Rows, dict[str, Any]]:
    """Candidates with treatment as something that was or was not done, and the arguments of a comparison."""
    given = rows("candidates", options, point=True, horizon=horizon_of(options))
    return given, {
        "treatment": options.treatment or "ecmo",
        "outcome": options.outcome or "died_by_horizon",
        "covariates": options.columns or COVARIATES,
    }


def _doubts(given: Rows, options: Options) -> tuple[str, ...]:
    """Warnings of outcomes that were not seen, and of immortal time."""
    return (*_immortal(given, options), *unseen(given.frame, options.outcome or "died_by_horizon"))


def _immortal(given: Rows, options: Options) -> tuple[str, ...]:
    """A warning where treatment began after time zero and no landmark was set."""
    frame = given.frame
    if options.landmark is not None or options.treatment not in (None, "ecmo") or "ecmo_day" not in frame:
        return ()
    return _waited(int((frame["ecmo_day"] >= 1.0).sum()), int(frame["ecmo_day"].notna().sum()))


def started(part: Part) -> tuple[int, int]:
    """Of one part: how many began ECMO a day or more after time zero, and how many began it at all; nobody where that is not in it."""
    try:
        day = part.frame(["ecmo_day"])["ecmo_day"]
    except InputError:
        return 0, 0
    return int((day >= 1.0).sum()), int(day.notna().sum())


def _waited(late: int, begun: int) -> tuple[str, ...]:
    if not late:
        return ()
    return (
        f"Immortal time: {late} of {begun} treated began a day or more after time zero and could not have "
        "died before. "
        "This comparison does not correct it: use `emulation`, `cox`, or --landmark.",
    )


def said(found: Finding, given: Rows, warnings: tuple[str, ...] = ()) -> Finding:
    """The finding with the source of its table and further warnings."""
    return replace(found, diagnostics={"registry": given.words, **found.diagnostics}, warnings=(*warnings, *found.warnings))
