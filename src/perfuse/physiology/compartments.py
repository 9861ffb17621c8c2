"""What the closed loop is made of: its fast state, what regulates it, its constants, its pressures and flows. One field, one quantity."""

from typing import NamedTuple

from perfuse.base.declare import (
    cm2,
    factor,
    mL,
    mL_mmHg,
    mL_s,
    mL_s_mmHg,
    mmHg,
    mmHg_mL,
    mmHg_s_mL,
    number,
    per_mL,
    per_s,
    seconds,
    share,
    state,
    switch,
)
from perfuse.physiology.valves import Stiff


@state()
class Circulation(NamedTuple):
    """The fast state: where the blood is (mL) and how the columns with inertia move (mL/s)."""

    lv_volume: mL
    rv_volume: mL
    la_volume: mL
    ra_volume: mL
    septum_volume: mL  # bulge of the septum into the right ventricle
    root_volume: mL
    ascending_volume: mL
    arch_volume: mL
    distal_arch_volume: mL
    descending_volume: mL
    abdominal_volume: mL
    femoral_volume: mL
    leg_artery_volume: mL  # artery of the right leg, beyond a femoral return cannula
    upper_vein_volume: mL
    splanchnic_vein_volume: mL
    lower_vein_volume: mL
    svc_volume: mL
    ivc_volume: mL
    pa_volume: mL
    pv_volume: mL
    mitral_flow: mL_s
    aortic_valve_flow: mL_s
    tricuspid_flow: mL_s
    pulmonary_valve_flow: mL_s
    ascending_flow: mL_s  # root -> ascending
    arch_flow: mL_s
    distal_arch_flow: mL_s
    descending_flow: mL_s
    abdominal_flow: mL_s
    femoral_flow: mL_s


@state()
class Clock(NamedTuple):
    """Moment of the beat and of the compression cycle (0..1), and the periods now and for the next beat (s)."""

    phase: share
    period: seconds
    next_period: seconds
    compression_phase: share
    compression_period: seconds
    beats: number  # beats completed since the last slow step


class Beating(NamedTuple):
    """What is known of the last whole beat while the next is under way."""

    beat_seconds: seconds


@state()
class Regulation(NamedTuple):
    """What reflexes, drugs, lungs and blood make of the patient now; the slow loop writes it, the fast loop reads it."""

    beating: switch  # 1, or 0 in asystole and ventricular fibrillation
    atrial_kick: switch  # 1, or 0 in atrial fibrillation
    lv_ees: mmHg_mL
    rv_ees: mmHg_mL
    systole_scale: factor  # length of systole against that at 80/min
    coronary_resistance: mmHg_s_mL
    brain_right_resistance: mmHg_s_mL
    brain_left_resistance: mmHg_s_mL
    arm_right_resistance: mmHg_s_mL
    arm_left_resistance: mmHg_s_mL
    trunk_resistance: mmHg_s_mL
    gut_resistance: mmHg_s_mL
    kidney_resistance: mmHg_s_mL
    leg_left_resistance: mmHg_s_mL
    leg_right_resistance: mmHg_s_mL
    pulmonary_resistance: mmHg_s_mL
    upper_vein_slack: mL  # unstressed volumes, mL
    splanchnic_vein_slack: mL
    lower_vein_slack: mL
    pleural_pressure: mmHg
    alveolar_floor: mmHg  # 0.8 x mean alveolar pressure: downstream pressure of the lung's zone 2
    abdominal_pressure: mmHg
    compression_quality: factor  # of chest compressions, 1 fresh; falls as the rescuer tires


