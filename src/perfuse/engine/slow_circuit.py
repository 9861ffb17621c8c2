"""The slow loop's part of a circuit: what its blood carries, gas exchange along the membrane, pump drive, console signals."""

from typing import NamedTuple

from perfuse.devices.circuit import NODE_COMPLIANCE, Circuit, CircuitCrossed, Lines
from perfuse.devices.membrane_lung import (
    L_MIN,
    SweepGas,
    cell_exchange,
    diffusing_capacity,
    facilitation,
    gas_after,
    internal_shunt,
    pressure_drop,
    sweep_gas,
)
from perfuse.engine.fast import CircuitTally
from perfuse.ops import at_least, at_most, clip, equation, positive
from perfuse.physiology.blood import Gas, gas_step
from perfuse.physiology.contents import Brought, Carried
from perfuse.physiology.crossed import Crossed
from perfuse.physiology.viscosity import viscosity

CELLS = 10
BAROMETRIC = 760.0
NODE_VOLUME = 150.0  # mL of tubing on either side, where blood mixes; with the lung about 570 mL of prime
EMPTY = -(NODE_VOLUME - 3.0) / NODE_COMPLIANCE  # mmHg at which a node would hold 3 mL; below it contents mix in that much (computed)
PUMP_LAG = 0.5  # s, rotor following the console (assumed)
HEATER_EFFECT = 0.8  # of the difference to water temperature is closed in one passage (recalled, medium)


class CircuitContent(NamedTuple):
    """One carried quantity in the tubing before and after the lung."""

    inlet: float
    outlet: float


class LastCell(NamedTuple):
    """What the last cell held before blood moved forward."""

    last_held: float


class FirstCell(NamedTuple):
    """What the first cell held before blood moved backward."""

    first_held: float


@equation
def hold_last(cell_last: float) -> LastCell:
    """Remember what leaves the lung when blood moves forward."""
    return LastCell(cell_last)


@equation
def hold_first(cell_first: float) -> FirstCell:
    """Remember what leaves the lung when blood moves backward."""
    return FirstCell(cell_first)


@equation
def push_on(cell: float, upstream: float, pump_on: float, lung_bypass: float, cell_volume: float) -> float:
    """Content of a cell after blood moved forward through it."""
    return cell + (1.0 - lung_bypass) * pump_on * (upstream - cell) * (1.0 / cell_volume)


@equation
def push_back(cell: float, downstream: float, pump_back: float, lung_bypass: float, cell_volume: float) -> float:
    """Content of a cell after blood moved backward through it."""
    return cell + (1.0 - lung_bypass) * pump_back * (downstream - cell) * (1.0 / cell_volume)


class Swap(NamedTuple):
    """What returns to the body, and the circuit's own new contents."""

    brought: Brought
    content: CircuitContent


@equation
def drain_content(c: Carried, svc: float, ra: float, ivc: float, pa: float, la: float, lv: float) -> float:
    """Content of the blood at a drainage cannula, by the share of it in each place."""
    return svc * c.svc + ra * c.ra + ivc * c.ivc + pa * c.pa + la * c.la + lv * c.lv


@equation
def return_content(c: Carried, svc: float, ra: float, ivc: float, pa: float, ascending: float, femoral: float) -> float:
    """The same at a return cannula."""
    return svc * c.svc + ra * c.ra + ivc * c.ivc + pa * c.pa + ascending * c.ascending + femoral * c.femoral


