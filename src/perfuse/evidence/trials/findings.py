"""Pools and posteriors in the form in which every analysis of the lab is handed over."""

from math import exp

from perfuse.evidence.finding import Estimate, Finding
from perfuse.evidence.trials.bayes import Posterior
from perfuse.evidence.trials.bayes import summary as summary_of_posterior
from perfuse.evidence.trials.meta import Meta, cumulative, each, leave_one_out, subgroups, summary, warnings
from perfuse.evidence.trials.two_arms import MEASURES


def meta_finding(meta: Meta, question: str = "") -> Finding:
    """A meta-analysis as a Finding; the model shown first is the first estimate. Ratios plain, differences 0-1."""
    order = [meta.main, *(one for one in meta.pooled.values() if one is not meta.main)]
    estimates = []
    for one in order:
        value, low, high = meta.triple(one)
        estimates.append(Estimate(f"{MEASURES[meta.measure]}, {one.name.replace('_', ' ')}", value, low, high))
    counts = [study.counts for study in meta.used]
    diagnostics = {
        **{key: value for key, value in summary(meta).items() if not isinstance(value, list)},
        "studies": each(meta), "leave_one_out": leave_one_out(meta), "cumulative": cumulative(meta), "subgroups": subgroups(meta),
    }  # fmt: skip
    return Finding(
        name="meta-analysis",
        question=question or f"What is the {MEASURES[meta.measure]} over these studies?",
        n={"studies": meta.k, "patients": sum(t.n1 + t.n0 for t in counts), "events": sum(t.e1 + t.e0 for t in counts)},
        estimates=tuple(estimates),
        assumptions=(
            "The studies ask the same question of comparable patients with comparable treatments.",
            "Studies that exist but were not published, or not found, would not change the answer.",
            "Within a study the log ratio (or difference) is normal with the variance that its counts give.",
            "Random effects: the true effects of the studies are normal around one mean.",
        ),
        diagnostics=diagnostics,
        warnings=warnings(meta),
        source="DerSimonian and Laird 1986; Paule and Mandel 1982; Hartung and Knapp 2001; Roever 2015; Higgins 2009; Viechtbauer 2007",
    )


def bayes_finding(found: Posterior, question: str = "") -> Finding:
    """A posterior as a Finding: the risk ratio with its credible interval, probabilities in per cent, and the curves of a figure."""
    numbers = summary_of_posterior(found)
    chances = {key: value for key, value in numbers.items() if isinstance(value, float) and key not in ("med", "lo", "hi")}
    estimates = (
        Estimate("risk ratio, posterior median (95 % credible interval)", numbers["med"], numbers["lo"], numbers["hi"]),
        Estimate("P(RR < 1)", 100.0 * numbers["p_lt1"], unit="%"),
    )
    table, prior = found.counts, found.prior
    return Finding(
        name="bayes",
        question=question or "What is believed of the risk ratio after these counts?",
        n={"patients": table.n1 + table.n0, "events": table.e1 + table.e0},
        estimates=estimates,
        assumptions=(
            f"Before the data the log risk ratio was normal with mean {prior.mean:.3g} and SD {prior.sd:g} ({prior.title}).",
            "Every risk of the control arm was equally likely before the data.",
            "Patients are independent; nothing of crossover or of the rule by which the trial stopped enters.",
        ),
        diagnostics={"probabilities": chances, "likelihood": numbers["likelihood"], "prior_mark": prior.mark, "prior_source": prior.source},
        curves={"posterior": {"risk_ratio": [exp(x) for x in found.log_rr], "density_of_log": list(found.density)}},
        source="Goligher 2018, JAMA 320:2251 (model)",
    )
