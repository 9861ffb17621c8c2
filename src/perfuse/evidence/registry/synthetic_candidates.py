"""Candidates for ECMO: confounding by indication, immortal time, and potential outcomes from which the truth is counted.

Each morning somebody who is alive, in hospital and not yet on ECMO starts with a probability that rises with severity. Deaths follow a
Weibull hazard that ECMO multiplies by the causal hazard ratio from the start on; discharge competes with its own Weibull hazard.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from perfuse.evidence.registry.draws import Floats, lognormal

NEVER = np.inf
TRUTH_PATIENTS = 400_000
"""Patients drawn to count potential outcomes: the standard error of the risk difference is below 0.001."""


@dataclass(frozen=True)
class People:
    """Who they are, and the noise of their fate: everything that happens to them is a function of these and of the day of ECMO."""

    severity: Floats
    age: Floats
    starts: Floats
    death: Floats
    discharge: Floats

    @property
    def decade(self) -> Floats:
        """(age - 50) / 10"""
        return (self.age - 50.0) / 10.0


def people(rng: np.random.Generator, n: int) -> People:
    """Patients who meet criteria on day 0."""
    severity = np.round(rng.standard_normal(n), 3)
    age = np.round(np.clip(52 + 14 * rng.standard_normal(n), 18, 90), 1)
    return People(severity, age, rng.random((n, 32)), rng.exponential(1.0, n), rng.exponential(1.0, n))


def natural_start(who: People, p: Mapping[str, float]) -> Floats:
    """The day on which ECMO would start if the patient lived and stayed until then; never is infinite."""
    chance = expit(
        logit(p["candidates.start_per_day"]) + p["candidates.confounding"] * who.severity + p["candidates.start_age_decade"] * who.decade
    )
    days = int(p["candidates.last_start"]) + 1
    starts = who.starts[:, :days] < chance[:, None]
    return np.where(starts.any(axis=1), starts.argmax(axis=1).astype(float), NEVER)


def fate(who: People, start: Floats, p: Mapping[str, float]) -> tuple[Floats, Floats]:
    """Days of death and of discharge (the earlier one happens) if ECMO starts on day `start`, provided it is reached."""
    death_rate = np.exp(p["candidates.death_severity"] * who.severity + p["candidates.death_age_decade"] * who.decade)
    out_rate = np.exp(p["candidates.discharge_severity"] * who.severity)
    k, scale = p["candidates.death_shape"], p["candidates.death_scale"]
    before = np.where(np.isfinite(start), (np.where(np.isfinite(start), start, 0.0) / scale) ** k, np.inf)
    hazard = who.death / death_rate
    after = before + (hazard - np.where(np.isfinite(before), before, 0.0)) / p["candidates.hazard_ratio"]
    cumulative = np.where(hazard <= before, hazard, after)
    died = scale * cumulative ** (1 / k)
    out = p["candidates.discharge_scale"] * (who.discharge / out_rate) ** (1 / p["candidates.discharge_shape"])
    return died, out


def strategy_start(who: People, grace: float, p: Mapping[str, float]) -> Floats:
    """ "ECMO within `grace` days": the natural day where it is earlier, otherwise the last morning of the grace period."""
    return np.minimum(natural_start(who, p), grace)


def candidates(rng: Mapping[str, np.random.Generator], n: int, p: Mapping[str, float]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Columns of what was seen, and the truth."""
    draw = rng["candidates"]
    who = people(draw, n)
    start = natural_start(who, p)
    died, out = fate(who, start, p)
    end = np.minimum(np.minimum(died, out), p["candidates.follow_up"])
    cut = np.where(rng["censoring"].random(n) < p["censoring.share"], rng["censoring"].random(n) * p["candidates.horizon"], np.inf)
    seen = np.minimum(end, cut)
    ended = np.where(cut < end, "censored", np.where(died <= end, "died", np.where(out <= end, "discharged", "censored")))
    on = start < seen
    columns = {
        "age": who.age,
        "severity": who.severity,
        "female": draw.random(n) < 0.38,
        "pf_mmHg": np.round(np.clip(72 * np.exp(-0.16 * who.severity + 0.25 * draw.standard_normal(n)), 30, 300)),
        "lactate_mmol_L": np.round(2.4 * lognormal(draw, 1.0, 0.5, n) * np.exp(0.3 * who.severity), 1).clip(0.3, 28),
        "driving_pressure_cmH2O": np.round((17 + 1.6 * who.severity + 3 * draw.standard_normal(n)).clip(5, 40)),
        "ecmo_day": np.where(on, start, np.nan),
        "end_day": np.round(seen, 4),
        "ended_by": ended.astype(object),
    }
    return columns, _truth(p)


def _truth(p: Mapping[str, float]) -> dict[str, Any]:
    named = {name.split(".")[1]: value for name, value in p.items() if name.startswith("candidates.")}
    return {
        "model": "Weibull hazard of death, multiplied by the hazard ratio from the day of ECMO on; discharge competes",
        "hazard_ratio": named["hazard_ratio"],
        "log_hazard_ratio": float(np.log(named["hazard_ratio"])),
        "conditional_on": ["severity", "(age - 50) / 10"],
        "log_hazard_ratios": {"severity": named["death_severity"], "age_decade": named["death_age_decade"]},
        "log_odds_of_start": {"severity": named["confounding"], "age_decade": named["start_age_decade"]},
        "start": "each morning 0, 1, ... of those alive, in hospital and not on ECMO",
        "strategies": "within_grace: ECMO on the natural morning, or else on the last morning of the grace period; at_once: day 0; never",
        "grace_days": named["grace"],
        "horizon_days": named["horizon"],
        "estimand": "death in hospital within the horizon; discharge alive counts as alive",
        **potential(tuple(sorted((name, value) for name, value in p.items() if name.startswith("candidates.")))),
    }


@lru_cache(maxsize=8)
def potential(given: tuple[tuple[str, float], ...]) -> dict[str, Any]:
    """Risks of death by the horizon under each strategy, counted in a large sample of the same generator with a seed of its own."""
    p = dict(given)
    who = people(np.random.default_rng(19_880_401), TRUTH_PATIENTS)
    n = len(who.severity)
    starts: dict[str, NDArray[np.float64]] = {
        "within_grace": strategy_start(who, p["candidates.grace"], p),
        "at_once": np.zeros(n),
        "never": np.full(n, NEVER),
    }
    risk = {}
    for name, start in starts.items():
        died, out = fate(who, start, p)
        risk[name] = float(np.mean((died <= p["candidates.horizon"]) & (died <= out)))
    return {
        "risk": risk,
        "risk_difference": risk["within_grace"] - risk["never"],
        "risk_difference_at_once": risk["at_once"] - risk["never"],
        "counted_in": TRUTH_PATIENTS,
    }
