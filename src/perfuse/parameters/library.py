"""The shipped library: names with one line and a source; a device, a patient or a case by its name."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, cast

from perfuse.parameters.devices import Balloon, Cannula, Device, Limit, MembraneLung, PulsatilePump, Pump, RotaryPump, Tubing
from perfuse.parameters.problems import InputError, Problem, Problems, did_you_mean
from perfuse.parameters.records import Quantity, check_keys, read_quantity, read_record, read_source
from perfuse.parameters.sources import source_text
from perfuse.parameters.tables import patient_parameters
from perfuse.parameters.yamlfile import read_file

if TYPE_CHECKING:
    from perfuse.parameters.case_models import Case

HERE = FilePath(__file__).parent
KINDS: dict[str, type[Device]] = {
    "pumps": Pump,
    "cannulae": Cannula,
    "membrane_lungs": MembraneLung,
    "tubing": Tubing,
    "rotary_pumps": RotaryPump,
    "balloons": Balloon,
    "pulsatile_pumps": PulsatilePump,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list: what it is called, what it is, where it comes from, of what kind."""

    name: str
    text: str
    source: str
    kind: str


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient of the library: every parameter of patient.yaml, from the patient's own file or the table's default."""

    name: str
    title: str
    about: str
    source: tuple[str, ...]
    parameters: dict[str, Quantity]

    def value(self, parameter: str) -> float:
        """One parameter in the unit of patient.yaml."""
        return self.parameters[parameter].value

    def with_values(self, values: dict[str, float], source: str = "set in the case file") -> "Patient":
        """The same patient with some parameters set, in the units of patient.yaml."""
        changed = {name: replace(self.parameters[name], value=value, mark="assumed", source=(source,)) for name, value in values.items()}
        return replace(self, parameters={**self.parameters, **changed})


@cache
def device_kind(kind: str) -> dict[str, Device]:
    """All devices of one file, by the file's name: "pumps", "rotary_pumps", "balloons" ..."""
    data, problems = read_file(HERE / "devices" / f"{kind}.yaml", f"{kind}.yaml")
    out = {name: read_record(KINDS[kind], entry, (name,), problems, name=name) for name, entry in data.items()}
    problems.raise_if_any()
    return cast(dict[str, Device], out)


@cache
def limits() -> dict[str, Limit]:
    """What a display warns of, by the name of the reported quantity."""
    data, problems = read_file(HERE / "devices" / "limits.yaml", "limits.yaml")
    out: dict[str, Limit] = {}
    for name, entry in data.items():
        numbers: dict[str, Any] = {
            key: read_quantity(entry[key], entry["warn"]["unit"], (name, key), problems)
            for key in ("warn", "alarm", "stop", "usual_low", "usual_high")
            if key in entry
        }
        check_keys(entry, ("title", "side", "notes", *numbers), (name,), problems)
        out[name] = Limit(name=name, title=entry["title"], side=entry["side"], notes=entry.get("notes", ""), **numbers)
    problems.raise_if_any()
    return out


def load_device(name: str) -> Device:
    """A device of any kind by its name."""
    for kind in KINDS:
        if name in device_kind(kind):
            return device_kind(kind)[name]
    raise _unknown("device", name, (n for kind in KINDS for n in device_kind(kind)), "perfuse devices")


HEART_KINDS = ("rotary_pumps", "balloons", "pulsatile_pumps")


def heart_device(name: str) -> Device:
    """A device that stands in or beside the heart, by its name; a pump of an ECMO circuit stands there on cannulae of its own."""
    for kind in HEART_KINDS:
        if name in device_kind(kind):
            return device_kind(kind)[name]
    if name in running_pumps():
        return _beside_the_heart(name)
    raise _unknown("device", name, heart_devices(), "perfuse devices")


def heart_devices() -> list[str]:
    """Names that `heart_device` knows."""
    return [name for kind in HEART_KINDS for name in device_kind(kind)] + running_pumps()


@cache
def _beside_the_heart(name: str) -> RotaryPump:
    """A pump of an ECMO circuit as a ventricular assist device: its own record, and what beside_the_heart.yaml says of all of them."""
    pump = load_pump(name)
    data, problems = read_file(HERE / "devices" / "beside_the_heart.yaml", "beside_the_heart.yaml")
    own = {one.name: getattr(pump, one.name) for one in fields(Pump) if getattr(pump, one.name) is not None}
    silent = {key: entry for key, entry in data["unless_stated"].items() if key not in own}
    stated = {key: own[key] for key in own.keys() & {one.name for one in fields(RotaryPump)} - data["extracorporeal"].keys()}
    stated |= {"title": f"{pump.title} as a ventricular assist device", "kind": "extracorporeal"}
    stated |= _usual_speeds(pump, float(data["extracorporeal"]["line_b"]["value"]))
    made = read_record(RotaryPump, data["extracorporeal"] | silent, ("extracorporeal",), problems, **stated)
    problems.raise_if_any()
    return cast(RotaryPump, made)


USUAL_FLOWS = {"usual_rpm_low": 3.0, "usual_rpm": 5.0, "usual_rpm_high": 6.0}  # L/min
USUAL_HEAD = 80.0  # mmHg between ventricle or atrium and artery


