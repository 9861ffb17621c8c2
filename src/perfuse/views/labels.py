"""How a quantity is called on a page: words, symbol, decimals. The names themselves are those of the vocabulary."""

import math
from collections.abc import Sequence
from typing import NamedTuple

MINUS = "\N{MINUS SIGN}"


class Label(NamedTuple):
    """Words for a table, the symbol clinicians write (plain text, `_x` marks a subscript), decimals."""

    words: str
    symbol: str
    digits: int


GROUPS: dict[str, dict[str, Label]] = {
    "Circulation": {
        "HR": Label("Heart rate", "HR", 0),
        "SBP": Label("Systolic arterial pressure", "SBP", 0),
        "DBP": Label("Diastolic arterial pressure", "DBP", 0),
        "MAP": Label("Mean arterial pressure", "MAP", 0),
        "PP": Label("Arterial pulse pressure", "PP", 0),
        "CVP": Label("Central venous pressure", "CVP", 1),
        "PAS": Label("Systolic pulmonary artery pressure", "PAS", 0),
        "PAD": Label("Diastolic pulmonary artery pressure", "PAD", 0),
        "mPAP": Label("Mean pulmonary artery pressure", "mPAP", 0),
        "LAP": Label("Left atrial pressure", "LAP", 1),
        "PCWP": Label("Wedge pressure", "PCWP", 1),
        "CO": Label("Cardiac output, native", "CO", 2),
        "CI": Label("Cardiac index, native", "CI", 2),
        "RVCO": Label("Right ventricular output", "RVCO", 2),
        "total_flow": Label("Systemic flow, heart and device", "Q_total", 2),
        "native_share": Label("Native share of systemic flow", "CO/Q_total", 2),
        "SVR": Label("Systemic vascular resistance", "SVR", 1),
        "PVR": Label("Pulmonary vascular resistance", "PVR", 1),
        "CPO_native": Label("Cardiac power output, native", "CPO", 2),
        "CPO_total": Label("Cardiac power output, total", "CPO_total", 2),
        "Pmsf": Label("Mean systemic filling pressure", "P_msf", 1),
        "PAPi": Label("Pulmonary artery pulsatility index", "PAPi", 1),
        "coronary_flow": Label("Coronary flow", "Q_cor", 0),
        "brain_flow": Label("Brain flow", "Q_brain", 0),
    },
    "Heart": {
        "SV": Label("Left ventricular stroke volume", "SV", 0),
        "LVEF": Label("Left ventricular ejection fraction", "LVEF", 0),
        "LVEDV": Label("Left ventricular end-diastolic volume", "LVEDV", 0),
        "LVESV": Label("Left ventricular end-systolic volume", "LVESV", 0),
        "LVEDP": Label("Left ventricular end-diastolic pressure", "LVEDP", 1),
        "LVSP": Label("Peak left ventricular pressure", "LVSP", 0),
        "LVSW": Label("Left ventricular stroke work", "LVSW", 0),
        "LVPVA": Label("Left ventricular pressure\N{EN DASH}volume area", "PVA", 0),
        "LV_wall_stress": Label("Left ventricular systolic fibre stress", "\N{GREEK SMALL LETTER SIGMA}_LV", 1),
        "RVSW": Label("Right ventricular stroke work", "RVSW", 0),
        "RVEDV": Label("Right ventricular end-diastolic volume", "RVEDV", 0),
        "RVEF": Label("Right ventricular ejection fraction", "RVEF", 0),
        "RVEDP": Label("Right ventricular end-diastolic pressure", "RVEDP", 1),
        "AV_open": Label("Beats in which the aortic valve opens", "AV open", 0),
        "LVOT_VTI": Label("Velocity\N{EN DASH}time integral of the outflow tract", "LVOT VTI", 1),
        "TAPSE": Label("Tricuspid annular excursion", "TAPSE", 0),
        "LVEDD": Label("Left ventricular end-diastolic diameter", "LVEDD", 1),
        "TDSa": Label("Lateral mitral annulus S\N{PRIME}", "TDSa", 1),
    },
    "Gases and oxygen": {
        "SaO2_right_radial": Label("Saturation, right radial artery", "SaO_2 right radial", 1),
        "SaO2_left_radial": Label("Saturation, left radial artery", "SaO_2 left radial", 1),
        "SaO2_femoral": Label("Saturation, femoral artery", "SaO_2 femoral", 1),
        "SaO2_coronary": Label("Saturation, coronary arteries", "SaO_2 coronary", 1),
        "SaO2_brain": Label("Saturation, brain arteries", "SaO_2 brain", 1),
        "SvO2": Label("Saturation, pulmonary artery", "SvO_2", 1),
        "PaO2": Label("Arterial oxygen pressure", "PaO_2", 0),
        "PaO2_femoral": Label("Femoral oxygen pressure", "PaO_2 femoral", 0),
        "PaCO2": Label("Arterial carbon dioxide pressure", "PaCO_2", 0),
        "pH": Label("Arterial pH", "pH", 2),
        "HCO3": Label("Bicarbonate", "HCO_3", 1),
        "BE": Label("Base excess", "BE", 1),
        "lactate": Label("Lactate", "lactate", 1),
        "Hb": Label("Haemoglobin", "Hb", 1),
        "EtCO2": Label("End-tidal carbon dioxide", "EtCO_2", 0),
        "DO2": Label("Oxygen delivery", "DO_2", 0),
        "VO2": Label("Oxygen consumption", "VO_2", 0),
        "VO2_debt": Label("Oxygen wanted and not had", "VO_2 debt", 0),
        "VCO2": Label("Carbon dioxide production", "VCO_2", 0),
        "shunt": Label("Intrapulmonary shunt", "shunt", 2),
        "EVLW": Label("Extravascular lung water", "EVLW", 1),
        "SpO2_right_hand": Label("Pulse oximeter, right hand", "SpO_2 hand", 0),
        "SpO2_left_hand": Label("Pulse oximeter, left hand", "SpO_2 left hand", 0),
        "SpO2_foot": Label("Pulse oximeter, foot", "SpO_2 foot", 0),
        "NIRS_brain_right": Label("Near-infrared saturation, right brain", "NIRS right", 0),
        "NIRS_brain_left": Label("Near-infrared saturation, left brain", "NIRS left", 0),
        "NIRS_leg_cannulated": Label("Near-infrared saturation, cannulated leg", "NIRS leg", 0),
        "NIRS_leg_other": Label("Near-infrared saturation, other leg", "NIRS other leg", 0),
    },
    "Ventilator": {
        "VT": Label("Tidal volume", "V_T", 0),
        "RR": Label("Breathing rate", "RR", 0),
        "PEEP": Label("Positive end-expiratory pressure", "PEEP", 0),
        "Pplat": Label("Plateau pressure", "P_plat", 0),
        "Ppeak": Label("Peak airway pressure", "P_peak", 0),
        "driving_pressure": Label("Driving pressure", "DP", 0),
        "Crs": Label("Respiratory system compliance", "C_rs", 0),
        "FiO2": Label("Inspired oxygen fraction", "FiO_2", 2),
    },
    "Circuit": {
        "ecmo_flow": Label("Circuit flow", "flow", 2),
        "ecmo_flow_sd": Label("Spread of the flow over about 10 s", "flow SD", 2),
        "ecmo_flow_arterial": Label("Flow of the arterial return limb", "flow arterial", 2),
        "ecmo_flow_venous": Label("Flow of the venous return limb", "flow venous", 2),
        "drainage_flow_1": Label("Flow of the first drainage line", "drainage 1", 2),
        "drainage_flow_2": Label("Flow of the second drainage line", "drainage 2", 2),
        "distal_flow": Label("Distal perfusion flow", "distal flow", 2),
        "pump_speed": Label("Pump speed", "speed", 0),
        "P_ven": Label("Drainage pressure", "P_ven", 0),
        "P_int": Label("Pressure before the membrane lung", "P_int", 0),
        "P_art": Label("Pressure after the membrane lung", "P_art", 0),
        "dP": Label("Pressure drop of the membrane lung", "dP", 0),
        "S_pre": Label("Saturation before the membrane lung", "S_pre", 0),
        "S_post": Label("Saturation after the membrane lung", "S_post", 0),
        "PO2_post": Label("Oxygen pressure after the membrane lung", "PO_2 post", 0),
        "PCO2_post": Label("Carbon dioxide pressure after the membrane lung", "PCO_2 post", 0),
        "ecmo_VO2": Label("Oxygen transfer of the membrane lung", "ECMO VO_2", 0),
        "ecmo_VCO2": Label("Carbon dioxide transfer of the membrane lung", "ECMO VCO_2", 0),
        "recirculation": Label("Recirculation", "recirculation", 2),
        "sweep": Label("Sweep gas flow", "sweep", 1),
        "FdO2": Label("Sweep gas oxygen fraction", "FdO_2", 2),
        "pump_clot_risk": Label("Chance that a clot has begun in the pump head", "pump clot risk", 4),
        "membrane_clot_risk": Label("Chance that a clot has begun in the membrane lung", "membrane clot risk", 4),
    },
    "Devices of the heart": {
        "lvad_flow": Label("Flow of the left pump", "Q_LVAD", 2),
        "lvad_flow_shown": Label("Flow that the left pump's controller shows", "Q_shown", 1),
        "lvad_speed": Label("Speed of the left pump", "speed", 0),
        "lvad_power": Label("Power of the left pump", "P", 1),
        "lvad_PI": Label("Pulsatility index of the left pump", "PI", 1),
        "lvad_head": Label("Head of the left pump", "H", 0),
        "lvad_suction": Label("Time with the left pump's inlet sucked shut", "suction", 0),
        "lvad_clot_risk": Label("Chance that a clot has begun in the left pump", "clot risk left", 4),
        "rvad_clot_risk": Label("Chance that a clot has begun in the right pump", "clot risk right", 4),
        "impella_flow": Label("Flow of the catheter pump", "Q_Impella", 2),
        "impella_level": Label("Level of the catheter pump", "P-level", 0),
        "impella_speed": Label("Speed of the catheter pump", "speed", 0),
        "impella_head": Label("Head of the catheter pump", "H", 0),
        "impella_suction": Label("Time with the catheter pump's inlet sucked shut", "suction", 0),
        "impella_placement": Label("Placement signal of the catheter pump: 1 aortic, 0 ventricular", "placement", 0),
        "impella_motor_pulse": Label("Swing of the catheter pump's motor current", "motor swing", 1),
        "rvad_flow": Label("Flow of the right pump", "Q_RVAD", 2),
        "rvad_flow_shown": Label("Flow that the right pump's controller shows", "Q_shown right", 1),
        "rvad_level": Label("Level of the right catheter pump", "P-level right", 0),
        "rvad_speed": Label("Speed of the right pump", "speed right", 0),
        "rvad_power": Label("Power of the right pump", "P_right", 1),
        "rvad_PI": Label("Pulsatility index of the right pump", "PI right", 1),
        "rvad_head": Label("Head of the right pump", "H_right", 0),
        "rvad_suction": Label("Time with the right pump's inlet sucked shut", "suction right", 0),
        "iabp_augmented_diastolic": Label("Augmented diastolic pressure", "augmented", 0),
        "iabp_assisted_systolic": Label("Assisted systolic pressure", "assisted SBP", 0),
        "iabp_unassisted_systolic": Label("Unassisted systolic pressure", "unassisted SBP", 0),
        "iabp_assisted_end_diastolic": Label("Assisted end-diastolic pressure", "assisted EDP", 0),
        "iabp_unassisted_end_diastolic": Label("Unassisted end-diastolic pressure", "unassisted EDP", 0),
        "pulsatile_left_flow": Label("Flow of the left chamber", "Q_left", 2),
        "pulsatile_left_fill": Label("Filling of the left chamber", "fill left", 0),
        "pulsatile_right_flow": Label("Flow of the right chamber", "Q_right", 2),
        "pulsatile_right_fill": Label("Filling of the right chamber", "fill right", 0),
        "pulsatile_rate": Label("Rate of the pneumatic drive", "rate", 0),
    },
    "Laboratory": {
        "temperature": Label("Core temperature", "temperature", 1),
        "urine": Label("Urine", "urine", 0),
        "plasma_free_Hb": Label("Plasma free haemoglobin", "free Hb", 1),
        "platelets": Label("Platelets", "platelets", 0),
        "fibrinogen": Label("Fibrinogen", "fibrinogen", 1),
        "ACT": Label("Activated clotting time", "ACT", 0),
        "aPTT": Label("Activated partial thromboplastin time", "aPTT", 0),
        "anti_Xa": Label("Anti-Xa activity", "anti-Xa", 2),
    },
}

