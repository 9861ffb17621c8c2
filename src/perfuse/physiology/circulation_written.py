"""What follows from the table of vessels (network.py): groups of numbers, pressures, flows, counting and transport.

Written by `python -m perfuse.physiology.write_network`; do not edit.
"""

from typing import NamedTuple

from perfuse.base.declare import content, content_mL_in_turn, mL, mL_s, mmHg, per_mL, per_s, seconds, state
from perfuse.base.rates import Lag, Stiff, damped, driven, implicit, rates_of
from perfuse.ops import at_most, equation, four_reciprocals, positive
from perfuse.physiology.compartments import Body, Heart, Regulation
from perfuse.physiology.coronary import coronary_flow, thebesian_flow
from perfuse.physiology.network import CROSS_OVER
from perfuse.physiology.valves import septal_flow, valve
from perfuse.physiology.vessel_sizes import (
    ABDOMINAL_C,
    ABDOMINAL_L,
    ABDOMINAL_R,
    ABDOMINAL_V0,
    ARCH_C,
    ARCH_L,
    ARCH_R,
    ARCH_V0,
    ASCENDING_C,
    ASCENDING_L,
    ASCENDING_R,
    ASCENDING_V0,
    DESCENDING_C,
    DESCENDING_L,
    DESCENDING_R,
    DESCENDING_V0,
    DISTAL_C,
    DISTAL_L,
    DISTAL_R,
    DISTAL_V0,
    FEMORAL_C,
    FEMORAL_L,
    FEMORAL_R,
    FEMORAL_V0,
    IVC_V0,
    LEG_ARTERY_C,
    LEG_ARTERY_V0,
    PA_V0,
    PULMONARY_TRUNK_R,
    PV_V0,
    ROOT_C,
    ROOT_R,
    ROOT_V0,
    SVC_V0,
    caval_pressure,
)
from perfuse.physiology.vessels import artery_pressure, bed_flow, collapsible_flow, column, elastic_pressure, leak_flow, open_flow


@state()
class Circulation(NamedTuple):
    """The fast state: where the blood is, and how the columns with inertia move."""

    lv_volume: mL
    rv_volume: mL
    la_volume: mL
    ra_volume: mL
    root_volume: mL
    ascending_volume: mL
    arch_volume: mL
    distal_arch_volume: mL
    descending_volume: mL
    abdominal_volume: mL
    femoral_volume: mL
    leg_artery_volume: mL
    upper_vein_volume: mL
    splanchnic_vein_volume: mL
    lower_vein_volume: mL
    svc_volume: mL
    ivc_volume: mL
    pa_volume: mL
    pv_volume: mL
    septum_volume: mL  # bulge into the right ventricle
    ascending_flow: mL_s
    arch_flow: mL_s
    distal_arch_flow: mL_s
    descending_flow: mL_s
    abdominal_flow: mL_s
    femoral_flow: mL_s
    mitral_flow: mL_s
    aortic_valve_flow: mL_s
    tricuspid_flow: mL_s
    pulmonary_valve_flow: mL_s


class Pressures(NamedTuple):
    """Absolute pressures: of every place, around them; and what moves the septum."""

    lv: mmHg
    rv: mmHg
    la: mmHg
    ra: mmHg
    root: mmHg
    ascending: mmHg
    arch: mmHg
    distal_arch: mmHg
    descending: mmHg
    abdominal: mmHg
    femoral: mmHg
    leg_artery: mmHg
    upper_vein: mmHg
    splanchnic_vein: mmHg
    lower_vein: mmHg
    svc: mmHg
    ivc: mmHg
    pa: mmHg
    pv: mmHg
    thorax: mmHg
    pericardium: mmHg
    abdomen: mmHg
    septum_drive: mL_s
    septum_damping: per_s


class Columns(NamedTuple):
    """Rates of the flows with inertia, each as (drive, damping)."""

    ascending: Stiff
    arch: Stiff
    distal_arch: Stiff
    descending: Stiff
    abdominal: Stiff
    femoral: Stiff
    mitral: Stiff
    aortic_valve: Stiff
    tricuspid: Stiff
    pulmonary_valve: Stiff


class Flows(NamedTuple):
    """Every flow of the body at one instant."""

    ascending: mL_s
    arch: mL_s
    distal_arch: mL_s
    descending: mL_s
    abdominal: mL_s
    femoral: mL_s
    leg_artery: mL_s
    mitral: mL_s
    aortic_valve: mL_s
    brain_right: mL_s
    brain_left: mL_s
    arm_right: mL_s
    arm_left: mL_s
    trunk: mL_s
    gut: mL_s
    leg_left: mL_s
    leg_right: mL_s
    upper_vein: mL_s
    splanchnic_vein: mL_s
    lower_vein: mL_s
    kidney: mL_s
    lung: mL_s
    bronchial: mL_s
    pv_la: mL_s
    svc_ra: mL_s
    ivc_ra: mL_s
    coronary: mL_s
    thebesian: mL_s
    tricuspid: mL_s
    pulmonary_valve: mL_s
    atrial_septum: mL_s
    ventricular_septum: mL_s


