"""Reading a case file: every problem at once, each with its line; what is contradictory is found even beside a slip of the pen."""

import copy
import types
from pathlib import Path as FilePath
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from perfuse.parameters import case_checks, library
from perfuse.parameters.case_models import Case
from perfuse.parameters.identity import refuse_identity
from perfuse.parameters.problems import InputError, Path, Problem, Problems, did_you_mean, dotted, nearest, refuse_long, told
from perfuse.parameters.records import kind
from perfuse.parameters.yamlfile import read_file, read_text

MOST_STEPS, MOST_ENTRIES = 10_000, 1_000
"""Steps of a protocol, and entries of any other list."""
# What stands in for a part that could not be read, so that the rest is still checked; such a case is never returned.
_STAND_INS: dict[str, Any] = {
    "schema": "perfuse-case/1",
    "title": "-",
    "patient": {"library": "-"},
    "duration": "604800 s",
    "mode": "vv",
    "drain": [{"cannula": "-", "site": "ivc"}],
    "return": [{"cannula": "-", "site": "ra"}],
    "pump": {"model": "-"},
    "lung": {"model": "-"},
    "gas": {"sweep": 1},
    "protocol": [{"at": "0 s"}],
    "waveforms": [{"from": "0 s", "for": "1 s"}],
    "distal_perfusion": {"cannula": "-"},
    "devices": [{"model": "-"}],
    "cannula": "-",
    "model": "-",
    "site": "ivc",
    "sweep": 1,
    "at": "0 s",
    "from": "0 s",
    "for": "1 s",
}

_WANTED = {
    "string_type": ("text", "Put it in quotes."),
    "list_type": ("a list", "Put it in brackets [ ], or begin each entry with '- ' on a line of its own."),
    "int_type": ("a whole number", "Write it without a point and without a unit."),
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), ("a mapping of names to values", "Write it as {name: value}.")),
}


def load_case(path_or_name: str | FilePath) -> Case:
    """A case from a file, or a shipped case by its name; InputError holds every problem."""
    path = FilePath(path_or_name)
    name = str(path_or_name)
    if not path.is_file() and name in library.case_names():
        path = library.case_file(name)
    elif not path.is_file():
        if path.suffix in {".yaml", ".yml"} or len(path.parts) > 1:
            hint = "Check the path. 'perfuse cases' lists shipped cases."
            raise InputError([Problem("", f"there is no file '{name}'", value=name, hint=hint)], name)
        hint = did_you_mean(name, library.case_names(), "'perfuse cases' lists shipped cases.")
        raise InputError([Problem("", f"there is no file and no shipped case '{name}'", value=name, hint=hint)], name)
    return _read(*read_file(path, path.name), bare_times=False)


def case_from_text(text: str, name: str = "case") -> Case:
    """A case from YAML text."""
    return _read(*read_text(text, name), bare_times=False)


def case_from(data: dict[str, Any], name: str = "") -> Case:
    """A case from a mapping of the same form (Python, where a time without a unit is in seconds)."""
    return _read(data, Problems(name), bare_times=True)


def _read(data: Any, problems: Problems, *, bare_times: bool) -> Case:
    if not isinstance(data, dict):
        problems.add((), f"a case file is a mapping that begins with 'schema: perfuse-case/1', this is {kind(data)}")
        problems.raise_if_any()
    _refuse_long(data, problems)
    data = copy.deepcopy(data)
    refuse_identity(data, problems)
    case: Case | None = None
    for _ in range(100):
        try:
            case = Case.model_validate(data, context={"bare_times": bare_times})
            break
        except ValidationError as error:
            for found in error.errors(include_url=False):
                path = _given_path(found["loc"], data)
                if not problems.touch_exactly(*path):
                    _note(found, path, problems)
                _repair(data, path)
    if case is not None:
        case_checks.check(case, problems)
    problems.raise_if_any()
    if case is None:
        raise InputError([Problem("", "the case cannot be read")], problems.file)
    return case


def _refuse_long(data: Any, problems: Problems, path: Path = ()) -> None:
    """InputError for a list or a mapping that is too long, wherever it stands."""
    if isinstance(data, dict | list):
        most = MOST_STEPS if path == ("protocol",) else MOST_ENTRIES
        hint = "Put what changes at the same time into one step, or play the course in parts."
        refuse_long(len(data), most, dotted(path), problems.file, hint if path == ("protocol",) else "Take some out.", problems.line(path))
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, part in parts:
        if isinstance(part, dict | list):
            _refuse_long(part, problems, (*path, key))


def _given_path(loc: tuple[str | int, ...], data: Any) -> Path:
    """The place in the file of a pydantic location (which knows a site written as a word as a mapping)."""
    out: list[str | int] = []
    for part in loc:
        if isinstance(data, dict):
            out.append(part)
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int):
            out.append(part)
            data = data[part] if part < len(data) else None
    return tuple(out)


def _note(error: Any, path: Path, problems: Problems) -> None:
    what, ctx, value = error["type"], error.get("ctx", {}), error["input"]
    key = str(path[-1]) if path else ""
    if what == "door":
        texts = {k: ctx[k] or None for k in ("value", "allowed", "source", "hint")}
        problems.add(path, ctx["text"], **texts)
    elif what == "missing":
        problems.add(path, f"'{key}' is missing", hint=f"Add {key}: ... to {'.'.join(str(p) for p in path[:-1]) or 'the file'}.")
    elif what == "extra_forbidden":
        problems.add(path, f"'{key}' is not known here", value=key, hint=did_you_mean(key, _names_at(path[:-1])))
    elif what == "literal_error":
        names = [part.strip("'") for part in ctx["expected"].replace(" or ", ", ").split(", ")]
        near = nearest(told(value), names, 1)
        hint = f"Did you mean {near[0]}?" if near else None
        problems.add(path, f"'{told(value)}' is not one of the choices", value=value, allowed=", ".join(names), hint=hint)
    else:
        shown = None if isinstance(value, dict | list) else value
        wanted, hint = _WANTED.get(what, ("", ""))
        text = f"{wanted} should stand here, not {kind(value)}" if wanted else error["msg"]
        problems.add(path, text, value=shown, hint=hint or "'perfuse schema' says what may stand here.")


def _names_at(path: Path) -> list[str]:
    """Names that may stand in the mapping at a place."""
    model: Any = Case
    for part in path:
        if isinstance(part, int):
            continue
        field = next((f for n, f in model.model_fields.items() if part in (f.alias, n)), None)
        model = _model_in(field.annotation) if field else None
        if model is None:
            return []
    return [f.alias or n for n, f in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, types.UnionType, list):
        return next((m for a in get_args(annotation) if (m := _model_in(a))), None)
    return None


def _repair(data: Any, path: Path) -> None:
    """Put a stand-in where something required could not be read, take out what is optional."""
    if not path:
        data.clear()
        return
    parent: Any = data
    for part in path[:-1]:
        try:
            parent = parent[part]
        except (KeyError, IndexError, TypeError):
            return
    key = path[-1]
    if isinstance(parent, list) and isinstance(key, int):
        name = next((str(p) for p in reversed(path) if isinstance(p, str)), "")
        parent[key] = copy.deepcopy(_STAND_INS[name][0]) if name in _STAND_INS else None
    elif isinstance(parent, dict):
        if key in _STAND_INS and path[0] != "ventilator" and parent.get(key) != _STAND_INS[key]:
            parent[key] = copy.deepcopy(_STAND_INS[key])
        else:
            parent.pop(key, None)
