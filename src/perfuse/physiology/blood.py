"""From what blood contains to what an analyser reads: PO2, PCO2, pH and saturation from O2 and CO2 content."""

from typing import NamedTuple

from perfuse.ops import at_least, at_most, clip, equation, exp10_, two_reciprocals
from perfuse.physiology.acid_base import CO2_SOLUBILITY, PK, bicarbonate_at_740, buffer_value, pco2_from_37, ph_from_37, ph_to_37
from perfuse.physiology.carbon_dioxide import CELL_PH_MAX, CELL_PH_POLE, ML_PER_MMOL, bicarbonate_correction, co2_content
from perfuse.physiology.oxygen import BOHR, CO2_SHIFT, SEVERINGHAUS, affinity, o2_capacity, o2_content, o2_solubility, so2

__all__ = ["Contents", "Gas", "co2_content", "contents_of", "gas_of", "gas_step", "o2_content", "so2"]

PO2_MAX = 760.0  # mmHg, one atmosphere
PCO2_MIN, PCO2_MAX = 0.5, 250.0  # mmHg
_LN10 = 2.302585092994046
_SHIFT = (BOHR + CO2_SHIFT) * _LN10
_LOW, _HIGH = -1.3, 1.8  # pH less 7.40: below and above what PCO2 0.5-250 reaches
_PH_STEP = 0.15  # largest change of pH in one step


class Gas(NamedTuple):
    """A blood gas at the blood's own temperature: mmHg, mmHg, 1, and saturation 0-1."""

    po2: float
    pco2: float
    ph: float
    so2: float


class Contents(NamedTuple):
    """O2 and CO2 of blood, mL (STPD) per mL."""

    o2: float
    co2: float


@equation
def contents_of(gas: Gas, hb: float, temperature: float) -> Contents:
    """What blood with this gas contains. hb g/dL 0-25, temperature degC 15-42."""
    return Contents(o2_content(gas.po2, gas.so2, hb, temperature), co2_content(gas.pco2, gas.ph, hb, gas.so2, temperature))


@equation
def _virtual_po2_step(o2: float, capacity: float, dissolved: float, p: float) -> float:
    """One Newton step for PO2 on the standard curve, from bound + dissolved = o2 with the quotient multiplied out:

        (capacity - o2 + a P)(P^3 + 150 P) = 23400 (o2 - a P)

    The left side rises and is convex where its first factor is positive, so Newton ends on the only root from anywhere.
    """
    start = at_least(p, (o2 - capacity) / dissolved)
    unbound = capacity - o2 + dissolved * start
    n = start * (start * start + 150.0)
    miss = unbound * n - SEVERINGHAUS * (o2 - dissolved * start)
    slope = dissolved * (n + SEVERINGHAUS) + unbound * (3.0 * start * start + 150.0)
    return clip(start - miss / slope, 0.0, 2.0 * start + 20.0)


@equation
def gas_step(o2: float, co2: float, hb: float, base_excess: float, temperature: float, gas: Gas) -> Gas:
    """One Newton step from an earlier blood gas towards the one that these contents make.

    o2, co2 mL/mL blood; hb g/dL 1-25; base_excess mmol/L of the oxygenated blood, -25..+25; temperature degC 15-42.

    Unknowns are PO2 and pH: by Van Slyke bicarbonate is a straight line in pH, and PCO2 follows from both without a logarithm.
    Saturation first, then pH at that saturation. Contents that move little between calls need one step; a step from
    anywhere stays in PO2 0-760 and PCO2 0.5-250 mmHg, and repeated steps end on the root.
    """
    at_740 = bicarbonate_at_740(base_excess, hb, gas.so2)
    beta = buffer_value(hb)
    per_beta = 1.0 / beta
    x = at_most(ph_to_37(gas.ph, temperature) - 7.40, at_most((at_740 - 0.2) * per_beta, _HIGH))
    bicarbonate = at_740 - beta * x

    # oxygen, on the standard curve
    hold = affinity(7.40 + x, bicarbonate, temperature)
    virtual = _virtual_po2_step(o2, o2_capacity(hb), o2_solubility(temperature) / hold, gas.po2 * hold)
    n = virtual * (virtual * virtual + 150.0)
    saturation = n / (n + SEVERINGHAUS)

    # carbon dioxide, at the new saturation
    at_740 = bicarbonate_at_740(base_excess, hb, saturation)
    line = at_least(at_740 - beta * x, 0.1)
    acid = exp10_(PK - 7.40 - x)
    salt = bicarbonate_correction(7.40 + x)
    cell = two_reciprocals(CELL_PH_POLE - at_most(7.40 + x, CELL_PH_MAX), 3.352 - 0.456 * saturation)
    away = cell.first
    share = 0.0289 * hb * cell.second * away
    share_slope = share * away if 7.40 + x < CELL_PH_MAX else 0.0
    plasma = ML_PER_MMOL * line * (acid + salt)
    plasma_slope = ML_PER_MMOL * (line * (0.0999 * salt - _LN10 * acid) - beta * (acid + salt))
    miss = plasma * (1.0 - share) - co2
    slope = plasma_slope * (1.0 - share) - plasma * share_slope
    d = clip(-miss / slope, -_PH_STEP, _PH_STEP)
    y = clip(x + d, _LOW, at_most((at_740 - 0.2) * per_beta, _HIGH))

    # what moved with pH, expanded about the earlier gas: exact where the steps end
    d = y - x
    line = at_740 - beta * y
    u = _LN10 * d
    acid = acid * (1.0 - u * (1.0 - u * (1 / 2 - u * (1 / 6 - u * (1 / 24 - u * (1.0 / 120))))))
    w = _SHIFT * d
    hold = hold * (1.0 + w * (1.0 + w * (1 / 2 + w * (1.0 / 6)))) * (1.0 - CO2_SHIFT * clip(line / bicarbonate - 1.0, -0.5, 0.5))
    return Gas(
        po2=at_most(virtual / hold, PO2_MAX),
        pco2=clip(pco2_from_37(line * acid * (1.0 / CO2_SOLUBILITY), temperature), PCO2_MIN, PCO2_MAX),
        ph=ph_from_37(7.40 + y, temperature),
        so2=saturation,
    )


@equation
def gas_of(o2: float, co2: float, hb: float, base_excess: float, temperature: float) -> Gas:
    """The blood gas that these contents make, from scratch: thirty steps from normal venous blood.

    Ranges as in `gas_step`.
    """
    gas = Gas(po2=40.0, pco2=45.0, ph=ph_from_37(7.38, temperature), so2=0.75)
    for _ in range(30):
        gas = gas_step(o2, co2, hb, base_excess, temperature, gas)
    return gas
