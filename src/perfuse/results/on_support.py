"""A patient who is on support already: patient, circuit and devices are fitted together, all running. Without any, the patient alone.

Free are what a bedside cannot read off: speed of a pump where only its flow is stated, losses of the lines, the graft and the membrane lung
as factors, and the patient's resistances, contractilities, filling and shunt. Describes a model fitted to numbers, not a person.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from perfuse.engine.build_devices import parts_of
from perfuse.engine.kernel import LANES
from perfuse.engine.stages import structure
from perfuse.parameters.assist import Balloon, RotaryPump
from perfuse.parameters.device_checks import side_of
from perfuse.parameters.library import heart_device
from perfuse.parameters.tables import controls
from perfuse.physiology.drugs import HEPARIN_CLEARANCE
from perfuse.results.course import column
from perfuse.results.fit import Fit, Free, Measure, Target, Values, batches, fit
from perfuse.results.personalise import direct, measure_settled

SECONDS = 420.0  # s of settling for each try (assumed; the rest of a drift is seen when the scenario is played)
OPENING = "AV_opening"
PER_BEATS, PER_MMHG, BARELY = 0.03, 1.0, 1.5
"""How readily the aortic valve opens is counted in mmHg: 10 % of beats as 0.3; it opens now and then where the ventricle's peak lies 1.5
above the mean aortic pressure (computed, with a pump beside the heart)."""
TENTH = 10.0  # % of beats
POLISH = (-0.12, 0.10)
"""Shares by which contractility is moved, once all else is met, to have the valve open in as many beats as stated (assumed)."""
PER_PULSE = ("SpO2_right_hand", "SpO2_left_hand", "SpO2_foot")

# free parameter -> readings that can determine it, range, spread of the prior (on the logistic scale), all assumed
FREE: dict[str, tuple[tuple[str, ...], float, float, float]] = {
    "pump.rpm": (("ecmo_flow",), 500.0, 5000.0, 1.0),
    "drain.kink": (("P_ven",), 0.2, 8.0, 1.0),
    "return.kink": (("P_art", "P_int"), 0.2, 8.0, 1.0),
    "lung.resistance": (("dP",), 0.2, 8.0, 1.0),
    "return.tip_distance": (("recirculation",), 1.0, 30.0, 1.0),
    "lung.working": (("PO2_post",), 0.05, 1.5, 1.0),
    "svr": (("MAP",), 2.0, 60.0, 1.0),
    "lv_contractility": (
        ("CO", "CI", "LVEF", "LVOT_VTI", "PP", "SBP", OPENING, "lvad_PI", "impella_motor_pulse", "iabp_unassisted_systolic"),
        0.05,
        6.0,
        1.0,
    ),
    "blood_volume": (("CVP", "PCWP", "CO", "CI"), 2500.0, 10000.0, 0.6),
    "rv_contractility": (("CVP", "mPAP", "LVOT_VTI", "TAPSE", "PAPi"), 0.05, 3.0, 0.8),
    "pvr": (("mPAP", "PAD"), 0.15, 15.0, 1.0),
    "pa_compliance": (("PAS", "PAD", "PAPi"), 0.7, 12.0, 0.7),
    "arterial_stiffness": (("PP", "SBP", "DBP", "lvad_PI", "iabp_augmented_diastolic", "iabp_unassisted_end_diastolic"), 0.35, 4.9, 0.7),
    "lv_beta": (("PCWP", "LVEF", "LVEDD"), 0.05, 4.9, 1.0),
    "lv_v0": (("LVEF", "LVEDD", "lvad_PI"), 2.0, 140.0, 1.0),
    "heart_rate": (("HR",), 25.0, 200.0, 1.0),
    "shunt": (("PaO2", "SaO2_right_radial"), 0.005, 0.97, 1.5),
    "vo2": (("S_pre", "SvO2"), 80.0, 600.0, 0.5),
    "dead_share": (("PaCO2", "EtCO2"), 0.005, 0.88, 1.5),
    "quotient": (("PCO2_post", "PaCO2"), 0.62, 1.15, 0.5),
    "base_excess": (("pH",), -25.0, 25.0, 1.0),
    "lung_compliance": (("Ppeak", "VT"), 4.0, 150.0, 0.7),
    "breath_set_pco2": (("PaCO2",), 20.0, 120.0, 0.5),
    "breath_rate": (("RR",), 4.0, 45.0, 0.7),
}
OWN_BREATH = {"breath_set_pco2", "breath_rate"}
"""What is the patient's own while nobody else breathes for the patient."""
SEEN = {"SpO2_right_hand": "SaO2_right_radial", "SpO2_left_hand": "SaO2_left_radial", "SpO2_foot": "SaO2_femoral", "AV_open": OPENING}
"""What a fit looks at in the place of a reading that is not there at times, or says nothing."""
SHARE, LEAST_MMHG = 0.02, 0.4
"""What is as good as met: 2 % of a reading, 0.4 mmHg of a pressure in the body (a fifth of what a base may miss by; assumed)."""
TOLERANCE = {"pH": 0.01, "recirculation": 0.02, "NIRS_brain_left": 3.0, "NIRS_brain_right": 3.0}
TOLERANCE |= {
    OPENING: 0.6,
    "TAPSE": 3.0,
    "PAPi": 0.1,
    "lvad_PI": 0.1,
    "lvad_flow": 0.1,
    "lvad_flow_shown": 0.2,
    "total_flow": 0.12,
    "impella_motor_pulse": 10.0,
}
"""Readings of another grain: pH moves by hundredths; near-infrared readings differ by several points between sides and makers; one beat in
ten, what an echo is read to; flows that a controller estimates or a catheter dilutes are known to some tenths (assumed)."""
SEARCHES = 2
"""How often a patient whose readings are not met is searched for again (assumed): sheets that contradict themselves are met by nobody."""
LOOSE = 3.0
"""How much wider a reading may miss that nothing is judged by: bedside numbers contradict each other now and then (assumed)."""
DEFLATION = (-150.0, 100.0)
"""ms about the R wave between which somebody sets the deflation of a balloon (assumed)."""
OUTFLOW_FIRST, OUTFLOW_MOST = 4.0, 40.0
"""How much more than in its record the outflow half of a rotary pump may lose in a patient, as a first guess and at most: a graft loses
little, so that tens of it are 10 mmHg (assumed)."""
REST = {"ventilator.mode": 1.0, "ventilator.rate": 12.0, "ventilator.peep": 8.0, "ventilator.fio2": 0.5}
"""A ventilator that nobody describes: volume control, 6 mL/kg, 12/min, PEEP 8 cmH2O, FiO2 0.5 (assumed; FiO2 as in the mechanisms note)."""
FAILING, FAILING_ALPHA = 35.0, 0.015
"""Ejection fraction (%) below which the left ventricle fills like a failing one, exponent 0.012-0.018 /mL (mechanisms note)."""
WIDE_PERICARDIUM = 800.0
"""mL of heart that the pericardium holds with 1 mmHg where a pump stands on the left ventricle: it has grown with the heart, or was opened
for the pump (assumed, as of the patient dilated-heart-failure)."""
FOLLOWS = {
    "Hb",
    "temperature",
    "lactate",
    "Crs",
    "anti_Xa",
    "aPTT",
    "FdO2",
    "sweep",
    "pump_speed",
    "NIRS_leg_cannulated",
    "NIRS_leg_other",
    "urine",
    "DO2",
    "platelets",
    "fibrinogen",
    "plasma_free_Hb",
}
"""Set directly, or made by what is fitted; no targets of their own. The share of beats that open the aortic valve is one only where a pump
beside the heart decides it."""