class Exchange(NamedTuple):
    """Flow into the body from outside (devices, infusion; negative: drained, bled), by place."""

    lv: mL_s
    rv: mL_s
    la: mL_s
    ra: mL_s
    root: mL_s
    ascending: mL_s
    descending: mL_s
    femoral: mL_s
    leg_artery: mL_s
    svc: mL_s
    ivc: mL_s
    pa: mL_s


class VolumeRates(NamedTuple):
    """dV/dt of every compartment."""

    lv: mL_s
    rv: mL_s
    la: mL_s
    ra: mL_s
    root: mL_s
    ascending: mL_s
    arch: mL_s
    distal_arch: mL_s
    descending: mL_s
    abdominal: mL_s
    femoral: mL_s
    leg_artery: mL_s
    upper_vein: mL_s
    splanchnic_vein: mL_s
    lower_vein: mL_s
    svc: mL_s
    ivc: mL_s
    pa: mL_s
    pv: mL_s


@state(at_start=0.0)
class Crossed(NamedTuple):
    """Volume that crossed each border since the last slow step: forward, and backward where blood can swing."""

    ascending_on: mL
    ascending_back: mL
    arch_on: mL
    arch_back: mL
    distal_arch_on: mL
    distal_arch_back: mL
    descending_on: mL
    descending_back: mL
    abdominal_on: mL
    abdominal_back: mL
    femoral_on: mL
    femoral_back: mL
    leg_artery_on: mL
    leg_artery_back: mL
    mitral_on: mL
    mitral_back: mL
    aortic_valve_on: mL
    aortic_valve_back: mL
    brain_right_on: mL
    brain_left_on: mL
    arm_right_on: mL
    arm_left_on: mL
    trunk_on: mL
    gut_on: mL
    leg_left_on: mL
    leg_right_on: mL
    upper_vein_on: mL
    splanchnic_vein_on: mL
    lower_vein_on: mL
    kidney_on: mL
    lung_on: mL
    bronchial_on: mL
    pv_la_on: mL
    pv_la_back: mL
    svc_ra_on: mL
    svc_ra_back: mL
    ivc_ra_on: mL
    ivc_ra_back: mL
    coronary_on: mL
    thebesian_on: mL
    tricuspid_on: mL
    tricuspid_back: mL
    pulmonary_valve_on: mL
    pulmonary_valve_back: mL
    atrial_septum_on: mL
    atrial_septum_back: mL
    ventricular_septum_on: mL
    ventricular_septum_back: mL


@state()
class Carried(NamedTuple):
    """One carried quantity in every compartment and capillary bed."""

    lv: content
    rv: content
    la: content
    ra: content
    root: content
    ascending: content
    arch: content
    distal_arch: content
    descending: content
    abdominal: content
    femoral: content
    leg_artery: content
    upper_vein: content
    splanchnic_vein: content
    lower_vein: content
    svc: content
    ivc: content
    pa: content
    pv: content
    coronary: content
    brain_right: content
    brain_left: content
    arm_right: content
    arm_left: content
    trunk: content
    gut: content
    leg_left: content
    leg_right: content
    kidney: content


@state(at_start=0.0)
class Brought(NamedTuple):
    """What devices brought since the last slow step: volume x (content of what came - content of the place)."""

    brought_lv: content_mL_in_turn
    brought_rv: content_mL_in_turn
    brought_la: content_mL_in_turn
    brought_ra: content_mL_in_turn
    brought_root: content_mL_in_turn
    brought_ascending: content_mL_in_turn
    brought_descending: content_mL_in_turn
    brought_femoral: content_mL_in_turn
    brought_leg_artery: content_mL_in_turn
    brought_svc: content_mL_in_turn
    brought_ivc: content_mL_in_turn
    brought_pa: content_mL_in_turn


@state(at_start=0.0)
class PerVolume(NamedTuple):
    """1/volume of every compartment: worked out once for all that blood carries."""

    per_lv: per_mL
    per_rv: per_mL
    per_la: per_mL
    per_ra: per_mL
    per_root: per_mL
    per_ascending: per_mL
    per_arch: per_mL
    per_distal_arch: per_mL
    per_descending: per_mL
    per_abdominal: per_mL
    per_femoral: per_mL
    per_leg_artery: per_mL
    per_upper_vein: per_mL
    per_splanchnic_vein: per_mL
    per_lower_vein: per_mL
    per_svc: per_mL
    per_ivc: per_mL
    per_pa: per_mL
    per_pv: per_mL


class BedShares(NamedTuple):
    """Resting share of systemic flow of each bed; a bed's share of stores is taken as its share of flow."""

    coronary: float
    brain_right: float
    brain_left: float
    arm_right: float
    arm_left: float
    trunk: float
    gut: float
    leg_left: float
    leg_right: float
    kidney: float


@state()
class Supply(NamedTuple):
    """O2 delivered to each bed, averaged."""

    coronary_supply: mL_s
    brain_right_supply: mL_s
    brain_left_supply: mL_s
    arm_right_supply: mL_s
    arm_left_supply: mL_s
    trunk_supply: mL_s
    gut_supply: mL_s
    leg_left_supply: mL_s
    leg_right_supply: mL_s
    kidney_supply: mL_s


