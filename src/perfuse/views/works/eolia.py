"""EOLIA (Combes 2018): its counts, its pool with CESAR, its re-analysis with priors, its early stop and its crossover."""

from perfuse.evidence.eolia.crossover import crossover_findings, estimators_table, notes
from perfuse.evidence.eolia.replicates import compared
from perfuse.evidence.eolia.sequential import design_finding
from perfuse.evidence.finding import Finding
from perfuse.evidence.trials import bayes
from perfuse.evidence.trials.dataset import comparison
from perfuse.evidence.trials.meta import meta_analysis, summary
from perfuse.evidence.trials.pools import pool_named
from perfuse.evidence.trials.reanalyses import Reanalysis, reanalyses
from perfuse.views import eolia_page
from perfuse.views.forest import forest_of
from perfuse.views.page import both_widths, figure
from perfuse.views.prior_figures import prior_map, three_curves
from perfuse.views.works.parts import check, of, sources
from perfuse.views.works.work import Check, Work

MAIN = "eolia-death-at-60-d"
ARMS = ("ECMO", "control")
CROSSOVER = 35 / 125
REPLICATES = 100
"""Simulated trials per mechanism; enough to see bias, too few for the second digit of coverage."""
MAP = "Probability of any benefit for every normal prior: how much scepticism it takes to doubt it."
WORDS = {
    "med": "median RR", "lo": "lower limit", "hi": "upper limit", "p_lt1": "P(RR < 1), %", "p_lt067": "P(RR < 0.67), %",
    "arr2": "P(ARR ≥ 2 %), %", "arr20": "P(ARR ≥ 20 %), %",
}  # fmt: skip


def work(seed: int) -> Work:
    """Counts, pool, priors; then the laboratory on simulated individuals."""
    pairs = of(MAIN, "eolia-treatment-failure-at-60-d", "cesar-death-at-6-mo-or-before-discharge", "combes-ipd-ma-death-at-90-d")
    pool = pool_named("eolia-cesar")
    meta = meta_analysis(pool.studies, "rr")
    found = summary(meta)
    counts = comparison(MAIN).counts
    assert counts is not None
    drawn = "".join(
        figure(
            three_curves(bayes.posterior(counts, bayes.priors()[name]), f"eolia-{name}", narrow=True),
            f"{bayes.priors()[name].title}: {bayes.priors()[name].meaning}",
        )
        for name in ("enthusiastic", "sceptical")
    )
    design = design_finding(seed)
    mapped = (
        '<div class="circuit">'
        + both_widths(prior_map(counts, "eolia-map"), prior_map(counts, "eolia-map-narrow", narrow=True), MAP)
        + "</div>"
    )
    body = (
        "<h3>With CESAR</h3>"
        + both_widths(
            forest_of(meta, pool.title, arms=ARMS), forest_of(meta, pool.title, arms=ARMS, narrow=True), pool.note
        )
        + f"<p>With two trials Hartung and Knapp's interval, {found['HK_DL'][1]:.2f} to {found['HK_DL'][2]:.2f}, says nothing; common "
        "and random effects agree, since the two trials do.</p>"
        f'<h3>With priors</h3><div class="pair">{drawn}</div>{mapped}'
        f"{_laboratory(seed, design)}"
    )  # fmt: skip
    bayesian = [row for one in reanalyses() if one.id.startswith("goligher") for row in _bayesian(one)]
    return Work(
        "eolia",
        "EOLIA: ECMO in severe ARDS",
        "Combes A et al. N Engl J Med 2018;378:1965-1975. doi:10.1056/NEJMoa1800385; Bayesian: Goligher EC et al. JAMA 2018;320:2251-2259",
        "Does early ECMO lower mortality at 60 days, in a trial that stopped early and let 28 % of its controls cross over?",
        body,
        (check(pairs[0]), _adjusted(design), *(check(one) for one in pairs[1:]), *bayesian),
        (
            "The path of the trial's interim analyses is not published: only that it stopped after 249 of at most 331 patients. What "
            "its rule would have said is shown over random orders of its own outcomes.",
            "Individual data are not public. The crossover methods run on simulated individuals whose margins are EOLIA's exactly; what "
            "lies behind the margins (who crossed, and why) is assumed, and said so.",
            "The prior from earlier studies (Goligher: RR 0.71, 0.55 to 0.94; recalled-medium) is not known and therefore not recomputed.",
        ),
        sources(
            (one.comparison.intervention.source for one in pairs),
            (f"{one.title}: {one.source} ({one.mark})" for one in reanalyses() if one.id.startswith("goligher")),
        ),
    )  # fmt: skip


def _adjusted(design: Finding) -> Check:
    """The printed ratio beside the estimates that allow for the looks."""
    bias, median = (next(one for one in design.estimates if words in one.label) for words in ("bias-corrected", "median-unbiased"))
    assert median.low is not None and median.high is not None
    return (
        "EOLIA, death at 60 d (primary), read as an estimate that allows for the looks: RR 0.76 (0.55 to 1.04)",
        f"RR {bias.value:.3f} bias-corrected; {median.value:.3f} ({median.low:.2f} to {median.high:.2f}) median-unbiased",
        f"the triangular design and the point at which the trial ended, below. {design.diagnostics['explanation']}",
        "in part" if round(bias.value, 2) == 0.76 else "differs",
    )


def _laboratory(seed: int, design: Finding) -> str:
    findings = crossover_findings(seed)
    data = {"seed": seed, "estimators": estimators_table(findings, seed), "notes": list(notes())}
    return (
        f"<h3>The sequential design and the early stop</h3>{eolia_page.sequential(design)}"
        f"<h3>Crossover: what each estimator says</h3>{eolia_page.estimators(data, findings)}"
        f"<h3>Which method finds the truth</h3>{eolia_page.replicates(compared(REPLICATES, seed, CROSSOVER))}"
    )


def _bayesian(one: Reanalysis) -> list[Check]:
    """One row for each prior: all of its printed numbers beside the recomputed."""
    printed = ", ".join(f"{WORDS.get(number.name, number.name)} {number.printed:.{number.decimals}f}" for number in one.numbers)
    ours = [number for number in one.numbers if number.recomputed is not None]
    redone = ", ".join(f"{number.recomputed:.{max(number.decimals, 1)}f}" for number in ours) or "not recomputed"
    differing = [WORDS.get(number.name, number.name) for number in one.numbers if number.agrees is False]
    why = f"; differs in {', '.join(differing)}" if differing else ""
    return [
        (
            f"{one.title}: {printed}",
            redone,
            f"counts of EOLIA and the prior ({one.mark}){why}. {one.note}",
            {"yes": "agrees", "in part": "in part", "no": "not redone"}[one.reproduced],
        )
    ]
