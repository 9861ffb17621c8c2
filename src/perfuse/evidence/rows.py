"""Rows of published evidence as records: what was published, joined with how it is put to the model.

`data/validation.csv` holds the words and numbers of the publication, `rows/*.yaml` (one file an area) hold the checks. A row has
checks (calls of pure equations, or expectations about an experiment's arms) or the reason why it has none.
"""

import csv
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from ruamel.yaml import YAML

HERE = Path(__file__).parent
Mark = Literal["seen", "recalled-high", "recalled-medium", "recalled-low", "computed", "assumed"]
Kind = Literal["result", "equation", "criterion", "contested"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Strict(BaseModel):
    """A record that refuses keys it does not know, and cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Band(Strict):
    """The range a number must lie in; a missing end means no limit on that side."""

    unit: str
    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def _has_an_end(self) -> "Band":
        if self.low is None and self.high is None:
            raise ValueError("a band needs low, high or both")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("low is above high")
        return self

    def holds(self, value: float) -> bool:
        """Whether the value lies inside, ends included; a value that is not a number never does."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high) and value == value

    def text(self) -> str:
        """The band in words."""
        if self.low is None:
            return f"at most {self.high:g}"
        return f"at least {self.low:g}" if self.high is None else f"{self.low:g} to {self.high:g}"


class EquationCheck(Band):
    """One call of a pure equation, times `scale`, must lie in the band."""

    call: Annotated[str, Field(pattern=r"^perfuse\.[a-z0-9_.]+$")]
    arguments: dict[str, float | str] = Field(default_factory=dict, alias="with")
    field: str | None = None
    scale: float = 1.0
    label: str


class Expectation(Band):
    """An expression over the readings of an experiment's arms must lie in the band."""

    quantity: str
    label: str = ""


class Matching(Strict):
    """Bring one arm to its published starting point: solve `free` for `targets`, then use the solution in `share` too."""

    on: Name
    free: tuple[str, ...] = Field(min_length=1)
    targets: dict[str, str | float] = Field(min_length=1)
    share: tuple[Name, ...] = ()


class Experiment(Strict):
    """One or several arms (cases), what is matched before, and the moments at which readings are taken."""

    note: str = ""
    arms: dict[Name, dict[str, Any]] = Field(min_length=1)
    matching: tuple[Matching, ...] = ()

    @model_validator(mode="after")
    def _arms_exist(self) -> "Experiment":
        for step in self.matching:
            for arm in (step.on, *step.share):
                if arm not in self.arms:
                    raise ValueError(f"matching names the arm {arm!r}, which does not exist")
        return self


class Plan(Strict):
    """How one row is put to the model."""

    id: str
    equation: tuple[EquationCheck, ...] = ()
    experiment: str | None = None
    expect: tuple[Expectation, ...] = ()
    not_expressible: str | None = None
    reading: str = ""

    @model_validator(mode="after")
    def _one_form(self) -> "Plan":
        if bool(self.experiment) != bool(self.expect):
            raise ValueError(f"{self.id}: experiment and expect belong together")
        checks = bool(self.equation) or bool(self.expect)
        if checks == bool(self.not_expressible):
            raise ValueError(f"{self.id}: give checks, or the reason in not_expressible, and not both")
        return self


class PlanFile(Strict):
    """One file of `rows/`."""

    schema_: Literal["perfuse-validation/1"] = Field(alias="schema")
    experiments: dict[Name, Experiment] = Field(default_factory=dict)
    rows: tuple[Plan, ...]


class Row(Strict):
    """A published row with its plan and, where it has one, its experiment."""

    id: str
    area: str
    kind: Kind
    setup: str
    quantity: str
    published: str
    tolerance: str
    source: str
    mark: Mark
    plan: Plan
    experiment: Experiment | None = None


def mark_of(source: str, confidence: str) -> Mark:
    """How a row's number is known, from the first words of its source and the confidence written beside it."""
    words = source.lower()
    if words.startswith(("computed", "closed form")):
        return "computed"
    if words.startswith("recalled"):
        return {"high": "recalled-high", "medium": "recalled-medium"}.get(confidence, "recalled-low")  # type: ignore[return-value]
    return "seen"


def published(path: Path = HERE / "data" / "validation.csv") -> list[dict[str, str]]:
    """The rows of the published table, as written there."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_plans(paths: Iterable[Path]) -> list[PlanFile]:
    """The files of `rows/`, read strictly."""
    yaml = YAML(typ="safe")
    yaml.allow_duplicate_keys = False
    return [PlanFile.model_validate(yaml.load(path.read_text(encoding="utf-8"))) for path in paths]


def _source_of(entry: dict[str, str], entries: dict[str, dict[str, str]]) -> tuple[str, Mark]:
    """The source in full and its mark; "as E01" is followed to the row it names."""
    words = entry["source"].split()
    if len(words) >= 2 and words[0] == "as" and words[1].rstrip(",;") in entries:
        other, mark = _source_of(entries[words[1].rstrip(",;")], entries)
        return (other if len(words) == 2 else f"{entry['source']} ({other})"), mark
    return entry["source"], mark_of(entry["source"], entry["confidence"])


@cache
def rows() -> tuple[Row, ...]:
    """Every row of the published table in its order, each with its plan."""
    entries = {entry["id"]: entry for entry in published()}
    files = read_plans(sorted((HERE / "rows").glob("*.yaml")))
    plans: dict[str, tuple[Plan, PlanFile]] = {}
    for file in files:
        for plan in file.rows:
            if plan.id in plans:
                raise ValueError(f"two plans for {plan.id}")
            if plan.id not in entries:
                raise ValueError(f"a plan for {plan.id}, which the published table does not have")
            if plan.experiment is not None and plan.experiment not in file.experiments:
                raise ValueError(f"{plan.id}: no experiment {plan.experiment!r} in its file")
            plans[plan.id] = (plan, file)
    missing = [name for name in entries if name not in plans]
    if missing:
        raise ValueError(f"no plan for {', '.join(missing)}")
    return tuple(_row(entry, entries, *plans[entry["id"]]) for entry in entries.values())


def _row(entry: dict[str, str], entries: dict[str, dict[str, str]], plan: Plan, file: PlanFile) -> Row:
    source, mark = _source_of(entry, entries)
    return Row(
        id=entry["id"],
        area=entry["area"],
        kind=entry["kind"],
        setup=entry["setup (inputs in words with numbers)"],
        quantity=entry["quantity"],
        published=entry["published value"],
        tolerance=entry["tolerance or range"],
        source=source,
        mark=mark,
        plan=plan,
        experiment=file.experiments[plan.experiment] if plan.experiment else None,
    )