def _usual_speeds(pump: Pump, line: float) -> dict[str, Quantity]:
    """Speeds at which a pump gives usual flows against a usual head through its line."""
    assert pump.a and pump.c and pump.rpm_max
    found = {}
    for name, flow in USUAL_FLOWS.items():
        rpm = 1000.0 * ((USUAL_HEAD + (pump.c.value + line) * flow * flow) / pump.a.value) ** 0.5
        source = (f"{flow:g} L/min against {USUAL_HEAD:g} mmHg by its curve",)
        found[name] = Quantity(min(round(rpm, -2), pump.rpm_max.value), "rpm", source, "computed")
    return found


def load_pump(name: str) -> Pump:
    """A pump that can be run; one without a head-flow curve raises InputError that names others."""
    found = load_device(name)
    if isinstance(found, Pump) and found.runs:
        return found
    why = found.why_not if isinstance(found, Pump) else "it is not the pump of an ECMO circuit"
    raise InputError(
        [Problem("pump.model", f"'{name}' cannot be run: {why}", value=name, hint=f"Pumps that can be run: {', '.join(running_pumps())}.")]
    )


def running_pumps() -> list[str]:
    """Names of pumps whose head-flow curve is known."""
    return [name for name, pump in device_kind("pumps").items() if isinstance(pump, Pump) and pump.runs]


@cache
def load_patient(name: str) -> Patient:
    """A patient of the library; `like:` in the file starts from another patient."""
    return _load_patient(name, ())


def _load_patient(name: str, seen: tuple[str, ...]) -> Patient:
    if name not in _names("patients"):
        raise _unknown("patient", name, _names("patients"), "perfuse patients")
    data, problems = read_file(HERE / "patients" / f"{name}.yaml", f"{name}.yaml")
    if not isinstance(data, dict):
        raise InputError([Problem("", "a patient file is a mapping")], f"{name}.yaml")
    check_keys(data, ("schema", "title", "about", "source", "like", "parameters"), (), problems)
    for key in ("title", "about", "source"):
        if not data.get(key):
            problems.add((), f"'{key}' is missing", hint=f"Add {key}.")
    if data.get("schema") != "perfuse-patient/1":
        problems.add(("schema",), "the first line should be 'schema: perfuse-patient/1'", value=data.get("schema"))
    if data.get("like") in (*seen, name):
        problems.add(("like",), f"'{name}' starts from itself", hint="Name another patient.")
        problems.raise_if_any()
    values = dict(_load_patient(str(data["like"]), (*seen, name)).parameters) if data.get("like") else _defaults()
    values.update(_read_parameters(data.get("parameters") or {}, problems))
    source = read_source(data.get("source", []), ("source",), problems)
    problems.raise_if_any()
    return Patient(name, str(data["title"]), str(data["about"]), source, values)


def _defaults() -> dict[str, Quantity]:
    out = {}
    for name, entry in patient_parameters().items():
        if entry.default is not None:
            out[name] = Quantity(entry.default, entry.unit, entry.source, cast(Any, entry.mark), entry.low, entry.high, entry.text)
    return out


def _read_parameters(data: Any, problems: Problems) -> dict[str, Quantity]:
    if not isinstance(data, dict):
        problems.add(("parameters",), "a mapping of names to numbers should stand here")
        return {}
    table = patient_parameters()
    check_keys(data, table, ("parameters",), problems)
    out: dict[str, Quantity] = {}
    for name in data.keys() & table.keys():
        entry, path = table[name], ("parameters", name)
        quantity = read_quantity(data[name], entry.unit, path, problems)
        if quantity and entry.read(quantity.value, path, problems) is not None:
            low = entry.low if quantity.low is None else quantity.low
            out[name] = replace(quantity, low=low, high=entry.high if quantity.high is None else quantity.high)
    return out


def _names(folder: str) -> list[str]:
    return sorted(path.stem for path in (HERE / folder).glob("*.yaml"))


def patients() -> list[Line]:
    """Patients of the library."""
    found = [load_patient(name) for name in _names("patients")]
    return [Line(p.name, f"{p.title}. {p.about}", _cite(p.source), "patient") for p in found]


def devices(kind: str = "") -> list[Line]:
    """Devices of the library, all or of one kind (pumps, cannulae, rotary_pumps, balloons ...)."""
    return [Line(d.name, d.line, _cite(d.source), k) for k in KINDS if kind in ("", k) for d in device_kind(k).values()]


def cases() -> list[Line]:
    """Shipped cases, with the line and the source that each file gives."""
    found = [(name, load_case(name)) for name in case_names()]
    return [Line(name, f"{case.title}. {case.about}".strip(), _cite(tuple(case.source)), "case") for name, case in found]


def load_case(path_or_name: str | FilePath) -> "Case":
    """A case from a file or a shipped case by its name."""
    from perfuse.parameters.case import load_case as load

    return load(path_or_name)


def case_names() -> list[str]:
    """Names of shipped cases."""
    return _names("cases")


def case_file(name: str) -> FilePath:
    """The file of a shipped case."""
    return HERE / "cases" / f"{name}.yaml"


def _cite(source: tuple[str, ...]) -> str:
    return "; ".join(source_text(key) for key in source)


def _unknown(what: str, name: str, names: Iterable[str], command: str) -> InputError:
    hint = did_you_mean(name, names, f"'{command}' lists them.")
    return InputError([Problem("", f"the {what} '{name}' is not in the library", value=name, hint=hint)], "")