@equation
def swap_blood(
    c: Carried,
    t: CircuitContent,
    n: CircuitCrossed,
    k: Lines,
    m: Crossed,
    first_held: float,
    last_held: float,
    z: Circuit,
    short_circuit: float,
    lung_bypass: float,
) -> Swap:
    """Blood into and out of the circuit, as contents.

    short_circuit: share of the venous return jet that enters the drainage ports directly, exp(-distance/4.5 cm) (mechanisms note, assumed).
    What the ports would have taken instead goes on to where the jet was aimed, so that nothing is lost.
    Ports in a vena cava draw the stream that comes down it before the blood that swings back and forth from the atrium: the share
    1 - short_circuit of what they take, as far as the stream suffices (assumed; with tips far apart recirculation is what it cannot
    supply).
    lung_bypass: share of blood that does not meet the membrane (O2 alone: uneven flow costs O2 and spares CO2).
    """
    venous1 = k.return1_svc + k.return1_ra + k.return1_ivc
    venous2 = k.return2_svc + k.return2_ra + k.return2_ivc
    kept = 1.0 - k.return_loss
    jet = kept * (venous1 * n.return1_on + venous2 * n.return2_on)
    drained = n.drain1_on + n.drain2_on
    direct = at_most(short_circuit * jet, 0.98 * drained)
    from_svc = k.drain1_svc * n.drain1_on + k.drain2_svc * n.drain2_on
    from_ivc = k.drain1_ivc * n.drain1_on + k.drain2_ivc * n.drain2_on
    liver, legs, kidneys = positive(m.splanchnic_vein_on), positive(m.lower_vein_on), positive(m.kidney_on)
    stream_ivc = liver + legs + kidneys
    fresh_ivc = (liver * c.splanchnic_vein + legs * c.lower_vein + kidneys * c.kidney) / at_least(stream_ivc, 1.0e-9)
    caught_svc = (1.0 - short_circuit) * at_most(positive(m.upper_vein_on) / at_least(from_svc, 1.0e-9), 1.0) * (c.upper_vein - c.svc)
    caught_ivc = (1.0 - short_circuit) * at_most(stream_ivc / at_least(from_ivc, 1.0e-9), 1.0) * (fresh_ivc - c.ivc)
    at_drain1 = drain_content(c, k.drain1_svc, k.drain1_ra, k.drain1_ivc, k.drain1_pa, k.drain1_la, k.drain1_lv)
    at_drain2 = drain_content(c, k.drain2_svc, k.drain2_ra, k.drain2_ivc, k.drain2_pa, k.drain2_la, k.drain2_lv)
    drawn1 = at_drain1 + k.drain1_svc * caught_svc + k.drain1_ivc * caught_ivc
    drawn2 = at_drain2 + k.drain2_svc * caught_svc + k.drain2_ivc * caught_ivc
    part = 1.0 - direct / at_least(drained, 1.0e-9)
    drawn = (n.drain1_on * drawn1 + n.drain2_on * drawn2) / at_least(drained, 1.0e-9)
    back1 = return_content(c, k.return1_svc, k.return1_ra, k.return1_ivc, k.return1_pa, k.return1_ascending, k.return1_femoral)
    back2 = return_content(c, k.return2_svc, k.return2_ra, k.return2_ivc, k.return2_pa, k.return2_ascending, k.return2_femoral)
    volume_in = NODE_VOLUME + NODE_COMPLIANCE * at_least(z.inlet_pressure, EMPTY)
    volume_out = NODE_VOLUME + NODE_COMPLIANCE * at_least(z.outlet_pressure, EMPTY)
    forward = (1.0 - lung_bypass) * last_held + lung_bypass * t.inlet
    backward = (1.0 - lung_bypass) * first_held + lung_bypass * t.outlet
    inlet = (
        t.inlet
        + (
            part * n.drain1_on * (drawn1 - t.inlet)
            + part * n.drain2_on * (drawn2 - t.inlet)
            + direct * (t.outlet - t.inlet)
            + n.pump_back * (backward - t.inlet)
        )
        / volume_in
    )
    outlet = (
        t.outlet
        + (
            n.pump_on * (forward - t.outlet)
            + n.return1_back * (back1 - t.outlet)
            + n.return2_back * (back2 - t.outlet)
            + n.perfusion_back * (c.leg_artery - t.outlet)
        )
        / volume_out
    )
    arterial = t.outlet
    venous = t.outlet + direct / at_least(jet, 1.0e-9) * (drawn - t.outlet)
    return Swap(
        Brought(
            brought_svc=kept * (k.return1_svc * n.return1_on + k.return2_svc * n.return2_on) * (venous - c.svc)
            + (k.drain1_svc * n.drain1_back + k.drain2_svc * n.drain2_back) * (t.inlet - c.svc)
            - from_svc * caught_svc,
            brought_ivc=kept * (k.return1_ivc * n.return1_on + k.return2_ivc * n.return2_on) * (venous - c.ivc)
            + (k.drain1_ivc * n.drain1_back + k.drain2_ivc * n.drain2_back) * (t.inlet - c.ivc)
            - from_ivc * caught_ivc,
            brought_ra=kept * (k.return1_ra * n.return1_on + k.return2_ra * n.return2_on) * (venous - c.ra)
            + (k.drain1_ra * n.drain1_back + k.drain2_ra * n.drain2_back) * (t.inlet - c.ra),
            brought_rv=0.0,
            brought_pa=kept * (k.return1_pa * n.return1_on + k.return2_pa * n.return2_on) * (arterial - c.pa)
            + (k.drain1_pa * n.drain1_back + k.drain2_pa * n.drain2_back) * (t.inlet - c.pa),
            brought_la=(k.drain1_la * n.drain1_back + k.drain2_la * n.drain2_back) * (t.inlet - c.la),
            brought_lv=(k.drain1_lv * n.drain1_back + k.drain2_lv * n.drain2_back) * (t.inlet - c.lv),
            brought_root=0.0,
            brought_ascending=kept * (k.return1_ascending * n.return1_on + k.return2_ascending * n.return2_on) * (arterial - c.ascending),
            brought_descending=0.0,
            brought_femoral=kept * (k.return1_femoral * n.return1_on + k.return2_femoral * n.return2_on) * (arterial - c.femoral),
            brought_leg_artery=n.perfusion_on * (arterial - c.leg_artery),
        ),
        CircuitContent(inlet, outlet),
    )


