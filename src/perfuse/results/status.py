"""How a run ended. Failure is data: a run that leaves its equations says when, and hides nothing."""

from typing import Any

SETTLING = "diverged before it began: no steady state was found in the range in which the equations hold"


def status_of(healthy: bool, time: float) -> dict[str, Any]:
    """{"ok", "text"} of a patient who was looked at `time` seconds after the beginning."""
    if healthy:
        return {"ok": True, "text": "ok"}
    if time <= 0.0:
        return {"ok": False, "text": SETTLING}
    return {"ok": False, "text": f"diverged before {time:.0f} s: the model left the range in which its equations hold"}