LABELS = {name: label for group in GROUPS.values() for name, label in group.items()}

DERIVED = {
    "CVP/PCWP": Label("Central venous over wedge pressure", "CVP/PCWP", 2),
    "PaO2/FiO2": Label("Arterial oxygen pressure over inspired fraction", "P/F", 0),
    "TPG": Label("Transpulmonary gradient", "TPG", 1),
    "DPG": Label("Diastolic pulmonary gradient", "DPG", 1),
    "total_index": Label("Cardiac index, heart and device", "CI_total", 2),
    "RVSWI": Label("Right ventricular stroke work index", "RVSWI", 0),
}
"""What trials read beside the vocabulary."""

_UNITS = {
    "1": "",
    "1/min": "/min",
    "degC": "°C",
    "L/min/m2": "L/min/m²",
    "mmHg.min/L": "mmHg·min/L",
    "mmHg.mL": "mmHg·mL",
    "1e9/L": "10⁹/L",
    "mmHg.mL/m2": "mmHg·mL/m²",
    "P-level": "",
}


def label_of(name: str) -> Label:
    """The label of a name; a name that the vocabulary gained later is shown as it is."""
    return LABELS.get(name) or DERIVED.get(name) or Label(name.replace("_", " "), name.replace("_", " "), 2)


def unit_words(unit: str) -> str:
    """The unit as written for people; a pure number has none."""
    return _UNITS.get(unit, unit)


