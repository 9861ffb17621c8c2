"""A number is never alone: value, unit, source, mark and range; and the strict reading of records made of them."""

from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, Literal, TypeVar, cast, get_args

from perfuse.parameters import units
from perfuse.parameters.problems import Path, Problems, did_you_mean

Mark = Literal["seen", "recalled-high", "recalled-medium", "recalled-low", "computed", "assumed"]
MARKS: tuple[str, ...] = get_args(Mark)
_QUANTITY_KEYS = ("value", "unit", "source", "mark", "low", "high", "text")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number of a library file.

    value   in `unit`
    source  keys of sources.yaml, or a sentence where there is no publication to name
    mark    seen | recalled-high | recalled-medium | recalled-low | computed | assumed
    low, high   range in which the number is plausible, None where no limit is known
    """

    value: float
    unit: str
    source: tuple[str, ...]
    mark: Mark
    low: float | None = None
    high: float | None = None
    text: str = ""

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        return f"{self.value:g}" if self.unit == "1" else f"{self.value:g} {self.unit}"


@dataclass(frozen=True, slots=True)
class Point:
    """One measured point of a curve: numbers in the order and units of the record's `points` field."""

    values: tuple[float, ...]
    source: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Numbers of one table that share unit, source and mark, in the order of the table."""

    values: tuple[float, ...]
    unit: str
    source: tuple[str, ...]
    mark: Mark
    text: str = ""


def number(unit: str, *, required: bool = True) -> Any:
    """A Quantity field of a record, held in `unit`."""
    return field(metadata={"unit": unit}) if required else field(default=None, metadata={"unit": unit})


def points(*columns: str) -> Any:
    """A field of measured points, with what each column holds."""
    return field(default=(), metadata={"columns": columns})


def row(unit: str) -> Any:
    """A Row field of a record, held in `unit`; None where the file has none."""
    return field(default=None, metadata={"row": unit})


def texts(*allowed: str, default: Any = MISSING) -> Any:
    """A field of words out of `allowed`; without a default every entry states it."""
    return field(default=default, metadata={"texts": allowed})


def read_record(cls: type[_R], data: object, path: Path, problems: Problems, **given: object) -> _R | None:
    """A frozen dataclass from a mapping; problems are noted and None returned when it cannot be made."""
    before = len(problems)
    if not isinstance(data, dict):
        problems.add(path, f"a mapping of names to values should stand here, not {kind(data)}", value=data)
        return None
    known: dict[str, Field[Any]] = {f.name: f for f in fields(cast(Any, cls)) if f.name not in given}
    check_keys(data, known, path, problems)
    values: dict[str, Any] = dict(given)
    for name, spec in known.items():
        if name in data:
            values[name] = _read_field(spec, data[name], (*path, name), problems)
        elif spec.default is MISSING:
            problems.add(path, f"'{name}' is missing", hint=f"Add {name}.")
    return cls(**values) if len(problems) == before else None


def read_quantity(data: object, unit: str, path: Path, problems: Problems) -> Quantity | None:
    """A Quantity from {value, unit, source, mark, low, high, text}, converted to `unit`."""
    if not isinstance(data, dict):
        problems.add(
            path, f"a number needs its source and mark, this is {kind(data)}", value=data, hint="Write {value, unit, mark, source}."
        )
        return None
    before = len(problems)
    check_keys(data, _QUANTITY_KEYS, path, problems)
    for key in ("value", "unit", "source", "mark"):
        if data.get(key) is None:
            problems.add(path, f"'{key}' is missing", hint="Every number has value, unit, source and mark.")
    if len(problems) > before:
        return None
    mark, source = data["mark"], read_source(data["source"], (*path, "source"), problems)
    if mark not in MARKS:
        problems.add((*path, "mark"), f"'{mark}' is not a mark", allowed=", ".join(MARKS), hint=did_you_mean(str(mark), MARKS))
    written = str(data["unit"])
    values: dict[str, float | None] = {"low": None, "high": None}
    for key in ("value", "low", "high"):
        if data.get(key) is not None:
            try:
                values[key] = units.convert(units.read(data[key], written), written, unit)
            except units.UnitError as error:
                problems.add((*path, key), error.text, value=data[key], hint=error.hint)
    if len(problems) > before:
        return None
    quantity = Quantity(cast(float, values["value"]), unit, source, mark, values["low"], values["high"], str(data.get("text", "")))
    low, high = quantity.low, quantity.high
    if (low is not None and quantity.value < low) or (high is not None and quantity.value > high):
        problems.add(path, f"{quantity} lies outside its own range", allowed=span(low, high, unit))
    return quantity


def read_source(data: object, path: Path, problems: Problems) -> tuple[str, ...]:
    """Source keys or words ("definition", "textbook 3-4"); what is written like a key (lubnow2014, heldt_thesis) must be one."""
    from perfuse.parameters.sources import sources

    given = data if isinstance(data, list) else [data]
    for key in given:
        if not isinstance(key, str) or not key.strip():
            problems.add(path, f"a source is text, not {kind(key)}", value=key, hint="Name a key of sources.yaml.")
        elif key.isidentifier() and not key.isalpha() and key not in sources():
            problems.add(path, f"the source '{key}' is not known", value=key, hint=did_you_mean(key, sources(), "Add it to sources.yaml."))
    return tuple(str(key) for key in given)


def check_keys(data: dict[str, Any], known: Any, path: Path, problems: Problems) -> None:
    """Unknown keys are errors with the nearest known name."""
    for key in data:
        if key not in known:
            problems.add((*path, key), f"'{key}' is not known here", value=key, hint=did_you_mean(key, known))


def span(low: float | None, high: float | None, unit: str) -> str:
    """A range in words: "0 to 5000 rpm"."""
    of = "" if unit == "1" else f" {unit}"
    if low is not None and high is not None:
        return f"{low:g} to {high:g}{of}"
    return f"{low:g}{of} or more" if low is not None else f"{high:g}{of} or less" if high is not None else "any"


def kind(value: object) -> str:
    """What a value is, in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int | float):
        return "a number"
    return "a list" if isinstance(value, list) else "a mapping" if isinstance(value, dict) else type(value).__name__


