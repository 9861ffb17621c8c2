"""What left the equations has no numbers from then on: neither in tables nor in series, figures or JSON."""

from typing import Any

import numpy as np
import pytest

import perfuse as pf
from perfuse.engine.run import Ramp
from perfuse.parameters.case import case_from
from perfuse.parameters.json_text import strict_json
from perfuse.results import simulate, sweep, together
from perfuse.results.course import Event
from perfuse.results.many import simulate_many
from perfuse.results.store import write_run

AT = 75.4  # s


def lost(case: Any) -> list[Event]:
    """An event of a test: the left ventricle has no volume any more."""
    return [Event(AT, "lost", [Ramp(AT, "lv_volume", float("nan"))])]


def case(seconds: float = 100.0, **more: Any) -> Any:
    return case_from({"schema": "perfuse-case/1", "title": "x", "patient": "healthy-adult", "duration": seconds, **more})


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(simulate, "protocol_events", lost)
    return simulate.run_case(case(outputs={"waveforms": [{"from": 70, "for": 20}]}))


def test_a_run_ends_with_its_last_sound_second(run: Any) -> None:
    assert run.status == {"ok": False, "text": "diverged before 76 s: the model left the range in which its equations hold"}
    assert run.columns["t"][-1] == 75.0
    assert all(np.isfinite(values).all() or not np.isfinite(values).any() for values in run.columns.values())
    assert run.waveforms.column("t").to_numpy()[-1] == pytest.approx(75.0)
    assert run.after == {} and run.gases["after"] == {} and set(run.loops) == {"before"}
    assert run.before["MAP"] > 60.0
    assert "diverged" in repr(run)


def test_its_summary_is_json_and_its_report_says_so(run: Any, tmp_path: Any) -> None:
    from perfuse.views.report import report_html
    from perfuse.views.runs_shown import one

    assert strict_json(run.summary())
    page = report_html(run)
    assert "did not end as asked" in page and "nan" not in page.lower()
    write_run(run, tmp_path / "out")
    one(run.summary(), [])


def test_who_diverges_before_support_has_no_numbers_of_before_either(monkeypatch: pytest.MonkeyPatch) -> None:
    from perfuse.views.report import report_html

    monkeypatch.setattr(simulate, "protocol_events", lost)
    support = pf.vv_ecmo(start=90).model_dump(by_alias=True, exclude_none=True)
    found = simulate.run_case(case(support=support))
    assert (found.before, found.after, found.loops, found.gases) == ({}, {}, {}, {"before": {}, "after": {}})
    assert "there is no loop" in report_html(found)
    assert "0.0 L/min" not in repr(found)


def test_who_has_no_steady_state_is_not_played(monkeypatch: pytest.MonkeyPatch) -> None:
    from perfuse.views.report import report_html

    def spoiled(*words: Any) -> dict[str, float]:
        return true_column(*words) | {"lv_volume": float("nan")}

    true_column = simulate.first_column
    monkeypatch.setattr(simulate, "first_column", spoiled)
    found = simulate.run_case(case())
    assert "no steady state" in found.status["text"] and found.columns["t"].size == 0 and not found.before
    assert strict_json(found.summary()) and "No second of this run has numbers" in report_html(found)


def test_lanes_that_diverge_hold_no_numbers_and_keep_their_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perfuse.results.many.protocol_events", lost)
    found = simulate_many([{"patient": "healthy-adult", "seed": seed} for seed in (1, 2)], minutes="100 s")
    assert all("diverged" in text for text in found.column("status").to_pylist())
    assert found.column("MAP").to_pylist() == [None, None]
    given = {"patient", "seed", "status"}
    assert all(found.column(name).null_count == 2 for name in found.column_names if name not in given)


def test_cases_that_are_played_side_by_side_end_with_their_last_sound_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "protocol_events", lambda one: lost(one) if one.seed == 2 else [])
    sound, spoiled = together.run_together([case(seed=1), case(seed=2)])
    assert not isinstance(sound, Exception) and not isinstance(spoiled, Exception)
    assert (sound.trends.num_rows, spoiled.trends.num_rows) == (100, 75)
    assert "diverged before 76 s" in spoiled.status["text"] and spoiled.loops == {}
    assert np.isfinite(spoiled.columns["MAP"]).all()


def test_a_point_of_a_sweep_that_diverges_has_no_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    true_events = sweep.protocol_events
    monkeypatch.setattr(sweep, "protocol_events", lambda one: [*true_events(one), *(lost(one) if one.protocol else [])])
    found = pf.sweep("healthy-adult", {"patient.shunt": [0.02, 0.05]}, minutes=2)
    assert all("diverged" in text for text in found.table.column("status").to_pylist())
    assert found.quantities == [] and strict_json(found.summary())
