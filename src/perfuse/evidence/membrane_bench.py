"""Steady gas transfer of a membrane lung on a bench, for a given inlet.

Blood is taken cell by cell: each cell's outlet is what mixed blood of that cell holds, found from the engine's own equations.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from perfuse.devices.membrane_bench import settle_cells
from perfuse.devices.membrane_lung import CELLS, L_MIN, SweepGas, diffusing_capacity, internal_shunt, outlet_o2, sweep_gas
from perfuse.engine.kernel import routine
from perfuse.physiology.acid_base import pco2_to_37, ph_from_37, ph_of
from perfuse.physiology.blood import Contents, Gas, contents_of, gas_of
from perfuse.physiology.oxygen import so2 as saturation_at

Array = NDArray[np.float64]

STILL = 1e-11  # mL/mL in one step
AT_A_TIME, MOST_STEPS = 200, 200_000  # steps between two looks at what still moves

# The generic lung of parameters/devices/membrane_lungs.yaml, per m2 (a test compares): docs/decisions/0004, computed.
O2_PER_M2 = 0.315 / 1.8  # mL/min/mmHg, of plasma
O2_FLOW_PER_M2 = 7.0 / 1.8  # L/min
CO2_PER_M2 = 3.2  # mL/min/mmHg; mechanism sheet, computed on Strassmann 2019
CO2_FLOW_PER_M2 = 2.25  # L/min
O2_EXPONENT, CO2_EXPONENT = 0.4, 0.2
SHUNT = 0.05


class Transfer(NamedTuple):
    """Steady state: transfers mL/min STPD (CO2 counted out of the blood), pressures mmHg, saturations 0-1."""

    o2_transfer: float
    co2_transfer: float
    po2_post: float
    pco2_post: float
    so2_post: float
    ph_post: float
    gas_out: SweepGas


def venous_gas(so2: float, pco2: float, base_excess: float, hb: float, temperature: float) -> Gas:
    """The blood gas with this saturation (0.01-0.995), PCO2 mmHg and base excess mmol/L of the oxygenated blood; by bisection."""
    ph = ph_from_37(ph_of(pco2_to_37(pco2, temperature), base_excess, hb, so2), temperature)
    low, high = 0.0, 760.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        below = saturation_at(middle, ph, pco2, temperature) < so2
        low = middle if below else low
        high = high if below else middle
    return Gas(0.5 * (low + high), pco2, ph, so2)


def primed(inlet: Gas, entering: Contents, blender: SweepGas, cells: int) -> Array:
    """The buffer of `settle_cells` with inlet blood in every cell."""
    contents = np.repeat([entering.o2, entering.co2], cells + 1)
    return np.concatenate([contents, np.repeat(inlet, cells), blender, [np.inf]])


def steady_transfer(
    flow: float,
    hb: float,
    so2: float,
    pco2: float,
    base_excess: float,
    temperature: float,
    sweep: float,
    fdo2: float,
    fdco2: float,
    area: float,
    cells: int = CELLS,
    *,
    working: float = 1.0,
    clot: float = 0.0,
    barometric: float = 760.0,
) -> Transfer:
    """Steady transfer of a membrane lung.

    flow L/min 0.1-10; hb g/dL; so2 0-1 and pco2 mmHg of inlet blood; base_excess mmol/L of the oxygenated blood;
    temperature degC; sweep L/min STPD; fdo2, fdco2 0-1; area m2; cells 1-500; working and clot 0-1.
    Cells are stepped through time, three steps for each passage of a cell, until nothing moves; ArithmeticError if that fails.
    """
    q = flow * L_MIN
    shunt = internal_shunt(SHUNT, clot)
    d_o2 = diffusing_capacity(q, O2_PER_M2 * area, O2_FLOW_PER_M2 * area, O2_EXPONENT, working) / cells
    d_co2 = diffusing_capacity(q, CO2_PER_M2 * area, CO2_FLOW_PER_M2 * area, CO2_EXPONENT, working) / cells
    inlet = venous_gas(so2, pco2, base_excess, hb, temperature)
    entering = contents_of(inlet, hb, temperature)
    blender = sweep_gas(sweep * L_MIN, fdo2, fdco2)
    buf = primed(inlet, entering, blender, cells)
    for _ in range(MOST_STEPS // AT_A_TIME):
        routine(settle_cells)(buf, cells, AT_A_TIME, hb, base_excess, temperature, *blender, q, shunt, d_o2, d_co2, barometric)
        if buf[-1] < STILL:
            break
    else:
        raise ArithmeticError(f"the membrane lung did not settle: content still moves by {buf[-1]:.1e} mL/mL a step")
    o2, co2, gas_out = float(buf[cells]), float(buf[2 * cells + 1]), SweepGas(*buf[-4:-1].tolist())
    mixed = outlet_o2(entering.o2, o2, shunt)
    post = gas_of(mixed, co2, hb, base_excess, temperature)
    per_minute = 60.0 * q
    return Transfer(per_minute * (mixed - entering.o2), per_minute * (entering.co2 - co2), post.po2, post.pco2, post.so2, post.ph, gas_out)
