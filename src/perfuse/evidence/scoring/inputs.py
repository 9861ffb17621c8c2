"""What was given for a score, understood: units, words, ranges; every problem at once."""

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from perfuse.evidence.scoring.evaluate import work_out
from perfuse.evidence.scoring.quantities import hint_for, nearest_word, read_quantity, word_hint
from perfuse.evidence.scoring.records import Input, Score
from perfuse.parameters.problems import Problems, did_you_mean
from perfuse.parameters.records import kind
from perfuse.parameters.units import UnitError

_TRUTHS = {"true": True, "yes": True, "y": True, "1": True, "false": False, "no": False, "n": False, "0": False}


@dataclass(frozen=True)
class Understood:
    """Inputs in the units of the record.

    values   every input of the record; None where missing or absent
    missing  inputs that are needed and not given (all of a group of which one is needed)
    told     the same in words, a group as "pf_mmHg or sf"
    absent   optional inputs that were not given
    """

    values: dict[str, Any]
    missing: list[str]
    told: list[str]
    absent: list[str]


def understand(score: Score, given: Mapping[str, Any]) -> Understood:
    """The inputs of a record from what was given; InputError with every problem. None means: not given."""
    problems = Problems(f"score {score.id}")
    for name in given:
        if name not in score.inputs:
            problems.add((name,), f"{score.name} has no input '{name}'", value=given[name], hint=did_you_mean(name, score.inputs))
    values: dict[str, Any] = {}
    for name, one in score.inputs.items():
        values[name] = None if given.get(name) is None else _read(one, given[name], problems)
    grouped = {name for group in score.one_of for name in group}
    lacking = [group for group in score.one_of if all(values[name] is None for name in group)]
    missing = [name for name, one in score.inputs.items() if values[name] is None and not one.optional]
    told = [*missing, *(" or ".join(group) for group in lacking)]
    missing += [name for group in lacking for name in group]
    absent = [name for name, one in score.inputs.items() if values[name] is None and one.optional and name not in missing]
    for name in absent:
        values[name] = score.inputs[name].absent_value
    if not problems.found and not missing:
        for remark in score.requires:
            if not _holds(remark.when, score, values):
                problems.add((), remark.text, hint="Check the values that were given.")
    problems.raise_if_any()
    return Understood(values, missing, told, [name for name in absent if name not in grouped or score.inputs[name].absent])


def _holds(condition: Any, score: Score, values: Mapping[str, Any]) -> bool:
    """A requirement may read outputs too."""
    names = values if condition.names <= set(values) else work_out(score, values).names
    return bool(condition.value(names))


def _read(one: Input, given: Any, problems: Problems) -> Any:
    plain = given = _plain(given)
    if one.type == "bool":
        return _truth(one, plain, problems)
    if one.type == "enum":
        return _word(one, plain, problems)
    if one.type == "multi-enum":
        return _words(one, plain, problems)
    try:
        value = read_quantity(plain, one.unit, one.substance)
    except UnitError as error:
        text, hint = (said.replace("1e9/L", "10^9/L") for said in (error.text, error.hint))
        problems.add((one.name,), text, value=given, allowed=allowed(one), source=range_source(one), hint=hint)
        return None
    if one.low is not None and one.high is not None and not one.low <= value <= one.high:
        shown = f"{given}" if isinstance(given, str) else f"{value:g}{_of(one)}"
        with_unit = isinstance(given, str) and any(sign.isalpha() or sign == "%" for sign in given)
        hint = hint_for(value, one.low, one.high, one.unit, with_unit)
        problems.add((one.name,), f"{shown} lies outside its range", value=given, allowed=allowed(one), source=range_source(one), hint=hint)
        return None
    if one.type == "integer":
        if value != int(value):
            problems.add((one.name,), f"{value:g} is not a whole number", value=given, allowed=allowed(one), source=range_source(one))
            return None
        return int(value)
    return value


def _plain(given: Any) -> Any:
    """Numbers and lists of other libraries as those of Python; what is too large for a number is infinite."""
    if hasattr(given, "tolist"):
        return given.tolist()
    if isinstance(given, Decimal) and not given.is_snan():
        return float(given)
    if isinstance(given, int) and given.bit_length() > sys.float_info.max_exp:
        return math.copysign(math.inf, given > 0 or -1)
    return given


def allowed(one: Input) -> str:
    """What can be given, in words."""
    if one.values:
        return ", ".join(one.values)
    if one.type == "bool":
        return "true or false (yes or no)"
    return f"{one.low:g} to {one.high:g}{_of(one)}"


def range_source(one: Input) -> str | None:
    """Where the range of a number comes from, with its mark."""
    return f"{one.range_source}, {one.range_mark}" if one.low is not None else None


def _of(one: Input) -> str:
    return "" if one.unit in (None, "fraction", "points") else f" {one.unit}"


def _truth(one: Input, given: Any, problems: Problems) -> bool | None:
    if isinstance(given, bool):
        return given
    if isinstance(given, int | float) and given in (0, 1):
        return bool(given)
    if isinstance(given, str) and given.strip().lower() in _TRUTHS:
        return _TRUTHS[given.strip().lower()]
    said = f"'{given}'" if isinstance(given, str) else str(given)
    problems.add((one.name,), f"{said} is neither true nor false", value=given, allowed=allowed(one), hint="Write yes or no.")
    return None


def _word(one: Input, given: Any, problems: Problems) -> str | None:
    if not isinstance(given, str):
        problems.add((one.name,), f"a word should stand here, not {kind(given)}", value=given, allowed=allowed(one))
        return None
    found = nearest_word(given, one.values)
    if found is None:
        hint = word_hint(given, one.values)
        problems.add((one.name,), f"'{given}' is not one of its words", value=given, allowed=allowed(one), hint=hint)
    return found


def _words(one: Input, given: Any, problems: Problems) -> tuple[str, ...] | None:
    several = [part for part in given.replace(";", ",").replace("+", ",").split(",")] if isinstance(given, str) else given
    if not isinstance(several, list | tuple | set | frozenset) or not several:
        problems.add((one.name,), "one word or several should stand here", value=given, allowed=allowed(one), hint="Give a list.")
        return None
    found = [_word(one, part, problems) for part in several]
    return tuple(word for word in one.values if word in found) if None not in found else None
