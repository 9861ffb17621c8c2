"""Cardiac runs of the synthetic registry: competing ends of support by the direct construction of Fine and Gray (1999, their simulations).

Weaning has the subdistribution F1(t | x) = 1 - (1 - q G(t))^exp(b x), G a Weibull distribution: b is the log subdistribution hazard
ratio that a Fine-Gray model must recover. Who is not weaned dies on support, is transplanted or receives a durable device.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from perfuse.evidence.registry.draws import Floats, intercept, lognormal
from perfuse.evidence.registry.synthetic_runs import Drawn, Ends

OTHERS = ("died", "transplant", "durable_device")
GRID = np.array([0.5, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 17, 21, 25, 30, 40, 60], dtype=float)
"""Days at which the truth gives the cumulative incidences."""


def cardiac_ends(rng: np.random.Generator, who: Drawn, p: Mapping[str, float]) -> tuple[NDArray[np.bool_], Ends, dict[str, Any]]:
    """Which runs are cardiac, how they end, and the truth of it."""
    where = who.of("cardiac")
    x = {
        "severity": who.values["severity"][where],
        "age_decade": who.decade[where],
        "myocarditis": (who.diagnosis[where] == "myocarditis").astype(float),
    }
    n, severity = int(where.sum()), x["severity"]
    b = {name: p[f"weaning.{name}"] for name in x}
    ratio = np.exp(sum((b[name] * x[name] for name in x), np.zeros(n)))
    weaned_at_all = 1 - (1 - p["weaning.share"]) ** ratio
    weaned = rng.random(n) < weaned_at_all
    days = _weaning_day(rng.random(n), weaned_at_all, ratio, p)
    faster = np.exp(p["not_weaned.faster_per_severity"] * severity)
    shares, means = _others(p)
    which = np.searchsorted(np.cumsum(shares), rng.random(n), side="right").clip(0, 2)
    other_days = rng.exponential(1.0, n) * means[which] / faster
    run_days = np.clip(np.where(weaned, days, other_days), 1e-3, 400)
    ended = np.where(weaned, "weaned", np.array(OTHERS, dtype=object)[which]).astype(object)
    dead = ended == "died"
    died, after = _after(rng, x, ended, weaned_at_all, shares, p)
    later = lognormal(rng, 1.0, p["stay.later_spread"], n) * np.where(died, p["stay.later_death_days"], p["stay.later_days"])
    truth = {
        "model": "P(weaned by t) = 1 - (1 - q G(t))^exp(b x), G Weibull; the others die, are transplanted or receive a durable device",
        "applies_to": ["cardiac"],
        "covariates": {"severity": "as in the table", "age_decade": "(age - 50) / 10", "myocarditis": "diagnosis is myocarditis"},
        "log_subdistribution_hazard_ratios": b,
        "q": p["weaning.share"],
        "incidence": _incidence(ratio, faster, shares, means, p),
        "after_support": after,
    }
    return where, Ends(run_days, ended, run_days + np.where(dead, 0.0, later), died), truth


def _others(p: Mapping[str, float]) -> tuple[Floats, Floats]:
    died, transplant = p["not_weaned.share_died"], p["not_weaned.share_transplant"]
    shares = np.array([died, transplant, 1 - died - transplant])
    return shares, np.array([p["not_weaned.days_died"], p["not_weaned.days_transplant"], p["not_weaned.days_durable"]])


def _weaning_day(u: Floats, weaned_at_all: Floats, ratio: Floats, p: Mapping[str, float]) -> Floats:
    """The day at which the subdistribution, given that it happens, reaches u."""
    g = (1 - (1 - u * weaned_at_all) ** (1 / ratio)) / p["weaning.share"]
    return np.asarray(p["weaning.scale_days"] * (-np.log1p(-np.clip(g, 0, 1 - 1e-12))) ** (1 / p["weaning.shape"]))


def _incidence(ratio: Floats, faster: Floats, shares: Floats, means: Floats, p: Mapping[str, float]) -> dict[str, list[float]]:
    """Cumulative incidences of the four ends, averaged over the drawn patients, as if nothing were cut off."""
    g = -np.expm1(-((GRID / p["weaning.scale_days"]) ** p["weaning.shape"]))
    out: dict[str, list[float]] = {"days": GRID.tolist()}
    if not len(ratio):
        return {**out, **{name: [] for name in ("weaned", *OTHERS)}, "days": []}
    out["weaned"] = [float(np.mean(1 - (1 - p["weaning.share"] * one) ** ratio)) for one in g]
    not_weaned = (1 - p["weaning.share"]) ** ratio
    for name, share, mean in zip(OTHERS, shares, means, strict=True):
        out[name] = [float(np.mean(not_weaned * share * -np.expm1(-day * faster / mean))) for day in GRID]
    return out


def _after(
    rng: np.random.Generator,
    x: Mapping[str, Floats],
    ended: NDArray[Any],
    weaned_at_all: Floats,
    shares: Floats,
    p: Mapping[str, float],
) -> tuple[NDArray[np.bool_], dict[str, Any]]:
    """Deaths in hospital after support, at the level at which the expected deaths of all cardiac runs are the margin."""
    respected = p["mortality.va"] * (1 - p["registry.share_respiratory"]) - p["mortality.ecpr"] * p["registry.share_ecpr"]
    cardiac_share = 1 - p["registry.share_respiratory"] - p["registry.share_ecpr"]
    target = respected / cardiac_share if cardiac_share > 0 else 0.0
    bridged = ~np.isin(ended, ("weaned", "died"))
    linear = p["after.severity"] * x["severity"] + p["after.age_decade"] * x["age_decade"] + p["after.bridged"] * bridged
    on_support = float(np.mean((1 - weaned_at_all) * shares[0])) if len(ended) else 0.0
    left = ended != "died"
    later = min(max((target - on_support) / max(1 - on_support, 1e-9), 1e-3), 1 - 1e-3)
    c = intercept(linear[left], later)
    died = (ended == "died") | (left & (rng.random(len(ended)) < expit(linear + c)))
    said = {
        "model": "logit P(died in hospital after support) = intercept + severity, age_decade, bridged",
        "intercept": c,
        "coefficients": {name: p[f"after.{name}"] for name in ("severity", "age_decade", "bridged")},
        "expected_hospital_death": target,
        "expected_death_on_support": on_support,
    }
    return died, said
