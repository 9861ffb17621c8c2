"""Rows: where each quantity of a patient lies in the one flat buffer that the kernels work on.

Row j of lane b is `buffer[j * LANES + b]`. Names come from the fields of the NamedTuples and from the arguments of the stages;
a row that no stage writes is a parameter, the others are state. Carried quantities have one row per place and kind: `femoral_o2`.
"""

import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from perfuse.devices.pulsatile_pump import Sac, SacContent, SacCrossed, SacDrive, SacShown
from perfuse.devices.rotary_pump import Rotor, RotorCrossed, RotorDrive, RotorPower, RotorShown, RotorTally
from perfuse.physiology.contents import BEDS, PLACES, SPECIES, Carried

Equation = Callable[..., Any]

PER_SPECIES = frozenset(
    {"lung_gain", "drip_content", "capacity", "lung_bypass", "inlet", "outlet", "water", "splanchnic_vein", "sac_content"}
)
"""Arguments that mean a different row for each carried quantity."""
PER_SIDE = frozenset({Rotor, RotorDrive, RotorCrossed, RotorTally, RotorPower, RotorShown, Sac, SacDrive, SacCrossed, SacContent, SacShown})
"""Groups that mean different rows for each side: field `flow` is the row `left_flow` in a stage of side "left"."""


@dataclass(frozen=True)
class Stage:
    """An equation and what it runs over: one patient, each carried quantity, each bed, each cell of the membrane lung."""

    function: Equation
    over: str = (
        "patient"  # patient | species | beds | cells | cells_forward | cells_backward | species_cells_forward | species_cells_backward
    )
    every: int = 1  # slow steps between calls
    species: str = ""  # run for this carried quantity alone
    side: str = ""  # left | right, for equations of devices that either side of the heart may have


def arguments(function: Equation) -> list[tuple[str, Any]]:
    """Names and types of a stage's arguments, in order."""
    hints = typing.get_type_hints(function)
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    return [(name, hints[name]) for name in names]


def result(function: Equation) -> Any:
    """Type of what a stage returns."""
    return typing.get_type_hints(function)["return"]


def is_group(kind: Any) -> bool:
    """Whether a type is a NamedTuple."""
    return isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields")


def leaves(kind: Any, path: str = "o") -> Iterator[tuple[str, str, Any]]:
    """(field, expression, group) of every float in a possibly nested NamedTuple."""
    for name, inner in typing.get_type_hints(kind).items():
        if is_group(inner):
            yield from leaves(inner, f"{path}.{name}")
        else:
            yield name, f"{path}.{name}", kind


@dataclass
class Layout:
    """Row numbers by name, in the order in which they were first asked for."""

    cells: int
    rows: dict[str, int] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)

    def row(self, name: str) -> int:
        """Number of a row; new names get the next."""
        if name not in self.rows:
            self.rows[name] = len(self.rows)
        return self.rows[name]

    def reserve(self) -> None:
        """Lay out in one block what loops walk through: contents by place, beds, and the lung's cells between inlet and outlet."""
        for kind in SPECIES:
            for place in PLACES:
                self.row(f"{place}_{kind}")
        for what in ("supply", "demand", "extraction", "share", "used", "debt"):
            for bed in BEDS:
                self.row(f"{bed}_{what}")

    def reserve_cells(self) -> None:
        """Rows of the membrane lung."""
        for kind in SPECIES:
            self.row(f"inlet_{kind}")
            for k in range(self.cells):
                self.row(f"cell{k}_{kind}")
            self.row(f"outlet_{kind}")
        for kind in ("po2", "pco2", "ph", "so2"):
            for k in range(self.cells):
                self.row(f"cell{k}_{kind}")

    def write(self, row: str, step: str, stage: Stage) -> None:
        """Note that a stage writes a row, or the whole block that it walks through."""
        number = self.row(row)
        count = 1 if not step else len(BEDS) if stage.over == "beds" else self.cells
        names = {place: name for name, place in self.rows.items()}
        self.written.update(names[number + k] for k in range(count))

    def name(self, argument: str, group: Any, stage: Stage, species: str) -> tuple[str, str]:
        """Row that an argument or field means in a stage, and the loop index to add ("" or "k")."""
        if group in PER_SIDE:
            own = f"{argument}_{species}" if argument in PER_SPECIES else argument
            return f"{stage.side}_{own}", ""
        if group is Carried:
            return f"{argument}_{species}", ""
        if argument in PER_SPECIES:
            return f"{argument}_{species}", ""
        if stage.over == "beds" and argument.startswith("bed_"):
            return f"coronary_{argument[4:]}", "k"
        if "cells" in stage.over:
            kind = species or ""
            if argument == "cell":
                return f"cell0_{kind}", "k"
            if argument == "upstream":
                return f"inlet_{kind}", "k"
            if argument == "downstream":
                return f"cell1_{kind}", "k"
            if argument.startswith("cell_") and argument != "cell_volume":
                return f"cell0_{argument[5:]}", "k"
        if argument == "cell_first":
            return f"cell0_{species}", ""
        if argument == "cell_last":
            return f"cell{self.cells - 1}_{species}", ""
        return argument, ""


def evaluate(function: Equation, values: dict[str, float]) -> dict[str, float]:
    """Call an equation once in plain Python on rows by name; what it writes, by name. For patient-wide stages only."""
    given = []
    for name, kind in arguments(function):
        given.append(kind(*(values.get(inner, 0.0) for inner in kind._fields)) if is_group(kind) else values.get(name, 0.0))
    outcome = function(*given)
    found: dict[str, float] = {}

    def collect(group: Any) -> None:
        for name, value in zip(group._fields, group, strict=True):
            if hasattr(value, "_fields"):
                collect(value)
            else:
                found[name] = value

    collect(outcome)
    return found
