"""Lungs and breathing: mechanics, alveolar gas, the blood that passes and the blood that is shunted, oedema, pulmonary resistance.

Pressures in mmHg above the atmosphere; volumes in mL BTPS; gas amounts in mL STPD (P V / 863).
"""

import math
from typing import NamedTuple

from perfuse.base.declare import (
    PCO2,
    PO2,
    CO2_content,
    O2_content,
    degC,
    g_dL,
    mL,
    mL_kg,
    mL_mmHg,
    mL_s,
    mmHg,
    mmHg_s_mL,
    mmol_L,
    per_min,
    pH,
    seconds,
    share,
    state,
    switch,
)
from perfuse.ops import at_least, clip, cos_, equation, positive, power
from perfuse.physiology.acid_base import pco2_to_37, ph_from_37, ph_step
from perfuse.physiology.blood import co2_content, o2_content, so2

DRY = 713.0  # mmHg, 760 - 47
PLEURAL_REST = -4.0  # mmHg, mean at the relaxed volume (Heldt 2002, Smith 2004: -4, seen)
ALVEOLAR_FLOOR = 0.8  # of mean alveolar pressure: downstream pressure of the lung's capillaries (mechanisms note, assumed)
OEDEMA_RATE = 0.5 / 60.0  # mL/s per mmHg above the critical capillary pressure (assumed)
OEDEMA_HALF_LIFE = 3.0 * 3600.0  # s, clearance of lung water (assumed)
LUNG_WATER_REST = 7.0  # mL/kg (assumed; transpulmonary dilution 3-7)


class Ventilator(NamedTuple):
    """What the ventilator (or nobody) does. `vent_mode`: 0 pressure control, 1 volume control, 2 spontaneous (CPAP)."""

    vent_mode: switch
    vent_peep: mmHg
    vent_driving: mmHg  # above PEEP, pressure control
    vent_vt: mL  # volume control
    vent_rate: per_min  # 0 = apnoea
    vent_inspired: share  # share of the cycle that is inspiration
    vent_fio2: share
    muscle_pressure: mmHg  # peak effort of the patient's own muscles (from the chemoreflex)
    own_rate: per_min  # the patient's own rate


@state()
class Breathing(NamedTuple):
    """State of the lungs' mechanics."""

    breath_phase: share
    lung_volume: mL  # above the relaxed volume
    mean_alveolar: mmHg  # averaged over some breaths
    peak_volume: mL  # running extremes of this breath
    least_volume: mL
    peak_airway: mmHg
    tidal_volume: mL  # last breath
    plateau_pressure: mmHg  # last breath, end-inspiratory alveolar
    peak_pressure: mmHg  # last breath, at the airway
    end_tidal_co2: PCO2
    airflow: mL_s  # into the lungs
    airway_pressure: mmHg


class Chest(NamedTuple):
    """Constants of the lungs and chest wall."""

    lung_compliance: mL_mmHg  # respiratory system
    airway_resistance: mmHg_s_mL
    chest_wall_share: share  # dPpl/dPaw, Ecw/(Ecw + EL)
    pneumothorax: mmHg  # of tension in the pleura
    lung_pressure_loss: share  # share of compliance lost in another way, 0..1


@equation
def collapsed(pneumothorax: float) -> float:
    """Share of the lungs that air in the pleura has collapsed: all of one side, half of both, from 15 mmHg of tension on (assumed)."""
    return 0.5 * clip(pneumothorax * (1.0 / 15.0), 0.0, 1.0)


@equation
def compliance_left(c: Chest) -> float:
    """Compliance that a pneumothorax and other losses leave, over that of the patient's own lungs."""
    return 1.0 - at_least(c.lung_pressure_loss, collapsed(c.pneumothorax))


