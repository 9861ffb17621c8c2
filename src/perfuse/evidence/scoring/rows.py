"""One row of a table: its new columns, whatever stands in it."""

import math
from collections.abc import Mapping
from typing import Any, Literal

import pyarrow as pa

from perfuse.evidence.scoring.evaluate import outcomes, work_out
from perfuse.evidence.scoring.inputs import understand
from perfuse.evidence.scoring.missing import Possible, explore
from perfuse.evidence.scoring.records import Score
from perfuse.parameters.problems import InputError, Problem
from perfuse.parameters.safety import NOT_FOR_CLINICAL_USE

NOTHING = {"", "na", "n/a", "nan", "null", "none", "."}
"""Words of a table that mean: not given."""
Row = dict[str, Any]
How = Literal["complete", "with_missing", "failed"]


def scored_row(record: Score, cells: Mapping[str, Any], broken: str | None = None) -> tuple[Row, How]:
    """New columns of one row (all of `new_columns`) from its cells by input, and how it went; `broken` says what is wrong with the row."""
    new: Row = dict.fromkeys(new_columns(record))
    new[f"{record.id}_use"] = NOT_FOR_CLINICAL_USE
    try:
        if broken:
            raise InputError([Problem("", broken)])
        understood = understand(record, {name: _given(value) for name, value in cells.items()})
    except InputError as error:
        new[f"{record.id}_error"] = " ".join(str(problem) for problem in error.problems)
        return new, "failed"
    names = dict(understood.values)
    if understood.missing:
        possible = explore(record, understood.values, understood.missing)
        outputs = possible.outputs
        low, high = possible.ranges.get(record.main, (outputs.get(record.main),) * 2)
        new[f"{record.id}_missing"] = ", ".join(understood.told)
        new[f"{record.id}_possible"] = _possible(possible)
        names |= outputs
    else:
        worked = work_out(record, understood.values)
        outputs, names = worked.outputs, worked.names
        low = high = outputs.get(record.main)
    new |= {f"{record.id}_{key}": value for key, value in _flat(outputs).items() if f"{record.id}_{key}" in new}
    if record.main:
        new[f"{record.id}_low"], new[f"{record.id}_high"] = (None if one is None else float(one) for one in (low, high))
    said = [record.warning] if record.warning else []
    said += [remark.text for remark in record.warns if remark.when.value(names)]
    new[f"{record.id}_warnings"] = "; ".join(said) or None
    return new, "with_missing" if understood.missing else "complete"


def new_columns(record: Score) -> dict[str, pa.DataType]:
    """New columns and their types."""
    of: dict[str, pa.DataType] = {}
    for name, expression in record.outputs.items():
        if not name.startswith("_"):
            of[name] = pa.bool_() if expression.truth or record.criteria else pa.float64()
    of |= dict.fromkeys(record.items if record.components else (), pa.float64())
    of |= {"failed": pa.string(), "undecided": pa.string()} if record.failed else {}
    if record.class_name:
        of |= {record.class_name: pa.string(), **dict.fromkeys(outcomes(record), pa.float64())}
    of |= {"low": pa.float64(), "high": pa.float64()} if record.main else {}
    of |= dict.fromkeys(("possible", "missing", "warnings", "error", "use"), pa.string())
    return {f"{record.id}_{name}": kind for name, kind in of.items()}


def _given(value: Any) -> Any:
    """What stands in a cell; None where nothing does."""
    if value is None or (isinstance(value, float) and math.isnan(value)) or value is _na():
        return None
    if isinstance(value, str) and value.strip().lower() in NOTHING:
        return None
    return value


def _na() -> Any:
    """The missing value of pandas, where pandas is in use."""
    import sys

    pandas = sys.modules.get("pandas")
    return getattr(pandas, "NA", None)


def _possible(possible: Possible) -> str | None:
    """Classes that remain, else the truths that remain open."""
    if possible.classes:
        return ", ".join("none" if one.label is None else one.label for one in possible.classes)
    return "; ".join(f"{name}: {' or '.join('yes' if one else 'no' for one in some)}" for name, some in possible.choices.items()) or None


def _flat(outputs: Mapping[str, Any]) -> Row:
    flat: Row = {}
    for name, value in outputs.items():
        if name == "components":
            flat |= {key: None if points is None else float(points) for key, points in value.items()}
        elif isinstance(value, list):
            flat[name] = ", ".join(value)
        elif isinstance(value, bool) or value is None or isinstance(value, str):
            flat[name] = value
        else:
            flat[name] = float(value)
    return flat
