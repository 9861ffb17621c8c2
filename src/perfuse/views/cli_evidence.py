"""The commands `perfuse evidence ...` as they are typed."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from perfuse.views import cli_eolia
from perfuse.views.answering import Json, answered

evidence = App(name="evidence", help="Trials, meta-analysis, priors, the laboratory of EOLIA, and one page that reproduces six works.")
evidence.command(cli_eolia.eolia)


@evidence.command
def trials(name: str = "", /, *, json: Json = False) -> int:
    """What trials printed, beside what follows from their counts, and why the two differ where they do.

    Parameters
    ----------
    name
        A study (EOLIA, danger, ...) or a comparison; without it every comparison, one line each.
    json
        Print everything as JSON instead of tables.
    """
    from perfuse.views import evidence_lab

    return answered(evidence_lab.trials(name), json)


@evidence.command
def meta(
    *,
    studies: Path | None = None,
    trial: Annotated[list[str] | None, Parameter(negative=())] = None,
    pool: str | None = None,
    measure: str | None = None,
    model: str | None = None,
    subgroup: str | None = None,
    plot: Path | None = None,
    funnel: Path | None = None,
    reduction: float | None = None,
    json: Json = False,
) -> int:
    """Pool studies of two arms: every model, heterogeneity, who matters, and what is not to be trusted.

    Parameters
    ----------
    studies
        A CSV file with the columns study, e1, n1, e0, n0 (events and patients, arm 1 the intervention) and, where known, year.
    trial
        Ids of comparisons of the trials table (`perfuse evidence trials` lists them); several after one another.
    pool
        A built-in pool: eolia-cesar, eolia-cesar-60d, va-ecmo, ecpr, covid-matched, h1n1 (proportions of one arm).
    measure
        rr, or, rd; without it that of the pool, or rr.
    model
        What is shown first: FE, DL, REML, PM, MH, Peto, or HK_DL, mHK_REML, ...; without it REML (from five studies on mHK_REML).
    subgroup
        The column of the CSV file that holds the subgroup of each study.
    plot
        File for the forest plot (SVG).
    funnel
        File for the funnel plot (SVG).
    reduction
        Trial sequential analysis for this relative reduction of risk (0.2: a risk ratio of 0.8); needs years.
    json
        Print everything as JSON instead of tables.
    """
    from perfuse.views import evidence_lab

    asked = evidence_lab.MetaAsked(studies, tuple(trial or ()), pool, measure, model, subgroup, plot, funnel, reduction)
    return answered(evidence_lab.meta(asked), json)


@evidence.command
def bayes(
    *,
    events: Annotated[tuple[str, str, str, str] | None, Parameter(negative=())] = None,
    trial: str | None = None,
    prior: str = "sceptical",
    benefit: Annotated[list[str] | None, Parameter(negative=())] = None,
    normal: Annotated[bool, Parameter(negative=())] = False,
    published: Annotated[bool, Parameter(negative=())] = False,
    plot: Path | None = None,
    map_: Annotated[Path | None, Parameter(name="--map")] = None,
    json: Json = False,
) -> int:
    """What is believed of a risk ratio after a trial, from a prior and the counts; exact, without sampling.

    Parameters
    ----------
    events
        Events and patients of the intervention, then of the control: --events 44 124 57 125.
    trial
        A comparison of the trials table in place of --events.
    prior
        minimal, enthusiastic, sceptical, or MEAN,SD of the log risk ratio.
    benefit
        A benefit whose probability is asked: rr<0.9, or arr>=4 (absolute reduction, per cent); several after one another.
    normal
        Use a normal approximation of the likelihood instead of the counts (labelled; no absolute risks).
    published
        Show published re-analyses beside what is recomputed here (EOLIA, INCEPTION, ARREST) instead.
    plot
        File for prior, likelihood and posterior (SVG).
    map_
        File for the map of the answer over priors (SVG).
    json
        Print everything as JSON instead of tables.
    """
    from perfuse.views import evidence_lab

    if published:
        evidence_lab.alone_published({"--events": events, "--trial": trial, "--benefit": benefit, "--plot": plot, "--map": map_})
        return answered(evidence_lab.published(), json)
    return answered(evidence_lab.bayes(events, trial, prior, tuple(benefit or ()), not normal, plot, map_), json)


@evidence.command
def report(*, out: Path, seed: int = 1, json: Json = False) -> int:
    """One self-contained page that reproduces six cited works as far as their published data allow, and says what it could not.

    Parameters
    ----------
    out
        The file of the page, for example evidence.html.
    seed
        Of everything that is simulated on the page.
    json
        Print the checks as JSON instead of a table.
    """
    from perfuse.views.works import command

    return answered(command.made(out, seed), json)
