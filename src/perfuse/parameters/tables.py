"""Tables of named numbers: what can be set during a run, what a patient is made of, what a bedside can tell, what can be given.

One form for all: name -> {unit, low, high, default, source, mark, text}. A table is read once and checked as strictly as a case.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path as FilePath

from perfuse.parameters import units
from perfuse.parameters.problems import Path, Problems
from perfuse.parameters.records import MARKS, check_keys, kind, read_source, span
from perfuse.parameters.sources import cite
from perfuse.parameters.yamlfile import read_file

_HERE = FilePath(__file__).parent
_KEYS = ("field", "unit", "low", "high", "default", "options", "source", "mark", "text")


@dataclass(frozen=True, slots=True)
class Entry:
    """One named number: its unit, the range it may have, and why.

    field    name of the engine's parameter, where the table has one
    options  words that stand for numbers ({"sinus": 0, "vf": 2}), empty for plain numbers
    """

    name: str
    unit: str
    low: float | None
    high: float | None
    source: tuple[str, ...]
    mark: str = "assumed"
    text: str = ""
    field: str = ""
    default: float | None = None
    options: Mapping[str, float] | None = None

    @property
    def allowed(self) -> str:
        """The range in words."""
        return ", ".join(self.options) if self.options else span(self.low, self.high, self.unit)

    def read(self, given: object, path: Path, problems: Problems, *, bare: bool = True) -> float | None:
        """A number in this unit from what was given; None, with the problem noted, where it cannot be."""
        if self.options is not None and str(given) in self.options:
            return self.options[str(given)]
        source = cite(self.source)
        try:
            value = units.read(given, self.unit, bare=bare)
        except units.UnitError as error:
            problems.add(path, error.text, value=given, allowed=self.allowed, source=source, hint=error.hint)
            return None
        if self.options is not None:
            problems.add(path, f"{given} is not one of the choices", value=given, allowed=self.allowed, source=source)
            return None
        low, high = self.low, self.high
        if (low is not None and value < low) or (high is not None and value > high):
            side = "below" if low is not None and value < low else "above"
            limit = low if side == "below" else high
            hint = f"{'Raise' if side == 'below' else 'Lower'} it, or check its unit."
            if self.unit == "1" and high is not None and high <= 1.0 < value <= 100.0:
                hint = f"A share of 1 is meant: write {value / 100:g} or {value:g} %."
            if self.unit == "%" and 0.0 < value <= 1.0:
                hint = f"Per cent is meant: write {value * 100:g} or {value * 100:g} %."
            shown = given if isinstance(given, str) else f"{value:g}{'' if self.unit == '1' else ' ' + self.unit}"
            problems.add(
                path,
                f"{shown} is {side} {limit:g}{'' if self.unit == '1' else ' ' + self.unit}",
                value=given,
                allowed=self.allowed,
                source=source,
                hint=hint,
            )
            return None
        return value


def read_table(data: object, problems: Problems) -> dict[str, Entry]:
    """Entries of a table; every flaw is noted."""
    out: dict[str, Entry] = {}
    for name, entry in (data if isinstance(data, dict) else {}).items():
        if not isinstance(entry, dict):
            problems.add((name,), f"a mapping with unit, low, high and source should stand here, not {kind(entry)}")
            continue
        check_keys(entry, _KEYS, (name,), problems)
        unit = str(entry.get("unit", "1"))
        mark = str(entry.get("mark", "assumed"))
        if mark not in MARKS:
            problems.add((name, "mark"), f"'{mark}' is not a mark", allowed=", ".join(MARKS))
        if not entry.get("source"):
            problems.add((name,), "'source' is missing")
            continue
        source = read_source(entry["source"], (name, "source"), problems)
        numbers: dict[str, float | None] = {}
        for key in ("low", "high", "default"):
            given = entry.get(key)
            numbers[key] = None if given is None else float(given) if isinstance(given, int | float) else None
            if given is not None and numbers[key] is None:
                problems.add((name, key), f"a number in {unit} should stand here, not {kind(given)}", value=given)
        low, high, default = numbers["low"], numbers["high"], numbers["default"]
        if low is not None and high is not None and low > high:
            problems.add((name,), f"low {low:g} lies above high {high:g}")
        if default is not None and ((low is not None and default < low) or (high is not None and default > high)):
            problems.add((name, "default"), f"the default {default:g} lies outside its range", allowed=span(low, high, unit))
        text, field, options = str(entry.get("text", "")), str(entry.get("field", "")), entry.get("options")
        out[name] = Entry(name, unit, low, high, source, mark, text, field, default, options)
    return out


@cache
def table(name: str) -> dict[str, Entry]:
    """One table of the parameters folder, by the name of its file."""
    data, problems = read_file(_HERE / f"{name}.yaml", f"{name}.yaml")
    entries = read_table(data, problems)
    problems.raise_if_any()
    return entries


def controls() -> dict[str, Entry]:
    """What can be set during a run (pump.rpm, gas.sweep, ...): the names of case files, command line and console."""
    return table("controls")


def patient_parameters() -> dict[str, Entry]:
    """What a patient is made of."""
    return table("patient")


def bedside() -> dict[str, Entry]:
    """Measurements from which a patient can be derived."""
    return table("bedside")


def fluids() -> dict[str, Entry]:
    """What can be given or taken, in mL."""
    return table("fluids")


def case_fields() -> dict[str, Entry]:
    """Numbers of a case file that are no control: times, sites, ventilator and gas settings."""
    return table("case_fields")
