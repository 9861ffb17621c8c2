"""What moves a run through time: its speed, pause, going back and ahead, branches."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from perfuse.bedside.actions import Refused, storable

if TYPE_CHECKING:
    from perfuse.views.console.live import Live

SPEEDS = (1, 2, 5, 10, 20, 60)


def speed(live: "Live", request: Mapping[str, Any], actor: str) -> None:
    """Let time run at one of the offered speeds."""
    value = request.get("value")
    if value not in SPEEDS:
        raise Refused("this speed is not offered", allowed=", ".join(f"{s} ×" for s in SPEEDS))
    old, live.speed = live.speed, float(value)
    live.anchor()
    live.display.restart()
    live.run.log("speed", actor, "time", old, live.speed, {"words": f"Speed of time {old:g} × to {live.speed:g} ×", "mark": False})


def pause(live: "Live", request: Mapping[str, Any], actor: str) -> None:
    """Stop time; a skip ahead ends where it is."""
    live.towards = None
    if not live.paused:
        live.paused = True
        live.run.log("pause", actor, "time", None, None, {"words": "Paused", "mark": False})


def resume(live: "Live", request: Mapping[str, Any], actor: str) -> None:
    """Let time run on."""
    if live.paused:
        live.paused = False
        live.anchor()
        live.run.log("resume", actor, "time", None, None, {"words": "Running", "mark": False})


def back(live: "Live", request: Mapping[str, Any], actor: str) -> None:
    """Go back some seconds, into a new course."""
    seconds = request.get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= 604800:
        raise Refused("'seconds' should be a number", allowed="above 0 to 604800 s")
    live.run.go_back(max(live.run.bed.time - seconds, 0.0), actor)
    live.elsewhere()


def goto(live: "Live", request: Mapping[str, Any], actor: str) -> None:
    """Go to a moment: back into a new course, or ahead as fast as the machine goes."""
    t = request.get("t")
    if isinstance(t, bool) or not isinstance(t, int | float) or not 0 <= t <= 604800:
        raise Refused("'t' should be a time of this run", allowed="0 to 604800 s")
    if t > live.run.bed.time:
        live.towards = float(t)
        return
    live.run.go_back(float(t), actor)
    live.elsewhere()


def branch(live: "Live", request: Mapping[str, Any], actor: str) -> None:
    """Begin a new course here."""
    words = request.get("words", "")
    if not isinstance(words, str) or len(words) > 60 or not storable(words):
        raise Refused("the name of a course is up to 60 characters")
    live.run.branch(actor, words)


def course(live: "Live", request: Mapping[str, Any], actor: str) -> None:
    """Go on with another course where it was left."""
    live.run.switch(str(request.get("id")), actor)
    live.elsewhere()


TIME: dict[str, Callable[["Live", Mapping[str, Any], str], None]] = {
    "speed": speed,
    "pause": pause,
    "resume": resume,
    "back": back,
    "goto": goto,
    "branch": branch,
    "course": course,
}
"""What moves the run through time."""
