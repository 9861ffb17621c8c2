"""A membrane lung: cells in a row along the blood, gas running the other way.

The engine keeps O2 and CO2 contents of each cell and moves blood between cells as it does everywhere. It walks the cells from the
gas inlet (last cell of the blood path) to the first, calls `cell_exchange`, and hands the gas on with `gas_after`.
"""

from typing import NamedTuple

from perfuse.ops import at_least, at_most, cbrt_, clip, equation, magnitude, power
from perfuse.physiology.oxygen import bound_over_dissolved

WATER_VAPOUR = 47.0  # mmHg at 37 degC: gas in the fibres is wet; recalled-high
ML_MIN = 1.0 / 60.0  # mL/s in 1 mL/min
L_MIN = 1000.0 / 60.0  # mL/s in 1 L/min
CELLS = 10  # least number whose transfers are within 2 % of 200 cells; computed
LEAST_O2_SLOPE = 3e-5  # mL/mL/mmHg, dissolved O2 alone: blood never has less
LEAST_CO2_SLOPE = 2.5e-4  # mL/mL/mmHg, dissolved CO2 at the largest cell share: blood never has less; computed


class SweepGas(NamedTuple):
    """Dry gas flowing past a cell, mL/s STPD of each kind."""

    o2: float
    co2: float
    n2: float


class Exchange(NamedTuple):
    """Gas crossing the membrane of a cell, mL/s STPD, both counted positive into the blood (CO2 is usually negative)."""

    o2: float
    co2: float


@equation
def sweep_gas(sweep: float, fdo2: float, fdco2: float) -> SweepGas:
    """What the blender sends: sweep mL/s STPD dry 0-300, fdo2 and fdco2 0-1 with fdo2 + fdco2 <= 1, the rest nitrogen."""
    return SweepGas(o2=sweep * fdo2, co2=sweep * fdco2, n2=sweep * (1.0 - fdo2 - fdco2))


@equation
def diffusing_capacity(q: float, rated: float, rated_flow: float, exponent: float, working: float) -> float:
    """What the whole lung passes of one gas, mL/s/mmHg: rated (Q/rated_flow)^exponent, from mL/min/mmHg and L/min.

    q mL/s of blood, either sign; rated and rated_flow from the device file; exponent 0.3-0.6, the boundary layer (Federspiel and Svitek,
    recalled-medium). For O2 that of plasma: `facilitation` multiplies it.
    working 0-1.5, the share of the membrane that still passes gas.
    """
    load = magnitude(q) / (rated_flow * L_MIN)
    return rated * ML_MIN * working * power(at_least(load, 1e-3), exponent)


@equation
def facilitation(po2: float, saturation: float, hb: float) -> float:
    """How much more O2 haemoglobin lets through the boundary layer than plasma alone would: (1 + lambda)^(1/3).

    lambda is the slope of bound over dissolved O2: O2 that binds lowers the effective diffusivity to D/(1 + lambda) and multiplies what
    the layer can hold by 1 + lambda; with Sh ~ Sc^(1/3) a cube root is left. About 4 in venous blood, 1 once haemoglobin is full.
    Source: Vaslef 1994 ASAIO J 40:990, Svitek & Federspiel 2008 Ann Biomed Eng 36:992 (recalled-medium).
    """
    return cbrt_(1.0 + bound_over_dissolved(po2, saturation, hb))


@equation
def internal_shunt(clean: float, clot: float) -> float:
    """Share of blood that passes the lung without taking up O2, from that of a clean lung to 0.50 with every bundle clotted.

    clean from the device file; clot 0-1, share of the fibre bundle clotted (growth assumed).
    It stands for uneven flow, which costs O2 (curved dissociation) and spares CO2 (straight): mix O2 alone at the outlet.
    """
    return clean + (0.50 - clean) * clip(clot, 0.0, 1.0)


