"""Oxygen on VV-ECMO as a question of mixing: what flow, cardiac output, recirculation and haemoglobin do to saturation and to delivery.

The physiology-first reading of hypoxaemia (Akoumianaki 2021 Ann Intensive Care 11:107; equations recalled-medium): ask whether
delivery, not saturation, is inadequate. Every curve is the steady state of `closed_forms.vv_arterial_content`, so venous blood follows
from consumption and is not held. Clinical units: L/min, mL/min, g/dL, %, mL/dL.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from perfuse.evidence.closed_forms import content, po2_at_content, vv_arterial_content
from perfuse.physiology.oxygen import severinghaus

ADEQUATE, CRITICAL = 3.0, 2.0
"""DO2:VO2 that ELSO aims at, and the one near which consumption falls (recalled-high)."""
SHARE = 0.6
"""ECMO flow over cardiac output above which SaO2 usually exceeds 90 %. Schmidt 2013 Intensive Care Med 39:838 (recalled-high)."""


@dataclass(frozen=True)
class Bed:
    """A patient on VV-ECMO, in steady state.

    cardiac_output L/min, ecmo_flow L/min, recirculation 0-1, hb g/dL, vo2 mL/min; shunt 0-1, the share of the cardiac output that
    passes no working lung (1: the lung does nothing); po2_post mmHg after the membrane.
    """

    cardiac_output: float = 6.0
    ecmo_flow: float = 4.5
    recirculation: float = 0.1
    hb: float = 10.0
    vo2: float = 220.0
    shunt: float = 1.0
    po2_post: float = 400.0


@dataclass(frozen=True)
class Oxygen:
    """What follows: saturations %, delivery mL/min, delivery over consumption."""

    sao2: float
    svo2: float
    spre: float
    do2: float
    ratio: float


def oxygen(bed: Bed) -> Oxygen | None:
    """Saturations and delivery; None where so little oxygen enters that no steady state exists (venous content below nothing)."""
    if bed.shunt >= 1.0 and bed.ecmo_flow <= 0.0:
        return None
    arterial = vv_arterial_content(bed.hb, bed.cardiac_output, bed.vo2, bed.ecmo_flow, bed.recirculation, bed.po2_post, bed.shunt)
    venous = arterial - bed.vo2 / (10.0 * bed.cardiac_output)
    if venous <= content(1.0, bed.hb):
        return None
    drained = (1.0 - bed.recirculation) * venous + bed.recirculation * content(bed.po2_post, bed.hb)
    sao2, svo2, spre = (100.0 * severinghaus(po2_at_content(held, bed.hb)) for held in (arterial, venous, drained))
    do2 = 10.0 * bed.cardiac_output * arterial
    return Oxygen(sao2, svo2, spre, do2, do2 / bed.vo2)


def along(bed: Bed, name: str, values: Iterable[float]) -> list[tuple[float, Oxygen]]:
    """The same bed at several values of one of its fields; values without a steady state are left out."""
    found = [(value, oxygen(replace(bed, **{name: value}))) for value in values]
    return [(value, one) for value, one in found if one is not None]


def rated_flow(hb: float) -> float:
    """O2 that one L/min of blood takes up, mL/min, from 75 to 95 % saturation: the definition of rated flow at Hb 12 (recalled-high)."""
    from perfuse.evidence.closed_forms import transfer

    return transfer(1.0, hb, 75.0, 95.0)
