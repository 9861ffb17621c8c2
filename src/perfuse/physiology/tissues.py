"""Tissues: what each bed wants, what all of them used, the body's pools of lactate, base and CO2, and water."""

from typing import Annotated, NamedTuple

from perfuse.base.declare import (
    PCO2,
    PO2,
    Elsewhere,
    content,
    degC,
    kg,
    mL,
    mL_mmHg,
    mL_s,
    mL_s_mmHg,
    mmHg,
    mmHg_mL,
    mmHg_s_mL,
    mmol_L,
    mmol_s,
    mPa_s,
    parameters,
    pH,
    seconds,
    share,
    state,
    switch,
    watts,
    watts_K,
)
from perfuse.base.rates import Lag, rates_of
from perfuse.ops import at_least, equation, positive
from perfuse.physiology.beat import Beat
from perfuse.physiology.drugs import DrugEffects
from perfuse.physiology.metabolism import BICARBONATE_SPACE, SLOW_CO2_STORE, demand_factor, lactate_rate, lv_oxygen_demand, slow_co2_flux
from perfuse.physiology.tissue_water import PlasmaWater, capillary_pressure, plasma_water, water_moved


@state(at_start=0.0)
class Demand(NamedTuple):
    """O2 wanted by each bed, mL/s, in the order of BEDS."""

    coronary_demand: mL_s
    brain_right_demand: mL_s
    brain_left_demand: mL_s
    arm_right_demand: mL_s
    arm_left_demand: mL_s
    trunk_demand: mL_s
    gut_demand: mL_s
    kidney_demand: mL_s
    leg_left_demand: mL_s
    leg_right_demand: mL_s


# Share of the body's O2 use other than the heart's, in the order of BEDS without the heart. Of 250 mL/min: brain 46, gut and liver 51,
# kidneys 18, heart 29, muscle 50, skin 12, rest 44 (Bard's table in Ganong, recalled, high). Divided by mass (assumed): muscle 60 % in the
# legs and pelvis, 20 % each in arms and trunk; skin 35 %, 25 %, 40 %; the rest half, a seventh and a fifth, and a sixth to the gut.
VO2_SHARES = (0.104, 0.104, 0.043, 0.043, 0.104, 0.267, 0.082, 0.1265, 0.1265)


HEART_SHARE = 0.11  # of the body's O2 use at rest


HEART_OVER_LV = 1.25  # whole heart against left ventricle (assumed)


@equation
def want_oxygen(o: Beat, d: DrugEffects, lv_ees: mmHg_mL, lv_v0: mL, vo2: mL_s, sedation: share, pa_temp: degC, beating: switch) -> Demand:
    """Demand of every bed.

    vo2 mL/s of the resting, awake body at 37 degC; sedation takes up to 25 % off; the heart's from its pressure-volume area.
    """
    factor = demand_factor(pa_temp, d.drug_vo2 * (1.0 - 0.25 * sedation))
    rest = vo2 * (1.0 - HEART_SHARE) * factor
    rate = 60.0 / at_least(o.beat_seconds, 0.2)
    potential = 0.5 * lv_ees * positive(o.beat_lvesv - lv_v0) * positive(o.beat_lvesv - lv_v0)
    heart = lv_oxygen_demand(rate * beating, positive(o.beat_lvsw) + potential) * HEART_OVER_LV * (1.0 / 60.0)
    return Demand(
        coronary_demand=at_least(heart, 0.15 * HEART_SHARE * vo2),
        brain_right_demand=rest * VO2_SHARES[0],
        brain_left_demand=rest * VO2_SHARES[1],
        arm_right_demand=rest * VO2_SHARES[2],
        arm_left_demand=rest * VO2_SHARES[3],
        trunk_demand=rest * VO2_SHARES[4],
        gut_demand=rest * VO2_SHARES[5],
        kidney_demand=rest * VO2_SHARES[6],
        leg_left_demand=rest * VO2_SHARES[7],
        leg_right_demand=rest * VO2_SHARES[8],
    )


@state(at_start=0.0)
class Used(NamedTuple):
    """O2 used by each bed in the last slow step, mL."""

    coronary_used: mL
    brain_right_used: mL
    brain_left_used: mL
    arm_right_used: mL
    arm_left_used: mL
    trunk_used: mL
    gut_used: mL
    kidney_used: mL
    leg_left_used: mL
    leg_right_used: mL


@state(at_start=0.0)
class Debt(NamedTuple):
    """O2 wanted and not had, mL."""

    coronary_debt: mL
    brain_right_debt: mL
    brain_left_debt: mL
    arm_right_debt: mL
    arm_left_debt: mL
    trunk_debt: mL
    gut_debt: mL
    kidney_debt: mL
    leg_left_debt: mL
    leg_right_debt: mL


@state(at_start=0.0)
class Sums(NamedTuple):
    """The same for the whole body."""

    used_total: mL
    debt_total: mL


@equation
def sum_beds(u: Used, w: Debt) -> Sums:
    """Whole-body O2 use and debt of the last slow step, mL."""
    return Sums(
        u.coronary_used
        + u.brain_right_used
        + u.brain_left_used
        + u.arm_right_used
        + u.arm_left_used
        + u.trunk_used
        + u.gut_used
        + u.kidney_used
        + u.leg_left_used
        + u.leg_right_used,
        w.coronary_debt
        + w.brain_right_debt
        + w.brain_left_debt
        + w.arm_right_debt
        + w.arm_left_debt
        + w.trunk_debt
        + w.gut_debt
        + w.kidney_debt
        + w.leg_left_debt
        + w.leg_right_debt,
    )