@equation
def outlet_o2(inlet: float, last_cell: float, shunt: float) -> float:
    """O2 content leaving the lung, mL/mL: shunted inlet blood mixed with blood of the last cell."""
    return shunt * inlet + (1.0 - shunt) * last_cell


@equation
def gas_pressure(part: float, gas: SweepGas, barometric: float) -> float:
    """Partial pressure, mmHg, of one kind of gas in wet gas. part and gas mL/s STPD; 0 where no gas flows."""
    return part * (barometric - WATER_VAPOUR) / at_least(gas.o2 + gas.co2 + gas.n2, 1e-9)


@equation
def _crossing(blood: float, part: float, total: float, per_total: float, d: float, most: float, dry: float) -> float:
    """Flow of one gas, mL/s, between blood of one pressure and gas that changes on its way along the cell.

        flux = D (p_in - p_blood) (1 + N/2)/(1 + N + N^2/2),   N = D (1 - x)(PB - 47)/F

    The quotient is (1 - e^-N)/N to second order and lets gas reach but not pass equilibrium; multiplied out, so that no membrane
    or no gas gives no flow. `most` bounds D so that one step cannot carry the blood past equilibrium; x is the gas' fraction.
    """
    x = part * per_total
    held = at_most(d, most)
    spent = held * (1.0 - x) * dry
    flux = (x * dry - blood) * held * total * (total + 0.5 * spent) / (total * (total + spent) + 0.5 * spent * spent + 1e-12)
    return at_most(flux, 0.9 * part)


@equation
def cell_exchange(
    po2: float, pco2: float, gas: SweepGas, d_o2: float, d_co2: float, volume: float, dt: float, barometric: float
) -> Exchange:
    """Gas crossing one cell's membrane, mL/s STPD, positive into the blood.

    po2, pco2 mmHg in the cell's blood; gas entering the cell; d_o2 (facilitated), d_co2 mL/s/mmHg of this cell (lung's over cells);
    volume mL of blood in the cell; dt s for which the flow is held; barometric mmHg.
    With no gas flowing the gas in the fibres is that of the blood, and nothing crosses.
    """
    total = gas.o2 + gas.co2 + gas.n2
    dry = barometric - WATER_VAPOUR
    per_total = 1.0 / at_least(total, 1e-9)
    held = volume * (1.0 / dt)
    return Exchange(
        _crossing(po2, gas.o2, total, per_total, d_o2, LEAST_O2_SLOPE * held, dry),
        _crossing(pco2, gas.co2, total, per_total, d_co2, LEAST_CO2_SLOPE * held, dry),
    )


@equation
def gas_after(gas: SweepGas, exchange: Exchange) -> SweepGas:
    """Gas leaving a cell, mL/s STPD: what entered less what crossed into the blood."""
    return SweepGas(o2=gas.o2 - exchange.o2, co2=gas.co2 - exchange.co2, n2=gas.n2)


@equation
def pressure_drop(q: float, r0: float, n: float, viscosity: float, m: float, clot: float) -> float:
    """Pressure lost from inlet to outlet, mmHg, with the sign of the flow.

        dP = r0 Q|Q|^(n-1) (mu/2.7)^m / (1 - clot)^2,  Q in L/min

    q mL/s -150..150; r0, n, m from the device file (Quadrox-iD 4.25, 1.38; m 1.36 is the slope of the generic law at 2.7 mPa s,
    computed); viscosity mPa s 1-6; clot 0-0.95, share of the fibre bundle clotted (assumed: parallel paths lost, rest twice as fast).
    Below 0.05 L/min the law is a straight line, so that it has a slope at rest.
    """
    flow = q * (1.0 / L_MIN)
    open_share = 1.0 - clip(clot, 0.0, 0.95)
    return r0 * flow * power(at_least(magnitude(flow), 0.05), n - 1.0) * power(viscosity * (1.0 / 2.7), m) / (open_share * open_share)
