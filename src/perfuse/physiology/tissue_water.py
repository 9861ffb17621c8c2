"""Water between blood and tissue: Starling's balance.

Blood lost is refilled from the tissues, and a congested patient loses water into them, until the two are in balance again:

    flow into the blood = K (P_balance - P_capillary),   dP_balance/dt = -flow / C

A patient in a steady state is in balance. K: 500 mL are drawn into the blood in 10 min of lower-body suction (Lundvall & Lanne 1989 Acta
Physiol Scand 137:513, recalled-medium). C joins what the tissue's pressure and the plasma's oncotic pressure (25 mmHg in 3 L) do as
water moves (computed). Both are parameters of the patient.
"""

import math
from typing import NamedTuple

from perfuse.base.declare import CO2_content, O2_content, degC, g_dL, state
from perfuse.ops import at_least, at_most, equation, positive
from perfuse.physiology.acid_base import CO2_SOLUBILITY, hco3, pco2_to_37, ph_to_37
from perfuse.physiology.carbon_dioxide import ML_PER_MMOL
from perfuse.physiology.oxygen import o2_solubility

BEYOND_CAPILLARIES = 0.15  # share of the systemic resistance that lies between capillaries and veins at rest (recalled-medium)


@state(at_start=0.0)
class PlasmaWater(NamedTuple):
    """What a mL of it carries: dissolved O2, CO2 as gas and bicarbonate, heat; no haemoglobin."""

    water_o2: O2_content
    water_co2: CO2_content
    water_hb: g_dL
    water_temp: degC


@equation
def capillary_pressure(venous: float, arterial: float, flow: float, resistance: float) -> float:
    """Mean capillary pressure, mmHg: that of the veins and what flow loses beyond the capillaries.

    venous, arterial mmHg, flow mL/s, resistance mmHg s/mL of the resting circulation. When vessels widen, venules widen with arterioles;
    when they tighten, venules take part in half (the root) of it: a vasoconstrictor hardly raises the pressure in between (assumed).
    """
    across = positive(arterial - venous)
    tight = math.sqrt(positive(resistance * flow * across))
    return venous + BEYOND_CAPILLARIES * at_most(across, tight)


@equation
def water_moved(balance: float, capillary: float, filtration: float, removal: float, blood: float, dt: float) -> float:
    """Water (mL) into the blood in dt; negative: out of it.

    filtration mL/s/mmHg; removal mL/s that kidneys or a filter take off; blood mL that it is taken from: at most a twentieth in one step.
    """
    return at_least(dt * (filtration * (balance - capillary) - removal), -0.05 * blood)


@equation
def plasma_water(po2: float, pco2: float, ph: float, temperature: float) -> PlasmaWater:
    """Contents of plasma water in balance with blood of this gas (mmHg, degC)."""
    pco2_37 = pco2_to_37(pco2, temperature)
    co2 = hco3(ph_to_37(ph, temperature), pco2_37) + CO2_SOLUBILITY * pco2_37
    return PlasmaWater(water_o2=o2_solubility(temperature) * po2, water_co2=ML_PER_MMOL * co2, water_hb=0.0, water_temp=temperature)
