"""What a screen may know and do, by its role (sights.yaml). Decided here, so that a page never holds what it may not show."""

from collections.abc import Mapping
from typing import Any

from perfuse.bedside.records import Event
from perfuse.bedside.tables import table
from perfuse.engine.run import SLOW_DT

ROLES = ("operator", "trainee")
HIDDEN_VERBS = ("fault", "sensor", "begin")


def may_see(role: str, quantity: str) -> bool:
    """Whether a role may read a quantity."""
    return quantity not in table("sights")[role]["hides"]


def may_do(role: str, verb: str) -> bool:
    """Whether a role may ask for a verb."""
    allowed = table("sights")[role].get("may")
    return allowed is None or verb in allowed


def numbers(role: str, shown: Mapping[str, float | None], two_numbers: bool) -> dict[str, float | None]:
    """Shown numbers that a role may read; a console without pressures sends none."""
    hidden = set(table("sights")[role]["hides"])
    if two_numbers and role != "operator":
        hidden |= set(table("panels")["ecmo"]["hidden_without_pressures"])
    return {name: None if value is None else float(f"{value:.5g}") for name, value in shown.items() if name not in hidden}


def state(role: str, message: Mapping[str, Any]) -> dict[str, Any]:
    """The state of a run without what a role may not know."""
    sight = table("sights")[role]
    kept = dict(message)
    if not sight["faults"]:
        kept["faults"] = {}
    if not sight["sensors"]:
        kept["sensors"] = {}
    return kept


def entry(role: str, event: Event) -> dict[str, Any] | None:
    """An entry of the log as a role may read it; None where it may not."""
    if event.verb in HIDDEN_VERBS and not table("sights")[role]["faults"]:
        return None
    detail = event.detail
    found = {
        "seq": event.seq,
        "course": event.course,
        "t": round(event.step * SLOW_DT, 2),
        "wall": event.wall,
        "actor": event.actor,
        "verb": event.verb,
        "target": event.target,
        "old": event.old,
        "new": event.new,
        "words": str(detail.get("words", event.verb)),
        "mark": bool(detail.get("mark")),
    }
    if event.verb in ("alarm", "over"):
        found["priority"] = detail.get("priority")
    if event.verb == "acknowledge":
        found["seen"] = detail.get("alarms", [])
    return found
