"""What is reported: quantities of parameters/vocabulary.yaml from rows of the engine. Truth first, sensors below."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perfuse.engine.kernel import mapped
from perfuse.physiology.blood import gas_of
from perfuse.physiology.circulation_written import SHARES
from perfuse.results import device_numerics

Array = NDArray[np.float64]

PLACES_READ = ("ascending", "arch", "distal_arch", "femoral", "leg_artery", "root", "pa", "pv")
BEDS_READ = ("brain_right", "brain_left", "leg_left", "leg_right")
CIRCUIT_PLACES = ("inlet", "outlet")

BODY_ROWS = [
    "beat_map", "beat_sbp", "beat_dbp", "beat_cvp", "beat_mpap", "beat_pas", "beat_pad", "beat_lap", "beat_lvedv", "beat_lvesv",
    "beat_rvedv", "beat_rvesv", "beat_lvsp", "beat_lvedp", "beat_rvedp", "beat_lvsw", "beat_rvsw", "beat_forward", "beat_stroke",
    "beat_rv_stroke", "beat_lung", "beat_coronary", "beat_brain", "beat_systemic", "beat_seconds", "av_open", "lactate", "base_excess",
    "oxygen_used", "oxygen_debt", "lung_oxygen", "lung_carbon", "lung_water", "shunt_now", "tidal_volume", "plateau_pressure",
    "peak_pressure", "end_tidal_co2", "own_rate", "vent_mode", "vent_rate", "vent_peep", "vent_fio2", "beating", "rhythm",
    "pa_temp", "lv_ees", "lv_v0", "weight", "compression_rate", "muscle_pressure",
    "alveolar_floor", "free_haemoglobin", "platelet_count", "fibrinogen_level", "act", "aptt", "anti_xa",
]  # fmt: skip
BODY_ROWS += [f"{place}_{kind}" for place in (*PLACES_READ, *BEDS_READ) for kind in ("o2", "co2", "hb", "temp")]
CIRCUIT_ROWS = [
    "p_ven", "p_int", "p_art", "flow_mean", "flow_square", "drain_mean", "drain1_mean", "drain2_mean", "return2_mean", "perfusion_mean",
    "pump_speed",
    "membrane_oxygen", "membrane_carbon", "sweep", "fdo2", "gas_connected", "short_circuit", "return_loss", "return1_pa", "return1_svc",
    "return1_ra", "return1_ivc", "return1_ascending", "return1_femoral", "return2_svc", "return2_ra", "return2_ivc", "return2_pa",
    "return2_clamp", "drain1_svc", "drain1_ra", "drain1_ivc", "drain2_svc", "drain2_ra", "drain2_ivc", "drain2_clamp",
    "upper_vein_o2", "splanchnic_vein_o2", "lower_vein_o2", "kidney_o2", "coronary_o2", "pump_hazard", "lung_hazard",
    "air",  # seen by the bubble sensor of a console
]  # fmt: skip
CIRCUIT_ROWS += [f"{place}_{kind}" for place in CIRCUIT_PLACES for kind in ("o2", "co2", "hb", "temp")]

CIRCUIT_QUANTITIES = frozenset(
    [
        "ecmo_flow",
        "ecmo_flow_sd",
        "ecmo_flow_venous",
        "ecmo_flow_arterial",
        "distal_flow",
        "drainage_flow_1",
        "drainage_flow_2",
        "pump_speed",
        "P_ven",
        "P_int",
        "P_art",
        "dP",
        "S_pre",
        "S_post",
        "PO2_post",
        "PCO2_post",
        "ecmo_VO2",
        "ecmo_VCO2",
        "recirculation",
        "sweep",
        "FdO2",
        "pump_clot_risk",
        "membrane_clot_risk",
    ]
)
"""What has no meaning before support."""

CMH2O = 1.0 / 0.735559  # per mmHg


def gases(o2: Array, co2: Array, hb: Array, base_excess: Array, temperature: Array) -> Array:
    """Blood gases of arrays of contents: [4, ...] PO2, PCO2, pH, SO2 (0-1). Prime, almost without haemoglobin, is read at 0.5 g/dL."""
    columns = np.stack([o2, co2, np.maximum(hb, 0.5), np.broadcast_to(base_excess, o2.shape), temperature])
    return mapped(gas_of)(columns.reshape(5, -1)).reshape(4, *o2.shape)


def site_gases(v: Mapping[str, Array], place: str) -> Array:
    """Gas of the blood in one place."""
    return gases(v[f"{place}_o2"], v[f"{place}_co2"], v[f"{place}_hb"], v["base_excess"], v[f"{place}_temp"])


def all_gases(v: Mapping[str, Array]) -> dict[str, Array]:
    """Gas of the blood in every place that is read, in one go."""
    places = [place for place in (*PLACES_READ, *BEDS_READ, *CIRCUIT_PLACES) if f"{place}_o2" in v]
    kinds = [np.stack([v[f"{place}_{kind}"] for place in places]) for kind in ("o2", "co2", "hb", "temp")]
    found = gases(kinds[0], kinds[1], kinds[2], v["base_excess"], kinds[3])
    return {place: found[:, i] for i, place in enumerate(places)}


def body_surface(weight: float, height: float) -> float:
    """Body surface, m2. Du Bois 1916."""
    return float(0.007184 * weight**0.425 * height**0.725)


def numerics(v: Mapping[str, Array], surface: float) -> dict[str, Array]:
    """Vocabulary quantities from rows (arrays of any one shape). `surface`: body surface, m2."""
    n: dict[str, Array] = {}
    seconds = np.maximum(v["beat_seconds"], 0.05)
    to_flow = 0.06 / seconds
    n["HR"] = np.where(v["beating"] > 0.5, 60.0 / seconds, 0.0)
    n["SBP"], n["DBP"], n["MAP"] = v["beat_sbp"], v["beat_dbp"], v["beat_map"]
    n["PP"] = n["SBP"] - n["DBP"]
    n["CVP"], n["PAS"], n["PAD"], n["mPAP"] = v["beat_cvp"], v["beat_pas"], v["beat_pad"], v["beat_mpap"]
    n["LAP"] = v["beat_lap"]
    n["PCWP"] = np.maximum(n["LAP"], v["alveolar_floor"])  # behind alveoli that press more, a wedged catheter reads them (zone 2)
    n["CO"] = v["beat_stroke"] * to_flow
    n["CI"] = n["CO"] / surface
    n["RVCO"] = v["beat_rv_stroke"] * to_flow
    n["total_flow"] = v["beat_systemic"] * to_flow
    n["SV"] = v["beat_stroke"]
    n["LVEF"] = 100.0 * (v["beat_lvedv"] - v["beat_lvesv"]) / v["beat_lvedv"]
    n["LVEDV"], n["LVESV"], n["LVEDP"], n["LVSP"], n["LVSW"] = (
        v["beat_lvedv"],
        v["beat_lvesv"],
        v["beat_lvedp"],
        v["beat_lvsp"],
        v["beat_lvsw"],
    )
    end_systolic = v["lv_ees"] * np.maximum(v["beat_lvesv"] - v["lv_v0"], 0.0)
    n["LVPVA"] = n["LVSW"] + 0.5 * end_systolic * np.maximum(v["beat_lvesv"] - v["lv_v0"], 0.0)
    n["LV_wall_stress"] = KPA * n["LVSP"] * (1.0 + 1.5 * (v["beat_lvedv"] + v["beat_lvesv"]) / LV_WALL)
    n["RVEDV"], n["RVEDP"] = v["beat_rvedv"], v["beat_rvedp"]
    n["RVEF"] = 100.0 * (v["beat_rvedv"] - v["beat_rvesv"]) / v["beat_rvedv"]
    n["RVSW"] = v["beat_rvsw"]
    n["AV_open"] = 100.0 * v["av_open"]
    n["LVOT_VTI"] = np.maximum(v["beat_forward"], 0.0) / LVOT_AREA
    n["SVR"] = (n["MAP"] - n["CVP"]) / np.maximum(n["total_flow"], 0.05)
    n["PVR"] = (n["mPAP"] - n["LAP"]) / np.maximum(v["beat_lung"] * to_flow, 0.05)  # of all blood through the lungs, from wherever
    n["CPO_native"] = n["MAP"] * n["CO"] / 451.0
    n["CPO_total"] = n["MAP"] * n["total_flow"] / 451.0
    n["native_share"] = n["CO"] / np.maximum(n["total_flow"], 0.05)
    n["TAPSE"] = TAPSE_PER_ML * (v["beat_rvedv"] - v["beat_rvesv"])
    n["LVEDD"] = sphere_diameter(v["beat_lvedv"])
    n["TDSa"] = TDSA_PER_ML * (v["beat_lvedv"] - v["beat_lvesv"])
    n["PAPi"] = (n["PAS"] - n["PAD"]) / np.maximum(n["CVP"], 0.5)
    n["coronary_flow"] = v["beat_coronary"] * to_flow * 1000.0
    n["brain_flow"] = v["beat_brain"] * to_flow * 1000.0

    sites = all_gases(v)
    radial, left, femoral = sites["ascending"], sites["distal_arch"], sites["femoral"]
    n["SaO2_right_radial"], n["SaO2_femoral"] = 100.0 * radial[3], 100.0 * femoral[3]
    n["SaO2_left_radial"] = 100.0 * left[3]
    n["SaO2_coronary"] = 100.0 * sites["root"][3]
    arch = sites["arch"][3]
    n["SaO2_brain"] = 50.0 * (radial[3] + arch)
    n["SvO2"] = 100.0 * sites["pa"][3]
    n["PaO2"], n["PaCO2"], n["pH"] = radial[0], radial[1], radial[2]
    n["PaO2_femoral"] = femoral[0]
    n["HCO3"] = 0.0307 * radial[1] * 10.0 ** (radial[2] - 6.1)
    n["BE"] = v["base_excess"]
    n["lactate"], n["Hb"] = v["lactate"], v["ascending_hb"]
    n["EtCO2"] = np.where(v["tidal_volume"] > 20.0, v["end_tidal_co2"], 0.0)
    n["VO2"] = v["oxygen_used"] * 60.0
    n["VO2_debt"] = v["oxygen_debt"] * 60.0
    n["DO2"] = n["total_flow"] * 10.0 * 100.0 * _mean_arterial_content(v, n)
    n["VCO2"] = v["lung_carbon"] * 60.0
    n["shunt"], n["EVLW"] = v["shunt_now"], v["lung_water"]
    for name, place, bed in (("NIRS_brain_right", radial[3], "brain_right"), ("NIRS_brain_left", arch, "brain_left")):
        n[name] = 100.0 * (0.25 * place + 0.75 * sites[bed][3])
    n["NIRS_leg_cannulated"] = 100.0 * (0.25 * sites["leg_artery"][3] + 0.75 * sites["leg_right"][3])
    n["NIRS_leg_other"] = 100.0 * (0.25 * femoral[3] + 0.75 * sites["leg_left"][3])
    n |= oximeters(v, sites)

    n["VT"] = v["tidal_volume"]
    n["RR"] = np.where(v["vent_mode"] > 1.5, v["own_rate"], v["vent_rate"])
    n["PEEP"], n["Pplat"], n["Ppeak"] = v["vent_peep"] * CMH2O, v["plateau_pressure"] * CMH2O, v["peak_pressure"] * CMH2O
    n["driving_pressure"] = n["Pplat"] - n["PEEP"]
    n["Crs"] = n["VT"] / np.maximum(n["driving_pressure"], 0.5)
    n["FiO2"] = v["vent_fio2"]
    n["temperature"] = v["pa_temp"]
    n["anti_Xa"], n["ACT"], n["aPTT"] = v["anti_xa"], v["act"], v["aptt"]
    n["plasma_free_Hb"], n["platelets"], n["fibrinogen"] = v["free_haemoglobin"], v["platelet_count"], v["fibrinogen_level"]
    if "flow_square" in v:
        _circuit(n, v, sites)
    device_numerics.add(n, v)
    return n


KPA = 0.133322  # kPa in 1 mmHg
LV_WALL = 162.0  # mL, 170 g of muscle (mechanisms note); stress of a fibre in its wall: P (1 + 3 V/V_wall), Arts 1991 (recalled, high)
LVOT_AREA = 3.8  # cm2, diameter 2.2 cm (recalled, medium)
TAPSE_PER_ML = 22.0 / 85.0  # mm per mL of right ventricular stroke volume at rest (assumed)
TDSA_PER_ML = 10.0 / 88.0  # cm/s per mL of stroke volume at rest (assumed)
OXIMETER_PULSE = 10.0  # mmHg of pulse pressure below which an oximeter fails (mechanisms note, recalled)
OXIMETER_LAG = 12  # samples (s): averaging and circulation to the finger (recalled, medium)


def sphere_diameter(volume: Array) -> Array:
    """LV internal diameter, cm, from volume, mL: Teichholz, solved: V = 7 D^3/(2.4 + D)."""
    d = np.cbrt(np.maximum(volume, 1.0))
    for _ in range(20):
        d = np.cbrt(volume * (2.4 + d) / 7.0)
    return np.asarray(d)


def oximeters(v: Mapping[str, Array], sites: Mapping[str, Array]) -> dict[str, Array]:
    """What finger oximeters show of the blood at their sites; no reading where the pulse is too weak, unless the chest is compressed."""
    compressing = (v["beating"] < 0.5) & (v["compression_rate"] > 0)
    weak = np.where(compressing, False, v["beat_sbp"] - v["beat_dbp"] < OXIMETER_PULSE)
    places = {"SpO2_right_hand": "ascending", "SpO2_left_hand": "distal_arch", "SpO2_foot": "femoral"}
    return {name: np.where(weak, np.nan, _oximeter(100.0 * sites[place][3])) for name, place in places.items()}


def _oximeter(saturation: Array) -> Array:
    """What a finger oximeter shows: the saturation averaged and delayed (along the first axis, 1 Hz samples)."""
    if saturation.ndim == 0 or saturation.shape[0] < 2:
        return saturation
    shown = np.empty_like(saturation)
    level = saturation[0]
    for i in range(saturation.shape[0]):
        late = saturation[max(0, i - OXIMETER_LAG // 2)]
        level = level + (late - level) / (OXIMETER_LAG / 2)
        shown[i] = level
    return shown


def _mean_arterial_content(v: Mapping[str, Array], n: Mapping[str, Array]) -> Array:
    """O2 content of the blood that beds receive, mL/mL: weighted by resting share of the regions fed from each part of the aorta."""
    return np.asarray(
        0.05 * v["root_o2"] + 0.13 * v["ascending_o2"] + 0.07 * v["arch_o2"] + 0.06 * v["distal_arch_o2"] + 0.69 * v["femoral_o2"]
    )


def _circuit(n: dict[str, Array], v: Mapping[str, Array], sites: Mapping[str, Array]) -> None:
    n["ecmo_flow"] = v["flow_mean"] * 0.06
    n["ecmo_flow_sd"] = np.sqrt(np.maximum(v["flow_square"] - v["drain_mean"] ** 2, 0.0)) * 0.06
    n["ecmo_flow_venous"] = v["return2_mean"] * 0.06
    n["ecmo_flow_arterial"] = n["ecmo_flow"] - n["ecmo_flow_venous"]
    n["distal_flow"] = v["perfusion_mean"] * 0.06
    n["drainage_flow_1"], n["drainage_flow_2"] = v["drain1_mean"] * 0.06, v["drain2_mean"] * 0.06
    n["pump_speed"] = v["pump_speed"]
    n["P_ven"], n["P_int"], n["P_art"] = v["p_ven"], v["p_int"], v["p_art"]
    n["dP"] = n["P_int"] - n["P_art"]
    pre, post = sites["inlet"], sites["outlet"]
    n["S_pre"], n["S_post"] = 100.0 * pre[3], 100.0 * post[3]
    n["PO2_post"], n["PCO2_post"] = post[0], post[1]
    n["ecmo_VO2"], n["ecmo_VCO2"] = v["membrane_oxygen"] * 60.0, v["membrane_carbon"] * 60.0
    n["VCO2"] = n["VCO2"] + n["ecmo_VCO2"]
    n["recirculation"] = recirculation(n, v)
    n["sweep"], n["FdO2"] = v["sweep"] * 0.06, v["fdo2"]
    n["pump_clot_risk"], n["membrane_clot_risk"] = -np.expm1(-v["pump_hazard"]), -np.expm1(-v["lung_hazard"])


def recirculation(n: Mapping[str, Array], v: Mapping[str, Array]) -> Array:
    """Share of drained blood that came straight from the return cannula: (C_pre - C_v)/(C_post - C_v) on O2 contents.

    C_v is the venous blood that comes down to where the cannula drains (beds weighted by their resting share of flow), not that of the
    whole body: blood of the inferior vena cava is redder than mixed venous blood without any recirculation. Circuits that return to veins.
    """
    share = v["return1_svc"] + v["return1_ra"] + v["return1_ivc"]
    upper = v["upper_vein_o2"]
    at_rest = SHARES._asdict()
    gut, kidney, legs, heart = at_rest["gut"], at_rest["kidney"], at_rest["leg_left"] + at_rest["leg_right"], at_rest["coronary"]
    below = gut + kidney + legs
    lower = (gut * v["splanchnic_vein_o2"] + kidney * v["kidney_o2"] + legs * v["lower_vein_o2"]) / below
    whole = (1.0 - below - heart) * upper + below * lower + heart * v["coronary_o2"]
    two = np.where(v["drain2_clamp"] < 0.5, 0.5, 0.0)
    site = {place: (1.0 - two) * v[f"drain1_{place}"] + two * v[f"drain2_{place}"] for place in ("svc", "ivc", "ra")}
    venous = site["svc"] * upper + site["ivc"] * lower + site["ra"] * whole
    gain = np.maximum(v["outlet_o2"] - venous, 1.0e-3)
    return np.where((share > 0.5) & (n["ecmo_flow"] > 0.2), np.clip((v["inlet_o2"] - venous) / gain, 0.0, 1.0), np.nan)


def rows_for(kernel_rows: Mapping[str, int]) -> list[str]:
    """Rows that `numerics` needs, as far as this structure has them."""
    return [name for name in (*BODY_ROWS, *CIRCUIT_ROWS, *device_numerics.ROWS) if name in kernel_rows]


def by_name(samples: Any, names: list[str]) -> dict[str, Array]:
    """Rows by name from [sample, row, lane]; lane axis kept."""
    return {name: samples[:, i] for i, name in enumerate(names)}
