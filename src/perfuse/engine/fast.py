"""One millisecond: pressures, flows, volumes, and the counting of what crossed each border.

Flows with inertia are advanced linearly implicitly, q' = (q + dt drive)/(1 + dt damping), which is stable for shut valves and
clamped lines; volumes are then moved by the new flows, so that blood is conserved to rounding.
"""

from typing import NamedTuple

from perfuse.devices.circuit import (
    NODE_COMPLIANCE,
    Circuit,
    CircuitCrossed,
    Drive,
    Lines,
    circuit_exchange,
    circuit_rates,
)
from perfuse.ops import at_least, at_most, equation, positive
from perfuse.physiology.circulation import flow_rates, flows, pressures, volume_rates
from perfuse.physiology.compartments import Body, Circulation, Exchange, Flows, Pressures, Regulation
from perfuse.physiology.crossed import Crossed
from perfuse.physiology.valves import Stiff


class Clock(NamedTuple):
    """Moment of the beat and of the compression cycle (0..1), and the periods now and for the next beat (s)."""

    phase: float
    period: float
    next_period: float
    compression_phase: float
    compression_period: float
    beats: float  # beats completed since the last slow step


class Drips(NamedTuple):
    """Fluids in and out of the patient, mL/s."""

    infusion_rate: float  # into the superior vena cava
    bleeding_rate: float  # out of the inferior vena cava


class Tally(NamedTuple):
    """Sums and extremes of the running beat; the slow loop reads and restarts them when a beat ends."""

    sum_steps: float
    sum_arterial: float
    sum_ra: float
    sum_pa: float
    sum_la: float
    sum_lv_work: float
    sum_rv_work: float
    max_arterial: float
    min_arterial: float
    max_pa: float
    min_pa: float
    max_lv_volume: float
    min_lv_volume: float
    max_rv_volume: float
    min_rv_volume: float
    max_lv_pressure: float
    lv_end_diastolic: float
    rv_end_diastolic: float


class CircuitTally(NamedTuple):
    """Pressures summed since the last slow step (mmHg x steps)."""

    sum_inlet: float
    sum_outlet: float
    sum_lung_drop: float


@equation
def implicit(x: float, rate: Stiff, dt: float) -> float:
    """One linearly implicit step of dx/dt = drive - damping x."""
    return (x + dt * rate.drive) * (1.0 / (1.0 + dt * rate.damping))


@equation
def advance_clock(c: Clock, dt: float) -> Clock:
    """Move the beat and the compression cycle on; a new beat takes over the period that the slow loop has drawn for it."""
    phase = c.phase + dt * (1.0 / c.period)
    over = phase >= 1.0
    push = c.compression_phase + dt * (1.0 / c.compression_period)
    return Clock(
        phase=phase - 1.0 if over else phase,
        period=c.next_period if over else c.period,
        next_period=c.next_period,
        compression_phase=push - 1.0 if push >= 1.0 else push,
        compression_period=c.compression_period,
        beats=c.beats + (1.0 if over else 0.0),
    )


@equation
def move_flows(s: Circulation, b: Pressures, p: Body, dt: float) -> Circulation:
    """Advance the septum and the flows that have inertia; volumes stay."""
    q = flow_rates(s, b, p)
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
        implicit(s.mitral_flow, q.mitral, dt),
        implicit(s.aortic_valve_flow, q.aortic_valve, dt),
        implicit(s.tricuspid_flow, q.tricuspid, dt),
        implicit(s.pulmonary_valve_flow, q.pulmonary_valve, dt),
        implicit(s.ascending_flow, q.ascending, dt),
        implicit(s.arch_flow, q.arch, dt),
        implicit(s.distal_arch_flow, q.distal_arch, dt),
        implicit(s.descending_flow, q.descending, dt),
        implicit(s.abdominal_flow, q.abdominal, dt),
        implicit(s.femoral_flow, q.femoral, dt),
    )


@equation
def move_volumes(s: Circulation, q: Flows, x: Exchange, dt: float) -> Circulation:
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
def count(n: Crossed, q: Flows, dt: float) -> Crossed:
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
    )


@equation
def count_circuit(n: CircuitCrossed, c: Circuit, dt: float) -> CircuitCrossed:
    """The same for the circuit."""
    return CircuitCrossed(
        n.drain1_on + dt * positive(c.drain1_flow),
        n.drain1_back + dt * positive(-c.drain1_flow),
        n.drain2_on + dt * positive(c.drain2_flow),
        n.drain2_back + dt * positive(-c.drain2_flow),
        n.pump_on + dt * positive(c.pump_flow),
        n.pump_back + dt * positive(-c.pump_flow),
        n.return1_on + dt * positive(c.return1_flow),
        n.return1_back + dt * positive(-c.return1_flow),
        n.return2_on + dt * positive(c.return2_flow),
        n.return2_back + dt * positive(-c.return2_flow),
        n.perfusion_on + dt * positive(c.perfusion_flow),
        n.perfusion_back + dt * positive(-c.perfusion_flow),
    )


