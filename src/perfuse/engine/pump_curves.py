"""A pump of the library by itself: head, flow and power from the equations that a run uses, in rpm, L/min, mmHg and W.

Any pump whose curve is known runs, forwards and backwards, and stopped. For plots, tests and rows of published curves.
"""

from perfuse.devices.pump import pump_loss, shut_off_head
from perfuse.devices.rotary_pump import RotorDrive, RotorPower, motor_power, rotor_loss
from perfuse.engine.build_devices import L_MIN, PER_L_MIN_2, rotor_numbers
from perfuse.parameters.assist import RotaryPump
from perfuse.parameters.devices import Pump

FLOW_BOUND = 60.0  # L/min, beyond any flow of a pump


def _drive(pump: RotaryPump) -> RotorDrive:
    numbers = rotor_numbers(pump)
    return RotorDrive(**{name: numbers.get(name, 0.0) for name in RotorDrive._fields})


def head(pump: RotaryPump | Pump, rpm: float, flow: float) -> float:
    """Head, mmHg, that a pump makes at a speed (rpm) while `flow` L/min goes through it."""
    q = flow * L_MIN
    if isinstance(pump, RotaryPump):
        drive = _drive(pump)
        return shut_off_head(rpm, drive.a, 1.0) - rotor_loss(q, rpm, drive) * q
    if pump.a is None or pump.c is None or pump.c_back is None:
        raise ValueError(f"the curve of {pump.name} is not known")
    return shut_off_head(rpm, pump.a.value * 1.0e-6, 1.0) - pump_loss(q, pump.c.value * PER_L_MIN_2, pump.c_back.value * PER_L_MIN_2) * q


def line_loss(pump: RotaryPump, flow: float) -> float:
    """Loss, mmHg, of what the curve of a heart pump does not hold: cannulae, graft, catheter."""
    return pump.line_a.value * flow + pump.line_b.value * flow * abs(flow)


def flow_against(pump: RotaryPump | Pump, rpm: float, pressure: float, *, line: bool = False) -> float:
    """Flow, L/min, of a pump at a speed (rpm) against a pressure (mmHg): of the pump alone, or of a heart pump with its line."""
    low, high = -FLOW_BOUND, FLOW_BOUND
    for _ in range(60):
        middle = 0.5 * (low + high)
        lost = line_loss(pump, middle) if line and isinstance(pump, RotaryPump) else 0.0
        low, high = (middle, high) if head(pump, rpm, middle) - lost > pressure else (low, middle)
    return 0.5 * (low + high)


def power(pump: RotaryPump, rpm: float, flow: float) -> float:
    """Electrical power, W, of a heart pump at a speed (rpm) and a flow (L/min)."""
    numbers = rotor_numbers(pump)
    motor = RotorPower(**{name: numbers.get(name, 0.0) for name in RotorPower._fields})
    return motor_power(rpm, flow * L_MIN, motor, _drive(pump))
