"""One millisecond: pressures, flows, volumes, and the counting of what crossed each border.

Each function here is one line of the step's table of contents (engine/stages.py). Flows with inertia are advanced linearly implicitly,
q' = (q + dt drive)/(1 + dt damping), which is stable for shut valves and clamped lines; volumes are then moved by the new flows, so that
blood is conserved to rounding.
"""

from typing import NamedTuple

from perfuse.base.declare import mL_s, seconds
from perfuse.ops import equation, four_reciprocals, positive, two_reciprocals
from perfuse.physiology.beat import Before
from perfuse.physiology.circulation import flow_rates, pressures, volume_rates
from perfuse.physiology.compartments import Body, Circulation, Clock, Exchange, Flows, Pressures, Regulation
from perfuse.physiology.crossed import Crossed
from perfuse.physiology.valves import damped, driven, implicit


class Drips(NamedTuple):
    """Fluids in and out of the patient, mL/s."""

    infusion_rate: mL_s  # into the superior vena cava
    bleeding_rate: mL_s  # out of the inferior vena cava


@equation
def advance_clock(c: Clock, dt: seconds) -> Clock:
    """Move the beat and the compression cycle on; a new beat takes over the period that the slow loop has drawn for it."""
    rates = two_reciprocals(c.period, c.compression_period)
    phase = c.phase + dt * rates.first
    over = phase >= 1.0
    push = c.compression_phase + dt * rates.second
    return Clock(
        phase=phase - 1.0 if over else phase,
        period=c.next_period if over else c.period,
        next_period=c.next_period,
        compression_phase=push - 1.0 if push >= 1.0 else push,
        compression_period=c.compression_period,
        beats=c.beats + (1.0 if over else 0.0),
    )


@equation
def move_flows(s: Circulation, b: Pressures, p: Body, dt: seconds) -> Circulation:
    """Advance the septum and the flows that have inertia; volumes stay."""
    q = flow_rates(s, b, p)
    valves = four_reciprocals(damped(q.mitral, dt), damped(q.aortic_valve, dt), damped(q.tricuspid, dt), damped(q.pulmonary_valve, dt))
    return Circulation(
        s.lv_volume,
        s.rv_volume,
        s.la_volume,
        s.ra_volume,
        (s.septum_volume + dt * b.septum_drive) / (1.0 + dt * b.septum_damping),
        s.root_volume,
        s.ascending_volume,
        s.arch_volume,
        s.distal_arch_volume,
        s.descending_volume,
        s.abdominal_volume,
        s.femoral_volume,
        s.leg_artery_volume,
        s.upper_vein_volume,
        s.splanchnic_vein_volume,
        s.lower_vein_volume,
        s.svc_volume,
        s.ivc_volume,
        s.pa_volume,
        s.pv_volume,
        driven(s.mitral_flow, q.mitral, dt) * valves.first,
        driven(s.aortic_valve_flow, q.aortic_valve, dt) * valves.second,
        driven(s.tricuspid_flow, q.tricuspid, dt) * valves.third,
        driven(s.pulmonary_valve_flow, q.pulmonary_valve, dt) * valves.fourth,
        implicit(s.ascending_flow, q.ascending, dt),
        implicit(s.arch_flow, q.arch, dt),
        implicit(s.distal_arch_flow, q.distal_arch, dt),
        implicit(s.descending_flow, q.descending, dt),
        implicit(s.abdominal_flow, q.abdominal, dt),
        implicit(s.femoral_flow, q.femoral, dt),
    )


@equation
def move_volumes(s: Circulation, q: Flows, x: Exchange, dt: seconds) -> Circulation:
    """Move the blood by the flows."""
    v = volume_rates(q, x)
    return Circulation(
        s.lv_volume + dt * v.lv,
        s.rv_volume + dt * v.rv,
        s.la_volume + dt * v.la,
        s.ra_volume + dt * v.ra,
        s.septum_volume,
        s.root_volume + dt * v.root,
        s.ascending_volume + dt * v.ascending,
        s.arch_volume + dt * v.arch,
        s.distal_arch_volume + dt * v.distal_arch,
        s.descending_volume + dt * v.descending,
        s.abdominal_volume + dt * v.abdominal,
        s.femoral_volume + dt * v.femoral,
        s.leg_artery_volume + dt * v.leg_artery,
        s.upper_vein_volume + dt * v.upper_vein,
        s.splanchnic_vein_volume + dt * v.splanchnic_vein,
        s.lower_vein_volume + dt * v.lower_vein,
        s.svc_volume + dt * v.svc,
        s.ivc_volume + dt * v.ivc,
        s.pa_volume + dt * v.pa,
        s.pv_volume + dt * v.pv,
        s.mitral_flow,
        s.aortic_valve_flow,
        s.tricuspid_flow,
        s.pulmonary_valve_flow,
        s.ascending_flow,
        s.arch_flow,
        s.distal_arch_flow,
        s.descending_flow,
        s.abdominal_flow,
        s.femoral_flow,
    )