@dataclass(frozen=True)
class Held:
    """A patient on a running circuit: library values with changes, controls of the circuit, and what the fit gives."""

    values: Values
    settings: dict[str, float]
    readings: dict[str, float]
    misfit: float


def targets_of(readings: Mapping[str, float], pressures: Sequence[str], follows: set[str], loose: Collection[str] = ()) -> list[Target]:
    """Readings that the run must show; an oximeter's is asked of the blood that it looks at."""
    found: dict[str, Target] = {}
    for name, value in readings.items():
        seen = SEEN.get(name, name)
        if name in follows or (name in PER_PULSE and seen in readings):
            continue
        if seen == OPENING:
            value = PER_BEATS * value + PER_MMHG * BARELY
        room = TOLERANCE.get(seen, max(SHARE * abs(value), LEAST_MMHG if name in pressures else 0.02))
        found[seen] = Target(seen, value, LOOSE * room if name in loose else room, binds=name not in loose)
    return list(found.values())


def frees_of(targets: Sequence[Target], fixed: set[str]) -> list[Free]:
    """Parameters that the targets can determine."""
    asked = {target.name for target in targets}
    return [Free(name, low, high, spread) for name, (by, low, high, spread) in FREE.items() if asked & set(by) and name not in fixed]


def rotors(devices: Sequence[Any]) -> list[tuple[str, Any, RotaryPump]]:
    """Rotary pumps among devices, with the word under which their controls stand (lvad, rvad)."""
    found = [(choice, heart_device(choice.model)) for choice in devices]
    return [({"left": "lvad", "right": "rvad"}[side_of(choice)], choice, pump) for choice, pump in found if isinstance(pump, RotaryPump)]


