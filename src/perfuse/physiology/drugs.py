"""Drugs: dose -> effect-site concentration (in units of the steady dose) -> effect E = C/(C + C50) on resistance, veins, heart and lungs.

Effect table of the mechanisms note (assumed), with norepinephrine, dobutamine and milrinone moved so that area J of the validation table
is met as well
as one table can. Vessels answer less in acidosis and vasoplegia.
"""

from typing import NamedTuple

from perfuse.base.declare import IU_h, IU_mL, U_min, factor, mL, ng_mL, pH, ppm, share, state, ug_kg_min
from perfuse.base.rates import Lag, rates_of
from perfuse.ops import clip, equation, positive


class Doses(NamedTuple):
    """Running infusions."""

    norepinephrine_rate: ug_kg_min
    epinephrine_rate: ug_kg_min
    vasopressin_rate: U_min
    dobutamine_rate: ug_kg_min
    milrinone_rate: ug_kg_min
    nitroprusside_rate: ug_kg_min
    esmolol_rate: ug_kg_min
    nitric_oxide: ppm  # inhaled
    heparin_rate: IU_h


@state()
class DrugLevels(NamedTuple):
    """Effect-site levels; in dose units except milrinone (ng/mL) and heparin (anti-Xa, IU/mL)."""

    norepinephrine: ug_kg_min
    epinephrine: ug_kg_min
    vasopressin: U_min
    dobutamine: ug_kg_min
    milrinone: ng_mL  # in the central space, which is what heart and vessels see
    milrinone_deep: ng_mL  # in the tissue that it spreads into
    nitroprusside: ug_kg_min
    esmolol: ug_kg_min
    inhaled_no: ppm
    heparin: IU_mL


# Time constants to steady state, s: half-lives 1.5, 1.5, 10, 2, 1.5, 9 min (recalled, medium) / ln 2
NOREPINEPHRINE_LAG, EPINEPHRINE_LAG, VASOPRESSIN_LAG, DOBUTAMINE_LAG, NITROPRUSSIDE_LAG, ESMOLOL_LAG = (
    130.0,
    130.0,
    865.0,
    173.0,
    130.0,
    779.0,
)
NITRIC_OXIDE_LAG = 30.0
# Two spaces, together the 0.38 L/kg seen; central 0.14 L/kg and 13 mL/kg/min between them (Bailey 1994, recalled, low; 50 ug/kg and 352
# ng/mL seen)
MILRINONE_SPACE, MILRINONE_DEEP = 0.14, 0.24
MILRINONE_BETWEEN = 0.013 / 60.0  # L/kg/s
MILRINONE_CLEARANCE = 0.38 * 0.6931 / (2.3 * 3600.0)  # L/kg/s, half-life 2.3 h (seen)
HEPARIN_CLEARANCE = 2.9  # L/h, apparent (computed from 129 measurements on ECMO: 800 IU/h <-> anti-Xa 0.28)
HEPARIN_HALF_LIFE = 75.0 * 60.0  # s (recalled, high)


@rates_of(DrugLevels)
class DrugRates(NamedTuple):
    """How the levels move."""

    norepinephrine: Lag
    epinephrine: Lag
    vasopressin: Lag
    dobutamine: Lag
    milrinone: float
    milrinone_deep: float
    nitroprusside: Lag
    esmolol: Lag
    inhaled_no: Lag
    heparin: Lag


