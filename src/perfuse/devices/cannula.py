"""Cannulae and tubing: dP = a Q + b Q|Q| measured in water, scaled to blood; and the vein that collapses on the tip."""

from typing import NamedTuple

from perfuse.base.rates import Stiff
from perfuse.ops import equation, magnitude

WATER_VISCOSITY = 1.0  # mPa s at 20 degC, the makers' bench
BLOOD_DENSITY_RATIO = 1.055  # blood over water
PORT_TIME = 0.040  # s, opening and closing of the wall over the ports (mechanisms note, assumed)
PORT_SHUT = 0.12  # open share of the ports when the vein lies on them (assumed)
PORT_OPENS, PORT_SHUTS = 1.5, -2.0  # mmHg transmural; the gap is the hysteresis that makes lines chatter (mechanisms note, assumed)
PORT_LOSS = 0.35  # mmHg at 1 (L/min)^2 per (1/a^2 - 1)
PER_L_MIN_2 = 0.0036  # (L/min)^2 per (mL/s)^2


class Limb(NamedTuple):
    """One line between a place in the body and a node of the circuit. Water values in mmHg s/mL and mmHg s2/mL2."""

    a: float  # viscous part in water
    b: float  # inertial part in water
    inertance: float  # mmHg s2/mL
    kink: float  # multiplies the loss; 1 = free
    clamp: float  # 1 = clamped


@equation
def limb_rate(pressure_drop: float, flow: float, limb: Limb, viscosity: float, extra_loss: float) -> Stiff:
    """Acceleration of the blood in a line: L dq/dt = dP - kink (a mu/mu_w q + b rho/rho_w q|q|) - extra q|q|.

    Dynamic similarity water to blood: Ganushchak 2019 (seen). A clamp is a resistance of 1e4 mmHg s/mL.
    """
    speed = magnitude(flow)
    loss = limb.kink * (limb.a * (viscosity / WATER_VISCOSITY) + limb.b * BLOOD_DENSITY_RATIO * speed) + extra_loss * speed
    return Stiff(drive=pressure_drop * (1.0 / limb.inertance), damping=(loss + 1.0e4 * limb.clamp) * (1.0 / limb.inertance))


@equation
def port_loss(per_open: float) -> float:
    """Extra loss (mmHg s2/mL2) of ports that the vein's wall covers: 0.35 (1/a^2 - 1) mmHg per (L/min)^2. `per_open` is 1/a."""
    return PORT_LOSS * PER_L_MIN_2 * (per_open * per_open - 1.0)


@equation
def port_rate(port_open: float, vein: float, outside: float, flow: float) -> Stiff:
    """How fast the ports open or shut: 40 ms towards open (1) or shut (0.12), with hysteresis.

    Transmural pressure at the ports is P_vein - 0.15 Q^2 - P_outside (Q in L/min). Smooth Starling resistors settle; this one chatters.
    """
    transmural = vein - 0.15 * PER_L_MIN_2 * flow * flow - outside
    threshold = PORT_SHUTS if port_open > 0.56 else PORT_OPENS
    target = 1.0 if transmural > threshold else PORT_SHUT
    return Stiff(drive=target * (1.0 / PORT_TIME), damping=1.0 / PORT_TIME)