@rates_of(Supply)
class SupplyRates(NamedTuple):
    """How the averages move."""

    coronary_supply: Lag
    brain_right_supply: Lag
    brain_left_supply: Lag
    arm_right_supply: Lag
    arm_left_supply: Lag
    trunk_supply: Lag
    gut_supply: Lag
    leg_left_supply: Lag
    leg_right_supply: Lag
    kidney_supply: Lag


SHARES = BedShares(
    coronary=0.05,
    brain_right=0.07,
    brain_left=0.07,
    arm_right=0.06,
    arm_left=0.06,
    trunk=0.05,
    gut=0.22,
    leg_left=0.11,
    leg_right=0.11,
    kidney=0.2,
)


@equation
def place_pressures(h: Heart, s: Circulation, r: Regulation, p: Body) -> Pressures:
    """Pressures of all places, where those of the heart are known."""
    return Pressures(
        lv=h.lv,
        rv=h.rv,
        la=h.la,
        ra=h.ra,
        root=artery_pressure(s.root_volume, v0=ROOT_V0, compliance=ROOT_C, stiffness=p.arterial_stiffness, outside=h.thorax),
        ascending=artery_pressure(
            s.ascending_volume, v0=ASCENDING_V0, compliance=ASCENDING_C, stiffness=p.arterial_stiffness, outside=h.thorax
        ),
        arch=artery_pressure(s.arch_volume, v0=ARCH_V0, compliance=ARCH_C, stiffness=p.arterial_stiffness, outside=h.thorax),
        distal_arch=artery_pressure(
            s.distal_arch_volume, v0=DISTAL_V0, compliance=DISTAL_C, stiffness=p.arterial_stiffness, outside=h.thorax
        ),
        descending=artery_pressure(
            s.descending_volume, v0=DESCENDING_V0, compliance=DESCENDING_C, stiffness=p.arterial_stiffness, outside=h.thorax
        ),
        abdominal=artery_pressure(
            s.abdominal_volume, v0=ABDOMINAL_V0, compliance=ABDOMINAL_C, stiffness=p.arterial_stiffness, outside=h.abdomen
        ),
        femoral=artery_pressure(s.femoral_volume, v0=FEMORAL_V0, compliance=FEMORAL_C, stiffness=p.arterial_stiffness, outside=0.0),
        leg_artery=artery_pressure(
            s.leg_artery_volume, v0=LEG_ARTERY_V0, compliance=LEG_ARTERY_C, stiffness=p.arterial_stiffness, outside=0.0
        ),
        upper_vein=elastic_pressure(s.upper_vein_volume, v0=r.upper_vein_slack, compliance=p.upper_vein_compliance, outside=0.0),
        splanchnic_vein=elastic_pressure(
            s.splanchnic_vein_volume, v0=r.splanchnic_vein_slack, compliance=p.splanchnic_vein_compliance, outside=h.abdomen
        ),
        lower_vein=elastic_pressure(s.lower_vein_volume, v0=r.lower_vein_slack, compliance=p.lower_vein_compliance, outside=0.0),
        svc=caval_pressure(s.svc_volume, per_volume=h.per_svc_volume, v0=SVC_V0, outside=h.thorax),
        ivc=caval_pressure(s.ivc_volume, per_volume=h.per_ivc_volume, v0=IVC_V0, outside=h.abdomen),
        pa=elastic_pressure(s.pa_volume, v0=PA_V0, compliance=p.pa_compliance, outside=h.thorax),
        pv=elastic_pressure(s.pv_volume, v0=PV_V0, compliance=p.pv_compliance, outside=h.thorax),
        thorax=h.thorax,
        pericardium=h.pericardium,
        abdomen=h.abdomen,
        septum_drive=h.septum_drive,
        septum_damping=h.septum_damping,
    )


@equation
def flow_rates(s: Circulation, b: Pressures, p: Body) -> Columns:
    """How fast the flows with inertia change."""
    return Columns(
        ascending=column(b.root - b.ascending, resistance=ASCENDING_R, inertance=ASCENDING_L),
        arch=column(b.ascending - b.arch, resistance=ARCH_R, inertance=ARCH_L),
        distal_arch=column(b.arch - b.distal_arch, resistance=DISTAL_R, inertance=DISTAL_L),
        descending=column(b.distal_arch - b.descending, resistance=DESCENDING_R, inertance=DESCENDING_L),
        abdominal=column(b.descending - b.abdominal, resistance=ABDOMINAL_R, inertance=ABDOMINAL_L),
        femoral=column(b.abdominal - b.femoral, resistance=FEMORAL_R, inertance=FEMORAL_L),
        mitral=valve(b.la - b.lv, s.mitral_flow, area=p.mitral_area, leak_area=p.mitral_leak, resistance=0.002),
        aortic_valve=valve(b.lv - b.root, s.aortic_valve_flow, area=p.aortic_area, leak_area=p.aortic_leak, resistance=ROOT_R),
        tricuspid=valve(b.ra - b.rv, s.tricuspid_flow, area=p.tricuspid_area, leak_area=p.tricuspid_leak, resistance=0.002),
        pulmonary_valve=valve(
            b.rv - b.pa, s.pulmonary_valve_flow, area=p.pulmonary_area, leak_area=p.pulmonary_leak, resistance=PULMONARY_TRUNK_R
        ),
    )


