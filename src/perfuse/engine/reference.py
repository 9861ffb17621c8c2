"""The fast equations as one right-hand side for a general solver: what the engine's own integrator is held against.

The same functions as in engine/fast.py, written as dx/dt = drive - damping x. What the slow loop sets (resistances, contractility,
pump speed, pleural pressure) stays as it is in the buffer that is given, and so does the length of a beat.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from perfuse.devices.circuit import NODE_COMPLIANCE, Circuit, Drive, Lines, circuit_rates
from perfuse.engine.fast import Drips
from perfuse.engine.kernel import cache_folder, kernel, load_written
from perfuse.engine.source import COMPILED
from perfuse.ops import equation
from perfuse.physiology.circulation import flow_rates, flows, pressures, volume_rates
from perfuse.physiology.compartments import Body, Circulation, Exchange, Regulation

Array = NDArray[np.float64]


@equation
def body_rates(s: Circulation, phase: float, period: float, r: Regulation, p: Body, x: Exchange) -> Circulation:
    """d/dt of every volume and flow of the body, with `x` entering from outside."""
    b = pressures(s, phase, period, 0.75, r, p)
    a = flow_rates(s, b, p)
    v = volume_rates(flows(s, b, r, p), x)
    return Circulation(
        v.lv,
        v.rv,
        v.la,
        v.ra,
        b.septum_drive - b.septum_damping * s.septum_volume,
        v.root,
        v.ascending,
        v.arch,
        v.distal_arch,
        v.descending,
        v.abdominal,
        v.femoral,
        v.leg_artery,
        v.upper_vein,
        v.splanchnic_vein,
        v.lower_vein,
        v.svc,
        v.ivc,
        v.pa,
        v.pv,
        a.mitral.drive - a.mitral.damping * s.mitral_flow,
        a.aortic_valve.drive - a.aortic_valve.damping * s.aortic_valve_flow,
        a.tricuspid.drive - a.tricuspid.damping * s.tricuspid_flow,
        a.pulmonary_valve.drive - a.pulmonary_valve.damping * s.pulmonary_valve_flow,
        a.ascending.drive - a.ascending.damping * s.ascending_flow,
        a.arch.drive - a.arch.damping * s.arch_flow,
        a.distal_arch.drive - a.distal_arch.damping * s.distal_arch_flow,
        a.descending.drive - a.descending.damping * s.descending_flow,
        a.abdominal.drive - a.abdominal.damping * s.abdominal_flow,
        a.femoral.drive - a.femoral.damping * s.femoral_flow,
    )


@equation
def line_rates(s: Circulation, c: Circuit, phase: float, period: float, r: Regulation, p: Body, d: Drive, k: Lines) -> Circuit:
    """d/dt of every flow, node and port of the circuit."""
    a = circuit_rates(c, pressures(s, phase, period, 0.75, r, p), d, k)
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


STATES = {"patient": Circulation._fields, "ecmo": Circulation._fields + Circuit._fields}
HELD: dict[str, tuple[Any, ...]] = {"patient": (Regulation, Body, Drips), "ecmo": (Regulation, Body, Drips, Drive, Lines)}


@dataclass(frozen=True)
class Reference:
    """The right-hand side of one structure, compiled: `rates(t, x, values, out)`, with `values` the rows of `held`."""

    states: tuple[str, ...]
    held: tuple[str, ...]
    rates: Callable[..., None]


def _group(kind: Any, array: str, first: int) -> str:
    return f"{kind.__name__}({', '.join(f'{array}[{first + i}]' for i in range(len(kind._fields)))})"


@functools.cache
def reference(structure: str) -> Reference:
    """Right-hand side of a structure ("patient" or "ecmo"). The last two held values are the phase at t = 0 and the period."""
    parts: list[str] = []
    held: list[str] = []
    for kind in HELD[structure]:
        parts.append(f"    {kind.__name__.lower()} = {_group(kind, 'values', len(held))}")
        held += list(kind._fields)
    held += ["phase", "period"]
    start, period = len(held) - 2, len(held) - 1
    body, circuit = len(Circulation._fields), len(Circuit._fields)
    on_circuit = structure == "ecmo"
    lines = [
        '"""The fast equations as a right-hand side. Written by perfuse.engine.reference; do not edit."""',
        "",
        "import math",
        "",
        "import numba as nb",
        "from perfuse.devices.circuit import Circuit, Drive, Lines, give_circuit",
        "from perfuse.engine.fast import Drips, drip",
        "from perfuse.engine.reference import body_rates, line_rates",
        "from perfuse.physiology.compartments import Body, Circulation, Regulation",
        "",
        "",
        COMPILED,
        "def rates(t, x, values, out):",
        '    """dx/dt"""',
        *parts,
        f"    beats = values[{start}] + t / values[{period}]",
        "    phase = beats - math.floor(beats)",
        f"    s = {_group(Circulation, 'x', 0)}",
    ]
    if on_circuit:
        lines += [
            f"    c = {_group(Circuit, 'x', body)}",
            "    outside = give_circuit(drip(drips), c, lines)",
            f"    d = line_rates(s, c, phase, values[{period}], regulation, body, drive, lines)",
            *(f"    out[{body + i}] = d.{Circuit._fields[i]}" for i in range(circuit)),
        ]
    else:
        lines += ["    outside = drip(drips)"]
    lines += [f"    e = body_rates(s, phase, values[{period}], regulation, body, outside)"]
    lines += [f"    out[{i}] = e.{name}" for i, name in enumerate(Circulation._fields)]
    module = load_written(cache_folder() / f"{structure}_reference.py", "\n".join(lines) + "\n")
    return Reference(STATES[structure], tuple(held), module.rates)


def solve(
    structure: str,
    buffer: Array,
    times: Array,
    *,
    method: str = "LSODA",
    rtol: float = 1e-6,
    atol: float = 1e-8,
    max_step: float = 0.01,
) -> Array:
    """The fast state [time, state] of one patient (a buffer of one lane) at `times`, seconds from now, by scipy's `solve_ivp`.

    max_step s; bounded, so that no valve opens and shuts between two looks.
    """
    made, rows = reference(structure), kernel(structure, 1).rows
    values = np.array([buffer[rows[name]] for name in made.held])
    start = np.array([buffer[rows[name]] for name in made.states])

    def slope(t: float, x: Array) -> Array:
        out = np.empty_like(x)
        made.rates(t, x, values, out)
        return out

    found = solve_ivp(slope, (0.0, float(times[-1])), start, method=method, t_eval=times, rtol=rtol, atol=atol, max_step=max_step)
    if not found.success:
        raise RuntimeError(found.message)
    return np.asarray(found.y.T)
