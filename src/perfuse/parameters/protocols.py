"""Trials as data: what is changed when, what is read, and the published criteria beside it.

A file of protocols/ (or of bridges/, the questions of `perfuse bridge`) is read as strictly as a case: every flaw at once, with its line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from perfuse.parameters import units
from perfuse.parameters.problems import InputError, Path, Problem, Problems, did_you_mean
from perfuse.parameters.records import Quantity, check_keys, kind, read_quantity, read_source
from perfuse.parameters.tables import Entry, case_fields, controls
from perfuse.parameters.vocabulary import vocabulary
from perfuse.parameters.yamlfile import read_file

HERE = FilePath(__file__).parent
FOLDERS = ("protocols", "bridges")
DERIVED = {
    "CVP/PCWP": "1",
    "PaO2/FiO2": "mmHg",
    "TPG": "mmHg",
    "DPG": "mmHg",
    "total_index": "L/min/m2",
    "RVSWI": "mmHg.mL/m2",
}
"""What a protocol may read beside the vocabulary (results/readings.py works it out), and its unit."""
COMPARISONS = {"above": "above", "below": "below", "at_least": "at least", "at_most": "at most"}
READINGS = ("mean", "lowest", "highest", "slope", "rise")
PLACES = ("last", "every", "before")
STARTS = ("case", "alone", "device")
_HEAD = (
    "schema",
    "title",
    "about",
    "source",
    "start",
    "needs",
    "before",
    "window",
    "steps",
    "ramp",
    "measure",
    "criteria",
    "stop",
    "against",
)


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one control: `to` a value, its setting `times` a factor or changed `by` a value; at least `least`, at most `most`.

    A floor raises nothing that is below it already: a turn-down never turns up.
    """

    control: str
    to: float | None = None
    times: float | None = None
    by: float | None = None
    least: float | None = None
    most: float | None = None

    def value(self, setting: float) -> float:
        """The control's new value, where `setting` is what the case has it at."""
        wanted = self.to if self.to is not None else setting * self.times if self.times is not None else setting + (self.by or 0.0)
        if self.least is not None:
            wanted = max(wanted, min(self.least, setting))
        return wanted if self.most is None else min(wanted, self.most)


@dataclass(frozen=True, slots=True)
class TrialStep:
    """One step: what changes, over how long (s), and how long it is held (s); `off` takes all support away."""

    name: str
    hold: float
    over: float = 10.0
    changes: tuple[Change, ...] = ()
    off: bool = False


@dataclass(frozen=True, slots=True)
class Stairs:
    """Steps of one control from a first value (None: the case's setting) to a last."""

    first: float | None
    last: float
    by: float

    def values(self, setting: float) -> list[float]:
        """Every value on the way, the last one included."""
        first = setting if self.first is None else self.first
        count = max(round(abs(self.last - first) / self.by + 0.499999), 1)
        way = 1.0 if self.last > first else -1.0
        steps = [first + way * self.by * i for i in range(1 if self.first is None else 0, count)]
        return [*steps, self.last]


@dataclass(frozen=True, slots=True)
class TrialRamp:
    """A staircase of one control; `stairs` by the model of the device, or under "any"."""

    control: str
    hold: float
    over: float
    stairs: Mapping[str, Stairs]


@dataclass(frozen=True, slots=True)
class Criterion:
    """A published criterion: a quantity, read how and where, beside a bound with its source and mark.

    reading   mean | lowest | highest | slope (per step) | rise (against before)
    at        last | every | before | the name of a step
    models    devices for which it was published; empty for all
    lasting   s for which a stop criterion must hold
    """

    name: str
    title: str
    of: str
    compare: str
    bound: Quantity
    reading: str = "mean"
    at: str = "last"
    models: tuple[str, ...] = ()
    lasting: float = 0.0
    text: str = ""

    def met(self, value: float) -> bool:
        """Whether a value meets it."""
        return meets(value, self.compare, self.bound.value)


@dataclass(frozen=True, slots=True)
class Protocol:
    """A trial: for whom, from what, which steps, what is read, which criteria.

    start    "case": after the case's own course; "alone": the case's patient without support; "device": that patient on `needs.put`
    modes, models   ECMO modes and devices, one of which the case must have; both empty where none is needed
    before, window  s before the first step, s averaged at the end of every step
    against  "none": the same steps are played without support as well
    """

    name: str
    title: str
    about: str
    source: tuple[str, ...]
    start: str
    modes: tuple[str, ...]
    models: tuple[str, ...]
    put: Mapping[str, Any] | None
    before: float
    window: float
    steps: tuple[TrialStep, ...]
    ramp: TrialRamp | None
    measure: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    stops: tuple[Criterion, ...]
    against: str = ""


