"""Proof: published tables, the comparison of the simulator with them, and the evidence lab. No simulation code lives here.

    from perfuse import evidence
    evidence.score("resp", age=35, paco2_mmHg="8 kPa")     # what is missing gives a range
    evidence.scores()                                      # all of them, also those that are not available, and why
    evidence.analysis("risk_ratio", e1=44, n1=124, e0=57, n0=125)

What stands here is loaded when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from perfuse.evidence.scoring.library import describe_score, score, scores
    from perfuse.evidence.scoring.simulated import scores_of
    from perfuse.evidence.trials.analysis import analysis

_HOME = {
    "scoring.library": ("describe_score", "score", "scores"),
    "scoring.simulated": ("scores_of",),
    "trials.analysis": ("analysis",),
}
_WHERE = {name: module for module, names in _HOME.items() for name in names}
__all__ = ["analysis", "describe_score", "score", "scores", "scores_of"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"perfuse.evidence has no {name}")
    return getattr(import_module(f"perfuse.evidence.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