@parameters()
class Rest(NamedTuple):
    """What holds in the patient at rest, worked out from the parameters."""

    reference_viscosity: mPa_s  # at which svr and pvr hold
    gut_flow_rest: mL_s


@state()
class Chemistry(NamedTuple):
    """The body's pools of lactate, base and slowly exchanging CO2; and what its beds use, averaged."""

    lactate: mmol_L
    base_excess: mmol_L  # of oxygenated blood
    slow_co2: PCO2  # in the slow store
    oxygen_used: mL_s  # all beds
    oxygen_debt: mL_s


@rates_of(Chemistry)
class ChemistryRates(NamedTuple):
    """How they move."""

    lactate: float
    base_excess: float
    slow_co2: float
    oxygen_used: Lag
    oxygen_debt: Lag


@state()
class Lost(NamedTuple):
    """What leaves the body's stores until the next step."""

    slow_co2_flux: mL_s  # out of the slow store, into the beds
    heat_loss: watts  # to the surroundings


class Metabolism(NamedTuple):
    """Pools, and what leaves stores."""

    pools: ChemistryRates
    lost: Lost


@equation
def metabolise(
    s: Chemistry,
    x: Lost,
    d: DrugEffects,
    k: Rest,
    gut_on: mL,
    weight: kg,
    venous_pco2: PCO2,
    pa_temp: degC,
    heat_conductance: watts_K,
    base_rate: mmol_s,
    used_total: mL,
    debt_total: mL,
    lactate_load: mmol_s,
    dt: seconds,
) -> Metabolism:
    """Lactate, base excess (falls 1:1 with lactate), slow CO2 and heat loss.

    base_rate mmol/s of bicarbonate given; lactate_load mmol/s extra production. The slow store loses what the beds got in this step.
    """
    liver = gut_on / dt / k.gut_flow_rest
    rate = lactate_rate(s.lactate, debt_total / dt, liver, 0.0021 * weight * (1.0 / 70.0) * d.drug_lactate * 16.0 + lactate_load, weight)
    return Metabolism(
        ChemistryRates(
            lactate=rate,
            base_excess=base_rate * 1000.0 / (BICARBONATE_SPACE * weight) - rate,
            slow_co2=-x.slow_co2_flux / (SLOW_CO2_STORE * weight * (1.0 / 70.0)),
            oxygen_used=Lag(used_total / dt, 5.0),
            oxygen_debt=Lag(debt_total / dt, 5.0),
        ),
        Lost(slow_co2_flux=slow_co2_flux(s.slow_co2, venous_pco2, weight), heat_loss=heat_conductance * (pa_temp - 22.0)),
    )


CAPILLARY_LAG = 20.0  # s over which the capillary pressure is averaged (assumed)


@state()
class Capillaries(NamedTuple):
    """Mean pressure in the capillaries."""

    capillary: mmHg  # averaged


@rates_of(Capillaries)
class CapillaryRates(NamedTuple):
    """How it follows veins and arteries."""

    capillary: Lag


@equation
def press_capillaries(
    o: Beat,
    splanchnic_vein_volume: mL,
    splanchnic_vein_slack: mL,
    splanchnic_vein_compliance: mL_mmHg,
    abdominal_pressure: mmHg,
    svr: mmHg_s_mL,
) -> CapillaryRates:
    """Capillaries lie between the veins of the gut and the arteries."""
    venous = abdominal_pressure + (splanchnic_vein_volume - splanchnic_vein_slack) / splanchnic_vein_compliance
    now = capillary_pressure(venous, o.beat_map, o.beat_systemic / at_least(o.beat_seconds, 0.2), svr)
    return CapillaryRates(capillary=Lag(now, CAPILLARY_LAG))


@state()
class Water(NamedTuple):
    """Water on its way between blood and tissue, and the blood of the veins that it enters and leaves."""

    splanchnic_vein_volume: Annotated[mL, Elsewhere]
    tissue_balance: mmHg  # mmHg: the capillary pressure at which nothing moves
    water_in: mL  # into the blood in this step
    carried: PlasmaWater


@equation
def exchange_water(
    splanchnic_vein_volume: mL,
    capillary: mmHg,
    tissue_balance: mmHg,
    filtration: mL_s_mmHg,
    tissue_compliance: mL_mmHg,
    water_removal: mL_s,
    venous_po2: PO2,
    venous_pco2: PCO2,
    venous_ph: pH,
    pa_temp: degC,
    dt: seconds,
) -> Water:
    """Water moves; what is taken off by kidneys or a filter (water_removal mL/s) comes from the blood and not from the tissue."""
    moved = water_moved(tissue_balance, capillary, filtration, water_removal, splanchnic_vein_volume, dt)
    return Water(
        splanchnic_vein_volume=splanchnic_vein_volume + moved,
        tissue_balance=tissue_balance - (moved + dt * water_removal) / tissue_compliance,
        water_in=moved,
        carried=plasma_water(venous_po2, venous_pco2, venous_ph, pa_temp),
    )


class Diluted(NamedTuple):
    """Content of the veins that water has entered or left."""

    splanchnic_vein: content


@equation
def dilute(splanchnic_vein: content, water: content, water_in: mL, splanchnic_vein_volume: mL) -> Diluted:
    """Content of the veins after `water_in` mL with content `water` came in, or left: the same formula."""
    return Diluted(splanchnic_vein + water_in * (water - splanchnic_vein) / splanchnic_vein_volume)
