"""What the closed loop is made of: its fast state, what regulates it, its constants, its pressures and flows. One field, one quantity."""

from typing import NamedTuple

from perfuse.physiology.valves import Stiff


class Circulation(NamedTuple):
    """The fast state: where the blood is (mL) and how the columns with inertia move (mL/s)."""

    lv_volume: float
    rv_volume: float
    la_volume: float
    ra_volume: float
    septum_volume: float  # bulge of the septum into the right ventricle
    root_volume: float
    ascending_volume: float
    arch_volume: float
    distal_arch_volume: float
    descending_volume: float
    abdominal_volume: float
    femoral_volume: float
    leg_artery_volume: float  # artery of the right leg, beyond a femoral return cannula
    upper_vein_volume: float
    splanchnic_vein_volume: float
    lower_vein_volume: float
    svc_volume: float
    ivc_volume: float
    pa_volume: float
    pv_volume: float
    mitral_flow: float
    aortic_valve_flow: float
    tricuspid_flow: float
    pulmonary_valve_flow: float
    ascending_flow: float  # root -> ascending
    arch_flow: float
    distal_arch_flow: float
    descending_flow: float
    abdominal_flow: float
    femoral_flow: float


class Clock(NamedTuple):
    """Moment of the beat and of the compression cycle (0..1), and the periods now and for the next beat (s)."""

    phase: float
    period: float
    next_period: float
    compression_phase: float
    compression_period: float
    beats: float  # beats completed since the last slow step


class Beating(NamedTuple):
    """What is known of the last whole beat while the next is under way."""

    beat_seconds: float


class Regulation(NamedTuple):
    """What reflexes, drugs, lungs and blood make of the patient now; the slow loop writes it, the fast loop reads it."""

    beating: float  # 1, or 0 in asystole and ventricular fibrillation
    atrial_kick: float  # 1, or 0 in atrial fibrillation
    lv_ees: float  # mmHg/mL
    rv_ees: float
    systole_scale: float  # length of systole against that at 80/min
    coronary_resistance: float  # mmHg s/mL
    brain_right_resistance: float
    brain_left_resistance: float
    arm_right_resistance: float
    arm_left_resistance: float
    trunk_resistance: float
    gut_resistance: float
    kidney_resistance: float
    leg_left_resistance: float
    leg_right_resistance: float
    pulmonary_resistance: float
    upper_vein_slack: float  # unstressed volumes, mL
    splanchnic_vein_slack: float
    lower_vein_slack: float
    pleural_pressure: float  # mmHg
    alveolar_floor: float  # mmHg, 0.8 x mean alveolar pressure: downstream pressure of the lung's zone 2
    abdominal_pressure: float  # mmHg
    compression_quality: float  # of chest compressions, 1 fresh; falls as the rescuer tires


class Body(NamedTuple):
    """Constants of one patient's heart and vessels (table: parameters/patient.yaml)."""

    av_delay: float
    ventricle_systole: float
    ventricle_relaxation: float
    atrium_systole: float
    atrium_relaxation: float
    lv_alpha: float
    lv_beta: float
    lv_v0: float
    rv_alpha: float
    rv_beta: float
    rv_v0: float
    la_ees: float
    la_alpha: float
    la_beta: float
    la_v0: float
    ra_ees: float
    ra_alpha: float
    ra_beta: float
    ra_v0: float
    septum_systole: float
    septum_diastole: float
    pericardium_slack: float
    pericardium_phi: float
    effusion: float
    mitral_area: float
    mitral_leak: float
    aortic_area: float
    aortic_leak: float
    tricuspid_area: float
    tricuspid_leak: float
    pulmonary_area: float
    pulmonary_leak: float
    arterial_stiffness: float  # multiplies the elastance of every arterial segment
    leg_artery_resistance: float  # femoral artery -> leg beyond the cannula, mmHg s/mL
    pa_compliance: float
    pv_compliance: float
    pv_resistance: float
    upper_vein_compliance: float
    splanchnic_vein_compliance: float
    lower_vein_compliance: float
    upper_vein_resistance: float
    splanchnic_vein_resistance: float
    lower_vein_resistance: float
    vena_cava_resistance: float
    bronchial_conductance: float
    thebesian_conductance: float
    atrial_defect: float  # cm2, opening between the atria: septal defect, septostomy
    foramen: float  # cm2, a flap that lets blood from right to left alone
    ventricular_defect: float  # cm2, opening between the ventricles
    compression_thorax: float  # mmHg, peak of a chest compression on heart and thoracic vessels
    compression_abdomen: float


class Pressures(NamedTuple):
    """Absolute pressures (mmHg) of every place that blood can leave or enter, and the activations that made them."""

    lv: float
    rv: float
    la: float
    ra: float
    root: float
    ascending: float
    arch: float
    distal_arch: float
    descending: float
    abdominal: float
    femoral: float
    leg_artery: float
    upper_vein: float
    splanchnic_vein: float
    lower_vein: float
    svc: float
    ivc: float
    pa: float
    pv: float
    thorax: float
    pericardium: float
    abdomen: float
    septum_drive: float
    septum_damping: float


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

    mitral: float
    aortic_valve: float
    tricuspid: float
    pulmonary_valve: float
    ascending: float
    arch: float
    distal_arch: float
    descending: float
    abdominal: float
    femoral: float
    leg_artery: float
    pv_la: float
    svc_ra: float
    ivc_ra: float
    coronary: float
    thebesian: float
    brain_right: float
    brain_left: float
    arm_right: float
    arm_left: float
    trunk: float
    bronchial: float
    gut: float
    kidney: float
    leg_left: float
    leg_right: float
    upper_vein: float
    splanchnic_vein: float
    lower_vein: float
    lung: float
    atrial_septum: float  # left to right
    ventricular_septum: float


class Exchange(NamedTuple):
    """Flow into the body from outside (devices, infusion; negative: drained, bled), mL/s, by place."""

    svc: float
    ivc: float
    ra: float
    rv: float
    pa: float
    la: float
    lv: float
    root: float
    ascending: float
    descending: float
    femoral: float
    leg_artery: float


class VolumeRates(NamedTuple):
    """dV/dt of every compartment, mL/s, in the order of Circulation."""

    lv: float
    rv: float
    la: float
    ra: float
    root: float
    ascending: float
    arch: float
    distal_arch: float
    descending: float
    abdominal: float
    femoral: float
    leg_artery: float
    upper_vein: float
    splanchnic_vein: float
    lower_vein: float
    svc: float
    ivc: float
    pa: float
    pv: float
