"""Putting one row to the model: equations are called, expectations are computed from the readings of the arms."""

import importlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

from perfuse.evidence.expressions import evaluate
from perfuse.evidence.readings import Arm, ReadingError
from perfuse.evidence.rows import Band, EquationCheck, Expectation


@dataclass(frozen=True)
class Outcome:
    """One number with the band it should lie in."""

    label: str
    value: float | None
    unit: str
    low: float | None
    high: float | None
    ok: bool
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For JSON and for the page."""
        return asdict(self)

    def text(self) -> str:
        """The number in words."""
        if self.value is None:
            return f"{self.label}: no value ({self.note})"
        unit = "" if self.unit == "1" else f" {self.unit}"
        return f"{self.label} {self.value:.4g}{unit}"


def find_equation(path: str) -> Any:
    """The function behind a dotted path such as `perfuse.physiology.blood.so2`; only this package is looked into."""
    module, _, name = path.rpartition(".")
    if not module.startswith("perfuse.") or name.startswith("_"):
        raise LookupError(f"{path} is not an equation of this package")
    found = getattr(importlib.import_module(module), name, None)
    if not callable(found):
        raise LookupError(f"{module} has no equation {name!r}")
    return found


def call_equation(check: EquationCheck) -> float:
    """The value of an equation check, in the check's unit."""
    answer = find_equation(check.call)(**check.arguments)
    if check.field is not None:
        answer = getattr(answer, check.field)
    return float(answer) * check.scale


def _outcome(label: str, band: Band, value: float) -> Outcome:
    if not isfinite(value):
        return Outcome(label, None, band.unit, band.low, band.high, ok=False, note=f"{label} is not a finite number")
    return Outcome(label, value, band.unit, band.low, band.high, band.holds(value))


def _broken(label: str, band: Band, problem: Exception) -> Outcome:
    return Outcome(label, None, band.unit, band.low, band.high, ok=False, note=f"{type(problem).__name__}: {problem}")


def equation_outcome(check: EquationCheck) -> Outcome:
    """An equation check as an outcome; an error is an outcome too."""
    try:
        return _outcome(check.label, check, call_equation(check))
    except Exception as problem:  # a broken row is data: it must not hide the others
        return _broken(check.label, check, problem)


def look_up(arms: Mapping[str, Arm], name: str) -> float:
    """The reading behind `high.SBP`, `high.base.SBP`, or, with one arm only, `SBP`."""
    head, _, rest = name.partition(".")
    if head in arms and rest:
        return arms[head].read(rest)
    if len(arms) == 1:
        return next(iter(arms.values())).read(name)
    raise ReadingError(f"{name!r} names none of the arms {', '.join(sorted(arms))}")


def expectation_outcome(expected: Expectation, arms: Mapping[str, Arm]) -> Outcome:
    """An expectation as an outcome; an error is an outcome too."""
    label = expected.label or expected.quantity
    try:
        return _outcome(label, expected, evaluate(expected.quantity, lambda name: look_up(arms, name)))
    except Exception as problem:  # a broken row is data: it must not hide the others
        return _broken(label, expected, problem)