@equation
def flows(s: Circulation, b: Pressures, r: Regulation, p: Body) -> Flows:
    """All flows: those with inertia are state; the others follow from the pressures."""
    return Flows(
        ascending=s.ascending_flow,
        arch=s.arch_flow,
        distal_arch=s.distal_arch_flow,
        descending=s.descending_flow,
        abdominal=s.abdominal_flow,
        femoral=s.femoral_flow,
        leg_artery=open_flow(b.femoral, b.leg_artery, resistance=p.leg_artery_resistance),
        mitral=s.mitral_flow,
        aortic_valve=s.aortic_valve_flow,
        brain_right=bed_flow(b.ascending, b.upper_vein, resistance=r.brain_right_resistance),
        brain_left=bed_flow(b.arch, b.upper_vein, resistance=r.brain_left_resistance),
        arm_right=bed_flow(b.ascending, b.upper_vein, resistance=r.arm_right_resistance),
        arm_left=bed_flow(b.distal_arch, b.upper_vein, resistance=r.arm_left_resistance),
        trunk=bed_flow(b.descending, b.upper_vein, resistance=r.trunk_resistance),
        gut=bed_flow(b.abdominal, b.splanchnic_vein, resistance=r.gut_resistance),
        leg_left=bed_flow(b.femoral, b.lower_vein, resistance=r.leg_left_resistance),
        leg_right=bed_flow(b.leg_artery, b.lower_vein, resistance=r.leg_right_resistance),
        upper_vein=collapsible_flow(b.upper_vein, b.svc, outside=b.thorax, resistance=p.upper_vein_resistance),
        splanchnic_vein=collapsible_flow(b.splanchnic_vein, b.ivc, outside=b.abdomen, resistance=p.splanchnic_vein_resistance),
        lower_vein=collapsible_flow(b.lower_vein, b.ivc, outside=b.abdomen, resistance=p.lower_vein_resistance),
        kidney=bed_flow(b.abdominal, b.ivc, resistance=r.kidney_resistance),
        lung=collapsible_flow(b.pa, b.pv, outside=r.alveolar_floor, resistance=r.pulmonary_resistance),
        bronchial=leak_flow(b.descending, b.pv, conductance=p.bronchial_conductance),
        pv_la=open_flow(b.pv, b.la, resistance=p.pv_resistance),
        svc_ra=open_flow(b.svc, b.ra, resistance=p.vena_cava_resistance),
        ivc_ra=open_flow(b.ivc, b.ra, resistance=p.vena_cava_resistance),
        coronary=coronary_flow(b.root, b.ra, thorax=b.thorax, beating=r.beating, lv=b.lv, resistance=r.coronary_resistance),
        thebesian=thebesian_flow(b.root, b.lv, thorax=b.thorax, beating=r.beating, ra=b.ra, conductance=p.thebesian_conductance),
        tricuspid=s.tricuspid_flow,
        pulmonary_valve=s.pulmonary_valve_flow,
        atrial_septum=septal_flow(b.la - b.ra, area=p.atrial_defect, area_back=p.atrial_defect + p.foramen),
        ventricular_septum=septal_flow(b.lv - b.rv, area=p.ventricular_defect, area_back=p.ventricular_defect),
    )


@equation
def volume_rates(q: Flows, x: Exchange) -> VolumeRates:
    """What flows in minus what flows out, of every compartment."""
    return VolumeRates(
        lv=q.mitral - q.aortic_valve + q.thebesian - q.ventricular_septum + x.lv,
        rv=q.tricuspid - q.pulmonary_valve + q.ventricular_septum + x.rv,
        la=-q.mitral + q.pv_la - q.atrial_septum + x.la,
        ra=q.svc_ra + q.ivc_ra + q.coronary - q.tricuspid + q.atrial_septum + x.ra,
        root=-q.ascending + q.aortic_valve - q.coronary - q.thebesian + x.root,
        ascending=q.ascending - q.arch - q.brain_right - q.arm_right + x.ascending,
        arch=q.arch - q.distal_arch - q.brain_left,
        distal_arch=q.distal_arch - q.descending - q.arm_left,
        descending=q.descending - q.abdominal - q.trunk - q.bronchial + x.descending,
        abdominal=q.abdominal - q.femoral - q.gut - q.kidney,
        femoral=q.femoral - q.leg_artery - q.leg_left + x.femoral,
        leg_artery=q.leg_artery - q.leg_right + x.leg_artery,
        upper_vein=q.brain_right + q.brain_left + q.arm_right + q.arm_left + q.trunk - q.upper_vein,
        splanchnic_vein=q.gut - q.splanchnic_vein,
        lower_vein=q.leg_left + q.leg_right - q.lower_vein,
        svc=q.upper_vein - q.svc_ra + x.svc,
        ivc=q.splanchnic_vein + q.lower_vein + q.kidney - q.ivc_ra + x.ivc,
        pa=-q.lung + q.pulmonary_valve + x.pa,
        pv=q.lung + q.bronchial - q.pv_la,
    )


