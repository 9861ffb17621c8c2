"""Measured speed on the terminal."""

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from perfuse.views.screen import ending_with_the_safety_line, table


def screen(found: Mapping[str, Any]) -> None:
    """Every measured number under its name; how it was measured below."""
    with ending_with_the_safety_line() as console:
        made = table("measured on this machine", "value", right=(1,))
        for name, value in found.items():
            if value is not None and not isinstance(value, Mapping):
                made.add_row(name.replace("_", " "), Text(_number(value)))
        console.print(made)
        for name, words in found.get("notes", {}).items():
            console.print(Text(f"{name}: {words}"))


def _number(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 1000.0 else f"{value:,.4g}"
