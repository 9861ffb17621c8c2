"""Effects of two arms: risk ratio, odds ratio, risk difference, number needed to treat, Peto's odds ratio.

Arm 1 is the intervention, arm 0 the control. Ratios are printed/computed on the log scale with Wald limits, as trials print them.

A zero cell: 0.5 is added to all four cells of that table (Haldane 1956, Anscombe 1956; the convention of Cochrane and of metafor's
`escalc(to="only0")`), and the result says so. A ratio of two arms without any event does not exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, inf, isfinite, log, sqrt
from typing import Any, Literal

from scipy.special import ndtr, ndtri

from perfuse.evidence.wilson import wilson
from perfuse.parameters.problems import InputError, Path, Problem, Problems

Measure = Literal["rr", "or", "rd"]
MEASURES: dict[Measure, str] = {"rr": "risk ratio", "or": "odds ratio", "rd": "risk difference"}
CORRECTION = 0.5
LARGEST = 10**9
"""Patients of one arm; more is a slip of the keyboard."""


@dataclass(frozen=True)
class Counts:
    """Events and patients of two arms; whole numbers, 0 <= e <= n, n >= 1."""

    e1: int
    n1: int
    e0: int
    n0: int

    @property
    def cells(self) -> tuple[float, float, float, float]:
        """Events and non-events of arm 1, then of arm 0."""
        return float(self.e1), float(self.n1 - self.e1), float(self.e0), float(self.n0 - self.e0)

    @property
    def uninformative(self) -> bool:
        """No event in either arm: nothing is known about a ratio."""
        return self.e1 == 0 and self.e0 == 0


@dataclass(frozen=True)
class Effect:
    """One effect with its interval.

    measure     "rr", "or", "rd", "peto"
    value       ratio, or difference of risks (0-1) arm 1 minus arm 0
    low, high   interval at `level`
    y, se       what is pooled: log ratio (or difference) and its standard error
    p           two-sided, normal
    correction  what was added to each of the four cells (0 or 0.5)
    """

    measure: str
    value: float
    low: float
    high: float
    y: float
    se: float
    p: float
    correction: float = 0.0
    level: float = 0.95

    def as_data(self) -> dict[str, float]:
        """Under the names of the analysis vectors: the measure, ci_low, ci_high, p, and the continuity correction used."""
        return {
            self.measure: self.value, "ci_low": self.low, "ci_high": self.high, "p": self.p, "se": self.se,
            "level": self.level, "continuity_correction": self.correction,
        }  # fmt: skip


def noted_counts(given: Mapping[str, Any], problems: Problems, path: Path = ()) -> Counts | None:
    """The four counts of a mapping with e1, n1, e0, n0; every count that cannot be is noted under `path`."""
    found: dict[str, int] = {}
    for name in ("e1", "n1", "e0", "n0"):
        number = whole(given.get(name), problems, (*path, name))
        if number is not None:
            found[name] = number
    for arm in ("1", "0"):
        check_arm(found.get(f"e{arm}"), found.get(f"n{arm}"), problems, path, f"e{arm}", f"n{arm}")
    if len(found) < 4 or any(found[f"e{arm}"] > found[f"n{arm}"] or found[f"n{arm}"] < 1 for arm in ("1", "0")):
        return None
    return Counts(**found)


def check_arm(events: int | None, n: int | None, problems: Problems, path: Path, e_name: str, n_name: str) -> None:
    """Note an arm with no patients, or with more events than patients."""
    if n == 0:
        problems.add((*path, n_name), "an arm has no patients", value=n, allowed="1 or more")
    elif events is not None and n is not None and events > n:
        problems.add((*path, e_name), f"{events} events among {n} patients cannot be", value=events, allowed=f"0 to {n}")


def whole(value: Any, problems: Problems, path: Path) -> int | None:
    """A count as a whole number; None, with the problem noted, where it is none. Percentages are never turned into counts."""
    allowed = f"a whole number, 0 to {LARGEST}"
    if value is None or (isinstance(value, str) and not value.strip()):
        problems.add(path, "a count is missing", allowed=allowed)
        return None
    if isinstance(value, str) and value.strip().endswith("%"):
        problems.add(path, "a percentage is no count", value=value, allowed=allowed, hint="Counts are never back-calculated here.")
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = inf
    if isinstance(value, bool) or not isfinite(number) or number != int(number) or not 0 <= number <= LARGEST:
        problems.add(path, "this is no count", value=value, allowed=allowed)
        return None
    return int(number)


def counts(e1: Any, n1: Any, e0: Any, n0: Any) -> Counts:
    """Four counts, checked together; InputError names every one that cannot be."""
    problems = Problems()
    found = noted_counts({"e1": e1, "n1": n1, "e0": e0, "n0": n0}, problems)
    problems.raise_if_any()
    assert found is not None
    return found


def z_of(level: float) -> float:
    """Normal quantile of a two-sided interval; level between 0.5 and 0.9999."""
    if not (isinstance(level, float) and 0.5 <= level <= 0.9999):
        raise InputError([Problem("level", "this is no level of an interval", value=str(level), allowed="0.5 to 0.9999")])
    return float(ndtri(0.5 + 0.5 * level))


def effect(table: Counts, measure: Measure, level: float = 0.95) -> Effect:
    """One of the three effects, with the rule for zero cells above.

    A risk difference keeps its plain value; only its standard error uses the corrected cells.
    """
    y, variance, correction = log_effect(table, measure)
    return _whole(measure, y, sqrt(variance), correction, level)


def log_effect(table: Counts, measure: Measure) -> tuple[float, float, float]:
    """(y, variance, correction): log ratio or difference of risks, as it is pooled."""
    if measure not in MEASURES:
        raise InputError([Problem("measure", "this measure is not known", value=str(measure), allowed=", ".join(MEASURES))])
    if measure != "rd" and table.uninformative:
        hint = "The risk difference can be computed; a pooled ratio leaves such a study out and says so."
        raise InputError([Problem("e1, e0", "no event in either arm: a ratio does not exist", hint=hint)])
    if measure == "or" and table.e1 == table.n1 and table.e0 == table.n0:
        raise InputError([Problem("e1, e0", "every patient of both arms has the event: an odds ratio does not exist")])
    correction = CORRECTION if min(table.cells) == 0.0 else 0.0
    a, b, c, d = (cell + correction for cell in table.cells)
    if measure == "or":
        return log(a * d / (b * c)), 1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d, correction
    n1, n0 = a + b, c + d
    if measure == "rr":
        return log(a * n0 / (n1 * c)), 1.0 / a - 1.0 / n1 + 1.0 / c - 1.0 / n0, correction
    return table.e1 / table.n1 - table.e0 / table.n0, a * b / n1**3 + c * d / n0**3, correction


def peto(table: Counts, level: float = 0.95) -> Effect:
    """Peto's odds ratio, exp((O - E)/V); good for rare events and small effects in balanced arms only (Yusuf 1985, Greenland 1990)."""
    surplus, variance = peto_parts(table)
    if variance == 0.0:
        raise InputError([Problem("e1, e0", "no event, or nothing but events, in both arms: Peto's odds ratio does not exist")])
    return _whole("peto", surplus / variance, 1.0 / sqrt(variance), 0.0, level)


