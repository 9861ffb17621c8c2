"""Once a second: what blood and machines do to each other, and the anticoagulants between them.

One stage for every structure. A machine that is not there pumps nothing, frees nothing, clears nothing and cannot clot.
"""

from typing import Annotated, NamedTuple

from perfuse.base.declare import (
    Elsewhere,
    L_min,
    factor,
    g_100L,
    g_dL,
    g_L,
    g_s,
    m2,
    mg_kg_h,
    mg_s,
    mL,
    mL_min,
    mL_s,
    mmHg,
    number,
    parameters,
    per_day,
    platelets_1e9_L,
    platelets_1e9_s,
    seconds,
    share,
    state,
)
from perfuse.base.rates import Bounded, rates_of
from perfuse.devices.blood_damage import (
    CIRCUIT_BARE,
    FIBRINOGEN_CLEARED,
    HEART_BARE,
    LUNG_CLOT_MOST,
    PLATELETS_CLEARED,
    PUMP_CLOT_MOST,
    SLOW_FLOW,
    cleared_by_membrane,
    clot_growth,
    clot_hazard,
    haemoglobin_freed,
    inlet_suction,
    shut_suction,
    uncovered,
)
from perfuse.ops import clip, equation, positive
from perfuse.physiology.circulation_written import Circulation
from perfuse.physiology.haemostasis import (
    FREE_HB_NORMAL,
    AmountRates,
    Amounts,
    ClottingTests,
    Flows,
    Levels,
    ThinnerRates,
    Thinners,
    amounts,
    circuit_share,
    clotting_tests,
    levels,
    patient_volume,
    thin,
    turn_over,
)

SECOND = 50  # slow steps


@parameters()
class OutsidePump(NamedTuple):
    """The pump and the membrane lung of a circuit: what runs through them and what they are."""

    flow_mean: Annotated[mL_s, Elsewhere]
    p_ven: Annotated[mmHg, Elsewhere]
    inlet_hb: Annotated[g_dL, Elsewhere]
    pump_clot: share  # share of head, as set
    lung_clot: share
    return_loss: share
    pump_nih: g_100L
    pump_nih_flow: L_min
    lung_area: m2
    circuit_volume: mL
    pump_hazard_rate: per_day
    lung_hazard_rate: per_day


@parameters()
class HeartPumps(NamedTuple):
    """Rotary pumps of the left and the right heart."""

    left_flow_mean: Annotated[mL_s, Elsewhere]
    left_suction: Annotated[share, Elsewhere]
    left_clot: share
    left_nih: g_100L
    left_nih_flow: L_min
    left_hazard_rate: per_day
    right_flow_mean: Annotated[mL_s, Elsewhere]
    right_suction: Annotated[share, Elsewhere]
    right_clot: share
    right_nih: g_100L
    right_nih_flow: L_min
    right_hazard_rate: per_day


@state(at_start=0.0)
class Clots(NamedTuple):
    """Hazards summed up, and shares clotted by them (added to what is set)."""

    pump_hazard: number
    lung_hazard: number
    left_hazard: number
    right_hazard: number
    pump_thrombus: share
    lung_thrombus: share
    left_thrombus: share
    right_thrombus: share


@parameters()
class Fates(NamedTuple):
    """Thresholds that the hazards of a run must pass, drawn from its seed; 0 = never."""

    pump_fate: number
    lung_fate: number
    left_fate: number
    right_fate: number


@parameters()
class Products(NamedTuple):
    """What is given that acts here."""

    platelet_rate: platelets_1e9_s
    fibrinogen_rate: g_s
    bivalirudin_rate: mg_kg_h
    protamine_rate: mg_s
    bleeding_rate: mL_s


@rates_of(Clots)
class ClotRates(NamedTuple):
    """How they move."""

    pump_hazard: float
    lung_hazard: float
    left_hazard: float
    right_hazard: float
    pump_thrombus: Bounded
    lung_thrombus: Bounded
    left_thrombus: Bounded
    right_thrombus: Bounded


class BloodRates(NamedTuple):
    """What moves once a second."""

    amounts: AmountRates
    thinners: ThinnerRates
    clots: ClotRates


class BloodRead(NamedTuple):
    """What follows from it."""

    levels: Levels
    tests: ClottingTests


