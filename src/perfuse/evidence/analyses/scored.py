"""A score of the library over every row of a table: predicted chance of death by what was published for its classes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from perfuse.evidence.progress import Progress
from perfuse.parameters.problems import InputError, Problem, Problems


@dataclass(frozen=True)
class Scored:
    """Rows that could be scored.

    frame      the rows with `predicted_death` (0 to 1), `score_class` and `score_value`
    missing    rows that lack an input          refused   rows with an input out of range, with the first reasons
    published  deaths by class in %             endpoint  what the paper predicted
    """

    frame: pd.DataFrame
    missing: int
    refused: int
    reasons: tuple[str, ...]
    published: Mapping[str, float]
    order: tuple[str, ...]
    endpoint: str
    name: str
    source: str
    absent: tuple[str, ...]


def scored(frame: pd.DataFrame, name: str, progress: Progress | None = None) -> Scored:
    """Work out a score for every row that has all its inputs; nothing is filled in.

    name   id of a score of the library with published outcomes by class ("resp", "save")
    Raises InputError for a score that is unknown, not available, without published outcomes, or of which the table lacks inputs.
    """
    from perfuse.evidence.scoring.evaluate import work_out
    from perfuse.evidence.scoring.inputs import understand
    from perfuse.evidence.scoring.library import find_score

    record = find_score(name)
    problems = Problems(f"score {record.id}")
    if not record.available or not record.classes:
        problems.add((), f"{record.name} has no classes with published outcomes here", hint="`perfuse score --list` says which have.")
        problems.raise_if_any()
    published = {str(one.label): death for one in record.classes if (death := _death(one.outcome)) is not None}
    if not published:
        problems.add((), f"no death or survival is published by class of {record.name}", hint="Choose another score.")
    needed = [one for one, given in record.inputs.items() if not given.optional]
    absent = [one for one in needed if one not in frame.columns]
    for one in absent:
        problems.add((one,), "the registry has no such column", hint=f"{record.name} cannot be worked out without it.")
    problems.raise_if_any()
    here = [one for one in record.inputs if one in frame.columns]
    whole = frame[frame[needed].notna().all(axis=1)]
    rows: list[dict[str, Any]] = []
    reasons: list[str] = []
    for i, values in enumerate(whole[here].itertuples(index=False, name=None)):
        given = {key: _plain(value) for key, value in zip(here, values, strict=True)}
        try:
            worked = work_out(record, understand(record, given).values)
            label = str(worked.found.label) if worked.found is not None else None
            rows.append({"score_value": worked.outputs.get(record.main), "score_class": label,
                         "predicted_death": None if label not in published else published[label] / 100.0})  # fmt: skip
        except InputError as error:
            reasons.append(str(error.problems[0]))
            rows.append({"score_value": None, "score_class": None, "predicted_death": None})
        if progress is not None and i % 2000 == 0:
            progress(i, len(whole), f"scoring, {record.name}")
    if not rows:
        raise InputError([Problem("", f"no row has all inputs of {record.name}", hint=f"Needed: {', '.join(needed)}.")], "the registry")
    made = pd.concat([whole.reset_index(drop=True), pd.DataFrame(rows)], axis=1)
    return Scored(
        made[made["predicted_death"].notna()],
        len(frame) - len(whole),
        len(reasons),
        tuple(dict.fromkeys(reasons))[:3],
        published,
        tuple(published),
        record.endpoint or "",
        record.name,
        record.source,
        tuple(one for one in record.inputs if one not in frame.columns),
    )


def _death(outcome: Mapping[str, Any]) -> float | None:
    """Deaths in % from a published outcome: mortality as it is, survival taken from 100; None for anything else."""
    for key, value in outcome.items():
        if value is None or not key.endswith("_pct"):
            continue
        if "mortality" in key or "death" in key:
            return float(value)
        if "survival" in key:
            return 100.0 - float(value)
    return None


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return None
    return value.item() if hasattr(value, "item") else value