@equation
def nothing_from_outside() -> Exchange:
    """Nothing enters or leaves."""
    return Exchange(
        lv=0.0,
        rv=0.0,
        la=0.0,
        ra=0.0,
        root=0.0,
        ascending=0.0,
        descending=0.0,
        femoral=0.0,
        leg_artery=0.0,
        svc=0.0,
        ivc=0.0,
        pa=0.0,
    )


@equation
def move_flows(s: Circulation, b: Pressures, p: Body, dt: seconds) -> Circulation:
    """Advance the septum and the flows that have inertia, linearly implicitly; volumes stay."""
    q = flow_rates(s, b, p)
    valves = four_reciprocals(damped(q.mitral, dt), damped(q.aortic_valve, dt), damped(q.tricuspid, dt), damped(q.pulmonary_valve, dt))
    return s._replace(
        septum_volume=(s.septum_volume + dt * b.septum_drive) / (1.0 + dt * b.septum_damping),
        ascending_flow=implicit(s.ascending_flow, q.ascending, dt),
        arch_flow=implicit(s.arch_flow, q.arch, dt),
        distal_arch_flow=implicit(s.distal_arch_flow, q.distal_arch, dt),
        descending_flow=implicit(s.descending_flow, q.descending, dt),
        abdominal_flow=implicit(s.abdominal_flow, q.abdominal, dt),
        femoral_flow=implicit(s.femoral_flow, q.femoral, dt),
        mitral_flow=driven(s.mitral_flow, q.mitral, dt) * valves.first,
        aortic_valve_flow=driven(s.aortic_valve_flow, q.aortic_valve, dt) * valves.second,
        tricuspid_flow=driven(s.tricuspid_flow, q.tricuspid, dt) * valves.third,
        pulmonary_valve_flow=driven(s.pulmonary_valve_flow, q.pulmonary_valve, dt) * valves.fourth,
    )


@equation
def move_volumes(s: Circulation, q: Flows, x: Exchange, dt: seconds) -> Circulation:
    """Move the blood by the flows."""
    v = volume_rates(q, x)
    return s._replace(
        lv_volume=s.lv_volume + dt * v.lv,
        rv_volume=s.rv_volume + dt * v.rv,
        la_volume=s.la_volume + dt * v.la,
        ra_volume=s.ra_volume + dt * v.ra,
        root_volume=s.root_volume + dt * v.root,
        ascending_volume=s.ascending_volume + dt * v.ascending,
        arch_volume=s.arch_volume + dt * v.arch,
        distal_arch_volume=s.distal_arch_volume + dt * v.distal_arch,
        descending_volume=s.descending_volume + dt * v.descending,
        abdominal_volume=s.abdominal_volume + dt * v.abdominal,
        femoral_volume=s.femoral_volume + dt * v.femoral,
        leg_artery_volume=s.leg_artery_volume + dt * v.leg_artery,
        upper_vein_volume=s.upper_vein_volume + dt * v.upper_vein,
        splanchnic_vein_volume=s.splanchnic_vein_volume + dt * v.splanchnic_vein,
        lower_vein_volume=s.lower_vein_volume + dt * v.lower_vein,
        svc_volume=s.svc_volume + dt * v.svc,
        ivc_volume=s.ivc_volume + dt * v.ivc,
        pa_volume=s.pa_volume + dt * v.pa,
        pv_volume=s.pv_volume + dt * v.pv,
    )


@equation
def body_rates(s: Circulation, b: Pressures, r: Regulation, p: Body, x: Exchange) -> Circulation:
    """d/dt of every volume and flow of the body at these pressures, with `x` entering from outside."""
    a = flow_rates(s, b, p)
    v = volume_rates(flows(s, b, r, p), x)
    return Circulation(
        lv_volume=v.lv,
        rv_volume=v.rv,
        la_volume=v.la,
        ra_volume=v.ra,
        root_volume=v.root,
        ascending_volume=v.ascending,
        arch_volume=v.arch,
        distal_arch_volume=v.distal_arch,
        descending_volume=v.descending,
        abdominal_volume=v.abdominal,
        femoral_volume=v.femoral,
        leg_artery_volume=v.leg_artery,
        upper_vein_volume=v.upper_vein,
        splanchnic_vein_volume=v.splanchnic_vein,
        lower_vein_volume=v.lower_vein,
        svc_volume=v.svc,
        ivc_volume=v.ivc,
        pa_volume=v.pa,
        pv_volume=v.pv,
        septum_volume=b.septum_drive - b.septum_damping * s.septum_volume,
        ascending_flow=a.ascending.drive - a.ascending.damping * s.ascending_flow,
        arch_flow=a.arch.drive - a.arch.damping * s.arch_flow,
        distal_arch_flow=a.distal_arch.drive - a.distal_arch.damping * s.distal_arch_flow,
        descending_flow=a.descending.drive - a.descending.damping * s.descending_flow,
        abdominal_flow=a.abdominal.drive - a.abdominal.damping * s.abdominal_flow,
        femoral_flow=a.femoral.drive - a.femoral.damping * s.femoral_flow,
        mitral_flow=a.mitral.drive - a.mitral.damping * s.mitral_flow,
        aortic_valve_flow=a.aortic_valve.drive - a.aortic_valve.damping * s.aortic_valve_flow,
        tricuspid_flow=a.tricuspid.drive - a.tricuspid.damping * s.tricuspid_flow,
        pulmonary_valve_flow=a.pulmonary_valve.drive - a.pulmonary_valve.damping * s.pulmonary_valve_flow,
    )


