"""What can be done at the bed: each verb checks first, then changes, and says in words what was before and what is now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from perfuse.bedside.laboratory import gas_values
from perfuse.bedside.layout import SUPPORTS, capital, devices_of, panel, set_field
from perfuse.bedside.tables import table
from perfuse.parameters.circuits import default_devices, default_support
from perfuse.parameters.faults import faults
from perfuse.parameters.problems import InputError
from perfuse.parameters.tables import controls

if TYPE_CHECKING:
    from perfuse.bedside.bed import Bed

ARROW = "\N{RIGHTWARDS ARROW}"
LONGEST_NOTE = 500
BEYOND = 1e15  # whole numbers of JSON have no end; beyond this all are alike


@dataclass(frozen=True)
class Deed:
    """What was done: verb and target, the values before and after, words, whether trends mark it."""

    verb: str
    target: str
    words: str
    old: float | str | None = None
    new: float | str | None = None
    mark: bool = True
    detail: Mapping[str, Any] = field(default_factory=dict)


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a mistake of the program
    """Something that cannot be done, why, what is allowed, and what to try."""

    def __init__(self, text: str, allowed: str = "", hint: str = "") -> None:
        super().__init__(text)
        self.text, self.allowed, self.hint = text, allowed, hint


def do(bed: "Bed", request: Mapping[str, Any]) -> Deed:
    """Do one thing; Refused where it cannot be done."""
    verb = request.get("do")
    if not isinstance(verb, str) or verb not in VERBS:
        raise Refused(f"'{str(verb)[:40]}' is nothing that can be done here", allowed=", ".join(VERBS))
    if not bed.ok:
        raise Refused("the model left the range in which its equations hold", hint="Go back to a moment before.")
    try:
        return VERBS[verb](bed, request)
    except InputError as error:
        first = error.problems[0]
        raise Refused(first.text, first.allowed or "", first.hint or "") from None


def number(request: Mapping[str, Any], name: str, low: float, high: float, default: float | None = None) -> float:
    """A number of a request within its range."""
    value = request.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise Refused(f"'{name}' should be a number", allowed=f"{low:g} to {high:g}")
    value = float(min(max(value, -BEYOND), BEYOND))
    if not low <= value <= high:
        raise Refused(
            f"{value:g} is {'below' if value < low else 'above'} {low if value < low else high:g}", allowed=f"{low:g} to {high:g}"
        )
    return value


def text(request: Mapping[str, Any], name: str, longest: int = 80) -> str:
    """Words of a request."""
    value = request.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Refused(f"'{name}' should be words")
    if len(value) > longest or not storable(value):
        raise Refused(f"'{name}' is too long or holds what no text may hold", allowed=f"up to {longest} characters")
    return value


def storable(value: str) -> bool:
    """Whether a text can be kept: no NUL, and no half of a character."""
    return "\x00" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)


def asked(request: Mapping[str, Any]) -> dict[str, Any]:
    """What of a request says what is to be done: words and numbers under the names that verbs know; this is what is kept."""
    found = {name: request[name] for name in NAMES if request.get(name) is not None}
    for name, value in found.items():
        if not (storable(value) if isinstance(value, str) else isinstance(value, int | float) and abs(value) <= BEYOND):
            raise Refused(f"'{name}' should be words or a number")
    return found


def chosen(request: Mapping[str, Any], name: str, among: Mapping[str, Any]) -> str:
    """One of the known names."""
    value = text(request, name)
    if value not in among:
        raise Refused(f"'{value[:40]}' is not known here", allowed=", ".join(list(among)[:12]))
    return value


def label(bed: "Bed", control: str) -> tuple[str, float | None, float | None, int]:
    """Label, narrowest range and decimals of a control as the panels show it."""
    for name, choice in devices_of(bed.sim.case):
        for one in panel(name, choice, False)["sets"]:
            if one["control"] == control:
                return one["label"], one["low"], one["high"], one["digits"]
    for one in table("panels")["ventilator"]["sets"]:
        if one["control"] == control:
            made = set_field(one)
            return made["label"], made["low"], made["high"], made["digits"]
    drug = table("tray")["drugs"].get(control)
    entry = controls()[control]
    if drug is not None:
        return drug["words"], entry.low, entry.high, drug["digits"]
    return CLAMPS.get(control, entry.name.removeprefix("patient.").replace("_", " ").replace(".", " ")), entry.low, entry.high, 2


CLAMPS = {
    "return.clamp": "Return line",
    "drain.clamp": "Drainage line",
    "return2.clamp": "Second return line",
    "drain2.clamp": "Second drainage line",
    "distal.clamp": "Distal perfusion line",
    "pump.flow": "Flow",
}


def _set(bed: "Bed", request: Mapping[str, Any]) -> Deed:
    control = chosen(request, "control", controls())
    entry = controls()[control]
    words, low, high, digits = label(bed, control)
    value = number(request, "value", -1e9 if low is None else low, 1e9 if high is None else high)
    over = number(request, "over", 0.0, 86400.0, 0.0)
    old = bed.settings([control]).get(control)
    if old is None and not _has(bed, control):
        raise Refused(f"{words} is not part of this support")
    bed.sim.set(control, value, over)
    _forget_faults(bed, {control: value})
    if control == "pump.rpm" and bed.setting("pump.flow") > 0.0:
        bed.sim.set("pump.flow", 0.0)  # a set speed ends the flow mode
    if control.endswith(".clamp"):
        return Deed("set", control, f"{words} {'clamped' if value > 0.5 else 'open'}", old, value)
    shown = ["?" if v is None else entry.worded(v) if entry.options else f"{v:.{digits}f}" for v in (old, value)]
    return Deed("set", control, f"{words} {shown[0]} {ARROW} {shown[1]}", old, value)


def _has(bed: "Bed", control: str) -> bool:
    """Whether the patient or a device of this run has what a control sets."""
    return bool(bed.settings([control])) or (control == "return.tip_distance" and bed.sim.support is not None)


def _give(bed: "Bed", request: Mapping[str, Any]) -> Deed:
    portions = {one["give"]: one for one in table("tray")["fluids"]}
    fluid = chosen(request, "fluid", portions)
    volume = number(request, "volume", 1.0, 5000.0)
    over = number(request, "over", 0.0, 86400.0, float(portions[fluid]["over"]))
    bed.sim.give(fluid, volume, over)
    return Deed("give", fluid, f"{portions[fluid]['words']} {volume:g} mL", None, volume)


def _fault(bed: "Bed", request: Mapping[str, Any]) -> Deed:
    name = chosen(request, "fault", faults())
    severity = number(request, "severity", 0.0, 1.0, 1.0)
    over = number(request, "over", 0.0, 86400.0, 0.0)
    if not _has(bed, faults()[name].control):
        raise Refused(f"{faults()[name].title} cannot befall this support")
    old = bed.faults.get(name, 0.0)
    bed.sim.fault(name, severity, over)
    bed.faults[name] = severity
    if severity <= 0.0:
        del bed.faults[name]
    end = "over" if severity <= 0.0 else f"{100 * severity:.0f} %"
    return Deed("fault", name, f"{capital(faults()[name].title)}: {end}", old, severity)


def _procedure(bed: "Bed", request: Mapping[str, Any]) -> Deed:
    known = table("tray")["procedures"]
    name = chosen(request, "procedure", known)
    plan = known[name]
    if plan["needs"] not in ("", *(device for device, _ in devices_of(bed.sim.case))):
        raise Refused(f"{plan['words']}: not with this support")
    for control, value in plan["set"].items():
        bed.sim.set(control, float(value), float(plan.get("over", 0.0)))
    _forget_faults(bed, plan["set"])
    return Deed("do", name, plan["words"])


def _forget_faults(bed: "Bed", settings: Mapping[str, float]) -> None:
    """Faults whose control was put right are over."""
    for name in [name for name in bed.faults if faults()[name].control in settings]:
        del bed.faults[name]


def _preset(bed: "Bed", request: Mapping[str, Any]) -> Deed:
    known = table("tray")["presets"]
    name = chosen(request, "preset", known)
    for control, value in known[name]["set"].items():
        bed.sim.set(control, float(value))
    return Deed("preset", name, f"Ventilator: {known[name]['words']}")


def _draw(bed: "Bed", request: Mapping[str, Any]) -> Deed:
    known = {name: one for name, one in table("laboratory").items() if name != "sites"}
    what = chosen(request, "what", known)
    truth = bed.sim.moment()
    if what == "gas":
        sites = bed.sim.gases()
        site = chosen(request, "site", {s: one for s, one in table("laboratory")["sites"].items() if s in sites})
        words, values = f"Gas, {site}", gas_values(sites[site], truth)
    else:
        words, values = known[what]["words"], {name: truth[name] for name in known[what]["values"] if name in truth}
    sample = bed.laboratory.draw(bed.time, what, words, values)
    return Deed("draw", what, f"{words}: drawn", None, None, True, {"sample": sample.id})


def _acknowledge(bed: "Bed", request: Mapping[str, Any]) -> Deed:
    which = None if request.get("id") is None else round(number(request, "id", 1, 1e9))
    seen = bed.alarms.acknowledge(bed.time, which)
    listed = [{"id": a.id, "words": a.words, "seen": a.seen} for a in seen]
    words = ", ".join(f"{a.words} seen after {a.seen:.0f} s" for a in seen) or "no alarm to acknowledge"
    return Deed("acknowledge", "alarms", words, None, None, False, {"alarms": listed})


def _audio(bed: "Bed", request: Mapping[str, Any]) -> Deed:
    seconds = number(request, "seconds", 0.0, 120.0)
    bed.alarms.pause_sound(bed.time, seconds)
    return Deed("audio", "sound", f"Audio off for {seconds:.0f} s" if seconds else "Audio on", None, seconds, False)


def _limit(bed: "Bed", request: Mapping[str, Any]) -> Deed:
    quantity = chosen(request, "quantity", bed.alarms.limits)
    side = chosen(request, "side", {"below": 0, "above": 0})
    priority = chosen(request, "priority", {"high": 0, "medium": 0, "low": 0})
    value = None if request.get("value") is None else number(request, "value", -1000.0, 100000.0)
    line = bed.alarms.limits[quantity].setdefault(side, dict.fromkeys(("high", "medium", "low")))
    old, line[priority] = line[priority], value
    shown = ["off" if v is None else f"{v:g}" for v in (old, value)]
    words = f"Limit {table('alarms')[quantity]['words']} {side} ({priority}) {shown[0]} {ARROW} {shown[1]}"
    return Deed("limit", quantity, words, old, value, False)


def _sensor(bed: "Bed", request: Mapping[str, Any]) -> Deed:
    known = table("sensors")
    name = chosen(request, "sensor", known)
    value = number(request, "value", known[name]["low"], known[name]["high"])
    old, bed.monitor.sensors[name] = bed.monitor.sensors[name], value
    return Deed("sensor", name, f"{known[name]['words']}: {value:g}", old, value)


def _start(bed: "Bed", request: Mapping[str, Any]) -> Deed:
    name = chosen(request, "support", SUPPORTS)
    bed.sim.start(default_devices(name) or default_support(name))
    return Deed("start", name, f"{SUPPORTS[name]} starts")


def _console(bed: "Bed", request: Mapping[str, Any]) -> Deed:
    name = chosen(request, "name", {"integrated": 0, "two-number": 0})
    old, bed.two_numbers = bed.two_numbers, name == "two-number"
    return Deed("console", name, f"Console: {name}", "two-number" if old else "integrated", name, False)


def _call(bed: "Bed", request: Mapping[str, Any]) -> Deed:
    who = text(request, "who")
    return Deed("call", who, f"Called: {who}")


def _note(bed: "Bed", request: Mapping[str, Any]) -> Deed:
    return Deed("note", "note", text(request, "text", LONGEST_NOTE))


VERBS: dict[str, Callable[["Bed", Mapping[str, Any]], Deed]] = {
    "set": _set,
    "give": _give,
    "fault": _fault,
    "do": _procedure,
    "preset": _preset,
    "draw": _draw,
    "acknowledge": _acknowledge,
    "audio": _audio,
    "limit": _limit,
    "sensor": _sensor,
    "start": _start,
    "console": _console,
    "call": _call,
    "note": _note,
}
"""What a request may ask of the bed; time and courses are the run's own (run.py)."""
NAMES: tuple[str, ...] = ("do", "control", "value", "over", "fluid", "volume", "fault", "severity", "procedure", "preset", "what", "site")
NAMES += ("id", "seconds", "quantity", "side", "priority", "sensor", "support", "name", "who", "text")
"""What a request may hold besides its number."""
