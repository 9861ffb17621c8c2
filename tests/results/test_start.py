"""Events in order: what is set before the start of support, or with it, stays set, whichever way the case is played."""

import json
from functools import cache
from typing import Any

import pytest

import perfuse as pf
from perfuse.bedside.bed import Bed
from perfuse.engine.run import Ramp
from perfuse.parameters.case import case_from
from perfuse.parameters.from_python import plain
from perfuse.results.course import protocol_events
from perfuse.results.simulate import run_case
from perfuse.results.together import run_together

START = 10.0  # s
CIRCUIT = {
    "mode": "va",
    "drain": [{"cannula": "hls_pvl_2555", "site": "ivc"}],
    "return": [{"cannula": "hls_pas_1715", "site": "femoral_artery"}],
    "pump": {"model": "rotaflow", "rpm": 3200},
    "lung": {"model": "quadrox_id"},
    "gas": {"sweep": 3, "fdo2": 1.0},
    "distal_perfusion": {"cannula": "dpc_dlp_6"},
    "start": START,
}
ON_FLOW = {**CIRCUIT, "pump": {"model": "rotaflow", "flow": 3}}
SETTINGS = [
    (CIRCUIT, "drain.clamp", 1.0),
    (CIRCUIT, "return.clamp", 1.0),
    (CIRCUIT, "distal.clamp", 1.0),
    (CIRCUIT, "pump.power", 0.0),
    (CIRCUIT, "gas.sweep", 6.0),
    (CIRCUIT, "pump.rpm", 2600.0),
    (CIRCUIT, "pump.flow", 2.0),
    (CIRCUIT, "gas.fdo2", 0.6),
    (ON_FLOW, "pump.flow", 2.0),
    ({"model": "heartmate3", "rpm": 5400, "start": START}, "lvad.rpm", 4400.0),
    ({"model": "heartmate3", "rpm": 5400, "start": START}, "lvad.power", 0.0),
    ({"model": "heartmate3", "rpm": 5400, "start": START}, "lvad.clamp", 1.0),
    ({"model": "impella_cp", "level": 8, "start": START}, "impella.level", 4.0),
    ({"model": "impella_rp", "level": 6, "start": START}, "impella_rp.level", 3.0),
    ({"model": "iabp_40", "ratio": 1, "start": START}, "balloon.ratio", 2.0),
    ({"model": "excor_60", "start": START}, "pulsatile.power", 0.0),
]
IDS = [f"{block.get('model', 'circuit')} {control}" for block, control, _ in SETTINGS]


def case(block: Any, *steps: dict[str, Any], **more: Any) -> Any:
    """A patient in shock with a machine that starts at 10 s, for half a minute."""
    data = {"schema": "perfuse-case/1", "title": "in order", "patient": "shock-scai-d", "duration": 30, "protocol": list(steps), **more}
    return case_from(data | ({"support": block} if "mode" in block else {"devices": [block]}))


@cache
def settled(text: str) -> Any:
    """The patient of a case without protocol at 0 s, the start planned."""
    return pf.Simulation.of(case_from(json.loads(text))).snapshot()


def live(made: Any) -> Any:
    """A case, live; those that differ only in their protocol settle once."""
    alone = plain(made.model_copy(update={"protocol": []}))
    sim = object.__new__(pf.Simulation).restore(settled(json.dumps(alone)))
    for event in protocol_events(made):
        sim._plan(event)
    return sim


def holds(sim: Any, made: Any, control: str) -> float:
    """What a control is, in its unit; a P-level as the speed that it means."""
    event = next(event for event in protocol_events(made) if event.text.startswith(control))
    row = event.ramps[0].row
    return float(sim.rows([row])[row] / event.ramps[0].value) if event.ramps[0].value else float(sim.rows([row])[row])


@pytest.mark.parametrize(("block", "control", "value"), SETTINGS, ids=IDS)
@pytest.mark.parametrize("step", [{"at": 4}, {"at": START}, {"at": 4, "over": 10}], ids=["before", "with", "across"])
def test_what_a_step_sets_by_the_start_holds_after_it(block: Any, control: str, value: float, step: dict[str, Any]) -> None:
    made = case(block, {**step, "set": {control: value}})
    sim = live(made).step(20)
    assert holds(sim, made, control) == (1.0 if value else 0.0)


