"""What a score is, as data: inputs, points or formula or criteria, classes, cohort, what was found later, and how well each is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from perfuse.evidence.scoring.language import Expression
from perfuse.parameters.records import Mark

Number = int | float
InputType = Literal["number", "integer", "bool", "enum", "multi-enum"]
Status = Literal["implementable", "implementable_with_warning", "do_not_implement_points_missing", "descriptive"]


@dataclass(frozen=True)
class Input:
    """One input of a score.

    unit       as shown ("mmHg", "years"); None for a pure number
    low, high  what can be given, in `unit`; `range_source`, `range_mark` say where these limits come from
    values     the words of an enum
    substance  its molar mass joins amounts and masses (substances.yaml)
    optional   it may be left out; `absent` says in words what then holds, `absent_value` is what is then used (None: it stays absent)
    """

    name: str
    type: InputType
    unit: str | None = None
    low: Number | None = None
    high: Number | None = None
    range_source: str = ""
    range_mark: Mark = "assumed"
    values: tuple[str, ...] = ()
    note: str = ""
    substance: str = ""
    optional: bool = False
    absent: str = ""
    absent_value: Number | None = None


@dataclass(frozen=True)
class Band:
    """Points (or a word) where a condition holds; of several bands the first that holds counts."""

    when: Expression
    points: Number


@dataclass(frozen=True)
class Item:
    """One line of a points table: bands, points of the words of an enum (summed where several are given), or points for yes or no."""

    name: str
    of: tuple[str, ...]
    bands: tuple[Band, ...] = ()
    words: Mapping[str, Number] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Class:
    """A class: label, condition, and what was published for its patients (name of the outcome to per cent or odds ratio)."""

    label: str | None
    when: Expression
    outcome: Mapping[str, Number | None]
    n: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Threshold:
    """A published threshold beside a value: label, condition, the rule as printed, source and mark."""

    label: str
    when: Expression | None
    rule: str
    source: str
    mark: Mark


@dataclass(frozen=True)
class Remark:
    """A condition and the sentence that it brings."""

    when: Expression
    text: str


@dataclass(frozen=True)
class Cohort:
    """The patients from whom a score was derived: who, how many, when, how they fared, how well it told them apart; each with a mark."""

    who: str = ""
    n: int | None = None
    era: str | None = None
    overall: str = ""
    discrimination: str = ""
    mark: Mark = "seen"
    era_mark: Mark | None = None


@dataclass(frozen=True)
class External:
    """A later result in other patients; `by_class` holds the outcome of each class where it was printed."""

    who: str
    result: str
    source: str
    mark: Mark
    n: int | None = None
    outcome: str = ""
    by_class: Mapping[str, Number] = field(default_factory=dict)


@dataclass(frozen=True)
class Score:
    """One record of the library; exactly one of items, formula outputs, criteria and stages carries its content.

    items      a points table; `total` joins its points (sum or mean), `constant` is added
    terms      parts of a formula, shown as contributions; `total` is their sum and can be named by outputs
    criteria   named conditions; outputs read their names
    outputs    name to expression, in order; later ones may read earlier ones; a name that begins with _ is not told
    output_ranges   what an output can be at all; infinity where it grows without limit, None where its inputs limit it
    turns      values of an input at which a formula turns, so that ranges over it are exact
    main       the output ("" for none) whose range is told when inputs are missing
    """

    id: str
    name: str
    endpoint: str | None
    status: Status
    source: str
    evidence: str
    mark: Mark
    confidence: str
    inputs: Mapping[str, Input] = field(default_factory=dict)
    one_of: tuple[tuple[str, ...], ...] = ()
    items: Mapping[str, Item] = field(default_factory=dict)
    constant: Number = 0
    total: Literal["sum", "mean"] = "sum"
    total_range: tuple[Number, Number] | None = None
    terms: Mapping[str, Expression] = field(default_factory=dict)
    criteria: Mapping[str, Expression] = field(default_factory=dict)
    outputs: Mapping[str, Expression] = field(default_factory=dict)
    output_ranges: Mapping[str, tuple[Number | None, Number | None]] = field(default_factory=dict)
    turns: Mapping[str, tuple[Expression, ...]] = field(default_factory=dict)
    main: str = "score"
    components: bool = False
    failed: bool = False
    class_name: str = ""
    class_of: str = ""
    classes: tuple[Class, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    requires: tuple[Remark, ...] = ()
    warns: tuple[Remark, ...] = ()
    warning: str = ""
    cohort: Cohort | None = None
    external: tuple[External, ...] = ()
    ecmo: bool = False
    notes: tuple[str, ...] = ()
    known: Any = None
    missing: str = ""
    stages: Mapping[str, str] = field(default_factory=dict)

    @property
    def available(self) -> bool:
        """Whether it can be worked out."""
        return self.status in ("implementable", "implementable_with_warning")

    @property
    def kind(self) -> Literal["points", "formula", "criteria", "none"]:
        """What carries its content."""
        if not self.available:
            return "none"
        return "points" if self.items else "criteria" if self.criteria else "formula"
