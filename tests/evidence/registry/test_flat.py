"""Flat frames: one row per run or candidate, with the columns that were asked for."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from perfuse.evidence.registry import flat
from perfuse.evidence.registry.query import default
from perfuse.parameters.problems import InputError


def test_there_is_one_row_per_run_with_what_the_tables_say(small: Any) -> None:
    frame = flat.runs(small)
    runs = small.tables["runs"].sort_by("run_id").to_pandas()
    assert list(frame["run_id"]) == list(runs["run_id"])
    assert frame["female"].dtype == bool
    ended = runs["end"].notna()
    days = (runs["end"] - runs["start"]) / pd.Timedelta(days=1)
    np.testing.assert_allclose(frame["run_days"][ended], days[ended], rtol=1e-9)
    assert (frame["support_ended_by"][~ended] == "still_on").all()
    assert (frame["hospital_days"] >= frame["run_days"] - 1e-9).all()
    dead = frame["support_ended_by"] == "died"
    assert (frame["hospital_outcome"][dead] == "died").all()
    np.testing.assert_allclose(frame["hospital_days"][dead], frame["run_days"][dead], atol=1e-6)


def test_annual_volume_counts_all_runs_of_the_centre_in_the_year(small: Any) -> None:
    frame = flat.runs(small, ["centre_id", "year", "annual_volume"])
    counted = frame.groupby(["centre_id", "year"])["annual_volume"].agg(["size", "min", "max"])
    assert (counted["size"] == counted["min"]).all() and (counted["size"] == counted["max"]).all()
    assert list(flat.runs(small, ["annual_volume"])["annual_volume"]) == list(frame["annual_volume"])


def test_only_the_columns_that_are_asked_for_come_in_their_order(small: Any) -> None:
    wanted = ["lactate_mmol_L", "run_id", "cardiac_arrest", "dobutamine"]
    frame = flat.runs(small, wanted)
    assert list(frame.columns) == wanted
    assert frame["dobutamine"].isna().all()
    assert "dobutamine" not in flat.runs(small).columns


def test_every_value_before_support_can_be_asked_for(small: Any) -> None:
    assert list(flat.runs(small, flat.run_columns()).columns) == flat.run_columns()


def test_candidates_have_days_from_eligibility(small: Any) -> None:
    frame = flat.candidates(small)
    assert len(frame) == 400
    assert set(frame["ended_by"]) <= {"died", "discharged", "censored"}
    assert frame["ecmo_day"].dtype == float and frame["ecmo_day"].isna().any()
    assert list(flat.candidates(small, ["age"]).columns) == ["age"]


@pytest.mark.parametrize("frame", [flat.runs, flat.candidates])
def test_a_column_that_does_not_exist_is_told_with_its_neighbours(frame: Any, small: Any) -> None:
    with pytest.raises(InputError, match="severity"):
        frame(small, ["severty"])


def test_without_a_name_everything_runs_on_the_registry_that_is_made_by_default() -> None:
    assert len(flat.runs(None, ["age"])) == 5000
    assert default().about["seed"] == 1