@equation
def count(n: Crossed, q: Flows, dt: seconds) -> Crossed:
    """Add what crosses each border in this step."""
    return Crossed(
        ascending_on=n.ascending_on + dt * positive(q.ascending),
        ascending_back=n.ascending_back + dt * positive(-q.ascending),
        arch_on=n.arch_on + dt * positive(q.arch),
        arch_back=n.arch_back + dt * positive(-q.arch),
        distal_arch_on=n.distal_arch_on + dt * positive(q.distal_arch),
        distal_arch_back=n.distal_arch_back + dt * positive(-q.distal_arch),
        descending_on=n.descending_on + dt * positive(q.descending),
        descending_back=n.descending_back + dt * positive(-q.descending),
        abdominal_on=n.abdominal_on + dt * positive(q.abdominal),
        abdominal_back=n.abdominal_back + dt * positive(-q.abdominal),
        femoral_on=n.femoral_on + dt * positive(q.femoral),
        femoral_back=n.femoral_back + dt * positive(-q.femoral),
        leg_artery_on=n.leg_artery_on + dt * positive(q.leg_artery),
        leg_artery_back=n.leg_artery_back + dt * positive(-q.leg_artery),
        mitral_on=n.mitral_on + dt * positive(q.mitral),
        mitral_back=n.mitral_back + dt * positive(-q.mitral),
        aortic_valve_on=n.aortic_valve_on + dt * positive(q.aortic_valve),
        aortic_valve_back=n.aortic_valve_back + dt * positive(-q.aortic_valve),
        brain_right_on=n.brain_right_on + dt * q.brain_right,
        brain_left_on=n.brain_left_on + dt * q.brain_left,
        arm_right_on=n.arm_right_on + dt * q.arm_right,
        arm_left_on=n.arm_left_on + dt * q.arm_left,
        trunk_on=n.trunk_on + dt * q.trunk,
        gut_on=n.gut_on + dt * q.gut,
        leg_left_on=n.leg_left_on + dt * q.leg_left,
        leg_right_on=n.leg_right_on + dt * q.leg_right,
        upper_vein_on=n.upper_vein_on + dt * q.upper_vein,
        splanchnic_vein_on=n.splanchnic_vein_on + dt * q.splanchnic_vein,
        lower_vein_on=n.lower_vein_on + dt * q.lower_vein,
        kidney_on=n.kidney_on + dt * q.kidney,
        lung_on=n.lung_on + dt * q.lung,
        bronchial_on=n.bronchial_on + dt * q.bronchial,
        pv_la_on=n.pv_la_on + dt * positive(q.pv_la),
        pv_la_back=n.pv_la_back + dt * positive(-q.pv_la),
        svc_ra_on=n.svc_ra_on + dt * positive(q.svc_ra),
        svc_ra_back=n.svc_ra_back + dt * positive(-q.svc_ra),
        ivc_ra_on=n.ivc_ra_on + dt * positive(q.ivc_ra),
        ivc_ra_back=n.ivc_ra_back + dt * positive(-q.ivc_ra),
        coronary_on=n.coronary_on + dt * q.coronary,
        thebesian_on=n.thebesian_on + dt * q.thebesian,
        tricuspid_on=n.tricuspid_on + dt * positive(q.tricuspid),
        tricuspid_back=n.tricuspid_back + dt * positive(-q.tricuspid),
        pulmonary_valve_on=n.pulmonary_valve_on + dt * positive(q.pulmonary_valve),
        pulmonary_valve_back=n.pulmonary_valve_back + dt * positive(-q.pulmonary_valve),
        atrial_septum_on=n.atrial_septum_on + dt * positive(q.atrial_septum),
        atrial_septum_back=n.atrial_septum_back + dt * positive(-q.atrial_septum),
        ventricular_septum_on=n.ventricular_septum_on + dt * positive(q.ventricular_septum),
        ventricular_septum_back=n.ventricular_septum_back + dt * positive(-q.ventricular_septum),
    )


@equation
def clear_crossed() -> Crossed:
    """Start counting anew."""
    return Crossed(
        ascending_on=0.0,
        ascending_back=0.0,
        arch_on=0.0,
        arch_back=0.0,
        distal_arch_on=0.0,
        distal_arch_back=0.0,
        descending_on=0.0,
        descending_back=0.0,
        abdominal_on=0.0,
        abdominal_back=0.0,
        femoral_on=0.0,
        femoral_back=0.0,
        leg_artery_on=0.0,
        leg_artery_back=0.0,
        mitral_on=0.0,
        mitral_back=0.0,
        aortic_valve_on=0.0,
        aortic_valve_back=0.0,
        brain_right_on=0.0,
        brain_left_on=0.0,
        arm_right_on=0.0,
        arm_left_on=0.0,
        trunk_on=0.0,
        gut_on=0.0,
        leg_left_on=0.0,
        leg_right_on=0.0,
        upper_vein_on=0.0,
        splanchnic_vein_on=0.0,
        lower_vein_on=0.0,
        kidney_on=0.0,
        lung_on=0.0,
        bronchial_on=0.0,
        pv_la_on=0.0,
        pv_la_back=0.0,
        svc_ra_on=0.0,
        svc_ra_back=0.0,
        ivc_ra_on=0.0,
        ivc_ra_back=0.0,
        coronary_on=0.0,
        thebesian_on=0.0,
        tricuspid_on=0.0,
        tricuspid_back=0.0,
        pulmonary_valve_on=0.0,
        pulmonary_valve_back=0.0,
        atrial_septum_on=0.0,
        atrial_septum_back=0.0,
        ventricular_septum_on=0.0,
        ventricular_septum_back=0.0,
    )


