"""A pulsatile blood pump: a sac with two valves, emptied by compressed air, filled by suction (paracorporeal VAD, artificial heart).

    P_sac = P_air + wall,    wall = 0 while the membrane is slack, stiff once the sac is full or empty
    dV/dt = Q_in - Q_out,    both through one-way valves

Flow is an outcome: a sac that is not full ejects what it has. Output hardly depends on afterload until the air pressure does not suffice.
Positive flow runs from inlet to sac to outlet. The engine runs it once for the left and once for the right; one clock drives both.
"""

from typing import NamedTuple

from perfuse.base.declare import (
    content,
    mL,
    mL_s,
    mmHg,
    mmHg_s2_mL,
    mmHg_s2_mL2,
    mmHg_s_mL,
    parameters,
    per_s,
    seconds,
    share,
    state,
    switch,
)
from perfuse.base.rates import Lag, Stiff, follow, implicit, rates_of
from perfuse.ops import equation, magnitude, positive
from perfuse.physiology.circulation_written import Brought, Carried, Exchange, Pressures

WALL = 40.0  # mmHg/mL, a membrane at its stop (assumed: stiff, and one step of 1 ms resolves it)
STOP = 40.0  # mmHg s/mL for every mL within the last two before a stop and beyond it: the membrane halts the blood (assumed)
NEAR = 2.0  # mL
RESIDUAL = 3.0  # mL that stay in the sac (assumed)
AIR_LAG = 0.03  # s, air lines (assumed)
BACK, SHUT = 500.0, 1.0e5  # mmHg s/mL, of a shut valve (leaks 0.2 mL/s at 100 mmHg, assumed) and of a clamp


@state(at_start=0.0)
class DriveClock(NamedTuple):
    """Moment of the drive's cycle, 0..1."""

    drive_phase: share


@parameters()
class DriveSetting(NamedTuple):
    """The pneumatic drive."""

    drive_rate: per_s
    drive_systole: share  # share of the cycle under pressure
    drive_power: switch  # 1 = runs; else the air lines are open
    sacs_replace: switch  # 1: they stand instead of the ventricles


@state(at_start=0.0, each_side=True)
class Sac(NamedTuple):
    """The fast state of one sac."""

    sac_volume: mL  # of blood
    sac_in: mL_s
    sac_out: mL_s
    sac_air: mmHg


@parameters(each_side=True)
class SacDrive(NamedTuple):
    """How the sac is built and where it lies; shares of inlet and outlet in each place."""

    sac_size: mL
    sac_drive: mmHg  # in systole
    sac_vacuum: mmHg  # in diastole, negative
    sac_line_a: mmHg_s_mL  # each cannula
    sac_line_b: mmHg_s2_mL2  # each cannula with its valve
    sac_inertance: mmHg_s2_mL  # each cannula with its valve
    sac_clamp: switch  # 1 = shut
    sac_from_la: share
    sac_from_lv: share
    sac_from_ra: share
    sac_from_rv: share
    sac_to_ascending: share
    sac_to_pa: share


@state(at_start=0.0, each_side=True)
class SacCrossed(NamedTuple):
    """Volumes, mL, through the sac's valves since the last slow step."""

    sac_in_on: mL
    sac_in_back: mL
    sac_out_on: mL
    sac_out_back: mL


@equation
def turn_drive(c: DriveClock, k: DriveSetting, dt: seconds) -> DriveClock:
    """The drive's cycle moves on."""
    phase = c.drive_phase + dt * k.drive_rate
    return DriveClock(phase - 1.0 if phase >= 1.0 else phase)


@equation
def air_pressure(phase: float, k: SacDrive, d: DriveSetting) -> float:
    """Pressure that the drive asks for, mmHg."""
    return (k.sac_drive if phase < d.drive_systole else k.sac_vacuum) * d.drive_power


@equation
def sac_pressure(s: Sac, k: SacDrive) -> float:
    """Pressure of the blood in the sac, mmHg."""
    return s.sac_air + WALL * (positive(s.sac_volume - k.sac_size) - positive(RESIDUAL - s.sac_volume))


@equation
def sac_valve(pressure_drop: float, flow: float, stop: float, k: SacDrive) -> Stiff:
    """Acceleration of the blood in a cannula with its valve: L dq/dt = dP - (a + b|q| + stop) q; shut for backward flow but for a trace."""
    ahead = pressure_drop > 0.0 or flow > 0.0
    loss = (k.sac_line_a + k.sac_line_b * magnitude(flow) + stop if ahead else BACK) + SHUT * k.sac_clamp
    return Stiff(drive=pressure_drop * (1.0 / k.sac_inertance), damping=loss * (1.0 / k.sac_inertance))


@equation
def before_sac(x: Pressures | Carried, k: SacDrive) -> float:
    """Pressure, mmHg, or content of the blood where the sac takes from."""
    return k.sac_from_la * x.la + k.sac_from_lv * x.lv + k.sac_from_ra * x.ra + k.sac_from_rv * x.rv


@equation
def after_sac(x: Pressures | Carried, k: SacDrive) -> float:
    """The same where it gives to."""
    return k.sac_to_ascending * x.ascending + k.sac_to_pa * x.pa


