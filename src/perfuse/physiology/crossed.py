"""The borders that blood crosses, and how much of it did: the fast loop counts here, the slow loop moves contents by it."""

from typing import NamedTuple


class Crossed(NamedTuple):
    """Volume (mL) that crossed each border since the last slow step: forward, and backward where blood can swing."""

    mitral_on: float
    mitral_back: float
    aortic_valve_on: float
    aortic_valve_back: float
    tricuspid_on: float
    tricuspid_back: float
    pulmonary_valve_on: float
    pulmonary_valve_back: float
    ascending_on: float
    ascending_back: float
    arch_on: float
    arch_back: float
    distal_arch_on: float
    distal_arch_back: float
    descending_on: float
    descending_back: float
    abdominal_on: float
    abdominal_back: float
    femoral_on: float
    femoral_back: float
    leg_artery_on: float
    leg_artery_back: float
    pv_la_on: float
    pv_la_back: float
    svc_ra_on: float
    svc_ra_back: float
    ivc_ra_on: float
    ivc_ra_back: float
    coronary_on: float
    thebesian_on: float
    brain_right_on: float
    brain_left_on: float
    arm_right_on: float
    arm_left_on: float
    trunk_on: float
    bronchial_on: float
    gut_on: float
    kidney_on: float
    leg_left_on: float
    leg_right_on: float
    upper_vein_on: float
    splanchnic_vein_on: float
    lower_vein_on: float
    lung_on: float
    atrial_septum_on: float  # left to right
    atrial_septum_back: float
    ventricular_septum_on: float
    ventricular_septum_back: float
