"""The closed loop, fast: pressures from volumes, flows from pressures, volumes from flows.

    heart -> root -> ascending -> arch -> distal arch -> descending -> abdominal -> femoral -> cannulated leg
    beds branch off where they do in the body; veins collect into the superior and inferior vena cava; right atrium; lungs.

Three steps, each one function: `pressures`, `flow_rates`, `volume_rates`. The engine moves them through time.
"""

import math

from perfuse.ops import cos_, equation, positive, two_reciprocals
from perfuse.physiology.compartments import Body, Circulation, Columns, Exchange, Flows, Pressures, Regulation, VolumeRates
from perfuse.physiology.heart import activation, chamber, pericardial_pressure, recoil, septum_pressure
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
    SEPTUM_RESISTANCE,
    SVC_V0,
    caval_pressure,
)
from perfuse.physiology.vessels import artery_pressure, bed_flow, collapsible_flow, column, elastic_pressure


@equation
def compression(phase: float) -> float:
    """A chest compression, 0..1: a half sine over the first half of its cycle (50 % duty)."""
    half = cos_(2.0 * math.pi * (phase if phase < 0.5 else 0.5) - 0.5 * math.pi)
    return half if phase < 0.5 else 0.0


@equation
def pressures(s: Circulation, phase: float, period: float, compression_phase: float, r: Regulation, p: Body) -> Pressures:
    """Every pressure from the volumes and the moment of the beat. `phase` 0..1 from the onset of the P wave; `period` s."""
    push = compression(compression_phase) * r.compression_quality
    thorax = r.pleural_pressure + push * p.compression_thorax
    abdomen = r.abdominal_pressure + push * p.compression_abdomen
    since_p = phase * period
    since_q = since_p - p.av_delay * r.systole_scale
    since_q = since_q if since_q > 0.0 else since_q + period
    e_v = r.beating * activation(since_q, p.ventricle_systole * r.systole_scale, p.ventricle_relaxation)
    e_a = r.beating * r.atrial_kick * activation(since_p, p.atrium_systole * r.systole_scale, p.atrium_relaxation)
    peri = thorax + pericardial_pressure(
        s.lv_volume + s.rv_volume + s.la_volume + s.ra_volume, p.effusion, p.pericardium_slack, p.pericardium_phi
    )
    lv = chamber(s.lv_volume - s.septum_volume, e_v, r.lv_ees, p.lv_alpha, p.lv_beta, p.lv_v0)
    rv = chamber(s.rv_volume + s.septum_volume, e_v, r.rv_ees, p.rv_alpha, p.rv_beta, p.rv_v0)
    la = chamber(s.la_volume, e_a, p.la_ees, p.la_alpha, p.la_beta, p.la_v0)
    ra = chamber(s.ra_volume, e_a, p.ra_ees, p.ra_alpha, p.ra_beta, p.ra_v0)
    septum = septum_pressure(s.septum_volume, e_v, p.septum_systole, p.septum_diastole)
    septum_slope = e_v * p.septum_systole + (1.0 - e_v) * p.septum_diastole
    damping = (lv.elastance + rv.elastance + septum_slope) * (1.0 / SEPTUM_RESISTANCE)
    per_volume = two_reciprocals(s.svc_volume, s.ivc_volume)
    imbalance = (lv.pressure - rv.pressure - septum) * (1.0 / SEPTUM_RESISTANCE)
    return Pressures(
        lv=peri + lv.pressure + recoil(s.lv_volume, p.lv_v0),
        rv=peri + rv.pressure + recoil(s.rv_volume, p.rv_v0),
        la=peri + la.pressure + recoil(s.la_volume, p.la_v0),
        ra=peri + ra.pressure + recoil(s.ra_volume, p.ra_v0),
        root=artery_pressure(s.root_volume, ROOT_V0, ROOT_C, p.arterial_stiffness, thorax),
        ascending=artery_pressure(s.ascending_volume, ASCENDING_V0, ASCENDING_C, p.arterial_stiffness, thorax),
        arch=artery_pressure(s.arch_volume, ARCH_V0, ARCH_C, p.arterial_stiffness, thorax),
        distal_arch=artery_pressure(s.distal_arch_volume, DISTAL_V0, DISTAL_C, p.arterial_stiffness, thorax),
        descending=artery_pressure(s.descending_volume, DESCENDING_V0, DESCENDING_C, p.arterial_stiffness, thorax),
        abdominal=artery_pressure(s.abdominal_volume, ABDOMINAL_V0, ABDOMINAL_C, p.arterial_stiffness, abdomen),
        femoral=artery_pressure(s.femoral_volume, FEMORAL_V0, FEMORAL_C, p.arterial_stiffness, 0.0),
        leg_artery=artery_pressure(s.leg_artery_volume, LEG_ARTERY_V0, LEG_ARTERY_C, p.arterial_stiffness, 0.0),
        upper_vein=elastic_pressure(s.upper_vein_volume, r.upper_vein_slack, p.upper_vein_compliance, 0.0),
        splanchnic_vein=elastic_pressure(s.splanchnic_vein_volume, r.splanchnic_vein_slack, p.splanchnic_vein_compliance, abdomen),
        lower_vein=elastic_pressure(s.lower_vein_volume, r.lower_vein_slack, p.lower_vein_compliance, 0.0),
        svc=caval_pressure(s.svc_volume, per_volume.first, SVC_V0, thorax),
        ivc=caval_pressure(s.ivc_volume, per_volume.second, IVC_V0, abdomen),
        pa=elastic_pressure(s.pa_volume, PA_V0, p.pa_compliance, thorax),
        pv=elastic_pressure(s.pv_volume, PV_V0, p.pv_compliance, thorax),
        thorax=thorax,
        pericardium=peri,
        abdomen=abdomen,
        septum_drive=imbalance + damping * s.septum_volume,
        septum_damping=damping,
    )


