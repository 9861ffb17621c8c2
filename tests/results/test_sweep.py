"""One patient on every value of a setting: the same bits as alone, and what physiology demands of the whole curve."""

from typing import Any

import pytest

import perfuse as pf
from perfuse.engine.run import Ramp
from perfuse.parameters.case import case_from_text
from perfuse.parameters.tables import controls
from perfuse.results import sweep as module
from perfuse.results.course import Event
from perfuse.results.run import averages

CASE = """
schema: perfuse-case/1
title: swept
patient: shock-scai-d
support:
  mode: va
  drain: [{cannula: hls_pvl_2555, site: ivc}]
  return: [{cannula: hls_pas_1715, site: femoral_artery}]
  pump: {model: rotaflow, flow: 3 L/min}
  lung: {model: quadrox_id}
  gas: {sweep: 3 L/min, fdo2: 1.0}
  start: 10 s
protocol:
  - {at: 20 s, set: {drug.norepinephrine: 0.05 ug/kg/min}, over: 7 s}
duration: 40 s
"""
SPEEDS = [2000.0, 2250.0, 2500.0, 2750.0, 3000.0, 3250.0, 3500.0, 3750.0, 4000.0]


@pytest.fixture(scope="module")
def case() -> Any:
    return case_from_text(CASE)


@pytest.fixture(scope="module")
def speeds(case: Any) -> pf.Sweep:
    return pf.sweep(case, {"pump.rpm": SPEEDS}, minutes=2)


def test_more_speed_gives_more_flow_and_a_lower_drainage_pressure(speeds: pf.Sweep) -> None:
    flow, suction, map_ = (list(speeds.column(name)) for name in ("ecmo_flow", "P_ven", "MAP"))
    assert flow == sorted(flow)
    assert suction == sorted(suction, reverse=True)
    assert map_ == sorted(map_)
    assert list(speeds.column("pump_speed")) == pytest.approx(SPEEDS, abs=1.0)


def test_values_hold_from_the_end_of_the_own_protocol(speeds: pf.Sweep) -> None:
    assert speeds.plan.hold == 27.0
    assert speeds.summary()["held_from"] == {"value": 27.0, "unit": "s"}


@pytest.mark.parametrize("number", [0, 8])
def test_a_point_has_the_numbers_of_a_run_of_its_case(speeds: pf.Sweep, number: int) -> None:
    alone = pf.run_case(speeds.plan.case_at({"pump.rpm": SPEEDS[number]}))
    wanted = averages(alone.columns, alone.columns["t"][-1] - 60.0, alone.columns["t"][-1])
    found = speeds.table.to_pylist()[number]
    names = set(alone.after)
    assert {name: found[name] for name in names} == pytest.approx({name: wanted[name] for name in names}, rel=1e-9)


def test_the_order_of_points_and_their_lanes_change_nothing(case: Any, speeds: pf.Sweep) -> None:
    back = pf.sweep(case, {"pump.rpm": SPEEDS[::-1]}, minutes=2)
    assert back.table.to_pylist() == speeds.table.to_pylist()[::-1]


def test_a_grid_has_a_row_for_each_pair(case: Any) -> None:
    grid = pf.sweep(case, {"pump.rpm": [2500, 3500], "gas.sweep": "1, 6 L/min"}, minutes=1)
    assert grid.table.select(["pump.rpm", "gas.sweep"]).to_pylist() == [
        {"pump.rpm": rpm, "gas.sweep": gas} for rpm in (2500.0, 3500.0) for gas in (1.0, 6.0)
    ]  # fmt: skip
    flow, post = grid.column("ecmo_flow"), grid.column("PCO2_post")
    assert flow[0] == pytest.approx(flow[1], rel=0.02) and flow[2] > flow[0]
    assert post[1] < post[0] and post[3] < post[2]


@pytest.mark.parametrize("name", ["hb", "temperature", "platelets", "fibrinogen", "height"])
def test_a_number_that_holds_at_the_start_can_be_swept(name: str) -> None:
    entry = controls()[f"patient.{name}"]
    low, high = 0.8 * entry.default + 0.2 * entry.low, 0.8 * entry.default + 0.2 * entry.high
    found = pf.sweep("healthy-adult", {f"patient.{name}": [low, high]}, minutes=1)
    assert found.summary()["from_the_beginning"] == [f"patient.{name}"]
    read = {"height": "CI", "hb": "Hb"}.get(name, name)
    assert found.column(read)[0] != found.column(read)[1]


def test_what_decides_who_settles_holds_from_the_beginning() -> None:
    found = pf.sweep("healthy-adult", {"patient.blood_volume": [4000, 4500, 5000]}, minutes=1)
    assert found.summary()["from_the_beginning"] == ["patient.blood_volume"]
    assert list(found.column("CVP")) == sorted(found.column("CVP"))
    alone = pf.simulate({"library": "healthy-adult", "set": {"blood_volume": 5000}}, minutes=1)
    wanted = averages(alone.columns, 0.0, 60.0)
    assert found.column("MAP")[2] == pytest.approx(wanted["MAP"], rel=1e-9)


def test_a_point_that_diverges_stays_in_the_table_and_hides_no_other(case: Any, speeds: pf.Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoiled(one: Any) -> list[Event]:
        lost = [Event(30.0, "", [Ramp(30.0, "lv_volume", float("nan"))])]
        return true_events(one) + (lost if one.protocol[-1].settings.get("pump.rpm") == 2250.0 else [])

    true_events = module.protocol_events
    monkeypatch.setattr(module, "protocol_events", spoiled)
    found = pf.sweep(case, {"pump.rpm": SPEEDS}, minutes=2)
    assert found.table.num_rows == len(SPEEDS)
    assert found.table.column("status")[1].as_py().startswith("diverged before")
    assert found.table.column("MAP")[1].as_py() is None
    assert not found.summary()["status"]["ok"]
    others = [0, *range(2, 9)]
    assert found.table.take(others).equals(speeds.table.take(others))


def test_a_point_beyond_a_chart_is_marked_and_says_why(case: Any) -> None:
    found = pf.sweep(case, {"pump.rpm": [3000, 4800]}, minutes=1)
    assert found.table.column("status").to_pylist()[1] == module.OUTSIDE
    assert "its chart ends at" in found.table.column("notes")[1].as_py()
    assert "1 outside a known range" in repr(found)


@pytest.mark.parametrize(
    ("settings", "minutes", "places"),
    [
        ({"pump.rpm": [3000, 9000]}, 1, ["pump.rpm"]),
        ({"pump.rpm": range(9000, 9900, 100), "drain2.clamp": [0, 1]}, 0, ["minutes", "pump.rpm", "drain2.clamp"]),
        ({"pump.rmp": [1]}, "1 mmHg", ["pump.rmp", "minutes"]),
        ({}, 1, ["settings"]),
    ],
)
def test_every_problem_is_told_at_once(case: Any, settings: dict[str, Any], minutes: Any, places: list[str]) -> None:
    with pytest.raises(pf.InputError) as error:
        pf.sweep(case, settings, minutes=minutes)
    assert [problem.place for problem in error.value.problems] == places


def test_a_patient_without_a_circuit_has_no_pump_to_sweep() -> None:
    with pytest.raises(pf.InputError, match="there is no support") as error:
        pf.sweep("healthy-adult", {"pump.rpm": [2000, 3000]})
    assert len(error.value.problems) == 1


def test_a_case_brings_its_own_support(case: Any) -> None:
    with pytest.raises(pf.InputError, match="its own support"):
        pf.sweep(case, {"pump.rpm": [2000]}, support=pf.va_ecmo())
