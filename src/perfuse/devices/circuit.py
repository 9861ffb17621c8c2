"""An ECMO circuit: drainage lines -> inlet node -> pump and membrane lung -> outlet node -> return lines.

Flow is an outcome of speed, lines, blood and the patient's pressures. A line ends at a place in the body given by weights
(a multistage cannula may lie in two places), so one circuit serves VV, VA, VAV and V-PA, and vents of the left heart or the
pulmonary artery, which are drainage lines.
"""

from typing import NamedTuple

from perfuse.base.declare import (
    factor,
    mL,
    mL_s,
    mmHg,
    mmHg_rpm2,
    mmHg_s2_mL2,
    mmHg_s_mL,
    mmHg_steps,
    mPa_s,
    parameters,
    rpm,
    seconds,
    share,
    state,
    switch,
)
from perfuse.base.rates import Stiff, damped, driven, implicit
from perfuse.devices.cannula import Limb, limb_rate, port_loss, port_rate
from perfuse.devices.pump import pump_loss, shut_off_head
from perfuse.ops import at_least, equation, four_reciprocals, positive, two_reciprocals
from perfuse.physiology.circulation_written import Exchange, Pressures


@state()
class Circuit(NamedTuple):
    """The circuit's fast state: flows mL/s, node pressures mmHg at the height of the heart, open share of the drainage ports."""

    drain1_flow: mL_s
    drain2_flow: mL_s
    drain1_open: share
    drain2_open: share
    pump_flow: mL_s
    inlet_pressure: mmHg
    outlet_pressure: mmHg
    return1_flow: mL_s
    return2_flow: mL_s
    perfusion_flow: mL_s


@state(at_start=0.0)
class CircuitCrossed(NamedTuple):
    """The same for the circuit's borders."""

    drain1_on: mL
    drain1_back: mL
    drain2_on: mL
    drain2_back: mL
    pump_on: mL
    pump_back: mL
    return1_on: mL
    return1_back: mL
    return2_on: mL
    return2_back: mL
    perfusion_on: mL
    perfusion_back: mL


class Drive(NamedTuple):
    """What the console and the slow loop make of the circuit now."""

    pump_speed: rpm  # delivered
    pump_strength: factor  # 1 full of blood and clean
    lung_resistance: mmHg_s_mL  # at the present flow
    circuit_viscosity: mPa_s


@parameters()
class Lines(NamedTuple):
    """How the circuit is built."""

    pump_a: mmHg_rpm2
    pump_c: mmHg_s2_mL2
    pump_c_back: mmHg_s2_mL2
    drain1_a: mmHg_s_mL
    drain1_b: mmHg_s2_mL2
    drain1_kink: factor
    drain1_clamp: switch
    drain1_svc: share  # share of the ports in each place
    drain1_ra: share
    drain1_ivc: share
    drain1_pa: share
    drain1_la: share
    drain1_lv: share
    drain2_a: mmHg_s_mL
    drain2_b: mmHg_s2_mL2
    drain2_kink: factor
    drain2_clamp: switch
    drain2_svc: share
    drain2_ra: share
    drain2_ivc: share
    drain2_pa: share
    drain2_la: share
    drain2_lv: share
    return1_a: mmHg_s_mL
    return1_b: mmHg_s2_mL2
    return1_kink: factor
    return1_clamp: switch
    return1_svc: share
    return1_ra: share
    return1_ivc: share
    return1_pa: share
    return1_ascending: share
    return1_femoral: share
    return2_a: mmHg_s_mL
    return2_b: mmHg_s2_mL2
    return2_kink: factor
    return2_clamp: switch
    return2_svc: share
    return2_ra: share
    return2_ivc: share
    return2_pa: share
    return2_ascending: share
    return2_femoral: share
    perfusion_a: mmHg_s_mL
    perfusion_b: mmHg_s2_mL2
    perfusion_clamp: switch
    return_loss: share  # share of returned blood that is lost outside the body
    short_circuit: share  # share of the venous return jet that enters the drainage ports directly


DRAIN_INERTANCE = 0.35  # mmHg s2/mL: 0.111 per metre of 3/8 inch, 2 m and the cannula (computed)
RETURN_INERTANCE = 0.35
PUMP_INERTANCE = 0.15  # pump head, membrane lung and their connectors (assumed)
PERFUSION_INERTANCE = 1.0  # a metre of 1/8 inch line (computed)
NODE_COMPLIANCE = 0.03  # mL/mmHg, 2 m of 3/8 x 3/32 inch PVC tubing on either side of the pump (computed: dV/V = 2.5 r/(E h) with E 5 MPa)


class CircuitRates(NamedTuple):
    """Rates of the circuit's state, (drive, damping) each."""

    drain1: Stiff
    drain2: Stiff
    port1: Stiff
    port2: Stiff
    pump: Stiff
    return1: Stiff
    return2: Stiff
    perfusion: Stiff


