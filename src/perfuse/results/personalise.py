"""From bedside measurements to a patient: which parameter answers to which reading, and how well each was met.

Describes a model fitted to numbers, not a person.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from perfuse.engine.kernel import LANES
from perfuse.parameters.library import load_patient
from perfuse.parameters.tables import bedside as bedside_table
from perfuse.parameters.tables import scaled
from perfuse.physiology.acid_base import oxygenated_base_excess
from perfuse.physiology.blood import so2
from perfuse.results.course import column, settled
from perfuse.results.fit import RESTARTS, Fit, Free, Target, Values, batches, fit
from perfuse.results.numerics import body_surface, by_name, numerics, rows_for

SECONDS = 300.0
READ = 20.0

# free parameter -> readings that can determine it, range, spread of the prior (on the logistic scale), all assumed
FREE: dict[str, tuple[tuple[str, ...], float, float, float]] = {
    "svr": (("MAP",), 2.0, 60.0, 1.0),
    "lv_contractility": (("CO", "LVEF", "PCWP"), 0.05, 6.0, 1.0),
    "blood_volume": (("CVP", "PCWP", "CO"), 2500.0, 10000.0, 0.6),
    "rv_contractility": (("CVP", "mPAP"), 0.05, 3.0, 0.8),
    "pvr": (("mPAP",), 0.15, 15.0, 1.0),
    "lv_alpha": (("PCWP", "LVEF"), 0.006, 0.05, 0.5),
    "heart_rate": (("HR",), 25.0, 200.0, 1.0),
    "shunt": (("PaO2", "SaO2"), 0.001, 0.975, 1.5),
    "dead_share": (("PaCO2",), 0.005, 0.85, 1.5),
    "vo2": (("SvO2",), 80.0, 600.0, 0.7),
}
TOLERANCE = {
    "MAP": 1.0,
    "CVP": 0.5,
    "PCWP": 0.7,
    "mPAP": 1.0,
    "CO": 0.08,
    "LVEF": 1.5,
    "HR": 1.0,
    "PaO2": 1.5,
    "SaO2": 0.7,
    "PaCO2": 0.7,
    "SvO2": 1.0,
}
READING = {"SaO2": "SaO2_right_radial"}


def direct(measured: Mapping[str, float], values: Values) -> Values:
    """Measurements that are parameters, or follow from each other without a simulation."""
    v = scaled(values, measured["weight"]) if "weight" in measured else dict(values)
    for name, parameter in (
        ("height", "height"),
        ("Hb", "hb"),
        ("temperature", "temperature"),
        ("lactate", "lactate"),
        ("VO2", "vo2"),
        ("FiO2", "vent_fio2"),
        ("PEEP", "vent_peep"),
        ("RR", "vent_rate"),
        ("VT", "vent_vt"),
        ("shunt", "shunt"),
        ("HR", "heart_rate"),
        ("MAP", "baroreflex_set_point"),
    ):
        if name in measured:
            v[parameter] = measured[name]
    # a raised lactate is kept up: about what is cleared at 0.6 of normal liver flow is made, and goes on being made for hours after flow is
    # restored (assumed; the mechanisms note has 8 fall to 5.5-7.5 mmol/L in an hour of good flow)
    v["lactate_load"] = max(0.7 * v["weight"] / 70.0 * v["lactate"] - v["weight"] / 60.0, 0.0)
    own_compliance = v["lung_compliance"]
    ventilated = any(name in measured for name in ("VT", "PEEP", "Pplat", "RR"))
    if ventilated:
        v |= {"vent_mode": 1.0 if "VT" in measured else 0.0, "sedation": 0.0, "baroreflex_gain": 0.5, "chemoreflex_gain": 0.5}
    if "Crs" in measured:
        v["lung_compliance"] = measured["Crs"]
    elif {"Pplat", "VT"} <= measured.keys():
        v["lung_compliance"] = measured["VT"] / max(measured["Pplat"] - v["vent_peep"], 1.0)
    if "Pplat" in measured and "VT" not in measured:
        v["vent_driving"] = measured["Pplat"] - v["vent_peep"]
    if "Crs" in measured or "Pplat" in measured:
        stiff = v["lung_compliance"] / own_compliance
        v["lung_capacity"] *= min(max(stiff, 0.25), 1.0)
        v["chest_wall_share"] = 0.5 if stiff > 0.6 else 0.3
        v["airway_resistance"] = 10.0
        if stiff < 0.6:
            v |= {"oedema_pressure": 15.0, "recruitability": 0.02, "recruitment_pressure": (v["vent_peep"] + 4.0) * 0.735559}
    if {"pH", "PaCO2"} <= measured.keys():
        saturation = (
            measured["SaO2"] / 100.0
            if "SaO2" in measured
            else so2(measured.get("PaO2", 90.0), measured["pH"], measured["PaCO2"], v["temperature"])
        )
        v["base_excess"] = oxygenated_base_excess(measured["pH"], measured["PaCO2"], v["hb"], saturation)
        v["breath_set_pco2"] = measured["PaCO2"]
    if "PaO2" in measured and "shunt" not in measured:
        v["shunt"] = min(max(0.5 - 0.001 * measured["PaO2"] / v["vent_fio2"], 0.02), 0.9)
    if "PaCO2" in measured and v["vent_mode"] < 1.5:
        v["breath_set_pco2"] = measured["PaCO2"]
        volume = v["vent_vt"] if "VT" in measured else v["vent_driving"] * v["lung_compliance"]
        needed = 863.0 * v["vo2"] * v["quotient"] / measured["PaCO2"]
        v["dead_share"] = min(max(1.0 - needed / max(v["vent_rate"] * (volume - v["dead_space"]), 1.0), 0.02), 0.8)
    return v


def targets_of(measured: Mapping[str, float]) -> list[Target]:
    """Readings that a simulation must reach."""
    found = []
    for name, tolerance in TOLERANCE.items():
        if name in measured:
            scale = measured[name] if name in ("CO",) else 1.0
            found.append(Target(READING.get(name, name), measured[name], max(tolerance * scale / (5.0 if name == "CO" else 1.0), 0.02)))
    if "PaO2" in measured:
        found = [t for t in found if t.name != "SaO2_right_radial"]
    return found


def frees_of(measured: Mapping[str, float]) -> list[Free]:
    """Parameters that the readings can determine."""
    asked = set(measured)
    fixed = {"vo2"} if "VO2" in asked else set()
    fixed |= {"shunt"} if "shunt" in asked and not asked & {"PaO2", "SaO2"} else set()
    return [
        Free(name, low, high, spread) for name, (readings, low, high, spread) in FREE.items() if asked & set(readings) and name not in fixed
    ]


def measure_settled(
    group: Sequence[Values], columns: Sequence[Mapping[str, float]], structure: str, seconds: float
) -> list[dict[str, float]]:
    """Means over READ s of what patients of one batch show, each settled in its column for so many seconds."""
    engine = settled(columns, structure, LANES, seconds)
    names = rows_for(engine.kernel.rows)
    rows, _ = engine.advance(READ, names)
    shown = (numerics(by_name(rows[:, :, i], names), body_surface(v["weight"], v["height"])) for i, v in enumerate(group))
    return [{name: float(a.mean()) for name, a in n.items()} for n in shown]


def measure_alone(tries: Sequence[Values]) -> list[dict[str, float]]:
    """Readings of settled patients without support."""
    return [shown for group in batches(tries) for shown in measure_settled(group, [column(v, None) for v in group], "patient", SECONDS)]


def fit_bedside(choice: Any) -> tuple[dict[str, float], Any, list[dict[str, Any]]]:
    """Parameters of a patient given by bedside measurements, the library patient it started from, and how each measurement was met."""
    library = load_patient(choice.library or "healthy-adult")
    values = {name: quantity.value for name, quantity in library.parameters.items()}
    measured = choice.measurements
    start = direct(measured, values) | choice.changes
    frees = [free for free in frees_of(measured) if free.name not in choice.changes]
    found = fit(start, frees, targets_of(measured), measure_alone, restarts=RESTARTS)
    return found.values, library, met(measured, found)


def met(measured: Mapping[str, float], found: Fit) -> list[dict[str, Any]]:
    """Asked and reached, by measurement. Within 10 % or 2 units of the reading counts as met."""
    rows = []
    table = bedside_table()
    given = {"weight", "height", "age", "sex"}
    same = {
        "Hb": "Hb",
        "lactate": "lactate",
        "temperature": "temperature",
        "VO2": "VO2",
        "FiO2": "FiO2",
        "PEEP": "PEEP",
        "VT": "VT",
        "RR": "RR",
    }
    for name, asked in measured.items():
        if name in given:
            continue
        reached = found.readings.get(READING.get(name, same.get(name, name)))
        if reached is None:
            continue
        close = abs(reached - asked) <= max(0.10 * abs(asked), 2.0 if name in ("MAP", "CVP", "PCWP", "mPAP") else 0.0)
        rows.append(
            {
                "name": name,
                "asked": asked,
                "reached": round(reached, 4),
                "difference": round(reached - asked, 4),
                "unit": table[name].unit,
                "met": bool(close),
            }
        )
    return rows
