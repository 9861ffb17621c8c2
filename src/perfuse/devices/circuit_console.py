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
    share,
    state,
    switch,
)
from perfuse.base.rates import Lag, rates_of
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
class Readings(NamedTuple):
    """Averages of the circuit: what its console shows, and what controllers act on (mmHg at the pump, mL/s)."""

    p_ven: mmHg
    p_int: mmHg
    p_art: mmHg
    flow_mean: mL_s
    flow_square: mL2_s2
    drain_mean: mL_s
    drain1_mean: mL_s
    drain2_mean: mL_s
    return2_mean: mL_s
    perfusion_mean: mL_s
    membrane_oxygen: mL_s
    membrane_carbon: mL_s


@rates_of(Readings)
class ReadingRates(NamedTuple):
    """How they follow the circuit."""

    p_ven: Lag
    p_int: Lag
    p_art: Lag
    flow_mean: Lag
    flow_square: Lag
    drain_mean: Lag
    drain1_mean: Lag
    drain2_mean: Lag
    return2_mean: Lag
    perfusion_mean: Lag
    membrane_oxygen: Lag
    membrane_carbon: Lag


@state()
class PumpSpeed(NamedTuple):
    """The rotor."""

    pump_speed: rpm


@rates_of(PumpSpeed)
class PumpSpeedRates(NamedTuple):
    """How it follows its console."""

    pump_speed: Lag


@state()
class Console(NamedTuple):
    """Hydraulic values for the next 20 ms, and blood at the temperature that the heater gives it."""

    pump_strength: factor
    lung_resistance: mmHg_s_mL
    circuit_viscosity: mPa_s
    outlet_temp: Annotated[degC, Elsewhere]


class Driven(NamedTuple):
    """What the console drives."""

    rotor: PumpSpeedRates
    console: Console


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
def read_circuit(z: Circuit, y: CircuitTally, k: ConsoleSetting, transfer_o2: mL_s, transfer_co2: mL_s, fast_steps: number) -> ReadingRates:
    """Averages over half a second to ten seconds. Pressures are those at the pump, pump_depth below the heart."""
    per_step = 1.0 / fast_steps
    pressure_in = y.sum_inlet * per_step + k.pump_depth
    pressure_out = y.sum_outlet * per_step + k.pump_depth
    return ReadingRates(
        p_ven=Lag(pressure_in, 0.5),
        p_int=Lag(pressure_out + y.sum_lung_drop * per_step, 0.5),
        p_art=Lag(pressure_out, 0.5),
        flow_mean=Lag(z.pump_flow, 1.0),
        flow_square=Lag(z.pump_flow * z.pump_flow, 10.0),
        drain_mean=Lag(z.pump_flow, 10.0),
        drain1_mean=Lag(z.drain1_flow, 1.0),
        drain2_mean=Lag(z.drain2_flow, 1.0),
        return2_mean=Lag(z.return2_flow, 1.0),
        perfusion_mean=Lag(z.perfusion_flow, 1.0),
        membrane_oxygen=Lag(transfer_o2, 5.0),
        membrane_carbon=Lag(-transfer_co2, 5.0),
    )


@equation
def run_console(
    s: PumpSpeed,
    z: Circuit,
    n: CircuitCrossed,
    k: ConsoleSetting,
    flow_mean: mL_s,
    pump_thrombus: share,
    lung_thrombus: share,
    inlet_hb: g_dL,
    inlet_temp: degC,
    outlet_temp: degC,
) -> Driven:
    """What the console drives.

    Speed follows the set point with a lag of 0.5 s, or a controller moves it towards flow_target (0 = speed mode). `pump_clot` (set) and
    `pump_thrombus` (grown) take head, `air` unprimes the pump, `pump_curve` scales its curve.
    """
    flow = z.pump_flow
    wish = s.pump_speed + clip((k.flow_target * L_MIN - flow_mean) * 3.0, -300.0, 300.0)
    goal = clip(wish if k.flow_target > 0.0 else k.pump_set, k.pump_low, k.pump_high) * k.pump_power
    thick = viscosity(inlet_hb, inlet_temp)
    through = at_least(flow if flow > 0.0 else -flow, 1.0)
    drop = pressure_drop(through, k.lung_r0, k.lung_n, thick, k.lung_m, k.lung_clot + lung_thrombus)
    warm = outlet_temp + k.heater_on * HEATER_EFFECT * (k.heater - outlet_temp) * clip(n.pump_on * (1.0 / NODE_VOLUME), 0.0, 1.0)
    return Driven(
        PumpSpeedRates(pump_speed=Lag(goal, PUMP_LAG)),
        Console(
            pump_strength=k.pump_curve * (1.0 - at_most(k.pump_clot + pump_thrombus, 0.95)) * (1.0 - k.air),
            lung_resistance=drop / through * k.lung_resistance_factor,
            circuit_viscosity=thick,
            outlet_temp=warm,
        ),
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