@equation
def circuit_rates(c: Circuit, b: Pressures, d: Drive, k: Lines) -> CircuitRates:
    """Accelerations of every line, the pump and the ports, from the pressures of the body.

    Outside the vein at the ports: the thorax for the superior vena cava and the pulmonary artery, the pericardium for the heart, and for
    the inferior vena cava half thorax and half abdomen, since the holes of a multistage cannula lie on both sides of the diaphragm, or the
    thorax where that presses more, as a tension pneumothorax does (assumed).
    """
    vein1 = k.drain1_svc * b.svc + k.drain1_ra * b.ra + k.drain1_ivc * b.ivc + k.drain1_pa * b.pa + k.drain1_la * b.la + k.drain1_lv * b.lv
    vein2 = k.drain2_svc * b.svc + k.drain2_ra * b.ra + k.drain2_ivc * b.ivc + k.drain2_pa * b.pa + k.drain2_la * b.la + k.drain2_lv * b.lv
    junction = at_least(b.thorax, 0.5 * (b.thorax + b.abdomen))
    heart1, heart2 = k.drain1_ra + k.drain1_la + k.drain1_lv, k.drain2_ra + k.drain2_la + k.drain2_lv
    outside1 = (k.drain1_svc + k.drain1_pa) * b.thorax + heart1 * b.pericardium + k.drain1_ivc * junction
    outside2 = (k.drain2_svc + k.drain2_pa) * b.thorax + heart2 * b.pericardium + k.drain2_ivc * junction
    site1 = (
        k.return1_svc * b.svc
        + k.return1_ra * b.ra
        + k.return1_ivc * b.ivc
        + k.return1_pa * b.pa
        + k.return1_ascending * b.ascending
        + k.return1_femoral * b.femoral
    )
    site2 = (
        k.return2_svc * b.svc
        + k.return2_ra * b.ra
        + k.return2_ivc * b.ivc
        + k.return2_pa * b.pa
        + k.return2_ascending * b.ascending
        + k.return2_femoral * b.femoral
    )
    drain1 = Limb(a=k.drain1_a, b=k.drain1_b, inertance=DRAIN_INERTANCE, kink=k.drain1_kink, clamp=k.drain1_clamp)
    drain2 = Limb(a=k.drain2_a, b=k.drain2_b, inertance=DRAIN_INERTANCE, kink=k.drain2_kink, clamp=k.drain2_clamp)
    return1 = Limb(a=k.return1_a, b=k.return1_b, inertance=RETURN_INERTANCE, kink=k.return1_kink, clamp=k.return1_clamp)
    return2 = Limb(a=k.return2_a, b=k.return2_b, inertance=RETURN_INERTANCE, kink=k.return2_kink, clamp=k.return2_clamp)
    perfusion = Limb(a=k.perfusion_a, b=k.perfusion_b, inertance=PERFUSION_INERTANCE, kink=1.0, clamp=k.perfusion_clamp)
    head = shut_off_head(d.pump_speed, k.pump_a, d.pump_strength)
    loss = pump_loss(c.pump_flow, k.pump_c, k.pump_c_back) + d.lung_resistance
    per_open = two_reciprocals(c.drain1_open, c.drain2_open)
    return CircuitRates(
        drain1=limb_rate(vein1 - c.inlet_pressure, c.drain1_flow, drain1, d.circuit_viscosity, port_loss(per_open.first)),
        drain2=limb_rate(vein2 - c.inlet_pressure, c.drain2_flow, drain2, d.circuit_viscosity, port_loss(per_open.second)),
        port1=port_rate(c.drain1_open, vein1, outside1, c.drain1_flow),
        port2=port_rate(c.drain2_open, vein2, outside2, c.drain2_flow),
        pump=Stiff(drive=(c.inlet_pressure + head - c.outlet_pressure) * (1.0 / PUMP_INERTANCE), damping=loss * (1.0 / PUMP_INERTANCE)),
        return1=limb_rate(c.outlet_pressure - site1, c.return1_flow, return1, d.circuit_viscosity, 0.0),
        return2=limb_rate(c.outlet_pressure - site2, c.return2_flow, return2, d.circuit_viscosity, 0.0),
        perfusion=limb_rate(c.outlet_pressure - b.leg_artery, c.perfusion_flow, perfusion, d.circuit_viscosity, 0.0),
    )


