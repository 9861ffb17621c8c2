"""Volume and mortality (Barbaro 2015), on a synthetic registry of the same size whose volume effect is known."""

import numpy as np

from perfuse.evidence.centres.volume import volume_outcome
from perfuse.evidence.finding import Finding
from perfuse.evidence.registry import flat
from perfuse.evidence.registry.synthetic import synthesise
from perfuse.evidence.registry.tables import Registry
from perfuse.views.works.parts import finding_part, of
from perfuse.views.works.work import Work

RUNS, CENTRES, YEARS = 56_222, 290, 25.0
"""As in the paper, 1989 to 2013 (seen); all adults here, while 10,588 of the paper's patients were."""
COVARIATES = ("severity", "age", "immunocompromised", "cns_dysfunction", "cardiac_arrest", "indication")


def work(made: Registry) -> Work:
    """The model of the paper on the synthetic registry, beside what the paper printed."""
    printed = of("barbaro-volume-death-before-discharge-adults-2008-2013")[0].comparison
    own = printed.printed.own
    assert own is not None
    found = fitted(made)
    by_label = {one.label: one for one in found.estimates}
    top = next(one for label, one in by_label.items() if ">30" in label and one.role == "method")
    naive = next(one for label, one in by_label.items() if ">30" in label and one.role == "naive")
    body = (
        f"<p>{found.n['runs']:,} respiratory and ECPR runs of a synthetic registry of {RUNS:,} runs in {CENTRES} centres, made so that "
        f"each doubling of "
        f"annual volume multiplies the odds of death by {np.exp(made.truth['mortality']['volume']['log_or_per_doubling']):.2f} and "
        f"centres differ by a standard deviation of {made.truth['mortality']['centre_sd']:.2f} on the log odds. Sicker patients go to "
        f"larger centres.</p>"
        f"{finding_part(found, 'volume')}"
    )
    return Work(
        "volume",
        "Volume and mortality",
        "Barbaro RP et al. Am J Respir Crit Care Med 2015;191:894-901. doi:10.1164/rccm.201409-1634OC",
        "Do patients die less often where more ECMO is done?",
        body,
        (
            (
                f"adults 2008-2013, more than 30 against fewer than 6 runs a year: {own.text}",
                f"OR {top.value:.2f} ({top.low:.2f} to {top.high:.2f}); centres ignored {naive.value:.2f} ({naive.low:.2f} to "
                f"{naive.high:.2f})",
                "synthetic registry, whose effect per doubling was set from the printed ratio: this shows that the model finds what was "
                "put in",
                "as put in" if top.low is not None and top.high is not None and top.low <= own.value <= top.high else "differs",
            ),
        ),
        (
            "The registry of the paper is not public: its odds ratios cannot be refitted. Only the ratio of >30 against <6 is known "
            "here; the full table of categories and ages was not found.",
            "Ages below 18 are not in the synthetic registry, though most patients of the paper were neonates and children.",
        ),
        (printed.intervention.source,),
    )  # fmt: skip


def registry_of(seed: int) -> Registry:
    """A synthetic registry of the paper's size and span."""
    return synthesise(RUNS, seed, centres=CENTRES, course=False, missingness=0.0, change={"registry.years": YEARS})


def fitted(registry: Registry) -> Finding:
    """The mixed-effects model on respiratory and ECPR runs."""
    frame = flat.runs(registry)
    frame = frame[(frame["indication"] != "cardiac") & (frame["hospital_outcome"] != "still_in")].copy()
    frame["died"] = frame["hospital_outcome"] == "died"
    mortality = registry.truth["mortality"]
    truth = {"log_or_per_doubling": mortality["volume"]["log_or_per_doubling"], "centre_sd": mortality["centre_sd"]}
    return volume_outcome(frame, covariates=COVARIATES, truth=truth, truth_curve=mortality["volume"]["curve"])