@equation
def count(n: Crossed, q: Flows, dt: seconds) -> Crossed:
    """Add what crosses each border in this step, forward and backward apart."""
    return Crossed(
        n.mitral_on + dt * positive(q.mitral),
        n.mitral_back + dt * positive(-q.mitral),
        n.aortic_valve_on + dt * positive(q.aortic_valve),
        n.aortic_valve_back + dt * positive(-q.aortic_valve),
        n.tricuspid_on + dt * positive(q.tricuspid),
        n.tricuspid_back + dt * positive(-q.tricuspid),
        n.pulmonary_valve_on + dt * positive(q.pulmonary_valve),
        n.pulmonary_valve_back + dt * positive(-q.pulmonary_valve),
        n.ascending_on + dt * positive(q.ascending),
        n.ascending_back + dt * positive(-q.ascending),
        n.arch_on + dt * positive(q.arch),
        n.arch_back + dt * positive(-q.arch),
        n.distal_arch_on + dt * positive(q.distal_arch),
        n.distal_arch_back + dt * positive(-q.distal_arch),
        n.descending_on + dt * positive(q.descending),
        n.descending_back + dt * positive(-q.descending),
        n.abdominal_on + dt * positive(q.abdominal),
        n.abdominal_back + dt * positive(-q.abdominal),
        n.femoral_on + dt * positive(q.femoral),
        n.femoral_back + dt * positive(-q.femoral),
        n.leg_artery_on + dt * positive(q.leg_artery),
        n.leg_artery_back + dt * positive(-q.leg_artery),
        n.pv_la_on + dt * positive(q.pv_la),
        n.pv_la_back + dt * positive(-q.pv_la),
        n.svc_ra_on + dt * positive(q.svc_ra),
        n.svc_ra_back + dt * positive(-q.svc_ra),
        n.ivc_ra_on + dt * positive(q.ivc_ra),
        n.ivc_ra_back + dt * positive(-q.ivc_ra),
        n.coronary_on + dt * q.coronary,
        n.thebesian_on + dt * q.thebesian,
        n.brain_right_on + dt * q.brain_right,
        n.brain_left_on + dt * q.brain_left,
        n.arm_right_on + dt * q.arm_right,
        n.arm_left_on + dt * q.arm_left,
        n.trunk_on + dt * q.trunk,
        n.bronchial_on + dt * q.bronchial,
        n.gut_on + dt * q.gut,
        n.kidney_on + dt * q.kidney,
        n.leg_left_on + dt * q.leg_left,
        n.leg_right_on + dt * q.leg_right,
        n.upper_vein_on + dt * q.upper_vein,
        n.splanchnic_vein_on + dt * q.splanchnic_vein,
        n.lower_vein_on + dt * q.lower_vein,
        n.lung_on + dt * q.lung,
        n.atrial_septum_on + dt * positive(q.atrial_septum),
        n.atrial_septum_back + dt * positive(-q.atrial_septum),
        n.ventricular_septum_on + dt * positive(q.ventricular_septum),
        n.ventricular_septum_back + dt * positive(-q.ventricular_septum),
    )


@equation
def drip(d: Drips) -> Exchange:
    """Infusions enter the superior, bleeding leaves the inferior vena cava."""
    return Exchange(
        svc=d.infusion_rate,
        ivc=-d.bleeding_rate,
        ra=0.0,
        rv=0.0,
        pa=0.0,
        la=0.0,
        lv=0.0,
        root=0.0,
        ascending=0.0,
        descending=0.0,
        femoral=0.0,
        leg_artery=0.0,
    )


class Look(NamedTuple):
    """Pressures at the beginning of a step."""

    pressures: Pressures
    before: Before


@equation
def look(s: Circulation, c: Clock, r: Regulation, p: Body) -> Look:
    """Pressures of every place, and what the tally needs from before the step."""
    return Look(
        pressures(s, c.phase, c.period, c.compression_phase, r, p),
        Before(s.lv_volume, s.rv_volume, c.phase),
    )
