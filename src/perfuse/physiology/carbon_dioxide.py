"""Carbon dioxide in blood: content by Douglas 1988, with the cell term kept off its pole."""

from perfuse.ops import at_most, equation, exp10_
from perfuse.physiology.acid_base import CO2_SOLUBILITY, PK, pco2_to_37, ph_to_37

ML_PER_MMOL = 0.02226  # mL (STPD) per mL blood for 1 mmol/L; Douglas 1988, seen
CELL_PH_MAX = 7.8  # the cell term has its pole at pH 8.142; held from here up; assumed
CELL_PH_POLE = 8.142  # Douglas 1988, seen
# Douglas' pK' at 37 degC is PK_740 + PK_SLOPE (7.40 - pH); seen
PK_740 = 6.086 + 0.00472
PK_SLOPE = 0.042 + 0.00139
_AT_740 = exp10_(PK - PK_740)
_RATE = PK_SLOPE * 2.302585092994046


@equation
def bicarbonate_correction(ph: float) -> float:
    """Douglas' bicarbonate over that of Henderson-Hasselbalch with pK 6.1: 10^(6.1 - pK'), 0.94 at pH 6.6 to 1.07 at 7.9.

    ph at 37 degC 6.2-9.8, to 2e-6.
    """
    u = _RATE * (ph - 7.40)
    return _AT_740 * (1.0 + u * (1.0 + u * (1 / 2 + u * (1 / 6 + u * (1 / 24 + u * (1.0 / 120))))))


@equation
def cell_share(ph: float, hb: float, saturation: float) -> float:
    """How much less CO2 blood holds than its plasma, as a fraction of the plasma's.

        0.0289 Hb / ((3.352 - 0.456 S)(8.142 - pH))

    ph at 37 degC, held at 7.8 above it; hb g/dL 0-25, saturation 0-1. Source: Douglas 1988 (seen).
    """
    return 0.0289 * hb / ((3.352 - 0.456 * saturation) * (CELL_PH_POLE - at_most(ph, CELL_PH_MAX)))


@equation
def co2_content(pco2: float, ph: float, hb: float, saturation: float, temperature: float) -> float:
    """CO2 in whole blood, mL (STPD) per mL: Douglas 1988.

        plasma = 0.0307 PCO2 (1 + 10^(pH - pK'))        mmol/L
        blood  = plasma (1 - cell share)

    pco2 mmHg 0-250 and ph 6.6-7.9 at the blood's temperature (degC 15-42), hb g/dL 0-25, saturation 0-1.
    Both are first taken to 37 degC as sealed blood, so that cooling alone moves no CO2; Douglas' own temperature terms lose 6 %
    of the content on the way to 20 degC. Held off the pole (pH 7.8), content falls steadily to 0 at PCO2 0.
    Root mean square error 1.1 mL/dL on Loeppky's 38 samples. Source: Douglas 1988 (seen).
    """
    ph_37 = ph_to_37(ph, temperature)
    dissolved = CO2_SOLUBILITY * pco2_to_37(pco2, temperature)
    plasma = dissolved * (1.0 + exp10_(ph_37 - PK) * bicarbonate_correction(ph_37))
    return ML_PER_MMOL * plasma * (1.0 - cell_share(ph_37, hb, saturation))
