"""Twenty milliseconds: beats, breathing, what blood carries, tissues, nerves, drugs, and the circuit's gas.

Each stage is an equation whose arguments are named like rows of the state (or are NamedTuples of rows) and whose result's fields are
the rows it writes. The kernels are generated from these signatures; there is no other wiring.
"""

import math
from typing import NamedTuple

from perfuse.engine.slow_beat import Beat
from perfuse.engine.slow_tissue import Demand
from perfuse.ops import at_least, clip, equation, positive
from perfuse.physiology.blood import Gas, gas_step
from perfuse.physiology.compartments import Body, Regulation
from perfuse.physiology.contents import BED_SHARES, Brought, Carried, PerVolume, Supply, carry, deliver, nothing_brought
from perfuse.physiology.crossed import Crossed
from perfuse.physiology.drugs import DrugEffects
from perfuse.physiology.lungs import (
    ALVEOLAR_FLOOR,
    AlveolarGas,
    Breathing,
    Chest,
    abdominal_pressure,
    acid_vasoconstriction,
    alveolar_dead_share,
    compliance_left,
    hypoxic_vasoconstriction,
    lung_water_rate,
    pleural_pressure,
    shunt_fraction,
    volume_resistance,
)
from perfuse.physiology.reflexes import Nerves, autoregulate
from perfuse.physiology.viscosity import viscosity

PVR_NORMAL = 0.06  # mmHg s/mL (1 Wood unit): what inhaled NO cannot lower
VEIN_SHARES = (0.15, 0.70, 0.15)  # of a venous shift: upper, splanchnic, lower (Heldt 2002 unstressed volumes, seen)
COMPRESSION_FATIGUE = 0.15 / 600.0  # 1/s: quality of compressions falls by 15 % in ten minutes (mechanisms note, assumed)
# of the left ventricle's answer to nerves and drugs (Ursino 1998 0.6 in mmHg/mL, seen; taken 0.5 so that area J's wedge pressures fall)
RIGHT_ANSWER = 0.5
# mmHg across the brain at which its flow is that of rest, and how far its vessels open and close from there: flow is defended between
# 45 and 135 mmHg (recalled-medium: lower limit 50-60 mmHg of mean pressure, upper 140-150). Not a share of the systemic resistance: vessels
# of the brain take no part in systemic vasodilation.
BRAIN_PRESSURE, BRAIN_OPEN, BRAIN_SHUT = 75.0, 0.6, 1.8
SUPPLY_LAG = 2.0  # s, what tissue averages over: a beat or two (assumed)


@equation
def carry_alone(
    c: Carried, n: Crossed, s: PerVolume, lung_gain: float, infusion_rate: float, drip_content: float, capacity: float, dt: float
) -> Carried:
    """Contents move; no device."""
    return carry(c, n, s, lung_gain, infusion_rate * dt, drip_content, capacity, nothing_brought())


@equation
def carry_with(
    c: Carried,
    n: Crossed,
    s: PerVolume,
    lung_gain: float,
    infusion_rate: float,
    drip_content: float,
    capacity: float,
    r: Brought,
    dt: float,
) -> Carried:
    """Contents move, with what devices brought."""
    return carry(c, n, s, lung_gain, infusion_rate * dt, drip_content, capacity, r)


@equation
def clear_crossed() -> Crossed:
    """Start counting anew."""
    return Crossed(
        0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
        0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
        0.0, 0.0, 0.0, 0.0,
    )  # fmt: skip


class ArterialGas(NamedTuple):
    """Blood gas of the ascending aorta, which chemoreceptors sense, and of mixed venous blood; followed step by step."""

    arterial_po2: float
    arterial_pco2: float
    arterial_ph: float
    arterial_so2: float
    venous_po2: float
    venous_pco2: float
    venous_ph: float
    venous_so2: float


