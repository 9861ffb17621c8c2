"""The wiring of the model, checked: every row has one unit and one owner, what is read is written or given, and nothing else is.

The kernel connects equations by the names of their arguments and fields. A misspelt name would be a row that nobody writes, and hold 0 for
ever; so the whole table of stages is described first, and what does not fit together is refused, all of it at once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from perfuse.base.declare import Declared, Downstream, Elsewhere, PerBed, Unit, Upstream, declared_by
from perfuse.engine.groups import annotations, arguments, fields_of, flat, is_group, leaves, result, said, written
from perfuse.engine.layout import PARTS, Layout, Stage
from perfuse.engine.source import carried_over, inputs_of, outputs_of
from perfuse.physiology.contents import BEDS, SPECIES

OF_CONTENT = {"o2": Unit("mL/mL", "O2"), "co2": Unit("mL/mL", "CO2"), "hb": Unit("g/dL"), "temp": Unit("degC")}
"""Unit of what a mL of blood carries."""


class WiringError(Exception):
    """What in the model does not fit together, a line each."""


@dataclass
class Row:
    """A row as the equations name it."""

    name: str
    units: dict[Unit, str] = field(default_factory=dict)  # unit -> who first says so
    owners: dict[str, Any] = field(default_factory=dict)  # group that declares it -> what it declares
    read_by: list[str] = field(default_factory=list)
    written_by: list[str] = field(default_factory=list)

    @property
    def unit(self) -> str:
        """The unit in which it is held."""
        return next(iter(self.units)).symbol

    @property
    def at_start(self) -> float | None:
        """What it holds before a run, or None where who builds a patient or a device must say."""
        return next((one.at_start for one in self.owners.values()), None)


@dataclass(frozen=True)
class Mention:
    """What an argument of an equation, or a field of a group, says of one row."""

    row: str
    unit: Unit | None
    who: str  # group.field, or argument of equation
    owner: str = ""  # group that declares the row
    declared: Declared | None = None


@cache
def mentions(layout: Layout, argument: str, owner: Any, species: str, side: str) -> tuple[Mention, ...]:
    """What an argument or field says, of every row that it stands for."""
    meanings = said(annotations(owner)[argument])
    unit = next((one for one in meanings if isinstance(one, Unit)), None)
    who = f"{owner.__name__}.{argument}" if is_group(owner) else f"{argument} of {owner.__name__}"
    declared = declared_by(owner) if is_group(owner) and Elsewhere not in meanings else None
    if unit is not None and unit.symbol == "content":
        unit = OF_CONTENT[species]
    name, looped = layout.name(argument, owner, species, side)
    return tuple(
        Mention(row, unit, who, owner.__name__ if declared else "", declared)
        for row in (_looped(layout, name, meanings) if looped else [name])
    )


def _looped(layout: Layout, first: str, meanings: Sequence[Any]) -> Iterator[str]:
    """Rows that a loop over beds or cells walks through."""
    if PerBed in meanings:
        yield from (first.replace(BEDS[0], bed, 1) for bed in BEDS)
        return
    kind = first.partition("_")[2]
    yield from (f"cell{k}_{kind}" for k in range(layout.cells))
    if Upstream in meanings or Downstream in meanings:
        yield f"{'inlet' if Upstream in meanings else 'outlet'}_{kind}"


@dataclass
class Wiring:
    """All rows by name, and what is wrong with them."""

    layout: Layout
    rows: dict[str, Row] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def note(self, argument: str, owner: Any, stage: Stage, *, writes: bool) -> None:
        """Note what an argument of an equation, or a field of a group, says of its rows."""
        for one in mentions(self.layout, argument, owner, stage.species, stage.side):
            if one.unit is None:
                self.problems.append(f"{one.who} says no unit: annotate it with one of base/declare.py.")
                continue
            row = self.rows.get(one.row)
            if row is None:
                row = self.rows[one.row] = Row(one.row)
            if one.unit not in row.units:
                row.units[one.unit] = one.who
            if one.declared is not None:
                row.owners[one.owner] = one.declared
            (row.written_by if writes else row.read_by).append(stage.function.__name__)

    def note_group(self, group: Any, stage: Stage, *, writes: bool) -> None:
        """The same of all fields of a group."""
        for name in fields_of(group):
            self.note(name, group, stage, writes=writes)

    def check(self, tables: Mapping[str, str]) -> None:
        """Note what does not fit together; `tables` are the parameters that tables of values declare, with the engine's unit or ""."""
        for row in self.rows.values():
            self._check(row, tables)
        unread = [name for name in tables if name not in self.rows or not self.rows[name].read_by]
        self.problems += [f"{name} can be set, and no equation reads it." for name in unread]

    def _check(self, row: Row, tables: Mapping[str, str]) -> None:
        told = self.problems.append
        kinds = {one.kind for one in row.owners.values()}
        states = [name for name, one in row.owners.items() if one.kind == "state"]
        if len(row.units) > 1:
            told(f"{row.name} has two units: " + ", ".join(f"{unit} in {who}" for unit, who in row.units.items()) + ".")
        if len(states) > 1:
            told(f"{row.name} is declared twice, in {' and '.join(states)}: leave it in one, and say Elsewhere in the other.")
        if row.written_by and not states:
            told(f"{row.name} is written by {row.written_by[0]}, and no group marked @state declares it: is it misspelt?")
        if row.written_by and "parameters" in kinds:
            told(f"{row.name} is a parameter, and {row.written_by[0]} writes it.")
        if not row.written_by and states:
            told(f"{row.name} is declared as state by {states[0]}, and no equation writes it.")
        if not row.written_by and not states and not kinds and row.name not in tables:
            told(f"{row.name} is read by {row.read_by[0]}, and nothing declares, writes or gives it: is it misspelt?")
        if not row.read_by and kinds == {"parameters"}:
            told(f"{row.name} is a parameter of {next(iter(row.owners))} that no equation reads.")
        unit = tables.get(row.name, "")
        if unit and unit != row.unit:
            told(f"{row.name} is in {row.unit} in {next(iter(row.units.values()))}, and in {unit} in its table.")


