"""From a patient and a support to the rows of a buffer: parameters in engine units, and a first state to settle from."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from perfuse.devices.blood_in_machines import Fates, HeartPumps, OutsidePump
from perfuse.devices.circuit import Circuit
from perfuse.devices.circuit_blood import NODE_VOLUME
from perfuse.devices.circuit_console import PumpSpeed, Readings
from perfuse.devices.gas_path import CELLS
from perfuse.engine.controls import control_rows, drip_contents, short_circuit
from perfuse.engine.declared import declared
from perfuse.engine.kernel import Kernel
from perfuse.engine.source import CLOCK
from perfuse.engine.wiring import WiringError, evaluate
from perfuse.parameters.devices import Cannula, MembraneLung, Pump
from perfuse.parameters.library import load_device, load_pump
from perfuse.parameters.tables import controls, patient_parameters
from perfuse.physiology import vessel_sizes as body
from perfuse.physiology.acid_base import ph_of
from perfuse.physiology.beat import Tally
from perfuse.physiology.blood import co2_content, o2_content, so2
from perfuse.physiology.circulation_written import SHARES, Columns
from perfuse.physiology.contents import PLACES
from perfuse.physiology.drugs import MILRINONE_CLEARANCE, respond_to_drugs
from perfuse.physiology.haemostasis import FREE_HB_NORMAL, Amounts, Levels, Thinners, amounts, bivalirudin_clearance, clotting_tests
from perfuse.physiology.regulation import regulate
from perfuse.physiology.viscosity import viscosity

PER_L_MIN = 0.06  # (mmHg s/mL) per (mmHg min/L)
PER_L_MIN_2 = 0.0036
LINE_LOSS = 0.9 * 2.0  # mmHg/(L/min)^2: 2 m of 3/8 inch, 22.7 mmHg/m at 5 L/min (computed, tubing table); each of drainage and return
# Clots that made a circuit be changed, per support day (Lubnow 2014, seen: 13 and 16 in 3411 days)
PUMP_CLOTS, LUNG_CLOTS = 0.0038, 0.0047
DRAINED = ("svc", "ra", "ivc", "pa", "la", "lv")
RETURN_PLACE = {
    "ra": "ra",
    "svc": "svc",
    "ivc": "ivc",
    "pa": "pa",
    "femoral_artery": "femoral",
    "axillary_artery": "ascending",
    "ascending_aorta": "ascending",
}

ARTERIES = {
    "root": (body.ROOT_V0, body.ROOT_C),
    "ascending": (body.ASCENDING_V0, body.ASCENDING_C),
    "arch": (body.ARCH_V0, body.ARCH_C),
    "distal_arch": (body.DISTAL_V0, body.DISTAL_C),
    "descending": (body.DESCENDING_V0, body.DESCENDING_C),
    "abdominal": (body.ABDOMINAL_V0, body.ABDOMINAL_C),
    "femoral": (body.FEMORAL_V0, body.FEMORAL_C),
    "leg_artery": (body.LEG_ARTERY_V0, body.LEG_ARTERY_C),
}


def patient_rows(values: Mapping[str, float]) -> dict[str, float]:
    """Parameter rows of a patient from values in the units of patient.yaml."""
    rows = {name: values[name] * entry.scale for name, entry in patient_parameters().items()}
    size = rows["weight"] / 75.0
    rows |= drip_contents(0.0)
    rows |= {f"{bed}_share": share for bed, share in SHARES._asdict().items()}
    rows["reference_viscosity"] = viscosity(rows["hb"], rows["temperature"])
    rows["gut_flow_rest"] = 0.22 * 5200.0 / 60.0 * size
    rows |= dict.fromkeys(("infusion_rate", "bleeding_rate", "base_rate", "water_removal"), 0.0)
    rows |= dict.fromkeys(("platelet_rate", "fibrinogen_rate", "protamine_rate"), 0.0)
    return rows | NO_MACHINE | dict.fromkeys(Fates._fields, 0.0)  # a threshold of 0 is never passed: `luck` draws others


AT_REST = dict.fromkeys(
    (
        *(f"{name}_flow" for name in Columns._fields),
        *("septum_volume", "phase", "compression_phase", "beats"),
        *(name for name in Tally._fields if name.startswith("sum_")),
        *("lv_end_diastolic", "rv_end_diastolic"),
        *("drive_heart", "drive_vagus", "drive_force", "drive_vessels", "drive_veins", "drive_hypoxia"),
        *("breath_phase", "airflow", "airway_pressure", "peak_volume", "least_volume", "peak_airway"),
        *("tidal_volume", "plateau_pressure", "peak_pressure", "end_tidal_co2"),
        *("lung_oxygen", "lung_carbon", "oxygen_used", "oxygen_debt", "slow_co2_flux", "water_in"),
    ),
    0.0,
)
"""Blood that does not move yet, reflexes at their set point, averages and extremes of which nothing is known yet."""
NO_MACHINE = dict.fromkeys((*OutsidePump._fields, *HeartPumps._fields), 0.0)
"""What equations of the patient read of machines, where there are none."""


def first_state(p: Mapping[str, float]) -> dict[str, float]:
    """A plausible state from which a patient settles within a minute: pressures of a resting circulation, normal gases."""
    s: dict[str, float] = {}
    pressure = 80.0
    for name, (v0, compliance) in ARTERIES.items():
        s[f"{name}_volume"] = v0 + compliance * pressure
    s |= {"lv_volume": p["lv_v0"] + 90.0, "rv_volume": p["rv_v0"] + 90.0, "la_volume": 65.0, "ra_volume": 65.0}
    s |= {"svc_volume": body.SVC_V0 + 6.0, "ivc_volume": body.IVC_V0 + 8.0}
    s |= {"pa_volume": body.PA_V0 + 16.0 * p["pa_compliance"], "pv_volume": body.PV_V0 + 8.0 * p["pv_compliance"]}
    veins = {"upper_vein": 0.0, "splanchnic_vein": 0.0, "lower_vein": 0.0}
    left = p["blood_volume"] - sum(s.values()) - sum(p[f"{vein}_unstressed"] for vein in veins)
    total = sum(p[f"{vein}_compliance"] for vein in veins)
    for vein in veins:
        s[f"{vein}_volume"] = p[f"{vein}_unstressed"] + left * p[f"{vein}_compliance"] / total
    s |= AT_REST
    rest = 60.0 / p["heart_rate"]
    s |= {"period": rest, "next_period": rest, "compression_period": 1.0e7, "dice": 1.0, "compression_quality": 1.0}
    s |= {"max_arterial": -1e9, "min_arterial": 1e9, "max_pa": -1e9, "min_pa": 1e9}
    s |= {"max_lv_volume": -1e9, "min_lv_volume": 1e9, "max_rv_volume": -1e9, "min_rv_volume": 1e9, "max_lv_pressure": -1e9}
    s |= {
        "sensed_pressure": p["baroreflex_set_point"],
        "beat_map": p["baroreflex_set_point"],
        "beat_seconds": rest,
        "drive_breath": 1.0,
        "av_open": 1.0,
    }
    s |= dict.fromkeys(("capillary", "tissue_balance"), 18.0)  # mmHg, near a resting capillary; settling finds the patient's own
    s |= {"beat_lap": 8.0, "beat_mpap": 14.0, "beat_lvesv": 60.0, "beat_lvsw": 6000.0}
    s |= {"coronary_tone": 1.0, "brain_right_tone": 1.0, "brain_left_tone": 1.0, "ischaemia": 1.0, "vasoconstriction": 1.1}
    s |= {"drug_svr": 1.0, "drug_ees": 1.0, "drug_rate": 1.0, "drug_pvr": 1.0, "drug_shunt": 1.0, "drug_vo2": 1.0}
    s |= {"lung_water": p["lung_water"], "shunt_now": p["shunt"], "dead_now": p["dead_share"], "capillary_so2": 0.97, "capillary_ph": 7.40}
    s |= {"lactate": p["lactate"], "base_excess": p["base_excess"], "slow_co2": p["breath_set_pco2"] + 6.0, "heat_loss": 80.0}
    s |= {"norepinephrine": p["norepinephrine_rate"], "epinephrine": p["epinephrine_rate"], "vasopressin": p["vasopressin_rate"]}
    s |= {
        "dobutamine": p["dobutamine_rate"],
        **dict.fromkeys(("milrinone", "milrinone_deep"), p["milrinone_rate"] / 60.0 / MILRINONE_CLEARANCE),
        "esmolol": p["esmolol_rate"],
    }
    s |= {"nitroprusside": p["nitroprusside_rate"], "inhaled_no": p["nitric_oxide"], "heparin": p["heparin_rate"] / 2900.0}
    inspired = 713.0 * p["vent_fio2"]
    s |= {"alveolar_po2": max(inspired - 50.0, 40.0), "alveolar_pco2": p["breath_set_pco2"], "airway_po2": inspired, "airway_pco2": 10.0}
    s |= {
        "lung_volume": p["vent_peep"] * p["lung_compliance"],
        "mean_alveolar": p["vent_peep"] + 2.0,
        "own_rate": p["breath_rate"],
        "muscle_pressure": p["breath_effort"],
    }
    for place in PLACES:
        arterial = place in ARTERIES or place in ("lv", "la", "pv")
        po2, pco2 = (90.0, p["breath_set_pco2"]) if arterial else (38.0, p["breath_set_pco2"] + 6.0)
        ph = ph_of(pco2, p["base_excess"], p["hb"], 0.97 if arterial else 0.7)
        saturation = so2(po2, ph, pco2, p["temperature"])
        s[f"{place}_o2"] = o2_content(po2, saturation, p["hb"], p["temperature"])
        s[f"{place}_co2"] = co2_content(pco2, ph, p["hb"], saturation, p["temperature"])
        s[f"{place}_hb"], s[f"{place}_temp"] = p["hb"], p["temperature"]
    rest = p["breath_set_pco2"]
    for kind, po2, pco2, so in (("arterial", 90.0, rest, 0.97), ("venous", 38.0, rest + 6.0, 0.7)):
        s |= {f"{kind}_po2": po2, f"{kind}_pco2": pco2, f"{kind}_ph": ph_of(pco2, p["base_excess"], p["hb"], so), f"{kind}_so2": so}
    s |= {f"{bed}_supply": 0.19 * share * 90.0 * p["weight"] / 75.0 for bed, share in SHARES._asdict().items()}
    s |= {"coronary_flow": 4.0, "brain_right_flow": 0.5 * p["brain_flow_rest"], "brain_left_flow": 0.5 * p["brain_flow_rest"]}
    s |= first_blood(p, s["heparin"], p["blood_volume"])
    s |= evaluate(respond_to_drugs, dict(p) | s)
    s |= evaluate(regulate, dict(p) | s | {"dt": 0.0})
    return s


def first_blood(p: Mapping[str, float], heparin: float, volume: float) -> dict[str, float]:
    """What `volume` mL of the patient's blood hold at the start, and anticoagulants in their steady state."""
    shown = Levels(free_haemoglobin=FREE_HB_NORMAL, platelet_count=p["platelets"], fibrinogen_level=p["fibrinogen"])
    thinners = Thinners(heparin, p["bivalirudin_rate"] * (1000.0 / 60.0) / bivalirudin_clearance(p["creatinine_clearance"]))
    held: Amounts = amounts(shown, volume, p["hb"])
    return {**held._asdict(), **shown._asdict(), **thinners._asdict(), **clotting_tests(thinners)._asdict()}


