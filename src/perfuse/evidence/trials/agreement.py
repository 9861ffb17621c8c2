"""Printed beside recomputed: which measure, if any, gives the printed effect back from the printed counts.

A number agrees when it lies within half a unit of the last printed decimal. Nothing is adjusted to agree: where the measure that was
named does not give the print back, the others are tried, and what is found is said.
"""

from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Literal

from perfuse.evidence.trials.dataset import HERE, Comparison, comparisons
from perfuse.evidence.trials.needed_to_treat import needed
from perfuse.evidence.trials.printed import PrintedEffect
from perfuse.evidence.trials.two_arms import MEASURES, Counts, Effect, Measure, effect, newcombe
from perfuse.parameters.yamlfile import read_file

Verdict = Literal[
    "agrees", "estimate agrees", "agrees as another measure", "differs", "percentages agree", "percentages differ", "not comparable",
    "counts not known", "nothing printed",
]  # fmt: skip
NAMES = {"RR": "rr", "OR": "or", "RD": "rd"}
WORDS = {
    "rr": "risk ratio", "or": "odds ratio", "rd": "risk difference", "rr inverted": "risk ratio of control over intervention",
    "or inverted": "odds ratio of control over intervention",
}  # fmt: skip
SLACK = 1e-9


@dataclass(frozen=True)
class Explanation:
    """Why print and counts differ, how that is known, and from where."""

    text: str
    mark: str
    source: str


@dataclass(frozen=True)
class Beside:
    """One comparison: what was printed, what follows from its counts, and whether the two agree.

    recomputed   rr, or and rd of the counts; a ratio that does not exist is missing
    verdict      see Verdict
    agrees_as    the measure that gives the printed estimate back ("rr", "or inverted", ...), None where none does
    interval     whether it gives the printed interval back too; None where none was printed
    off_by       the largest difference of estimate and limits, in units of the last printed decimal; None where nothing agrees
    explanation  where print and counts differ, or cannot be compared
    """

    comparison: Comparison
    recomputed: dict[str, Effect]
    verdict: Verdict
    agrees_as: str | None
    interval: bool | None
    off_by: float | None
    explanation: Explanation | None

    @property
    def shown(self) -> Effect | None:
        """The recomputed effect beside the print: of the measure that gives it back, else of the one named, else the risk ratio.

        Where that ratio does not exist the risk difference; None where the counts are not known.
        """
        if not self.recomputed:
            return None
        own = self.comparison.printed.own
        named = NAMES.get(own.measure if own else "", "rr")
        return self.recomputed.get((self.agrees_as or named).partition(" ")[0]) or self.recomputed["rd"]

    def as_data(self) -> dict[str, Any]:
        """Plain data for JSON; a risk difference is in per cent where it was printed so."""
        pair, own = self.comparison, self.comparison.printed.own
        arms = {
            name: {key: getattr(arm, key) for key in ("arm", "events", "n", "percent", "n_text", "mark", "back_calculated")}
            for name, arm in (("intervention", pair.intervention), ("control", pair.control))
        }
        return {
            "id": pair.id, "study": pair.study, "year": pair.year, "design": pair.intervention.design, "endpoint": pair.endpoint,
            "better": pair.intervention.better, **arms,
            "printed": {"text": pair.printed.text, "effect": asdict(own) if own else None, "percentages": pair.printed.shares,
                        "p": pair.printed.p, "p_is_below": pair.printed.p_is_below},
            "recomputed": {name: one.as_data() for name, one in self.recomputed.items()},
            "nnt": needed(self.recomputed["rd"].value, *newcombe(pair.counts)).as_data() if pair.counts else None,
            "verdict": self.verdict, "agrees_as": self.agrees_as, "interval_agrees": self.interval, "off_by": self.off_by,
            "counts_independent_of_print": pair.independent,
            "explanation": asdict(self.explanation) if self.explanation else None,
            "mark": pair.mark, "source": pair.intervention.source, "confidence": pair.intervention.confidence,
            "note": pair.intervention.note,
        }  # fmt: skip


