"""The slow state of the lungs: water, shunt, dead space, vasoconstriction."""

from typing import NamedTuple

from perfuse.base.declare import (
    PO2,
    factor,
    kg,
    mL_kg,
    mL_s,
    mmHg,
    per_mmHg,
    share,
    state,
)
from perfuse.base.rates import Lag, rates_of
from perfuse.ops import at_least, equation
from perfuse.physiology.beat import Beat
from perfuse.physiology.lungs import (
    AlveolarGas,
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
    dead_now: share  # share of alveolar ventilation that meets no blood
    lung_oxygen: mL_s  # taken up, averaged
    lung_carbon: mL_s  # given off


@rates_of(Lungs)
class LungRates(NamedTuple):
    """How it moves."""

    lung_water: float
    vasoconstriction: Lag
    dead_now: Lag
    lung_oxygen: Lag
    lung_carbon: Lag


@equation
def keep_lungs(
    s: Lungs,
    g: AlveolarGas,
    o: Beat,
    oedema_pressure: mmHg,
    weight: kg,
    dead_share: share,
    venous_po2: PO2,
    o2_uptake: mL_s,
    co2_output: mL_s,
) -> LungRates:
    """Lung water, dead space and vasoconstriction; what is taken up and given off is averaged over five seconds."""
    dead = alveolar_dead_share(dead_share, o.beat_lung / at_least(o.beat_seconds, 0.2), weight)
    return LungRates(
        lung_water=lung_water_rate(s.lung_water, o.beat_lap, o.beat_mpap, oedema_pressure, weight),
        vasoconstriction=Lag(hypoxic_vasoconstriction(g.alveolar_po2, venous_po2), 60.0),
        dead_now=Lag(dead, 5.0),
        lung_oxygen=Lag(o2_uptake, 5.0),
        lung_carbon=Lag(co2_output, 5.0),
    )


@state()
class Shunt(NamedTuple):
    """Blood that meets no gas, as things stand."""

    shunt_now: share


@equation
def collapse(
    lung_water: mL_kg,
    mean_alveolar: mmHg,
    drug_shunt: factor,
    shunt: share,
    recruitability: per_mmHg,
    recruitment_pressure: mmHg,
    pneumothorax: mmHg,
) -> Shunt:
    """The shunt follows airway pressure, water and drugs."""
    return Shunt(shunt_fraction(shunt, recruitability, mean_alveolar - recruitment_pressure, lung_water, drug_shunt, pneumothorax))
