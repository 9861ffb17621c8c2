"""The commands `perfuse trial` and `perfuse bridge` as they are typed."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from perfuse.views.answering import Json, answered, given_case, typed


def trial(
    name: str = "",
    case: str = "",
    /,
    *,
    list_: Annotated[bool, Parameter(name="--list", negative=())] = False,
    out: Path | None = None,
    json: Json = False,
    seed: int | None = None,
) -> int:
    """Play a case and then a trial: steps of support, what is read at each, and published criteria beside it.

    Criteria that are not met are findings, not failures: the exit code is 0 when the trial was played to its end or to its stop criterion.

    Parameters
    ----------
    name
        A trial: `perfuse trial --list` names them.
    case
        A case file, or the name of a shipped case; the trial begins where the case ends.
    list_
        List the trials.
    out
        Folder for summary.json, trends.parquet, waveforms.parquet and report.html; nothing is written without it.
    json
        Print the summary as JSON instead of tables.
    seed
        Replaces the seed of the case.
    """
    from perfuse.views import trials

    if list_:
        return answered(trials.listed(), json)
    given = given_case(case, seed) if case else None
    return answered(trials.played(name, given, out, typed(f"trial {name}", case, out, seed)), json)


def bridge(case: str, /, *, out: Path | None = None, json: Json = False, seed: int | None = None) -> int:
    """Haemodynamic facts for three questions: recovery, durable LVAD, transplant; beside published thresholds. It recommends nothing.

    Parameters
    ----------
    case
        A case file, or the name of a shipped case.
    out
        Folder for summary.json, report.html and the tables of each question.
    json
        Print the summary as JSON instead of tables.
    seed
        Replaces the seed of the case.
    """
    from perfuse.views import trials

    return answered(trials.bridged(given_case(case, seed), out, typed("bridge", case, out, seed)), json)
