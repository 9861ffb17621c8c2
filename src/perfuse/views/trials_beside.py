"""Trials on the terminal: printed beside recomputed."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from perfuse.evidence.trials.agreement import WORDS, Beside
from perfuse.evidence.trials.dataset import Arm
from perfuse.evidence.trials.needed_to_treat import needed
from perfuse.evidence.trials.two_arms import newcombe
from perfuse.views.screen import ending_with_the_safety_line, table

LEGEND = (
    "agrees: the measure that was named gives the print back from the counts, within half a unit of the last printed decimal.",
    "estimate agrees: the interval does not. not comparable: a hazard or adjusted ratio. An asterisk: the counts were worked out from the "
    "print, so that they cannot confirm it.",
)


def screen(found: Sequence[Beside], alone: Sequence[Arm], whole: bool) -> None:
    """One line a comparison; with `whole`, everything about each."""
    with ending_with_the_safety_line() as console:
        if not whole:
            made = table("Comparison", "counts", "printed", "recomputed", "verdict")
            for one in found:
                pair = one.comparison
                own = pair.printed.own
                printed = own.text if own else _shares(one)
                made.add_row(pair.id, _counts(one), printed, recomputed(one), one.verdict)
            console.print(made)
            console.print()
            for words in LEGEND:
                console.print(Text(words, style="dim"))
            console.print(
                Text(f"{len(alone)} single arms are not shown; a study's name, or --json, has them and every source.", style="dim")
            )
            return
        for one in found:
            _whole(console, one)
        for arm in alone:
            _single(console, arm)


def _counts(one: Beside) -> str:
    counts = one.comparison.counts
    star = "" if one.comparison.independent else " *"
    if counts:
        return f"{counts.e1}/{counts.n1} v {counts.e0}/{counts.n0}{star}"
    shares = (one.comparison.intervention.percent, one.comparison.control.percent)
    return f"{shares[0]:g} v {shares[1]:g} % only" if None not in shares else "not known"


def _shares(one: Beside) -> str:
    shares, digits = one.comparison.printed.shares, one.comparison.printed.share_decimals
    return f"{shares[0]:.{digits[0]}f} v {shares[1]:.{digits[1]}f} %" if shares else "\N{EN DASH}"


def recomputed(one: Beside) -> str:
    """The measure that was printed (or gives the print back), in words; the risk ratio where none was."""
    effect = one.shown
    if effect is None:
        return "\N{EN DASH}"
    if effect.measure == "rd":
        return f"RD {100 * effect.value:.1f}% ({100 * effect.low:.1f} to {100 * effect.high:.1f})"
    return f"{effect.measure.upper()} {effect.value:.3f} ({effect.low:.3f} to {effect.high:.3f})"


def _whole(console: Console, one: Beside) -> None:
    pair = one.comparison
    console.print(Text(f"{pair.study} {pair.year}: {pair.endpoint}", style="bold"))
    console.print(Text(f"{pair.id}; {pair.intervention.design}; {pair.intervention.arm} v {pair.control.arm}: {_counts(one)}", style="dim"))
    made = table("", "effect", "95 %", "P", right=(1, 2, 3))
    own = pair.printed.own
    printed_p = f"{'<' if pair.printed.p_is_below else ''}{pair.printed.p:g}" if pair.printed.p is not None else ""
    if own:
        unit = "%" if own.percent else ""
        low, high = (f"{value:.{digits}f}" for value, digits in ((own.low, own.decimals[1]), (own.high, own.decimals[2])))
        low = f"{'CrI ' if own.credible else ''}{low}{'[sic]' if own.sic else ''}"
        made.add_row(f"printed {own.measure}", f"{own.value:.{own.decimals[0]}f}{unit}", f"{low} to {high}", printed_p)
    elif pair.printed.shares:
        made.add_row("printed percentages", _shares(one), "", printed_p)
    for name, effect in one.recomputed.items():
        scale, digits = (100.0, 1) if name == "rd" else (1.0, 3)
        unit = "%" if name == "rd" else ""
        span = f"{scale * effect.low:.{digits}f} to {scale * effect.high:.{digits}f}"
        correction = " (0.5 in each cell)" if effect.correction else ""
        made.add_row(f"{WORDS[name]}{correction}", f"{scale * effect.value:.{digits}f}{unit}", span, f"{effect.p:.3g}")
    console.print(made)
    if "rd" in one.recomputed and pair.counts is not None:
        rd = one.recomputed["rd"].value
        console.print(Text(f"Number needed to treat, {needed(rd, *newcombe(pair.counts)).text}."))
    as_what = f", as the {WORDS[one.agrees_as]}" if one.agrees_as and one.verdict == "agrees as another measure" else ""
    console.print(Text(f"{one.verdict}{as_what}."))
    if one.explanation:
        console.print(Text(f"{one.explanation.text} ({one.explanation.mark}; {one.explanation.source})"))
    star = "" if pair.independent else "; the counts were worked out from what was printed"
    console.print(
        Text(f"counts: {pair.mark or 'not known'}{star}. {pair.intervention.source}. {pair.intervention.note}".rstrip(), style="dim")
    )
    console.print()


def _single(console: Console, arm: Arm) -> None:
    console.print(Text(f"{arm.study} {arm.year}: {arm.endpoint}", style="bold"))
    size = f" of {arm.n}" if arm.n is not None else f" ({arm.n_text})" if arm.n_text else ""
    what = (
        f"{arm.events}{size}" if arm.events is not None else f"{arm.percent:g} %{size}" if arm.percent is not None else f"not known{size}"
    )
    console.print(Text(f"{arm.design}; {arm.arm}: {what}. {arm.printed}".rstrip(". ") + "."))
    console.print(Text(f"{arm.mark or 'not known'}. {arm.source}. {arm.note}".rstrip(), style="dim"))
    console.print()
