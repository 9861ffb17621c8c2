"""A patient who is on support already: patient and circuit are fitted together, with the circuit running. Without one, the patient alone.

Free are what a bedside cannot read off: speed of the pump where only the flow is stated, losses of the two lines and the membrane lung as
factors, and the patient's resistances, contractilities, filling and shunt. Describes a model fitted to numbers, not a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from perfuse.parameters.tables import controls
from perfuse.physiology.drugs import HEPARIN_CLEARANCE
from perfuse.results.course import column
from perfuse.results.fit import RESTARTS, Fit, Free, Target, Values, batches, fit
from perfuse.results.personalise import direct, measure_settled

SECONDS = 420.0  # s of settling for each try (assumed; the rest of a drift is seen when the scenario is played)
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
    "lv_contractility": (("CO", "LVEF", "LVOT_VTI", "PP", "SBP"), 0.05, 6.0, 1.0),
    "blood_volume": (("CVP", "PCWP", "CO"), 2500.0, 10000.0, 0.6),
    "rv_contractility": (("CVP", "mPAP", "LVOT_VTI"), 0.05, 3.0, 0.8),
    "pvr": (("mPAP", "PAD"), 0.15, 15.0, 1.0),
    "pa_compliance": (("PAS", "PAD"), 0.7, 12.0, 0.7),
    "arterial_stiffness": (("PP", "SBP", "DBP"), 0.35, 4.9, 0.7),
    "lv_beta": (("PCWP", "LVEF", "LVEDD"), 0.05, 4.9, 1.0),
    "lv_v0": (("LVEF", "LVEDD"), 2.0, 140.0, 1.0),
    "heart_rate": (("HR",), 25.0, 200.0, 1.0),
    "shunt": (("PaO2", "SaO2_right_radial"), 0.005, 0.97, 1.5),
    "vo2": (("S_pre", "SvO2"), 80.0, 600.0, 0.5),
    "dead_share": (("PaCO2", "EtCO2"), 0.005, 0.88, 1.5),
    "quotient": (("PCO2_post", "PaCO2"), 0.62, 1.15, 0.5),
    "base_excess": (("pH",), -25.0, 25.0, 1.0),
    "lung_compliance": (("Ppeak", "VT"), 4.0, 150.0, 0.7),
}
SHARE, LEAST_MMHG = 0.02, 0.4
"""What is as good as met: 2 % of a reading, 0.4 mmHg of a pressure in the body (a fifth of what a base may miss by; assumed)."""
TOLERANCE = {"pH": 0.01, "recirculation": 0.02, "NIRS_brain_left": 3.0, "NIRS_brain_right": 3.0}
"""Readings of another grain: pH moves by hundredths; near-infrared readings differ by several points between sides and makers (assumed)."""
REST = {"ventilator.mode": 1.0, "ventilator.rate": 12.0, "ventilator.peep": 8.0, "ventilator.fio2": 0.5}
"""A ventilator that nobody describes: volume control, 6 mL/kg, 12/min, PEEP 8 cmH2O, FiO2 0.5 (assumed; FiO2 as in the mechanisms note)."""
FAILING, FAILING_ALPHA = 35.0, 0.015
"""Ejection fraction (%) below which the left ventricle fills like a failing one, exponent 0.012-0.018 /mL (mechanisms note)."""
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
    "AV_open",
    "NIRS_leg_cannulated",
    "NIRS_leg_other",
    "urine",
    "DO2",
}
"""Set directly, or made by what is fitted; no targets of their own."""


@dataclass(frozen=True)
class Held:
    """A patient on a running circuit: library values with changes, controls of the circuit, and what the fit gives."""

    values: Values
    settings: dict[str, float]
    readings: dict[str, float]
    misfit: float


def targets_of(readings: Mapping[str, float], pressures: Sequence[str]) -> list[Target]:
    """Readings that the run must show; an oximeter's is asked of the blood that it looks at."""
    found: dict[str, Target] = {}
    for name, value in readings.items():
        seen = {"SpO2_right_hand": "SaO2_right_radial", "SpO2_left_hand": "SaO2_left_radial", "SpO2_foot": "SaO2_femoral"}.get(name, name)
        if name in FOLLOWS or (name in PER_PULSE and seen in readings):
            continue
        room = TOLERANCE.get(seen, max(SHARE * abs(value), LEAST_MMHG if name in pressures else 0.02))
        found[seen] = Target(seen, value, room)
    return list(found.values())


