"""What several works draw and say in the same way."""

from collections.abc import Iterable, Sequence

from perfuse.evidence.finding import Finding
from perfuse.evidence.trials.agreement import Beside, beside
from perfuse.evidence.trials.dataset import Arm, Comparison, single_arms
from perfuse.evidence.wilson import wilson
from perfuse.views import finding_page
from perfuse.views.forest import ForestRow, ForestScale, forest
from perfuse.views.page import both_widths, text
from perfuse.views.works.work import Check

VERDICTS = {"agrees": "agrees", "percentages agree": "agrees", "estimate agrees": "in part", "agrees as another measure": "in part"}


def of(*ids: str) -> list[Beside]:
    """Comparisons of the trials table by their ids, in this order."""
    known = {one.comparison.id: one for one in beside()}
    return [known[name] for name in ids]


def arm(study: str, endpoint: str) -> Arm:
    """A row of the trials table that is compared with nothing."""
    return next(one for one in single_arms() if one.study == study and one.endpoint == endpoint)


def forest_both(rows: Sequence[ForestRow], scale: ForestScale, heads: Sequence[str], caption: str) -> str:
    """A forest plot for a page and for a phone."""
    return both_widths(forest(rows, scale, heads, caption), forest(rows, scale, heads, caption, narrow=True), caption)


def finding_part(found: Finding, key: str, title: str = "") -> str:
    """A finding inside a work: its estimates, figures, and what it assumes folded away."""
    data = found.as_data()
    head = f"<h4>{text(title)}</h4>" if title else ""
    counted = ", ".join(f"{value:,} {name}" for name, value in found.n.items())
    items = "".join(f"<li>{text(one)}</li>" for one in (*found.assumptions, *found.warnings))
    doubts = f"<details><summary>What it assumes, and its source</summary><ul>{items}</ul><p>{text(found.source)}</p></details>"
    return f'{head}<p class="quiet">{text(counted)}</p>{finding_page.estimates(data["estimates"])}{finding_page.figures(data, key)}{doubts}'


def proportion_row(label: str, events: int, n: int) -> ForestRow:
    """One cohort with Wilson's interval."""
    low, high = wilson(events, n)
    return ForestRow(label, "study", (f"{events}/{n}",), events / n, low, high, 20.0)


def effect_row(one: Beside, measure: str = "") -> ForestRow:
    """One comparison: what was printed where a ratio was, otherwise the ratio of its counts."""
    pair, own = one.comparison, one.comparison.printed.own
    counts = (f"{pair.counts.e1}/{pair.counts.n1}", f"{pair.counts.e0}/{pair.counts.n0}") if pair.counts else ("", "")
    if own is not None and own.measure in ("RR", "OR", "HR"):
        return ForestRow(f"{pair.study}, {own.measure} printed", "study", counts, own.value, own.low, own.high, 20.0)
    effect = one.recomputed[measure or "rr"]
    return ForestRow(f"{pair.study}, {effect.measure.upper()} counts", "study", counts, effect.value, effect.low, effect.high, 20.0)


def sources(*given: Iterable[str]) -> tuple[str, ...]:
    """Sources one after another, each once."""
    return tuple(dict.fromkeys(one for some in given for one in some))


def check(one: Beside) -> Check:
    """Printed beside recomputed, as a row of the work."""
    pair, printed = one.comparison, printed_words(one.comparison)
    counts = f"{pair.counts.e1}/{pair.counts.n1} v {pair.counts.e0}/{pair.counts.n0}" if pair.counts else "counts not known"
    word = VERDICTS.get(one.verdict, "differs")
    why = f"; {one.explanation.text}" if one.explanation and word != "agrees" else ""
    return f"{pair.study}, {pair.endpoint}: {printed}", recomputed(one), f"{counts} ({pair.mark or 'not known'}){why}", word


def printed_words(pair: Comparison) -> str:
    """What was printed; where the table only points elsewhere, so do we."""
    words = pair.printed.own.text if pair.printed.own else pair.printed.text
    return "see the re-analyses with priors, in the first work" if words.startswith("see ") else words


def recomputed(one: Beside) -> str:
    """The measure that was printed (or gives the print back), from the counts."""
    effect = one.shown
    if effect is None:
        return "cannot be recomputed"
    if effect.measure == "rd":
        return f"RD {100 * effect.value:.1f} % ({100 * effect.low:.1f} to {100 * effect.high:.1f})"
    return f"{effect.measure.upper()} {effect.value:.3f} ({effect.low:.3f} to {effect.high:.3f})"
