"""Flow of each drainage line, where a circuit has two."""

import pytest

import perfuse as pf
from perfuse.parameters.library import load_case
from perfuse.results.run import averages
from perfuse.results.simulate import run_case


def test_two_drainage_lines_make_up_the_flow() -> None:
    case = load_case("va-unloading")
    assert case.support is not None and len(case.support.drain) == 2
    run = run_case(case)
    found = averages(run.columns, case.duration - 60.0, case.duration)
    lines = found["drainage_flow_1"], found["drainage_flow_2"]
    assert sum(lines) == pytest.approx(found["ecmo_flow"], abs=0.03)


def test_a_circuit_with_one_line_reports_none_of_them() -> None:
    run = pf.simulate("covid-ards", pf.vv_ecmo(rpm=3400), minutes=4)
    assert "drainage_flow_1" not in run.summary()["after"]
