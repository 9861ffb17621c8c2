"""What blood carries moves on with the blood, every slow step, and oxygen reaches the beds."""

from typing import Annotated, NamedTuple

from perfuse.base.declare import (
    PerSpecies,
    content,
    mL,
    mL_s,
    parameters,
    seconds,
)
from perfuse.ops import equation
from perfuse.physiology.circulation_written import Brought, Carried, Crossed, PerVolume, SupplyRates, carry, deliver, nothing_brought

SUPPLY_LAG = 2.0  # s, what tissue averages over: a beat or two (assumed)


VolumeOfEach = Annotated[mL, PerSpecies]


@parameters()
class Infusion(NamedTuple):
    """What runs into the superior vena cava."""

    infusion_rate: mL_s
    drip_content: content


@equation
def carry_alone(c: Carried, n: Crossed, s: PerVolume, i: Infusion, lung_gain: content, capacity: VolumeOfEach, dt: seconds) -> Carried:
    """Contents move; no device."""
    return carry(c, n, s, lung_gain, i.infusion_rate * dt, i.drip_content, capacity, nothing_brought())


@equation
def carry_with(
    c: Carried, n: Crossed, s: PerVolume, i: Infusion, r: Brought, lung_gain: content, capacity: VolumeOfEach, dt: seconds
) -> Carried:
    """Contents move, with what devices brought."""
    return carry(c, n, s, lung_gain, i.infusion_rate * dt, i.drip_content, capacity, r)


@equation
def supply_of_oxygen(c: Carried, n: Crossed, dt: seconds) -> SupplyRates:
    """O2 delivered to each bed, mL/s, averaged over two seconds because tissue bridges the pauses of a beat."""
    return deliver(c, n, 1.0 / dt, SUPPLY_LAG)
