"""Analyses of time on support: survival where nothing competes, cumulative incidence, subdistribution hazards."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from perfuse.evidence.analyses.options import Options, rows, sharing
from perfuse.evidence.analyses.treated import said
from perfuse.evidence.finding import Finding
from perfuse.evidence.progress import Progress
from perfuse.evidence.scale import Map, Part, parts_of, told

CARDIAC = ("indication=cardiac",)
AT = (7.0, 14.0, 30.0)
COVARIATES = ("severity", "age_decade", "myocarditis")
ENDS = ("weaned", "died", "transplant", "durable_device")


def incidence(options: Options, progress: Progress | None) -> Finding:
    """Cumulative incidence of each end of support."""
    from perfuse.evidence.survival import cumulative_incidence

    asked: dict[str, Any] = {"at": options.at or AT, "causes": options.cause or None, "missing": "drop", "group": options.group}
    if options.parts is not None:
        with sharing(options) as across:
            columns = ["run_days", "support_ended_by", *([options.group] if options.group else [])]
            frame = gathered(parts_of(Path(options.parts)), columns, across, progress)
        return cumulative_incidence(frame, **asked)
    given = rows("runs", options, only=CARDIAC)
    truth = None
    if given.truth is not None and options.group is None:
        known = given.truth["weaning"]["incidence"]
        truth = {f"{cause} at {day:g}": share for cause in ENDS for day, share in zip(known["days"], known[cause], strict=True)}
    return said(cumulative_incidence(given.frame, **asked, truth=truth), given)


def survival(options: Options, progress: Progress | None) -> Finding:
    """Kaplan-Meier of the time on support until it ends in any way; of one cause only where nothing competes."""
    from perfuse.evidence.survival import kaplan_meier

    given = rows("runs", options, only=CARDIAC)
    ends = [str(one) for one in given.frame["support_ended_by"].dropna().unique()] if "support_ended_by" in given.frame else []
    cause = options.cause or tuple(sorted(set(ends) - {"still_on"})) or ENDS
    truth = None
    if given.truth is not None and options.group is None and not options.cause:
        known = given.truth["weaning"]["incidence"]
        gone = np.sum([known[one] for one in ENDS], axis=0)
        truth = {f"{day:g}": float(1.0 - share) for day, share in zip(known["days"], gone, strict=True)}
    return said(kaplan_meier(given.frame, options.at or AT, cause=cause, group=options.group, missing="drop", truth=truth), given)


def fine_gray(options: Options, progress: Progress | None) -> Finding:
    """Subdistribution hazard ratios of one end of support."""
    from perfuse.evidence.survival import fine_gray as made

    given = rows("runs", options, only=CARDIAC)
    cause = options.cause or ("weaned",)
    truth = given.truth["weaning"]["log_subdistribution_hazard_ratios"] if given.truth is not None and cause == ("weaned",) else None
    return said(made(given.frame, options.columns or COVARIATES, cause=cause, missing="drop", truth=truth), given)


def counted(part: Part, columns: tuple[str, ...]) -> pd.DataFrame:
    """How many rows of a part share each combination of the columns: all that a cumulative incidence needs to know of it."""
    return part.frame(columns).value_counts(dropna=False, sort=False).rename("n").reset_index()


def gathered(parts: list[Part], columns: list[str], across: Map, progress: Progress | None) -> pd.DataFrame:
    """The columns of all parts in one table, by way of counts."""
    from functools import partial

    answers = list(told(across(partial(counted, columns=tuple(columns)), parts), len(parts), progress, "counting ends"))
    whole = pd.concat(answers, ignore_index=True).groupby(columns, dropna=False, sort=True)["n"].sum().reset_index()
    return whole.loc[whole.index.repeat(whole["n"]), columns].reset_index(drop=True)
