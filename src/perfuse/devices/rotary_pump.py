"""A rotary blood pump between two places of the body: LVAD, RVAD, transvalvular pump, left-atrial to femoral bypass.

    L dQ/dt = P_in - P_out + H(n, Q) - (line losses) Q,     H = a n^2 - b n Q - c Q|Q|  (Q >= 0),   H = a n^2 + c_back Q^2  (Q < 0)

Flow from inlet to outlet is positive. Where the pump lies is given by weights, so one equation serves every pump; the engine runs it once
for the left and once for the right heart. A stopped pump is an open pipe that leaks backwards. A chamber that is sucked empty closes over
the inlet: an extra resistance of 3.5 mmHg s/mL for every mmHg that its wall's pressure lies below 1 mmHg (Simaan 2009, seen).
"""

from typing import Annotated, NamedTuple

from perfuse.base.declare import (
    Elsewhere,
    factor,
    mL,
    mL_s,
    mmHg,
    mmHg_rpm2,
    mmHg_s2_mL,
    mmHg_s2_mL2,
    mmHg_s_mL,
    mmHg_s_mL_rpm,
    mmHg_steps,
    number,
    parameters,
    rpm,
    rpm_steps,
    seconds,
    share,
    state,
    switch,
    watts,
    watts_krpm3,
)
from perfuse.base.rates import Lag, Stiff, follow, implicit, rates_of
from perfuse.devices.pump import shut_off_head
from perfuse.ops import at_least, at_most, clip, equation, magnitude, positive
from perfuse.physiology.circulation_written import Brought, Carried, Circulation, Exchange, Pressures

SUCTION_BEGINS = 1.0  # mmHg across the chamber's wall (Simaan 2009, seen)
SEPTUM_OVER = 1.0  # mmHg for every mL that the septum bulges to the left: it is drawn over an inlet in the ventricle (assumed)
SUCTION = 3.5  # mmHg s/mL per mmHg below it (Simaan 2009, seen)
ROTOR_LAG = 0.05  # s, rotor following the controller (assumed)
WATTS = 1.33322e-4  # W in 1 mmHg mL/s
SHUT = 1.0e4  # mmHg s/mL, of a clamped line


@state(at_start=0.0, each_side=True)
class Rotor(NamedTuple):
    """The fast state of a rotary pump."""

    flow: mL_s
    speed: rpm
    cycle: seconds  # since the artificial pulse began last


@parameters(each_side=True)
class RotorDrive(NamedTuple):
    """How the pump is built, where it lies, and how it is driven now. The last eleven are shares of inlet and outlet in each place."""

    a: mmHg_rpm2
    b: mmHg_s_mL_rpm
    c: mmHg_s2_mL2
    c_back: mmHg_s2_mL2
    line_a: mmHg_s_mL  # cannula, graft or lines
    line_b: mmHg_s2_mL2
    inertance: mmHg_s2_mL
    inflow: factor  # factors on the losses of the half before and the half after the pump; 1 = free
    outflow: factor
    clamp: switch  # 1 = shut
    strength: Annotated[factor, Elsewhere]  # factor on the head: 1 clean, 0 full of clot
    set: rpm
    power_on: switch  # 1 = the drive runs
    pulse: switch  # 1 = artificial pulse on
    pulse_from: rpm  # from which it runs
    pulse_period: seconds
    pulse_drop: rpm  # and for how long, s
    pulse_drop_time: seconds
    pulse_rise: rpm
    pulse_rise_time: seconds
    from_lv: share
    from_la: share
    from_root: share
    from_rv: share
    from_ra: share
    from_ivc: share
    to_lv: share
    to_root: share
    to_ascending: share
    to_descending: share
    to_femoral: share
    to_pa: share


@state(at_start=0.0, each_side=True)
class RotorCrossed(NamedTuple):
    """Volume, mL, through the pump since the last slow step."""

    on: mL
    back: mL


@state(at_start=0.0, each_side=True)
class RotorTally(NamedTuple):
    """Sums over fast steps since the last slow step."""

    sum_head: mmHg_steps  # mmHg, made by the rotor
    sum_sucked: number  # steps with the inlet shut
    sum_speed: rpm_steps


