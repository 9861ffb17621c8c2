"""Measured speed on the terminal."""

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from perfuse.views.screen import ending_with_the_safety_line, table


def screen(found: Mapping[str, Any]) -> None:
    """Every measured number under its name, nested names joined by a dot."""
    with ending_with_the_safety_line() as console:
        made = table("measured on this machine", "value", right=(1,))
        for name, value in _flat(found):
            made.add_row(name.replace("_", " "), Text(f"{value:,.4g}" if isinstance(value, float) else str(value)))
        console.print(made)


def _flat(found: Mapping[str, Any], above: str = "") -> list[tuple[str, Any]]:
    out: list[tuple[str, Any]] = []
    for key, value in found.items():
        name = f"{above}{key}"
        out += _flat(value, f"{name}, ") if isinstance(value, Mapping) else [(name, value)]
    return out
