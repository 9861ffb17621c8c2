"""Runs of the synthetic registry: who is supported where, what the truth of the outcome is, and how it turns out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from perfuse.evidence.registry.draws import Floats, category, data, intercept, lognormal, value

INDICATIONS = np.array(["respiratory", "cardiac", "ecpr"], dtype=object)
REFERENCE_VOLUME = 16.0
"""Runs a year at which the effect of volume is zero."""
COVARIATES = ("severity", "age_decade", "immunocompromised", "cns_dysfunction", "cardiac_arrest")


@dataclass(frozen=True)
class Drawn:
    """Patients before support: arrays of one length, in the order of the runs."""

    centre: NDArray[np.int64]
    year: NDArray[np.int64]
    volume: Floats
    indication: NDArray[Any]
    diagnosis: NDArray[Any]
    mode: NDArray[Any]
    bridge: NDArray[Any]
    values: Mapping[str, Floats]
    centre_effect: Floats
    centres: int

    def of(self, *indications: str) -> NDArray[np.bool_]:
        """Which runs have one of these indications."""
        return np.isin(self.indication, indications)

    @property
    def decade(self) -> Floats:
        """(age - 50) / 10"""
        return (self.values["age"] - 50.0) / 10.0


@dataclass(frozen=True)
class Ends:
    """How runs end if nothing is cut off: days on support, by what, days in hospital, alive or dead."""

    run_days: Floats
    ended_by: NDArray[Any]
    hospital_days: Floats
    died: NDArray[np.bool_]

    def but(self, where: NDArray[np.bool_], other: "Ends") -> "Ends":
        """The same, with the runs marked in `where` ending as `other` says, in order."""

        def put(mine: NDArray[Any], theirs: NDArray[Any]) -> NDArray[Any]:
            whole = mine.copy()
            whole[where] = theirs
            return whole

        return Ends(
            put(self.run_days, other.run_days),
            put(self.ended_by, other.ended_by),
            put(self.hospital_days, other.hospital_days),
            put(self.died, other.died),
        )


def volume_effect(volume: Floats, per_doubling: float, plateau: float | None) -> Floats:
    """Log odds ratio of death at an annual volume, against 16 runs a year.

    per_doubling · log2(v / 16); with a plateau P, v / (1 + v / P) stands for v, which bends the curve flat near P runs a year.
    """
    if plateau is None:
        return np.asarray(per_doubling * np.log2(volume / REFERENCE_VOLUME))
    bent, reference = volume / (1 + volume / plateau), REFERENCE_VOLUME / (1 + REFERENCE_VOLUME / plateau)
    return np.asarray(per_doubling * np.log2(bent / reference))


def drawn(rng: Mapping[str, np.random.Generator], runs: int, centres: int, p: Mapping[str, float]) -> Drawn:
    """Centres of very different size, and their patients."""
    place, patients = rng["place"], rng["patients"]
    years = int(p["registry.years"])
    size = np.exp(p["registry.volume_spread"] * place.standard_normal(centres))
    centre = np.searchsorted(np.cumsum(size) / size.sum(), place.random(runs), side="right").clip(0, centres - 1)
    year = place.integers(0, years, runs)
    counts = np.bincount(centre * years + year, minlength=centres * years)
    volume = counts[centre * years + year].astype(float)
    effect = p["volume.centre_sd"] * place.standard_normal(centres)
    shares = (p["registry.share_respiratory"], 1 - p["registry.share_respiratory"] - p["registry.share_ecpr"], p["registry.share_ecpr"])
    indication = INDICATIONS[np.searchsorted(np.cumsum(shares), patients.random(runs), side="right").clip(0, 2)]
    mix = p["registry.case_mix_per_doubling"] * np.log2(volume / REFERENCE_VOLUME)
    raw = patients.standard_normal(runs) + mix
    severity = np.round(raw - raw.mean(), 3)
    words = {name: _words(patients, name, indication) for name in ("diagnoses", "modes", "bridges")}
    values = _values(patients, indication, severity)
    return Drawn(
        centre,
        year + int(p["registry.first_year"]),
        volume,
        indication,
        words["diagnoses"],
        words["modes"],
        words["bridges"],
        values,
        effect,
        centres,
    )


def _words(rng: np.random.Generator, kind: str, indication: NDArray[Any]) -> NDArray[Any]:
    out = np.empty(len(indication), dtype=object)
    for name, shares in data("synthetic_values.yaml")[kind].items():
        where = indication == name
        out[where] = category(rng, shares, int(where.sum()))
    return out


def _values(rng: np.random.Generator, indication: NDArray[Any], severity: Floats) -> dict[str, Floats]:
    table = data("synthetic_values.yaml")
    lungs = indication == "respiratory"
    out: dict[str, Floats] = {"severity": severity}
    for name in table["respiratory"]:
        here, there = (value(rng, table[kind][name], severity) for kind in ("respiratory", "cardiac"))
        out[name] = np.where(lungs, here, there)
    ecpr = indication == "ecpr"
    out["cardiac_arrest"] = np.where(ecpr, 1.0, out["cardiac_arrest"])
    out["pip_cmH2O"] = np.clip(out["pplat_cmH2O"] + out.pop("pip_over_plat"), 5, 80)
    out["driving_pressure_cmH2O"] = np.clip(out["pplat_cmH2O"] - out["peep_cmH2O"], 3, 40)
    for name, digits in _DIGITS.items():
        out[name] = np.round(out[name], digits)
    out["pao2_mmHg"] = np.round(np.clip(out["pf_mmHg"] * out["fio2"], 15, 700), 1)
    out["dbp_mmHg"] = np.round(np.clip(out["map_mmHg"] - out["pulse_pressure_mmHg"] / 3, 5, 140), 0)
    out["sbp_mmHg"] = np.clip(out["dbp_mmHg"] + out["pulse_pressure_mmHg"], 20, 260)
    # Henderson and Hasselbalch: pK 6.1, solubility 0.0307 mmol/L/mmHg
    out["hco3_mmol_L"] = np.round(np.clip(0.0307 * out["paco2_mmHg"] * 10 ** (out["pH"] - 6.1), 1, 50), 1)
    out["intubation_hours"] = out["mv_hours"]
    out["acute_renal_failure"] = (out["creatinine_mg_dL"] > 1.5).astype(float)
    out["liver_failure"] = (out["bilirubin_mg_dL"] >= 33 / 17.1).astype(float)
    height = np.where(out["female"] > 0, 164.0, 177.0) + 7.0 * rng.standard_normal(len(severity))
    out["height_cm"] = np.round(np.clip(height, 140, 210), 0)
    bmi = np.clip(27.0 * np.exp(0.20 * rng.standard_normal(len(severity))), 16, 60)
    out["weight_kg"] = np.round(np.clip(bmi * (out["height_cm"] / 100) ** 2, 35, 250), 0)
    minutes = np.clip(12 + 45 * np.exp(0.35 * rng.standard_normal(len(severity))), 10, 240)
    out["arrest_to_ecmo_min"] = np.where(ecpr, np.round(minutes), np.nan)
    out["no_flow_min"] = np.where(ecpr, np.round(rng.exponential(2.0, len(severity)).clip(0, 30)), np.nan)
    return out


_DIGITS = {
    "age": 1, "fio2": 2, "pf_mmHg": 0, "paco2_mmHg": 0, "pH": 2, "peep_cmH2O": 0, "pplat_cmH2O": 0, "pip_cmH2O": 0,
    "driving_pressure_cmH2O": 0, "rr": 0, "map_mmHg": 0, "pulse_pressure_mmHg": 0, "lactate_mmol_L": 1, "platelets_10e9_L": 0,
    "creatinine_mg_dL": 2, "bilirubin_mg_dL": 1, "hb_g_dL": 1, "mv_hours": 1, "sofa": 0, "lvef_pct": 0, "norepinephrine": 2,
}  # fmt: skip


def logistic_deaths(
    rng: np.random.Generator, who: Drawn, p: Mapping[str, float], plateau: float | None
) -> tuple[NDArray[np.bool_], dict[str, Any]]:
    """Hospital death of respiratory and ECPR runs, and the truth of it.

    logit p = intercept(indication) + sum of coefficient · covariate + effect of the centre + effect of its annual volume.
    The intercept is solved so that the expected deaths of the drawn patients are the published margin.
    """
    coefficients = {name: p[f"effects.{name}"] for name in COVARIATES}
    linear = volume_effect(who.volume, p["volume.log_or_per_doubling"], plateau) + who.centre_effect[who.centre]
    for name, b in coefficients.items():
        linear = linear + b * covariate(who, name)
    died = np.zeros(len(linear), dtype=bool)
    intercepts: dict[str, float] = {}
    chance = rng.random(len(linear))
    for kind in ("respiratory", "ecpr"):
        where = who.of(kind)
        intercepts[kind] = intercept(linear[where], p[f"mortality.{kind}"])
        died[where] = chance[where] < expit(linear[where] + intercepts[kind])
    curve = np.array([1.0, 2.0, 3.0, 6.0, 10.0, 15.0, 22.0, 30.0, 45.0, 60.0, 90.0, 120.0])
    effects = volume_effect(curve, p["volume.log_or_per_doubling"], plateau)
    truth = {
        "model": "logit P(died in hospital) = intercept of the indication + coefficients x covariates + centre effect + volume effect",
        "applies_to": ["respiratory", "ecpr"],
        "covariates": {
            "age_decade": "(age - 50) / 10",
            "cardiac_arrest": "respiratory runs only; 0 for ECPR, whose intercept holds it",
            "others": "as in the tables, true is 1",
        },
        "intercepts": intercepts,
        "coefficients": coefficients,
        "centre_sd": p["volume.centre_sd"],
        "volume": {
            "log_or_per_doubling": p["volume.log_or_per_doubling"],
            "plateau": plateau,
            "reference": REFERENCE_VOLUME,
            "curve": {"annual_volume": curve.tolist(), "log_or": effects.tolist()},
        },
        "expected": {kind: p[f"mortality.{kind}"] for kind in ("respiratory", "ecpr")},
    }
    return died, truth


def covariate(who: Drawn, name: str) -> Floats:
    """A covariate of the logistic model, one value per run."""
    if name == "age_decade":
        return who.decade
    if name == "cardiac_arrest":
        return np.where(who.of("respiratory"), who.values[name], 0.0)
    return who.values[name]


def stays(rng: np.random.Generator, who: Drawn, died: NDArray[np.bool_], p: Mapping[str, float]) -> Ends:
    """Days of respiratory and ECPR runs, given who dies in hospital; the rows of cardiac runs are replaced later."""
    n = len(died)
    median = np.where(who.of("ecpr"), p["stay.ecpr_days"], p["stay.vv_days"])
    run_days = median * lognormal(rng, 1.0, p["stay.spread"], n) * np.exp(0.1 * who.values["severity"])
    on_support = died & (rng.random(n) < p["stay.died_on_support"])
    transplanted = ~died & who.of("respiratory") & (rng.random(n) < p["stay.transplanted"])
    ended = np.where(on_support, "died", np.where(transplanted, "transplant", "weaned")).astype(object)
    later = lognormal(rng, 1.0, p["stay.later_spread"], n) * np.where(died, p["stay.later_death_days"], p["stay.later_days"])
    run_days = np.clip(run_days, 0.05, 300)
    return Ends(run_days, ended, run_days + np.where(on_support, 0.0, later), died)
