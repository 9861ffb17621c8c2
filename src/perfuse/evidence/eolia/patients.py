"""Simulated patients of a trial like EOLIA, with everything a real one hides: what each would have died of with and without ECMO.

    severity  s ~ N(0, 1)
    untreated death   T0, Weibull: hazard shape/scale (t/scale)^(shape-1) exp(b s)
    on ECMO from day c   T = c + (T0 - c) exp(-psi)        psi < 0 prolongs life (Robins and Tsiatis, Commun Stat 1991;20:2609)
    each morning j = 1, 2, .. of a control   "deteriorating" with probability 0.8 in the last 7 days of the untreated life, else 0.08
    crossover that morning   logit = intercept - j/7 + 0.4 s + 4.5 deteriorating

Those who cross are those who are about to die: confounding by indication whose size is known. All constants are assumed; they were chosen
so that, on average, the margins of EOLIA come out (28 % cross at a mean of 6.5 d, 57 % of them die, 46 % of all controls die by day 60).
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perfuse.evidence.eolia.published import count
from perfuse.parameters.problems import Problems

Array = NDArray[np.float64]
FOLLOWED = 90
"""d of follow-up."""
ENDPOINT = 60
"""d at which death is counted."""
ARRAYS = ("ecmo", "severity", "crossed", "time", "died", "marker", "untreated", "treated")
LARGE = 60_000
"""Individuals by whom a truth is computed."""


@dataclass(frozen=True)
class Mechanism:
    """How patients die, how ECMO acts and why controls cross over. Every number is assumed.

    psi                 log of the factor by which ECMO shrinks "untreated time" (exp(-psi) stretches life); 0: no effect
    late                share of psi that ECMO has when it starts as a rescue (1: as good as early)
    shape, control_risk of the untreated life: Weibull shape, 60-day mortality at mean severity
    severity_on_death   log hazard ratio per SD of severity
    intercept, fading   of the crossover's daily logit; fading in days
    severity_on_crossing, deterioration_on_crossing   log odds ratios
    window, warned, false_alarm   deterioration: days before untreated death, and its daily probability within and outside
    marker_known        whether an analyst sees the daily deterioration
    """

    name: str = "deterioration"
    words: str = "Those who deteriorate cross over, and the deterioration is on record."
    psi: float = -0.68
    late: float = 1.0
    shape: float = 0.7
    control_risk: float = 0.465
    severity_on_death: float = 0.6
    intercept: float = -5.3
    fading: float = 7.0
    severity_on_crossing: float = 0.4
    deterioration_on_crossing: float = 4.5
    window: float = 7.0
    warned: float = 0.8
    false_alarm: float = 0.08
    marker_known: bool = True


MECHANISMS: dict[str, Mechanism] = {
    one.name: one
    for one in (
        Mechanism(
            "random",
            "Crossover by lot: nothing that matters for survival decides it.",
            severity_on_crossing=0.0,
            deterioration_on_crossing=0.0,
        ),
        Mechanism("severity", "The sicker at randomisation cross over.", severity_on_crossing=1.2, deterioration_on_crossing=0.0),
        Mechanism(),
        Mechanism("hidden", "Those who deteriorate cross over, but only severity at randomisation is on record.", marker_known=False),
        Mechanism("late", "As deterioration, and ECMO as a rescue has half of the effect of early ECMO.", late=0.5),
    )
}


@dataclass(frozen=True)
class Trial:
    """One trial; arrays of n patients, days from randomisation.

    ecmo       randomised to ECMO (treated from day 0)
    severity   at randomisation, standardised
    crossed    day of crossover, infinite where none
    time, died end of follow-up and whether by death
    marker     (n, FOLLOWED) deterioration on the morning of day j (column j); all False in the ECMO arm
    untreated  day of death without any ECMO, treated: with ECMO from day 0 - which no trial sees
    """

    ecmo: NDArray[np.bool_]
    severity: Array
    crossed: Array
    time: Array
    died: NDArray[np.bool_]
    marker: NDArray[np.bool_]
    untreated: Array
    treated: Array
    mechanism: Mechanism

    def rows(self, which: NDArray[np.int64]) -> "Trial":
        """Some of the patients, in that order (with repetition, where asked)."""
        chosen: dict[str, Any] = {name: getattr(self, name)[which] for name in ARRAYS}
        return replace(self, **chosen)

    def dead_by(self, day: float) -> NDArray[np.bool_]:
        """Who was seen to die by a day."""
        return self.died & (self.time <= day)


def arm(rng: np.random.Generator, n: int, ecmo: bool, how: Mechanism) -> Trial:
    """n patients of one arm."""
    severity = rng.standard_normal(n)
    scale = ENDPOINT / (-np.log1p(-how.control_risk)) ** (1.0 / how.shape)
    untreated = scale * (rng.exponential(size=n) * np.exp(-how.severity_on_death * severity)) ** (1.0 / how.shape)
    treated = untreated * np.exp(-how.psi)
    marker = np.zeros((n, FOLLOWED), dtype=np.bool_)
    crossed = np.full(n, np.inf)
    death = treated
    if not ecmo:
        days = np.arange(1, FOLLOWED)
        near = untreated[:, None] - days < how.window
        marker[:, 1:] = rng.random((n, days.size)) < np.where(near, how.warned, how.false_alarm)
        logit = how.intercept - days / how.fading + how.severity_on_crossing * severity[:, None]
        logit = logit + how.deterioration_on_crossing * marker[:, 1:]
        crosses = (rng.random((n, days.size)) < 1.0 / (1.0 + np.exp(-logit))) & (untreated[:, None] > days) & (days < ENDPOINT)
        ever = crosses.any(axis=1)
        crossed[ever] = days[crosses.argmax(axis=1)][ever]
        since = np.where(ever, crossed, 0.0)
        death = np.where(ever, since + (untreated - since) * np.exp(-how.psi * how.late), untreated)
    time = np.minimum(death, float(FOLLOWED))
    return Trial(np.full(n, ecmo), severity, crossed, time, death <= FOLLOWED, marker, untreated, treated, how)


def joined(one: Trial, other: Trial) -> Trial:
    """Two arms as one trial."""
    both: dict[str, Any] = {name: np.concatenate([getattr(one, name), getattr(other, name)]) for name in ARRAYS}
    return replace(one, **both)


def simulate_trial(rng: np.random.Generator, how: Mechanism, n_ecmo: int | None = None, n_control: int | None = None) -> Trial:
    """A trial whose margins vary by chance; as many patients as EOLIA unless told otherwise."""
    n_ecmo = count("n_ecmo") if n_ecmo is None else n_ecmo
    n_control = count("n_control") if n_control is None else n_control
    return joined(arm(rng, n_ecmo, True, how), arm(rng, n_control, False, how))


@dataclass(frozen=True)
class Truth:
    """What the mechanism makes of very many patients: 60-day risks and risk ratios (1), computed by simulation.

    rr          early ECMO v no ECMO at all: what methods for crossover look for
    rr_policy   early ECMO v conventional ventilation with rescue: what intention to treat looks for
    """

    risk_ecmo: float
    risk_untreated: float
    risk_policy: float
    crossed: float
    crossing_day: float
    crossed_died: float

    @property
    def rr(self) -> float:
        """Early ECMO v none."""
        return self.risk_ecmo / self.risk_untreated

    @property
    def rr_policy(self) -> float:
        """Early ECMO v the strategy of the control arm."""
        return self.risk_ecmo / self.risk_policy


@lru_cache(maxsize=32)
def truth(how: Mechanism, seed: int = 7) -> Truth:
    """Risks of a mechanism, from LARGE controls and their potential outcomes."""
    large = arm(np.random.default_rng(seed), LARGE, False, how)
    ever = np.isfinite(large.crossed)
    dead = large.dead_by(ENDPOINT)
    return Truth(
        float((large.treated <= ENDPOINT).mean()),
        float((large.untreated <= ENDPOINT).mean()),
        float(dead.mean()),
        float(ever.mean()),
        float(large.crossed[ever].mean()) if ever.any() else float("nan"),
        float(dead[ever].mean()) if ever.any() else float("nan"),
    )


@lru_cache(maxsize=32)
def with_crossover(how: Mechanism, share: float, seed: int = 11) -> Mechanism:
    """The mechanism with the intercept at which a share (0-1) of controls crosses over, found by bisection on LARGE/4 patients."""
    problems = Problems("crossover")
    if not 0.0 <= share <= 0.9:
        problems.add(("crossover",), "this share of controls cannot cross over", value=share, allowed="0 to 0.9", hint="EOLIA had 0.28.")
        problems.raise_if_any()
    if share == 0.0:
        return replace(how, intercept=-60.0)
    low, high = -14.0, 6.0
    for _ in range(22):
        middle = 0.5 * (low + high)
        got = np.isfinite(arm(np.random.default_rng(seed), LARGE // 4, False, replace(how, intercept=middle)).crossed).mean()
        low, high = (middle, high) if got < share else (low, middle)
    found = 0.5 * (low + high)
    got = float(np.isfinite(arm(np.random.default_rng(seed), LARGE // 4, False, replace(how, intercept=found)).crossed).mean())
    if abs(got - share) > 0.02:
        problems.add(("crossover",), f"by this mechanism no more than {got:.2f} cross over before they die", value=share, allowed="less")
        problems.raise_if_any()
    return replace(how, intercept=found)