@equation
def rotor_target(cycle: float, k: RotorDrive) -> float:
    """Speed that the controller asks for now, rpm: the set speed, lower and then higher while an artificial pulse lasts."""
    falls = cycle < k.pulse_drop_time
    rises = cycle < k.pulse_drop_time + k.pulse_rise_time
    change = -k.pulse_drop if falls else (k.pulse_rise if rises else 0.0)
    beats = k.pulse > 0.5 and k.pulse_period > 0.0 and k.set >= k.pulse_from
    return at_least(k.set + (change if beats else 0.0), 0.0) * k.power_on


@equation
def rotor_loss(flow: float, speed: float, k: RotorDrive) -> float:
    """What the rotor itself loses, mmHg s/mL: b n + c|Q| forward, c_back|Q| backward.

    A curve with c < 0 holds up to its flattest point b n/(2|c|); beyond it more flow costs c_back of its square, so that more flow never
    finds more head and a stopped pump resists both ways.
    """
    flattest = k.b * speed / (-2.0 * k.c) if k.c < 0.0 else 1.0e9
    beyond = positive(flow - flattest)
    held = flow - beyond
    forward = (k.b * speed * held + k.c * held * held + k.c_back * beyond * beyond) / at_least(flow, 1.0e-6)
    return forward if flow > 0.0 else -k.c_back * flow


@equation
def at_inlet(x: Pressures | Carried, k: RotorDrive) -> float:
    """Pressure, mmHg, or content of the blood at the inlet."""
    return k.from_lv * x.lv + k.from_la * x.la + k.from_root * x.root + k.from_rv * x.rv + k.from_ra * x.ra + k.from_ivc * x.ivc


@equation
def at_outlet(x: Pressures | Carried, k: RotorDrive) -> float:
    """The same at the outlet."""
    return (
        k.to_lv * x.lv
        + k.to_root * x.root
        + k.to_ascending * x.ascending
        + k.to_descending * x.descending
        + k.to_femoral * x.femoral
        + k.to_pa * x.pa
    )


@equation
def inlet_stretch(v: Circulation, b: Pressures, k: RotorDrive) -> float:
    """Pressure across the wall around the inlet, mmHg, less what a septum that bulges into the left ventricle takes of it.

    Arteries do not collapse; the caval inlet lies where thorax and abdomen meet.
    """
    heart = k.from_lv + k.from_la + k.from_rv + k.from_ra
    outside = heart * b.pericardium + k.from_ivc * at_least(b.thorax, 0.5 * (b.thorax + b.abdomen)) + k.from_root * b.thorax
    drawn = SEPTUM_OVER * k.from_lv * positive(-v.septum_volume)
    return at_inlet(b, k) - outside - drawn + (1.0 - heart - k.from_ivc) * SUCTION_BEGINS


@equation
def rotor_rate(s: Rotor, v: Circulation, b: Pressures, k: RotorDrive) -> Stiff:
    """Acceleration of the blood in the pump."""
    head = shut_off_head(s.speed, k.a, k.strength)
    line = 0.5 * (k.inflow + k.outflow) * (k.line_a + k.line_b * magnitude(s.flow))
    sucked = SUCTION * positive(SUCTION_BEGINS - inlet_stretch(v, b, k)) if s.flow > 0.0 else 0.0
    loss = rotor_loss(s.flow, s.speed, k) + line + sucked + SHUT * k.clamp
    return Stiff(drive=(at_inlet(b, k) + head - at_outlet(b, k)) * (1.0 / k.inertance), damping=loss * (1.0 / k.inertance))


@equation
def turn_rotor(s: Rotor, v: Circulation, b: Pressures, k: RotorDrive, dt: seconds) -> Rotor:
    """The pump after one step."""
    later = s.cycle + dt
    return Rotor(
        flow=implicit(s.flow, rotor_rate(s, v, b, k), dt),
        speed=follow(s.speed, Lag(rotor_target(s.cycle, k), ROTOR_LAG), dt),
        cycle=later - k.pulse_period if later >= k.pulse_period else later,
    )


@equation
def give_rotor(x: Exchange, s: Rotor, k: RotorDrive) -> Exchange:
    """What flows into the body, with what the pump gives to each place (negative: takes), mL/s."""
    return x._replace(
        ivc=x.ivc - k.from_ivc * s.flow,
        ra=x.ra - k.from_ra * s.flow,
        rv=x.rv - k.from_rv * s.flow,
        pa=x.pa + k.to_pa * s.flow,
        la=x.la - k.from_la * s.flow,
        lv=x.lv + (k.to_lv - k.from_lv) * s.flow,
        root=x.root + (k.to_root - k.from_root) * s.flow,
        ascending=x.ascending + k.to_ascending * s.flow,
        descending=x.descending + k.to_descending * s.flow,
        femoral=x.femoral + k.to_femoral * s.flow,
    )


