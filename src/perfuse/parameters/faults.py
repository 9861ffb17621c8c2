"""Faults: how a name and a severity between 0 and 1 become a value of a control."""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from perfuse.parameters.records import MARKS, check_keys, kind, read_source
from perfuse.parameters.tables import controls
from perfuse.parameters.yamlfile import read_file

_FILE = Path(__file__).parent / "faults.yaml"
_KEYS = ("title", "control", "law", "from", "to", "mark", "source", "text")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `control` goes from `neutral` (severity 0) to `full` (severity 1), evenly ("linear") or by equal ratios ("ratio")."""

    name: str
    title: str
    control: str
    law: str
    neutral: float
    full: float
    mark: str
    source: tuple[str, ...]
    text: str = ""

    def value(self, severity: float) -> float:
        """The control's value at a severity of 0 to 1, in the control's unit."""
        if self.law == "ratio":
            return float(self.neutral * (self.full / self.neutral) ** severity)
        return self.neutral + (self.full - self.neutral) * severity


@cache
def faults() -> dict[str, Fault]:
    """Every fault that a protocol can name."""
    data, problems = read_file(_FILE, _FILE.name)
    out: dict[str, Fault] = {}
    for name, entry in data.items():
        check_keys(entry, _KEYS, (name,), problems)
        for key in _KEYS[:-1]:
            if key not in entry:
                problems.add((name,), f"'{key}' is missing")
        for key in ("from", "to"):
            if not isinstance(entry.get(key), int | float):
                problems.add((name, key), f"a number should stand here, not {kind(entry.get(key))}")
        if entry.get("law") not in ("linear", "ratio"):
            problems.add((name, "law"), f"'{entry.get('law')}' is not a law", allowed="linear, ratio")
        if entry.get("mark") not in MARKS:
            problems.add((name, "mark"), f"'{entry.get('mark')}' is not a mark", allowed=", ".join(MARKS))
        if problems.touch(name):
            continue
        control = controls().get(entry["control"])
        if control is None:
            problems.add((name, "control"), f"'{entry['control']}' is not in controls.yaml")
            continue
        for key in ("from", "to"):
            control.read(entry[key], (name, key), problems)
        source = read_source(entry["source"], (name, "source"), problems)
        fault = Fault(name, entry["title"], entry["control"], entry["law"], float(entry["from"]), float(entry["to"]), entry["mark"], source)
        out[name] = replace(fault, text=str(entry.get("text", "")))
    problems.raise_if_any()
    return out