@equation
def breathe(s: Breathing, v: Ventilator, c: Chest, lung_water: mL_kg, alveolar_pco2: PCO2, dead_now: share, dt: seconds) -> Breathing:
    """Move the breath on by dt.

    Paw + Pmus = V/C + R dV/dt, linearly implicit; compliance falls 5 % per mL/kg of lung water above rest.
    """
    free = v.vent_mode > 1.5
    rate = v.own_rate if free else v.vent_rate
    phase = s.breath_phase + dt * rate * (1.0 / 60.0)
    over = phase >= 1.0
    phase = phase - 1.0 if over else phase
    running = rate > 0.0
    inspiring = phase < v.vent_inspired and running
    compliance = c.lung_compliance * clip(1.0 - 0.05 * positive(lung_water - LUNG_WATER_REST), 0.3, 1.0) * compliance_left(c)
    effort = cos_(math.pi * (phase / v.vent_inspired if inspiring else 0.0) - 0.5 * math.pi)
    muscle = v.muscle_pressure * effort if free and inspiring else 0.0
    by_volume = v.vent_mode > 0.5 and not free
    push = v.vent_driving if inspiring and not free and not by_volume else 0.0
    airway = v.vent_peep + push
    r = c.airway_resistance
    by_pressure = (s.lung_volume + dt * (airway + muscle) / r) / (1.0 + dt / (r * compliance))
    given = v.vent_vt * rate * (1.0 / 60.0) / v.vent_inspired
    volume = s.lung_volume + dt * given if by_volume and inspiring else by_pressure
    flow = (volume - s.lung_volume) / dt
    at_mouth = volume / compliance + r * flow if by_volume and inspiring else airway
    alveolar = volume / compliance - muscle
    peak = at_least(s.peak_volume, volume)
    least = s.least_volume if s.least_volume < volume else volume
    top = at_least(s.peak_airway, at_mouth)
    return Breathing(
        breath_phase=phase,
        lung_volume=volume,
        mean_alveolar=s.mean_alveolar + dt * (alveolar - s.mean_alveolar) * 0.25,
        peak_volume=volume if over else peak,
        least_volume=volume if over else least,
        peak_airway=at_mouth if over else top,
        tidal_volume=peak - least if over else s.tidal_volume,
        plateau_pressure=peak / compliance if over else s.plateau_pressure,
        peak_pressure=top if over else s.peak_pressure,
        end_tidal_co2=alveolar_pco2 * (1.0 - dead_now) if over else s.end_tidal_co2,
        airflow=flow,
        airway_pressure=at_mouth,
    )


@equation
def pleural_pressure(s: Breathing, c: Chest, compliance_now: float) -> float:
    """Pressure around heart and lungs, mmHg: rest + the chest wall's share of what inflates the lungs - the pull of the muscles + tension.

    The muscles' pull is what inflation and airflow need beyond the airway's pressure: V/C + R dV/dt - Paw.
    """
    inflation = s.lung_volume / compliance_now
    muscles = positive(inflation + c.airway_resistance * s.airflow - s.airway_pressure)
    return PLEURAL_REST + c.chest_wall_share * inflation - muscles + c.pneumothorax


@equation
def abdominal_pressure(resting: float, lung_volume: float, chest_wall_share: float, compliance_now: float) -> float:
    """Pressure in the abdomen, mmHg: the diaphragm that inflation pushes down passes on 0.6 of the chest wall's pressure.

    10 cmH2O of PEEP raise it by 1-2 mmHg (recalled, medium), which keeps up venous return.
    """
    return resting + 0.6 * chest_wall_share * lung_volume / compliance_now


@state()
class AlveolarGas(NamedTuple):
    """Gas in the alveoli that meet blood and in the conducting airways, mmHg; N2 is what is left of 713."""

    alveolar_po2: PO2
    alveolar_pco2: PCO2
    airway_po2: PO2
    airway_pco2: PCO2


@equation
def ventilate(
    g: AlveolarGas,
    airflow: mL_s,
    vent_fio2: share,
    dead_space: mL,
    dead_now: share,
    lung_capacity: mL,
    lung_volume: mL,
    o2_uptake: mL_s,
    co2_output: mL_s,
    dt: seconds,
) -> AlveolarGas:
    """Fresh gas through the airways to the alveoli, and what blood takes and gives there.

    airflow mL/s (positive in); dead_space mL of the airways; dead_now: share of alveolar ventilation that meets no blood;
    lung_capacity mL at the relaxed volume; o2_uptake, co2_output mL STPD/s. Gas that uptake removes beyond output is replaced from the
    airway.
    """
    inward = positive(airflow)
    out = positive(-airflow)
    replaced = positive(o2_uptake - co2_output) * 863.0 * (1.0 / DRY)
    moved = inward + replaced
    airway_po2 = g.airway_po2 + dt * (moved * (vent_fio2 * DRY - g.airway_po2) + out * (g.alveolar_po2 - g.airway_po2)) / (
        dead_space + dt * (moved + out)
    )
    airway_pco2 = g.airway_pco2 + dt * (out * (g.alveolar_pco2 - g.airway_pco2) - moved * g.airway_pco2) / (dead_space + dt * (moved + out))
    room = lung_capacity + lung_volume
    fresh = (inward * (1.0 - dead_now) + replaced) * dt
    po2 = (g.alveolar_po2 * room + airway_po2 * fresh - dt * o2_uptake * 863.0) / (room + fresh)
    pco2 = (g.alveolar_pco2 * room + airway_pco2 * fresh + dt * co2_output * 863.0) / (room + fresh)
    return AlveolarGas(alveolar_po2=at_least(po2, 1.0), alveolar_pco2=at_least(pco2, 1.0), airway_po2=airway_po2, airway_pco2=airway_pco2)


@state(at_start=0.0)
class LungGain(NamedTuple):
    """Content gained (or lost) per mL of blood that passes the lungs, by what is carried."""

    lung_gain_o2: O2_content
    lung_gain_co2: CO2_content
    lung_gain_hb: g_dL
    lung_gain_temp: degC
    capillary_so2: share
    capillary_ph: pH  # at 37 degC
    o2_uptake: mL_s  # by all blood passing
    co2_output: mL_s


