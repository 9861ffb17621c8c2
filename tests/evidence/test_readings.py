"""Readings are taken where and when the row says."""

from typing import Any

import numpy as np
import pytest

from perfuse.evidence.readings import Arm, Moment, ReadingError, end_systole, split_measures

CASE = {
    "patient": "x",
    "support": {"start": "2 min"},
    "protocol": [{"at": "1 min", "measure": "early", "over": "10 s", "of": "max"}, {"at": "3 min", "set": {"gas.sweep": "4 L/min"}}],
    "duration": "4 min",
}


def test_measures_are_taken_out_of_the_protocol_and_become_moments() -> None:
    case, moments = split_measures(CASE)
    assert case["protocol"] == [CASE["protocol"][1]]
    assert moments == {"early": Moment(60.0, 10.0, "max"), "before": Moment(120.0), "after": Moment(240.0)}


def test_a_patient_alone_has_no_moment_before_support() -> None:
    _, moments = split_measures({"duration": "2 min"})
    assert set(moments) == {"after"}


def test_the_moment_before_is_that_of_the_circuit_or_the_first_device() -> None:
    devices = [{"model": "iabp_40", "start": "5 min"}, {"model": "heartmate3", "established": True}]
    assert split_measures({"duration": "9 min", "devices": devices})[1]["before"] == Moment(300.0)
    assert split_measures({**CASE, "devices": devices})[1]["before"] == Moment(120.0)
    assert "before" not in split_measures({"duration": "9 min", "devices": devices[1:]})[1]


def test_a_measure_with_an_unknown_word_is_refused() -> None:
    with pytest.raises(ReadingError, match="when"):
        split_measures({"duration": "2 min", "protocol": [{"at": "1 min", "measure": "a", "when": "now"}]})


def test_a_window_ends_at_its_moment_and_takes_what_is_asked(run_of: Any) -> None:
    run = run_of({"MAP": np.arange(1.0, 241.0)})
    moments = {
        "after": Moment(240.0, 10.0),
        "early": Moment(60.0, 10.0, "max"),
        "spread": Moment(60.0, 3.0, "sd"),
        "low": Moment(60.0, 3.0, "min"),
    }
    arm = Arm(run, moments)
    assert arm.read("MAP") == pytest.approx(235.5)
    assert arm.read("early.MAP") == 60.0
    assert arm.read("low.MAP") == 58.0
    assert arm.read("spread.MAP") == pytest.approx(np.std([58, 59, 60]))


def test_missing_values_are_left_out_and_a_window_without_any_says_so(run_of: Any) -> None:
    run = run_of({"MAP": [np.nan, 70.0, np.nan, np.nan]})
    assert Arm(run, {"after": Moment(3.0, 3.0)}).read("MAP") == 70.0
    with pytest.raises(ReadingError, match="no value"):
        Arm(run, {"after": Moment(4.0, 1.0)}).read("MAP")


def test_unknown_names_moments_and_parameters_are_refused_by_name(run_of: Any) -> None:
    arm = Arm(run_of({"MAP": [70.0]}), {"after": Moment(1.0)})
    for name in ("CVP", "later.MAP", "patient.svr"):
        with pytest.raises(ReadingError, match=name.rpartition(".")[2] if name != "later.MAP" else "later"):
            arm.read(name)


def test_end_systole_is_where_pressure_over_volume_is_greatest(run_of: Any, fake_run: Any) -> None:
    run = fake_run(
        run_of({"MAP": [1.0]}).trends, loops={"after": {"lv": (np.array([120.0, 60.0, 55.0, 80.0]), np.array([8.0, 110.0, 105.0, 5.0]))}}
    )
    assert end_systole(run) == (105.0, 55.0)