@equation
def nothing_brought() -> Brought:
    """Nothing comes where no device is."""
    return Brought(
        brought_lv=0.0,
        brought_rv=0.0,
        brought_la=0.0,
        brought_ra=0.0,
        brought_root=0.0,
        brought_ascending=0.0,
        brought_descending=0.0,
        brought_femoral=0.0,
        brought_leg_artery=0.0,
        brought_svc=0.0,
        brought_ivc=0.0,
        brought_pa=0.0,
    )


@equation
def per_volume(s: Circulation) -> PerVolume:
    """1/volume of every compartment."""
    return PerVolume(
        per_lv=1.0 / s.lv_volume,
        per_rv=1.0 / s.rv_volume,
        per_la=1.0 / s.la_volume,
        per_ra=1.0 / s.ra_volume,
        per_root=1.0 / s.root_volume,
        per_ascending=1.0 / s.ascending_volume,
        per_arch=1.0 / s.arch_volume,
        per_distal_arch=1.0 / s.distal_arch_volume,
        per_descending=1.0 / s.descending_volume,
        per_abdominal=1.0 / s.abdominal_volume,
        per_femoral=1.0 / s.femoral_volume,
        per_leg_artery=1.0 / s.leg_artery_volume,
        per_upper_vein=1.0 / s.upper_vein_volume,
        per_splanchnic_vein=1.0 / s.splanchnic_vein_volume,
        per_lower_vein=1.0 / s.lower_vein_volume,
        per_svc=1.0 / s.svc_volume,
        per_ivc=1.0 / s.ivc_volume,
        per_pa=1.0 / s.pa_volume,
        per_pv=1.0 / s.pv_volume,
    )


