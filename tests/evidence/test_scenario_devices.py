"""Devices on a scenario's patient, and what the correct actions of a task do."""

from typing import Any

import pytest

from perfuse.evidence.scenario_actions import effects_of_actions, level_of_actions, rest_of_actions, said, step_of_actions
from perfuse.evidence.scenario_devices import devices, lesions, settings, sides, told
from perfuse.evidence.scenario_files import Action, Scenario, Sign, names
from perfuse.evidence.scenario_play import understood

TABLE = names()["devices"]


@pytest.mark.parametrize(
    ("block", "mode", "found"),
    [
        ({"lvad_rpm": 5400, "lvad_flow": 4.5, "dx": "HeartMate-3-like"}, "LVAD", [{"model": "heartmate3", "rpm": "5400 rpm"}]),
        ({"lvad": {"rpm": 9000}, "dx": "HeartMate II for 2 years"}, "LVAD", [{"model": "heartmate2", "rpm": "9000 rpm"}]),
        ({"lvad_flow": 4.5, "rvad_flow": 3.8}, "BiVAD", [{"model": "heartmate3"}, {"model": "heartmate3", "side": "right"}]),
        ({"dx": "AMI shock, Impella P-7 3.1 L/min"}, "Impella CP", [{"model": "impella_cp", "level": 7.0}]),
        ({"imp_p": "P-6", "imp_flow": 2.6}, "Impella 5.5", [{"model": "impella_55", "level": 6.0}]),
        ({"dx": "AMI, IABP 50 mL at 1:2"}, "IABP", [{"model": "iabp_50", "ratio": 2}]),
        ({"dx": "AMI, IABP 40 mL at 1:1 (set 1:2 to inspect timing)", "usys": 92}, "IABP", [{"model": "iabp_40", "ratio": 2}]),
        ({"map": 76, "dx": "declined for CABG", "imp_flow": 0}, "Impella CP", []),
    ],
)
def test_the_words_and_numbers_of_a_block_name_its_devices(block: dict[str, Any], mode: str, found: list[dict[str, Any]]) -> None:
    assert devices(block, mode, TABLE) == found


def test_flow_told_in_a_diagnosis_is_a_base_to_reach() -> None:
    assert told({"dx": "AMI shock, Impella P-7 3.1 L/min"}, TABLE) == {"imp_flow": 3.1}
    assert told({"dx": "AMI shock, Impella P-7 3.1 L/min", "imp_flow": 3.0}, TABLE) == {}


def test_controls_and_sides_of_devices() -> None:
    both = [{"model": "heartmate3", "rpm": "5400 rpm"}, {"model": "heartmate3", "side": "right"}]
    assert sides(both) == {"left", "right"}
    assert settings(both)["lvad.rpm"] == 5400.0
    assert settings([{"model": "impella_cp", "level": 7}, {"model": "iabp_40", "ratio": 2}]) == {"impella.level": 7.0, "balloon.ratio": 2.0}


def test_a_diagnosis_names_valve_lesions() -> None:
    assert set(lesions({"dx": "AMI with severe MR"}, names()["lesions"])) == {"mitral_leak"}
    assert set(lesions({"dx": "AV closed, MR moderate, AR mild"}, names()["lesions"])) == {"mitral_leak", "aortic_leak"}
    assert lesions({"dx": "no MR"}, names()["lesions"]) == {}


def task(*actions: str, **more: Any) -> Scenario:
    given = {"id": "T", "kind": "task", "patient": "P", "events": (), "signs": (), **more}
    return Scenario(actions=tuple(Action(do=text) for text in actions), **given)


def test_correct_actions_become_effects() -> None:
    sweep, first, second = effects_of_actions(
        task("gas.sweep_set 0 (or FdO2 0.21 step then off)", "pump.rpm_set 66 % then 33 % or to 1-1.5 L/min, 10-15 min each")
    )
    assert (sweep.what, sweep.value) == ("sweep", 0.0)
    assert [(step.what, step.value, step.after) for step in (first, second)] == [("ecmo_flow", 0.66, 0.0), ("ecmo_flow", 0.33, 750.0)]
    assert level_of_actions(task("impella.p_set P-8 (AUTO) before wiring")) == 8.0
    assert level_of_actions(task("look")) is None
    assert step_of_actions(task("lvad.speed_set +100-200 rpm every 2-5 min with echo")) == 210.0
    assert rest_of_actions(task("vent.rest: Pplat <=24-25, driving <=14-15, RR <=10-15, PEEP 10-15, FiO2 <=0.5")) == {
        "mode": "pressure", "driving_pressure": "12 cmH2O", "rate": "12.5 /min", "peep": "12.5 cmH2O", "fio2": 0.5,
    }  # fmt: skip


def test_a_note_tells_the_sweep_that_its_band_belongs_to() -> None:
    scenario = task("gas.sweep_set 0.5-1.5 L/min", signs=(Sign(q="paco2", dir="down", t=1800, note="if sweep set 6-8 L/min at once"),))
    assert said(scenario, []) == {"sweep": 7.0}


def test_a_first_event_of_a_task_sets_what_runs_already_and_a_pump_means_the_device() -> None:
    block = {"kg": 84, "lvad_rpm": 5400}
    signs = ({"q": "map", "dir": "same", "t": 600},)
    ladder = [{"t": 0, "what": "start 4,800 rpm, steps of 100-200, up to 6,200"}]
    play = understood(
        Scenario.model_validate({"id": "R", "kind": "task", "patient": "P", "mode": "LVAD", "events": ladder, "signs": signs}), block
    )
    assert not play.problem
    assert play.running == [{"model": "heartmate3", "rpm": "4800 rpm"}]
    assert [effect.how for _, effect in play.effects] == ["ladder"]
    assert play.on_device()["pump.clot"] == "lvad.clot"