@equation
def keep_clots(c: Clots, z: OutsidePump, y: HeartPumps, f: Fates, lacking: float) -> ClotRates:
    """Hazards add up and clots grow. Prime does not clot: a circuit counts as far as it holds blood."""
    bloody = clip(z.inlet_hb, 0.0, 1.0)
    return ClotRates(
        pump_hazard=bloody * clot_hazard(z.pump_hazard_rate, z.flow_mean, SLOW_FLOW, lacking, CIRCUIT_BARE),
        lung_hazard=bloody * clot_hazard(z.lung_hazard_rate, z.flow_mean, SLOW_FLOW, lacking, CIRCUIT_BARE),
        left_hazard=clot_hazard(y.left_hazard_rate, y.left_flow_mean, 0.5 * y.left_nih_flow, lacking, HEART_BARE),
        right_hazard=clot_hazard(y.right_hazard_rate, y.right_flow_mean, 0.5 * y.right_nih_flow, lacking, HEART_BARE),
        pump_thrombus=clot_growth(c.pump_hazard, f.pump_fate, PUMP_CLOT_MOST),
        lung_thrombus=clot_growth(c.lung_hazard, f.lung_fate, LUNG_CLOT_MOST),
        left_thrombus=clot_growth(c.left_hazard, f.left_fate, PUMP_CLOT_MOST),
        right_thrombus=clot_growth(c.right_hazard, f.right_fate, PUMP_CLOT_MOST),
    )


@equation
def all_blood(s: Circulation, z: OutsidePump, hb: float) -> float:
    """mL of the patient's blood, in the body and in a circuit; hb g/dL of the patient."""
    return patient_volume(s) + z.circuit_volume * circuit_share(z.inlet_hb, hb)


@equation
def keep_blood(
    c: Clots,
    s: Circulation,
    z: OutsidePump,
    y: HeartPumps,
    g: Products,
    f: Fates,
    ascending_hb: g_dL,
    hb: g_dL,
    blood_volume: mL,
    platelets: platelets_1e9_L,
    fibrinogen: g_L,
    creatinine_clearance: mL_min,
    inr: factor,
    aptt: seconds,
) -> BloodRates:
    """Free haemoglobin, platelets, fibrinogen, anticoagulants, and clots in machines."""
    freed = (
        haemoglobin_freed(z.flow_mean, z.pump_nih, z.pump_nih_flow, z.pump_clot + c.pump_thrombus, inlet_suction(z.p_ven))
        + haemoglobin_freed(y.left_flow_mean, y.left_nih, y.left_nih_flow, y.left_clot + c.left_thrombus, shut_suction(y.left_suction))
        + haemoglobin_freed(
            y.right_flow_mean, y.right_nih, y.right_nih_flow, y.right_clot + c.right_thrombus, shut_suction(y.right_suction)
        )
    )
    clot = z.lung_clot + c.lung_thrombus
    flows = Flows(
        freed=freed,
        platelets_given=g.platelet_rate,
        fibrinogen_given=g.fibrinogen_rate,
        blood_lost=g.bleeding_rate + z.return_loss * positive(z.flow_mean),
        blood_cleared=cleared_by_membrane(PLATELETS_CLEARED, z.lung_area, z.flow_mean, clot),
        plasma_cleared=cleared_by_membrane(FIBRINOGEN_CLEARED, z.lung_area, z.flow_mean, clot),
    )
    own = amounts(Levels(free_haemoglobin=FREE_HB_NORMAL, platelet_count=platelets, fibrinogen_level=fibrinogen), blood_volume, hb)
    return BloodRates(
        amounts=turn_over(own, flows, all_blood(s, z, ascending_hb), ascending_hb),
        thinners=thin(g.bivalirudin_rate, creatinine_clearance, g.protamine_rate),
        clots=keep_clots(c, z, y, f, uncovered(aptt, inr)),
    )


@equation
def read_blood(a: Amounts, t: Thinners, s: Circulation, z: OutsidePump, ascending_hb: g_dL) -> BloodRead:
    """Concentrations, and tests of anticoagulation."""
    return BloodRead(levels=levels(a, all_blood(s, z, ascending_hb), ascending_hb), tests=clotting_tests(t))