@pytest.mark.parametrize(("block", "control", "value"), SETTINGS, ids=IDS)
def test_what_is_set_at_the_bedside_before_the_start_holds_after_it(block: Any, control: str, value: float) -> None:
    sim = live(case(block)).step(4).set(control, value).step(16)
    assert holds(sim, case(block, {"at": 4, "set": {control: value}}), control) == (1.0 if value else 0.0)


def test_a_clamped_drainage_line_lets_nothing_flow_after_the_start() -> None:
    open_, shut = (run_case(case(CIRCUIT, *steps)).columns["ecmo_flow"][-5:] for steps in ([], [{"at": 4, "set": {"drain.clamp": 1}}]))
    assert open_.min() > 2.0
    assert abs(shut).max() < 0.2


@pytest.mark.parametrize("fault", ["clamp", "power-loss"])
def test_a_fault_before_the_start_is_there_after_it_until_it_is_over(fault: str) -> None:
    steps = [{"at": 4, "fault": fault}, {"at": 20, "fault": fault, "severity": 0}]
    alone = {name: part for name, part in CIRCUIT.items() if name != "distal_perfusion"}
    flow = run_case(case(alone, *steps)).columns["ecmo_flow"]
    assert flow[12:19].max() < 0.2
    assert flow[-1] > 2.0


@pytest.mark.parametrize("control", ["drain.clamp", "return.clamp", "pump.power", "lvad.power", "balloon.ratio", "pulsatile.power"])
def test_a_machine_stands_still_before_its_start_whatever_is_set(control: str) -> None:
    block = next(block for block, name, _ in SETTINGS if name == control)
    still = live(case(block)).step(8)
    rows = [row for row in still._engine.kernel.rows if row.endswith(("clamp", "power", "power_on", "balloon_ratio", "pump_speed"))]
    on = 0.0 if control.endswith("clamp") else 1.0
    assert live(case(block, {"at": 4, "set": {control: on}})).step(8).rows(rows) == still.rows(rows)


def test_the_pump_spins_up_to_the_speed_that_was_set_before() -> None:
    sim = live(case(CIRCUIT, {"at": 4, "set": {"pump.rpm": 2600}}))
    speeds = [sim.step(1).rows(["pump_speed"])["pump_speed"] for _ in range(20)]
    assert speeds[9] == 0.0
    assert 0.0 < speeds[10] < speeds[11] < speeds[12] < 2600.0
    assert speeds[-1] == pytest.approx(2600.0, abs=1.0)


def test_a_ramp_across_the_start_begins_at_what_the_case_states_and_goes_on() -> None:
    sim = live(case(CIRCUIT, {"at": 0, "set": {"gas.sweep": 6}, "over": 20}))
    sweeps = {at: sim.step(at - sim.time).numerics()["sweep"] for at in (9, 11, 15, 21)}
    assert sweeps == pytest.approx({9: 0.0, 11: 4.65, 15: 5.25, 21: 6.0}, abs=0.05)


def test_a_ramp_of_speed_across_the_start_goes_on_after_the_pump_has_spun_up() -> None:
    sim = live(case(CIRCUIT, {"at": 8, "set": {"pump.rpm": 4000}, "over": 4}))
    assert sim.step(20).rows(["pump_set"])["pump_set"] == 4000.0


def test_the_later_of_two_steps_before_the_start_counts() -> None:
    steps = [{"at": 2, "set": {"return.clamp": 1, "gas.sweep": 9}, "over": 4}, {"at": 5, "set": {"return.clamp": 0, "gas.sweep": 2}}]
    sim = live(case(CIRCUIT, *steps)).step(20)
    assert sim.rows(["return1_clamp"]) == {"return1_clamp": 0.0}
    assert sim.numerics()["sweep"] == pytest.approx(2.0)


