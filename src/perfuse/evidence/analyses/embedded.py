"""The embedded registry that an analysis runs on when none is given, and the truth that it was made from."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.special import expit, logit

POINT = {"candidates.last_start": 0.0, "candidates.grace": 0.0, "candidates.start_per_day": 0.15}
"""Changes for which everybody is treated on day 0 or never: confounding by indication without immortal time."""
RUNS, SEED = 20_000, 1


@dataclass(frozen=True)
class Embedded:
    """A synthetic registry (`source` for evidence.registry.flat), its truth, and how it was made in words."""

    source: Any
    truth: dict[str, Any]
    words: str


def made(runs: int = RUNS, seed: int = SEED, *, point: bool = False, whole: bool = False) -> Embedded:
    """A synthetic registry.

    point   treatment of candidates on day 0 or never
    whole   no report ends early, so that every outcome is known
    """
    from perfuse.evidence.registry.synthetic import synthesise

    made = synthesise(runs, seed, course=False, change=POINT if point else None, censoring=0.0 if point or whole else None)
    words = f"embedded synthetic registry, {runs} runs, seed {seed}"
    words += ", candidates treated on day 0 or never" if point else ""
    words += ", every outcome seen" if point or whole else ", some reports end early"
    return Embedded(made, dict(made.truth), words)


@lru_cache(maxsize=8)
def treatment_truth(estimand: str, horizon: float = 60.0, people: int = 400_000, seed: int = 20_201_103) -> dict[str, float]:
    """Truth of the point treatment by estimand (ATE, ATT, ATO), from both potential outcomes of the same many people.

    Returns risk_treated, risk_untreated and risk_difference in %, risk_ratio, odds_ratio. ATT weighs people by their chance of treatment
    e, ATO by e (1 - e). The standard error of the difference is about 0.1 percentage points.
    """
    from perfuse.evidence.registry import synthetic_candidates as candidates
    from perfuse.evidence.registry.draws import parameters

    p = parameters(POINT)
    who = candidates.people(np.random.default_rng(seed), people)
    chance = expit(
        logit(p["candidates.start_per_day"]) + p["candidates.confounding"] * who.severity + p["candidates.start_age_decade"] * who.decade
    )
    weight = {"ATE": np.ones(people), "ATT": chance, "ATO": chance * (1.0 - chance)}[estimand]
    risks = []
    for start in (0.0, np.inf):
        died, out = candidates.fate(who, np.full(people, start), p)
        risks.append(float(np.average((died <= horizon) & (died <= out), weights=weight)))
    p1, p0 = risks
    return {
        "risk_treated": 100 * p1,
        "risk_untreated": 100 * p0,
        "risk_difference": 100 * (p1 - p0),
        "risk_ratio": p1 / p0,
        "odds_ratio": p1 * (1 - p0) / (p0 * (1 - p1)),
    }
