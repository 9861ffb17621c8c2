"""The messages of wire.ts, from a live run."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from perfuse.bedside.bed import Bed
from perfuse.bedside.layout import devices_of
from perfuse.bedside.tables import table
from perfuse.engine.run import SLOW_DT
from perfuse.results.course import patient_values
from perfuse.views.console import sight
from perfuse.views.console.timekeeping import SPEEDS

if TYPE_CHECKING:
    from perfuse.views.console.live import Live

CLOCK = 8 * 3600  # a run begins at 08:00 of day 1
LOOP_POINTS = 90


def hello(live: "Live", role: str) -> dict[str, Any]:
    """Who this is."""
    told = table("sights")[role]["title"]
    return {
        "k": "hello",
        "wire": 1,
        "run": live.run.row.id,
        "title": live.run.row.title if told else "Patient",
        "who": who(live),
        "role": role,
        "clock": CLOCK,
    }


def who(live: "Live") -> str:
    """Body and support in one line."""
    case = live.run.bed.sim.case
    values = patient_values(case.patient)[0] if case.patient.bedside is None else case.patient.measurements
    body = f"{values['weight']:.0f} kg" if "weight" in values else ""
    panels = [one["title"] for one in live.layout_of("operator")["devices"]]
    return " · ".join(part for part in (body, " and ".join(panels) or "no support") if part)


def state(live: "Live", role: str = "operator") -> dict[str, Any]:
    """Everything that is set, and how time runs."""
    run, bed = live.run, live.run.bed
    until = bed.alarms.silent_until
    message = {
        "k": "state",
        "t": round(bed.time, 2),
        "paused": live.paused,
        "speed": live.speed,
        "speeds": list(SPEEDS),
        "towards": live.towards,
        "course": run.course,
        "courses": [
            {"id": line.id, "parent": line.parent, "from": line.begins * SLOW_DT, "to": line.head * SLOW_DT, "words": line.words}
            for line in run.visible()
        ],
        "set": {name: float(f"{value:.7g}") for name, value in bed.settings(sight.settable(live.layout_of("operator"))).items()},
        "faults": dict(bed.faults),
        "sensors": dict(bed.monitor.sensors),
        "limits": {quantity: {side: dict(line) for side, line in sides.items()} for quantity, sides in bed.alarms.limits.items()},
        "audio": None if until is None else round(max(until - bed.time, 0.0), 1),
        "console": "two-number" if bed.two_numbers else "integrated",
        "saved": run.writer.state,
        "running": [name for name, _ in devices_of(bed.sim.case)],
        "ok": bed.ok and live.problem is None,
        "text": live.problem or str(bed.sim.status["text"]),
    }
    return sight.state(role, message)


def numbers(live: "Live", role: str) -> dict[str, Any]:
    """What the monitor and the consoles show now."""
    bed = live.run.bed
    return {
        "k": "num",
        "t": round(bed.time, 2),
        "v": sight.numbers(role, bed.shown, bed.two_numbers),
        "why": bed.why,
        "words": bed.words,
        "chatter": bed.chatters,
    }


def port(bed: Bed) -> float:
    """What really flows at the gas port, L/min: nothing where the line is off."""
    rows = bed.sim.rows(("sweep", "gas_connected"))
    return round(rows.get("sweep", 0.0) * 0.06 * min(rows.get("gas_connected", 0.0), 1.0), 2)


def ghost(bed: Bed) -> dict[str, Any]:
    """The loops of this moment, to be shown behind what comes."""
    return {**_loops(bed), "t": bed.time}


def loops(bed: Bed, before: Mapping[str, Any] | None) -> dict[str, Any]:
    """Pressure-volume loops of both ventricles."""
    ef = [bed.shown.get("LVEF"), bed.shown.get("RVEF")]
    note = ["" if value is None else f"EF {value:.0f} %" for value in ef]
    return {"k": "loops", **_loops(bed), "ghost": before, "note": note}


def _loops(bed: Bed) -> dict[str, list[list[float]]]:
    found = {}
    for name, (volume, pressure) in bed.sim.loops().items():
        every = max(len(volume) // LOOP_POINTS, 1)
        found[name] = [[round(float(v), 1), round(float(p), 1)] for v, p in zip(volume[::every], pressure[::every], strict=True)]
    return found
