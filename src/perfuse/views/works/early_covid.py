"""The early question of COVID-19: should ECMO be offered, and what could be known of it when (Hong 2020)."""

from perfuse.evidence.causal.target_trial import emulate
from perfuse.evidence.registry import flat
from perfuse.evidence.registry.tables import Registry
from perfuse.views.forest import ForestRow, ForestScale
from perfuse.views.works.parts import arm, check, effect_row, finding_part, forest_both, of, proportion_row, sources
from perfuse.views.works.work import Work

SERIES = (
    ("spring 2020", (("Shanghai COVID series", "death in hospital (status)"), ("Li COVID three hospitals", "death at 60 d"))),
    (
        "later, many centres",
        (
            ("STOP-COVID Shaefi", "death at 60 d"),
            ("ELSO COVID Barbaro", "death in hospital (status)"),
            ("US 17 centres COVID", "death in hospital (status)"),
        ),
    ),
)
COMPARED = (
    "wuhan-rescue-team-covid-hospital-death",
    "whebell-uk-covid-hospital-death",
    "stessel-covid-belgium-icu-death",
    "urner-covid-hospital-death-at-60-d",
)
RESAMPLES = 200
"""Of the emulated trial; enough for two digits of its interval."""


def work(registry: Registry, seed: int) -> Work:
    """Series by time, comparisons that disagree, and an emulated trial on candidates whose truth is known."""
    rows: list[ForestRow] = []
    for head, names in SERIES:
        rows.append(ForestRow(head, "head"))
        for study, endpoint in names:
            found = arm(study, endpoint)
            assert found.events is not None and found.n is not None
            rows.append(proportion_row(f"{study} {found.year}", found.events, found.n))
    series = forest_both(
        rows, ForestScale("proportion", "Died"), ("died/n",),
        "Share of patients with COVID-19 on ECMO who were known to have died (Wilson intervals). Patients still in hospital count as "
        "alive, so that early reports look better than they will be.",
    )  # fmt: skip
    pairs = of(*COMPARED)
    disagreement = forest_both(
        [effect_row(one) for one in pairs],
        ForestScale("ratio", "Effect on death", "fewer deaths, ECMO", "more deaths, ECMO"),
        ("ECMO", "control"),
        "Comparisons of the same treatment in the same disease, unmatched, matched, and emulated. They are not pooled: their time zero, "
        "their controls and their measures differ.",
    )  # fmt: skip
    first = arm("Shanghai COVID series", "death in hospital (status)")
    assert first.events is not None and first.n is not None
    early = proportion_row("", first.events, first.n)
    assert early.low is not None and early.high is not None
    body = (
        f"<p>When the question was asked, a series of {first.n} patients was news: {first.events} of {first.n} had died, and an "
        f"interval of {100 * early.low:.0f} to {100 * early.high:.0f} % says how little that is. Not one early report had a comparison.</p>"
        f"{series}{disagreement}{_emulated(registry, seed)}"
    )
    return Work(
        "covid-question",
        "The early COVID-19 question",
        "Hong X et al., 2020 (a perspective; the reference is not known here in full)",
        "Should ECMO be offered in a new disease, and which data could tell?",
        body,
        tuple(check(one) for one in pairs if one.comparison.counts is not None),
        (
            "The perspective has no table that could be recomputed, and its text was not found; what is shown is what could be known in "
            "its time.",
            "Emulated target trials (Hajage, Urner, Shaefi) print standardised risks or hazard ratios: without individual data nothing "
            "of them can be recomputed. The method is shown on synthetic candidates.",
        ),
        sources((one.comparison.intervention.source for one in pairs), (arm(*name).source for _, names in SERIES for name in names)),
    )  # fmt: skip


def _emulated(registry: Registry, seed: int) -> str:
    risks = registry.truth["candidates"]["risk"]
    truth = {
        "risk_treated": 100.0 * risks["within_grace"],
        "risk_untreated": 100.0 * risks["never"],
        "risk_difference": 100.0 * (risks["within_grace"] - risks["never"]),
        "risk_ratio": risks["within_grace"] / risks["never"],
    }
    found = emulate(flat.candidates(registry), resamples=RESAMPLES, seed=seed, truth=truth)
    return (
        "<h3>The trial that nobody could do, emulated where the truth is known</h3><p>Synthetic candidates: severity makes ECMO and death "
        "more likely, ECMO starts on some later day. Comparing who ever had ECMO with who never had it credits treatment with the days "
        "that had to be survived to receive it (immortal time); cloning, artificial censoring and "
        "weighting give the strategies a common time "
        f"zero.</p>{finding_part(found, 'emulated')}"
    )