def luck(seed: int) -> dict[str, float]:
    """Rows of chance of a run: the start of the random numbers, and how much hazard each machine's clot waits for (unit exponential)."""
    drawn = -np.log1p(-np.random.default_rng(seed).random(len(Fates._fields)))
    return {"dice": float(1 + seed % 2147483646)} | {name: float(fate) for name, fate in zip(Fates._fields, drawn, strict=True)}


def first_circuit(prime_hb: float = 0.0) -> dict[str, float]:
    """State of a primed, clamped circuit: crystalloid at 37 degC, ports open, pump still."""
    s = dict.fromkeys((*Circuit._fields, *Readings._fields, *PumpSpeed._fields), 0.0)
    s |= {"drain1_open": 1.0, "drain2_open": 1.0, "pump_strength": 1.0, "circuit_viscosity": 1.0, "lung_resistance": 0.3}
    prime = drip_contents(prime_hb)
    for place in ("inlet", "outlet", *(f"cell{k}" for k in range(CELLS))):
        for kind in ("o2", "co2", "hb", "temp"):
            s[f"{place}_{kind}"] = prime[f"drip_content_{kind}"]
    for k in range(CELLS):
        s |= {f"cell{k}_po2": 150.0, f"cell{k}_pco2": 40.0, f"cell{k}_ph": 7.40, f"cell{k}_so2": 0.98}
    return s


