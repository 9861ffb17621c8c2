"""What nerves, drugs, gases and breathing make of heart and vessels for the next 20 ms."""

import math
from typing import Annotated, NamedTuple

from perfuse.base.declare import (
    Elsewhere,
    degC,
    factor,
    g_dL,
    mL,
    mL_s,
    mmHg,
    mmHg_mL,
    mmHg_s_mL,
    number,
    per_min,
    seconds,
    share,
    state,
    switch,
)
from perfuse.ops import at_least, clip, equation, positive
from perfuse.physiology.blood_gases import ArterialGas
from perfuse.physiology.circulation_written import SHARES
from perfuse.physiology.compartments import Body, Regulation
from perfuse.physiology.drugs import DrugEffects
from perfuse.physiology.lung_state import Lungs
from perfuse.physiology.lungs import (
    ALVEOLAR_FLOOR,
    Breathing,
    Chest,
    abdominal_pressure,
    acid_vasoconstriction,
    compliance_left,
    pleural_pressure,
    volume_resistance,
)
from perfuse.physiology.reflexes import Nerves
from perfuse.physiology.self_regulation import BRAIN_PRESSURE, Tones
from perfuse.physiology.tissues import Rest
from perfuse.physiology.viscosity import viscosity

PVR_NORMAL = 0.06  # mmHg s/mL (1 Wood unit): what inhaled NO cannot lower


VEIN_SHARES = (0.15, 0.70, 0.15)  # of a venous shift: upper, splanchnic, lower (Heldt 2002 unstressed volumes, seen)


COMPRESSION_FATIGUE = 0.15 / 600.0  # 1/s: quality of compressions falls by 15 % in ten minutes (mechanisms note, assumed)


# of the left ventricle's answer to nerves and drugs (Ursino 1998 0.6 in mmHg/mL, seen; taken 0.5 so that area J's wedge pressures fall)
RIGHT_ANSWER = 0.5


class Patient(NamedTuple):
    """Resting values that reflexes, drugs and chemistry act upon."""

    heart_rate: per_min
    rhythm: switch  # 0 sinus, 1 atrial fibrillation, 2 no mechanical activity (asystole, ventricular fibrillation)
    lv_contractility: mmHg_mL  # Ees, mmHg/mL
    rv_contractility: mmHg_mL
    svr: mmHg_s_mL  # all systemic beds together
    pvr: mmHg_s_mL  # without vasoconstriction
    upper_vein_unstressed: mL
    splanchnic_vein_unstressed: mL
    lower_vein_unstressed: mL
    lung_capacity: mL
    abdomen: mmHg
    breath_effort: mmHg  # muscle pressure at rest
    breath_rate: per_min  # own rate
    vascular_tone: factor  # scripted factor on systemic resistance (1)
    contractility: factor  # scripted factor on both ventricles (1)


class RegulateStage(NamedTuple):
    """What `regulate` writes."""

    regulation: Regulation
    heart: "HeartPace"


@state()
class HeartPace(NamedTuple):
    """Pace and breath that the patient's nerves ask for."""

    next_period: Annotated[seconds, Elsewhere]
    compression_period: Annotated[seconds, Elsewhere]
    muscle_pressure: mmHg
    own_rate: per_min
    dice: number  # state of the random numbers


