"""One millisecond: pressures, flows, volumes, and the counting of what crossed each border.

Each function here is one line of the step's table of contents (engine/stages.py). Flows with inertia are advanced linearly implicitly,
q' = (q + dt drive)/(1 + dt damping), which is stable for shut valves and clamped lines; volumes are then moved by the new flows, so that
blood is conserved to rounding.
"""

from typing import NamedTuple

from perfuse.base.declare import mL_s, seconds
from perfuse.ops import equation, two_reciprocals
from perfuse.physiology.beat import Before
from perfuse.physiology.circulation import pressures
from perfuse.physiology.circulation_written import (
    Circulation,
    Exchange,
    Pressures,
    nothing_from_outside,
)
from perfuse.physiology.compartments import Body, Clock, Regulation


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
def drip(d: Drips) -> Exchange:
    """Infusions enter the superior, bleeding leaves the inferior vena cava."""
    nothing = nothing_from_outside()
    return nothing._replace(svc=d.infusion_rate, ivc=-d.bleeding_rate)


class Look(NamedTuple):
    """Pressures at the beginning of a step."""

    pressures: Pressures
    before: Before


@equation
def look(s: Circulation, c: Clock, r: Regulation, p: Body) -> Look:
    """Pressures of every place, and what the tally needs from before the step."""
    return Look(
        pressures(s, c.phase, c.period, c.compression_phase, r, p),
        Before(lv_before=s.lv_volume, rv_before=s.rv_volume, phase_before=c.phase),
    )
