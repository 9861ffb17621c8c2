"""The one evaluator: a record and complete inputs in, outputs, contributions and class out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from perfuse.evidence.scoring.reading import TOTAL
from perfuse.evidence.scoring.records import Class, Item, Number, Score


@dataclass(frozen=True)
class Worked:
    """What was worked out.

    outputs         by name, without those that are not told
    contributions   of each item, term or criterion: {item, inputs, points} or {criterion, inputs, met}
    found           the class; None where the record has no classes
    names           inputs and everything worked out, for conditions on them
    """

    outputs: dict[str, Any]
    contributions: list[dict[str, Any]]
    found: Class | None
    names: dict[str, Any]


def work_out(score: Score, values: Mapping[str, Any]) -> Worked:
    """Outputs of a record for inputs that are all there (optional ones may be None)."""
    if score.kind == "points":
        points = {name: item_points(item, values) for name, item in score.items.items()}
        contributions = [_line(name, score.items[name].of, values, points[name]) for name in points]
        names = outputs_of(score, {TOTAL: total_of(score, points.values())}, values)
        if score.components:
            names["components"] = points
    elif score.kind == "criteria":
        met = {name: bool(condition.value(values)) for name, condition in score.criteria.items()}
        contributions = [criterion_line(score, name, values, held) for name, held in met.items()]
        names = outputs_of(score, met, {})
        if score.failed:
            names["failed"] = [name for name, held in met.items() if not held]
    else:
        terms = {name: term.value(values) for name, term in score.terms.items()}
        contributions = [_line(name, sorted(score.terms[name].names), values, terms[name]) for name in terms]
        names = outputs_of(score, {TOTAL: total_of(score, terms.values())} if terms else {}, values)
    everything = {**values, **names}
    found = class_for(score, everything)
    told = {name: value for name, value in names.items() if not name.startswith("_")}
    return Worked({**told, **class_outputs(score, found)}, contributions, found, everything)


def item_points(item: Item, values: Mapping[str, Any]) -> Number | None:
    """Points of one line of a table; None where its optional input is absent, so that it is not counted."""
    if item.words:
        given = values[item.of[0]]
        words: Iterable[str] = [given] if isinstance(given, str) else given
        points: list[Number] = [item.words[word] for word in words]
        return sum(points)
    for band in item.bands:
        if band.when.value(values):
            return band.points
    return None


def total_of(score: Score, points: Iterable[Number | None]) -> Number:
    """Constant and points together: their sum, or the mean of those that are counted."""
    counted = [one for one in points if one is not None]
    if score.total == "mean":
        return score.constant + sum(counted) / len(counted)
    return score.constant + sum(counted)


def outputs_of(score: Score, first: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Every output in the order of the record; `first` are names (total, criteria) that outputs may read beside the inputs."""
    names = {**values, **first}
    found: dict[str, Any] = {}
    for name, expression in score.outputs.items():
        found[name] = names[name] = expression.value(names)
    return found


def class_for(score: Score, names: Mapping[str, Any]) -> Class | None:
    """The class whose condition holds."""
    return next((one for one in score.classes if one.when.value(names)), None)


def class_outputs(score: Score, found: Class | None) -> dict[str, Any]:
    """Name and published outcomes of a class, under the names of the record; None for each where there is no class."""
    if not score.class_name:
        return {}
    return {score.class_name: found.label if found else None, **{key: found.outcome.get(key) if found else None for key in outcomes(score)}}


def outcomes(score: Score) -> list[str]:
    """Names of the outcomes that are published by class."""
    return list(dict.fromkeys(key for one in score.classes for key in one.outcome))


def criterion_line(score: Score, name: str, values: Mapping[str, Any], met: bool | None) -> dict[str, Any]:
    """One criterion as a contribution."""
    condition = score.criteria[name]
    return {"criterion": name, "inputs": {n: values.get(n) for n in sorted(condition.names)}, "rule": condition.text, "met": met}


def _line(name: str, of: Iterable[str], values: Mapping[str, Any], points: Number | None) -> dict[str, Any]:
    return {"item": name, "inputs": {one: _shown(values.get(one)) for one in of}, "points": points}


def _shown(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