def describe(fast: Sequence[Stage], slow: Sequence[Stage], layout: Layout) -> Wiring:
    """What the stages of a step say of their rows."""
    wiring = Wiring(layout)
    over = [carried_over(fast, parts) for parts in range(1 << len(PARTS))]
    kept, changed = ({local for each in over for local in each[which]} for which in (0, 1))
    for stage in fast:
        for local, kind in inputs_of(stage):
            if local in kept:
                wiring.note_group(kind, stage, writes=False)
        for local, kind, _ in outputs_of(stage):
            if local in changed:
                wiring.note_group(kind, stage, writes=True)
    for stage in slow:
        for each in [stage] if not stage.over.startswith("species") else [stage.of_species(kind) for kind in SPECIES]:
            _note_slow(wiring, each)
    return wiring


def _note_slow(wiring: Wiring, stage: Stage) -> None:
    for name, kind in arguments(stage.function):
        if is_group(kind):
            wiring.note_group(kind, stage, writes=False)
        elif name not in ("dt", "fast_steps"):
            wiring.note(name, stage.function, stage, writes=False)
    for name, _, owner, _ in written(result(stage.function), "", stage.function):
        wiring.note(name, owner, stage, writes=True)


def evaluate(function: Callable[..., Any], values: Mapping[str, float]) -> dict[str, float]:
    """Call an equation once in plain Python on rows by name; what it writes, by name. For patient-wide stages only."""
    given = [kind(*(values[inner] for inner in fields_of(kind))) if is_group(kind) else values[name] for name, kind in arguments(function)]
    back = result(function)
    return dict(zip([name for name, _, _ in leaves(back, "")], flat(function(*given)), strict=True))
