"""What acts on the closed loop: the clock of its beats, what regulates it, its constants, what the heart makes of them."""

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


class Heart(NamedTuple):
    """What the four chambers press with, what surrounds heart and vessels, and how the septum moves."""

    lv: mmHg
    rv: mmHg
    la: mmHg
    ra: mmHg
    thorax: mmHg
    pericardium: mmHg
    abdomen: mmHg
    septum_drive: mL_s
    septum_damping: per_s
    per_svc_volume: per_mL  # 1/volume of the venae cavae, worked out together
    per_ivc_volume: per_mL