@cache
def beside() -> tuple[Beside, ...]:
    """Every comparison of the trials table."""
    return tuple(put_beside(pair) for pair in comparisons())


def put_beside(pair: Comparison) -> Beside:
    """One comparison."""
    recomputed = _recomputed(pair.counts) if pair.counts else {}
    verdict, found, interval = _judged(pair, recomputed)
    own, off = pair.printed.own, None
    if found is not None and own is not None:
        off = max(_off(own, _candidates(recomputed, NAMES[own.measure])[found], i) for i in range(3))
    return Beside(pair, recomputed, verdict, found, interval, off, explanations().get(pair.id))


def _recomputed(counts: Counts) -> dict[str, Effect]:
    measures: tuple[Measure, ...] = ("rd",) if counts.uninformative else tuple(MEASURES)
    return {measure: effect(counts, measure) for measure in measures}


def _judged(pair: Comparison, recomputed: dict[str, Effect]) -> tuple[Verdict, str | None, bool | None]:
    own = pair.printed.own
    if own is None and pair.printed.shares is None:
        return ("counts not known" if pair.counts is None else "nothing printed"), None, None
    if pair.counts is None:
        return "counts not known", None, None
    if own is None or own.measure not in NAMES:
        if own is not None and pair.printed.shares is None:
            return "not comparable", None, None
        if own is not None and _shares_agree(pair):
            return "not comparable", None, None
        return ("percentages agree" if _shares_agree(pair) else "percentages differ"), None, None
    named = NAMES[own.measure]
    candidates = _candidates(recomputed, named)
    for name, triple in candidates.items():
        if _near(own, triple, 0):
            whole = _near(own, triple, 1) and _near(own, triple, 2)
            if name != named:
                return "agrees as another measure", name, whole
            return ("agrees" if whole else "estimate agrees"), name, whole
    return "differs", None, None


def _candidates(recomputed: dict[str, Effect], named: str) -> dict[str, tuple[float, float, float]]:
    """The named measure first, then the others and their inverses; a difference is tried only where one was printed."""
    found = {name: (one.value, one.low, one.high) for name, one in recomputed.items() if name != "rd" or named == "rd"}
    if named == "rd":
        return {"rd": found["rd"]}
    turned = {f"{name} inverted": (1.0 / one[0], 1.0 / one[2], 1.0 / one[1]) for name, one in found.items()}
    first = {named: found.pop(named)} if named in found else {}
    return {**first, **found, **turned}


def _off(own: PrintedEffect, triple: tuple[float, float, float], i: int) -> float:
    """How far one number is from its print, in units of the last printed decimal."""
    scale = 100.0 if own.measure == "RD" and own.percent else 1.0
    return abs(scale * triple[i] - (own.value, own.low, own.high)[i]) * 10.0 ** own.decimals[i]


def _near(own: PrintedEffect, triple: tuple[float, float, float], i: int) -> bool:
    return _off(own, triple, i) <= 0.5 + SLACK


def _shares_agree(pair: Comparison) -> bool:
    shares, counts = pair.printed.shares, pair.counts
    if shares is None or counts is None:
        return False
    ours = (100.0 * counts.e1 / counts.n1, 100.0 * counts.e0 / counts.n0)
    digits = pair.printed.share_decimals
    return all(abs(a - b) <= 0.5 * 10.0**-d + SLACK for a, b, d in zip(ours, shares, digits, strict=True))


@cache
def explanations() -> dict[str, Explanation]:
    """The explanations of explanations.yaml by the id of their comparison."""
    data, problems = read_file(HERE / "explanations.yaml", "explanations.yaml")
    known = {pair.id for pair in comparisons()}
    for name in data:
        if name not in known:
            problems.add((name,), "no comparison has this id")
    problems.raise_if_any()
    return {name: Explanation(**entry) for name, entry in data.items()}