def meets(value: float, compare: str, bound: float) -> bool:
    """Whether a value compares so with a bound."""
    return {"above": value > bound, "below": value < bound, "at_least": value >= bound, "at_most": value <= bound}[compare]


def unit_of_reading(name: str) -> str:
    """Unit of a quantity that a protocol reads."""
    return DERIVED[name] if name in DERIVED else vocabulary()[name].unit


def protocol_names(folder: str = "protocols") -> list[str]:
    """Names of shipped protocols."""
    return sorted(path.stem for path in (HERE / folder).glob("*.yaml"))


@cache
def load_protocol(name: str, folder: str = "protocols") -> Protocol:
    """A shipped protocol by its name."""
    if name not in protocol_names(folder):
        hint = did_you_mean(name, protocol_names(folder), "'perfuse trial --list' lists them.")
        raise InputError([Problem("", f"the protocol '{name}' is not in the library", value=name, hint=hint)], "the command line")
    data, problems = read_file(HERE / folder / f"{name}.yaml", f"{name}.yaml")
    return read_protocol(name, data, problems)


def read_protocol(name: str, data: Any, problems: Problems) -> Protocol:
    """A protocol from plain data; InputError holds every flaw."""
    if not isinstance(data, dict):
        raise InputError([Problem("", "a protocol file is a mapping")], problems.file)
    if data.get("schema") != "perfuse-protocol/1":
        problems.add(("schema",), "the first line should be 'schema: perfuse-protocol/1'", value=data.get("schema"))
    check_keys(data, _HEAD, (), problems)
    for key in ("title", "about", "source", "measure", "criteria"):
        if not data.get(key):
            problems.add((), f"'{key}' is missing", hint=f"Add {key}.")
    if ("steps" in data) == ("ramp" in data):
        problems.add((), "a protocol has either steps or a ramp", hint="Give one of them.")
    needs = data.get("needs") or {}
    check_keys(needs, ("modes", "models", "put"), ("needs",), problems)
    steps = tuple(s for i, one in enumerate(data.get("steps") or []) if (s := _step(one, ("steps", i), problems)))
    ramp = _ramp(data["ramp"], ("ramp",), problems) if "ramp" in data else None
    measure = tuple(str(one) for one in data.get("measure") or [])
    for i, one in enumerate(measure):
        _known(one, ("measure", i), problems)
    criteria = _criteria(data.get("criteria"), "criteria", problems)
    places = {*PLACES, *(step.name for step in steps)}
    for wish in criteria:
        if wish.at not in places:
            problems.add(("criteria", wish.name, "at"), f"there is no step '{wish.at}'", value=wish.at, allowed=", ".join(sorted(places)))
    for key, allowed in (("start", STARTS), ("against", ("", "none"))):
        if data.get(key, allowed[0]) not in allowed:
            problems.add((key,), f"'{data[key]}' is not one of the choices", value=data[key], allowed=", ".join(allowed))
    made = Protocol(
        name,
        str(data.get("title")),
        str(data.get("about")),
        read_source(data.get("source", []), ("source",), problems),
        str(data.get("start", "case")),
        tuple(needs.get("modes") or ()),
        tuple(needs.get("models") or ()),
        needs.get("put"),
        _seconds(data.get("before", "5 min"), ("before",), problems),
        _seconds(data.get("window", "60 s"), ("window",), problems),
        steps,
        ramp,
        measure,
        criteria,
        _criteria(data.get("stop"), "stop", problems),
        str(data.get("against", "")),
    )
    problems.raise_if_any()
    return made


def _seconds(given: object, path: Path, problems: Problems) -> float:
    return case_fields()["protocol.at"].read(given, path, problems, bare=False) or 0.0


def _known(quantity: str, path: Path, problems: Problems) -> bool:
    known = [*vocabulary(), *DERIVED]
    if quantity not in known:
        problems.add(path, f"'{quantity}' is not a reported quantity", value=quantity, hint=did_you_mean(quantity, known))
    return quantity in known


