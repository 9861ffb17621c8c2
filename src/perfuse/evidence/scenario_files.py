"""Files of scenarios: patients as bedside measurements, events, and the signs that must follow.

Keys that teach (actions, errors, debrief, scoring) are left alone. What is read here is read strictly enough to name what is missing.
"""

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
    t: float = Field(gt=0)
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


class ScenarioFile(_Open):
    """A whole file."""

    patients: dict[str, dict[str, Any]]
    scenarios: tuple[Scenario, ...]


@cache
def names() -> dict[str, Any]:
    """The dictionary of `scenario_names.yaml`."""
    data, problems = read_file(HERE / "scenario_names.yaml", "scenario_names.yaml")
    problems.raise_if_any()
    return dict(data)


def read_scenarios(path: Path) -> ScenarioFile:
    """A file of scenarios; `InputError` holds every problem, with its place."""
    data, problems = read_file(path, path.name)
    problems.raise_if_any()
    try:
        found = ScenarioFile.model_validate(data)
    except ValidationError as error:
        places = [(".".join(map(str, item["loc"])), item["msg"]) for item in error.errors(include_url=False)]
        raise InputError(
            [Problem(place, text, hint="See the shipped scenarios for the form.") for place, text in places], path.name
        ) from None
    unknown = [
        Problem(f"{scenario.id}.signs", f"'{q}' is not a quantity of scenarios", value=q, hint="The names stand in scenario_names.yaml.")
        for scenario in found.scenarios
        for q in {sign.q for sign in scenario.signs} | {stay.q for stay in scenario.stays}
        if q not in names()["quantities"]
    ]
    unknown += [
        Problem(f"{scenario.id}.patient", f"there is no patient '{scenario.patient}' in the file", value=scenario.patient)
        for scenario in found.scenarios
        if scenario.patient not in found.patients
    ]
    if unknown:
        raise InputError(unknown, path.name)
    return found
