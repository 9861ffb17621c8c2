"""One door to the analyses: a kind by its name, inputs as they stand in the published vectors, a mapping as the answer."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from perfuse.evidence.trials import bayes, hierarchical, meta, proportions
from perfuse.evidence.trials.needed_to_treat import needed
from perfuse.evidence.trials.studies import read_one_arm, read_studies
from perfuse.evidence.trials.two_arms import MEASURES, Measure, counts, effect, newcombe, peto
from perfuse.parameters.problems import InputError, Problem, did_you_mean

ARMS = ("e1", "n1", "e0", "n0")
Answer = dict[str, Any]


def analysis(kind: str, **inputs: Any) -> Answer:
    """An analysis by its kind; `kinds()` lists them.

    risk_ratio, odds_ratio, risk_difference, nnt, peto   e1, n1, e0, n0 (events and patients, arm 1 the intervention)
    meta_rr, meta_or, meta_rd                            studies: list of {study, e1, n1, e0, n0}; [estimate, low, high] of each model
    meta_proportion_logit_DL                             studies: list of {study, events, n}
    bayes_rr                                             e1, n1, e0, n0, prior {log_rr_mean, log_rr_sd, pc}
    bayes_meta_rr, bayes_meta_or                         studies; tau_scale of the half-normal prior (0.5)

    Ratios and risks are plain numbers, I2 is in per cent; every interval is 95 % unless `level` says otherwise. Unknown kinds and inputs
    that cannot be used raise InputError with every problem.
    """
    known = _kinds()
    if kind not in known:
        raise InputError([Problem("kind", f"'{kind}' is no analysis", value=str(kind), hint=did_you_mean(str(kind), known))])
    function, needed_inputs, optional = known[kind]
    allowed = (*needed_inputs, *optional)
    found = [Problem(name, "this input is missing") for name in needed_inputs if name not in inputs]
    found += [Problem(name, f"'{name}' is no input of {kind}", hint=did_you_mean(name, allowed)) for name in inputs if name not in allowed]
    if found:
        raise InputError(found, kind)
    return function(**inputs)


def kinds() -> dict[str, tuple[str, ...]]:
    """Every kind of analysis with the inputs that it needs."""
    return {name: needs for name, (_, needs, _) in _kinds().items()}


def _kinds() -> Mapping[str, tuple[Callable[..., Answer], tuple[str, ...], tuple[str, ...]]]:
    level = ("level",)
    return {
        "risk_ratio": (lambda **given: _two("rr", **given), ARMS, level),
        "odds_ratio": (lambda **given: _two("or", **given), ARMS, level),
        "risk_difference": (lambda **given: _two("rd", **given), ARMS, level),
        "nnt": (_nnt, ARMS, level),
        "peto": (lambda level=0.95, **given: peto(counts(**given), level).as_data(), ARMS, level),
        **{f"meta_{m}": (lambda m=m, **given: _meta(m, **given), ("studies",), ("level", "model")) for m in MEASURES},
        "meta_proportion_logit_DL": (_proportions, ("studies",), level),
        "bayes_rr": (_bayes, (*ARMS, "prior"), ("likelihood", "benefits")),
        **{
            f"bayes_meta_{m}": (lambda m=m, **given: _hierarchical(m, **given), ("studies",), ("tau_scale", "mean", "sd"))
            for m in ("rr", "or")
        },
    }


def _two(measure: str, level: float = 0.95, **given: Any) -> Answer:
    table = counts(**given)
    answer: Answer = dict(effect(table, cast(Measure, measure), level).as_data())
    if measure == "rd":
        low, high = newcombe(table, level)
        answer |= {"newcombe_low": low, "newcombe_high": high, **_needed(answer["rd"], low, high)}
    return answer


def _nnt(level: float = 0.95, **given: Any) -> Answer:
    table = counts(**given)
    one = effect(table, "rd", level)
    low, high = newcombe(table, level)
    return {"rd": one.value, "ci_low": low, "ci_high": high, "interval": "Newcombe", **_needed(one.value, low, high)}


def _needed(rd: float, low: float, high: float) -> Answer:
    found = needed(rd, low, high)
    return {
        "nnt": found.value, "nnt_counts": found.counts, "nnt_fewer": found.fewer, "nnt_more": found.more,
        "nnt_through_infinity": found.through_infinity, "nnt_text": found.text,
    }  # fmt: skip


def _meta(measure: str, studies: Any, level: float = 0.95, model: str | None = None) -> Answer:
    return meta.summary(meta.meta_analysis(read_studies(studies), cast(Measure, measure), level, model))


def _proportions(studies: Any, level: float = 0.95) -> Answer:
    return proportions.summary(read_one_arm(studies), level)


def _bayes(prior: Any, likelihood: Any = "binomial", benefits: Any = (), **given: Any) -> Answer:
    words = str(likelihood).lower()
    if not words.startswith(("binomial", "normal")):
        raise InputError([Problem("likelihood", "this likelihood is not known", value=str(likelihood), allowed="binomial, normal")])
    found = bayes.posterior(counts(**given), bayes.prior_of(prior), exact=words.startswith("binomial"))
    return bayes.summary(found, _percents(benefits))


def _percents(benefits: Any) -> tuple[float, ...]:
    wrong = [b for b in benefits if isinstance(b, bool) or not isinstance(b, int | float) or not 0.0 < b < 100.0]
    if wrong:
        raise InputError(
            [Problem("benefits", "a benefit is an absolute reduction in per cent", value=str(wrong), allowed="above 0, below 100")]
        )
    return tuple(float(b) for b in benefits)


def _hierarchical(measure: str, studies: Any, tau_scale: float = 0.5, mean: float = 0.0, sd: float = 10.0) -> Answer:
    pooled = meta.meta_analysis(read_studies(studies), cast(Measure, measure))
    found = hierarchical.hierarchical(pooled.y, pooled.v, tau_scale, mean, sd)
    return {**hierarchical.summary(found), "tau_scale": tau_scale, "left_out": list(pooled.left_out), "corrected": list(pooled.corrected)}