def peto_parts(table: Counts) -> tuple[float, float]:
    """Observed minus expected events of arm 1, and its hypergeometric variance."""
    n, events = table.n1 + table.n0, table.e1 + table.e0
    expected = table.n1 * events / n
    variance = table.n1 * table.n0 * events * (n - events) / (n * n * (n - 1.0)) if n > 1 else 0.0
    return table.e1 - expected, variance


def _whole(measure: str, y: float, se: float, correction: float, level: float) -> Effect:
    z = z_of(level)
    shape = (lambda x: x) if measure == "rd" else exp
    p = 2.0 * float(ndtr(-abs(y) / se))
    return Effect(measure, shape(y), shape(y - z * se), shape(y + z * se), y, se, p, correction, level)


def newcombe(table: Counts, level: float = 0.95) -> tuple[float, float]:
    """Interval of the risk difference from the two Wilson intervals (Newcombe 1998, method 10); good at small counts too."""
    z = z_of(level)
    p1, p0 = table.e1 / table.n1, table.e0 / table.n0
    (l1, u1), (l0, u0) = wilson(table.e1, table.n1, z), wilson(table.e0, table.n0, z)
    low = p1 - p0 - sqrt((p1 - l1) ** 2 + (u0 - p0) ** 2)
    return low, p1 - p0 + sqrt((u1 - p1) ** 2 + (p0 - l0) ** 2)