def number(value: float | None, digits: int) -> str:
    """A number with a true minus and no negative zero; a dash where there is none."""
    if value is None or math.isnan(value):
        return "\N{EN DASH}"
    text = f"{value:.{digits}f}"
    return MINUS + text[1:] if text.startswith("-") and float(text) != 0.0 else text.removeprefix("-")


def shown(name: str, value: float | None) -> str:
    """A value with the decimals of its name."""
    return number(value, label_of(name).digits)


def clock(seconds: float) -> str:
    """A time of the run: minutes and seconds, hours when there are any."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def span(seconds: float) -> str:
    """A length of time in words: 45 s, 20 min, 20 min 30 s, 2 h 5 min."""
    whole = round(seconds)
    parts = [(whole // 3600, "h"), (whole % 3600 // 60, "min"), (whole % 60, "s")]
    return " ".join(f"{n} {unit}" for n, unit in parts if n) or "0 s"


def in_groups(names: list[str], first: Sequence[str] = ()) -> list[tuple[str, list[str]]]:
    """The names sorted into the groups of this page, in its order; names it does not know come last under "Other".

    first   names that stand together before all others, side by side
    """
    ahead = [name for name in first if name in names]
    rest = [name for name in names if name not in ahead]
    grouped = [(title, [name for name in group if name in rest]) for title, group in GROUPS.items()]
    other = [name for name in rest if name not in LABELS]
    return [(title, members) for title, members in [("Side by side", ahead), *grouped, ("Other", other)] if members]
