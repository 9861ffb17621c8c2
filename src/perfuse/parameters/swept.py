"""What a sweep goes through: one or two controls, each with the values it is given in turn."""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from perfuse.parameters import units
from perfuse.parameters.problems import Problems, did_you_mean, told
from perfuse.parameters.tables import Entry, controls, patient_parameters

MOST = 2500
"""Points of one sweep: a square of 50 by 50."""
FORMS = "Write low:high:step (2000:4500:250) or values with commas (2000,2600,3400)."


class Axis(NamedTuple):
    """One control and its values, in the unit of its table."""

    name: str
    unit: str
    values: tuple[float, ...]


def settings_of(words: Sequence[str], problems: Problems) -> dict[str, str]:
    """NAME=VALUES of the command line, as name -> values."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, values = (part.strip() for part in word.partition("="))
        if not equals or not name:
            problems.add(
                ("--set",), f"'{word}' has no name and values", value=word, hint="Write NAME=VALUES, as in pump.rpm=2000:4500:250."
            )
        elif name in found:
            problems.add(("--set",), f"{name} stands there twice", value=word, hint="Name each control once.")
        else:
            found[name] = values
    return found


def axes_of(settings: Mapping[str, Any], problems: Problems, option: str = "") -> list[Axis]:
    """The axes of a sweep; every problem is noted. `option`: the words before a name where the command line is meant ("--set ")."""
    if not 1 <= len(settings) <= 2 and not len(problems):
        problems.add((option.strip() or "settings",), f"{len(settings):,} controls are swept", allowed="one or two")
        settings = dict(islice(settings.items(), 10))  # those of a slip of the pen
    if {"pump.rpm", "pump.flow"} <= set(settings):
        problems.add((f"{option}pump.flow",), "pump.rpm and pump.flow both steer the pump", hint="Take one of them out.")
    found = [axis for name, given in settings.items() if (axis := _axis(str(name), given, (f"{option}{name}",), problems))]
    points = math.prod(len(axis.values) for axis in found)
    if points > MOST:
        problems.add((option.strip() or "settings",), f"{points} points are too many", allowed=f"1 to {MOST}", hint="Take larger steps.")
    return found


def _axis(name: str, given: Any, path: tuple[str], problems: Problems) -> Axis | None:
    entry = controls().get(name)
    if entry is None:
        hint = did_you_mean(name, controls(), "Known are the controls of machines, drugs and ventilator, and patient.NAME.")
        hint = f"Did you mean patient.{name}?" if name in patient_parameters() else hint
        problems.add(path, f"'{name}' is not a control", value=name, hint=hint)
        return None
    before = len(problems)
    if isinstance(given, str) and not given.strip():
        problems.add(path, "there is no value", hint=FORMS)
        return None
    values = _range(entry, given, path, problems) if isinstance(given, str) and ":" in given else _list(entry, given, path, problems)
    if len(problems) > before:
        return None
    twice = sorted({value for value in values if values.count(value) > 1}) if len(values) <= MOST else []
    if twice:
        problems.add(path, f"{', '.join(f'{value:g}' for value in twice)} stands there twice", value=given, hint="Give each value once.")
    if not values:
        problems.add(path, "there is no value", value=given, hint=FORMS)
    return Axis(name, entry.unit, tuple(values)) if len(problems) == before else None


def _range(entry: Entry, given: str, path: tuple[str], problems: Problems) -> list[float]:
    """low, low + step, ... up to high; a unit behind the last number alone holds for all."""
    parts = _with_unit(given.split(":"))
    if len(parts) != 3 or not all(parts):
        problems.add(path, f"'{given}' is not a range", value=given, hint=FORMS)
        return []
    low, high = (entry.read(part, path, problems) for part in parts[:2])
    step = _step(entry, parts[2], path, problems)
    if low is None or high is None or step is None:
        return []
    if step <= 0.0:
        problems.add(path, f"the step is {step:g}", value=given, allowed="more than 0", hint=FORMS)
    elif low > high:
        problems.add(path, f"the range runs from {low:g} down to {high:g}", value=given, hint="Write the lower end first.")
    elif (high - low) / step > 20.0 * MOST:
        text = f"the range has {(high - low) / step:,.0f} steps"
        problems.add(path, text, value=given, allowed=f"1 to {MOST} points", hint="Take larger steps.")
    else:
        count = math.floor((high - low) / step + 1e-9) + 1
        return [float(f"{low + i * step:.12g}") for i in range(count)]
    return []


def _step(entry: Entry, part: str, path: tuple[str], problems: Problems) -> float | None:
    """A difference: a step of 1 degF is 5/9 of a degree Celsius."""
    try:
        _, written = units.split(part)
        return units.read(part, entry.unit) - (units.convert(0.0, written, entry.unit) if written else 0.0)
    except units.UnitError as error:
        problems.add(path, f"the step {error.text}", value=part, hint=error.hint)
        return None


def _list(entry: Entry, given: Any, path: tuple[str], problems: Problems) -> list[float]:
    values: Any = [given] if isinstance(given, int | float) else given
    if isinstance(given, str):
        values = _with_unit(given.split(",", MOST + 1))
    elif not isinstance(values, Iterable):
        problems.add(path, f"values should stand here, not {told(given)}", value=given, hint="Give a list, or text as in 2000:4500:250.")
        return []
    values = list(islice(values, MOST + 1))
    if len(values) > MOST:
        problems.add(path, f"more than {MOST} values stand here", allowed=f"1 to {MOST} points", hint="Take larger steps.")
        return []
    read = [entry.read(value.item() if hasattr(value, "item") else value, path, problems) for value in values]
    return [value for value in read if value is not None]


def _with_unit(parts: Sequence[str]) -> list[str]:
    """The parts, each with its unit; one that stands behind the last part alone belongs to all."""
    parts = [part.strip() for part in parts]
    written = [_unit(part) for part in parts]
    if len(parts) > 1 and written[-1] and not any(written[:-1]):
        return [f"{part} {written[-1]}" if part and _unit(part) is None and _is_number(part) else part for part in parts]
    return parts


def _unit(part: str) -> str | None:
    try:
        return units.split(part)[1]
    except units.UnitError:
        return None


def _is_number(part: str) -> bool:
    try:
        return math.isfinite(float(part))
    except ValueError:
        return False
