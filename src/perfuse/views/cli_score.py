"""The command `perfuse score` as it is typed."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from perfuse.views.answering import NOT_MET, OK, Json, answer, given_case


def score(
    name: str = "",
    /,
    *inputs: Annotated[str, Parameter(allow_leading_hyphen=True)],
    list_: Annotated[bool, Parameter(name="--list", negative=())] = False,
    explain: Annotated[bool, Parameter(negative=())] = False,
    table: Path | None = None,
    out: Path | None = None,
    case: str = "",
    at: str | None = None,
    seed: int | None = None,
    json: Json = False,
) -> int:
    """Work out a score, an index or criteria, and say what is known about it: outcome, cohort, later results, source.

    `perfuse score resp --age 35 --paco2-mmHg 60 --nmb` works one out; what is missing gives the range that remains possible.
    `perfuse score resp` shows what it asks for. ELSO: not recommended for patient selection or individual management.

    Parameters
    ----------
    name
        A score: `perfuse score --list` names them.
    inputs
        Inputs as options by their names: --age 35, --paco2-mmHg "8 kPa", --nmb or --nmb no, --diagnoses myocarditis,refractory_vt_vf.
    list_
        List all scores, also those that are not available, and why.
    explain
        Show the whole record: points, limits, notes, how well each part is known.
    table
        A CSV or Parquet file with one patient in each row; columns are named as the inputs.
    out
        The file for the scored table (.csv or .parquet).
    case
        Instead of inputs: a case file, or the name of a shipped case; all scores of its simulated patient.
    at
        The moment of that run ("10 min"); without it, its end.
    seed
        Replaces the seed of the case.
    json
        Print JSON instead of tables.
    """
    from perfuse.views import score_typed

    score_typed.refuse_mixtures(name, inputs, list_=list_, table=table, out=out, case=case, at=at, seed=seed)
    if case:
        return _of_case(given_case(case, seed), name, at, json)
    if list_ or not name:
        return _listed(json)
    if table is not None:
        return _table(name, table, out, json)
    return _one(name, inputs, explain, json)


def _listed(json: bool) -> int:
    from perfuse.evidence.scoring.library import scores
    from perfuse.parameters.safety import SAFETY_TEXT
    from perfuse.views import score_shown

    found = scores()
    answer({"safety": SAFETY_TEXT, "scores": found}, json, lambda: score_shown.listed(found))
    return OK


def _one(name: str, inputs: tuple[str, ...], explain: bool, json: bool) -> int:
    from perfuse.evidence.scoring.answer import describe
    from perfuse.evidence.scoring.library import find_score
    from perfuse.evidence.scoring.library import score as work_out
    from perfuse.views import score_record, score_shown, score_typed

    record = find_score(name)
    if not inputs:
        found = describe(record)
        answer(found, json, lambda: score_record.screen(found, whole=explain))
        return OK
    given = score_typed.options(record, inputs) if record.available else {}
    worked = work_out(name, **given)  # of a record that is not available it says why
    shown: Callable[[], None] = lambda: score_shown.screen(worked, describe(record) if explain else None)  # noqa: E731
    answer({**worked, "record": describe(record)} if explain else worked, json, shown)
    return OK


def _table(name: str, table: Path, out: Path | None, json: bool) -> int:
    from perfuse.evidence.scoring.batch import score_table
    from perfuse.views import score_shown
    from perfuse.views.progress import watched

    assert out is not None  # refuse_mixtures has seen to it
    with watched(f"scoring {table.name}") as progress:
        found = score_table(name, table, out, progress)
    answer(found, json, lambda: score_shown.table_done(found))
    return OK if found["failed"] == 0 else NOT_MET


def _of_case(given: Any, name: str, at: str | None, json: bool) -> int:
    from perfuse.evidence.scoring.library import find_score
    from perfuse.evidence.scoring.simulated import moment_of, scores_of
    from perfuse.results.simulate import run_case
    from perfuse.views import score_shown
    from perfuse.views.progress import watched

    wanted = find_score(name).id if name else ""
    moment = moment_of(at, given.duration)
    with watched(given.title, simulates=True) as progress:
        run = run_case(given, progress=progress)
    found = scores_of(run, moment)
    if wanted:
        found["scores"] = [one for one in found["scores"] if one["id"] == wanted]
    answer(found, json, lambda: score_shown.of_case(found))
    return OK if run.status["ok"] else NOT_MET
