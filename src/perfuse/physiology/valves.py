"""A heart valve: an orifice that opens with the pressure across it, with the inertia of the blood column in it.

    L dq/dt = dP - R q - B q|q|        forward
    L dq/dt = dP - R' q - B' q|q|      backward, through the regurgitant orifice (nearly none in a healthy valve)

B = 1/(50 A)^2 is Bernoulli's dP = 4 v^2 with A in cm2 and q in mL/s.
"""

import math

from perfuse.base.rates import Stiff
from perfuse.ops import equation, magnitude

INERTANCE = 5.0e-4
"""mmHg s2/mL. Smith 2004 gives 0.8-1.5e-4 (seen); taken larger so that one step of 1 ms resolves it, which delays opening by about 1 ms."""


@equation
def valve(pressure_drop: float, flow: float, area: float, leak_area: float, resistance: float) -> Stiff:
    """Acceleration of the flow through a valve.

    pressure_drop mmHg upstream minus downstream; flow mL/s, positive forward; area cm2 when open (aortic 3-4, mitral 4-6;
    severe stenosis < 1); leak_area cm2 of the regurgitant orifice (severe: > 0.3 aortic, > 0.4 mitral); resistance mmHg s/mL.
    """
    ahead = pressure_drop > 0.0 or flow > 0.0
    through, back = 1.0 / (area * area), 1.0 / (leak_area * leak_area + 1.0e-7)  # they hold from step to step: worked out once
    kinetic = magnitude(flow) * (1.0 / 2500.0)
    loss = resistance + kinetic * through if ahead else (1.0e-3 + kinetic) * back
    return Stiff(drive=pressure_drop * (1.0 / INERTANCE), damping=loss * (1.0 / INERTANCE))


@equation
def septal_flow(pressure_drop: float, area: float, area_back: float) -> float:
    """Flow, mL/s, through a hole in a septum, left to right positive: Bernoulli's 50 A sqrt(dP), rounded below 1 mmHg.

    pressure_drop mmHg left minus right; area cm2 for blood from left to right, area_back the other way (a foramen's flap opens that way
    alone); 0-6 cm2 (a septostomy of 15-20 mm is 1.8-3.1 cm2).
    """
    opening = area if pressure_drop > 0.0 else area_back
    return 50.0 * opening * pressure_drop / math.sqrt(magnitude(pressure_drop) + 1.0)