@equation
def regulate(
    p: Patient,
    rest: Rest,
    b: Body,
    v: Nerves,
    d: DrugEffects,
    t: Tones,
    k: Lungs,
    u: Breathing,
    c: Chest,
    a: ArterialGas,
    dice: number,
    ascending_hb: g_dL,
    ascending_temp: degC,
    compression_rate: per_min,
    compression_quality: factor,
    irregularity: share,
    brain_flow_rest: mL_s,
    brain_autoregulation: factor,
    coronary_autoregulation: factor,
    coronary_occlusion: share,
    dt: seconds,
) -> RegulateStage:
    """Everything that the fast loop takes as given for the next 20 ms."""
    own_period = 60.0 / p.heart_rate
    scale = own_period * (1.0 / 0.80)
    interval = (own_period + scale * (v.drive_heart + v.drive_vagus)) / d.drug_rate / (1.0 + 0.25 * v.drive_hypoxia)
    mixed = 16807.0 * dice
    mixed = mixed - 2147483647.0 * math.floor(mixed / 2147483647.0)
    fibrillates = p.rhythm > 0.5 and p.rhythm < 1.5
    jitter = irregularity * (2.0 * mixed * (1.0 / 2147483647.0) - 1.0)
    interval = clip(interval * (1.0 + (jitter if fibrillates else 0.0)), 0.28, 2.5)
    alive = 0.0 if p.rhythm > 1.5 else 1.0
    kick = 0.0 if p.rhythm > 0.5 else 1.0
    thick = viscosity(ascending_hb, ascending_temp) / rest.reference_viscosity
    acid_heart = clip(1.0 - 0.8 * positive(7.20 - a.arterial_ph), 0.5, 1.0)
    force = p.contractility * d.drug_ees * acid_heart
    right_force = p.contractility * (1.0 + RIGHT_ANSWER * (d.drug_ees - 1.0)) * acid_heart
    lv = p.lv_contractility * force * at_least(1.0 + v.drive_force * (1.0 / 2.392), 0.3) * t.ischaemia
    rv = p.rv_contractility * right_force * at_least(1.0 + RIGHT_ANSWER * v.drive_force * (1.0 / 2.392), 0.3)
    squeeze = p.vascular_tone * d.drug_svr * at_least(1.0 + v.drive_vessels + 0.10 * v.drive_hypoxia, 0.3)
    svr = p.svr * thick
    organ = svr * squeeze
    heart = svr * (1.0 + coronary_autoregulation * (t.coronary_tone - 1.0)) * (1.0 / SHARES.coronary) * 0.95 / (1.0 - coronary_occlusion)
    brain = thick * BRAIN_PRESSURE / (0.5 * brain_flow_rest)
    shift = d.drug_veins + v.drive_veins
    slack = c.lung_compliance * compliance_left(c)
    pvr = (
        p.pvr
        * thick
        * k.vasoconstriction
        * acid_vasoconstriction(a.arterial_ph)
        * volume_resistance(u.lung_volume, p.lung_capacity)
        * d.drug_pvr
    )
    pvr = pvr - d.drug_no * positive(pvr - PVR_NORMAL)
    systole = math.sqrt(interval * (1.0 / 0.75))
    pleura = pleural_pressure(u, c, slack)
    effort = p.breath_effort * v.drive_breath
    pace = p.breath_rate * (0.6 + 0.4 * v.drive_breath)
    push = 60.0 / at_least(compression_rate, 1.0e-6)
    tired = at_least(compression_quality - dt * COMPRESSION_FATIGUE, 0.4)
    quality = tired if compression_rate > 0.0 else 1.0
    return RegulateStage(
        Regulation(
            beating=alive,
            atrial_kick=kick,
            lv_ees=lv,
            rv_ees=rv,
            systole_scale=systole,
            coronary_resistance=heart,
            brain_right_resistance=brain * (1.0 + brain_autoregulation * (t.brain_right_tone - 1.0)),
            brain_left_resistance=brain * (1.0 + brain_autoregulation * (t.brain_left_tone - 1.0)),
            arm_right_resistance=organ * (1.0 / SHARES.arm_right),
            arm_left_resistance=organ * (1.0 / SHARES.arm_left),
            trunk_resistance=organ * (1.0 / SHARES.trunk),
            gut_resistance=organ * (1.0 / SHARES.gut),
            kidney_resistance=organ * (1.0 / SHARES.kidney),
            leg_left_resistance=organ * (1.0 / SHARES.leg_left),
            leg_right_resistance=organ * (1.0 / SHARES.leg_right),
            pulmonary_resistance=pvr,
            upper_vein_slack=p.upper_vein_unstressed + VEIN_SHARES[0] * shift,
            splanchnic_vein_slack=p.splanchnic_vein_unstressed + VEIN_SHARES[1] * shift,
            lower_vein_slack=p.lower_vein_unstressed + VEIN_SHARES[2] * shift,
            pleural_pressure=pleura,
            alveolar_floor=ALVEOLAR_FLOOR * u.mean_alveolar,
            abdominal_pressure=abdominal_pressure(p.abdomen, u.lung_volume, c.chest_wall_share, slack),
            compression_quality=quality,
        ),
        HeartPace(next_period=interval, compression_period=push, muscle_pressure=effort, own_rate=clip(pace, 0.0, 45.0), dice=mixed),
    )
