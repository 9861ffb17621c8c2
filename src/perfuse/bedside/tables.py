"""The files of this room: alarm limits, signs, sensors, laboratory, tray, sights. Read once, and refused where a key is not known."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from perfuse.parameters.records import check_keys
from perfuse.parameters.yamlfile import read_file

_HERE = Path(__file__).parent
_KEYS = {
    "alarms": ("words", "delay", "deadband", "below", "above", "around", "mark", "source"),
    "signs": ("quantity", "words", "priority", "delay"),
    "sensors": ("words", "unit", "value", "low", "high", "step", "digits", "mark", "source"),
    "sights": ("faults", "sensors", "loops", "aorta", "title", "may", "hides"),
}
Table = Mapping[str, Any]


@cache
def table(name: str) -> Table:
    """A file of this room as mappings; entries of the plain tables may hold their known keys only."""
    data, problems = read_file(_HERE / f"{name}.yaml", f"{name}.yaml")
    found: Table = plain(data)
    for key, entry in found.items() if name in _KEYS else ():
        check_keys(entry, _KEYS[name], (key,), problems)
    problems.raise_if_any()
    return found


def plain(data: Any) -> Any:
    """Mappings, lists, numbers and words without the reader's own types."""
    if isinstance(data, Mapping):
        return {str(key): plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [plain(value) for value in data]
    return data
