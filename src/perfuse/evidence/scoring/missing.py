"""Inputs that are missing give the range of what is possible: every completion within the allowed ranges, never a guess.

A missing input is tried at its ends, at every limit with which the record compares it, between limits, and where a formula turns.
Tables are exact because points change only at limits; formulas because between those values they rise or fall in each input alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise, product
from typing import Any

from perfuse.evidence.scoring.evaluate import class_for, class_outputs, criterion_line, item_points, outputs_of
from perfuse.evidence.scoring.language import Expression
from perfuse.evidence.scoring.reading import TOTAL
from perfuse.evidence.scoring.records import Class, Input, Number, Score

Tried = dict[str, list[Any]]
SAME = 10
"""Digits to which sums of points count as the same number."""


@dataclass
class Possible:
    """What can be said without the missing inputs.

    outputs        values that are the same for every completion; None for the others
    ranges         lowest and highest of each number that is not settled; None for an end without limit
    choices        the words or truths that an unsettled output can take
    classes        classes that some completion reaches, in the order of the record
    contributions  as when complete; points None and `range` where not settled
    could_add      for each missing input, what it decides
    """

    outputs: dict[str, Any] = field(default_factory=dict)
    ranges: dict[str, tuple[Number | None, Number | None]] = field(default_factory=dict)
    choices: dict[str, list[Any]] = field(default_factory=dict)
    classes: list[Class] = field(default_factory=list)
    contributions: list[dict[str, Any]] = field(default_factory=list)
    could_add: list[dict[str, Any]] = field(default_factory=list)


def explore(score: Score, values: Mapping[str, Any], missing: Sequence[str]) -> Possible:
    """All that is possible for inputs of which some are missing."""
    if score.kind == "points":
        found = _points(score, values, missing)
    elif score.kind == "criteria":
        found = _criteria(score, values, missing)
    else:
        found = _formula(score, values, missing)
    if score.class_name:
        found.outputs |= class_outputs(score, found.classes[0] if len(found.classes) == 1 else None)
    return found


def _points(score: Score, values: Mapping[str, Any], missing: Sequence[str]) -> Possible:
    tried = _tried(score, values, missing)
    possible: dict[str, list[Number]] = {}
    counted = 0
    for name, item in score.items.items():
        points = {item_points(item, {**values, **free}) for free in _completions(tried, item.of)}
        known = sorted(one for one in points if one is not None)
        if known:
            possible[name] = known
            counted += 1
    totals: set[Number] = {0}
    for some in possible.values():
        totals = {_same(total + one) for total in totals for one in some}
    whole = sorted(score.constant + (total / counted if score.total == "mean" else total) for total in totals)
    made = Possible()
    told = [outputs_of(score, {TOTAL: total}, {}) for total in whole]
    for name in score.outputs:
        _settle(score, made, name, [one[name] for one in told])
    reached = {id(hit) for one in told if (hit := class_for(score, one)) is not None}
    made.classes = [one for one in score.classes if id(one) in reached]
    for name, item in score.items.items():
        worth = possible.get(name, [])
        line: dict[str, Any] = {"item": name, "inputs": {one: _listed(values.get(one)) for one in item.of}}
        line["points"] = worth[0] if len(worth) == 1 else None
        made.contributions.append(line if len(worth) < 2 else {**line, "range": [worth[0], worth[-1]]})
        made.could_add += [{"input": one, "item": name, "adds": [worth[0], worth[-1]]} for one in item.of if one in tried and worth]
    if score.components:
        made.outputs["components"] = {line["item"]: line["points"] for line in made.contributions}
    return made


def _criteria(score: Score, values: Mapping[str, Any], missing: Sequence[str]) -> Possible:
    tried = _tried(score, values, missing)
    made = Possible()
    truths: dict[str, list[bool]] = {}
    for name, condition in score.criteria.items():
        truths[name] = sorted({bool(condition.value({**values, **free})) for free in _completions(tried, condition.names)})
        held = truths[name][0] if len(truths[name]) == 1 else None
        made.contributions.append(criterion_line(score, name, values, held))
    told = [outputs_of(score, dict(zip(truths, one, strict=True)), {}) for one in product(*truths.values())]
    for name in score.outputs:
        _settle(score, made, name, [one[name] for one in told])
    if score.failed:
        made.outputs["failed"] = [name for name, found in truths.items() if found == [False]]
        made.outputs["undecided"] = [name for name, found in truths.items() if len(found) > 1]
    for one in tried:
        decides = [name for name, condition in score.criteria.items() if one in condition.names and len(truths[name]) > 1]
        made.could_add.append({"input": one, "decides": decides})
    return made


def _formula(score: Score, values: Mapping[str, Any], missing: Sequence[str]) -> Possible:
    tried = _tried(score, values, missing)
    discrete = [name for name in tried if score.inputs[name].type not in ("number", "integer")]
    smooth = [name for name in tried if name not in discrete]
    made = Possible()
    seen: dict[str, list[Any]] = {name: [] for name in score.outputs}
    terms: dict[str, list[float]] = {name: [] for name in score.terms}
    reached: set[int] = set()
    for chosen in _completions(tried, discrete):
        of: list[float] = []
        for rest in _completions(tried, smooth):
            names = {**values, **chosen, **rest}
            for turned in _turned(score, names, smooth):
                worth = {name: term.value(turned) for name, term in score.terms.items()}
                total = {TOTAL: sum(worth.values())} if worth else {}
                told = outputs_of(score, total, turned)
                for name, value in told.items():
                    seen[name].append(value)
                for name, value in worth.items():
                    terms[name].append(value)
                if score.class_of:
                    of.append(told[score.class_of])
                else:
                    reached |= {id(one) for one in score.classes if one.when.value({**turned, **told})}
        if score.class_of and of:
            limits = [limit for one in score.classes for limit in one.when.limits.get(score.class_of, ())]
            for value in _spread(min(of), max(of), limits):
                reached |= {id(one) for one in score.classes if one.when.value({score.class_of: value})}
    made.classes = [one for one in score.classes if id(one) in reached]
    for name in score.outputs:
        _settle(score, made, name, seen[name])
    for name, term in score.terms.items():
        line: dict[str, Any] = {"item": name, "inputs": {one: _listed(values.get(one)) for one in sorted(term.names)}}
        low, high = min(terms[name]), max(terms[name])
        line["points"] = low if low == high else None
        made.contributions.append(line if low == high else {**line, "range": [low, high]})
        made.could_add += [{"input": one, "item": name, "adds": [low, high]} for one in sorted(term.names) if one in tried]
    if not score.terms:
        made.could_add = [{"input": one, "item": score.main or score.class_name, "adds": None} for one in tried]
    return made


def _settle(score: Score, made: Possible, name: str, seen: Sequence[Any]) -> None:
    """What an output is for every completion: a value, a range, or a choice."""
    if name.startswith("_"):
        return
    known = [value for value in seen if value is not None]
    if not known:
        made.outputs[name] = None
    elif all(isinstance(value, bool) for value in known):
        truths = sorted(set(known))
        made.outputs[name] = truths[0] if len(truths) == 1 else None
        if len(truths) > 1:
            made.choices[name] = truths
    else:
        low, high = min(known), max(known)
        floor, ceiling = score.output_ranges.get(name, (None, None))
        if low == high and len(known) == len(seen):
            made.outputs[name] = low
            return
        made.outputs[name] = None
        top = None if ceiling == float("inf") else high if ceiling is None else min(high, ceiling)
        bottom = low if floor is None else max(low, floor)
        if top is None or bottom <= top:  # else no completion gives what the output can be; a warning of the record says why
            made.ranges[name] = (bottom, top)


def _tried(score: Score, values: Mapping[str, Any], missing: Sequence[str]) -> Tried:
    """The values at which each missing input is tried."""
    limits: dict[str, set[float]] = {}
    for expression in _expressions(score):
        for name, found in expression.limits.items():
            limits.setdefault(name, set()).update(found)
    return {name: _candidates(score.inputs[name], limits.get(name, set())) for name in missing}


def _expressions(score: Score) -> Iterable[Expression]:
    for item in score.items.values():
        yield from (band.when for band in item.bands)
    yield from (*score.terms.values(), *score.criteria.values(), *score.outputs.values())
    yield from (one.when for one in score.classes)


def _candidates(given: Input, limits: Iterable[float]) -> list[Any]:
    if given.type == "bool":
        return [False, True]
    if given.type == "enum":
        return list(given.values)
    if given.type == "multi-enum":
        return [some for n in range(1, len(given.values) + 1) for some in combinations(given.values, n)]
    assert given.low is not None and given.high is not None  # the reader has seen to it
    if given.type == "integer" and given.high - given.low <= 30:
        return list(range(int(given.low), int(given.high) + 1))
    return _spread(given.low, given.high, limits)


def _spread(low: float, high: float, limits: Iterable[float]) -> list[Any]:
    """Both ends, the limits between them, and a number between each two."""
    marks = sorted({low, high, *(limit for limit in limits if low < limit < high)})
    return sorted({*marks, *(0.5 * (a + b) for a, b in pairwise(marks))})


def _completions(tried: Tried, names: Iterable[str]) -> Iterable[dict[str, Any]]:
    """Every combination of the tried values of those of `names` that are missing."""
    free = [name for name in tried if name in set(names)]
    return (dict(zip(free, some, strict=True)) for some in product(*(tried[name] for name in free)))


def _turned(score: Score, names: dict[str, Any], smooth: Sequence[str]) -> Iterable[dict[str, Any]]:
    """The same completion, and each missing input once more at every value at which the formula turns."""
    yield names
    for name in smooth:
        for turn in score.turns.get(name, ()):
            value, given = turn.value(names), score.inputs[name]
            if value is not None and given.low is not None and given.high is not None and given.low <= value <= given.high:
                yield {**names, name: value}


def _same(value: Number) -> Number:
    return value if isinstance(value, int) else round(value, SAME)


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