@equation
def distribute(s: DrugLevels, d: Doses) -> DrugRates:
    """Every level follows its steady dose; milrinone spreads between two spaces."""
    between = MILRINONE_BETWEEN * (s.milrinone - s.milrinone_deep)
    return DrugRates(
        norepinephrine=Lag(d.norepinephrine_rate, NOREPINEPHRINE_LAG),
        epinephrine=Lag(d.epinephrine_rate, EPINEPHRINE_LAG),
        vasopressin=Lag(d.vasopressin_rate, VASOPRESSIN_LAG),
        dobutamine=Lag(d.dobutamine_rate, DOBUTAMINE_LAG),
        milrinone=(d.milrinone_rate * (1.0 / 60.0) - MILRINONE_CLEARANCE * s.milrinone - between) * (1.0 / MILRINONE_SPACE),
        milrinone_deep=between * (1.0 / MILRINONE_DEEP),
        nitroprusside=Lag(d.nitroprusside_rate, NITROPRUSSIDE_LAG),
        esmolol=Lag(d.esmolol_rate, ESMOLOL_LAG),
        inhaled_no=Lag(d.nitric_oxide, NITRIC_OXIDE_LAG),
        heparin=Lag(d.heparin_rate * (1.0 / (HEPARIN_CLEARANCE * 1000.0)), HEPARIN_HALF_LIFE / 0.6931),
    )


@state()
class DrugEffects(NamedTuple):
    """Factors on the patient (1 = none) and a volume."""

    drug_svr: factor
    drug_veins: mL  # added to the unstressed volume of the veins
    drug_ees: factor
    drug_rate: factor
    drug_pvr: factor
    drug_no: share  # 0..1, share of the raised part of pulmonary resistance that inhaled NO removes
    drug_shunt: factor
    drug_vo2: factor
    drug_lactate: share  # share of the epinephrine effect on lactate


@equation
def effect(level: float, half: float) -> float:
    """C/(C + C50)"""
    return level / (level + half)


@equation
def respond_to_drugs(c: DrugLevels, arterial_ph: pH, vasoplegia: share) -> DrugEffects:
    """What the levels do. Acidosis takes 40 % of every constriction at pH 7.1; `vasoplegia` 0..1 takes that share from the arterioles'.

    Veins keep answering in septic shock: there norepinephrine raises mean systemic filling pressure and venous return (Persichini 2012
    Crit Care Med 40:3146, recalled-medium).
    """
    veins = clip(1.0 - 0.4 * (7.40 - arterial_ph) * (1.0 / 0.3), 0.3, 1.1)
    answer = veins * (1.0 - vasoplegia)
    ne = effect(c.norepinephrine, 0.16)
    epi = effect(c.epinephrine, 0.12)
    epi_low = effect(c.epinephrine, 0.01) * clip(1.0 - c.epinephrine * (1.0 / 0.05), 0.0, 1.0)
    vaso = effect(c.vasopressin, 0.03)
    dob = effect(c.dobutamine, 22.0)
    dob_vessels = effect(c.dobutamine, 15.0)
    mil = effect(c.milrinone, 150.0)
    snp = effect(c.nitroprusside, 2.0)
    esm = effect(c.esmolol, 150.0)
    no = effect(c.inhaled_no, 10.0)
    wider = (1.0 - 0.80 * dob_vessels) * (1.0 - 0.60 * mil) * (1.0 - 0.60 * snp) * (1.0 - 0.10 * epi_low)
    return DrugEffects(
        drug_svr=(1.0 + answer * (0.50 * ne + 0.50 * epi + 0.60 * vaso)) * wider,
        drug_veins=-veins * (480.0 * ne + 250.0 * epi + 100.0 * vaso) + 50.0 * dob + 1000.0 * mil + 500.0 * snp,
        drug_ees=(1.0 + 0.40 * ne + 1.20 * epi + 2.30 * dob + 0.50 * mil) * (1.0 - 0.45 * esm),
        drug_rate=(1.0 + 0.35 * epi + 0.40 * dob + 0.13 * mil) * (1.0 - 0.40 * esm),
        drug_pvr=(1.0 + 0.10 * ne + 0.10 * epi) * (1.0 - 0.25 * dob) * (1.0 - 0.40 * mil) * (1.0 - 0.35 * snp),
        drug_no=0.35 * no,
        drug_shunt=(1.0 + 0.20 * snp) * (1.0 - 0.15 * no),
        drug_vo2=1.0 + 0.10 * epi + 0.10 * dob,
        drug_lactate=positive(epi),
    )