class GasPath(NamedTuple):
    """Gas on its way along the fibres (mL/s STPD) and the lung's working values for this step."""

    gas_o2: float
    gas_co2: float
    gas_n2: float
    lung_d_o2: float  # mL/s/mmHg of one cell
    lung_d_co2: float
    lung_bypass_o2: float
    transfer_o2: float  # mL/s into the blood, this step
    transfer_co2: float


class Membrane(NamedTuple):
    """How well the lung passes gas (mL/min/mmHg at L/min), from its device file."""

    lung_o2_rated: float
    lung_o2_flow: float
    lung_o2_exponent: float
    lung_co2_rated: float
    lung_co2_flow: float
    lung_co2_exponent: float
    lung_shunt: float


@equation
def open_gas(
    z: Circuit,
    k: Membrane,
    sweep: float,
    fdo2: float,
    fdco2: float,
    gas_connected: float,
    lung_working: float,
    lung_clot: float,
    lung_thrombus: float,
) -> GasPath:
    """Fresh gas enters at the blood's outlet; the membrane's capacity at this blood flow."""
    g = sweep_gas(sweep * gas_connected, fdo2, fdco2)
    q = z.pump_flow
    return GasPath(
        g.o2,
        g.co2,
        g.n2,
        diffusing_capacity(q, k.lung_o2_rated, k.lung_o2_flow, k.lung_o2_exponent, lung_working) * (1.0 / CELLS),
        diffusing_capacity(q, k.lung_co2_rated, k.lung_co2_flow, k.lung_co2_exponent, lung_working) * (1.0 / CELLS),
        internal_shunt(k.lung_shunt, lung_clot + lung_thrombus),
        0.0,
        0.0,
    )


class CellGas(NamedTuple):
    """Blood gas in one cell."""

    cell_po2: float
    cell_pco2: float
    cell_ph: float
    cell_so2: float


@equation
def read_cell(
    cell_o2: float, cell_co2: float, cell_hb: float, cell_temp: float, cell_po2: float, cell_pco2: float, cell_ph: float, cell_so2: float,
    base_excess: float,
) -> CellGas:  # fmt: skip
    """One Newton step for the blood gas of a cell. Almost pure prime is read as blood of 0.5 g/dL."""
    g = gas_step(cell_o2, cell_co2, at_least(cell_hb, 0.5), base_excess, cell_temp, Gas(cell_po2, cell_pco2, cell_ph, cell_so2))
    return CellGas(g.po2, g.pco2, g.ph, g.so2)


class Cell(NamedTuple):
    """One cell of the membrane lung after a step, and the gas that leaves it."""

    cell_o2: float
    cell_co2: float
    gas_o2: float
    gas_co2: float
    gas_n2: float
    transfer_o2: float
    transfer_co2: float


@equation
def exchange_in_cell(
    cell_o2: float, cell_co2: float, cell_hb: float, cell_po2: float, cell_pco2: float, cell_so2: float,
    gas_o2: float, gas_co2: float, gas_n2: float,
    transfer_o2: float, transfer_co2: float, lung_d_o2: float, lung_d_co2: float, cell_volume: float, dt: float,
) -> Cell:  # fmt: skip
    """Blood in one cell against the gas passing it."""
    gas = SweepGas(gas_o2, gas_co2, gas_n2)
    d_o2 = lung_d_o2 * facilitation(cell_po2, cell_so2, cell_hb)
    x = cell_exchange(cell_po2, cell_pco2, gas, d_o2, lung_d_co2, cell_volume, dt, BAROMETRIC)
    after = gas_after(gas, x)
    return Cell(
        cell_o2 + x.o2 * (dt / cell_volume),
        cell_co2 + x.co2 * (dt / cell_volume),
        after.o2,
        after.co2,
        after.n2,
        transfer_o2 + x.o2,
        transfer_co2 + x.co2,
    )


