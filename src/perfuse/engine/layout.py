"""Rows: where each quantity of a patient lies in the one flat buffer that the kernel works on.

Row j of lane b is `buffer[j * lanes + b]`. Names come from the fields of the groups and from the arguments of the stages, and what their
annotations say (base/declare.py). Carried quantities have one row per place and kind: `femoral_o2`. Every structure has the same rows at
the same places; those that its stages do not name hold 0 and do nothing.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from perfuse.base.declare import Downstream, FirstCell, LastCell, PerBed, PerCell, PerSpecies, Upstream, declared_by
from perfuse.engine.groups import Equation, annotations, said
from perfuse.ops import clip
from perfuse.physiology.contents import BEDS, PLACES, SPECIES

PARTS = ("circuit", "left", "right", "balloon", "sacs")
"""What may join a patient; the kernel is told by a bit each."""


class Parts(int):
    """The parts of a structure, in a function that is written once for each of SPECIALISED: what is absent costs nothing there."""


def mask(*parts: str) -> int:
    """Parts as bits."""
    return sum(1 << PARTS.index(part) for part in parts)


SPECIALISED = tuple(mask(*circuit, *parts) for circuit in ((), ("circuit",)) for parts in ((), ("left",), ("balloon",)))
"""Structures whose fast step is a function of its own; all others share one that branches (docs/decisions/0010: 5-20 % slower,
and a quarter of the time to build)."""


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
    of: int = 0  # runs where any of these parts is present; 0: always
    unless: int = 0  # does not run where any of these is

    def runs(self, parts: int) -> bool:
        """Whether a structure of these parts has this stage."""
        return (self.of == 0 or bool(parts & self.of)) and not parts & self.unless

    def of_species(self, kind: str) -> "Stage":
        """The same stage for one carried quantity."""
        return replace(self, species=kind)


ALWAYS = Stage(clip)  # stands for every structure


def is_each_side(group: Any) -> bool:
    """Whether a group means different rows for each side: field `flow` is the row `left_flow` in a stage of side "left"."""
    declared = declared_by(group)
    return declared is not None and declared.each_side


@dataclass(eq=False)
class Layout:
    """Row numbers by name, in the order in which they were first asked for, and the stages that name each."""

    cells: int
    rows: dict[str, int] = field(default_factory=dict)
    stages: dict[str, list[Stage]] = field(default_factory=dict)

    def row(self, name: str, stage: Stage = ALWAYS) -> int:
        """Number of a row that a stage names; new names get the next."""
        self.stages.setdefault(name, []).append(stage)
        return self.rows.setdefault(name, len(self.rows))

    def of(self, parts: int) -> dict[str, int]:
        """The rows that a structure of these parts has."""
        return {name: at for name, at in self.rows.items() if any(stage.runs(parts) for stage in self.stages[name])}

    def reserve(self, circuit: Stage) -> None:
        """Lay out in one block what loops walk through: contents by place, beds, and the lung's cells between inlet and outlet."""
        for kind in SPECIES:
            for place in PLACES:
                self.row(f"{place}_{kind}")
        for what in ("supply", "demand", "extraction", "share", "used", "debt"):
            for bed in BEDS:
                self.row(f"{bed}_{what}")
        for kind in SPECIES:
            self.row(f"inlet_{kind}", circuit)
            for k in range(self.cells):
                self.row(f"cell{k}_{kind}", circuit)
            self.row(f"outlet_{kind}", circuit)
        for kind in ("po2", "pco2", "ph", "so2"):
            for k in range(self.cells):
                self.row(f"cell{k}_{kind}", circuit)

    def name(self, argument: str, owner: Any, species: str, side: str) -> tuple[str, str]:
        """Row that an argument of an equation, or a field of a group (its owner), means for a carried quantity and a side.

        With it the loop's index, "" or "k". "return" stands for what an equation without a group returns.
        """
        meanings = said(annotations(owner)[argument])
        kind = species if PerSpecies in meanings else argument
        if FirstCell in meanings or LastCell in meanings:
            return f"cell{0 if FirstCell in meanings else self.cells - 1}_{kind}", ""
        for meaning, first in ((PerBed, BEDS[0]), (PerCell, "cell0"), (Upstream, "inlet"), (Downstream, "cell1")):
            if meaning in meanings:
                return f"{first}_{kind}", "k"
        name = f"{argument}_{kind}" if PerSpecies in meanings else argument
        return (f"{side}_{name}" if is_each_side(owner) else name), ""