@equation
def follow_gases(
    a: ArterialGas, ascending_o2: float, ascending_co2: float, ascending_hb: float, ascending_temp: float,
    pa_o2: float, pa_co2: float, pa_hb: float, pa_temp: float, base_excess: float,
) -> ArterialGas:  # fmt: skip
    """One Newton step for the two blood gases that regulation needs."""
    x = gas_step(
        ascending_o2,
        ascending_co2,
        ascending_hb,
        base_excess,
        ascending_temp,
        Gas(a.arterial_po2, a.arterial_pco2, a.arterial_ph, a.arterial_so2),
    )
    y = gas_step(pa_o2, pa_co2, pa_hb, base_excess, pa_temp, Gas(a.venous_po2, a.venous_pco2, a.venous_ph, a.venous_so2))
    return ArterialGas(x.po2, x.pco2, x.ph, x.so2, y.po2, y.pco2, y.ph, y.so2)


class Lungs(NamedTuple):
    """Slow state of the lungs."""

    lung_water: float  # mL/kg
    vasoconstriction: float  # factor of hypoxia on resistance, lagged
    shunt_now: float
    dead_now: float  # share of alveolar ventilation that meets no blood
    lung_oxygen: float  # mL/s taken up, averaged
    lung_carbon: float  # mL/s given off


@equation
def keep_lungs(
    s: Lungs,
    b: Breathing,
    g: AlveolarGas,
    o: Beat,
    d: DrugEffects,
    shunt: float,
    recruitability: float,
    recruitment_pressure: float,
    oedema_pressure: float,
    weight: float,
    dead_share: float,
    pneumothorax: float,
    venous_po2: float,
    lung_on: float,
    lung_gain_o2: float,
    lung_gain_co2: float,
    dt: float,
) -> Lungs:
    """Lung water, shunt, dead space and vasoconstriction move on."""
    water = s.lung_water + dt * lung_water_rate(s.lung_water, o.beat_lap, o.beat_mpap, oedema_pressure, weight)
    target = hypoxic_vasoconstriction(g.alveolar_po2, venous_po2)
    dead = alveolar_dead_share(dead_share, o.beat_lung / at_least(o.beat_seconds, 0.2), weight)
    return Lungs(
        water,
        s.vasoconstriction + dt * (target - s.vasoconstriction) * (1.0 / 60.0),
        shunt_fraction(shunt, recruitability, b.mean_alveolar - recruitment_pressure, water, d.drug_shunt, pneumothorax),
        s.dead_now + dt * (dead - s.dead_now) * (1.0 / 5.0),
        s.lung_oxygen + dt * (lung_on * lung_gain_o2 / dt - s.lung_oxygen) * (1.0 / 5.0),
        s.lung_carbon + dt * (-lung_on * lung_gain_co2 / dt - s.lung_carbon) * (1.0 / 5.0),
    )


class Tones(NamedTuple):
    """Self-regulation of heart and brain: resistance against rest, and what ischaemia leaves of contractility."""

    coronary_tone: float
    brain_right_tone: float
    brain_left_tone: float
    ischaemia: float
    coronary_flow: float  # mL/s, averaged over two seconds
    brain_right_flow: float
    brain_left_flow: float