class Body(NamedTuple):
    """Constants of one patient's heart and vessels (table: parameters/patient.yaml)."""

    av_delay: seconds
    ventricle_systole: seconds
    ventricle_relaxation: seconds
    atrium_systole: seconds
    atrium_relaxation: seconds
    lv_alpha: per_mL
    lv_beta: mmHg
    lv_v0: mL
    rv_alpha: per_mL
    rv_beta: mmHg
    rv_v0: mL
    la_ees: mmHg_mL
    la_alpha: per_mL
    la_beta: mmHg
    la_v0: mL
    ra_ees: mmHg_mL
    ra_alpha: per_mL
    ra_beta: mmHg
    ra_v0: mL
    septum_systole: mmHg_mL
    septum_diastole: mmHg_mL
    pericardium_slack: mL
    pericardium_phi: mL
    effusion: mL
    mitral_area: cm2
    mitral_leak: cm2
    aortic_area: cm2
    aortic_leak: cm2
    tricuspid_area: cm2
    tricuspid_leak: cm2
    pulmonary_area: cm2
    pulmonary_leak: cm2
    arterial_stiffness: factor  # multiplies the elastance of every arterial segment
    leg_artery_resistance: mmHg_s_mL  # femoral artery -> leg beyond the cannula, mmHg s/mL
    pa_compliance: mL_mmHg
    pv_compliance: mL_mmHg
    pv_resistance: mmHg_s_mL
    upper_vein_compliance: mL_mmHg
    splanchnic_vein_compliance: mL_mmHg
    lower_vein_compliance: mL_mmHg
    upper_vein_resistance: mmHg_s_mL
    splanchnic_vein_resistance: mmHg_s_mL
    lower_vein_resistance: mmHg_s_mL
    vena_cava_resistance: mmHg_s_mL
    bronchial_conductance: mL_s_mmHg
    thebesian_conductance: mL_s_mmHg
    atrial_defect: cm2  # opening between the atria: septal defect, septostomy
    foramen: cm2  # a flap that lets blood from right to left alone
    ventricular_defect: cm2  # opening between the ventricles
    compression_thorax: mmHg  # peak of a chest compression on heart and thoracic vessels
    compression_abdomen: mmHg


class Pressures(NamedTuple):
    """Absolute pressures (mmHg) of every place that blood can leave or enter, and the activations that made them."""

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
    """Rates of the ten flows with inertia, each as (drive, damping)."""

    mitral: Stiff
    aortic_valve: Stiff
    tricuspid: Stiff
    pulmonary_valve: Stiff
    ascending: Stiff
    arch: Stiff
    distal_arch: Stiff
    descending: Stiff
    abdominal: Stiff
    femoral: Stiff


class Flows(NamedTuple):
    """Every flow of the body at one instant, mL/s: first those that can reverse, then those that cannot."""

    mitral: mL_s
    aortic_valve: mL_s
    tricuspid: mL_s
    pulmonary_valve: mL_s
    ascending: mL_s
    arch: mL_s
    distal_arch: mL_s
    descending: mL_s
    abdominal: mL_s
    femoral: mL_s
    leg_artery: mL_s
    pv_la: mL_s
    svc_ra: mL_s
    ivc_ra: mL_s
    coronary: mL_s
    thebesian: mL_s
    brain_right: mL_s
    brain_left: mL_s
    arm_right: mL_s
    arm_left: mL_s
    trunk: mL_s
    bronchial: mL_s
    gut: mL_s
    kidney: mL_s
    leg_left: mL_s
    leg_right: mL_s
    upper_vein: mL_s
    splanchnic_vein: mL_s
    lower_vein: mL_s
    lung: mL_s
    atrial_septum: mL_s  # left to right
    ventricular_septum: mL_s


class Exchange(NamedTuple):
    """Flow into the body from outside (devices, infusion; negative: drained, bled), mL/s, by place."""

    svc: mL_s
    ivc: mL_s
    ra: mL_s
    rv: mL_s
    pa: mL_s
    la: mL_s
    lv: mL_s
    root: mL_s
    ascending: mL_s
    descending: mL_s
    femoral: mL_s
    leg_artery: mL_s


class VolumeRates(NamedTuple):
    """dV/dt of every compartment, mL/s, in the order of Circulation."""

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
