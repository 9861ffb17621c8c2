"""What a score hands over: one plain mapping with the value and everything that a reader needs to doubt it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from perfuse.evidence.scoring.evaluate import outcomes, work_out
from perfuse.evidence.scoring.inputs import Understood
from perfuse.evidence.scoring.missing import Possible, explore
from perfuse.evidence.scoring.records import Class, Score
from perfuse.evidence.wilson import wilson
from perfuse.parameters.safety import SAFETY_TEXT
from perfuse.parameters.yamlfile import read_file

_COMMON = Path(__file__).parent / "common.yaml"


@cache
def common() -> dict[str, Any]:
    """ELSO's word on scores, and the review of their quality."""
    data, problems = read_file(_COMMON, _COMMON.name)
    problems.raise_if_any()
    return dict(data)


def answer(score: Score, understood: Understood) -> dict[str, Any]:
    """Outputs, class, cohort, contributions, what is missing, and the words that belong to them."""
    values = understood.values
    if understood.missing:
        possible = explore(score, values, understood.missing)
        classes, names = possible.classes, {**values, **possible.outputs}
    else:
        worked = work_out(score, values)
        possible = Possible(outputs=worked.outputs, contributions=worked.contributions)
        classes, names = [worked.found] if worked.found else [], worked.names
    found = classes[0] if len(classes) == 1 else None
    sure = possible.outputs.get(score.main)
    settled = [sure, sure] if sure is not None else None
    return {
        "id": score.id,
        "name": score.name,
        "endpoint": score.endpoint,
        **possible.outputs,
        "complete": not understood.missing,
        "score_range": list(possible.ranges[score.main]) if score.main in possible.ranges else settled,
        "ranges": {name: list(pair) for name, pair in possible.ranges.items()},
        "choices": {**possible.choices, **({score.class_name: [one.label for one in classes]} if len(classes) > 1 else {})},
        "possible_classes": [one.label for one in classes],
        "missing": understood.told,
        "could_add": possible.could_add,
        "inputs": {name: _input(score, name, value) for name, value in values.items() if value is not None},
        "contributions": possible.contributions,
        "constant": score.constant if score.items else None,
        "class_outcome": class_outcome(score, found) if found else None,
        "possible_outcomes": [published(score, one) for one in classes] if len(classes) > 1 else [],
        "thresholds": [_threshold(one, names) for one in score.thresholds],
        **_background(score),
        "warnings": _warnings(score, names, understood),
    }


def class_outcome(score: Score, found: Class) -> dict[str, Any]:
    """A class with what was published for it, and the cohort in which it was found."""
    return {**published(score, found), "cohort": asdict(score.cohort) if score.cohort else None}


def published(score: Score, found: Class) -> dict[str, Any]:
    """Outcome of a class, its n, the Wilson interval where that n is known, and what was found in it later."""
    shown: dict[str, Any] = {"label": found.label, "outcome": dict(found.outcome), "endpoint": score.endpoint, "n": found.n}
    shown["interval_95"] = {
        name: interval_of(pct, found.n) if found.n and pct is not None and name.endswith("_pct") else None
        for name, pct in found.outcome.items()
    }
    if found.outcome and found.n is None:
        shown["interval_note"] = "the number of patients of this class is not known here, so there is no interval"
    if found.note:
        shown["note"] = found.note
    later = [
        {"who": one.who, "n": one.n, "outcome": one.outcome, "pct": one.by_class[found.label], "mark": one.mark}
        for one in score.external
        if found.label is not None and found.label in one.by_class
    ]
    return {**shown, "later": later}


def interval_of(pct: float, n: int) -> list[float]:
    """95 % interval of a printed percentage of n patients, in per cent (Wilson 1927)."""
    return [100.0 * end for end in wilson(round(pct / 100.0 * n), n)]