class Console(NamedTuple):
    """Pump drive, hydraulic values for the next 20 ms, and averaged console signals (mmHg at the pump, mL/s)."""

    pump_speed: float
    pump_strength: float
    lung_resistance: float
    circuit_viscosity: float
    p_ven: float
    p_int: float
    p_art: float
    flow_mean: float
    flow_square: float
    drain_mean: float
    return2_mean: float
    perfusion_mean: float
    membrane_oxygen: float
    membrane_carbon: float
    outlet_temp: float


@equation
def run_console(
    s: Console,
    z: Circuit,
    y: CircuitTally,
    n: CircuitCrossed,
    pump_set: float,
    flow_target: float,
    pump_power: float,
    pump_clot: float,
    pump_thrombus: float,
    pump_curve: float,
    air: float,
    pump_low: float,
    pump_high: float,
    pump_depth: float,
    lung_r0: float,
    lung_n: float,
    lung_m: float,
    lung_clot: float,
    lung_thrombus: float,
    lung_resistance_factor: float,
    inlet_hb: float,
    inlet_temp: float,
    outlet_temp: float,
    heater: float,
    heater_on: float,
    transfer_o2: float,
    transfer_co2: float,
    fast_steps: float,
    dt: float,
) -> Console:
    """What the console drives and shows.

    Speed follows the set point with a lag of 0.5 s, or a controller moves it towards flow_target (L/min; 0 = speed mode). Pressures are
    those at the
    pump, pump_depth mmHg below the heart. `pump_clot` (set) and `pump_thrombus` (grown) take head,
    `air` unprimes the pump, `pump_curve` scales its curve.
    """
    flow = z.pump_flow
    shown = s.flow_mean + dt * (flow - s.flow_mean) / 1.0
    wish = s.pump_speed + clip((flow_target * L_MIN - shown) * 3.0, -300.0, 300.0)
    goal = wish if flow_target > 0.0 else pump_set
    goal = clip(goal, pump_low, pump_high) * pump_power
    speed = s.pump_speed + dt * (goal - s.pump_speed) / PUMP_LAG
    k = 1.0 / fast_steps
    thick = viscosity(inlet_hb, inlet_temp)
    drop = pressure_drop(at_least(flow if flow > 0.0 else -flow, 1.0), lung_r0, lung_n, thick, lung_m, lung_clot + lung_thrombus)
    through = at_least(flow if flow > 0.0 else -flow, 1.0)
    resistance = drop / through * lung_resistance_factor
    a = dt / 0.5
    pressure_in = y.sum_inlet * k + pump_depth
    pressure_out = y.sum_outlet * k + pump_depth
    warm = outlet_temp + heater_on * HEATER_EFFECT * (heater - outlet_temp) * clip(n.pump_on * (1.0 / NODE_VOLUME), 0.0, 1.0)
    return Console(
        speed,
        pump_curve * (1.0 - at_most(pump_clot + pump_thrombus, 0.95)) * (1.0 - air),
        resistance,
        thick,
        s.p_ven + a * (pressure_in - s.p_ven),
        s.p_int + a * (pressure_out + y.sum_lung_drop * k - s.p_int),
        s.p_art + a * (pressure_out - s.p_art),
        shown,
        s.flow_square + dt * (flow * flow - s.flow_square) * (1.0 / 10.0),
        s.drain_mean + dt * (flow - s.drain_mean) * (1.0 / 10.0),
        s.return2_mean + dt * (z.return2_flow - s.return2_mean) / 1.0,
        s.perfusion_mean + dt * (z.perfusion_flow - s.perfusion_mean) / 1.0,
        s.membrane_oxygen + dt * (transfer_o2 - s.membrane_oxygen) * (1.0 / 5.0),
        s.membrane_carbon + dt * (-transfer_co2 - s.membrane_carbon) * (1.0 / 5.0),
        warm,
    )


class ClearCircuit(NamedTuple):
    """Counters at zero."""

    crossed: CircuitCrossed
    tally: CircuitTally


@equation
def clear_circuit() -> ClearCircuit:
    """Start counting anew."""
    return ClearCircuit(CircuitCrossed(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0), CircuitTally(0.0, 0.0, 0.0))
