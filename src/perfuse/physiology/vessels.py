"""Elastic vessels, the blood columns between them, and beds that only let blood through.

Divisions by constants are written as products with their reciprocal: division is the processor's slowest arithmetic by far, and a
reciprocal that does not change is worked out once.
"""

from perfuse.base.rates import Stiff
from perfuse.ops import at_least, equation, positive


@equation
def elastic_pressure(volume: float, v0: float, compliance: float, outside: float) -> float:
    """Pressure (mmHg) in a vessel holding `volume` mL: outside + (V - V0)/C."""
    return outside + (volume - v0) * (1.0 / compliance)


@equation
def artery_pressure(volume: float, v0: float, compliance: float, stiffness: float, outside: float) -> float:
    """The same for an artery whose elastance is `stiffness` times that of its normal compliance (mL/mmHg)."""
    return outside + (volume - v0) * (stiffness * (1.0 / compliance))


@equation
def column(pressure_drop: float, resistance: float, inertance: float) -> Stiff:
    """Acceleration of a blood column: L dq/dt = dP - R q. mmHg, mmHg s/mL, mmHg s2/mL."""
    return Stiff(drive=pressure_drop * (1.0 / inertance), damping=resistance * (1.0 / inertance))


@equation
def open_flow(upstream: float, downstream: float, resistance: float) -> float:
    """Flow (mL/s) through a vessel that stays open, either way."""
    return (upstream - downstream) * (1.0 / resistance)


@equation
def leak_flow(upstream: float, downstream: float, conductance: float) -> float:
    """Flow (mL/s) through small vessels that let blood through one way; conductance mL/s/mmHg."""
    return positive(upstream - downstream) * conductance


@equation
def bed_flow(arterial: float, venous: float, resistance: float) -> float:
    """Flow (mL/s) through a capillary bed; veins have valves, so blood never returns into the bed."""
    return positive(arterial - venous) * (1.0 / resistance)


@equation
def collapsible_flow(upstream: float, downstream: float, outside: float, resistance: float) -> float:
    """Flow (mL/s) through a collapsible vein or the lung's capillaries: what lies downstream counts only above the pressure outside.

    Starling resistor: (P_up - max(P_down, P_outside))/R, never backwards.
    """
    return positive(upstream - at_least(downstream, outside)) * (1.0 / resistance)
