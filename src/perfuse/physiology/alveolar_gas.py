"""The alveolar gas equation and the alveolar ventilation equation."""

from perfuse.ops import equation

WATER_VAPOUR = 47.0  # mmHg at 37 degC; recalled-high


@equation
def alveolar_gas(fio2: float, paco2: float, r: float, barometric: float) -> float:
    """Alveolar PO2, mmHg, with the correction for the volume that R below 1 takes away.

        FiO2 (PB - 47) - PCO2 (FiO2 + (1 - FiO2)/R)

    fio2 0-1, paco2 mmHg 1-200, r 0.5-1.5, barometric mmHg. Source: Fenn, Rahn and Otis 1946 (recalled-high).
    """
    return fio2 * (barometric - WATER_VAPOUR) - paco2 * (fio2 + (1.0 - fio2) / r)


@equation
def alveolar_gas_short(fio2: float, paco2: float, r: float, barometric: float) -> float:
    """Alveolar PO2, mmHg, the short form: FiO2 (PB - 47) - PCO2/R. Same ranges; too low by up to 10 mmHg on pure O2."""
    return fio2 * (barometric - WATER_VAPOUR) - paco2 / r


@equation
def alveolar_ventilation_pco2(vco2: float, ventilation: float) -> float:
    """Alveolar PCO2, mmHg, at rest: 863 x CO2 output (STPD) over alveolar ventilation (BTPS), both mL/s.

    Source: 863 mmHg = 760 x 310/273, the two gas conditions (computed).
    """
    return 863.0 * vco2 / ventilation
