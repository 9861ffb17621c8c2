"""Steps of a protocol that contradict each other are told, with both places."""

from typing import Any

import pytest

from perfuse.parameters import InputError, case_from, load_case
from perfuse.parameters.library import case_names
from perfuse.parameters.step_checks import cut_short

STEP = "  - {at: 3 min, set: {pump.rpm: 3800 rpm}, over: 30 s}\n"
CONTRADICTIONS = [
    ("{at: 180 s, set: {pump.rpm: 3000 rpm}, over: 30 s}", "protocol[1].set.pump.rpm", "'pump.rpm' becomes 3000 rpm within 30 s at 180 s"),
    ("{at: 3 min, set: {pump.rpm: 3800 rpm}}", "protocol[1].set.pump.rpm", "becomes 3800 rpm at 180 s"),
]


@pytest.mark.parametrize(("other", "place", "text"), CONTRADICTIONS)
def test_two_values_for_one_control_at_one_time_are_told_with_both_places(changed: Any, other: str, place: str, text: str) -> None:
    told = changed(STEP, STEP + f"  - {other}\n")
    problem = told.only()
    assert (problem.place, problem.line) == (place, told.line_of(other))
    assert text in problem.text
    assert f"protocol[0].set.pump.rpm (line {told.line_of('over: 30 s')})" in problem.text
    assert "let one come later" in str(problem)


def test_a_fault_and_a_setting_of_its_control_contradict_each_other_even_in_one_step(changed: Any) -> None:
    one = changed(STEP, STEP + "  - {at: 5 min, set: {return.clamp: 0}, fault: clamp}\n").only()
    assert (one.place, one.value) == ("protocol[1].fault", "1")
    assert "protocol[1].set.return.clamp" in one.text


def test_the_end_of_one_fault_and_the_beginning_of_another_of_the_same_control_contradict_each_other(changed: Any) -> None:
    steps = "".join(f"  - {{at: 5 min, fault: {name}}}\n" for name in ("clamp, severity: 0", "clamp"))
    assert "'return.clamp' becomes 1 at 300 s" in changed(STEP, STEP + steps).only().text


def test_a_speed_and_a_level_of_one_pump_at_one_time_contradict_each_other() -> None:
    steps = [{"at": 5, "set": {"impella.level": 4}}, {"at": 5, "set": {"lvad.rpm": 30000}}]
    with pytest.raises(InputError, match=r"'lvad.rpm' becomes 30000 rpm at 5 s, and 'impella.level' becomes 4"):
        _case(steps)


def test_every_contradiction_is_told_at_once(changed: Any) -> None:
    steps = "".join(f"  - {{at: 5 min, set: {{pump.rpm: {rpm} rpm, gas.sweep: {rpm // 1000} L/min}}}}\n" for rpm in (3000, 2000))
    assert [p.place for p in changed(STEP, STEP + steps).problems] == ["protocol[2].set.pump.rpm", "protocol[2].set.gas.sweep"]


@pytest.mark.parametrize(
    "step",
    [
        "{at: 3 min, set: {pump.rpm: 3800 rpm}, over: 30 s}",
        "{at: 3 min, set: {gas.sweep: 5 L/min}}",
        "{at: 181 s, set: {pump.rpm: 3000 rpm}}",
        "{at: 3 min, give: {crystalloid: 100 mL}}",
        "{at: 1 min, set: {pump.rpm: 3000 rpm}}",
    ],
)
def test_what_does_not_contradict_is_read(changed: Any, step: str) -> None:
    assert changed(STEP, STEP + f"  - {step}\n").message == ""


def _case(steps: list[dict[str, Any]]) -> Any:
    devices = [{"model": "impella_cp", "level": 6}]
    data = {"schema": "perfuse-case/1", "title": "x", "patient": "shock-scai-d", "devices": devices, "duration": 60}
    return case_from(data | {"protocol": steps})


def test_a_step_that_cuts_the_way_of_another_short_is_told_in_words() -> None:
    first, second = {"at": 10, "over": 20, "set": {"ventilator.fio2": 1.0}}, {"set": {"ventilator.fio2": 0.5}}
    (text,) = cut_short(_case([{**second, "at": 25}, first]))
    assert text.startswith("protocol[1].set.ventilator.fio2 leads 'ventilator.fio2' to 1 within 20 s from 10 s, and protocol[0]")
    assert cut_short(_case([first, {**second, "at": 30}])) == []


@pytest.mark.parametrize("name", case_names())
def test_no_shipped_case_cuts_a_step_short(name: str) -> None:
    assert cut_short(load_case(name)) == []
