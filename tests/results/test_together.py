"""Cases that share the lanes of a kernel."""

import numpy as np

from perfuse.parameters.case import case_from
from perfuse.results.simulate import run_case
from perfuse.results.together import run_together


def _case(patient: object, seconds: int) -> object:
    return case_from({"schema": "perfuse-case/1", "title": f"{patient}", "patient": patient, "duration": f"{seconds} s"}, "test")


def test_a_case_beside_others_runs_as_it_runs_alone_to_the_bit() -> None:
    cases = [_case("healthy-adult", 20), _case("shock-scai-c", 45)]
    beside = run_together(cases)
    for case, run in zip(cases, beside, strict=True):
        alone = run_case(case)
        assert not isinstance(run, Exception)
        assert set(run.columns) <= set(alone.columns)
        for name in ("t", "MAP", "CO", "PaO2", "lactate"):
            np.testing.assert_array_equal(run.columns[name], alone.columns[name], err_msg=name)


def test_every_lane_ends_at_its_own_time() -> None:
    runs = run_together([_case("healthy-adult", 20), _case("healthy-adult", 45)])
    assert [run.columns["t"][-1] for run in runs if not isinstance(run, Exception)] == [20.0, 45.0]