@equation
def tally_beat(y: Tally, s: Circulation, b: Pressures, v: Circulation, clock: Clock, before: float, p: Body, r: Regulation) -> Tally:
    """Add this step to the running beat. `s` before and `v` after the step, `before` the phase before it."""
    onset = p.av_delay * r.systole_scale
    now = before * clock.period < onset and clock.phase * clock.period >= onset
    lv_end = b.lv if now else y.lv_end_diastolic
    rv_end = b.rv if now else y.rv_end_diastolic
    return Tally(
        sum_steps=y.sum_steps + 1.0,
        sum_arterial=y.sum_arterial + b.ascending,
        sum_ra=y.sum_ra + b.ra,
        sum_pa=y.sum_pa + b.pa,
        sum_la=y.sum_la + b.la,
        sum_lv_work=y.sum_lv_work - (b.lv - b.thorax) * (v.lv_volume - s.lv_volume),
        sum_rv_work=y.sum_rv_work - (b.rv - b.thorax) * (v.rv_volume - s.rv_volume),
        max_arterial=at_least(y.max_arterial, b.ascending),
        min_arterial=at_most(y.min_arterial, b.ascending),
        max_pa=at_least(y.max_pa, b.pa),
        min_pa=at_most(y.min_pa, b.pa),
        max_lv_volume=at_least(y.max_lv_volume, s.lv_volume),
        min_lv_volume=at_most(y.min_lv_volume, s.lv_volume),
        max_rv_volume=at_least(y.max_rv_volume, s.rv_volume),
        min_rv_volume=at_most(y.min_rv_volume, s.rv_volume),
        max_lv_pressure=at_least(y.max_lv_pressure, b.lv),
        lv_end_diastolic=lv_end,
        rv_end_diastolic=rv_end,
    )


class PatientStep(NamedTuple):
    """What one fast step of a patient without devices writes."""

    circulation: Circulation
    clock: Clock
    crossed: Crossed
    tally: Tally


class EcmoStep(NamedTuple):
    """What one fast step of a patient on a circuit writes."""

    circulation: Circulation
    clock: Clock
    crossed: Crossed
    tally: Tally
    circuit: Circuit
    circuit_crossed: CircuitCrossed
    circuit_tally: CircuitTally


@equation
def drip(d: Drips) -> Exchange:
    """Infusions enter the superior, bleeding leaves the inferior vena cava."""
    return Exchange(svc=d.infusion_rate, ivc=-d.bleeding_rate, ra=0.0, pa=0.0, ascending=0.0, femoral=0.0, leg_artery=0.0)


@equation
def both(x: Exchange, y: Exchange) -> Exchange:
    """The sum of two exchanges."""
    return Exchange(
        svc=x.svc + y.svc,
        ivc=x.ivc + y.ivc,
        ra=x.ra + y.ra,
        pa=x.pa + y.pa,
        ascending=x.ascending + y.ascending,
        femoral=x.femoral + y.femoral,
        leg_artery=x.leg_artery + y.leg_artery,
    )


@equation
def patient_step(s: Circulation, clock: Clock, r: Regulation, p: Body, drips: Drips, n: Crossed, y: Tally, dt: float) -> PatientStep:
    """One fast step of a patient without devices."""
    b = pressures(s, clock.phase, clock.period, clock.compression_phase, r, p)
    s1 = move_flows(s, b, p, dt)
    q = flows(s1, b, r, p)
    s2 = move_volumes(s1, q, drip(drips), dt)
    clock1 = advance_clock(clock, dt)
    return PatientStep(s2, clock1, count(n, q, dt), tally_beat(y, s, b, s2, clock1, clock.phase, p, r))


@equation
def ecmo_step(
    s: Circulation,
    clock: Clock,
    r: Regulation,
    p: Body,
    drips: Drips,
    n: Crossed,
    y: Tally,
    c: Circuit,
    d: Drive,
    k: Lines,
    m: CircuitCrossed,
    z: CircuitTally,
    dt: float,
) -> EcmoStep:
    """One fast step of a patient on an ECMO circuit."""
    b = pressures(s, clock.phase, clock.period, clock.compression_phase, r, p)
    s1 = move_flows(s, b, p, dt)
    q = flows(s1, b, r, p)
    a = circuit_rates(c, b, d, k)
    c1 = Circuit(
        drain1_flow=implicit(c.drain1_flow, a.drain1, dt),
        drain2_flow=implicit(c.drain2_flow, a.drain2, dt),
        drain1_open=implicit(c.drain1_open, a.port1, dt),
        drain2_open=implicit(c.drain2_open, a.port2, dt),
        pump_flow=implicit(c.pump_flow, a.pump, dt),
        inlet_pressure=c.inlet_pressure,
        outlet_pressure=c.outlet_pressure,
        return1_flow=implicit(c.return1_flow, a.return1, dt),
        return2_flow=implicit(c.return2_flow, a.return2, dt),
        perfusion_flow=implicit(c.perfusion_flow, a.perfusion, dt),
    )
    s2 = move_volumes(s1, q, both(drip(drips), circuit_exchange(c1, k)), dt)
    c2 = Circuit(
        c1.drain1_flow,
        c1.drain2_flow,
        c1.drain1_open,
        c1.drain2_open,
        c1.pump_flow,
        c1.inlet_pressure + dt * (c1.drain1_flow + c1.drain2_flow - c1.pump_flow) * (1.0 / NODE_COMPLIANCE),
        c1.outlet_pressure + dt * (c1.pump_flow - c1.return1_flow - c1.return2_flow - c1.perfusion_flow) * (1.0 / NODE_COMPLIANCE),
        c1.return1_flow,
        c1.return2_flow,
        c1.perfusion_flow,
    )
    clock1 = advance_clock(clock, dt)
    tally = CircuitTally(
        z.sum_inlet + c2.inlet_pressure, z.sum_outlet + c2.outlet_pressure, z.sum_lung_drop + d.lung_resistance * c2.pump_flow
    )
    return EcmoStep(s2, clock1, count(n, q, dt), tally_beat(y, s, b, s2, clock1, clock.phase, p, r), c2, count_circuit(m, c2, dt), tally)
