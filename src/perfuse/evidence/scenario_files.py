"""Files of scenarios: patients as bedside measurements, events, and the signs that must follow.

Keys that teach (actions, errors, debrief, scoring) are left alone. What is read here is read strictly enough to name what is missing.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from perfuse.evidence.rows import HERE
from perfuse.parameters.problems import InputError, Problem
from perfuse.parameters.yamlfile import read_file

Direction = Literal["up", "down", "same", "unstable", "is"]


class _Open(BaseModel):
    """A record that reads its own keys and leaves the others of the file alone."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Sign(_Open):
    """What a quantity must do: direction, and a band `t` seconds after the event."""

    q: str
    dir: Direction
    t: float = Field(ge=0)
    base: float | None = None
    band: tuple[float, float] | None = None
    by: str = ""
    note: str = ""


class Stay(_Open):
    """A quantity that must move by no more than `tol`."""

    q: str
    tol: float = Field(ge=0)
    tol_unit: str = ""
    note: str = ""


class Happening(_Open):
    """An event: prose in `what`, or protocol entries in `do` (times count from the event)."""

    t: float = Field(0.0, ge=0)
    what: str = ""
    do: tuple[dict[str, Any], ...] = ()


class Action(_Open):
    """A learner's action; in a scenario of kind `task` the signs follow the correct actions."""

    do: str = ""
    verbs: tuple[str, ...] = ()


class Scenario(_Open):
    """One scenario."""

    id: str
    title: str = ""
    kind: str = "fault"
    mode: str = ""
    patient: str
    override: dict[str, Any] = Field(default_factory=dict)
    support: dict[str, Any] | None = None
    events: tuple[Happening, ...]
    signs: tuple[Sign, ...]
    stays: tuple[Stay, ...] = ()
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True)
class Unread:
    """A scenario that is not of the form that can be played, and why."""

    id: str
    title: str
    why: str


@dataclass(frozen=True)
class ScenarioFile:
    """A whole file: patients, scenarios in its order."""

    patients: dict[str, dict[str, Any]]
    scenarios: tuple[Scenario | Unread, ...]


class _Frame(_Open):
    """What every file of scenarios must have."""

    patients: dict[str, dict[str, Any]]
    scenarios: tuple[dict[str, Any], ...] = Field(min_length=1)


@cache
def names() -> dict[str, Any]:
    """The dictionary of `scenario_names.yaml`."""
    data, problems = read_file(HERE / "scenario_names.yaml", "scenario_names.yaml")
    problems.raise_if_any()
    return dict(data)


@cache
def explanations() -> dict[str, str]:
    """Written explanations of signs that fail, by id, for display."""
    data, problems = read_file(HERE / "scenario_notes.yaml", "scenario_notes.yaml")
    problems.raise_if_any()
    return dict(data)


def read_scenarios(path: Path) -> ScenarioFile:
    """A file of scenarios; `InputError` where it is none. A scenario of another form is kept as `Unread` and hides no other."""
    data, problems = read_file(path, path.name)
    problems.raise_if_any()
    try:
        frame = _Frame.model_validate(data)
    except ValidationError as error:
        hint = (
            "A file of scenarios has `patients:` (bedside measurements by name) and `scenarios:` (a list with id, patient, events, signs)."
        )
        raise InputError([Problem(place, text, hint=hint) for place, text in _said(error)], path.name) from None
    found = tuple(_scenario(number, entry, frame.patients) for number, entry in enumerate(frame.scenarios))
    return ScenarioFile(frame.patients, found)


def _said(error: ValidationError) -> list[tuple[str, str]]:
    return [(".".join(map(str, item["loc"])), item["msg"]) for item in error.errors(include_url=False)]


def _scenario(number: int, entry: dict[str, Any], patients: dict[str, Any]) -> Scenario | Unread:
    name, title = str(entry.get("id", f"scenario {number + 1}")), str(entry.get("title", ""))
    try:
        found = Scenario.model_validate(entry)
    except ValidationError as error:
        return Unread(name, title, "; ".join(f"{place}: {text}" for place, text in _said(error)))
    quantities = names()["quantities"]
    unknown = sorted(({sign.q for sign in found.signs} | {stay.q for stay in found.stays}) - set(quantities))
    if unknown:
        return Unread(name, title, f"no quantities of scenarios: {', '.join(unknown)} (the names stand in scenario_names.yaml)")
    if found.patient not in patients:
        return Unread(name, title, f"there is no patient '{found.patient}' in the file")
    return found