def frees_of(targets: Sequence[Target], fixed: set[str]) -> list[Free]:
    """Parameters that the targets can determine."""
    asked = {target.name for target in targets}
    return [Free(name, low, high, spread) for name, (by, low, high, spread) in FREE.items() if asked & set(by) and name not in fixed]


def divided(given: Mapping[str, float]) -> tuple[Values, dict[str, float]]:
    """Parameters of the patient, and controls (they have a dot in their name)."""
    return {k: v for k, v in given.items() if "." not in k}, {k: v for k, v in given.items() if "." in k}


def measure_held(tries: Sequence[Values], support: Any) -> list[dict[str, float]]:
    """Readings of patients settled on a running circuit, or alone."""
    found: list[dict[str, float]] = []
    for group in batches(tries):
        parts = [divided(one) for one in group]
        columns = [column(own, support, settings) for own, settings in parts]
        shown = measure_settled(group, columns, "patient" if support is None else "ecmo", SECONDS)
        found += [{name: mean for name, mean in one.items() if name not in PER_PULSE} for one in shown]
    return found


def start_of(
    measured: Mapping[str, float],
    readings: Mapping[str, float],
    library: Values,
    support: Any,
    vent: Mapping[str, float],
    stated: Mapping[str, float],
) -> Values:
    """A first guess of patient and circuit, as one table of parameters and controls. A machine breathes; sedation damps reflexes."""
    values = direct(measured, library)
    values |= {
        "dead_share": 0.3,
        "breath_set_pco2": measured.get("PaCO2", 40.0),
        "baroreflex_gain": 0.5,
        "chemoreflex_gain": 1.0,
        "sedation": 0.0,
    }
    values["shunt"] = measured.get("shunt", 0.2)
    if "anti_Xa" in readings:
        values["heparin_rate"] = readings["anti_Xa"] * HEPARIN_CLEARANCE * 1000.0
    if measured.get("LVEF", 60.0) < FAILING:
        values |= {"lv_alpha": FAILING_ALPHA, "lv_beta": 2.0, "lv_v0": 20.0, "lv_contractility": 0.6}
    machine = dict(vent) or REST | {"ventilator.vt": 6.0 * values["weight"]}
    if support is None:  # no circuit: what the ventilator does is the patient's own row
        return values | {controls()[name].field: value for name, value in machine.items()}
    free = {"drain.kink": 1.0, "return.kink": 1.0, "lung.resistance": 1.0, "lung.working": 0.95}
    pump = {"pump.flow": 0.0, "pump.rpm": support.pump.rpm or 3000.0, "return.tip_distance": support.return_[0].tip_distance or 10.0}
    return values | machine | free | pump | dict(stated)


def fit_held(
    measured: Mapping[str, float],
    readings: Mapping[str, float],
    library: Values,
    support: Any,
    vent: Mapping[str, float],
    stated: Mapping[str, float],
) -> Held:
    """Patient and circuit whose readings on running support meet `readings` (vocabulary names).

    measured: bedside measurements in the units of bedside.yaml; library: parameters to start from; support: a Support with `established`,
    or None for a patient alone; vent: controls of the ventilator; stated: controls of the circuit that are known.
    """
    start = start_of(measured, readings, library, support, vent, stated)
    pressures = [name for name in readings if name in ("MAP", "SBP", "DBP", "PP", "CVP", "PAS", "PAD", "mPAP", "PCWP", "LAP")]
    targets = targets_of(readings, pressures)
    shown = measure_held([start], support)[0]
    targets = [target for target in targets if np.isfinite(shown.get(target.name, np.nan))]
    fixed = {name for name in FREE if name not in start} | set(stated)
    fixed |= {"shunt"} if "shunt" in measured else set()
    fixed |= {"pump.rpm"} if support is not None and support.pump.rpm else set()
    found: Fit = fit(start, frees_of(targets, fixed), targets, lambda tries: measure_held(tries, support), restarts=RESTARTS)
    values, settings = divided(found.values)
    return Held(values, {name: value for name, value in settings.items() if name in controls()}, found.readings, found.misfit)
