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
from perfuse.physiology.circulation_written import Brought, Carried, Crossed, PerVolume, Supply, carry, deliver, nothing_brought

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
def supply_of_oxygen(s: Supply, c: Carried, n: Crossed, dt: seconds) -> Supply:
    """O2 delivered to each bed, mL per slow step, averaged over two seconds because tissue bridges the pauses of a beat."""
    q = deliver(c, n)
    a = dt / SUPPLY_LAG
    return Supply(
        coronary_supply=s.coronary_supply + a * (q.coronary_supply - s.coronary_supply),
        brain_right_supply=s.brain_right_supply + a * (q.brain_right_supply - s.brain_right_supply),
        brain_left_supply=s.brain_left_supply + a * (q.brain_left_supply - s.brain_left_supply),
        arm_right_supply=s.arm_right_supply + a * (q.arm_right_supply - s.arm_right_supply),
        arm_left_supply=s.arm_left_supply + a * (q.arm_left_supply - s.arm_left_supply),
        trunk_supply=s.trunk_supply + a * (q.trunk_supply - s.trunk_supply),
        gut_supply=s.gut_supply + a * (q.gut_supply - s.gut_supply),
        kidney_supply=s.kidney_supply + a * (q.kidney_supply - s.kidney_supply),
        leg_left_supply=s.leg_left_supply + a * (q.leg_left_supply - s.leg_left_supply),
        leg_right_supply=s.leg_right_supply + a * (q.leg_right_supply - s.leg_right_supply),
    )
