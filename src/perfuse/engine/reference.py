"""The fast equations handed to a general solver: what the engine's own integrator is held against."""

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from perfuse.devices.circuit import Circuit
from perfuse.engine.groups import Equation, columns
from perfuse.engine.kernel import bound, kernel
from perfuse.engine.rates import circuit_rates_now, patient_rates_now
from perfuse.physiology.circulation_written import Circulation

Array = NDArray[np.float64]

RATES: dict[str, tuple[Equation, tuple[str, ...]]] = {
    "patient": (patient_rates_now, Circulation._fields),
    "ecmo": (circuit_rates_now, Circulation._fields + Circuit._fields),
}
"""Right-hand side of each structure, and the names of its states."""


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
    equation, states = RATES[structure]
    rows = kernel(structure, 1).rows
    _, *names = columns(equation)[0]  # the first is the time
    held, found = np.array([[0.0], *([buffer[rows[name]]] for name in names)]), np.empty((len(states), 1))
    moved = held[1 : 1 + len(states), 0]
    work_out = bound(equation, held, found)

    def slope(t: float, x: Array) -> Array:
        held[0, 0], moved[:] = t, x
        work_out()
        return found[:, 0].copy()

    course = solve_ivp(slope, (0.0, float(times[-1])), moved.copy(), method=method, t_eval=times, rtol=rtol, atol=atol, max_step=max_step)
    if not course.success:
        raise RuntimeError(course.message)
    return np.asarray(course.y.T)
