"""Figures of drugs that follow from the drug equations alone."""

from perfuse.base.rates import step
from perfuse.evidence.closed_forms import solve
from perfuse.physiology.drugs import Doses, DrugLevels, distribute, respond_to_drugs
from perfuse.physiology.haemostasis import Thinners, thin

_NO_LEVELS = DrugLevels(**dict.fromkeys(DrugLevels._fields, 0.0))
_NO_DOSES = Doses(**dict.fromkeys(Doses._fields, 0.0))


def norepinephrine_half_dose() -> float:
    """Steady dose, ug/kg/min, that raises systemic resistance by half of what an endless dose would (pH 7.40, no vasoplegia)."""

    def rise(dose: float) -> float:
        return respond_to_drugs(_NO_LEVELS._replace(norepinephrine=dose), 7.40, 0.0).drug_svr - 1.0

    return solve(lambda dose: rise(dose) - 0.5 * rise(1.0e6), 1.0e-4, 10.0)


def norepinephrine_clearance(weight: float, ec50: float) -> float:
    """Clearance, L/min, that makes a published EC50 (ug/L) and the model's half-effect dose the same thing; weight kg."""
    return norepinephrine_half_dose() * weight / ec50


def milrinone_peak(bolus: float, minutes: float, infusion: float) -> float:
    """Highest level, ng/mL, during a bolus (ug/kg) over some minutes that an infusion (ug/kg/min) follows for half an hour."""
    level, dt, most = _NO_LEVELS, 1.0, 0.0
    for second in range(int(60.0 * (minutes + 30.0))):
        rate = bolus / minutes if second < 60.0 * minutes else infusion
        level = step(level, distribute(level, _NO_DOSES._replace(milrinone_rate=rate)), dt)
        most = max(most, level.milrinone)
    return most


def bivalirudin_half_life(kidney: float) -> float:
    """Minutes in which half of a level of bivalirudin goes, once its infusion has stopped; creatinine clearance mL/min, 0 on dialysis."""
    level, seconds = Thinners(0.0, 1.0), 0
    while level.bivalirudin > 0.5:
        level, seconds = step(level, thin(0.0, kidney, 0.0), 1.0), seconds + 1
    return seconds / 60.0
