"""The rows of the model, described once and checked against the tables of what a patient is made of and what can be set."""

from functools import cache

from perfuse.engine.controls import control_rows
from perfuse.engine.layout import Layout
from perfuse.engine.stages import CELLS, FAST, SLOW
from perfuse.engine.wiring import Wiring, WiringError, describe
from perfuse.parameters.tables import controls


@cache
def declared() -> Wiring:
    """All rows; WiringError names everything that does not fit together."""
    found = describe(FAST, SLOW, Layout(CELLS))
    found.check(table_rows(found))
    if found.problems:
        raise WiringError("\n".join(found.problems))
    return found


def table_rows(found: Wiring) -> dict[str, str]:
    """Rows that the tables declare, with the engine's unit where the table has the same, else ""."""
    rows: dict[str, str] = {}
    for name, entry in controls().items():
        if entry.field in found.rows:
            rows[entry.field] = entry.unit if entry.scale == 1.0 else ""
        elif not entry.instead:
            rows |= dict.fromkeys(control_rows(name, entry.default or 0.0), "")
    return rows
