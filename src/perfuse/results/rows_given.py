"""A table of patients, as given: one case for each row, and every problem of every row at once."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from perfuse.parameters.assist import Balloon, RotaryPump
from perfuse.parameters.case_models import Case, DeviceChoice
from perfuse.parameters.device_checks import find, side_of
from perfuse.parameters.from_python import Given, SupportGiven, case_of, divided
from perfuse.parameters.problems import InputError, Problem, did_you_mean, refuse_long
from perfuse.parameters.tables import controls, patient_parameters

Row = dict[str, Any]
CALLED = "simulate_many(...)"
OWN = ("patient", "scaled_to", "seed")
_IN_SUPPORT = {
    "pump.rpm": ("pump", "rpm"),
    "pump.flow": ("pump", "flow"),
    "gas.sweep": ("gas", "sweep"),
    "gas.fdo2": ("gas", "fdo2"),
    "gas.fdco2": ("gas", "fdco2"),
}
"""Controls that are a setting of the circuit from its start, not a change during the run."""
_IN_DEVICE: dict[str, tuple[type, str, str]] = {
    "lvad.rpm": (RotaryPump, "left", "rpm"),
    "rvad.rpm": (RotaryPump, "right", "rpm"),
    "impella.level": (RotaryPump, "left", "level"),
    "impella_rp.level": (RotaryPump, "right", "level"),
    "balloon.ratio": (Balloon, "", "ratio"),
}
"""The same of devices."""
_INSTEAD = {"rpm": ("flow", "level"), "flow": ("rpm",), "level": ("rpm",)}
"""Settings that say the same, of which one may stand."""
SHOWN = 5
MOST_ROWS = 100_000
"""Rows of one table: the case of each is checked and kept until its turn comes, in about 18 kB of memory."""
PIECES = "Give the table in pieces, and join what comes out."


def rows_of(table: Any) -> list[Row]:
    """Rows of a pyarrow table, of a mapping of equally long columns, or of a list of mappings."""
    if isinstance(table, pa.Table):
        refuse_long(table.num_rows, MOST_ROWS, "", CALLED, PIECES)
        return [dict(row) for row in table.to_pylist()]
    if isinstance(table, Mapping):
        lengths = {str(name): len(values) for name, values in table.items()}
        if len(set(lengths.values())) > 1:
            text = f"the columns are not equally long ({', '.join(f'{name} {n}' for name, n in lengths.items())})"
            raise InputError([Problem("", text, hint="Give one value a row in every column.")], CALLED)
        refuse_long(max(lengths.values(), default=0), MOST_ROWS, "", CALLED, PIECES)
        return [{str(name): _python(values[i]) for name, values in table.items()} for i in range(next(iter(lengths.values()), 0))]
    if isinstance(table, Sequence) and not isinstance(table, str):
        refuse_long(len(table), MOST_ROWS, "", CALLED, PIECES)
    if isinstance(table, Sequence) and not isinstance(table, str) and all(isinstance(row, Mapping) for row in table):
        return [{str(name): _python(value) for name, value in row.items()} for row in table]
    raise InputError([Problem("", "the table is none", hint="Give a pyarrow table, a mapping of columns, or a list of mappings.")], CALLED)


def _python(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _is_given(value: Any) -> bool:
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def cases_of(
    rows: Sequence[Row], support: SupportGiven | None, seconds: Given, protocol: Iterable[Mapping[str, Any]], ventilator: Any, seed: int
) -> list[Case]:
    """One checked case a row; InputError holds every problem of every row."""
    if not rows:
        raise InputError([Problem("", "the table has no row")], CALLED)
    names = dict.fromkeys(name for row in rows for name in row)
    known = (*OWN, *patient_parameters(), *controls())
    wrong = [
        Problem(
            name,
            f"'{name}' is not known here",
            value=name,
            hint=did_you_mean(name, known, "Columns are patient, scaled_to, seed, patient parameters and controls."),
        )
        for name in names
        if name not in known
    ]
    if "patient" not in names:
        wrong.append(Problem("patient", "the column 'patient' is missing", hint="Give the name of a library patient in every row."))
    if wrong:
        raise InputError(wrong, CALLED)
    steps, cases, problems = list(protocol), [], list[tuple[int, Problem]]()
    for number, row in enumerate(rows, 1):
        given = {name: value for name, value in row.items() if _is_given(value)}
        try:
            cases.append(_case(given, support, seconds, steps, ventilator, seed))
        except InputError as error:
            problems += [(number, replace(problem, place=_column(problem.place, given))) for problem in error.problems]
    if problems:
        raise InputError(_together(problems), CALLED)
    return cases


def _case(given: Row, support: SupportGiven | None, seconds: Given, steps: list[Mapping[str, Any]], ventilator: Any, seed: int) -> Case:
    circuit, devices = divided(support)
    settings: Row = {}
    parameters = {name: value for name, value in given.items() if name in patient_parameters()}
    for name, value in given.items():
        if name in parameters or name in OWN:
            continue
        block, key = _own_setting(name, circuit, devices)
        if block is None:
            settings[name] = value
            continue
        block[key] = value
        for other in _INSTEAD.get(key, ()):
            if not any(whole.endswith(f".{other}") and _own_setting(whole, circuit, devices)[0] is block for whole in given):
                block.pop(other, None)
    starts = [block.get("start", 0.0) for block in [circuit, *devices] if block is not None]
    first = [{"at": starts[0] if starts else 0.0, "set": settings}] if settings else []
    blocks = [block for block in [circuit, *devices] if block is not None]
    return case_of(
        {
            "library": given.get("patient", ""),
            **({"scaled_to": given["scaled_to"]} if "scaled_to" in given else {}),
            **({"set": parameters} if parameters else {}),
        },
        blocks or None,
        seconds=seconds,
        protocol=[*first, *steps],
        ventilator=ventilator,
        seed=given.get("seed", seed),
        called=CALLED,
    )


def _own_setting(name: str, circuit: Row | None, devices: Sequence[Row]) -> tuple[Row | None, str]:
    """The block of the circuit or device whose setting from the start a control is, and its key there; None where it is a change."""
    if circuit is not None and name in _IN_SUPPORT:
        part, key = _IN_SUPPORT[name]
        return circuit[part], key
    if name in _IN_DEVICE:
        kind, side, key = _IN_DEVICE[name]
        for device in devices:
            record = find(str(device["model"]))
            if isinstance(record, kind) and side_of(DeviceChoice(model=device["model"], side=device.get("side"))) == side:
                return device, key
    return None, ""


def _column(place: str, given: Row) -> str:
    """The column that a problem of a case comes from."""
    if place.startswith("devices["):
        return next((name for name, (_, _, key) in _IN_DEVICE.items() if name in given and place.endswith(f".{key}")), place)
    for beginning in ("patient.set.", "protocol[0].set."):
        if place.startswith(beginning):
            return place.removeprefix(beginning)
    return {
        "patient.library": "patient",
        "patient.scaled_to": "scaled_to",
        **{f"support.{a}.{b}": name for name, (a, b) in _IN_SUPPORT.items()},
    }.get(place, place)


def _together(problems: list[tuple[int, Problem]]) -> list[Problem]:
    """The same problem of many rows is told once, with its rows."""
    rows: dict[Problem, list[int]] = {}
    for number, problem in problems:
        rows.setdefault(problem, []).append(number)
    return [replace(problem, place=f"{problem.place} in {_rows(numbers)}") for problem, numbers in rows.items()]


def _rows(numbers: list[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:SHOWN])
    more = f" and {len(numbers) - SHOWN} more" if len(numbers) > SHOWN else ""
    return f"row{'s' if len(numbers) > 1 else ''} {shown}{more}"
