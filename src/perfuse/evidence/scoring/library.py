"""All scores by name, and the functions that a person calls: `score`, `scores`."""

from functools import cache
from pathlib import Path
from typing import Any

from perfuse.evidence.scoring.answer import answer, describe, status_words, why_not
from perfuse.evidence.scoring.inputs import understand
from perfuse.evidence.scoring.reading import read_score
from perfuse.evidence.scoring.records import Score
from perfuse.parameters.problems import InputError, Problem, did_you_mean

_FOLDER = Path(__file__).parent / "library"


def score_ids() -> list[str]:
    """Ids of every record, those that can be worked out and those that cannot."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def find_score(name: str) -> Score:
    """The record of an id; case and hyphens do not matter. InputError with the nearest ids for any other."""
    known = score_ids()
    plain = str(name).strip().lower().replace("-", "_")
    if plain not in known:
        hint = did_you_mean(str(name), known, "perfuse.evidence.scores() and `perfuse score --list` list all of them.")
        raise InputError([Problem("", f"'{name}' is not a score of this library", value=str(name), hint=hint)], "score")
    return _read(plain)


@cache
def _read(name: str) -> Score:
    return read_score(_FOLDER / f"{name}.yaml")


def score(name: str, /, **inputs: Any) -> dict[str, Any]:
    """Work out one score, index or set of criteria, and say what is known about it. Not for clinical use.

    name    id, as `scores()` lists it ("resp", "save", "vv_mixing")
    inputs  by the names of the record; numbers in its units, or text with a unit ("8 kPa", "180 umol/L", "88 %"); true/false or yes/no;
            a word or, for `diagnoses`, a list of words. None means not given.

    Returns a plain mapping: the outputs of the record (`score`, `risk_class`, `hospital_survival_pct`, ...) and `contributions`,
    `class_outcome` (published outcome, cohort, n), `external` (later results), `thresholds`, `notes`, `warnings`, `safety`, `elso`,
    `source`, `mark`. Inputs that are missing give `score` None, `score_range`, `possible_classes`, `missing` and `could_add`.

    Raises InputError with every problem at once: an unknown score or input, a value out of range, a wrong unit, a score whose points
    were never found in print. Source: each record names its paper.
    """
    record = find_score(name)
    if not record.available:
        text, hint = f"{record.name} cannot be worked out: {why_not(record)}", f"`perfuse score {record.id}` shows what is known."
        raise InputError([Problem("", text, value=record.id, source=record.source, hint=hint)], f"score {record.id}")
    return answer(record, understand(record, inputs))


def scores() -> list[dict[str, Any]]:
    """Every record, one mapping each: id, name, endpoint, status, available, why_not, inputs, source, mark, confidence."""
    listed = []
    for name in score_ids():
        one = find_score(name)
        listed.append(
            {
                "id": one.id,
                "name": one.name,
                "endpoint": one.endpoint,
                "status": status_words(one),
                "available": one.available,
                "why_not": why_not(one),
                "inputs": list(one.inputs),
                "source": one.source,
                "mark": one.mark,
                "confidence": one.confidence,
            }
        )
    return sorted(listed, key=lambda one: (one["status"] != "available", one["status"] == "not available", one["id"]))


def describe_score(name: str) -> dict[str, Any]:
    """A record without a patient: inputs with ranges, points or formula, classes with outcomes, later results, source and marks.

    For what cannot be worked out: why, and what is known of it; for stages and profiles (SCAI, INTERMACS) their descriptions.
    """
    return describe(find_score(name))