@equation
def self_regulate(
    s: Tones,
    o: Beat,
    q: Demand,
    lv_ischaemia_gain: float,
    brain_autoregulation: float,
    coronary_autoregulation: float,
    coronary_on: float,
    brain_right_on: float,
    brain_left_on: float,
    brain_flow_rest: float,
    coronary_least: float,
    coronary_occlusion: float,
    root_o2: float,
    ascending_o2: float,
    arterial_pco2: float,
    dt: float,
) -> Tones:
    """Coronary flow follows demand at an extraction of 0.70, between 1 and `coronary_least` of resting resistance; brain flow follows
    rest, PCO2 (+3 %
    per mmHg) and, below 0.16 mL/mL, arterial O2 content (inversely, at most double: O2 delivery to the brain is defended; recalled,
    medium). Vessels that stay open when others are occluded follow the demand of what they feed, not of the whole heart.

    Contractility is multiplied by clip(supply/demand, 0.2, 1)^gain with a lag of 90 s; supply = coronary flow x content x 0.8.
    """
    demand = q.coronary_demand
    a = dt / SUPPLY_LAG
    flow = s.coronary_flow + a * (coronary_on / dt - s.coronary_flow)
    flow_right = s.brain_right_flow + a * (brain_right_on / dt - s.brain_right_flow)
    flow_left = s.brain_left_flow + a * (brain_left_on / dt - s.brain_left_flow)
    wanted = demand * (1.0 - coronary_occlusion) / at_least(0.70 * root_o2, 1.0e-3)
    coronary = autoregulate(s.coronary_tone, flow, wanted, coronary_least, 1.0, 8.0, dt)
    poor = clip(0.16 / at_least(ascending_o2, 0.01), 1.0, 2.0)
    brain = 0.5 * brain_flow_rest * clip(1.0 + 0.03 * (arterial_pco2 - 40.0), 0.4, 2.0) * poor
    right = autoregulate(s.brain_right_tone, flow_right, brain, BRAIN_OPEN, BRAIN_SHUT, 6.0, dt)
    left = autoregulate(s.brain_left_tone, flow_left, brain, BRAIN_OPEN, BRAIN_SHUT, 6.0, dt)
    enough = clip(flow * root_o2 * 0.8 / at_least(demand, 1.0e-4), 0.2, 1.0)
    force = 1.0 + lv_ischaemia_gain * (enough - 1.0)
    return Tones(
        1.0 + coronary_autoregulation * (coronary - 1.0),
        1.0 + brain_autoregulation * (right - 1.0),
        1.0 + brain_autoregulation * (left - 1.0),
        s.ischaemia + dt * (force - s.ischaemia) * (1.0 / 90.0),
        flow,
        flow_right,
        flow_left,
    )


class Patient(NamedTuple):
    """Resting values that reflexes, drugs and chemistry act upon."""

    heart_rate: float  # 1/min
    rhythm: float  # 0 sinus, 1 atrial fibrillation, 2 no mechanical activity (asystole, ventricular fibrillation)
    lv_contractility: float  # Ees, mmHg/mL
    rv_contractility: float
    svr: float  # mmHg s/mL, all systemic beds together
    pvr: float  # mmHg s/mL, without vasoconstriction
    upper_vein_unstressed: float  # mL
    splanchnic_vein_unstressed: float
    lower_vein_unstressed: float
    reference_viscosity: float  # mPa s, at which svr and pvr hold
    lung_capacity: float  # mL
    abdomen: float  # mmHg
    breath_effort: float  # mmHg, muscle pressure at rest
    breath_rate: float  # 1/min, own rate
    vascular_tone: float  # scripted factor on systemic resistance (1)
    contractility: float  # scripted factor on both ventricles (1)


class RegulateStage(NamedTuple):
    """What `regulate` writes."""

    regulation: Regulation
    heart: "HeartPace"


class HeartPace(NamedTuple):
    """Pace and breath that the patient's nerves ask for."""

    next_period: float
    compression_period: float
    muscle_pressure: float
    own_rate: float
    dice: float  # state of the random numbers