def running_circuit(rows: Mapping[str, float]) -> dict[str, float]:
    """State of a circuit that has been running for long: the patient's own blood, venous before the lung, arterial in it and after it."""
    s = first_circuit() | first_blood(rows, rows["heparin"], rows["blood_volume"] + rows["circuit_volume"])
    for place, source in (("inlet", "ra"), ("outlet", "femoral"), *((f"cell{k}", "femoral") for k in range(CELLS))):
        for kind in ("o2", "co2", "hb", "temp"):
            s[f"{place}_{kind}"] = rows[f"{source}_{kind}"]
    return s | {"pump_speed": rows["pump_set"]}


def _limb(name: str, cannula: Cannula | None, line: float) -> dict[str, float]:
    if cannula is None:
        return {f"{name}_a": 0.01, f"{name}_b": 0.01, f"{name}_kink": 1.0, f"{name}_clamp": 1.0}
    return {
        f"{name}_a": cannula.a.value * PER_L_MIN,
        f"{name}_b": (cannula.b.value + line) * PER_L_MIN_2,
        f"{name}_kink": 1.0,
        f"{name}_clamp": 0.0,
    }


def _cannula(name: str) -> Cannula:
    device = load_device(name)
    assert isinstance(device, Cannula)
    return device


def circuit_rows(support: Any) -> dict[str, float]:
    """Parameter rows of a circuit (a `Support` of the case file), unclamped and running."""
    rows: dict[str, float] = {}
    for i in (1, 2):
        drain = support.drain[i - 1] if len(support.drain) >= i else None
        rows |= _limb(f"drain{i}", _cannula(drain.cannula) if drain else None, LINE_LOSS)
        for place in DRAINED:
            rows[f"drain{i}_{place}"] = drain.site.get(place, 0.0) if drain else (1.0 if place == "ivc" else 0.0)
    for i in (1, 2):
        back = support.return_[i - 1] if len(support.return_) >= i else None
        rows |= _limb(f"return{i}", _cannula(back.cannula) if back else None, LINE_LOSS)
        for place in ("svc", "ra", "ivc", "pa", "ascending", "femoral"):
            rows[f"return{i}_{place}"] = 1.0 if place == (RETURN_PLACE[back.site] if back else "ra") else 0.0
    distal = support.distal_perfusion
    line = _limb("perfusion", _cannula(distal.cannula) if distal else None, 0.0)
    rows |= {name: value for name, value in line.items() if name != "perfusion_kink"}
    distances = [back.tip_distance for back in support.return_ if back.tip_distance is not None]
    rows["short_circuit"] = short_circuit(min(distances) if distances else 10.0)
    pump = load_pump(support.pump.model)
    assert isinstance(pump, Pump) and pump.a and pump.c and pump.c_back and pump.rpm_max
    rows |= {
        "pump_a": pump.a.value * 1.0e-6,
        "pump_c": pump.c.value * PER_L_MIN_2,
        "pump_c_back": pump.c_back.value * PER_L_MIN_2,
        "pump_low": 0.0,
        "pump_high": pump.rpm_max.value,
        "pump_set": support.pump.rpm or 0.0,
        "flow_target": support.pump.flow or 0.0,
    }
    if pump.nih is not None and pump.nih_flow is not None:
        rows |= {"pump_nih": pump.nih.value, "pump_nih_flow": pump.nih_flow.value}
    lung = load_device(support.lung.model)
    assert isinstance(lung, MembraneLung)
    rows |= {"lung_r0": lung.R0.value, "lung_n": lung.n.value, "lung_m": lung.m.value, "cell_volume": lung.prime.value / CELLS}
    rows |= {"lung_o2_rated": lung.o2_diffusion.value, "lung_o2_flow": lung.o2_flow.value, "lung_o2_exponent": lung.o2_exponent.value}
    rows |= {"lung_co2_rated": lung.co2_diffusion.value, "lung_co2_flow": lung.co2_flow.value, "lung_co2_exponent": lung.co2_exponent.value}
    rows["lung_shunt"] = lung.internal_shunt.value
    rows |= {"lung_area": lung.area.value, "circuit_volume": 2.0 * NODE_VOLUME + lung.prime.value}
    rows |= {"pump_hazard_rate": PUMP_CLOTS, "lung_hazard_rate": LUNG_CLOTS}
    rows |= {"lung_bypass_co2": 0.0, "lung_bypass_hb": 0.0, "lung_bypass_temp": 0.0}
    defaults = {e.field: e.default * e.scale for n, e in controls().items() if not n.startswith("patient.") and e.default is not None}
    for field in (
        "pump_power",
        "pump_clot",
        "pump_curve",
        "air",
        "pump_depth",
        "gas_connected",
        "heater_on",
        "lung_working",
        "lung_clot",
        "lung_resistance_factor",
        "return_loss",
    ):
        rows[field] = defaults[field]
    rows["heater"] = support.temperature if support.temperature is not None else 37.0
    rows |= control_rows("gas.sweep", support.gas.sweep) | {"fdo2": support.gas.fdo2, "fdco2": support.gas.fdco2}
    return rows


