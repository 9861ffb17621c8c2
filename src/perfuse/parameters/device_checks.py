"""Devices that contradict themselves, each other, or the circuit beside them: each refusal says why."""

from collections.abc import Sequence

from perfuse.parameters import library
from perfuse.parameters.assist import Balloon, PulsatilePump, RotaryPump
from perfuse.parameters.case_models import Case, DeviceChoice
from perfuse.parameters.devices import Device, Pump
from perfuse.parameters.problems import Path, Problems, did_you_mean
from perfuse.parameters.sources import cite

INLETS = {"left": ("lv", "la"), "right": ("rv", "ra", "ivc")}
OUTLETS = {"left": ("root", "ascending", "descending", "femoral"), "right": ("pa",)}
_BEHIND = {"left": "left ventricle", "right": "right ventricle"}


def find(model: str) -> Device | None:
    """The record of a device by its name."""
    return library.heart_device(model) if model in library.heart_devices() else None


def side_of(choice: DeviceChoice) -> str:
    """Side on which a device stands: what the case says, or the first that its record allows; "" for a balloon."""
    device = find(choice.model)
    if isinstance(device, RotaryPump):
        return choice.side or device.sides[0]
    if isinstance(device, PulsatilePump):
        return choice.side or ("both" if device.replaces else "left")
    return ""


def check(case: Case, problems: Problems) -> None:
    """Note what is wrong with each device, then what cannot stand beside each other."""
    known = []
    for i, choice in enumerate(case.devices):
        path: Path = ("devices", i)
        if problems.touch_exactly(*path) or problems.touch(*path, "model"):
            continue
        device = find(choice.model)
        if device is None:
            hint = did_you_mean(choice.model, library.heart_devices(), "'perfuse devices' lists them.")
            problems.add((*path, "model"), f"the device '{choice.model}' {_why_not(choice.model)}", value=choice.model, hint=hint)
            continue
        _alone(choice, device, path, problems)
        if choice.established and choice.start > 0.0:
            hint = "Take start out, or established."
            problems.add((*path, "established"), f"a device that starts at {choice.start:g} s has not been running before", hint=hint)
        if choice.start >= case.duration and not problems.touch("duration"):
            text = f"it starts at {choice.start:g} s, not before the end at {case.duration:g} s"
            problems.add((*path, "start"), text, hint="Let the run last longer, or start earlier.")
        known.append((i, choice, device))
    _together(case, known, problems)


def _why_not(model: str) -> str:
    """Why a name is none of a device that stands in or beside the heart."""
    record = next((library.device_kind(kind)[model] for kind in library.KINDS if model in library.device_kind(kind)), None)
    if isinstance(record, Pump):
        return f"cannot be run: {record.why_not}"
    return "does not stand in or beside the heart" if record is not None else "is not in the library"


def _alone(choice: DeviceChoice, device: Device, path: Path, problems: Problems) -> None:
    rotary = isinstance(device, RotaryPump)
    for key, fits, word in (
        ("rpm", rotary, "speed"),
        ("level", isinstance(device, RotaryPump) and bool(device.levels), "levels"),
        ("ratio", isinstance(device, Balloon), "ratio"),
        ("inlet", rotary or isinstance(device, PulsatilePump), "inlet that can be chosen"),
        ("outlet", rotary, "outlet that can be chosen"),
    ):
        if getattr(choice, key) is not None and not fits:
            problems.add((*path, key), f"{device.title} has no {word}", hint=f"Take {key} out.")
    if isinstance(device, RotaryPump):
        _rotary(choice, device, path, problems)
    elif isinstance(device, Balloon) and choice.side is not None:
        problems.add((*path, "side"), "a balloon lies in the aorta and has no side", hint="Take side out.")
    elif isinstance(device, PulsatilePump):
        heart = device.replaces
        if choice.side is not None and choice.side not in device.sides:
            allowed = ", ".join(device.sides)
            text = f"{device.title} does not stand on that side"
            problems.add((*path, "side"), text, value=choice.side, allowed=allowed, hint="Change side.")
        if heart and choice.side not in (None, "both"):
            problems.add((*path, "side"), f"{device.title} replaces both ventricles", value=choice.side, hint="Take side out.")
        if heart and choice.inlet is not None:
            problems.add((*path, "inlet"), f"{device.title} stands between the atria and the great arteries", hint="Take inlet out.")


