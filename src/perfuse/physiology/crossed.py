"""The borders that blood crosses, and how much of it did: the fast loop counts here, the slow loop moves contents by it."""

from typing import NamedTuple

from perfuse.base.declare import mL, state


@state(at_start=0.0)
class Crossed(NamedTuple):
    """Volume (mL) that crossed each border since the last slow step: forward, and backward where blood can swing."""

    mitral_on: mL
    mitral_back: mL
    aortic_valve_on: mL
    aortic_valve_back: mL
    tricuspid_on: mL
    tricuspid_back: mL
    pulmonary_valve_on: mL
    pulmonary_valve_back: mL
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
    pv_la_on: mL
    pv_la_back: mL
    svc_ra_on: mL
    svc_ra_back: mL
    ivc_ra_on: mL
    ivc_ra_back: mL
    coronary_on: mL
    thebesian_on: mL
    brain_right_on: mL
    brain_left_on: mL
    arm_right_on: mL
    arm_left_on: mL
    trunk_on: mL
    bronchial_on: mL
    gut_on: mL
    kidney_on: mL
    leg_left_on: mL
    leg_right_on: mL
    upper_vein_on: mL
    splanchnic_vein_on: mL
    lower_vein_on: mL
    lung_on: mL
    atrial_septum_on: mL  # left to right
    atrial_septum_back: mL
    ventricular_septum_on: mL
    ventricular_septum_back: mL
