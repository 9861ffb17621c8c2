"""An ECMO circuit: drainage lines -> inlet node -> pump and membrane lung -> outlet node -> return lines.

Flow is an outcome of speed, lines, blood and the patient's pressures. A line ends at a place in the body given by weights
(a multistage cannula may lie in two places), so one compiled circuit serves VV, VA, VAV and V-PA.
"""

from typing import NamedTuple

from perfuse.devices.cannula import Limb, limb_rate, port_loss, port_rate
from perfuse.devices.pump import pump_loss, shut_off_head
from perfuse.ops import at_least, equation
from perfuse.physiology.compartments import Exchange, Pressures
from perfuse.physiology.valves import Stiff


class Circuit(NamedTuple):
    """The circuit's fast state: flows mL/s, node pressures mmHg at the height of the heart, open share of the drainage ports."""

    drain1_flow: float
    drain2_flow: float
    drain1_open: float
    drain2_open: float
    pump_flow: float
    inlet_pressure: float
    outlet_pressure: float
    return1_flow: float
    return2_flow: float
    perfusion_flow: float


class CircuitCrossed(NamedTuple):
    """The same for the circuit's borders."""

    drain1_on: float
    drain1_back: float
    drain2_on: float
    drain2_back: float
    pump_on: float
    pump_back: float
    return1_on: float
    return1_back: float
    return2_on: float
    return2_back: float
    perfusion_on: float
    perfusion_back: float


class Drive(NamedTuple):
    """What the console and the slow loop make of the circuit now."""

    pump_speed: float  # rpm, delivered
    pump_strength: float  # 1 full of blood and clean
    lung_resistance: float  # mmHg s/mL at the present flow
    circuit_viscosity: float  # mPa s


class Lines(NamedTuple):
    """How the circuit is built."""

    pump_a: float  # mmHg/rpm2
    pump_c: float  # mmHg s2/mL2
    pump_c_back: float
    drain1_a: float
    drain1_b: float
    drain1_kink: float
    drain1_clamp: float
    drain1_svc: float  # share of the ports in each place
    drain1_ra: float
    drain1_ivc: float
    drain2_a: float
    drain2_b: float
    drain2_kink: float
    drain2_clamp: float
    drain2_svc: float
    drain2_ra: float
    drain2_ivc: float
    return1_a: float
    return1_b: float
    return1_kink: float
    return1_clamp: float
    return1_svc: float
    return1_ra: float
    return1_ivc: float
    return1_pa: float
    return1_ascending: float
    return1_femoral: float
    return2_a: float
    return2_b: float
    return2_kink: float
    return2_clamp: float
    return2_svc: float
    return2_ra: float
    return2_ivc: float
    return2_pa: float
    return2_ascending: float
    return2_femoral: float
    perfusion_a: float
    perfusion_b: float
    perfusion_clamp: float
    return_loss: float  # share of returned blood that is lost outside the body


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

    Outside the vein at the ports: the thorax for the superior vena cava, the pericardium for the atrium, and for the inferior vena cava
    half thorax and half abdomen, since the holes of a multistage cannula lie on both sides of the diaphragm, or the thorax where that
    presses more, as a tension pneumothorax does (assumed).
    """
    vein1 = k.drain1_svc * b.svc + k.drain1_ra * b.ra + k.drain1_ivc * b.ivc
    vein2 = k.drain2_svc * b.svc + k.drain2_ra * b.ra + k.drain2_ivc * b.ivc
    junction = at_least(b.thorax, 0.5 * (b.thorax + b.abdomen))
    outside1 = k.drain1_svc * b.thorax + k.drain1_ra * b.pericardium + k.drain1_ivc * junction
    outside2 = k.drain2_svc * b.thorax + k.drain2_ra * b.pericardium + k.drain2_ivc * junction
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
    drain1 = Limb(k.drain1_a, k.drain1_b, DRAIN_INERTANCE, k.drain1_kink, k.drain1_clamp)
    drain2 = Limb(k.drain2_a, k.drain2_b, DRAIN_INERTANCE, k.drain2_kink, k.drain2_clamp)
    return1 = Limb(k.return1_a, k.return1_b, RETURN_INERTANCE, k.return1_kink, k.return1_clamp)
    return2 = Limb(k.return2_a, k.return2_b, RETURN_INERTANCE, k.return2_kink, k.return2_clamp)
    perfusion = Limb(k.perfusion_a, k.perfusion_b, PERFUSION_INERTANCE, 1.0, k.perfusion_clamp)
    head = shut_off_head(d.pump_speed, k.pump_a, d.pump_strength)
    loss = pump_loss(c.pump_flow, k.pump_c, k.pump_c_back) + d.lung_resistance
    return CircuitRates(
        drain1=limb_rate(vein1 - c.inlet_pressure, c.drain1_flow, drain1, d.circuit_viscosity, port_loss(c.drain1_open)),
        drain2=limb_rate(vein2 - c.inlet_pressure, c.drain2_flow, drain2, d.circuit_viscosity, port_loss(c.drain2_open)),
        port1=port_rate(c.drain1_open, vein1, outside1, c.drain1_flow),
        port2=port_rate(c.drain2_open, vein2, outside2, c.drain2_flow),
        pump=Stiff(drive=(c.inlet_pressure + head - c.outlet_pressure) * (1.0 / PUMP_INERTANCE), damping=loss * (1.0 / PUMP_INERTANCE)),
        return1=limb_rate(c.outlet_pressure - site1, c.return1_flow, return1, d.circuit_viscosity, 0.0),
        return2=limb_rate(c.outlet_pressure - site2, c.return2_flow, return2, d.circuit_viscosity, 0.0),
        perfusion=limb_rate(c.outlet_pressure - b.leg_artery, c.perfusion_flow, perfusion, d.circuit_viscosity, 0.0),
    )


@equation
def circuit_exchange(c: Circuit, k: Lines) -> Exchange:
    """Blood that the circuit gives to the body (negative: takes), mL/s, by place."""
    kept1 = (1.0 - k.return_loss) * c.return1_flow
    kept2 = (1.0 - k.return_loss) * c.return2_flow
    return Exchange(
        svc=k.return1_svc * kept1 + k.return2_svc * kept2 - k.drain1_svc * c.drain1_flow - k.drain2_svc * c.drain2_flow,
        ivc=k.return1_ivc * kept1 + k.return2_ivc * kept2 - k.drain1_ivc * c.drain1_flow - k.drain2_ivc * c.drain2_flow,
        ra=k.return1_ra * kept1 + k.return2_ra * kept2 - k.drain1_ra * c.drain1_flow - k.drain2_ra * c.drain2_flow,
        pa=k.return1_pa * kept1 + k.return2_pa * kept2,
        ascending=k.return1_ascending * kept1 + k.return2_ascending * kept2,
        femoral=k.return1_femoral * kept1 + k.return2_femoral * kept2,
        leg_artery=c.perfusion_flow,
    )
