"""A circuit on a bench: a reservoir at the mean filling pressure feeds a short stretch of vein, and the ports lie in it."""

from math import pi, sin
from typing import NamedTuple

import numpy as np
import pytest

from perfuse.base.rates import implicit
from perfuse.devices.circuit import NODE_COMPLIANCE, Circuit, Drive, Lines, circuit_rates
from perfuse.devices.membrane_lung import pressure_drop
from perfuse.engine.build import circuit_rows
from perfuse.parameters.circuits import vv_ecmo
from perfuse.physiology.circulation_written import Pressures

VEIN = 1.5  # mL/mmHg, local segment
RETURN_RESISTANCE = 1.4 * 0.06  # mmHg s/mL: resistance to venous return 1.2-2.0 mmHg min/L
VISCOSITY = 2.2  # mPa s
RIPPLE = 4.0  # mmHg either way, at 96/min: what the beating atrium sends back into the veins (assumed)
DT = 1.0e-3  # s


class Seen(NamedTuple):
    """Ten seconds of the bench: flow L/min, its spread in the drainage line, pressure before the pump mmHg (mean and least)."""

    flow: float
    spread: float
    p_ven: float
    least: float


def bench(filling: float, rpm: float, seconds: float = 25.0) -> Seen:
    """A 25 Fr drain and a 21 Fr return with a Rotaflow at `rpm`, from a pool whose mean filling pressure (mmHg) stays."""
    rows = circuit_rows(vv_ecmo(rpm=rpm))
    lines = Lines(**{name: rows.get(name, 0.0) for name in Lines._fields})
    still = dict.fromkeys(Pressures._fields, 0.0)
    c, vein, seen = Circuit(0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0), filling, []
    for step in range(round(seconds / DT)):
        body = Pressures(**still | {"ivc": vein, "ra": 6.0, "svc": 6.0})
        flow = max(abs(c.pump_flow), 1.0)
        drop = pressure_drop(flow, rows["lung_r0"], rows["lung_n"], VISCOSITY, 1.36, 0.0) / flow
        rates = circuit_rates(c, body, Drive(rpm, 1.0, drop, VISCOSITY), lines)
        c = c._replace(
            drain1_flow=implicit(c.drain1_flow, rates.drain1, DT),
            drain1_open=implicit(c.drain1_open, rates.port1, DT),
            pump_flow=implicit(c.pump_flow, rates.pump, DT),
            return1_flow=implicit(c.return1_flow, rates.return1, DT),
        )
        c = c._replace(
            inlet_pressure=c.inlet_pressure + DT * (c.drain1_flow - c.pump_flow) / NODE_COMPLIANCE,
            outlet_pressure=c.outlet_pressure + DT * (c.pump_flow - c.return1_flow) / NODE_COMPLIANCE,
        )
        beating = filling + RIPPLE * sin(2.0 * pi * 1.6 * step * DT)
        vein += DT * ((beating - vein) / RETURN_RESISTANCE - c.drain1_flow) / VEIN
        if step * DT > seconds - 10.0:
            seen.append((c.drain1_flow * 0.06, c.inlet_pressure))
    flow, pressure = np.array(seen).T
    return Seen(float(flow.mean()), float(flow.std()), float(pressure.mean()), float(pressure.min()))


def test_a_well_filled_vein_gives_a_steady_flow() -> None:
    """Mechanisms note, computed: 4.8 L/min at P_ven -67 mmHg, spread 0."""
    seen = bench(16.0, 2800.0)
    assert seen.flow == pytest.approx(4.8, abs=0.3)
    assert -85.0 < seen.p_ven < -55.0
    assert seen.spread < 0.1


def test_an_empty_vein_chatters_at_the_same_speed() -> None:
    """Mechanisms note, computed: 3.8 L/min, mean P_ven -118 mmHg, spread 1.0 L/min, least P_ven -227 mmHg."""
    seen = bench(8.0, 2800.0)
    assert seen.flow == pytest.approx(3.8, abs=0.3)
    assert seen.spread == pytest.approx(1.0, abs=0.4)
    assert -130.0 < seen.p_ven < -95.0
    assert seen.least < -150.0


def test_less_speed_gives_more_flow_when_the_vein_is_empty() -> None:
    """Mechanisms note, computed: 2,400 rpm 4.0 L/min steady at P_ven -52 mmHg; 3,250 rpm 3.6 L/min at -212 mmHg."""
    slow, fast = bench(8.0, 2400.0), bench(8.0, 3250.0)
    assert slow.flow == pytest.approx(4.0, abs=0.3)
    assert slow.spread < 0.1
    assert -70.0 < slow.p_ven < -40.0
    assert fast.flow < slow.flow - 0.1
    assert fast.p_ven < -180.0


def test_a_full_vein_answers_more_speed_with_more_flow() -> None:
    assert bench(16.0, 3250.0).flow > bench(16.0, 2800.0).flow + 0.5
