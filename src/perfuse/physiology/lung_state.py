"""The slow state of the lungs: water, shunt, dead space, vasoconstriction."""

from typing import NamedTuple

from perfuse.base.declare import (
    PO2,
    CO2_content,
    O2_content,
    factor,
    kg,
    mL,
    mL_kg,
    mL_s,
    mmHg,
    per_mmHg,
    seconds,
    share,
    state,
)
from perfuse.ops import at_least, equation
from perfuse.physiology.beat import Beat
from perfuse.physiology.drugs import DrugEffects
from perfuse.physiology.lungs import (
    AlveolarGas,
    Breathing,
    alveolar_dead_share,
    hypoxic_vasoconstriction,
    lung_water_rate,
    shunt_fraction,
)


@state()
class Lungs(NamedTuple):
    """Slow state of the lungs."""

    lung_water: mL_kg
    vasoconstriction: factor  # factor of hypoxia on resistance, lagged
    shunt_now: share
    dead_now: share  # share of alveolar ventilation that meets no blood
    lung_oxygen: mL_s  # taken up, averaged
    lung_carbon: mL_s  # given off


@equation
def keep_lungs(
    s: Lungs,
    b: Breathing,
    g: AlveolarGas,
    o: Beat,
    d: DrugEffects,
    shunt: share,
    recruitability: per_mmHg,
    recruitment_pressure: mmHg,
    oedema_pressure: mmHg,
    weight: kg,
    dead_share: share,
    pneumothorax: mmHg,
    venous_po2: PO2,
    lung_on: mL,
    lung_gain_o2: O2_content,
    lung_gain_co2: CO2_content,
    dt: seconds,
) -> Lungs:
    """Lung water, shunt, dead space and vasoconstriction move on."""
    water = s.lung_water + dt * lung_water_rate(s.lung_water, o.beat_lap, o.beat_mpap, oedema_pressure, weight)
    target = hypoxic_vasoconstriction(g.alveolar_po2, venous_po2)
    dead = alveolar_dead_share(dead_share, o.beat_lung / at_least(o.beat_seconds, 0.2), weight)
    return Lungs(
        lung_water=water,
        vasoconstriction=s.vasoconstriction + dt * (target - s.vasoconstriction) * (1.0 / 60.0),
        shunt_now=shunt_fraction(shunt, recruitability, b.mean_alveolar - recruitment_pressure, water, d.drug_shunt, pneumothorax),
        dead_now=s.dead_now + dt * (dead - s.dead_now) * (1.0 / 5.0),
        lung_oxygen=s.lung_oxygen + dt * (lung_on * lung_gain_o2 / dt - s.lung_oxygen) * (1.0 / 5.0),
        lung_carbon=s.lung_carbon + dt * (-lung_on * lung_gain_co2 / dt - s.lung_carbon) * (1.0 / 5.0),
    )