@equation
def equilibrate(
    g: AlveolarGas,
    pa_o2: O2_content,
    pa_co2: CO2_content,
    pa_hb: g_dL,
    pa_temp: degC,
    base_excess: mmol_L,
    capillary_so2: share,
    capillary_ph: pH,
    shunt_now: share,
    lung_on: mL,
    dt: seconds,
) -> LungGain:
    """Blood that is not shunted leaves with alveolar partial pressures: Ca = (1 - s) Cc' + s Cv, on contents.

    The pH of capillary blood follows step by step, as saturation does.
    """
    ph_37 = ph_step(capillary_ph, pco2_to_37(g.alveolar_pco2, pa_temp), base_excess, pa_hb, capillary_so2)
    ph = ph_from_37(ph_37, pa_temp)
    saturation = so2(g.alveolar_po2, ph, g.alveolar_pco2, pa_temp)
    through = 1.0 - shunt_now
    o2 = through * (o2_content(g.alveolar_po2, saturation, pa_hb, pa_temp) - pa_o2)
    co2 = through * (co2_content(g.alveolar_pco2, ph, pa_hb, saturation, pa_temp) - pa_co2)
    return LungGain(
        lung_gain_o2=o2,
        lung_gain_co2=co2,
        lung_gain_hb=0.0,
        lung_gain_temp=0.0,
        capillary_so2=saturation,
        capillary_ph=ph_37,
        o2_uptake=lung_on * o2 / dt,
        co2_output=-lung_on * co2 / dt,
    )


@equation
def shunt_fraction(
    shunt: float, recruitability: float, peep_effect: float, lung_water: float, drug_effect: float, pneumothorax: float
) -> float:
    """Share of pulmonary blood that meets no gas.

    shunt at the patient's reference PEEP; peep_effect mmHg of mean alveolar pressure above that reference, worth `recruitability` per mmHg;
    +0.065 per mL/kg of lung water above 10; drug_effect multiplies. The mechanisms note starts from 0.035, which leaves 95-98 %
    saturation at
    14 mL/kg and FiO2 0.5; 0.065 gives the 88-93 % that it expects (assumed). A collapsed lung keeps half of its blood flow (hypoxic
    vasoconstriction takes the rest; assumed).
    """
    recruited = shunt * clip(1.0 - recruitability * peep_effect, 0.5, 1.3)
    wet = recruited * drug_effect + 0.065 * positive(lung_water - 10.0)
    return clip(wet + 0.5 * collapsed(pneumothorax) * positive(1.0 - wet), 0.0, 0.98)


@equation
def alveolar_dead_share(dead_share: float, pulmonary_flow: float, weight: float) -> float:
    """Share of alveolar ventilation that meets no blood: the patient's own, and more when too little blood comes to perfuse every alveolus.

    The perfused share falls with flow (mL/s) below 70 mL/kg/min to the power 0.6. During compressions, at a fifth of normal flow, this
    leaves
    0.38 of the alveoli perfused, which is the measured ratio of end-tidal to arterial PCO2 (0.3-0.5, recalled, medium); law assumed.
    """
    share = clip(pulmonary_flow * 60.0 / (70.0 * weight), 0.02, 1.0)
    return 1.0 - (1.0 - dead_share) * power(share, 0.6)


@equation
def lung_water_rate(lung_water: float, lap: float, mpap: float, critical: float, weight: float) -> float:
    """Change of extravascular lung water, mL/kg/s.

    Capillary pressure LAP + 0.4 (mPAP - LAP); filtration 0.5 mL/min per mmHg above `critical` (25 normal, 15 in ARDS); clearance
    half-life 3 h.
    Source: mechanisms note, assumed.
    """
    capillary = lap + 0.4 * (mpap - lap)
    return OEDEMA_RATE * positive(capillary - critical) / weight - (lung_water - LUNG_WATER_REST) * (0.6931 / OEDEMA_HALF_LIFE)


@equation
def hypoxic_vasoconstriction(alveolar_po2: float, venous_po2: float) -> float:
    """Factor on pulmonary resistance, 1 (oxygen-rich) to 1.8: 1 + 0.8/(1 + (PAO2^0.62 PvO2^0.38/40)^4). After Marshall; mechanisms note."""
    p = power(at_least(alveolar_po2, 1.0), 0.62) * power(at_least(venous_po2, 1.0), 0.38) * (1.0 / 40.0)
    q = p * p
    return 1.0 + 0.8 / (1.0 + q * q)


@equation
def acid_vasoconstriction(ph: float) -> float:
    """Factor on pulmonary resistance: 1 + 0.35 (7.40 - pH)/0.2, at least 0.7. Mechanisms note, assumed."""
    return at_least(1.0 + 1.75 * (7.40 - ph), 0.7)


@equation
def volume_resistance(lung_volume: float, lung_capacity: float) -> float:
    """Factor on pulmonary resistance of stretching or collapse: 1 + 0.8 ((V - FRC)/FRC)^2."""
    x = lung_volume / lung_capacity
    return 1.0 + 0.8 * x * x