@equation
def flow_rates(s: Circulation, b: Pressures, p: Body) -> Columns:
    """How fast the valves' and the aorta's flows change."""
    return Columns(
        mitral=valve(b.la - b.lv, s.mitral_flow, p.mitral_area, p.mitral_leak, 0.002),
        aortic_valve=valve(b.lv - b.root, s.aortic_valve_flow, p.aortic_area, p.aortic_leak, ROOT_R),
        tricuspid=valve(b.ra - b.rv, s.tricuspid_flow, p.tricuspid_area, p.tricuspid_leak, 0.002),
        pulmonary_valve=valve(b.rv - b.pa, s.pulmonary_valve_flow, p.pulmonary_area, p.pulmonary_leak, PULMONARY_TRUNK_R),
        ascending=column(b.root - b.ascending, ASCENDING_R, ASCENDING_L),
        arch=column(b.ascending - b.arch, ARCH_R, ARCH_L),
        distal_arch=column(b.arch - b.distal_arch, DISTAL_R, DISTAL_L),
        descending=column(b.distal_arch - b.descending, DESCENDING_R, DESCENDING_L),
        abdominal=column(b.descending - b.abdominal, ABDOMINAL_R, ABDOMINAL_L),
        femoral=column(b.abdominal - b.femoral, FEMORAL_R, FEMORAL_L),
    )


