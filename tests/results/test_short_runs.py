"""Runs shorter than a beat, a reading or a window: there is what there is, and nothing else."""

import warnings
from pathlib import Path
from typing import Any

import pytest

import perfuse as pf
from perfuse.parameters.case import case_from
from perfuse.parameters.json_text import strict_json
from perfuse.results.many import simulate_many
from perfuse.results.store import write_run
from perfuse.results.together import run_together


def short(seconds: float, start: float = 0.0) -> Any:
    return pf.simulate("covid-ards", pf.vv_ecmo(rpm=3200, start=start), minutes=f"{seconds} s", waveforms=[{"from": 0, "for": 0.1}])


@pytest.mark.parametrize(("seconds", "start"), [(1.0, 0.0), (1.0, 0.5), (1.41, 0.0), (1.5, 0.0), (2.0, 1.0)])
def test_a_run_of_a_second_has_readings_loops_waves_and_json(seconds: float, start: float, tmp_path: Path) -> None:
    run = short(seconds, start)
    assert run.trends.column("t").to_pylist() == [float(t + 1) for t in range(int(seconds))]
    assert run.before["MAP"] > 60.0 and run.after["MAP"] > 60.0
    assert set(run.loops) == {"before", "after"} and run.waveforms.num_rows == 20
    assert run.status["ok"] and strict_json(run.summary())
    write_run(run, tmp_path / "out")
    assert "min" in repr(run)


def test_before_a_support_that_starts_within_the_first_second_is_what_was_before_it() -> None:
    run = short(1.0, 0.5)
    assert run.before["MAP"] == short(1.0, 0.5).before["MAP"] != run.columns["MAP"][0]


def test_less_than_a_second_is_refused_with_the_least() -> None:
    with pytest.raises(pf.InputError, match=r"below 1 s\. Allowed: 1 to 604800 s"):
        short(0.4)


@pytest.mark.parametrize("seconds", [1.41, 1.5, 90.01])
def test_lengths_that_are_no_whole_number_of_steps_come_to_an_end(seconds: float) -> None:
    case = case_from({"schema": "perfuse-case/1", "title": "x", "patient": "healthy-adult", "duration": seconds})
    (beside,) = run_together([case])
    assert not isinstance(beside, Exception)
    assert beside.trends.num_rows == int(seconds) and beside.status["ok"]
    assert simulate_many([{"patient": "healthy-adult"}], minutes=f"{seconds} s").column("status").to_pylist() == ["ok"]


def test_a_report_of_one_reading_shows_it_as_a_point_and_warns_of_nothing() -> None:
    from perfuse.views.report import report_html

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        page = report_html(short(1.5))
    assert "time, s" in page and "nan" not in page.lower().replace("finance", "")


def test_a_trial_on_a_case_of_a_second_and_a_half_ends_its_last_step() -> None:
    from perfuse.parameters.protocols import load_protocol
    from perfuse.results.protocols import play_protocol

    case = case_from(
        {
            "schema": "perfuse-case/1",
            "title": "x",
            "patient": "covid-ards",
            "support": pf.vv_ecmo(rpm=3200).model_dump(by_alias=True, exclude_none=True),
            "duration": 1.5,
        }
    )
    trial = play_protocol(case, load_protocol("vv-sweep-off"))
    assert trial.stop is not None or all(step.ended for step in trial.steps)