@equation
def regulate(
    p: Patient,
    b: Body,
    v: Nerves,
    d: DrugEffects,
    t: Tones,
    k: Lungs,
    u: Breathing,
    c: Chest,
    a: ArterialGas,
    dice: float,
    ascending_hb: float,
    ascending_temp: float,
    compression_rate: float,
    compression_quality: float,
    irregularity: float,
    brain_flow_rest: float,
    coronary_occlusion: float,
    dt: float,
) -> RegulateStage:
    """Everything that the fast loop takes as given for the next 20 ms."""
    rest = 60.0 / p.heart_rate
    scale = rest * (1.0 / 0.80)
    interval = (rest + scale * (v.drive_heart + v.drive_vagus)) / d.drug_rate / (1.0 + 0.25 * v.drive_hypoxia)
    mixed = 16807.0 * dice
    mixed = mixed - 2147483647.0 * math.floor(mixed / 2147483647.0)
    fibrillates = p.rhythm > 0.5 and p.rhythm < 1.5
    jitter = irregularity * (2.0 * mixed * (1.0 / 2147483647.0) - 1.0)
    interval = clip(interval * (1.0 + (jitter if fibrillates else 0.0)), 0.28, 2.5)
    alive = 0.0 if p.rhythm > 1.5 else 1.0
    kick = 0.0 if p.rhythm > 0.5 else 1.0
    thick = viscosity(ascending_hb, ascending_temp) / p.reference_viscosity
    acid_heart = clip(1.0 - 0.8 * positive(7.20 - a.arterial_ph), 0.5, 1.0)
    force = p.contractility * d.drug_ees * acid_heart
    right_force = p.contractility * (1.0 + RIGHT_ANSWER * (d.drug_ees - 1.0)) * acid_heart
    lv = p.lv_contractility * force * at_least(1.0 + v.drive_force * (1.0 / 2.392), 0.3) * t.ischaemia
    rv = p.rv_contractility * right_force * at_least(1.0 + RIGHT_ANSWER * v.drive_force * (1.0 / 2.392), 0.3)
    squeeze = p.vascular_tone * d.drug_svr * at_least(1.0 + v.drive_vessels + 0.10 * v.drive_hypoxia, 0.3)
    svr = p.svr * thick
    organ = svr * squeeze
    heart = svr * t.coronary_tone * (1.0 / BED_SHARES[0]) * 0.95 / (1.0 - coronary_occlusion)
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
            alive,
            kick,
            lv,
            rv,
            systole,
            heart,
            brain * t.brain_right_tone,
            brain * t.brain_left_tone,
            organ * (1.0 / BED_SHARES[3]),
            organ * (1.0 / BED_SHARES[4]),
            organ * (1.0 / BED_SHARES[5]),
            organ * (1.0 / BED_SHARES[6]),
            organ * (1.0 / BED_SHARES[7]),
            organ * (1.0 / BED_SHARES[8]),
            organ * (1.0 / BED_SHARES[9]),
            pvr,
            p.upper_vein_unstressed + VEIN_SHARES[0] * shift,
            p.splanchnic_vein_unstressed + VEIN_SHARES[1] * shift,
            p.lower_vein_unstressed + VEIN_SHARES[2] * shift,
            pleura,
            ALVEOLAR_FLOOR * u.mean_alveolar,
            abdominal_pressure(p.abdomen, u.lung_volume, c.chest_wall_share, slack),
            quality,
        ),
        HeartPace(interval, push, effort, clip(pace, 0.0, 45.0), mixed),
    )


@equation
def supply_of_oxygen(s: Supply, c: Carried, n: Crossed, dt: float) -> Supply:
    """O2 delivered to each bed, mL per slow step, averaged over two seconds because tissue bridges the pauses of a beat."""
    q = deliver(c, n)
    a = dt / SUPPLY_LAG
    return Supply(
        s.coronary_supply + a * (q.coronary_supply - s.coronary_supply),
        s.brain_right_supply + a * (q.brain_right_supply - s.brain_right_supply),
        s.brain_left_supply + a * (q.brain_left_supply - s.brain_left_supply),
        s.arm_right_supply + a * (q.arm_right_supply - s.arm_right_supply),
        s.arm_left_supply + a * (q.arm_left_supply - s.arm_left_supply),
        s.trunk_supply + a * (q.trunk_supply - s.trunk_supply),
        s.gut_supply + a * (q.gut_supply - s.gut_supply),
        s.kidney_supply + a * (q.kidney_supply - s.kidney_supply),
        s.leg_left_supply + a * (q.leg_left_supply - s.leg_left_supply),
        s.leg_right_supply + a * (q.leg_right_supply - s.leg_right_supply),
    )