def frees_of_devices(devices: Sequence[Any], targets: Sequence[Target]) -> list[Free]:
    """What a stated flow of a rotary pump determines: its speed where nobody states it, and otherwise what its outflow half loses.

    Of a balloon the moment of deflation, which a hand sets by the pressure that it leaves at the end of diastole.
    """
    asked = {target.name for target in targets}
    found = [Free("balloon.deflation", *DEFLATION)] if "iabp_assisted_end_diastolic" in asked else []
    for word, choice, pump in rotors(devices):
        if not asked & {f"{word}_flow", *(["impella_flow"] if word == "lvad" else [])}:
            continue
        driven = choice.rpm is not None or choice.level is not None
        speed = Free(f"{word}.rpm", pump.rpm_min.value, pump.rpm_max.value)
        found.append(Free(f"{word}.outflow", 1.0, OUTFLOW_MOST) if driven else speed)
    return found


def divided(given: Mapping[str, float]) -> tuple[Values, dict[str, float]]:
    """Parameters of the patient, and controls (they have a dot in their name)."""
    return {k: v for k, v in given.items() if "." not in k}, {k: v for k, v in given.items() if "." in k}


def opening(shown: Mapping[str, float]) -> float:
    """How readily the aortic valve opens, mmHg: how far the ventricle's peak lies above the aortic pressure, which changes evenly, and the
    share of beats, which says nothing once it is 0 or 100."""
    return PER_BEATS * shown["AV_open"] + PER_MMHG * (shown["LVSP"] - shown["MAP"])


def polished(found: Fit, asked: float | None, measure: Measure) -> Fit:
    """The fit with contractility moved a little, so that the valve opens in as many beats (%) as asked."""
    if asked is None or abs(found.readings["AV_open"] - asked) < TENTH:
        return found
    shares = np.linspace(*POLISH, LANES)
    tries = [found.values | {"lv_contractility": found.values["lv_contractility"] * (1.0 + share)} for share in shares]
    shown = measure(tries)
    best = min(range(LANES), key=lambda i: abs(shown[i]["AV_open"] - asked))
    closer = abs(shown[best]["AV_open"] - asked) < abs(found.readings["AV_open"] - asked)
    return Fit(tries[best], shown[best], found.misfit) if closer else found


def measure_held(tries: Sequence[Values], support: Any, devices: Sequence[Any] = ()) -> list[dict[str, float]]:
    """Readings of patients settled on a running circuit and running devices, or alone."""
    name = structure(support is not None, parts_of(devices))
    found: list[dict[str, float]] = []
    for group in batches(tries):
        parts = [divided(one) for one in group]
        columns = [column(own, support, settings, devices) for own, settings in parts]
        shown = measure_settled(group, columns, name, SECONDS)
        found += [{name: mean for name, mean in one.items() if name not in PER_PULSE} | {OPENING: opening(one)} for one in shown]
    return found


