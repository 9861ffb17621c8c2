"""What is free when a patient is fitted together with the devices that run."""

import pytest

from perfuse.parameters.case_models import DeviceChoice
from perfuse.results.fit import Free, Target, fit
from perfuse.results.on_support import OPENING, frees_of_devices, opening, rotors, start_of, targets_of

LIBRARY = {"weight": 75.0, "hb": 14.0, "lung_compliance": 85.0, "vent_mode": 2.0, "vent_fio2": 0.21, "vent_peep": 0.0, "lactate": 1.0}


def test_a_speed_that_nobody_states_is_found_and_otherwise_the_loss_of_the_graft() -> None:
    flow = [Target("lvad_flow", 4.5, 0.1)]
    assert [free.name for free in frees_of_devices([DeviceChoice(model="heartmate3", rpm=5400.0)], flow)] == ["lvad.outflow"]
    (speed,) = frees_of_devices([DeviceChoice(model="heartmate3")], flow)
    assert (speed.name, speed.low, speed.high) == ("lvad.rpm", 3000.0, 9000.0)
    assert frees_of_devices([DeviceChoice(model="heartmate3", rpm=5400.0)], []) == []


def test_a_right_pump_and_a_balloon_have_their_own() -> None:
    right = DeviceChoice(model="heartmate3", side="right")
    assert [word for word, _, _ in rotors([right])] == ["rvad"]
    assert [free.name for free in frees_of_devices([right], [Target("rvad_flow", 3.8, 0.1)])] == ["rvad.rpm"]
    asked = [Target("iabp_assisted_end_diastolic", 46.0, 1.0)]
    assert [free.name for free in frees_of_devices([DeviceChoice(model="iabp_40")], asked)] == ["balloon.deflation"]


def test_who_has_a_pump_and_no_ventilator_is_awake() -> None:
    awake = start_of({}, {"lvad_flow": 4.5}, LIBRARY, None, {}, {}, [DeviceChoice(model="heartmate3", rpm=5400.0)])
    assert "baroreflex_gain" not in awake
    assert awake["vent_mode"] == 2.0
    assert awake["pericardium_slack"] == 800.0
    asleep = start_of({}, {}, LIBRARY, None, {}, {})
    assert (asleep["baroreflex_gain"], asleep["vent_mode"]) == (0.5, 1.0)


def test_how_readily_the_valve_opens_goes_on_where_the_share_of_beats_says_nothing() -> None:
    shut, nearly = ({"AV_open": 0.0, "LVSP": pressure, "MAP": 80.0} for pressure in (60.0, 78.0))
    always = {"AV_open": 100.0, "LVSP": 110.0, "MAP": 80.0}
    assert opening(shut) < opening(nearly) < opening(always)
    (target,) = targets_of({"AV_open": 40.0}, [], set())
    assert target.name == OPENING


def test_a_reading_that_nothing_is_judged_by_may_miss_more_and_starts_no_further_search() -> None:
    tight, wide = targets_of({"MAP": 80.0, "SBP": 92.0}, ["MAP", "SBP"], set(), {"SBP"})
    assert (tight.binds, wide.binds) == (True, False)
    assert wide.tolerance == pytest.approx(3.0 * 0.02 * 92.0)
    calls = []

    def measure(tries: list[dict[str, float]]) -> list[dict[str, float]]:
        calls.append(len(tries))
        return [{"y": one["x"], "never": 0.0} for one in tries]

    targets = [Target("y", 3.0, 0.1), Target("never", 100.0, 1.0, binds=False)]
    fit({"x": 2.0}, [Free("x", 0.0, 10.0)], targets, measure, rounds=3, restarts=4)
    once = len(calls)
    calls.clear()
    fit({"x": 2.0}, [Free("x", 0.0, 10.0)], [targets[0], Target("never", 100.0, 1.0)], measure, rounds=3, restarts=4)
    assert len(calls) > 2 * once
