"""Ranges and lists of a sweep, as they are typed."""

import pytest

from perfuse.parameters.problems import Problems
from perfuse.parameters.swept import axes_of, settings_of


def read(*words: str) -> tuple[list[tuple[str, tuple[float, ...]]], list[str]]:
    problems = Problems("the command line")
    axes = axes_of(settings_of(words, problems), problems, "--set ")
    return [(axis.name, axis.values) for axis in axes], [str(problem) for problem in problems.found]


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("pump.rpm=2000:4500:1000", (2000.0, 3000.0, 4000.0)),
        ("pump.rpm=2000:4000:1000", (2000.0, 3000.0, 4000.0)),
        ("gas.fdo2=0.1:0.7:0.1", (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)),
        ("gas.sweep=1000:3000:1000 mL/min", (1.0, 2.0, 3.0)),
        ("gas.sweep=1 L/min:3000 mL/min:1", (1.0, 2.0, 3.0)),
        ("gas.sweep=2,1,4", (2.0, 1.0, 4.0)),
        ("heater.temperature=95:104:4.5 degF", (35.0, 37.5, 40.0)),
        ("ventilator.mode=pressure,volume", (0.0, 1.0)),
        ("patient.blood_volume=4:5:0.5 L", (4000.0, 4500.0, 5000.0)),
    ],
)
def test_values_are_those_of_the_range_in_the_unit_of_the_control(words: str, values: tuple[float, ...]) -> None:
    axes, problems = read(words)
    assert problems == []
    assert axes[0][1] == pytest.approx(values)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["pump.rmp=1:2:1"], "Did you mean pump.rpm"),
        (["shunt=0.1,0.2"], "Did you mean patient.shunt"),
        (["pump.rpm"], "no name and values"),
        (["pump.rpm="], "there is no value"),
        (["pump.rpm=4500:2000:250"], "down to 2000"),
        (["pump.rpm=2000:4500:0"], "the step is 0"),
        (["pump.rpm=2000:4500"], "not a range"),
        (["pump.rpm=0:10000:1"], "10001 points are too many"),
        (["pump.rpm=0:10000:0.0000001"], "100,000,000,000 steps"),
        (["pump.rpm=2000,2000"], "stands there twice"),
        (["pump.rpm=20000:30000:1000"], "above 10000 rpm"),
        (["gas.sweep=1:5:1 mmHg"], "cannot be converted"),
        (["pump.rpm=1:2:1", "pump.rpm=1:2:1"], "stands there twice"),
        (["pump.rpm=2000,3000", "pump.flow=2,3"], "both steer the pump"),
        (["pump.rpm=2000,3000", "gas.sweep=2,3", "gas.fdo2=0.5,1"], "3 controls are swept"),
    ],
)
def test_what_cannot_be_swept_is_said(words: list[str], said: str) -> None:
    assert any(said in problem for problem in read(*words)[1])


def test_every_problem_is_told_at_once() -> None:
    _, problems = read("pump.rmp=1:2:1", "gas.sweep=5:1:1")
    assert len(problems) == 2
