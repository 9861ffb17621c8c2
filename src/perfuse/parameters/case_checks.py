"""What a case file must keep beyond its form: known names, times inside the run, a patient that can be."""

from perfuse.parameters import circuit_checks, device_checks, library, step_checks
from perfuse.parameters.assist import Balloon, RotaryPump
from perfuse.parameters.case_models import Case, Support
from perfuse.parameters.faults import faults
from perfuse.parameters.problems import InputError, Path, Problems, did_you_mean

_CIRCUIT = ("pump", "gas", "lung", "drain", "return", "distal", "drain2", "return2", "heater")
_DEVICES = {
    "lvad": "rotary pump of the left heart",
    "rvad": "rotary pump of the right heart",
    "impella": "catheter pump of the left heart with P-levels",
    "impella_rp": "catheter pump of the right heart with P-levels",
    "balloon": "balloon",
    "pulsatile": "set of pulsatile chambers",
}


def check(case: Case, problems: Problems) -> None:
    """Note everything that contradicts itself or names what is not there."""
    _patient(case, problems)
    if case.support is not None and not problems.touch_exactly("support"):
        circuit_checks.check(case.support, problems)
    if not problems.touch_exactly("devices"):
        device_checks.check(case, problems)
    _times(case, problems)
    for i in range(len(case.protocol)):
        check_step(case, i, problems)
    step_checks.check(case, problems)


def _patient(case: Case, problems: Problems) -> None:
    patient = case.patient
    if problems.touch_exactly("patient"):
        return
    if (patient.library is None) == (patient.bedside is None):
        if not problems.touch("patient"):
            said = "both 'library' and 'bedside' are given" if patient.library else "neither 'library' nor 'bedside' is given"
            problems.add(("patient",), said, hint="Give one of them: a name of the library, or bedside measurements.")
    elif patient.library is not None and not problems.touch("patient", "library"):
        path: Path = ("patient", "library") if ("patient", "library") in problems.lines else ("patient",)
        try:
            library.load_patient(patient.library)
        except InputError as error:
            for found in error.problems:
                problems.add(path, found.text, value=patient.library, hint=found.hint)
    if patient.scaled_to is not None and not problems.touch("patient", "scaled_to"):
        path = ("patient", "scaled_to")
        if patient.bedside is not None:
            problems.add(path, "'scaled_to' scales a patient of the library, and this one is measured", hint="Give the weight in bedside.")
        if "weight" in patient.changes:
            problems.add(path, "'scaled_to' and 'set: weight' both give the weight", hint="Take one of them out.")
    _bedside(patient.measurements, problems)


def _bedside(m: dict[str, float], problems: Problems) -> None:
    """Pairs of measurements that cannot be true together."""

    def pair(low: str, high: str, why: str) -> None:
        if low in m and high in m and m[low] >= m[high]:
            problems.add(
                ("patient", "bedside", low), f"{low} {m[low]:g} is not below {high} {m[high]:g}: {why}", value=m[low], hint="Check both."
            )

    pair("CVP", "MAP", "blood would not flow")
    pair("PEEP", "Pplat", "the lung would not be ventilated")
    pair("SvO2", "SaO2", "tissues would give oxygen")
    pair("PCWP", "MAP", "blood would not flow")
    if {"PaO2", "FiO2"} <= m.keys():
        highest = m["FiO2"] * (760 - 47) - m.get("PaCO2", 0) + 10
        if m["PaO2"] > highest:
            text = f"PaO2 {m['PaO2']:g} mmHg is more than FiO2 {m['FiO2']:g} can give"
            allowed = f"{highest:.0f} mmHg or less"
            problems.add(
                ("patient", "bedside", "PaO2"),
                text,
                value=m["PaO2"],
                allowed=allowed,
                source="alveolar gas equation at 760 mmHg",
                hint="Check both.",
            )


def _times(case: Case, problems: Problems) -> None:
    if problems.touch("duration"):
        return
    end = case.duration
    if case.support is not None and case.support.start >= end:
        hint = "Let the run last longer, or start earlier."
        problems.add(("support", "start"), f"support starts at {case.support.start:g} s, not before the end at {end:g} s", hint=hint)
    for i, step in enumerate(case.protocol):
        if step.at >= end and not problems.touch("protocol", i, "at"):
            text = f"{step.at:g} s is not before the end of the run at {end:g} s"
            problems.add(
                ("protocol", i, "at"), text, value=step.at, allowed=f"0 to {end:g} s", source="duration", hint="Let the run last longer."
            )
    for i, window in enumerate(case.outputs.waveforms):
        if window.from_ + window.for_ > end and not problems.touch("outputs", "waveforms", i):
            text = f"the window ends at {window.from_ + window.for_:g} s, after the run at {end:g} s"
            problems.add(("outputs", "waveforms", i), text, hint="Start it earlier or let the run last longer.")