@equation
def turn_sac(s: Sac, b: Pressures, c: DriveClock, d: DriveSetting, k: SacDrive, dt: seconds) -> Sac:
    """The sac after one step."""
    inside = sac_pressure(s, k)
    before, after = before_sac(b, k), after_sac(b, k)
    full = STOP * positive(s.sac_volume - k.sac_size + NEAR)
    empty = STOP * positive(RESIDUAL + NEAR - s.sac_volume)
    q_in = implicit(s.sac_in, sac_valve(before - inside, s.sac_in, full, k), dt)
    q_out = implicit(s.sac_out, sac_valve(inside - after, s.sac_out, empty, k), dt)
    return Sac(
        sac_volume=s.sac_volume + dt * (q_in - q_out),
        sac_in=q_in,
        sac_out=q_out,
        sac_air=follow(s.sac_air, Lag(air_pressure(c.drive_phase, k, d), AIR_LAG), dt),
    )


@equation
def give_sac(x: Exchange, s: Sac, k: SacDrive) -> Exchange:
    """What flows into the body, with what the sac gives to each place (negative: takes), mL/s."""
    return x._replace(
        ra=x.ra - k.sac_from_ra * s.sac_in,
        rv=x.rv - k.sac_from_rv * s.sac_in,
        pa=x.pa + k.sac_to_pa * s.sac_out,
        la=x.la - k.sac_from_la * s.sac_in,
        lv=x.lv - k.sac_from_lv * s.sac_in,
        ascending=x.ascending + k.sac_to_ascending * s.sac_out,
    )


@equation
def count_sac(n: SacCrossed, s: Sac, dt: seconds) -> SacCrossed:
    """Add this step's volumes."""
    return SacCrossed(
        sac_in_on=n.sac_in_on + dt * positive(s.sac_in),
        sac_in_back=n.sac_in_back + dt * positive(-s.sac_in),
        sac_out_on=n.sac_out_on + dt * positive(s.sac_out),
        sac_out_back=n.sac_out_back + dt * positive(-s.sac_out),
    )


class SacSwap(NamedTuple):
    """What the sac brings, and its own new content."""

    brought: Brought
    sac: "SacContent"


@state(each_side=True)
class SacContent(NamedTuple):
    """One carried quantity in the sac."""

    sac_content: content


@equation
def bring_sac(c: Carried, r: Brought, t: SacContent, n: SacCrossed, s: Sac, k: SacDrive) -> SacSwap:
    """Contents into, in and out of the sac, which is well mixed."""
    inlet, outlet = before_sac(c, k), after_sac(c, k)
    held = t.sac_content
    mixed = held + (n.sac_in_on * (inlet - held) + n.sac_out_back * (outlet - held)) / s.sac_volume
    return SacSwap(
        r._replace(
            brought_ra=r.brought_ra + k.sac_from_ra * n.sac_in_back * (held - c.ra),
            brought_rv=r.brought_rv + k.sac_from_rv * n.sac_in_back * (held - c.rv),
            brought_pa=r.brought_pa + k.sac_to_pa * n.sac_out_on * (held - c.pa),
            brought_la=r.brought_la + k.sac_from_la * n.sac_in_back * (held - c.la),
            brought_lv=r.brought_lv + k.sac_from_lv * n.sac_in_back * (held - c.lv),
            brought_ascending=r.brought_ascending + k.sac_to_ascending * n.sac_out_on * (held - c.ascending),
        ),
        SacContent(mixed),
    )


@state(at_start=0.0, each_side=True)
class SacFlow(NamedTuple):
    """What the sac gives."""

    sac_flow_mean: mL_s  # out, over two seconds


@rates_of(SacFlow)
class SacFlowRates(NamedTuple):
    """How the average moves."""

    sac_flow_mean: Lag


@state(at_start=0.0, each_side=True)
class SacFilling(NamedTuple):
    """How far the sac fills."""

    sac_most: mL  # of the drive's cycle under way
    sac_fill: share  # share of its size that the sac filled to in the last cycle


class SacShown(NamedTuple):
    """Flow and filling."""

    flow: SacFlowRates
    filling: SacFilling


@equation
def show_sac(y: SacFilling, s: Sac, n: SacCrossed, c: DriveClock, d: DriveSetting, k: SacDrive, dt: seconds) -> SacShown:
    """Flow and filling; a cycle has just begun where the phase is within this step."""
    began = c.drive_phase < d.drive_rate * dt
    most = s.sac_volume if s.sac_volume > y.sac_most else y.sac_most
    return SacShown(
        SacFlowRates(sac_flow_mean=Lag((n.sac_out_on - n.sac_out_back) / dt, 2.0)),
        SacFilling(sac_most=0.0 if began else most, sac_fill=most / k.sac_size if began else y.sac_fill),
    )


@equation
def clear_sac() -> SacCrossed:
    """Start counting anew."""
    return SacCrossed(sac_in_on=0.0, sac_in_back=0.0, sac_out_on=0.0, sac_out_back=0.0)
