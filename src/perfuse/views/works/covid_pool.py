"""The meta-analysis of ECMO in COVID-19 (Kusumawardhani), as far as anything of it can be had."""

from perfuse.evidence.trials.dataset import single_arms
from perfuse.evidence.trials.meta import meta_analysis, summary
from perfuse.evidence.trials.pools import pool_named
from perfuse.views.forest import ForestRow, ForestScale, forest_of
from perfuse.views.page import both_widths
from perfuse.views.works.parts import arm, forest_both, sources
from perfuse.views.works.work import Work

PRINTED = (
    ("Elsayed COVID MA", "in-hospital death (pooled)", 0.49, 0.259, 0.721, "12 studies to May 2020"),
    ("Ramanathan COVID MA", "in-hospital death (pooled %)", 0.371, 0.323, 0.420, "22 studies to January 2021"),
    ("Bertini COVID MA", "in-hospital death (pooled %)", 0.39, 0.34, 0.43, "134 studies to February 2021"),
)
"""Pooled proportions as printed (all seen), with their intervals."""


def work() -> Work:
    """Printed pools of one arm, and a pool of the two-arm comparisons whose counts are known."""
    rows = [
        ForestRow(f"{study.partition(' ')[0]} {arm(study, endpoint).year}, {words}", "study", (), value, low, high, 20.0)
        for study, endpoint, value, low, high, words in PRINTED
    ]
    printed = forest_both(
        rows, ForestScale("proportion", "Died"), (),
        "Pooled share of deaths in hospital on ECMO as three meta-analyses print it. None of them has a comparison in it.",
    )  # fmt: skip
    pool = pool_named("covid-matched")
    meta = meta_analysis(pool.studies, "or")
    found = summary(meta)
    drawn = both_widths(
        forest_of(meta, pool.title, arms=("ECMO", "control")), forest_of(meta, pool.title, arms=("ECMO", "control"), narrow=True), pool.note
    )
    ahead = found["PI_REML"]
    span = (
        (
            f"a prediction interval from {ahead[0]:.2g} to {ahead[1]:.2g}"
            if ahead[1] < 1e3
            else "a prediction interval without limits that matter"
        )
        if ahead
        else "no prediction interval: there are too few studies"
    )
    body = (
        f"{printed}{drawn}<p>{meta.k} comparisons, I<sup>2</sup> {found['I2']:.0f} %: common-effect OR {found['FE'][0]:.2f} "
        f"({found['FE'][1]:.2f} to {found['FE'][2]:.2f}), random effects (REML) {found['REML'][0]:.2f} ({found['REML'][1]:.2f} to "
        f"{found['REML'][2]:.2f}), with Hartung-Knapp {found['HK_REML'][1]:.2f} to {found['HK_REML'][2]:.2f}, and {span}. The studies "
        "contradict each other; an average of contradictions is not a result.</p>"
    )
    return Work(
        "covid-meta",
        "The COVID-19 meta-analysis",
        "Kusumawardhani et al., 2021 (cited work; its table was not found)",
        "Does ECMO lower mortality in COVID-19, all studies together?",
        body,
        (),
        (
            "Its event table, its pooled odds ratio and even its full reference were not found in any copy at hand. Nothing is filled "
            "in from memory; what stands above are other meta-analyses as printed, and our own pool "
            "of the comparisons whose counts are known.",
            "The study tables of the printed meta-analyses are not at hand, so that their pools are quoted and not recomputed.",
        ),
        sources(
            (arm(study, endpoint).source for study, endpoint, *_ in PRINTED),
            (one.source for one in single_arms() if "Kusumawardhani" in one.study),
        ),
    )  # fmt: skip