CLAMPED = {
    "drain1_clamp": 1.0,
    "drain2_clamp": 1.0,
    "return1_clamp": 1.0,
    "return2_clamp": 1.0,
    "perfusion_clamp": 1.0,
    "pump_power": 0.0,
    "sweep": 0.0,
}


def fill(kernel: Kernel, columns: list[Mapping[str, float]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A buffer of the kernel's patients; lanes without a column repeat the last one.

    Every row of the kernel must be given, but for those that are declared to start from a number; WiringError names what is missing, and
    what is given and no row.
    """
    rows = declared().rows
    start = {name: row.at_start for name, row in rows.items() if name in kernel.rows and row.at_start is not None}
    known = rows.keys() | patient_parameters().keys() | {CLOCK}
    table = np.zeros((kernel.size, kernel.lanes))
    for lane in range(kernel.lanes):
        given = {CLOCK: 0.0, **start, **columns[min(lane, len(columns) - 1)]}
        missing, unknown = sorted(kernel.rows.keys() - given.keys()), sorted(given.keys() - known)
        if missing or unknown:
            words = [f"no value for {', '.join(missing)}"] if missing else []
            words += [f"no row of the model is called {', '.join(unknown)}"] if unknown else []
            raise WiringError(f"A patient of the structure {kernel.structure} cannot be built: {'; '.join(words)}.")
        for name, at in kernel.rows.items():
            table[at, lane] = given[name]
    return table.reshape(-1)
