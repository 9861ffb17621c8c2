"""The membrane lung on a bench: its cells stepped through time with a steady inlet. For validation; the engine does not use it."""

from perfuse.devices.membrane_lung import SweepGas, cell_exchange, facilitation, gas_after
from perfuse.ops import Rows, at_least, magnitude
from perfuse.physiology.blood import Gas, gas_step


def settle_cells(
    buf: Rows,
    cells: int,
    steps: int,
    hb: float,
    base_excess: float,
    temperature: float,
    sweep_o2: float,
    sweep_co2: float,
    sweep_n2: float,
    q: float,
    shunt: float,
    d_o2: float,
    d_co2: float,
    barometric: float,
) -> None:
    """Cells of 1 mL, stepped a third of their passage at a time, gas against blood.

    buf: O2 content of the inlet and of each cell; CO2 content likewise; PO2, PCO2, pH and saturation of each cell; then what is found:
    the gas that leaves (O2, CO2, N2 mL/s) and the largest change of a content in the last step.
    """
    dt = 0.33 / q
    co2 = cells + 1
    po2 = 2 * co2
    pco2 = po2 + cells
    ph = pco2 + cells
    so2 = ph + cells
    found = so2 + cells
    for _ in range(steps):
        gas = SweepGas(o2=sweep_o2, co2=sweep_co2, n2=sweep_n2)
        moved: float = 0.0
        for i in range(cells, 0, -1):
            k = i - 1
            before = Gas(po2=buf[po2 + k], pco2=buf[pco2 + k], ph=buf[ph + k], so2=buf[so2 + k])
            eased = d_o2 * facilitation(before.po2, before.so2, hb)
            crossing = cell_exchange(before.po2, before.pco2, gas, eased, d_co2, 1.0, dt, barometric)
            gas = gas_after(gas, crossing)
            change_o2 = dt * (q * (1.0 - shunt) * (buf[i - 1] - buf[i]) + crossing.o2)
            change_co2 = dt * (q * (buf[co2 + i - 1] - buf[co2 + i]) + crossing.co2)
            buf[i] = buf[i] + change_o2
            buf[co2 + i] = buf[co2 + i] + change_co2
            moved = at_least(moved, at_least(magnitude(change_o2), magnitude(change_co2)))
            now = gas_step(buf[i], buf[co2 + i], hb, base_excess, temperature, before)
            buf[po2 + k] = now.po2
            buf[pco2 + k] = now.pco2
            buf[ph + k] = now.ph
            buf[so2 + k] = now.so2
        buf[found] = gas.o2
        buf[found + 1] = gas.co2
        buf[found + 2] = gas.n2
        buf[found + 3] = moved
