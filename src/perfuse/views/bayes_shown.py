"""Bayesian re-analyses on the terminal."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.text import Text

from perfuse.evidence.trials.bayes import RATIOS, REDUCTIONS, Posterior
from perfuse.evidence.trials.reanalyses import Reanalysis
from perfuse.views.screen import ending_with_the_safety_line, table

FLAT = 1000.0
"""A prior whose upper limit is beyond this risk ratio is called flat, in place of its limits."""
ABOVE = (1.0, 1.05, 1.1, 1.2, 1.25, 1.33, 1.5, 2.0, 3.0)
NAMES = {
    "med": "median RR", "lo": "RR, 2.5 %", "hi": "RR, 97.5 %", "p_lt1": "P(RR < 1), %", "p_lt067": "P(RR < 0.67), %",
    "arr2": "P(reduction >= 2 %), %", "rd_mean": "mean difference, %", "rd_lo": "difference, 2.5 %", "rd_hi": "difference, 97.5 %",
    "rr_med": "median RR", "rr_lo": "RR, 2.5 %", "rr_hi": "RR, 97.5 %", "p_rd_ge5": "P(difference >= 5 %), %",
    "p_rd_gt0": "P(difference > 0), %", "rd_observed": "observed difference, %",
}  # fmt: skip


def screen(found: Posterior, data: Mapping[str, Any], title: str, higher: bool, written: Sequence[Path]) -> None:
    """Prior, posterior, probabilities, where they tip, files."""
    t, prior = found.counts, found.prior
    with ending_with_the_safety_line() as console:
        console.print(Text(f"{title + ': ' if title else ''}{t.e1}/{t.n1} v {t.e0}/{t.n0}", style="bold"))
        middle, low, high = prior.interval
        reach = f"{low:.2g} to {high:.3g}" if high < FLAT else "practically any"
        console.print(Text(f"Prior: {prior.title}, risk ratio {middle:.2f} ({reach}); log ratio {prior.mean:.3g}, SD {prior.sd:g}."))
        if prior.source:
            console.print(Text(f"{prior.meaning} {prior.source} ({prior.mark}).", style="dim"))
        console.print(Text(f"Likelihood: {data['likelihood']}.", style="dim"))
        console.print(Text(f"\nRisk ratio {data['med']:.3f}, 95 % credible interval {data['lo']:.3f} to {data['hi']:.3f}"))
        console.print()
        side, way = ("above", "increase") if higher else ("below", "reduction")
        made = table(f"Risk ratio {side}", "probability %", f"Absolute {way} of at least", "probability %", right=(1, 3))
        if higher:
            ratios = [(f"{ratio:g}", 1.0 - found.below_ratio(ratio)) for ratio in ABOVE]
            cuts = [(f"{percent} %", 1.0 - found.reduced_by(-percent / 100.0)) for percent in REDUCTIONS] if found.exact else []
        else:
            ratios = [(f"{ratio:g}", found.below_ratio(ratio)) for ratio in reversed(RATIOS)]
            cuts = [(f"{percent} %", found.reduced_by(percent / 100.0)) for percent in REDUCTIONS] if found.exact else []
        for i in range(max(len(ratios), len(cuts))):
            left = (ratios[i][0], f"{100 * ratios[i][1]:.1f}") if i < len(ratios) else ("", "")
            right = (cuts[i][0], f"{100 * cuts[i][1]:.1f}") if i < len(cuts) else ("", "")
            made.add_row(*left, *right)
        console.print(made)
        console.print()
        for words, chance in data["benefits"].items():
            console.print(Text(f"Probability of {_benefit_words(words)}: {100 * chance:.1f} %"))
        for tip in data["tipping_points"]:
            console.print(Text(tip["text"]))
        if higher:
            words = "More events are better here: the favourable side is a risk ratio above 1."
            if prior.mean < 0.0:
                words += " This prior leans to the other side, fewer events."
            console.print(Text(f"! {words}", style="yellow"))
        for path in written:
            console.print(Text(f"written: {path}"), soft_wrap=True)


def _benefit_words(words: str) -> str:
    """A benefit as it was asked for, in words: "arr>=4" is an absolute reduction of 4 % or more."""
    kind, number = words.replace(" ", "").lower()[:3], re.sub(r"[^0-9.]", "", words)
    if kind in ("arr", "ari"):
        return f"an absolute {'reduction' if kind == 'arr' else 'increase'} of {number} % or more"
    return f"a risk ratio {'below' if '<' in words else 'above'} {number}"


def published_screen(found: Sequence[Reanalysis]) -> None:
    """Published beside recomputed."""
    with ending_with_the_safety_line() as console:
        for one in found:
            console.print(
                Text(f"{one.title}: {'not reproduced' if one.reproduced == 'no' else f'reproduced: {one.reproduced}'}", style="bold")
            )
            made = table("", "printed", "recomputed", "agrees", right=(1, 2))
            for number in one.numbers:
                again = f"{number.recomputed:.{number.decimals + 1}f}" if number.recomputed is not None else "\N{EN DASH}"
                agrees = {True: "yes", False: "no", None: ""}[number.agrees]
                made.add_row(NAMES.get(number.name, number.name), f"{number.printed:.{number.decimals}f}", again, agrees)
            console.print(made)
            console.print(Text(f"{one.note} {one.source} ({one.mark}).", style="dim"))
            console.print()