@equation
def flows(s: Circulation, b: Pressures, r: Regulation, p: Body) -> Flows:
    """All flows: those with inertia are state; the others follow from the pressures.

    Coronary flow meets the squeeze of the left ventricle: downstream pressure max(12, 0.75 P_LV) mmHg above the thorax (mechanisms note).
    A heart that does not beat has no contraction in its wall, only its cavity's pressure, which falls from all to none across it:
    0.5 P_LV (computed). Thebesian veins leave the coronary small vessels, where 30 % of the driving pressure is left (recalled, medium),
    so a full ventricle takes no more.
    """
    squeeze = (0.50 + 0.25 * r.beating) * (b.lv - b.thorax)
    squeeze = b.thorax + (squeeze if squeeze > 12.0 else 12.0)
    downstream = squeeze if squeeze > b.ra else b.ra
    small_vessels = downstream + 0.3 * positive(b.root - downstream)
    return Flows(
        mitral=s.mitral_flow,
        aortic_valve=s.aortic_valve_flow,
        tricuspid=s.tricuspid_flow,
        pulmonary_valve=s.pulmonary_valve_flow,
        ascending=s.ascending_flow,
        arch=s.arch_flow,
        distal_arch=s.distal_arch_flow,
        descending=s.descending_flow,
        abdominal=s.abdominal_flow,
        femoral=s.femoral_flow,
        leg_artery=(b.femoral - b.leg_artery) * (1.0 / p.leg_artery_resistance),
        pv_la=(b.pv - b.la) * (1.0 / p.pv_resistance),
        svc_ra=(b.svc - b.ra) * (1.0 / p.vena_cava_resistance),
        ivc_ra=(b.ivc - b.ra) * (1.0 / p.vena_cava_resistance),
        coronary=bed_flow(b.root, downstream, r.coronary_resistance),
        thebesian=positive(small_vessels - b.lv) * p.thebesian_conductance,
        brain_right=bed_flow(b.ascending, b.upper_vein, r.brain_right_resistance),
        brain_left=bed_flow(b.arch, b.upper_vein, r.brain_left_resistance),
        arm_right=bed_flow(b.ascending, b.upper_vein, r.arm_right_resistance),
        arm_left=bed_flow(b.distal_arch, b.upper_vein, r.arm_left_resistance),
        trunk=bed_flow(b.descending, b.upper_vein, r.trunk_resistance),
        bronchial=positive(b.descending - b.pv) * p.bronchial_conductance,
        gut=bed_flow(b.abdominal, b.splanchnic_vein, r.gut_resistance),
        kidney=bed_flow(b.abdominal, b.ivc, r.kidney_resistance),
        leg_left=bed_flow(b.femoral, b.lower_vein, r.leg_left_resistance),
        leg_right=bed_flow(b.leg_artery, b.lower_vein, r.leg_right_resistance),
        upper_vein=collapsible_flow(b.upper_vein, b.svc, b.thorax, p.upper_vein_resistance),
        splanchnic_vein=collapsible_flow(b.splanchnic_vein, b.ivc, b.abdomen, p.splanchnic_vein_resistance),
        lower_vein=collapsible_flow(b.lower_vein, b.ivc, b.abdomen, p.lower_vein_resistance),
        lung=collapsible_flow(b.pa, b.pv, r.alveolar_floor, r.pulmonary_resistance),
        atrial_septum=septal_flow(b.la - b.ra, p.atrial_defect, p.atrial_defect + p.foramen),
        ventricular_septum=septal_flow(b.lv - b.rv, p.ventricular_defect, p.ventricular_defect),
    )


@equation
def volume_rates(q: Flows, x: Exchange) -> VolumeRates:
    """What flows in minus what flows out, of every compartment."""
    return VolumeRates(
        lv=q.mitral - q.aortic_valve + q.thebesian - q.ventricular_septum + x.lv,
        rv=q.tricuspid - q.pulmonary_valve + q.ventricular_septum + x.rv,
        la=q.pv_la - q.mitral - q.atrial_septum + x.la,
        ra=q.svc_ra + q.ivc_ra + q.coronary - q.tricuspid + q.atrial_septum + x.ra,
        root=q.aortic_valve - q.ascending - q.coronary - q.thebesian + x.root,
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
        pa=q.pulmonary_valve - q.lung + x.pa,
        pv=q.lung + q.bronchial - q.pv_la,
    )
