"""Rows: where each quantity of a patient lies in the one flat buffer that the kernel works on.

Row j of lane b is `buffer[j * lanes + b]`. Names come from the fields of the groups and from the arguments of the stages; a row that no
stage writes is a parameter, the others are state. Carried quantities have one row per place and kind: `femoral_o2`. Every structure has
the same rows at the same places; those that its stages do not name hold 0 and do nothing.
"""

from dataclasses import dataclass, field
from typing import Any

from perfuse.devices.pulsatile_pump import Sac, SacContent, SacCrossed, SacDrive, SacShown
from perfuse.devices.rotary_pump import Rotor, RotorCrossed, RotorDrive, RotorPower, RotorShown, RotorTally
from perfuse.engine.groups import Equation, arguments, fields_of, is_group
from perfuse.ops import clip
from perfuse.physiology.contents import BEDS, PLACES, SPECIES, Carried

PARTS = ("circuit", "left", "right", "balloon", "sacs")
"""What may join a patient; the kernel is told by a bit each."""
PER_SPECIES = frozenset(
    {"lung_gain", "drip_content", "capacity", "lung_bypass", "inlet", "outlet", "water", "splanchnic_vein", "sac_content"}
)
"""Arguments that mean a different row for each carried quantity."""
PER_SIDE = frozenset({Rotor, RotorDrive, RotorCrossed, RotorTally, RotorPower, RotorShown, Sac, SacDrive, SacCrossed, SacContent, SacShown})
"""Groups that mean different rows for each side: field `flow` is the row `left_flow` in a stage of side "left"."""


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


ALWAYS = Stage(clip)  # stands for every structure


@dataclass
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
        given.append(kind(*(values.get(inner, 0.0) for inner in fields_of(kind))) if is_group(kind) else values.get(name, 0.0))
    outcome = function(*given)
    found: dict[str, float] = {}

    def collect(group: Any) -> None:
        for name in fields_of(type(group)):
            value = getattr(group, name)
            if is_group(type(value)):
                collect(value)
            else:
                found[name] = value

    collect(outcome)
    return found
