"""The fast equations as d/dt: what the kernels step, for a general solver.

The same functions as in engine/fast.py, written as dx/dt = drive - damping x. What the slow loop sets (resistances, contractility,
pump speed, pleural pressure) stays as it is given, and so does the length of a beat.
"""

import math
from typing import NamedTuple

from perfuse.devices.circuit import NODE_COMPLIANCE, Circuit, Drive, Lines, circuit_rates, give_circuit
from perfuse.engine.fast import Drips, drip
from perfuse.ops import equation
from perfuse.physiology.circulation import pressures
from perfuse.physiology.circulation_written import Circulation, Pressures, body_rates
from perfuse.physiology.compartments import Body, Regulation


@equation
def line_rates(c: Circuit, b: Pressures, d: Drive, k: Lines) -> Circuit:
    """d/dt of every flow, node and port of the circuit at these pressures."""
    a = circuit_rates(c, b, d, k)
    return Circuit(
        drain1_flow=a.drain1.drive - a.drain1.damping * c.drain1_flow,
        drain2_flow=a.drain2.drive - a.drain2.damping * c.drain2_flow,
        drain1_open=a.port1.drive - a.port1.damping * c.drain1_open,
        drain2_open=a.port2.drive - a.port2.damping * c.drain2_open,
        pump_flow=a.pump.drive - a.pump.damping * c.pump_flow,
        inlet_pressure=(c.drain1_flow + c.drain2_flow - c.pump_flow) * (1.0 / NODE_COMPLIANCE),
        outlet_pressure=(c.pump_flow - c.return1_flow - c.return2_flow - c.perfusion_flow) * (1.0 / NODE_COMPLIANCE),
        return1_flow=a.return1.drive - a.return1.damping * c.return1_flow,
        return2_flow=a.return2.drive - a.return2.damping * c.return2_flow,
        perfusion_flow=a.perfusion.drive - a.perfusion.damping * c.perfusion_flow,
    )


class CircuitBody(NamedTuple):
    """d/dt of a patient and of the circuit that he is on."""

    body: Circulation
    circuit: Circuit


@equation
def pressures_at(t: float, s: Circulation, r: Regulation, p: Body, phase: float, period: float) -> Pressures:
    """Pressures `t` seconds after the phase of the beat (0-1) was `phase`, in beats of `period` seconds."""
    beats = phase + t / period
    return pressures(s, beats - math.floor(beats), period, 0.75, r, p)


@equation
def patient_rates_now(t: float, s: Circulation, r: Regulation, p: Body, d: Drips, phase: float, period: float) -> Circulation:
    """d/dt of a patient alone, `t` seconds after the phase of the beat was `phase`."""
    return body_rates(s, pressures_at(t, s, r, p, phase, period), r, p, drip(d))


@equation
def circuit_rates_now(
    t: float, s: Circulation, c: Circuit, r: Regulation, p: Body, d: Drips, drive: Drive, k: Lines, phase: float, period: float
) -> CircuitBody:
    """The same of a patient on a circuit."""
    b = pressures_at(t, s, r, p, phase, period)
    return CircuitBody(body_rates(s, b, r, p, give_circuit(drip(d), c, k)), line_rates(c, b, drive, k))
