"""Rows of heart pumps and balloons: every arm is a case that can be read, and the bench gives what the pump's record says."""

import pytest

from perfuse.engine.pump_curves import flow_against
from perfuse.evidence.bench_forms import rotary_flow, shown_flow
from perfuse.evidence.experiments import whole_case
from perfuse.evidence.readings import split_measures
from perfuse.evidence.rows import Row, rows
from perfuse.parameters.assist import RotaryPump
from perfuse.parameters.case import case_from
from perfuse.parameters.library import load_device

WITH_DEVICES = [row for row in rows() if row.experiment and any("devices" in arm for arm in row.experiment.arms.values())]
BENCH = [check for row in rows() for check in row.plan.equation if check.call.endswith(("rotary_flow", "shown_flow"))]


@pytest.mark.parametrize("row", WITH_DEVICES, ids=lambda row: row.id)
def test_every_arm_is_a_case_that_can_be_read(row: Row) -> None:
    assert row.experiment is not None
    for name, arm in row.experiment.arms.items():
        case = case_from(split_measures(whole_case(arm, name))[0], name)
        assert len(case.devices) == len(arm.get("devices", ()))


def test_the_rows_of_heart_pumps_and_balloons_are_put_to_the_model() -> None:
    found = {row.id for row in WITH_DEVICES}
    assert {"E14", "E15", "E17", "E26", "F01", "F03", "F06", "G01", "G03", "G04", "G05", "G11", "H03"} <= found


def test_the_bench_reads_flows_in_litres_per_minute_at_heads_of_the_published_tables() -> None:
    assert len(BENCH) == 20
    assert {check.unit for check in BENCH} == {"L/min"}
    assert {check.arguments["head"] for check in BENCH} == {30, 60, 80, 100}


@pytest.mark.parametrize("model", ["heartmate3", "heartmate2", "impella_25", "impella_cp"])
def test_a_steady_pump_follows_its_curve(model: str) -> None:
    device = load_device(model)
    assert isinstance(device, RotaryPump)
    rpm = device.usual_rpm.value
    flows = [rotary_flow(model, rpm, head) for head in (20.0, 40.0, 60.0, 80.0)]
    assert flows == pytest.approx([flow_against(device, rpm, head) for head in (20.0, 40.0, 60.0, 80.0)], abs=0.01)
    assert flows == sorted(flows, reverse=True)


def test_a_pump_that_is_overcome_runs_backwards_and_its_console_shows_nothing() -> None:
    assert rotary_flow("impella_25", 25000, 60) < -0.3
    assert shown_flow("impella_25", 25000, 60) == 0.0
    assert shown_flow("impella_25", 25000, 30) == pytest.approx(rotary_flow("impella_25", 25000, 30))