def start_of(
    measured: Mapping[str, float],
    readings: Mapping[str, float],
    library: Values,
    support: Any,
    vent: Mapping[str, float],
    stated: Mapping[str, float],
    devices: Sequence[Any] = (),
) -> Values:
    """A first guess of patient and circuit, as one table of parameters and controls. A machine breathes; sedation damps reflexes.

    Who has devices and no ventilator is awake and breathes alone.
    """
    values = direct(measured, library)
    awake = support is None and bool(devices) and not vent
    values["breath_set_pco2"] = measured.get("PaCO2", 40.0)
    if not awake:
        values |= {"dead_share": 0.3, "baroreflex_gain": 0.5, "chemoreflex_gain": 1.0, "sedation": 0.0}
    values["shunt"] = measured.get("shunt", 0.05 if awake else 0.2)
    if "anti_Xa" in readings:
        values["heparin_rate"] = readings["anti_Xa"] * HEPARIN_CLEARANCE * 1000.0
    values |= {name: readings[name] for name in ("platelets", "fibrinogen") if name in readings}
    ventricular = any(word == "lvad" for word, _, _ in rotors(devices))
    if measured.get("LVEF", FAILING - 1.0 if ventricular else 60.0) < FAILING:
        values |= {"lv_alpha": FAILING_ALPHA, "lv_beta": 2.0, "lv_v0": 20.0, "lv_contractility": 0.8 if ventricular else 0.6}
    values |= {"pericardium_slack": WIDE_PERICARDIUM} if ventricular else {}
    driven = {word: choice.rpm is not None or choice.level is not None for word, choice, _ in rotors(devices)}
    flows = {"lvad": {"lvad_flow", "impella_flow"}, "rvad": {"rvad_flow"}}
    pumps = {f"{word}.outflow": OUTFLOW_FIRST for word, known in driven.items() if known and flows[word] & readings.keys()}
    pumps |= {"balloon.deflation": -10.0} if any(isinstance(heart_device(one.model), Balloon) for one in devices) else {}
    pumps |= {f"{word}.rpm": pump.usual_rpm.value for word, _, pump in rotors(devices) if not driven[word]}
    machine = {} if awake else dict(vent) or REST | {"ventilator.vt": 6.0 * values["weight"]}
    if support is None:  # no circuit: what the ventilator does is the patient's own row
        return values | {controls()[name].field: value for name, value in machine.items()} | pumps | dict(stated)
    free = {"drain.kink": 1.0, "return.kink": 1.0, "lung.resistance": 1.0, "lung.working": 0.95}
    pump = {"pump.flow": 0.0, "pump.rpm": support.pump.rpm or 3000.0, "return.tip_distance": support.return_[0].tip_distance or 10.0}
    return values | machine | free | pump | pumps | dict(stated)


def fit_held(
    measured: Mapping[str, float],
    readings: Mapping[str, float],
    library: Values,
    support: Any,
    vent: Mapping[str, float],
    stated: Mapping[str, float],
    devices: Sequence[Any] = (),
    loose: Collection[str] = (),
) -> Held:
    """Patient and circuit whose readings on running support meet `readings` (vocabulary names).

    measured: bedside measurements in the units of bedside.yaml; library: parameters to start from; support: a Support with `established`,
    or None for a patient without a circuit; vent: controls of the ventilator; stated: controls of the circuit, and parameters of the
    patient, that are known; devices: established devices that run beside the heart; loose: readings that nothing is judged by.
    """
    start = start_of(measured, readings, library, support, vent, stated, devices)
    heart = ("MAP", "SBP", "DBP", "PP", "CVP", "PAS", "PAD", "mPAP", "PCWP", "LAP")
    pressures = [name for name in readings if name in heart or name.startswith("iabp_")]
    targets = targets_of(readings, pressures, FOLLOWS if rotors(devices) else FOLLOWS | {"AV_open"}, loose)
    shown = measure_held([start], support, devices)[0]
    targets = [target for target in targets if np.isfinite(shown.get(target.name, np.nan))]
    fixed = {name for name in FREE if name not in start} | set(stated)
    fixed |= {"shunt"} if "shunt" in measured else set()
    fixed |= set() if start.get("ventilator.mode", start["vent_mode"]) > 1.5 else OWN_BREATH
    fixed |= {"pump.rpm"} if support is not None and support.pump.rpm else set()
    frees = frees_of(targets, fixed) + frees_of_devices(devices, targets)

    def measure(tries: Sequence[Values]) -> list[dict[str, float]]:
        return measure_held(tries, support, devices)

    found = fit(start, frees, targets, measure, restarts=SEARCHES)
    found = polished(found, readings.get("AV_open") if rotors(devices) else None, measure)
    values, settings = divided(found.values)
    return Held(values, {name: value for name, value in settings.items() if name in controls()}, found.readings, found.misfit)
