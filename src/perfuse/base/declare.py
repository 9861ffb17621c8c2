"""How rows of the state are declared: with their unit, by one group, and what an argument of an equation means.

An equation reads and writes rows by the names of its arguments, or of the fields of groups. Their annotation is a unit of this file. Where
one name stands for several rows, it says which: `Annotated[mmHg, PerCell]`. A group marked `@state` owns its rows, one marked
`@parameters` says which constants a device or a patient must bring; the fields of any other group mean rows that are owned elsewhere.
engine/wiring.py refuses what does not fit together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

_G = TypeVar("_G", bound=type)


@dataclass(frozen=True)
class Unit:
    """The unit in which the engine holds a row, and of what, where rows of the same unit are not to be mistaken for each other."""

    symbol: str
    of: str = ""

    def __str__(self) -> str:
        return f"{self.symbol} ({self.of})" if self.of else self.symbol


@dataclass(frozen=True)
class Meaning:
    """Which rows a name stands for, where it is not the row of that name."""

    words: str


PerSpecies = Meaning("a row for each carried quantity")
PerBed = Meaning("a row for each capillary bed")
PerCell = Meaning("a row for each cell of the membrane lung")
Upstream = Meaning("the cell before, the lung's inlet before the first")
Downstream = Meaning("the cell after, the lung's outlet after the last")
FirstCell = Meaning("the first cell of the membrane lung")
LastCell = Meaning("the last cell of the membrane lung")
Elsewhere = Meaning("a field of a group that owns its rows, but not this one")


@dataclass(frozen=True)
class Declared:
    """What a group declares: `kind` state (some equation writes its rows) or parameters (none does), and what its rows start from.

    at_start    the number that every row of the group holds before a run, or None: who builds a patient or a device must give each
    each_side   a device that either side of the heart may have: `flow` is the row `left_flow` on the left
    """

    kind: str
    at_start: float | None = None
    each_side: bool = False


def _marked(declared: Declared) -> Callable[[_G], _G]:
    def mark(group: _G) -> _G:
        group.__declared__ = declared  # type: ignore[attr-defined]
        return group

    return mark


def state(*, at_start: float | None = None, each_side: bool = False) -> Callable[[_G], _G]:
    """Mark a group whose rows equations write."""
    return _marked(Declared("state", at_start, each_side))


def parameters(*, each_side: bool = False) -> Callable[[_G], _G]:
    """Mark a group whose rows no equation writes."""
    return _marked(Declared("parameters", None, each_side))


def declared_by(group: object) -> Declared | None:
    """What a group declares, if anything."""
    found = getattr(group, "__declared__", None)
    return found if isinstance(found, Declared) else None


mmHg = Annotated[float, Unit("mmHg")]
PO2 = Annotated[float, Unit("mmHg", "O2")]
PCO2 = Annotated[float, Unit("mmHg", "CO2")]
mL = Annotated[float, Unit("mL")]
mL_s = Annotated[float, Unit("mL/s")]
mL_mmHg = Annotated[float, Unit("mL/mmHg")]
mL_s_mmHg = Annotated[float, Unit("mL/s/mmHg")]
mL_kg = Annotated[float, Unit("mL/kg")]
mL_min = Annotated[float, Unit("mL/min")]
L_min = Annotated[float, Unit("L/min")]
mmHg_mL = Annotated[float, Unit("mmHg/mL")]
mmHg_s_mL = Annotated[float, Unit("mmHg.s/mL")]
mmHg_s2_mL = Annotated[float, Unit("mmHg.s2/mL")]
mmHg_s2_mL2 = Annotated[float, Unit("mmHg.s2/mL2")]
mmHg_rpm2 = Annotated[float, Unit("mmHg/rpm2")]
mmHg_s_mL_rpm = Annotated[float, Unit("mmHg.s/mL/rpm")]
mmHg_min_L = Annotated[float, Unit("mmHg.min/L")]
mL_min_mmHg = Annotated[float, Unit("mL/min/mmHg")]
mL2_s2 = Annotated[float, Unit("mL2/s2")]
rpm_steps = Annotated[float, Unit("rpm, summed over steps")]
mmHg_steps = Annotated[float, Unit("mmHg, summed over steps")]
work = Annotated[float, Unit("mmHg.mL")]
per_mL = Annotated[float, Unit("1/mL")]
per_mmHg = Annotated[float, Unit("1/mmHg")]
per_s = Annotated[float, Unit("1/s")]
per_min = Annotated[float, Unit("1/min")]
per_day = Annotated[float, Unit("1/day")]
seconds = Annotated[float, Unit("s")]
cm2 = Annotated[float, Unit("cm2")]
m2 = Annotated[float, Unit("m2")]
kg = Annotated[float, Unit("kg")]
rpm = Annotated[float, Unit("rpm")]
watts = Annotated[float, Unit("W")]
watts_K = Annotated[float, Unit("W/K")]
degC = Annotated[float, Unit("degC")]
g_dL = Annotated[float, Unit("g/dL")]
mg_dL = Annotated[float, Unit("mg/dL")]
g_L = Annotated[float, Unit("g/L")]
mPa_s = Annotated[float, Unit("mPa.s")]
mmol_L = Annotated[float, Unit("mmol/L")]
mmol_s = Annotated[float, Unit("mmol/s")]
ug_kg_min = Annotated[float, Unit("ug/kg/min")]
mg_kg_h = Annotated[float, Unit("mg/kg/h")]
U_min = Annotated[float, Unit("U/min")]
IU_h = Annotated[float, Unit("IU/h")]
IU_mL = Annotated[float, Unit("IU/mL")]
ng_mL = Annotated[float, Unit("ng/mL")]
mg_L = Annotated[float, Unit("mg/L")]
mg = Annotated[float, Unit("mg")]
mg_s = Annotated[float, Unit("mg/s")]
g = Annotated[float, Unit("g")]
g_s = Annotated[float, Unit("g/s")]
g_100L = Annotated[float, Unit("g/100 L")]
ppm = Annotated[float, Unit("ppm")]
platelets_1e9 = Annotated[float, Unit("1e9")]
platelets_1e9_s = Annotated[float, Unit("1e9/s")]
platelets_1e9_L = Annotated[float, Unit("1e9/L")]
watts_krpm3 = Annotated[float, Unit("W/krpm3")]
O2_content = Annotated[float, Unit("mL/mL", "O2")]
CO2_content = Annotated[float, Unit("mL/mL", "CO2")]
"""Gas (STPD) in blood."""
pH = Annotated[float, Unit("pH")]
share = Annotated[float, Unit("1", "share")]
"""A share of 1."""
factor = Annotated[float, Unit("1", "factor")]
"""A factor, 1 for none."""
switch = Annotated[float, Unit("1", "switch")]
"""1 on, 0 off, or one of some whole numbers."""
number = Annotated[float, Unit("1", "number")]
content = Annotated[float, Unit("content"), PerSpecies]
"""What a mL of blood carries of a quantity: mL/mL of O2 or CO2, g/dL of haemoglobin, degC."""
content_in_turn = Annotated[float, Unit("content of one quantity after another")]
"""A row that serves all carried quantities, one after another."""
content_mL_in_turn = Annotated[float, Unit("mL times content of one quantity after another")]
