"""Files of scenarios: patients as bedside measurements, events, and the signs that must follow.

Keys that teach (actions, errors, debrief, scoring) are left alone. What is read here is read strictly enough to name what is missing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from perfuse.evidence.rows import HERE
from perfuse.parameters.problems import InputError, Problem
from perfuse.parameters.yamlfile import read_file

HALF_A_WORD = 0.25
"""Quantities told in words are read as whole numbers; a mean within a quarter of one is that word."""
Direction = Literal["up", "down", "same", "unstable", "is"]


class _Open(BaseModel):
    """A record that reads its own keys and leaves the others of the file alone."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Sign(_Open):
    """What a quantity must do: direction, and a band `t` seconds after the event.

    `from_base`: the direction counts from the stated base, not from what the quantity was before the event.
    """

    q: str
    dir: Direction
    t: float = Field(ge=0)
    base: float | None = None
    band: tuple[float, float] | None = None
    by: str = ""
    note: str = ""
    reads: str = ""
    from_base: bool = False

    @property
    def seen(self) -> str:
        """The quantity that is looked at: `q`, or what the note says it stands for."""
        return self.reads or self.q


class Stay(_Open):
    """A quantity that must move by no more than `tol`."""

    q: str
    tol: float | None = Field(None, ge=0)
    tol_unit: str = ""
    note: str = ""


class Happening(_Open):
    """An event: prose in `what`, or protocol entries in `do` (times count from the event).

    A time in words ("on start") waits for a learner: what stands there tells what may come of it, and is not played.
    """

    t: Annotated[float, Field(ge=0)] | str = 0.0
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
    task: str = ""
    patient: str
    override: dict[str, Any] = Field(default_factory=dict)
    support: dict[str, Any] | None = None
    events: tuple[Happening, ...]
    signs: tuple[Sign, ...]
    stays: tuple[Stay, ...] = ()
    actions: tuple[Action, ...] = ()


_LETTERS = r"[A-Za-z](?:\s*(?:/|,|and)\s*[A-Za-z])*"
_NAMED = re.compile(rf"\b(?:seeds?|case)\s+({_LETTERS})\b")


def _letters(text: str, known: frozenset[str] = frozenset()) -> frozenset[str]:
    """Seeds that a text names: "seed A", "seeds B/C", "case b"; where seeds are known, also "A and B: ..."."""
    found = {letter for group in _NAMED.findall(text) for letter in re.findall(r"\b[A-Za-z]\b", group)}
    start = re.match(rf"({_LETTERS})(?::|$)", text.strip())
    if start:
        found |= {letter for letter in re.findall(r"\b[A-Za-z]\b", start[1]) if letter.upper() in known}
    return frozenset(letter.upper() for letter in found)


def by_seed(scenario: Scenario) -> list[Scenario]:
    """A scenario that comes in seeds ("seed A: ..., seed B: ...") as one scenario for each; any other as it is."""
    known = frozenset(letter for sign in scenario.signs for letter in _letters(sign.note))
    known |= frozenset(letter for event in scenario.events for letter in _letters(event.what))
    if len(known) < 2:
        return [scenario]
    made = [_seed(scenario, letter, known) for letter in sorted(known)]
    return [one for one in made if one.signs]


def _seed(scenario: Scenario, letter: str, known: frozenset[str]) -> Scenario:
    override = {key: _of_seed(value, letter) for key, value in scenario.override.items()}
    events = tuple(event.model_copy(update={"what": _told(event.what, letter)}) for event in scenario.events)
    signs = tuple(sign for sign in scenario.signs if letter in (_letters(sign.note, known) or known))
    changed = {"id": f"{scenario.id}.{letter}", "override": override, "events": events, "signs": signs}
    return scenario.model_copy(update=changed)


def _of_seed(value: Any, letter: str) -> Any:
    """`A 38 / B 24` for seed B is 24; what names no seed is the same for all."""
    if isinstance(value, Mapping):
        return {key: _of_seed(inner, letter) for key, inner in value.items()}
    parts = re.findall(r"(?:seed\s+)?\b([A-Z])\s+(-?\d+(?:\.\d+)?)", value) if isinstance(value, str) else []
    return next((float(number) for own, number in parts if own == letter), value)


def _told(what: str, letter: str) -> str:
    """What an event says to all seeds and to this one."""
    pieces = re.split(r"\bseed ([A-Z])\s*:", what)
    own = [text for name, text in zip(pieces[1::2], pieces[2::2], strict=True) if name == letter]
    return "; ".join(text.strip(" ;") for text in [pieces[0], *own] if text.strip(" ;"))


@dataclass(frozen=True)
class Unread:
    """A scenario that is not of the form that can be played, and why."""

    id: str
    title: str
    why: str
    signless: bool = False


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
    read = [_scenario(number, entry, frame.patients) for number, entry in enumerate(frame.scenarios)]
    found = [seed for one in read for seed in (by_seed(one) if isinstance(one, Scenario) else [one])]
    return ScenarioFile(frame.patients, tuple(found))


def _said(error: ValidationError) -> list[tuple[str, str]]:
    return [(".".join(map(str, item["loc"])), item["msg"]) for item in error.errors(include_url=False)]


def _scenario(number: int, entry: dict[str, Any], patients: dict[str, Any]) -> Scenario | Unread:
    name, title = str(entry.get("id", f"scenario {number + 1}")), str(entry.get("title", ""))
    if entry.get("signs") is None and entry.get("note_on_signs"):
        return Unread(name, title, f"no signs are stated ({entry['note_on_signs']})", signless=True)
    quantities = names()["quantities"]
    try:
        found = Scenario.model_validate({**entry, "signs": [_worded(sign, quantities) for sign in entry.get("signs") or ()]})
    except (ValidationError, ValueError) as error:
        text = "; ".join(f"{place}: {said}" for place, said in _said(error)) if isinstance(error, ValidationError) else str(error)
        return Unread(name, title, text)
    unknown = sorted(({sign.q for sign in found.signs} | {stay.q for stay in found.stays}) - set(quantities))
    if unknown:
        return Unread(name, title, f"no quantities of scenarios: {', '.join(unknown)} (the names stand in scenario_names.yaml)")
    if found.patient not in patients:
        return Unread(name, title, f"there is no patient '{found.patient}' in the file")
    return found


def _worded(sign: Any, quantities: Mapping[str, Any]) -> Any:
    """A sign with numbers where a quantity is told in words ("ventricular"), and with what its note says that it stands for."""
    entry = quantities.get(str(sign.get("q"))) if isinstance(sign, dict) else None
    if entry is None:
        return sign
    words, made = entry.get("words", {}), dict(sign)
    for key in ("base", "value"):
        if isinstance(made.get(key), str):
            if made[key] not in words:
                raise ValueError(f"{sign['q']}: '{made[key]}' is none of {', '.join(words) or 'its words: it has none'}")
            made[key] = float(words[made[key]])
    if isinstance(made.get("value"), int | float) and "band" not in made:
        made["band"] = [made["value"] - HALF_A_WORD, made["value"] + HALF_A_WORD]
    note = str(sign.get("note", "")).lower()
    made["reads"] = next((other for phrase, other in entry.get("noted", {}).items() if phrase in note), "")
    return made
