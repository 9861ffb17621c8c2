"""The console of a circuit: how it drives the pump, and what it shows."""

from typing import Annotated, NamedTuple

from perfuse.base.declare import (
    Elsewhere,
    L_min,
    degC,
    factor,
    g_dL,
    mL2_s2,
    mL_s,
    mmHg,
    mmHg_min_L,
    mmHg_s_mL,
    mPa_s,
    number,
    parameters,
    rpm,
    seconds,
    share,
    state,
    switch,
)
from perfuse.devices.circuit import Circuit, CircuitCrossed, CircuitTally
from perfuse.devices.circuit_blood import NODE_VOLUME
from perfuse.devices.membrane_lung import (
    L_MIN,
    pressure_drop,
)
from perfuse.ops import at_least, at_most, clip, equation
from perfuse.physiology.viscosity import viscosity

PUMP_LAG = 0.5  # s, rotor following the console (assumed)


HEATER_EFFECT = 0.8  # of the difference to water temperature is closed in one passage (recalled, medium)


@state()
class Console(NamedTuple):
    """Pump drive, hydraulic values for the next 20 ms, and averaged console signals (mmHg at the pump, mL/s)."""

    pump_speed: rpm
    pump_strength: factor
    lung_resistance: mmHg_s_mL
    circuit_viscosity: mPa_s
    p_ven: mmHg
    p_int: mmHg
    p_art: mmHg
    flow_mean: mL_s
    flow_square: mL2_s2
    drain_mean: mL_s
    return2_mean: mL_s
    perfusion_mean: mL_s
    membrane_oxygen: mL_s
    membrane_carbon: mL_s
    outlet_temp: Annotated[degC, Elsewhere]


@parameters()
class ConsoleSetting(NamedTuple):
    """What the console is set to, what may go wrong with pump and lung, and what limits them."""

    pump_set: rpm
    flow_target: L_min
    pump_power: switch
    pump_clot: share
    pump_curve: factor
    air: share
    pump_low: rpm
    pump_high: rpm
    pump_depth: mmHg
    lung_r0: mmHg_min_L
    lung_n: number
    lung_m: number
    lung_clot: share
    lung_resistance_factor: factor
    heater: degC
    heater_on: switch


@equation
def run_console(
    s: Console,
    z: Circuit,
    y: CircuitTally,
    n: CircuitCrossed,
    k: ConsoleSetting,
    pump_thrombus: share,
    lung_thrombus: share,
    inlet_hb: g_dL,
    inlet_temp: degC,
    outlet_temp: degC,
    transfer_o2: mL_s,
    transfer_co2: mL_s,
    fast_steps: number,
    dt: seconds,
) -> Console:
    """What the console drives and shows.

    Speed follows the set point with a lag of 0.5 s, or a controller moves it towards flow_target (0 = speed mode). Pressures are those at
    the pump, pump_depth below the heart. `pump_clot` (set) and `pump_thrombus` (grown) take head, `air` unprimes the pump, `pump_curve`
    scales its curve.
    """
    flow = z.pump_flow
    shown = s.flow_mean + dt * (flow - s.flow_mean) / 1.0
    wish = s.pump_speed + clip((k.flow_target * L_MIN - shown) * 3.0, -300.0, 300.0)
    goal = wish if k.flow_target > 0.0 else k.pump_set
    goal = clip(goal, k.pump_low, k.pump_high) * k.pump_power
    speed = s.pump_speed + dt * (goal - s.pump_speed) / PUMP_LAG
    per_step = 1.0 / fast_steps
    thick = viscosity(inlet_hb, inlet_temp)
    drop = pressure_drop(at_least(flow if flow > 0.0 else -flow, 1.0), k.lung_r0, k.lung_n, thick, k.lung_m, k.lung_clot + lung_thrombus)
    through = at_least(flow if flow > 0.0 else -flow, 1.0)
    resistance = drop / through * k.lung_resistance_factor
    a = dt / 0.5
    pressure_in = y.sum_inlet * per_step + k.pump_depth
    pressure_out = y.sum_outlet * per_step + k.pump_depth
    warm = outlet_temp + k.heater_on * HEATER_EFFECT * (k.heater - outlet_temp) * clip(n.pump_on * (1.0 / NODE_VOLUME), 0.0, 1.0)
    return Console(
        pump_speed=speed,
        pump_strength=k.pump_curve * (1.0 - at_most(k.pump_clot + pump_thrombus, 0.95)) * (1.0 - k.air),
        lung_resistance=resistance,
        circuit_viscosity=thick,
        p_ven=s.p_ven + a * (pressure_in - s.p_ven),
        p_int=s.p_int + a * (pressure_out + y.sum_lung_drop * per_step - s.p_int),
        p_art=s.p_art + a * (pressure_out - s.p_art),
        flow_mean=shown,
        flow_square=s.flow_square + dt * (flow * flow - s.flow_square) * (1.0 / 10.0),
        drain_mean=s.drain_mean + dt * (flow - s.drain_mean) * (1.0 / 10.0),
        return2_mean=s.return2_mean + dt * (z.return2_flow - s.return2_mean) / 1.0,
        perfusion_mean=s.perfusion_mean + dt * (z.perfusion_flow - s.perfusion_mean) / 1.0,
        membrane_oxygen=s.membrane_oxygen + dt * (transfer_o2 - s.membrane_oxygen) * (1.0 / 5.0),
        membrane_carbon=s.membrane_carbon + dt * (-transfer_co2 - s.membrane_carbon) * (1.0 / 5.0),
        outlet_temp=warm,
    )


class ClearCircuit(NamedTuple):
    """Counters at zero."""

    crossed: CircuitCrossed
    tally: CircuitTally


@equation
def clear_circuit() -> ClearCircuit:
    """Start counting anew."""
    return ClearCircuit(
        CircuitCrossed(
            drain1_on=0.0,
            drain1_back=0.0,
            drain2_on=0.0,
            drain2_back=0.0,
            pump_on=0.0,
            pump_back=0.0,
            return1_on=0.0,
            return1_back=0.0,
            return2_on=0.0,
            return2_back=0.0,
            perfusion_on=0.0,
            perfusion_back=0.0,
        ),
        CircuitTally(sum_inlet=0.0, sum_outlet=0.0, sum_lung_drop=0.0),
    )