class RotorCount(NamedTuple):
    """What `count_rotor` writes."""

    crossed: RotorCrossed
    tally: RotorTally


@equation
def count_rotor(n: RotorCrossed, y: RotorTally, s: Rotor, v: Circulation, b: Pressures, k: RotorDrive, dt: seconds) -> RotorCount:
    """Add this step: volumes, head, suction, speed."""
    head = k.a * s.speed * s.speed * k.strength - rotor_loss(s.flow, s.speed, k) * s.flow
    sucked = inlet_stretch(v, b, k) < SUCTION_BEGINS and s.flow > 0.0
    return RotorCount(
        RotorCrossed(n.on + dt * positive(s.flow), n.back + dt * positive(-s.flow)),
        RotorTally(
            sum_head=y.sum_head + head,
            sum_sucked=y.sum_sucked + (1.0 if sucked else 0.0),
            sum_speed=y.sum_speed + s.speed,
        ),
    )


@equation
def bring_rotor(c: Carried, r: Brought, n: RotorCrossed, k: RotorDrive) -> Brought:
    """Contents that the pump brings to each place: blood of the inlet to the outlet, and back where it runs backwards."""
    inlet, outlet = at_inlet(c, k), at_outlet(c, k)
    return r._replace(
        brought_ivc=r.brought_ivc + k.from_ivc * n.back * (outlet - c.ivc),
        brought_ra=r.brought_ra + k.from_ra * n.back * (outlet - c.ra),
        brought_rv=r.brought_rv + k.from_rv * n.back * (outlet - c.rv),
        brought_pa=r.brought_pa + k.to_pa * n.on * (inlet - c.pa),
        brought_la=r.brought_la + k.from_la * n.back * (outlet - c.la),
        brought_lv=r.brought_lv + k.to_lv * n.on * (inlet - c.lv) + k.from_lv * n.back * (outlet - c.lv),
        brought_root=r.brought_root + k.to_root * n.on * (inlet - c.root) + k.from_root * n.back * (outlet - c.root),
        brought_ascending=r.brought_ascending + k.to_ascending * n.on * (inlet - c.ascending),
        brought_descending=r.brought_descending + k.to_descending * n.on * (inlet - c.descending),
        brought_femoral=r.brought_femoral + k.to_femoral * n.on * (inlet - c.femoral),
    )


@parameters(each_side=True)
class RotorPower(NamedTuple):
    """What the motor draws, and what its controller believes of it: W = idle + speed n^3 + flow (a n^2 Q); n in krpm.

    The blades give the blood their shut-off head whatever the flow (Euler); what the curve loses of it turns into swirl and heat.
    """

    power_idle: watts
    power_speed: watts_krpm3
    power_flow: factor  # W per W of shut-off head times flow
    clot: share  # 0-1, share of the rotor's head lost to clot, as set
    thrombus: Annotated[share, Elsewhere]  # and by a clot that has grown
    curve: factor  # factor on the head of the published curve; 1, or what a cohort draws for an uncertain one
    flow_limit: mL_s  # the most that the display shows
    flow_probe: switch  # 1: the display reads a flow probe on the line
    level: number  # P-level, -1 where speed is set in rpm
    transvalvular: switch  # 1 for a catheter pump across a valve


@state(at_start=0.0, each_side=True)
class RotorMeans(NamedTuple):
    """Averages of what the pump does and of what its controller estimates."""

    flow_mean: mL_s  # over a second: the truth
    speed_mean: rpm
    head_mean: mmHg
    power: watts
    suction: share  # share of the last seconds with the inlet shut
    flow_felt: mL_s  # the estimate within a beat


@rates_of(RotorMeans)
class RotorMeanRates(NamedTuple):
    """How they move."""

    flow_mean: Lag
    speed_mean: Lag
    head_mean: Lag
    power: Lag
    suction: Lag
    flow_felt: Lag


@state(at_start=0.0, each_side=True)
class RotorShown(NamedTuple):
    """What the controller displays."""

    flow_shown: mL_s  # estimated from power and speed
    pulsatility: number  # (most - least)/mean x 10, over 15 s


