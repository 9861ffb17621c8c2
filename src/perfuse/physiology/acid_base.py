"""Acid and base of blood: Henderson-Hasselbalch, Van Slyke, and what cooling does to a blood gas.

Every equation here is at 37 degC; `to_37` and `from_37` are the corrections that a blood gas analyser makes.
"""

from perfuse.ops import at_least, at_most, clip, equation, exp10_, log10_

PK = 6.1  # apparent pK of carbonic acid in plasma at 37 degC; Hasselbalch 1917, recalled-high
CO2_SOLUBILITY = 0.0307  # mmol/L/mmHg, plasma, 37 degC; Kelman 1967 and Douglas 1988, seen
HB_MMOL = 0.6206  # mmol/L haemoglobin (monomer, 16.1 g/mmol) in 1 g/dL; Siggaard-Andersen, recalled-high
PH_PER_DEGREE = 0.0147  # fall of pH per degC of anaerobic warming; Rosenthal 1948, recalled-high
LOG_PCO2_PER_DEGREE = 0.019  # rise of log10 PCO2 per degC of anaerobic warming; Nunn 1965, recalled-high
HALDANE_PROTONS = 0.2  # mmol/L of base excess that 1 mmol/L haemoglobin gains when it gives off its O2; Siggaard-Andersen, recalled-medium


@equation
def hco3(ph: float, pco2: float) -> float:
    """Plasma bicarbonate, mmol/L, of blood at 37 degC: 0.0307 PCO2 10^(pH - 6.1).

    ph 6.6-7.9, pco2 mmHg 1-200. Source: Henderson-Hasselbalch (recalled-high).
    """
    return CO2_SOLUBILITY * pco2 * exp10_(ph - PK)


@equation
def base_excess(ph: float, bicarbonate: float, hb: float) -> float:
    """Base excess of blood as it is, mmol/L, by Van Slyke's equation.

        BE = (1 - 0.023 cHb) [(HCO3 - 24.4) + (2.3 cHb + 7.7)(pH - 7.40)]

    ph at 37 degC 6.6-7.9, bicarbonate mmol/L, hb g/dL 0-25 (cHb = 0.6206 hb mmol/L).
    Source: Siggaard-Andersen 1977 (recalled-high).
    """
    c = HB_MMOL * hb
    return (1.0 - 0.023 * c) * ((bicarbonate - 24.4) + (2.3 * c + 7.7) * (ph - 7.40))


@equation
def haldane_base(hb: float, saturation: float) -> float:
    """Base excess, mmol/L, that blood has gained by giving off O2: 0.2 cHb (1 - S).

    hb g/dL, saturation 0-1. Deoxygenated haemoglobin binds protons, so venous blood looks less acid than the acid in it.
    Source: Siggaard-Andersen (recalled-medium; analysers use 0.2 to 0.31).
    """
    return HALDANE_PROTONS * HB_MMOL * hb * (1.0 - saturation)


@equation
def oxygenated_base_excess(ph: float, pco2: float, hb: float, saturation: float) -> float:
    """Base excess, mmol/L, that this blood would have if fully oxygenated: conserved when O2 and CO2 come and go.

    ph and pco2 (mmHg) at 37 degC, hb g/dL, saturation 0-1. Equal in arterial and venous blood of one patient at rest.
    """
    return base_excess(ph, hco3(ph, pco2), hb) - haldane_base(hb, saturation)


@equation
def bicarbonate_at_740(base_excess: float, hb: float, saturation: float) -> float:
    """Plasma bicarbonate, mmol/L, that Van Slyke's equation gives at pH 7.40.

    base_excess mmol/L of the oxygenated blood, hb g/dL, saturation 0-1.
    """
    return 24.4 + (base_excess + haldane_base(hb, saturation)) * (1.0 / (1.0 - 0.023 * HB_MMOL * hb))


@equation
def buffer_value(hb: float) -> float:
    """Fall of plasma bicarbonate per unit of pH at constant base excess, mmol/L: 2.3 cHb + 7.7. hb g/dL."""
    return 2.3 * HB_MMOL * hb + 7.7


@equation
def ph_of(pco2: float, base_excess: float, hb: float, saturation: float) -> float:
    """pH at 37 degC where Henderson-Hasselbalch meets Van Slyke.

    pco2 mmHg at 37 degC 0.5-250, base_excess mmol/L of the oxygenated blood -25..+25, hb g/dL 0-25, saturation 0-1.
    Bicarbonate by the first rises steeply with pH and by the second falls in a line; fourteen steps of Newton on the difference
    of logarithms, the line held above zero, leave less than 1e-9.
    """
    ph = 7.40
    for _ in range(14):
        ph = ph_step(ph, pco2, base_excess, hb, saturation)
    return ph


@equation
def ph_step(ph: float, pco2: float, base_excess: float, hb: float, saturation: float) -> float:
    """One Newton step from an earlier pH at 37 degC towards that of `ph_of`. Values that move little between calls need one step."""
    at_740 = bicarbonate_at_740(base_excess, hb, saturation)
    beta = buffer_value(hb)
    x = ph - 7.40
    line = at_least(at_740 - beta * x, 1e-2)
    miss = x + 7.40 - PK + log10_(CO2_SOLUBILITY * at_least(pco2, 1e-3) / line)
    slope = 1.0 + 0.4342944819032518 * beta / line
    return 7.40 + at_most(x - clip(miss / slope, -0.8, 0.8), (at_740 - 1e-2) / beta)


@equation
def ph_to_37(ph: float, temperature: float) -> float:
    """pH that this blood would have at 37 degC, sealed. temperature degC 15-42."""
    return ph + PH_PER_DEGREE * (temperature - 37.0)


@equation
def ph_from_37(ph: float, temperature: float) -> float:
    """pH at body temperature from pH at 37 degC, sealed. temperature degC 15-42."""
    return ph - PH_PER_DEGREE * (temperature - 37.0)


@equation
def pco2_to_37(pco2: float, temperature: float) -> float:
    """PCO2, mmHg, that this blood would have at 37 degC, sealed. temperature degC 15-42."""
    return pco2 * exp10_(LOG_PCO2_PER_DEGREE * (37.0 - temperature))


@equation
def pco2_from_37(pco2: float, temperature: float) -> float:
    """PCO2, mmHg, at body temperature from PCO2 at 37 degC, sealed. temperature degC 15-42."""
    return pco2 * exp10_(LOG_PCO2_PER_DEGREE * (temperature - 37.0))
