"""Tables of named numbers: what can be set during a run, what a patient is made of, what a bedside can tell, what can be given.

One form for all: name -> {value, unit, low, high, source, mark, text}, at the top of the file or below `parameters:` after a
`schema:` line. A table is read once and checked as strictly as a case.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path as FilePath

from perfuse.parameters import units
from perfuse.parameters.problems import Path, Problems, told
from perfuse.parameters.records import MARKS, check_keys, kind, read_source, span
from perfuse.parameters.sources import cite
from perfuse.parameters.yamlfile import read_file

_HERE = FilePath(__file__).parent
_KEYS = ("field", "value", "default", "unit", "scale", "low", "high", "options", "source", "mark", "text", "size", "instead")


@dataclass(frozen=True, slots=True)
class Entry:
    """One named number: its unit, the range it may have, and why.

    field    name of the engine's parameter, where the table has one
    scale    value x scale is what the engine's row holds (0.735559 mmHg for 1 cmH2O)
    options  words that stand for numbers ({"sinus": 0, "vf": 2}), empty for plain numbers
    size     power of body weight with which a patient's parameter grows
    instead  what to do during a run, where setting this value would change nothing: it holds from the start
    refused  the same, where it is a setting of a run
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
    scale: float = 1.0
    options: Mapping[str, float] | None = None
    size: float = 0.0
    instead: str = ""
    refused: str = ""

    @property
    def allowed(self) -> str:
        """The range in words."""
        return ", ".join(self.options) if self.options else span(self.low, self.high, self.unit)

    def worded(self, value: float) -> str:
        """A value in words: the name of an option, or the number."""
        return next((word for word, number in (self.options or {}).items() if number == value), f"{value:g}")

    def read(self, given: object, path: Path, problems: Problems, *, bare: bool = True) -> float | None:
        """A number in this unit from what was given; None, with the problem noted, where it cannot be."""
        if self.refused:
            problems.add(path, f"{self.name} decides how a run begins; set during a run it would change nothing", hint=self.refused)
            return None
        if self.options is not None and isinstance(given, str) and given in self.options:
            return self.options[given]
        source = cite(self.source)
        try:
            value = units.read(given, self.unit, bare=bare)
        except units.UnitError as error:
            problems.add(path, error.text, value=given, allowed=self.allowed, source=source, hint=error.hint)
            return None
        if self.options is not None and value not in self.options.values():
            problems.add(path, f"{told(given)} is not one of the choices", value=given, allowed=self.allowed, source=source)
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
    head: Path = ()
    if isinstance(data, dict) and "schema" in data:
        head = tuple(key for key in data if key != "schema")[:1]
        data = data[str(head[0])] if head else {}
    for name, entry in (data if isinstance(data, dict) else {}).items():
        path: Path = (*head, name)
        if not isinstance(entry, dict):
            problems.add(path, f"a mapping with unit, low, high and source should stand here, not {kind(entry)}")
            continue
        check_keys(entry, _KEYS, path, problems)
        mark = str(entry.get("mark", "assumed"))
        if mark not in MARKS:
            problems.add((*path, "mark"), f"'{mark}' is not a mark", allowed=", ".join(MARKS))
        if not entry.get("source"):
            problems.add(path, "'source' is missing")
            continue
        source = read_source(entry["source"], (*path, "source"), problems)
        unit, n = str(entry.get("unit", "1")), _numbers(entry, path, problems)
        low, high = n["low"], n["high"]
        default = n["default"] if n["value"] is None else n["value"]
        if low is not None and high is not None and low > high:
            problems.add(path, f"low {low:g} lies above high {high:g}")
        if default is not None and ((low is not None and default < low) or (high is not None and default > high)):
            problems.add(path, f"the value {default:g} lies outside its range", allowed=span(low, high, unit))
        text, field, options = str(entry.get("text", "")), str(entry.get("field", "")), entry.get("options")
        scale = 1.0 if n["scale"] is None else n["scale"]
        size, instead = n["size"] or 0.0, str(entry.get("instead", ""))
        out[name] = Entry(name, unit, low, high, source, mark, text, field, default, scale, options, size, instead)
    return out


def _numbers(entry: dict[str, object], path: Path, problems: Problems) -> dict[str, float | None]:
    out: dict[str, float | None] = {}
    for key in ("value", "default", "scale", "low", "high", "size"):
        given = entry.get(key)
        plain = isinstance(given, int | float) and not isinstance(given, bool)
        out[key] = float(given) if isinstance(given, int | float) and plain else None
        if given is not None and not plain:
            problems.add((*path, key), f"a number should stand here, not {kind(given)}", value=given)
    return out


@cache
def table(name: str) -> dict[str, Entry]:
    """One table of the parameters folder, by the name of its file."""
    data, problems = read_file(_HERE / f"{name}.yaml", f"{name}.yaml")
    entries = read_table(data, problems)
    problems.raise_if_any()
    return entries


def controls() -> dict[str, Entry]:
    """What can be set during a run (pump.rpm, gas.sweep, patient.shunt, ...): the names of case files, command line and console.

    Every patient parameter can be set as `patient.<name>`, beside the controls of machines, drugs and ventilator.
    """
    return _controls()


@cache
def settings() -> dict[str, Entry]:
    """The controls as a run is told them; what would change nothing is refused with what to do instead."""
    return {name: replace(entry, refused=entry.instead) for name, entry in controls().items()}


@cache
def _controls() -> dict[str, Entry]:
    machine = {name: replace(entry, field=entry.field or name) for name, entry in table("controls").items()}
    person = {f"patient.{name}": replace(entry, name=f"patient.{name}", field=name) for name, entry in patient_parameters().items()}
    return {**machine, **person}


def patient_parameters() -> dict[str, Entry]:
    """What a patient is made of."""
    return table("patient")


def scaled(values: Mapping[str, float], weight: float) -> dict[str, float]:
    """The same patient as a body of another weight (kg): every parameter times (weight ratio)^size, inside its range.

    Isometry, assumed: a smaller body with the same pressures, rates and concentrations. For 40-120 kg and for animals of that size.
    """
    ratio = weight / values["weight"]
    found = {}
    for name, value in values.items():
        entry = patient_parameters()[name]
        grown = value * ratio**entry.size
        low, high = entry.low, entry.high
        found[name] = value if entry.size == 0.0 else min(max(grown, -math.inf if low is None else low), math.inf if high is None else high)
    return found


def bedside() -> dict[str, Entry]:
    """Measurements from which a patient can be derived."""
    return table("bedside")


def fluids() -> dict[str, Entry]:
    """What can be given or taken, in mL."""
    return table("fluids")


def case_fields() -> dict[str, Entry]:
    """Numbers of a case file that are no control: times, sites, ventilator and gas settings."""
    return table("case_fields")
