"""What a screen may know and do, by its role (sights.yaml). Decided here, so that a page never holds what it may not show."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from perfuse.bedside.records import Event
from perfuse.bedside.tables import table
from perfuse.engine.run import SLOW_DT

ROLES = ("operator", "trainee")
HIDDEN_VERBS = ("fault", "sensor", "begin")
FREE_WORDS = ("branch", "goto", "course", "stopped")
"""Entries whose words may say what happened behind the scene."""


def may_see(role: str, quantity: str, two_numbers: bool) -> bool:
    """Whether a role may read a quantity; a console of two numbers has no pressures to be read."""
    without = table("panels")["ecmo"]["hidden_without_pressures"] if two_numbers and role != "operator" else ()
    return quantity not in table("sights")[role]["hides"] and quantity not in without


def may_do(role: str, verb: str) -> bool:
    """Whether a role may ask for a verb."""
    allowed = table("sights")[role].get("may")
    return allowed is None or verb in allowed


def settable(layout: Mapping[str, Any]) -> list[str]:
    """Controls that a layout offers: those of the devices and their clamps, of the ventilator and of the drugs."""
    found = [one["control"] for device in layout["devices"] for one in (*device["sets"], *device["clamps"])]
    found += [one["instead"]["control"] for device in layout["devices"] for one in device["sets"] if "instead" in one]
    found += [one["control"] for one in (*layout["ventilator"]["sets"], *layout["drugs"])]
    return list(dict.fromkeys(found))


def may_set(role: str, control: object, layout: Mapping[str, Any]) -> bool:
    """Whether a role may set a control: who may not know of faults sets what the bedside offers and nothing behind it."""
    return bool(table("sights")[role]["faults"]) or control in settable(layout)


def numbers(role: str, shown: Mapping[str, float | None], two_numbers: bool) -> dict[str, float | None]:
    """Shown numbers that a role may read; a console without pressures sends none."""
    return {
        name: None if value is None or not isfinite(value) else float(f"{value:.5g}")
        for name, value in shown.items()
        if may_see(role, name, two_numbers)
    }


def state(role: str, message: Mapping[str, Any]) -> dict[str, Any]:
    """The state of a run without what a role may not know."""
    sight = table("sights")[role]
    kept = dict(message)
    if not sight["faults"]:
        kept["faults"] = {}
        kept["courses"] = [{**course, "words": ""} for course in message["courses"]]
        kept["text"] = "ok" if message["ok"] else "the run stopped"
    if not sight["sensors"]:
        kept["sensors"] = {}
    return kept


def entry(role: str, event: Event, layout: Mapping[str, Any]) -> dict[str, Any] | None:
    """An entry of the log as a role may read it; None where it may not."""
    detail = event.detail
    if not table("sights")[role]["faults"]:
        if event.verb in HIDDEN_VERBS or (event.verb == "note" and event.actor != role):
            return None
        if event.verb == "set" and event.target not in settable(layout):
            return None
        if event.verb in FREE_WORDS:
            detail = {**detail, "words": "Stopped" if event.verb == "stopped" else f"Course {event.target} from here"}
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