def _rotary(choice: DeviceChoice, device: RotaryPump, path: Path, problems: Problems) -> None:
    if choice.side is not None and choice.side not in device.sides:
        allowed = ", ".join(device.sides)
        problems.add(
            (*path, "side"), f"{device.title} does not stand on that side", value=choice.side, allowed=allowed, hint="Change side."
        )
        return
    if choice.rpm is not None and choice.level is not None:
        problems.add(path, "rpm and level both give the speed", hint="Take one of them out.")
    side = side_of(choice)
    for key, allowed_places in (("inlet", INLETS[side]), ("outlet", OUTLETS[side])):
        given = getattr(choice, key)
        if given is not None and given not in allowed_places:
            problems.add(
                (*path, key),
                f"a pump of the {side} heart has no {key} in '{given}'",
                value=given,
                allowed=", ".join(allowed_places),
                hint=did_you_mean(given, allowed_places),
            )
        elif given is not None and device.kind == "transvalvular":
            problems.add((*path, key), f"{device.title} lies where its catheter puts it", hint=f"Take {key} out; see impella.position.")
    if choice.rpm is not None:
        check_speed(device, choice.rpm, (*path, "rpm"), problems)
    if choice.level is not None and device.levels:
        check_level(device, choice.level, (*path, "level"), problems)


def check_speed(device: RotaryPump, rpm: float, path: Path, problems: Problems) -> None:
    """A speed inside the pump's range; 0 stops it."""
    low, high = device.rpm_min.value, device.rpm_max.value
    if rpm != 0.0 and not low <= rpm <= high:
        source = f"range of {device.title}, {cite(device.rpm_max.source)}"
        problems.add(
            path, f"{rpm:g} rpm is {'above' if rpm > high else 'below'} the pump's range", value=rpm,
            allowed=f"0, or {low:g} to {high:g} rpm", source=source, hint="Lower it." if rpm > high else "Raise it.",
        )  # fmt: skip


def check_level(device: RotaryPump, level: float, path: Path, problems: Problems) -> None:
    """A level that the controller has."""
    most = len(device.levels) - 1
    if not 0.0 <= level <= most:
        problems.add(
            path, f"P-{level:g} is not a level of {device.title}", value=level, allowed=f"0 to {most}", hint="Choose another level."
        )


def _together(case: Case, known: Sequence[tuple[int, DeviceChoice, Device]], problems: Problems) -> None:
    taken: dict[str, str] = {}
    for i, choice, device in known:
        path: Path = ("devices", i)
        places = [side_of(choice)] if side_of(choice) != "both" else ["left", "right"]
        for place in places if not isinstance(device, Balloon) else ["balloon"]:
            if place in taken:
                both = f"{device.title} and {taken[place]} would both take over the {_BEHIND.get(place, place)}"
                text = "there is room for one balloon in the aorta" if place == "balloon" else f"{both}: one pump for a side of the heart"
                problems.add(path, text, value=choice.model, hint="Take one of them out.")
            taken.setdefault(place, device.title)
    hearts = [device for _, _, device in known if isinstance(device, PulsatilePump) and device.replaces]
    if not hearts:
        return
    for i, _, device in known:
        if isinstance(device, Balloon):
            text = f"{hearts[0].title} has replaced the ventricles: no left ventricle is left for a balloon to relieve"
            problems.add(("devices", i), text, hint="Take one of them out.")
    if case.support is not None:
        for i, drain in enumerate(case.support.drain):
            if "lv" in drain.site:
                text = f"{hearts[0].title} has replaced the left ventricle, and this cannula would drain it"
                problems.add(("support", "drain", i, "site"), text, hint="Drain from elsewhere.")
