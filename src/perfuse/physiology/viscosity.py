"""How thick blood is."""

from perfuse.ops import at_least, equation, exp_


@equation
def haematocrit(hb: float) -> float:
    """Share of red cells in blood, 0-1: three times the haemoglobin in g/dL, per cent. hb 0-25. Source: rule, recalled-high."""
    return 0.03 * hb


@equation
def viscosity(hb: float, temperature: float) -> float:
    """Viscosity of blood at high shear, mPa s.

        1.2 exp(2.31 Hct), 2 % less for each degC above 37

    hb g/dL 0-20, temperature degC 15-42. Plasma 1.2, Hct 0.35 gives 2.7. Source: mechanism sheet of the project (assumed).
    """
    return 1.2 * exp_(2.31 * haematocrit(hb)) * at_least(1.0 - 0.02 * (temperature - 37.0), 0.1)
