"""Membrane lung figures that need the bench: rated flow, transfer at it, gain of CO2 removal with surface and flow."""

from perfuse.devices.membrane_bench import Transfer, steady_transfer
from perfuse.evidence.closed_forms import content, po2_at_saturation, solve


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
