"""What an analysis hands over: estimates with their intervals, what was assumed, what was checked, and the truth where it is known."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Estimate:
    """One number of an analysis.

    label      what it is, in words
    value      the point estimate
    low, high  its interval (95 % unless the label says otherwise), None where there is none
    unit       "1" for ratios and log ratios, "%", "d", ...
    role       "method" for what the analysis is for; "naive" for the estimate that it corrects, shown beside it
    truth      what a synthetic registry was made with, None for real data
    """

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    unit: str = "1"
    role: Literal["method", "naive"] = "method"
    truth: float | None = None

    @property
    def covers(self) -> bool | None:
        """Whether the interval holds the truth; None where there is no truth or no interval."""
        if self.truth is None or self.low is None or self.high is None:
            return None
        return self.low <= self.truth <= self.high


@dataclass(frozen=True)
class Finding:
    """An analysis and all that a reader needs to doubt it.

    name         the word that calls it ("fine-gray")
    question     what is asked, in one sentence
    n            rows (runs, patients, centres, studies) it rests on, by what they are
    estimates    in the order in which they are shown
    assumptions  sentences, each of which could be false
    diagnostics  what was measured about them: name to number, text, or list of rows (mappings)
    warnings     sentences about this data set
    curves       what a figure is drawn from: name to columns of equal length
    source       the paper of the method
    """

    name: str
    question: str
    n: Mapping[str, int]
    estimates: tuple[Estimate, ...]
    assumptions: tuple[str, ...]
    diagnostics: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    curves: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    source: str = ""

    def as_data(self) -> dict[str, Any]:
        """Plain data for JSON: the fields, and of each estimate whether its interval holds the truth."""
        data = asdict(self)
        data["estimates"] = [{**asdict(one), "covers": one.covers} for one in self.estimates]
        return data
