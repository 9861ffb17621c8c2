"""Alarms: limits by priority, how long a value must lie beyond them, latching, acknowledgement, the pause of the sound.

Decided once a second of simulated time from what the monitor shows, so that the same run alarms at the same second again.
"""

from collections.abc import Container, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from perfuse.bedside.signs import SIGNS, Facts, Shown
from perfuse.bedside.tables import table

PRIORITIES = ("high", "medium", "low")
SIDES = ("below", "above")
SILENCE = 120.0  # s, the longest pause of the sound
STEADY = 20  # s after support began at which its flow is taken as the one that limits are counted from
Limits = dict[str, dict[str, dict[str, float | None]]]


@dataclass
class Alarm:
    """One alarm. `value` and `limit` in the unit of the quantity; `seen`: seconds of the run until it was acknowledged."""

    id: int
    quantity: str
    words: str
    priority: str
    side: str
    limit: float | None
    value: float | None
    since: float
    state: str = "active"  # active | seen | latched
    seen: float | None = None


@dataclass(frozen=True)
class Rung:
    """What happened to an alarm in this second: it began (or rose), or it is over."""

    verb: str  # alarm | over
    alarm: Alarm


def first_limits() -> Limits:
    """The limits of alarms.yaml: quantity -> side -> priority -> value; None is no limit."""
    found: Limits = {}
    for quantity, entry in table("alarms").items():
        sides = {side: {p: entry[side].get(p) for p in PRIORITIES} for side in SIDES if side in entry}
        if "around" in entry:
            sides = {side: {p: entry.get(side, {}).get(p) for p in PRIORITIES} for side in SIDES}
        found[quantity] = {side: {p: None if v is None else float(v) for p, v in line.items()} for side, line in sides.items()}
    return found


def beyond(value: float, limit: float, side: str) -> bool:
    """Whether a value lies beyond a limit."""
    return value < limit if side == "below" else value > limit