@equation
def carry(
    c: Carried, n: Crossed, s: PerVolume, lung_gain: float, drip_volume: float, drip_content: float, capacity: float, r: Brought
) -> Carried:
    """Contents after what crossed has crossed.

    s 1/volumes afterwards; lung_gain content gained (lost) in the lung's capillaries, per mL of blood passing; drip_volume mL infused into
    the superior vena cava, carrying drip_content; capacity mL of blood that would hold what all beds' blood and tissue hold: for gases that
    tissue stores, and heat, more than their blood; r what devices brought.
    """
    swap = CROSS_OVER * at_most(n.brain_right_on, n.brain_left_on)
    per_share = 1.0 / capacity
    return Carried(
        lv=c.lv
        + (
            n.mitral_on * (c.la - c.lv)
            + n.aortic_valve_back * (c.root - c.lv)
            + n.thebesian_on * (c.root - c.lv)
            + n.ventricular_septum_back * (c.rv - c.lv)
            + r.brought_lv
        )
        * s.per_lv,
        rv=c.rv
        + (n.tricuspid_on * (c.ra - c.rv) + n.pulmonary_valve_back * (c.pa - c.rv) + n.ventricular_septum_on * (c.lv - c.rv) + r.brought_rv)
        * s.per_rv,
        la=c.la
        + (n.mitral_back * (c.lv - c.la) + n.pv_la_on * (c.pv - c.la) + n.atrial_septum_back * (c.ra - c.la) + r.brought_la) * s.per_la,
        ra=c.ra
        + (
            n.svc_ra_on * (c.svc - c.ra)
            + n.ivc_ra_on * (c.ivc - c.ra)
            + n.coronary_on * (c.coronary - c.ra)
            + n.tricuspid_back * (c.rv - c.ra)
            + n.atrial_septum_on * (c.la - c.ra)
            + r.brought_ra
        )
        * s.per_ra,
        root=c.root + (n.ascending_back * (c.ascending - c.root) + n.aortic_valve_on * (c.lv - c.root) + r.brought_root) * s.per_root,
        ascending=c.ascending
        + (n.ascending_on * (c.root - c.ascending) + n.arch_back * (c.arch - c.ascending) + r.brought_ascending) * s.per_ascending,
        arch=c.arch + (n.arch_on * (c.ascending - c.arch) + n.distal_arch_back * (c.distal_arch - c.arch)) * s.per_arch,
        distal_arch=c.distal_arch
        + (n.distal_arch_on * (c.arch - c.distal_arch) + n.descending_back * (c.descending - c.distal_arch)) * s.per_distal_arch,
        descending=c.descending
        + (n.descending_on * (c.distal_arch - c.descending) + n.abdominal_back * (c.abdominal - c.descending) + r.brought_descending)
        * s.per_descending,
        abdominal=c.abdominal
        + (n.abdominal_on * (c.descending - c.abdominal) + n.femoral_back * (c.femoral - c.abdominal)) * s.per_abdominal,
        femoral=c.femoral
        + (n.femoral_on * (c.abdominal - c.femoral) + n.leg_artery_back * (c.leg_artery - c.femoral) + r.brought_femoral) * s.per_femoral,
        leg_artery=c.leg_artery + (n.leg_artery_on * (c.femoral - c.leg_artery) + r.brought_leg_artery) * s.per_leg_artery,
        upper_vein=c.upper_vein
        + (
            n.brain_right_on * (c.brain_right - c.upper_vein)
            + n.brain_left_on * (c.brain_left - c.upper_vein)
            + n.arm_right_on * (c.arm_right - c.upper_vein)
            + n.arm_left_on * (c.arm_left - c.upper_vein)
            + n.trunk_on * (c.trunk - c.upper_vein)
        )
        * s.per_upper_vein,
        splanchnic_vein=c.splanchnic_vein + (n.gut_on * (c.gut - c.splanchnic_vein)) * s.per_splanchnic_vein,
        lower_vein=c.lower_vein
        + (n.leg_left_on * (c.leg_left - c.lower_vein) + n.leg_right_on * (c.leg_right - c.lower_vein)) * s.per_lower_vein,
        svc=c.svc
        + (n.upper_vein_on * (c.upper_vein - c.svc) + n.svc_ra_back * (c.ra - c.svc) + drip_volume * (drip_content - c.svc) + r.brought_svc)
        * s.per_svc,
        ivc=c.ivc
        + (
            n.splanchnic_vein_on * (c.splanchnic_vein - c.ivc)
            + n.lower_vein_on * (c.lower_vein - c.ivc)
            + n.kidney_on * (c.kidney - c.ivc)
            + n.ivc_ra_back * (c.ra - c.ivc)
            + r.brought_ivc
        )
        * s.per_ivc,
        pa=c.pa + (n.pulmonary_valve_on * (c.rv - c.pa) + r.brought_pa) * s.per_pa,
        pv=c.pv
        + (n.lung_on * (c.pa + lung_gain - c.pv) + n.bronchial_on * (c.descending - c.pv) + n.pv_la_back * (c.la - c.pv)) * s.per_pv,
        coronary=c.coronary + n.coronary_on * (c.root - c.coronary) * (per_share * (1.0 / SHARES.coronary)),
        brain_right=c.brain_right
        + ((n.brain_right_on - swap) * (c.ascending - c.brain_right) + swap * (c.arch - c.brain_right))
        * (per_share * (1.0 / SHARES.brain_right)),
        brain_left=c.brain_left
        + ((n.brain_left_on - swap) * (c.arch - c.brain_left) + swap * (c.ascending - c.brain_left))
        * (per_share * (1.0 / SHARES.brain_left)),
        arm_right=c.arm_right + n.arm_right_on * (c.ascending - c.arm_right) * (per_share * (1.0 / SHARES.arm_right)),
        arm_left=c.arm_left + n.arm_left_on * (c.distal_arch - c.arm_left) * (per_share * (1.0 / SHARES.arm_left)),
        trunk=c.trunk + n.trunk_on * (c.descending - c.trunk) * (per_share * (1.0 / SHARES.trunk)),
        gut=c.gut + n.gut_on * (c.abdominal - c.gut) * (per_share * (1.0 / SHARES.gut)),
        leg_left=c.leg_left + n.leg_left_on * (c.femoral - c.leg_left) * (per_share * (1.0 / SHARES.leg_left)),
        leg_right=c.leg_right + n.leg_right_on * (c.leg_artery - c.leg_right) * (per_share * (1.0 / SHARES.leg_right)),
        kidney=c.kidney + n.kidney_on * (c.abdominal - c.kidney) * (per_share * (1.0 / SHARES.kidney)),
    )


@equation
def deliver(c: Carried, n: Crossed, per_second: float, time: float) -> SupplyRates:
    """What is carried into each bed by the arteries that feed it, averaged over some time (s); per_second 1/s of the step."""
    swap = CROSS_OVER * at_most(n.brain_right_on, n.brain_left_on)
    return SupplyRates(
        coronary_supply=Lag((n.coronary_on * c.root) * per_second, time),
        brain_right_supply=Lag(((n.brain_right_on - swap) * c.ascending + swap * c.arch) * per_second, time),
        brain_left_supply=Lag(((n.brain_left_on - swap) * c.arch + swap * c.ascending) * per_second, time),
        arm_right_supply=Lag((n.arm_right_on * c.ascending) * per_second, time),
        arm_left_supply=Lag((n.arm_left_on * c.distal_arch) * per_second, time),
        trunk_supply=Lag((n.trunk_on * c.descending) * per_second, time),
        gut_supply=Lag((n.gut_on * c.abdominal) * per_second, time),
        leg_left_supply=Lag((n.leg_left_on * c.femoral) * per_second, time),
        leg_right_supply=Lag((n.leg_right_on * c.leg_artery) * per_second, time),
        kidney_supply=Lag((n.kidney_on * c.abdominal) * per_second, time),
    )
