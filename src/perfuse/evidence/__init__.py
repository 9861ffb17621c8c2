"""Proof: the published tables, and the comparison of the simulator with them. No simulation code lives here.

`perfuse.evidence.analysis(kind, **inputs)` computes effects, pools and posteriors. Doors open when they are used, so that importing this
room costs nothing.
"""

from importlib import import_module
from typing import Any

_DOORS = {"analysis": "perfuse.evidence.trials.analysis"}
"""Names of this room and the module that holds each."""


def __getattr__(name: str) -> Any:
    if name not in _DOORS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_DOORS[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_DOORS])