def describe(score: Score) -> dict[str, Any]:
    """A record without a patient: what it asks for, its points, classes, source; or why it cannot be worked out."""
    return {
        "id": score.id,
        "name": score.name,
        "endpoint": score.endpoint,
        "status": status_words(score),
        "why_not": why_not(score),
        "inputs": {name: asdict(one) for name, one in score.inputs.items()},
        "one_of": [list(group) for group in score.one_of],
        "items": [_table(score, name) for name in score.items],
        "constant": score.constant if score.items else None,
        "total": score.total if score.items else None,
        "total_range": list(score.total_range) if score.total_range else None,
        "terms": {name: term.text for name, term in score.terms.items()},
        "criteria": {name: one.text for name, one in score.criteria.items()},
        "outputs": {name: one.text for name, one in score.outputs.items() if not name.startswith("_")},
        "classes": [{"when": one.when.text, **published(score, one)} for one in score.classes],
        "class_of": score.class_of,
        "thresholds": [{"label": one.label, "rule": one.rule, "source": one.source, "mark": one.mark} for one in score.thresholds],
        "stages": dict(score.stages),
        "known": _known(score.known),
        **_background(score),
        "warnings": [score.warning] if score.warning else [],
    }


def status_words(score: Score) -> str:
    """The status in a word or two."""
    return {
        "implementable": "available",
        "implementable_with_warning": "available, with a warning",
        "do_not_implement_points_missing": "not available",
        "descriptive": "described",
    }[score.status]


def why_not(score: Score) -> str | None:
    """Why a record cannot be worked out; None where it can."""
    if score.available:
        return None
    if score.stages:
        return "a stage is a judgement at the bedside: it is described, not worked out"
    return f"not found in print where this library could read: {score.missing}; never filled from memory"


def _table(score: Score, name: str) -> dict[str, Any]:
    item = score.items[name]
    lines = [{"when": band.when.text, "points": band.points} for band in item.bands]
    return {"item": name, "of": list(item.of), "points": lines or [{"when": word, "points": n} for word, n in item.words.items()]}


def _input(score: Score, name: str, value: Any) -> dict[str, Any]:
    return {"value": list(value) if isinstance(value, tuple) else value, "unit": score.inputs[name].unit}


def _threshold(one: Any, names: Mapping[str, Any]) -> dict[str, Any]:
    known = one.when is not None and all(names.get(name) is not None for name in one.when.names)
    holds = bool(one.when.value(names)) if known else None
    return {"label": one.label, "rule": one.rule, "holds": holds, "source": one.source, "mark": one.mark}


def _background(score: Score) -> dict[str, Any]:
    external: list[dict[str, Any]] = [asdict(one) for one in score.external]
    if score.ecmo:
        external.append({**common()["review"], "n": None, "outcome": "", "by_class": {}})
    return {
        "cohort": asdict(score.cohort) if score.cohort else None,
        "discrimination": score.cohort.discrimination if score.cohort and score.cohort.discrimination else None,
        "external": external,
        "outcome_names": outcomes(score),
        "source": score.source,
        "evidence": score.evidence,
        "mark": score.mark,
        "confidence": score.confidence,
        "notes": list(score.notes),
        "safety": SAFETY_TEXT,
        "elso": dict(common()["elso"]),
    }


def _warnings(score: Score, names: Mapping[str, Any], understood: Understood) -> list[str]:
    said = [score.warning] if score.warning else []
    said += [remark.text for remark in score.warns if remark.when.value(names)]
    said += rules_of_absent(score, understood.absent)
    if understood.missing:
        said.append(f"missing: {', '.join(understood.told)}; what is shown is what remains possible")
    return said


def rules_of_absent(score: Score, absent: Iterable[str]) -> list[str]:
    """What holds for optional inputs that are left out, those with the same rule together."""
    by_rule: dict[str, list[str]] = {}
    for name in absent:
        by_rule.setdefault(score.inputs[name].absent, []).append(name)
    return [f"{', '.join(some)} not given: {rule.removeprefix('not given: ')}" for rule, some in by_rule.items()]


def _known(known: Any) -> Any:
    """What is known of a record that cannot be worked out; classes of known size get their Wilson interval."""
    if not isinstance(known, dict) or "classes" not in known:
        return known
    lines = [
        {**one, "interval_95": interval_of(one["mortality_pct"], one["n"])} if "n" in one and "mortality_pct" in one else one
        for one in known["classes"]
    ]
    return {**known, "classes": lines}