def _read_field(spec: Field[Any], data: object, path: Path, problems: Problems) -> Any:
    if data is None and spec.default is not MISSING:
        return spec.default
    if "unit" in spec.metadata:
        return read_quantity(data, spec.metadata["unit"], path, problems)
    if "columns" in spec.metadata:
        return _read_points(data, spec.metadata["columns"], path, problems)
    if "row" in spec.metadata:
        return _read_row(data, spec.metadata["row"], path, problems)
    if "texts" in spec.metadata:
        return _read_texts(data, spec.metadata["texts"], path, problems)
    if spec.name == "source":
        return read_source(data, path, problems)
    if not isinstance(data, str):
        problems.add(path, f"text should stand here, not {kind(data)}", value=data)
    return data


def _read_row(data: object, unit: str, path: Path, problems: Problems) -> Row | None:
    if not isinstance(data, dict) or not isinstance(data.get("values"), list) or not data["values"]:
        problems.add(path, "a row is a mapping with a list of values", value=data, hint="Write {values, unit, mark, source}.")
        return None
    check_keys(data, ("values", "unit", "source", "mark", "text"), path, problems)
    shared = {key: value for key, value in data.items() if key != "values"}
    read = [read_quantity({**shared, "value": value}, unit, (*path, i), problems) for i, value in enumerate(data["values"])]
    found = [quantity for quantity in read if quantity is not None]
    if len(found) < len(read):
        return None
    return Row(tuple(quantity.value for quantity in found), unit, found[0].source, found[0].mark, found[0].text)


def _read_texts(data: object, allowed: tuple[str, ...], path: Path, problems: Problems) -> tuple[str, ...]:
    given = data if isinstance(data, list) else [data]
    for word in given:
        if word not in allowed:
            problems.add(path, f"'{word}' cannot stand here", value=word, allowed=", ".join(allowed), hint=did_you_mean(str(word), allowed))
    return tuple(str(word) for word in given)


def _read_points(data: object, columns: tuple[str, ...], path: Path, problems: Problems) -> tuple[Point, ...]:
    out = []
    for i, row in enumerate(data if isinstance(data, list) else [None]):
        entry = row if isinstance(row, dict) else {"at": row}
        check_keys(entry, ("at", "source", "text"), (*path, i), problems)
        values = entry.get("at")
        if not isinstance(values, list) or len(values) != len(columns) or not all(isinstance(v, int | float) for v in values):
            problems.add((*path, i), "a point is a list of numbers", value=row, allowed=f"[{', '.join(columns)}]")
            continue
        source = read_source(entry["source"], (*path, i, "source"), problems) if "source" in entry else ()
        out.append(Point(tuple(float(v) for v in values), source, str(entry.get("text", ""))))
    return tuple(out)