@equation
def turn_circuit(c: Circuit, b: Pressures, d: Drive, k: Lines, dt: seconds) -> Circuit:
    """The circuit after one step: flows and ports by `circuit_rates`, then the nodes by the new flows, so that blood is conserved."""
    a = circuit_rates(c, b, d, k)
    lines = four_reciprocals(damped(a.drain1, dt), damped(a.drain2, dt), damped(a.return1, dt), damped(a.return2, dt))
    others = two_reciprocals(damped(a.pump, dt), damped(a.perfusion, dt))
    drain1, drain2 = driven(c.drain1_flow, a.drain1, dt) * lines.first, driven(c.drain2_flow, a.drain2, dt) * lines.second
    return1, return2 = driven(c.return1_flow, a.return1, dt) * lines.third, driven(c.return2_flow, a.return2, dt) * lines.fourth
    pump, perfusion = driven(c.pump_flow, a.pump, dt) * others.first, driven(c.perfusion_flow, a.perfusion, dt) * others.second
    return Circuit(
        drain1_flow=drain1,
        drain2_flow=drain2,
        drain1_open=implicit(c.drain1_open, a.port1, dt),
        drain2_open=implicit(c.drain2_open, a.port2, dt),
        pump_flow=pump,
        inlet_pressure=c.inlet_pressure + dt * (drain1 + drain2 - pump) * (1.0 / NODE_COMPLIANCE),
        outlet_pressure=c.outlet_pressure + dt * (pump - return1 - return2 - perfusion) * (1.0 / NODE_COMPLIANCE),
        return1_flow=return1,
        return2_flow=return2,
        perfusion_flow=perfusion,
    )


@equation
def give_circuit(x: Exchange, c: Circuit, k: Lines) -> Exchange:
    """What flows into the body, with what the circuit gives to each place (negative: takes), mL/s."""
    kept1 = (1.0 - k.return_loss) * c.return1_flow
    kept2 = (1.0 - k.return_loss) * c.return2_flow
    return x._replace(
        svc=x.svc + (k.return1_svc * kept1 + k.return2_svc * kept2 - k.drain1_svc * c.drain1_flow - k.drain2_svc * c.drain2_flow),
        ivc=x.ivc + (k.return1_ivc * kept1 + k.return2_ivc * kept2 - k.drain1_ivc * c.drain1_flow - k.drain2_ivc * c.drain2_flow),
        ra=x.ra + (k.return1_ra * kept1 + k.return2_ra * kept2 - k.drain1_ra * c.drain1_flow - k.drain2_ra * c.drain2_flow),
        pa=x.pa + (k.return1_pa * kept1 + k.return2_pa * kept2 - k.drain1_pa * c.drain1_flow - k.drain2_pa * c.drain2_flow),
        la=x.la - (k.drain1_la * c.drain1_flow + k.drain2_la * c.drain2_flow),
        lv=x.lv - (k.drain1_lv * c.drain1_flow + k.drain2_lv * c.drain2_flow),
        ascending=x.ascending + (k.return1_ascending * kept1 + k.return2_ascending * kept2),
        femoral=x.femoral + (k.return1_femoral * kept1 + k.return2_femoral * kept2),
        leg_artery=x.leg_artery + c.perfusion_flow,
    )


@state(at_start=0.0)
class CircuitTally(NamedTuple):
    """Pressures summed since the last slow step (mmHg x steps)."""

    sum_inlet: mmHg_steps
    sum_outlet: mmHg_steps
    sum_lung_drop: mmHg_steps


@equation
def count_circuit(n: CircuitCrossed, c: Circuit, dt: seconds) -> CircuitCrossed:
    """The same for the circuit."""
    return CircuitCrossed(
        drain1_on=n.drain1_on + dt * positive(c.drain1_flow),
        drain1_back=n.drain1_back + dt * positive(-c.drain1_flow),
        drain2_on=n.drain2_on + dt * positive(c.drain2_flow),
        drain2_back=n.drain2_back + dt * positive(-c.drain2_flow),
        pump_on=n.pump_on + dt * positive(c.pump_flow),
        pump_back=n.pump_back + dt * positive(-c.pump_flow),
        return1_on=n.return1_on + dt * positive(c.return1_flow),
        return1_back=n.return1_back + dt * positive(-c.return1_flow),
        return2_on=n.return2_on + dt * positive(c.return2_flow),
        return2_back=n.return2_back + dt * positive(-c.return2_flow),
        perfusion_on=n.perfusion_on + dt * positive(c.perfusion_flow),
        perfusion_back=n.perfusion_back + dt * positive(-c.perfusion_flow),
    )


@equation
def tally_circuit(z: CircuitTally, c: Circuit, d: Drive) -> CircuitTally:
    """Add the circuit's pressures."""
    return CircuitTally(
        sum_inlet=z.sum_inlet + c.inlet_pressure,
        sum_outlet=z.sum_outlet + c.outlet_pressure,
        sum_lung_drop=z.sum_lung_drop + d.lung_resistance * c.pump_flow,
    )
