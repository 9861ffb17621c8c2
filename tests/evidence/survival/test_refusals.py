"""What is refused, and that it is said in full, in words that help."""

import numpy as np
import pandas as pd
import pytest

from perfuse.evidence.survival import cumulative_incidence, ecmo_cox, fine_gray, kaplan_meier
from perfuse.parameters.problems import InputError


@pytest.fixture
def runs() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "run_days": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 6.0, 8.0],
            "support_ended_by": ["weaned", "died", "weaned", "still_on", "transplant", "weaned", "died", "still_on"],
            "age": [70, 30, 41, 52, 63, 75, 44, 58],
            "mode": ["vv", "va", "vv", "va", "vv", "va", "vv", "va"],
        }
    )


def test_kaplan_meier_is_refused_where_something_competes_and_points_to_the_incidence(runs: pd.DataFrame) -> None:
    with pytest.raises(InputError) as caught:
        kaplan_meier(runs, (5,), cause="weaned")
    (problem,) = caught.value.problems
    assert "died (2 rows)" in problem.text and "transplant (1 rows)" in problem.text
    assert problem.hint is not None and "cumulative_incidence" in problem.hint


def test_kaplan_meier_of_any_end_is_allowed(runs: pd.DataFrame) -> None:
    found = kaplan_meier(runs, (5,), cause=("weaned", "died", "transplant"), truth={"5": 0.5})
    assert found.estimates[0].truth == 50.0 and found.n["events"] == 6


def test_every_problem_is_said_at_once(runs: pd.DataFrame) -> None:
    broken = runs.assign(age=[70, np.nan, 41, 52, 63, 75, 44, 58], run_days=[-1.0, 2, 3, 4, 5, 6, 6, 8], flat=1.0)
    with pytest.raises(InputError) as caught:
        fine_gray(broken, ["age", "flat"], cause="weaned")
    text = str(caught.value)
    assert "negative" in text and "have no value" in text and "same value" in text


def test_an_unknown_column_or_label_is_answered_with_the_nearest(runs: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="Did you mean age"):
        fine_gray(runs, ["agee"], cause="weaned")
    with pytest.raises(InputError, match="Did you mean weaned"):
        cumulative_incidence(runs, (5,), causes=["weaning"])
    with pytest.raises(InputError, match="ecmo_day"):
        ecmo_cox(runs, ["age"], time="run_days", event="support_ended_by")


def test_rows_with_gaps_are_left_out_only_when_asked_and_then_counted(runs: pd.DataFrame) -> None:
    gaps = runs.assign(age=[70, np.nan, 41, 52, 63, 75, 44, 58])
    with pytest.raises(InputError, match='missing="drop"'):
        fine_gray(gaps, ["age"], cause="weaned")
    found = fine_gray(gaps, ["age"], cause="weaned", missing="drop")
    assert found.n["rows"] == 7
    assert any("1 of 8 rows lacked a value" in warning for warning in found.warnings)


def test_columns_that_cannot_be_told_apart_are_named(runs: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="age, twice") as caught:
        fine_gray(runs.assign(twice=2.0 * runs["age"] + 1.0), ["age", "twice"], cause="weaned")
    assert "cannot be told apart" in str(caught.value)


def test_treatment_before_time_zero_is_refused_and_after_the_end_is_never() -> None:
    rng = np.random.default_rng(1)
    end = rng.exponential(10.0, 60)
    frame = pd.DataFrame(
        {"severity": rng.normal(size=60), "end_day": end, "ended_by": np.where(rng.random(60) < 0.6, "died", "discharged")}
    )
    frame["ecmo_day"] = np.where(np.arange(60) % 3 == 0, 0.5 * end, np.where(np.arange(60) % 3 == 1, end + 1.0, np.nan))
    found = ecmo_cox(frame, ["severity"])
    assert found.n["ever treated"] == 20
    assert any("20 rows have a start of treatment at or after their end" in warning for warning in found.warnings)
    with pytest.raises(InputError, match="before time zero"):
        ecmo_cox(frame.assign(ecmo_day=-1.0), ["severity"])


def test_every_incidence_stands_beside_the_naive_curve_which_is_higher(runs: pd.DataFrame) -> None:
    found = cumulative_incidence(runs, (6,), group="mode", truth={"vv, weaned at 6": 0.5})
    ours = {one.label.split(", ", 1)[1]: one for one in found.estimates if one.role == "method"}
    naive = {one.label.split(", ", 1)[1]: one for one in found.estimates if one.role == "naive"}
    assert set(ours) == set(naive)
    assert all(naive[label].value >= one.value - 1e-9 for label, one in ours.items())
    assert any(one.truth == 50.0 for one in ours.values())
    assert all("naive" in curve and "at_risk" in curve for curve in found.curves.values())


def test_a_finding_is_plain_data(runs: pd.DataFrame) -> None:
    import json

    found = cumulative_incidence(runs, (6,), group="mode").as_data()
    assert json.loads(json.dumps(found))["estimates"]