@rates_of(RotorShown)
class RotorShownRates(NamedTuple):
    """How it follows the estimate."""

    flow_shown: Lag
    pulsatility: Lag


@state(at_start=0.0, each_side=True)
class RotorBeat(NamedTuple):
    """The estimate's extremes within a beat, and what clot leaves of the head."""

    beat_most: mL_s  # of the beat under way
    beat_least: mL_s
    swing: mL_s  # most - least of the last beat
    strength: factor


class RotorDisplay(NamedTuple):
    """What a controller makes of the beats."""

    shown: RotorShownRates
    beat: RotorBeat


CLOT_DRAG = 6.0  # what a wholly clotted rotor adds to the power of its speed, times (assumed; clotted pumps log 5.0 for 3.5 W)
FELT_TIME = 0.25  # s, bandwidth of a controller's estimate of flow (assumed; so chosen that an index of 4 stands beside 4.5 L/min)
PULSATILITY_TIME = 15.0  # s (HeartMate 3 card, seen)


@equation
def clotted(k: RotorPower) -> float:
    """Share of the rotor's head lost to clot, 0-0.95."""
    return at_most(k.clot + k.thrombus, 0.95)


@equation
def motor_power(speed: float, flow: float, k: RotorPower, d: RotorDrive) -> float:
    """Electrical power, W, from speed (rpm) and flow (mL/s). Clot drags on the rotor."""
    n = speed * 1.0e-3
    given = WATTS * d.a * speed * speed * positive(flow)
    turning = k.power_idle + k.power_speed * n * n * n * (1.0 + CLOT_DRAG * clotted(k)) + k.power_flow * given
    return turning * d.power_on


@equation
def believed_flow(speed: float, power: float, k: RotorPower, d: RotorDrive) -> float:
    """Flow, mL/s, that a controller infers from the power above that of its speed, as the published curve has it.

    A controller knows neither clot nor another viscosity. Published error of one such estimate: RMSE 1.63 L/min, r 0.86 (seen).
    """
    n = speed * 1.0e-3
    above = positive(power - k.power_idle - k.power_speed * n * n * n) / k.power_flow
    return clip(above / at_least(WATTS * d.a * speed * speed, 1.0e-6), 0.0, k.flow_limit)


@equation
def average_rotor(y: RotorTally, n: RotorCrossed, d: RotorDrive, k: RotorPower, fast_steps: number, dt: seconds) -> RotorMeanRates:
    """Flow, speed, head and power over a second; the controller's estimate of flow within a beat."""
    share = 1.0 / fast_steps
    speed = y.sum_speed * share
    flow = (n.on - n.back) / dt
    drawn = motor_power(speed, flow, k, d)
    return RotorMeanRates(
        flow_mean=Lag(flow, 1.0),
        speed_mean=Lag(speed, 1.0),
        head_mean=Lag(y.sum_head * share, 1.0),
        power=Lag(drawn, 1.0),
        suction=Lag(y.sum_sucked * share, 5.0),
        flow_felt=Lag(flow if k.flow_probe > 0.5 else believed_flow(speed, drawn, k, d), FELT_TIME),
    )


@equation
def show_rotor(s: RotorBeat, m: RotorMeans, f: RotorShown, k: RotorPower, run_seconds: seconds, dt: seconds) -> RotorDisplay:
    """What is shown, from the estimate; a beat has just ended where `run_seconds` is 0."""
    most, least = at_least(s.beat_most, m.flow_felt), at_most(s.beat_least, m.flow_felt)
    over = run_seconds < 0.5 * dt
    swing = most - least if over else s.swing
    index = clip(10.0 * swing / at_least(f.flow_shown, 5.0), 0.0, 99.0)
    return RotorDisplay(
        RotorShownRates(flow_shown=Lag(m.flow_felt, 2.0), pulsatility=Lag(index, PULSATILITY_TIME)),
        RotorBeat(
            beat_most=-1.0e9 if over else most,
            beat_least=1.0e9 if over else least,
            swing=swing,
            strength=k.curve * (1.0 - clotted(k)),
        ),
    )


@equation
def clear_rotor() -> RotorCount:
    """Start counting anew."""
    return RotorCount(RotorCrossed(0.0, 0.0), RotorTally(sum_head=0.0, sum_sucked=0.0, sum_speed=0.0))
