"""The methods of the laboratory side by side: what each asks, what it assumes, and the function that answers."""

from collections.abc import Callable
from dataclasses import dataclass

from perfuse.evidence.eolia.estimators import (
    Answer,
    as_treated,
    as_treated_over_time,
    extremes,
    intention_to_treat,
    per_protocol,
)
from perfuse.evidence.eolia.patients import Trial
from perfuse.evidence.eolia.rpsft import structural
from perfuse.evidence.eolia.weighting import CUT, censored_unweighted, censoring_weighted


@dataclass(frozen=True)
class Method:
    """One way to read the trial; `policy` when it asks for the effect of the strategy, not of ECMO against none."""

    name: str
    words: str
    question: str
    assumptions: tuple[str, ...]
    source: str
    answer: Callable[[Trial], Answer]
    naive: bool = False
    policy: bool = False


def _envelope(trial: Trial) -> Answer:
    """Both extremes as one interval; the middle is the ratio at half of the crossovers dead, and means nothing by itself."""
    high, low = extremes(trial)
    crossed = {
        "all_lived": high.rr,
        "all_died": low.rr,
        "all_lived_interval": [high.low, high.high],
        "all_died_interval": [low.low, low.high],
    }
    died, n = low.found["counts"]["ecmo"]
    most, others = low.found["counts"]["no_ecmo"]
    least = high.found["counts"]["no_ecmo"][0]
    middle = (died / n) / (0.5 * (most + least) / others)
    return Answer(float(middle), low.low, high.high, crossed)


METHODS: dict[str, Method] = {
    one.name: one
    for one in (
        Method(
            "intention-to-treat",
            "intention to treat",
            "By what factor does a policy of early ECMO change death by day 60, against ventilation with ECMO as a rescue?",
            (
                "Randomisation made the arms alike.",
                "The answer is about the policy: it says what ECMO does only if rescue ECMO does nothing.",
            ),
            "Combes 2018 N Engl J Med 378:1965",
            intention_to_treat,
            policy=True,
        ),
        Method(
            "per-protocol",
            "per protocol, crossovers left out",
            "What if the controls who crossed over are left out?",
            ("Controls who crossed would have died as often as those who stayed. They are sicker: this is false.",),
            "Hernan and Robins, N Engl J Med 2017;377:1391",
            per_protocol,
            naive=True,
        ),
        Method(
            "as-treated",
            "as treated, ever v never",
            "What if whoever had ECMO at any time counts as treated?",
            (
                "Who gets a rescue is as sick as who does not. They are sicker: this is false.",
                "The days before the rescue count as ECMO days, on which nobody can have died (immortal time).",
            ),
            "Suissa, Am J Epidemiol 2008;167:492",
            as_treated,
            naive=True,
        ),
        Method(
            "as-treated-over-time",
            "as treated, day by day (Cox)",
            "By what factor does the hazard change from the day ECMO starts?",
            (
                "At each moment, who starts ECMO differs from who does not only by severity at randomisation. Deterioration is ignored.",
                "Hazards are proportional; a rescue acts like early ECMO.",
            ),
            "Cox, J R Stat Soc B 1972;34:187",
            as_treated_over_time,
            naive=True,
        ),
        Method(
            "rpsft",
            "rank-preserving structural model",
            "What would controls have lived had none of them had ECMO, if ECMO stretches life by one factor?",
            (
                "ECMO multiplies the remaining life by one factor, the same for all, early or as a rescue (common effect).",
                "Randomisation made the arms alike; nothing is assumed about who crosses over.",
                "Recensoring at the shortest follow-up a crossover could have had throws late deaths away.",
                "To turn the factor into a risk ratio at day 60: proportional hazards and, for the limits, a Weibull law.",
                "The p value is that of intention to treat: the method gains no evidence, it only removes dilution.",
            ),
            "Robins and Tsiatis, Commun Stat 1991;20:2609; White et al., Stat Med 1999;18:209",
            structural,
        ),
        Method(
            "ipcw",
            "weights for crossing over (IPCW)",
            "What would controls have died of had none crossed over, reading it from those alike who did not?",
            (
                "Everything that drives both crossover and death is measured, day by day (no unmeasured confounding).",
                "On every morning, each kind of patient could have stayed without ECMO (positivity).",
                "The model of crossing is right: logistic in day, severity and, where on record, deterioration.",
            ),
            "Robins and Finkelstein, Biometrics 2000;56:779",
            censoring_weighted,
        ),
        Method(
            "ipcw-cut",
            "the same, weights cut at 99 %",
            "And with the largest weights cut?",
            ("As above; cut weights bring back part of the confounding for a steadier answer.",),
            "Cole and Hernan, Am J Epidemiol 2008;168:656",
            lambda trial: censoring_weighted(trial, CUT),
        ),
        Method(
            "censored",
            "crossover as censoring",
            "What if follow-up ends at the crossover as if by chance?",
            ("Who crosses would have fared as those who stayed (independent censoring). They are sicker: this is false.",),
            "Robins and Finkelstein, Biometrics 2000;56:779",
            censored_unweighted,
            naive=True,
        ),
        Method(
            "extremes",
            "best and worst case",
            "What if all who crossed would have lived without ECMO, or all would have died?",
            ("None: the truth lies within, apart from chance. The point in the middle means nothing by itself.",),
            "Manski, Am Econ Rev 1990;80:319",
            _envelope,
        ),
    )
}