class Alarms:
    """All alarms of one run."""

    def __init__(self) -> None:
        self.limits = first_limits()
        self.now: dict[str, Alarm] = {}  # by quantity and side, or by sign
        self.silent_until: float | None = None
        self._held: dict[str, int] = {}  # seconds for which each limit has been left
        self._next = 1
        self._steady = 0

    def second(self, t: float, shown: Shown, facts: Facts, watched: Container[str]) -> list[Rung]:
        """Decide at the end of a second over the quantities that are watched; returns what began and what is over."""
        self._take_flow(shown, facts)
        rung: list[Rung] = []
        for quantity, entry in table("alarms").items():
            if quantity not in watched:
                continue
            value = shown.get(quantity)
            for side, line in self.limits[quantity].items():
                self._line(t, quantity, entry, side, line, value, rung)
        for name, entry in table("signs").items():
            self._sign(t, name, entry, SIGNS[name](shown, facts), shown, rung)
        if self.silent_until is not None and (t >= self.silent_until or any(r.verb == "alarm" and self._louder(r.alarm) for r in rung)):
            self.silent_until = None
        return rung

    def _take_flow(self, shown: Shown, facts: Facts) -> None:
        """Flow limits are counted from the flow 20 s after support began."""
        flow = shown.get("ecmo_flow")
        self._steady = self._steady + 1 if facts["ecmo"] and flow is not None and flow > 0.5 else min(self._steady, STEADY)
        if self._steady == STEADY and flow is not None:
            self.around("ecmo_flow", flow)

    def around(self, quantity: str, value: float) -> None:
        """Set the limits of a quantity around a value, by the shares of alarms.yaml."""
        for priority, share in table("alarms")[quantity]["around"].items():
            floor = table("alarms")[quantity].get("below", {}).get(priority, 0.0)
            self.limits[quantity]["below"][priority] = max(round(value * (1.0 - share), 2), floor)
            self.limits[quantity]["above"][priority] = round(value * (1.0 + share), 2) if priority == "low" else None

    def _line(
        self,
        t: float,
        quantity: str,
        entry: Mapping[str, Any],
        side: str,
        line: Mapping[str, float | None],
        value: float | None,
        rung: list[Rung],
    ) -> None:
        key = f"{quantity} {side}"
        standing = self.now.get(key)
        found: tuple[str, float] | None = None
        for priority in PRIORITIES:
            limit = line[priority]
            held = f"{key} {priority}"
            if value is None or limit is None or not beyond(value, limit, side):
                self._held.pop(held, None)
                continue
            self._held[held] = self._held.get(held, 0) + 1
            if found is None and self._held[held] > entry["delay"]:
                found = priority, limit
        if found is not None:
            words = f"{entry['words']} {'low' if side == 'below' else 'high'}"
            self._ring(t, key, quantity, words, found[0], side, found[1], value, rung)
        elif standing is not None and standing.state != "latched":
            room = entry["deadband"] if side == "below" else -entry["deadband"]
            limit = line[standing.priority]
            back = value is None or limit is None or not beyond(value - room, limit, side)
            if back:
                self._over(key, standing, rung)
            else:
                standing.value = value

    def _sign(self, t: float, name: str, entry: Mapping[str, Any], true: bool, shown: Shown, rung: list[Rung]) -> None:
        standing = self.now.get(name)
        self._held[name] = self._held.get(name, 0) + 1 if true else 0
        if self._held[name] > entry["delay"]:
            quantity = entry["quantity"]
            self._ring(t, name, quantity, entry["words"], entry["priority"], "sign", None, shown.get(quantity), rung)
        elif not true and standing is not None and standing.state != "latched":
            self._over(name, standing, rung)

    def _ring(
        self,
        t: float,
        key: str,
        quantity: str,
        words: str,
        priority: str,
        side: str,
        limit: float | None,
        value: float | None,
        rung: list[Rung],
    ) -> None:
        """Begin an alarm, let one rise to a higher priority (it is then unseen again), or go on with it."""
        standing = self.now.get(key)
        if standing is not None and standing.state != "latched" and PRIORITIES.index(priority) >= PRIORITIES.index(standing.priority):
            standing.value = value
            if priority != standing.priority:
                standing.priority, standing.limit = priority, limit
            return
        alarm = Alarm(self._next, quantity, words, priority, side, limit, value, t)
        self._next += 1
        self.now[key] = alarm
        rung.append(Rung("alarm", alarm))

    def _over(self, key: str, alarm: Alarm, rung: list[Rung]) -> None:
        """What was high and not seen stays, without its filling, until somebody has seen it; everything else goes."""
        if alarm.priority == "high" and alarm.state == "active":
            alarm.state = "latched"
        else:
            del self.now[key]
        rung.append(Rung("over", alarm))

    def _louder(self, alarm: Alarm) -> bool:
        """Whether an alarm is above all that sounded when the sound was paused."""
        others = [PRIORITIES.index(a.priority) for a in self.now.values() if a.id != alarm.id and a.state == "active"]
        return PRIORITIES.index(alarm.priority) < min(others, default=len(PRIORITIES))

    def acknowledge(self, t: float, which: int | None) -> list[Alarm]:
        """Mark one alarm (or all) as seen; latched ones go."""
        done = [(key, a) for key, a in self.now.items() if (which is None or a.id == which) and a.state != "seen"]
        for key, alarm in done:
            alarm.seen = t - alarm.since
            if alarm.state == "latched":
                del self.now[key]
            alarm.state = "seen"
        return [alarm for _, alarm in done]

    def pause_sound(self, t: float, seconds: float) -> None:
        """No sound for a while (at most two minutes); 0 turns it on again."""
        self.silent_until = t + min(seconds, SILENCE) if seconds > 0.0 else None

    def listed(self) -> list[dict[str, Any]]:
        """Alarms as the page shows them: the highest first, then the newest; seen ones last."""
        order = sorted(self.now.values(), key=lambda a: (a.state == "seen", PRIORITIES.index(a.priority), -a.since, -a.id))
        return [asdict(alarm) for alarm in order]

    def state(self) -> dict[str, Any]:
        """Everything that decides what comes next."""
        return {
            "limits": {q: {s: dict(line) for s, line in sides.items()} for q, sides in self.limits.items()},
            "now": {key: asdict(alarm) for key, alarm in self.now.items()},
            "silent_until": self.silent_until,
            "held": dict(self._held),
            "next": self._next,
            "steady": self._steady,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from `state()`."""
        self.limits = {q: {s: dict(line) for s, line in sides.items()} for q, sides in state["limits"].items()}
        self.now = {key: Alarm(**alarm) for key, alarm in state["now"].items()}
        self.silent_until, self._held = state["silent_until"], dict(state["held"])
        self._next, self._steady = state["next"], state["steady"]
