"""Analyses of runs between centres, of one centre over time, and of scores."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from perfuse.evidence.analyses.derived import unseen
from perfuse.evidence.analyses.options import Options, Rows, rows, sharing
from perfuse.evidence.analyses.treated import said
from perfuse.evidence.finding import Finding
from perfuse.evidence.progress import Progress
from perfuse.evidence.registry.synthetic_runs import volume_effect
from perfuse.evidence.scale import parts_of
from perfuse.parameters.problems import InputError, Problem

COVARIATES = ("severity", "age_decade", "immunocompromised", "cns_dysfunction", "arrest_before", "ecpr")
DIED_OF_LUNGS = ("indication=respiratory,ecpr",)
"""Indications whose deaths the embedded registry draws from one logistic model."""


def volume(options: Options, progress: Progress | None) -> Finding:
    """Volume and outcome."""
    from perfuse.evidence.centres.in_parts import volume_finding_in_parts
    from perfuse.evidence.centres.volume import volume_outcome

    asked: dict[str, Any] = {"outcome": options.outcome or "died", "covariates": options.columns or COVARIATES, **options.take("nodes")}
    if options.parts is not None:
        with sharing(options) as across:
            return volume_finding_in_parts(parts_of(Path(options.parts)), **asked, across=across, progress=progress)
    given = _runs(options)
    asked["covariates"] = _case_mix(options, given)
    if given.truth is not None:
        known = given.truth["mortality"]
        asked["truth"] = {"centre_sd": known["centre_sd"]}
        if known["volume"]["plateau"] is None:  # else no one odds ratio per doubling is true
            asked["truth"]["log_or_per_doubling"] = known["volume"]["log_or_per_doubling"]
        asked["truth_curve"] = known["volume"]["curve"]
    return said(volume_outcome(given.frame, **asked, progress=progress, **options.take("knots")), given, _unseen(options, given))


def funnel(options: Options, progress: Progress | None) -> Finding:
    """Standardised mortality ratios of centres."""
    from perfuse.evidence.centres.funnel import funnel as made

    given = _runs(options)
    return said(made(given.frame, **_risks(options, given), effects=_effects(given)), given, _unseen(options, given))


def cusum(options: Options, progress: Progress | None) -> Finding:
    """Risk-adjusted CUSUM of one centre."""
    from perfuse.evidence.centres.charts import centre_cusum

    given = _runs(options)
    return said(
        centre_cusum(given.frame, **_one_centre(options, given), **options.take("false_alarm", "seed")), given, _unseen(options, given)
    )


def vlad(options: Options, progress: Progress | None) -> Finding:
    """Variable life-adjusted display of one centre."""
    from perfuse.evidence.centres.charts import centre_vlad

    given = _runs(options)
    return said(centre_vlad(given.frame, **_one_centre(options, given)), given, _unseen(options, given))


def calibration(options: Options, progress: Progress | None) -> Finding:
    """Validation of a score of the library, or of predictions in a column."""
    from perfuse.evidence.analyses.scored import scored
    from perfuse.evidence.centres.validation import validate_prediction

    outcome = options.outcome or "died"
    if options.predicted is not None:
        if options.score is not None:
            raise InputError(
                [Problem("--score", "a score and a column of predictions are two things", hint="Name one.")], "the command line"
            )
        given = rows("runs", options, whole=True)
        found = validate_prediction(given.frame, predicted=options.predicted, outcome=outcome)
        return said(found, given, unseen(given.frame, outcome))
    name = options.score or "resp"
    kind = {"resp": "respiratory", "preserve": "respiratory", "preset": "respiratory", "save": "cardiac", "encourage": "cardiac"}.get(name)
    given = rows("runs", options, whole=True, only=[f"indication={kind}"] if kind else [])
    done = scored(given.frame, name, progress)
    found = validate_prediction(
        done.frame, predicted="predicted_death", outcome=outcome, label="score_class", published=done.published, published_order=done.order,
        name=done.name, left_out_before=done.missing + done.refused,
    )  # fmt: skip
    words = [f"{done.name} foretells {done.endpoint}; here it is held against {outcome} in the registry."] if done.endpoint else []
    words += [f"{done.refused} rows have an input out of range ({'; '.join(done.reasons)})."] if done.refused else []
    words += [f"The registry has no {', '.join(done.absent)}: taken as the score takes what is not given."] if done.absent else []
    if options.registry is None and options.table is None:
        words.append("Deaths of the embedded registry do not follow this score: how badly it does here says nothing about real patients.")
    return replace(said(found, given, (*words, *unseen(given.frame, outcome))), source=f"{found.source}; score: {done.source}")


def _unseen(options: Options, given: Rows) -> tuple[str, ...]:
    return unseen(given.frame, options.outcome or "died")


def _runs(options: Options) -> Rows:
    return rows("runs", options, whole=True, if_known=DIED_OF_LUNGS)


def _case_mix(options: Options, given: Rows) -> Sequence[str]:
    """The covariates chosen, or those of the default that vary among these rows (all respiratory: `ecpr` does not)."""
    if options.columns:
        return options.columns
    return [name for name in COVARIATES if name not in given.frame or given.frame[name].nunique() > 1]


def _risks(options: Options, given: Rows) -> dict[str, Any]:
    """Outcome, and predictions or covariates for expected deaths."""
    if options.predicted is not None:
        return {"outcome": options.outcome or "died", "predicted": options.predicted}
    return {"outcome": options.outcome or "died", "covariates": _case_mix(options, given)}


def _one_centre(options: Options, given: Rows) -> dict[str, Any]:
    order = [name for name in ("year", "run_id") if name in given.frame.columns]
    return {**_risks(options, given), "order": order, "effects": _effects(given), **options.take(centre_value="centre")}


def _effects(given: Rows) -> dict[str, float] | None:
    """True log odds ratio of every centre against the average run: its own effect and that of its volume."""
    if given.truth is None:
        return None
    known, law = given.truth["mortality"]["centre_effects"], given.truth["mortality"]["volume"]
    volumes = given.frame["annual_volume"].to_numpy(np.float64)
    own = given.frame["centre_id"].map(known).to_numpy(np.float64)
    whole = own + volume_effect(volumes, law["log_or_per_doubling"], law["plateau"])
    means = pd.Series(whole - whole.mean()).groupby(given.frame["centre_id"].to_numpy()).mean()
    return {str(centre): float(value) for centre, value in means.items()}
