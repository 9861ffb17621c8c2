"""Flat frames for analyses: one row per run, or one per candidate; only the columns that are asked for are read."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from perfuse.evidence.registry import schema
from perfuse.evidence.registry.query import Source, opened
from perfuse.parameters.problems import InputError, Problem, did_you_mean

DAYS = "(epoch_us({later}) - epoch_us(r.start)) / 86400000000.0"
RUNS: dict[str, str] = {
    "run_id": "r.run_id",
    "patient_id": "r.patient_id",
    "centre_id": "r.centre_id",
    "year": "coalesce(r.year, year(r.start))",
    "age": "r.age",
    "female": "p.female",
    "weight_kg": "r.weight_kg",
    "height_cm": "r.height_cm",
    "indication": "r.indication",
    "diagnosis": "r.diagnosis",
    "mode": "r.mode",
    "bridge_intent": "r.bridge_intent",
    "run_days": DAYS.format(later='coalesce(r."end", o.last_seen)'),
    "support_ended_by": "o.support_ended_by",
    "hospital_outcome": "o.hospital_outcome",
    "hospital_days": DAYS.format(later="o.last_seen"),
    "annual_volume": "count(*) OVER (PARTITION BY r.centre_id, coalesce(r.year, year(r.start)))",
}
"""Columns that are not simply a column of pre_support, as SQL."""
WORDS = frozenset({"run_id", "patient_id", "centre_id", "indication", "diagnosis", "mode", "bridge_intent", "support_ended_by"}) | {
    "hospital_outcome",
    "rhythm",
}


def run_columns() -> list[str]:
    """Every column that `runs` can give."""
    before = [name for name in schema.tables()["pre_support"].columns if name != "run_id"]
    return [*RUNS, *before]


def runs(store: Source, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """One row per run, in the order of run_id.

    store     a `Registry`, a `Store`, or the folder, file or address of one
    columns   names from `run_columns()`; without it all that hold a value somewhere

    run_days (d) is the time on support that was seen: to its end, or to the last sight where support_ended_by is still_on.
    hospital_days (d) goes from the start of support to leaving, to death, or to the last sight. annual_volume counts all runs of the
    centre in the calendar year, whichever columns are asked for. Missing numbers are NaN; true and false with gaps are nullable.
    Errors: `InputError` for columns that do not exist.
    """
    wanted = _known(columns, run_columns())
    said = [f"{RUNS.get(name) or f'b.{_quoted(name)}'} AS {_quoted(name)}" for name in wanted or run_columns()]
    joined = (
        "FROM runs r LEFT JOIN patients p USING (patient_id) LEFT JOIN outcomes o USING (run_id) LEFT JOIN pre_support b USING (run_id)"
    )
    with opened(store, ("runs", "patients", "outcomes", "pre_support")) as connection:
        frame = connection.execute(f"SELECT {', '.join(said)} {joined} ORDER BY r.run_id").df()
    return _tidy(frame, keep=wanted is not None)


def candidates(store: Source, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """One row per patient who met criteria for ECMO, in the order of candidate_id; columns as in the table of that name.

    ecmo_day and end_day are days from eligibility; ecmo_day is NaN for those who never had ECMO while they were seen.
    """
    known = list(schema.tables()["candidates"].columns)
    wanted = _known(columns, known)
    said = ", ".join(_quoted(name) for name in wanted or known)
    with opened(store, ("candidates",)) as connection:
        frame = connection.execute(f"SELECT {said} FROM candidates ORDER BY candidate_id").df()
    return _tidy(frame, keep=True)


def _known(columns: Sequence[str] | None, known: Sequence[str]) -> list[str] | None:
    if columns is None:
        return None
    unknown = [name for name in columns if name not in known]
    if unknown:
        raise InputError([Problem(name, "there is no such column", hint=did_you_mean(name, known)) for name in unknown], "columns")
    return list(columns)


def _tidy(frame: pd.DataFrame, keep: bool) -> pd.DataFrame:
    for name in frame.columns:
        column: Any = frame[name]
        if not keep and name not in RUNS and column.isna().all():
            frame = frame.drop(columns=name)
        elif column.dtype == object and name not in WORDS and column.map(type).isin([bool, type(None), float, type(pd.NA)]).all():
            frame[name] = column.astype("boolean")
        elif str(column.dtype) in ("Int64", "Int32"):
            frame[name] = column.astype(float)
    return frame


def _quoted(name: str) -> str:
    return f'"{name}"'
