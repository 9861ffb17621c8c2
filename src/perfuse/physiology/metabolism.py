"""Tissues: what they want, what they get, and what they make of the difference."""

import math
from typing import Annotated, NamedTuple

from perfuse.base.declare import CO2_content, O2_content, PerBed, degC, factor, mL, mL_s, parameters, seconds, watts
from perfuse.ops import at_least, clip, equation, exp_, positive, power

LACTATE_PER_O2 = 0.06  # mmol lactate per mL O2 not delivered (mechanisms note, assumed; upper bound 0.25 derived)
LACTATE_REST = 1.0 / 3600.0  # mmol/kg/s, basal production (assumed; 1 mmol/kg/h recalled)
LACTATE_SPACE = 500.0  # mL/kg
LACTATE_CLEARANCE = 1000.0 / 60.0  # mL/s at normal liver flow
BICARBONATE_SPACE = 300.0  # mL/kg in which base given is spread (recalled, high)
SLOW_CO2_TIME = 40.0 * 60.0  # s
SLOW_CO2_STORE = 100.0  # mL/mmHg at 70 kg
HEAT_PER_O2 = 20.1  # J per mL O2 (recalled, high)
HEAT_CAPACITY = 3.6  # J per mL and degC of blood and tissue (recalled, high)


@equation
def supply_limited(demand: float, supply: float, extraction_max: float) -> float:
    """O2 used: the smooth smaller of what is wanted and what can be extracted, both in the same unit.

    Within 1 % of the demand while supply x extraction_max exceeds it by a quarter, and never above either bound. Ronco 1993: whole body
    critical extraction 0.60; by bed heart 0.80, brain 0.65, gut 0.65, kidney 0.5, muscle 0.80 (mechanisms note).
    """
    limit = supply * extraction_max
    both = demand + limit
    gap = both * both - 4.0 * 0.995 * demand * limit
    return (both - math.sqrt(positive(gap))) * (0.5 / 0.995)


@equation
def demand_factor(temperature: float, drug_factor: float) -> float:
    """VO2 against that at 37 degC: +8 % per degC (recalled 6-10), times drugs and sedation."""
    return exp_(0.08 * (temperature - 37.0)) * drug_factor


@equation
def lv_oxygen_demand(heart_rate: float, pressure_volume_area: float) -> float:
    """O2 that the left ventricle uses, mL/min: HR (1.8e-5 PVA + 0.035), PVA in mmHg mL, for 170 g. Suga 1979 (recalled, medium)."""
    return heart_rate * (1.8e-5 * pressure_volume_area + 0.035)


class Bed(NamedTuple):
    """One bed before a slow step."""

    o2: Annotated[O2_content, PerBed]
    co2: Annotated[CO2_content, PerBed]
    temp: Annotated[degC, PerBed]
    supply: Annotated[mL_s, PerBed]  # of O2, delivered
    demand: Annotated[mL_s, PerBed]


@parameters()
class BedBuild(NamedTuple):
    """What one bed is like."""

    extraction: Annotated[factor, PerBed]  # the most that can be extracted
    share: Annotated[factor, PerBed]  # of what all beds' blood and tissue hold


class Tissue(NamedTuple):
    """Contents of one bed after a slow step, and its O2 use in it."""

    o2: Annotated[O2_content, PerBed]
    co2: Annotated[CO2_content, PerBed]
    temp: Annotated[degC, PerBed]
    used: Annotated[mL, PerBed]  # of O2
    debt: Annotated[mL, PerBed]  # of O2 wanted but not had


@equation
def respire(
    b: Bed,
    k: BedBuild,
    capacity_o2: mL,
    capacity_co2: mL,
    capacity_temp: mL,
    quotient: factor,
    slow_co2_flux: mL_s,
    heat_loss: watts,
    dt: seconds,
) -> Tissue:
    """One bed takes up O2, gives CO2 and heat.

    Capacities are mL of blood holding what all beds' blood and tissue hold; slow_co2_flux out of the body's slow CO2 store; heat_loss
    from the whole body.
    """
    wanted = b.demand * dt
    used = supply_limited(wanted, b.supply * dt, k.extraction)
    held = b.o2 * capacity_o2 * k.share
    used = used if used < held else held
    made = used * quotient + slow_co2_flux * dt * k.share
    heat = used * HEAT_PER_O2 - heat_loss * dt * k.share
    per_share = 1.0 / k.share
    return Tissue(
        o2=b.o2 - used * per_share * (1.0 / capacity_o2),
        co2=b.co2 + made * per_share * (1.0 / capacity_co2),
        temp=b.temp + heat * per_share * (1.0 / (HEAT_CAPACITY * capacity_temp)),
        used=used,
        debt=wanted - used,
    )


@equation
def slow_co2_flux(store: float, tissue_pco2: float, weight: float) -> float:
    """CO2 (mL/s) out of the slow store: 100 mL/mmHg per 70 kg, time constant 40 min. `store` is its PCO2, mmHg."""
    return SLOW_CO2_STORE * weight * (1.0 / 70.0) * (store - tissue_pco2) * (1.0 / SLOW_CO2_TIME)


@equation
def lactate_rate(lactate: float, debt: float, liver: float, drug_production: float, weight: float) -> float:
    """Change of lactate, mmol/L/s: basal production + 0.06 mmol per mL O2 debt - clearance 1.0 L/min (liver flow/normal)^0.7, at least 0.2.

    debt mL O2/s not delivered; liver: gut flow over normal; drug_production mmol/s.
    """
    space = LACTATE_SPACE * weight * 1.0e-3
    production = LACTATE_REST * weight + LACTATE_PER_O2 * debt + drug_production
    clearance = LACTATE_CLEARANCE * 1.0e-3 * clip(power(at_least(liver, 1.0e-3), 0.7), 0.2, 1.5) * weight * (1.0 / 70.0)
    return (production - clearance * lactate) / space