def test_a_ventilator_setting_before_the_start_acts_at_once_and_stays() -> None:
    rest = {"mode": "pressure", "peep": 10, "fio2": 0.4}
    made = case(CIRCUIT, {"at": 4, "set": {"ventilator.fio2": 0.9}}, ventilator=rest)
    sim = pf.Simulation.of(made).step(6)
    assert sim.numerics()["FiO2"] == 0.9
    after = sim.step(10).numerics()
    assert (after["FiO2"], after["PEEP"]) == (0.9, pytest.approx(10.0))
    assert [text for _, text in sim.events if text.startswith("ventilator:")] == ["ventilator: mode pressure, peep 10 cmH2O"]
    sim = live(case(CIRCUIT, ventilator=rest)).step(4).set("ventilator.fio2", 0.9)
    assert sim.step(10).numerics()["FiO2"] == 0.9


def test_a_speed_set_at_the_bedside_before_the_start_ends_the_flow_mode() -> None:
    bed = Bed(case(ON_FLOW))
    bed.advance(200)
    bed.act({"do": "set", "control": "pump.rpm", "value": 2600.0})
    bed.advance(1000)
    assert (bed.setting("pump.flow"), bed.sim.rows(["pump_speed"])["pump_speed"]) == (0.0, pytest.approx(2600.0, abs=1.0))


def test_every_way_to_play_a_case_keeps_the_order() -> None:
    made = case(CIRCUIT, {"at": 4, "set": {"drain.clamp": 1, "gas.sweep": 6}})
    alone = run_case(made)
    (together,) = run_together([made])
    (compared,) = pf.compare(made, ["va"])
    assert not isinstance(together, Exception)
    assert (together.columns["ecmo_flow"] == alone.columns["ecmo_flow"]).all()
    assert (compared.columns["ecmo_flow"] == alone.columns["ecmo_flow"]).all()
    assert abs(alone.columns["ecmo_flow"][-5:]).max() < 0.2
    other = pf.compare(made, ["vv"])[0]
    assert abs(other.columns["ecmo_flow"][-5:]).max() < 0.2


def test_a_column_and_a_step_before_the_start_hold_in_a_table_of_patients() -> None:
    rows = {"patient": ["shock-scai-d"] * 3, "drain.clamp": [None, 1.0, None]}
    found = pf.simulate_many(rows, support=pf.va_ecmo(start=5), minutes="20 s").to_pydict()
    assert found["ecmo_flow"][0] > 1.0 and found["ecmo_flow"][0] == found["ecmo_flow"][2]
    assert abs(found["ecmo_flow"][1]) < 0.2
    step = [{"at": 2, "set": {"drain.clamp": 1}}]
    clamped = pf.simulate_many({"patient": ["shock-scai-d"]}, support=pf.va_ecmo(start=5), minutes="20 s", protocol=step)
    assert abs(clamped.to_pydict()["ecmo_flow"][0]) < 0.2


def test_a_sweep_goes_on_from_what_was_set_before_the_start() -> None:
    found = pf.sweep(case(CIRCUIT, {"at": 4, "set": {"drain.clamp": 1}}), {"gas.sweep": [2, 4]}, minutes=1)
    assert all(abs(flow) < 0.2 for flow in found.table.to_pydict()["ecmo_flow"])


def test_a_step_ends_a_ramp_that_still_runs() -> None:
    sim = pf.Simulation("healthy-adult").set("ventilator.fio2", 1.0, over=20).step(5).set("ventilator.fio2", 0.5).step(30)
    assert sim.numerics()["FiO2"] == 0.5
    sim.set("ventilator.fio2", 1.0, over=20).step(10).set("ventilator.fio2", 0.5, over=4)
    assert [sim.step(2).numerics()["FiO2"] for _ in range(3)] == pytest.approx([0.64, 0.51, 0.5], abs=0.01)


def test_a_ramp_that_ends_when_the_next_begins_is_done_first() -> None:
    sim = pf.Simulation("healthy-adult")
    for at, value in ((1.0, 0.6), (3.0, 1.0)):
        sim._engine.plan(Ramp(at, "vent_fio2", value, 2.0))
    assert [sim.step(1).numerics()["FiO2"] for _ in range(6)] == pytest.approx([0.21, 0.37, 0.56, 0.76, 0.96, 1.0], abs=0.01)
