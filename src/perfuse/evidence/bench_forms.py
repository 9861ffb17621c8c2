"""Figures of devices that need the bench: a membrane lung's rated flow and transfer, a rotary pump's flow against a head."""

from perfuse.devices.rotary_pump import Rotor, RotorDrive, turn_rotor
from perfuse.engine.build_devices import L_MIN, rotor_rows
from perfuse.evidence.closed_forms import content, po2_at_saturation, solve
from perfuse.evidence.membrane_bench import Transfer, steady_transfer
from perfuse.parameters.case_models import DeviceChoice
from perfuse.physiology.circulation_written import Circulation, Pressures

BENCH_INLET = 20.0
"""mmHg in the bench's inlet vessel: well above the pressure at which a chamber closes over an inlet (assumed)."""
BENCH_STEP = 0.001
"""s; the engine's own order of step."""
BENCH_STILL = 1.0e-7
"""mL/s in one step, at which a flow counts as steady."""
BENCH_LONGEST = 60.0
"""s in which a flow must have become steady."""


def _bench(flow: float, area: float, hb: float, saturation_in: float, sweep: float) -> Transfer:
    """Standard venous blood (PCO2 45 mmHg, base excess 0, 37 degC; ISO 7199, recalled-high) through a lung on pure O2."""
    return steady_transfer(flow, hb, saturation_in / 100.0, 45.0, 0.0, 37.0, sweep, 1.0, 0.0, area)


def rated_flow(area: float, hb: float, saturation_in: float, saturation_out: float) -> float:
    """Blood flow, L/min, at which a lung of `area` m2 brings blood from one saturation (%) to the other; sweep equals blood flow."""
    return solve(lambda flow: saturation_out - 100.0 * _bench(flow, area, hb, saturation_in, flow).so2_post, 1.0, 60.0, halvings=14)


def transfer_per_area(flow: float, area: float, hb: float, saturation_in: float) -> float:
    """O2 transfer, mL/min/m2, at a blood flow (L/min), which a maker's rating gives; sweep equals blood flow."""
    return _bench(flow, area, hb, saturation_in, flow).o2_transfer / area


def saturating_transfer(flow: float, hb: float, saturation_in: float, po2_out: float) -> float:
    """O2, mL/min, that `flow` L/min of blood takes up from a saturation (%) to an outlet PO2 (mmHg)."""
    return 10.0 * flow * (content(po2_out, hb) - content(po2_at_saturation(saturation_in), hb))


def co2_gain(flow: float, area: float, more_flow: float, more_area: float) -> float:
    """CO2 removal of one lung and flow over another (m2, L/min), pig blood as in the CO2 removal rows, sweep 8 L/min."""
    fewer, more = (_bench(q, a, 10.0, 70.0, 8.0).co2_transfer for q, a in ((flow, area), (more_flow, more_area)))
    return more / fewer


def rotary_flow(model: str, rpm: float, head: float) -> float:
    """Steady flow, L/min, of a rotary pump of the library at a speed (rpm), into a vessel whose pressure is `head` mmHg higher.

    The engine's own equation is stepped until it stands still. The pump alone, as makers draw it: no graft, no artificial pulse.
    """
    rows = rotor_rows(DeviceChoice(model=model, rpm=rpm, side="left"))
    own = {name: rows.get(f"left_{name}", 0.0) for name in RotorDrive._fields}
    drive = RotorDrive(**{**own, "inflow": 0.0, "outflow": 0.0, "pulse": 0.0})
    outlets = {name: BENCH_INLET + head for name in ("root", "ascending", "descending", "femoral")}
    vessels = Pressures(**{**dict.fromkeys(Pressures._fields, 0.0), "lv": BENCH_INLET, "la": BENCH_INLET, **outlets})
    still = Circulation(**dict.fromkeys(Circulation._fields, 0.0))
    pump = Rotor(0.0, rpm, 0.0)
    for _ in range(int(BENCH_LONGEST / BENCH_STEP)):
        later = turn_rotor(pump, still, vessels, drive, BENCH_STEP)
        if abs(later.flow - pump.flow) < BENCH_STILL:
            return later.flow / L_MIN
        pump = later
    raise ArithmeticError(f"the flow of {model} did not become steady at {rpm:g} rpm against {head:g} mmHg")


def shown_flow(model: str, rpm: float, head: float) -> float:
    """The same, as a console prints it: a console knows no flow below 0."""
    return max(0.0, rotary_flow(model, rpm, head))
