"""Oxygen in blood: the dissociation curve, its shifts, and content."""

from perfuse.ops import at_least, equation, exp10_
from perfuse.physiology.acid_base import LOG_PCO2_PER_DEGREE, PH_PER_DEGREE, hco3, pco2_to_37, ph_to_37

HUFNER = 1.34  # mL O2 (STPD) per g haemoglobin; recalled-high
O2_SOLUBILITY = 0.003  # mL O2 per dL blood and mmHg at 37 degC; recalled-high
SEVERINGHAUS = 23400.0  # mmHg^3; Severinghaus 1979, seen
BOHR = 0.40  # log10 PO2 per unit of pH at constant PCO2; Kelman 1966, seen
CO2_SHIFT = 0.06  # log10 PO2 per log10 PCO2 at constant pH; Kelman 1966, seen
HEAT_SHIFT = 0.024  # log10 PO2 per degC at constant pH and PCO2; Kelman 1966, seen
# Cooled while sealed, blood also gains pH and loses PCO2: 0.031 in all, the coefficient of analysers
SEALED_HEAT_SHIFT = HEAT_SHIFT + BOHR * PH_PER_DEGREE + CO2_SHIFT * LOG_PCO2_PER_DEGREE
NORMAL_HCO3 = hco3(7.40, 40.0)  # mmol/L; computed


@equation
def severinghaus(po2: float) -> float:
    """Saturation, 0-1, of human blood at pH 7.40, PCO2 40 mmHg, 37 degC: 1/(1 + 23400/(P^3 + 150 P)).

    po2 mmHg from 0 up. Error against the measured table below 0.005. Source: Severinghaus 1979 (seen).
    """
    n = po2 * (po2 * po2 + 150.0)
    return n / (n + SEVERINGHAUS)


@equation
def bicarbonate_shift(bicarbonate: float) -> float:
    """(HCO3/24.5)^-0.06, the part of the CO2 shift that is left once PCO2 is written as bicarbonate and pH.

    bicarbonate mmol/L, 2-80: the quotient of two parabolas (Pade) is within 0.1 % from 6, within 2 % from 2 mmol/L.
    """
    z = bicarbonate * (1.0 / NORMAL_HCO3) - 1.0
    above = 1.0 + z * ((2.0 - CO2_SHIFT) / 2.0 + z * ((2.0 - CO2_SHIFT) * (1.0 - CO2_SHIFT) / 12.0))
    below = 1.0 + z * ((2.0 + CO2_SHIFT) / 2.0 + z * ((2.0 + CO2_SHIFT) * (1.0 + CO2_SHIFT) / 12.0))
    return above / below


@equation
def affinity(ph_37: float, bicarbonate: float, temperature: float) -> float:
    """PO2 on the standard curve over true PO2 (1 at pH 7.40, PCO2 40, 37 degC; above 1 when haemoglobin holds O2 harder).

        10^[0.024 (37 - T) + 0.40 (pH - 7.40) + 0.06 log10(40/PCO2)]

    with pH and PCO2 at T written by pH at 37 degC and bicarbonate, which Henderson-Hasselbalch ties to PCO2.
    ph_37 6.6-7.9, bicarbonate mmol/L 2-80, temperature degC 15-42. Source: Kelman 1966 (seen).
    """
    return exp10_((BOHR + CO2_SHIFT) * (ph_37 - 7.40) + SEALED_HEAT_SHIFT * (37.0 - temperature)) * bicarbonate_shift(bicarbonate)


@equation
def so2(po2: float, ph: float, pco2: float, temperature: float) -> float:
    """Saturation of haemoglobin, 0-1: Severinghaus' curve at Kelman's virtual PO2.

    po2 mmHg 0-760, ph 6.6-7.9, pco2 mmHg 1-200, all three at the blood's temperature, degC 15-42.
    Source: Severinghaus 1979, Kelman 1966 (seen).
    """
    ph_37 = ph_to_37(ph, temperature)
    return severinghaus(po2 * affinity(ph_37, hco3(ph_37, pco2_to_37(pco2, temperature)), temperature))


@equation
def o2_capacity(hb: float) -> float:
    """O2 that full haemoglobin binds, mL (STPD) per mL blood. hb g/dL 0-25."""
    return HUFNER * 0.01 * hb


@equation
def o2_solubility(temperature: float) -> float:
    """Dissolved O2, mL (STPD) per mL blood and mmHg; 3e-5 at 37 degC, a quarter more at 20 degC.

    temperature degC 15-42. Source: 0.003 mL/dL/mmHg recalled-high; change with temperature Dash 2016 (seen).
    """
    warm = temperature - 37.0
    return O2_SOLUBILITY * 0.01 * (1.0 + warm * (-0.01 + warm * 4.234e-4))


@equation
def o2_content(po2: float, saturation: float, hb: float, temperature: float) -> float:
    """O2 bound and dissolved, mL (STPD) per mL blood.

    po2 mmHg 0-760, saturation 0-1, hb g/dL 0-25, temperature degC 15-42.
    """
    return o2_capacity(hb) * saturation + o2_solubility(temperature) * po2


@equation
def bound_over_dissolved(po2: float, saturation: float, hb: float) -> float:
    """How much faster bound O2 rises with pressure than dissolved O2 does: (dC_bound/dP)/(dC_dissolved/dP), 0 where haemoglobin is full.

    po2 mmHg, saturation 0-1, hb g/dL. Slope of Severinghaus' curve, S (1 - S)(3 P^2 + 150)/(P^3 + 150 P).
    """
    square = po2 * po2
    steepness = saturation * (1.0 - saturation) * (3.0 * square + 150.0) / (at_least(po2, 1.0) * (square + 150.0))
    return o2_capacity(hb) * steepness * (100.0 / O2_SOLUBILITY)
