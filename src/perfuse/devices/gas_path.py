"""Gas along the fibres of a membrane lung, against the blood in its cells."""

from typing import Annotated, NamedTuple

from perfuse.base.declare import (
    PCO2,
    PO2,
    CO2_content,
    L_min,
    O2_content,
    PerCell,
    degC,
    factor,
    g_dL,
    mL,
    mL_min_mmHg,
    mL_s,
    mL_s_mmHg,
    mmol_L,
    number,
    parameters,
    pH,
    seconds,
    share,
    state,
    switch,
)
from perfuse.devices.circuit import Circuit
from perfuse.devices.membrane_lung import (
    SweepGas,
    cell_exchange,
    diffusing_capacity,
    facilitation,
    gas_after,
    internal_shunt,
    sweep_gas,
)
from perfuse.ops import at_least, equation
from perfuse.physiology.blood import Gas, gas_step

CELLS = 10


BAROMETRIC = 760.0


@state(at_start=0.0)
class GasPath(NamedTuple):
    """Gas on its way along the fibres (mL/s STPD) and the lung's working values for this step."""

    gas_o2: mL_s
    gas_co2: mL_s
    gas_n2: mL_s
    lung_d_o2: mL_s_mmHg  # of one cell
    lung_d_co2: mL_s_mmHg
    lung_bypass_o2: share
    transfer_o2: mL_s  # into the blood
    transfer_co2: mL_s


@parameters()
class Membrane(NamedTuple):
    """How well the lung passes gas (mL/min/mmHg at L/min) and how much blood it holds, from its device file."""

    lung_o2_rated: mL_min_mmHg
    lung_o2_flow: L_min
    lung_o2_exponent: number
    lung_co2_rated: mL_min_mmHg
    lung_co2_flow: L_min
    lung_co2_exponent: number
    lung_shunt: share
    lung_bypass_co2: share  # share of the blood that does not meet the membrane: of O2 it changes (GasPath), of the rest it does not
    lung_bypass_hb: share
    lung_bypass_temp: share
    cell_volume: mL  # of blood in one cell


@equation
def open_gas(
    z: Circuit,
    k: Membrane,
    sweep: mL_s,
    fdo2: share,
    fdco2: share,
    gas_connected: switch,
    lung_working: factor,
    lung_clot: share,
    lung_thrombus: share,
) -> GasPath:
    """Fresh gas enters at the blood's outlet; the membrane's capacity at this blood flow."""
    g = sweep_gas(sweep * gas_connected, fdo2, fdco2)
    q = z.pump_flow
    return GasPath(
        gas_o2=g.o2,
        gas_co2=g.co2,
        gas_n2=g.n2,
        lung_d_o2=diffusing_capacity(q, k.lung_o2_rated, k.lung_o2_flow, k.lung_o2_exponent, lung_working) * (1.0 / CELLS),
        lung_d_co2=diffusing_capacity(q, k.lung_co2_rated, k.lung_co2_flow, k.lung_co2_exponent, lung_working) * (1.0 / CELLS),
        lung_bypass_o2=internal_shunt(k.lung_shunt, lung_clot + lung_thrombus),
        transfer_o2=0.0,
        transfer_co2=0.0,
    )


@state()
class CellBlood(NamedTuple):
    """What the blood of one cell carries."""

    o2: Annotated[O2_content, PerCell]
    co2: Annotated[CO2_content, PerCell]
    hb: Annotated[g_dL, PerCell]
    temp: Annotated[degC, PerCell]


@state()
class CellGas(NamedTuple):
    """Blood gas in one cell."""

    po2: Annotated[PO2, PerCell]
    pco2: Annotated[PCO2, PerCell]
    ph: Annotated[pH, PerCell]
    so2: Annotated[share, PerCell]


@equation
def read_cell(c: CellBlood, g: CellGas, base_excess: mmol_L) -> CellGas:
    """One Newton step for the blood gas of a cell. Almost pure prime is read as blood of 0.5 g/dL."""
    x = gas_step(c.o2, c.co2, at_least(c.hb, 0.5), base_excess, c.temp, Gas(po2=g.po2, pco2=g.pco2, ph=g.ph, so2=g.so2))
    return CellGas(po2=x.po2, pco2=x.pco2, ph=x.ph, so2=x.so2)


class Cell(NamedTuple):
    """One cell of the membrane lung after a step, and the gas that leaves it."""

    o2: Annotated[O2_content, PerCell]
    co2: Annotated[CO2_content, PerCell]
    gas_o2: mL_s
    gas_co2: mL_s
    gas_n2: mL_s
    transfer_o2: mL_s
    transfer_co2: mL_s


@equation
def exchange_in_cell(c: CellBlood, g: CellGas, p: GasPath, cell_volume: mL, dt: seconds) -> Cell:
    """Blood in one cell against the gas passing it."""
    gas = SweepGas(o2=p.gas_o2, co2=p.gas_co2, n2=p.gas_n2)
    d_o2 = p.lung_d_o2 * facilitation(g.po2, g.so2, c.hb)
    x = cell_exchange(g.po2, g.pco2, gas, d_o2, p.lung_d_co2, cell_volume, dt, BAROMETRIC)
    after = gas_after(gas, x)
    return Cell(
        o2=c.o2 + x.o2 * (dt / cell_volume),
        co2=c.co2 + x.co2 * (dt / cell_volume),
        gas_o2=after.o2,
        gas_co2=after.co2,
        gas_n2=after.n2,
        transfer_o2=p.transfer_o2 + x.o2,
        transfer_co2=p.transfer_co2 + x.co2,
    )