def check_step(case: Case, i: int, problems: Problems) -> None:
    """Note what is wrong with one step of the protocol, and what it asks of parts that the circuit lacks."""
    step = case.protocol[i]
    path: Path = ("protocol", i)
    if problems.touch_exactly(*path):
        return
    if not step.settings and not step.fluids and step.fault is None and not problems.touch(*path):
        problems.add(path, "nothing happens in this step", hint="Add set, give or fault.")
    if step.severity is not None and step.fault is None and not problems.touch(*path, "fault"):
        problems.add((*path, "severity"), "severity stands without a fault", hint="Name the fault, or take severity out.")
    fault = faults().get(step.fault) if step.fault is not None else None
    if step.fault is not None and fault is None:
        problems.add((*path, "fault"), f"the fault '{step.fault}' is not known", value=step.fault, hint=did_you_mean(step.fault, faults()))
    named: list[tuple[str, Path]] = [(name, (*path, "set", name)) for name in step.settings]
    if fault is not None:
        named.append((fault.control, (*path, "fault")))
    _needs(case, named, problems)
    _speed(case, i, problems)


def _needs(case: Case, named: list[tuple[str, Path]], problems: Problems) -> None:
    """Controls of a circuit need the circuit."""
    if problems.touch_exactly("support"):
        return
    for name, path in named:
        part = name.split(".")[0]
        if part in _DEVICES and not problems.touch("devices") and not _has(case, part):
            text = f"'{name}' belongs to a {_DEVICES[part]}, and there is none"
            problems.add(path, text, hint="Add it to devices, or take this out.")
        if part in _CIRCUIT and case.support is None:
            problems.add(path, f"'{name}' belongs to a circuit, and there is no support", hint="Add support, or take this out.")
        elif case.support is not None and (limb := _missing_limb(case.support, part, problems)):
            problems.add(path, f"'{name}' belongs to a {limb}, and there is none", hint=f"Add a {limb}, or take this out.")


def _has(case: Case, part: str) -> bool:
    """Whether a device of the case has the controls of `part`."""
    for choice in case.devices:
        device, side = device_checks.find(choice.model), device_checks.side_of(choice)
        if isinstance(device, RotaryPump):
            own = {"left": ("lvad", "impella"), "right": ("rvad", "impella_rp")}[side]
            if part == own[0] or (part == own[1] and device.levels):
                return True
        elif part == ("balloon" if isinstance(device, Balloon) else "pulsatile") and device is not None:
            return True
    return False


def _missing_limb(support: Support, part: str, problems: Problems) -> str:
    """The line that a control belongs to, where the circuit has none ("drain2" with one drainage cannula)."""
    if part == "distal" and support.distal_perfusion is None and not problems.touch("support", "distal_perfusion"):
        return "distal perfusion line"
    if part == "drain2" and len(support.drain) < 2 and not problems.touch("support", "drain"):
        return "second drainage line"
    if part == "return2" and len(support.return_) < 2 and not problems.touch("support", "return"):
        return "second return line"
    return ""


def _speed(case: Case, i: int, problems: Problems) -> None:
    """What is asked of the pump later is inside what the pump and the cannulae can do."""
    settings = case.protocol[i].settings
    for choice in case.devices:
        device, side = device_checks.find(choice.model), device_checks.side_of(choice)
        if not isinstance(device, RotaryPump):
            continue
        for key, name, ask in (
            ("lvad.rpm", "left", device_checks.check_speed),
            ("rvad.rpm", "right", device_checks.check_speed),
            ("impella.level", "left", device_checks.check_level),
            ("impella_rp.level", "right", device_checks.check_level),
        ):
            if side == name and key in settings and (device.levels or not key.endswith("level")):
                ask(device, settings[key], ("protocol", i, "set", key), problems)
    if case.support is None:
        return
    for key, carries in (("pump.rpm", circuit_checks.check_rpm), ("pump.flow", circuit_checks.check_flow)):
        if key in settings:
            carries(case.support, settings[key], ("protocol", i, "set", key), problems)