def _control(name: str, path: Path, problems: Problems) -> Entry | None:
    found = controls().get(name)
    if found is None:
        problems.add(path, f"'{name}' is not in controls.yaml", value=name, hint=did_you_mean(name, controls()))
    return found


def _step(data: Any, path: Path, problems: Problems) -> TrialStep | None:
    if not isinstance(data, dict) or "name" not in data or "hold" not in data:
        problems.add(path, "a step needs a name and a time for which it is held", hint="Write {name: ..., hold: 10 min, set: {...}}.")
        return None
    check_keys(data, ("name", "hold", "over", "set", "off"), path, problems)
    changes = []
    for name, given in (data.get("set") or {}).items():
        entry = _control(name, (*path, "set", name), problems)
        if entry is not None and (change := _change(entry, given, (*path, "set", name), problems)):
            changes.append(change)
    hold, over = (_seconds(data.get(key, "10 s"), (*path, key), problems) for key in ("hold", "over"))
    return TrialStep(str(data["name"]), hold, over, tuple(changes), bool(data.get("off", False)))


def _change(entry: Entry, given: Any, path: Path, problems: Problems) -> Change | None:
    parts = given if isinstance(given, dict) else {"to": given}
    check_keys(parts, ("to", "times", "by", "least", "most"), path, problems)
    if sum(key in parts for key in ("to", "times", "by")) != 1:
        problems.add(path, "one of to, times and by should stand here", hint="Write for example {times: 0.66}.")
        return None
    read: dict[str, float | None] = {k: entry.read(parts[k], (*path, k), problems) for k in ("to", "least", "most") if k in parts}
    for key, unit in (("times", "1"), ("by", entry.unit)):
        if key in parts:
            read[key] = _plain(parts[key], unit, (*path, key), problems)
    return Change(entry.name, **read)


def _plain(given: object, unit: str, path: Path, problems: Problems) -> float | None:
    try:
        return units.read(given, unit)
    except units.UnitError as error:
        problems.add(path, error.text, value=given, hint=error.hint)
        return None


def _ramp(data: Any, path: Path, problems: Problems) -> TrialRamp | None:
    check_keys(data, ("control", "hold", "over", "models"), path, problems)
    entry = _control(str(data.get("control")), (*path, "control"), problems)
    stairs: dict[str, Stairs] = {}
    for model, one in (data.get("models") or {}).items():
        place = (*path, "models", model)
        check_keys(one, ("from", "to", "by"), place, problems)
        if entry is None:
            continue
        first = None if one.get("from") == "case" else entry.read(one.get("from"), (*place, "from"), problems)
        last, by = entry.read(one.get("to"), (*place, "to"), problems), _plain(one.get("by"), entry.unit, (*place, "by"), problems)
        if last is not None and by is not None:
            stairs[model] = Stairs(first, last, abs(by))
    if not stairs or entry is None:
        return None
    hold, over = (_seconds(data.get(key, "10 s"), (*path, key), problems) for key in ("hold", "over"))
    return TrialRamp(entry.name, hold, over, stairs)


def _criteria(data: Any, head: str, problems: Problems) -> tuple[Criterion, ...]:
    found = []
    for name, one in (data or {}).items():
        path: Path = (head, name)
        if not isinstance(one, dict):
            problems.add(path, f"a mapping should stand here, not {kind(one)}")
            continue
        check_keys(one, ("title", "of", "is", "bound", "as", "at", "models", "for", "text"), path, problems)
        if one.get("is") not in COMPARISONS:
            problems.add((*path, "is"), f"'{one.get('is')}' is not a comparison", allowed=", ".join(COMPARISONS))
        if one.get("as", "mean") not in READINGS:
            problems.add((*path, "as"), f"'{one['as']}' is not a reading", allowed=", ".join(READINGS))
        of = str(one.get("of"))
        bound = (
            read_quantity(one.get("bound"), unit_of_reading(of), (*path, "bound"), problems)
            if _known(of, (*path, "of"), problems)
            else None
        )
        lasting = _seconds(one["for"], (*path, "for"), problems) if "for" in one else 0.0
        if bound is not None:
            texts = str(one.get("title", "")), str(one.get("as", "mean")), str(one.get("at", "last")), str(one.get("text", ""))
            found.append(
                Criterion(
                    name, texts[0], of, str(one.get("is")), bound, texts[1], texts[2], tuple(one.get("models") or ()), lasting, texts[3]
                )
            )
    return tuple(found)
