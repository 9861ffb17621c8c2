"""On the way in: dates move by whole days, intervals stay, pseudonyms lead nowhere without the key, great age is pooled."""

import stat
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfuse.evidence.registry import flat, schema
from perfuse.evidence.registry.deidentify import FARTHEST, deidentified, key_of, offset, pooled, pseudonym
from perfuse.evidence.registry.sources import Given, imported
from perfuse.evidence.registry.tables import Registry
from perfuse.evidence.registry.validate import validate
from perfuse.parameters.problems import InputError

KEY = bytes(range(32))
OTHER = bytes(range(1, 33))
DAY = np.timedelta64(1, "D")


def times(table: pa.Table, name: str) -> Any:
    return table.column(name).to_numpy(zero_copy_only=False)


def as_kept(registry: Registry) -> Registry:
    """The same rows with the pseudonyms of runs, in the order in which they are kept."""
    out = {}
    for name, table in registry.tables.items():
        if "run_id" in table.column_names:
            names = pa.array([pseudonym(KEY, "run", one) for one in table.column("run_id").to_pylist()])
            table = table.set_column(table.column_names.index("run_id"), "run_id", names)
            table = table.sort_by([(key, "ascending") for key in schema.tables()[name].key])
        out[name] = table
    return Registry(out)


def test_rows_are_kept_in_an_order_that_says_nothing_about_the_true_dates(small: Registry) -> None:
    rows = pc.sort_indices(small.tables["runs"], [("start", "ascending")])
    kept = deidentified({**small.tables, "runs": small.tables["runs"].take(rows)}, KEY)
    assert kept["runs"].equals(deidentified(small.tables, KEY)["runs"])
    for name, table in kept.items():
        assert table.equals(table.sort_by([(key, "ascending") for key in schema.tables()[name].key]))


def test_dates_move_by_whole_days_and_every_interval_is_kept(small: Registry) -> None:
    moved = deidentified(small.tables, KEY)
    small = as_kept(small)
    shift = times(moved["runs"], "start") - times(small.tables["runs"], "start")
    days = shift / DAY
    assert np.all(days == np.round(days))
    assert np.all(days != 0) and np.all(np.abs(days) <= FARTHEST)
    assert len(np.unique(days)) > 200
    frame, before = flat.runs(Registry(moved)), flat.runs(small)
    for name in ("run_days", "hospital_days"):
        np.testing.assert_allclose(np.sort(frame[name]), np.sort(before[name]), atol=1e-6)
    for name in ("settings", "complications", "equipment", "mode_changes"):
        column = "placed" if name == "equipment" else "time"
        where = pc.index_in(small.tables[name].column("run_id"), small.tables["runs"].column("run_id")).to_numpy()
        np.testing.assert_array_equal(times(moved[name], column) - times(small.tables[name], column), shift[where])
    assert validate(moved, moved=True).ok


def test_the_calendar_year_is_that_of_the_true_start(small: Registry) -> None:
    tables = dict(small.tables)
    tables["runs"] = tables["runs"].set_column(tables["runs"].column_names.index("year"), "year", pa.nulls(800, pa.int64()))
    moved = deidentified(tables, KEY)
    assert moved["runs"].column("year").to_pylist() == as_kept(small).tables["runs"].column("year").to_pylist()
    assert deidentified(tables, KEY, keep_year=False)["runs"].column("year").null_count == 800


def test_runs_of_one_patient_move_together() -> None:
    assert offset(KEY, "p1") == offset(KEY, "p1")
    drawn = [offset(KEY, f"p{i}") for i in range(5000)]
    assert 0 not in drawn and min(drawn) == -FARTHEST and max(drawn) == FARTHEST
    assert abs(np.mean(drawn)) < 10


def test_pseudonyms_are_the_same_with_the_same_key_and_lead_nowhere_with_another(small: Registry) -> None:
    one, again, other = (deidentified(small.tables, key) for key in (KEY, KEY, OTHER))
    assert one["runs"].equals(again["runs"])
    given = {
        str(name)
        for table in small.tables.values()
        for c in table.column_names
        if c.endswith("_id")
        for name in table.column(c).to_pylist()
    }
    for tables in (one, other):
        for table in tables.values():
            for column in (c for c in table.column_names if c.endswith("_id")):
                assert not given & set(table.column(column).to_pylist())
    assert not set(one["runs"].column("run_id").to_pylist()) & set(other["runs"].column("run_id").to_pylist())
    assert pseudonym(KEY, "patient", "1") != pseudonym(KEY, "run", "1")[1:]
    assert one["runs"].column("run_id").to_pylist() == one["outcomes"].column("run_id").to_pylist()


def test_a_key_is_made_once_for_its_owner_only_and_never_kept_with_the_registry(tmp_path: Path, small: Registry) -> None:
    path = tmp_path / "key"
    key = key_of(path)
    assert key_of(path) == key and len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key_of(None) != key_of(None)
    registry, _ = imported(Given(small.tables, source="test"), key)
    assert key.hex() not in str(registry.about) and not registry.truth
    path.write_text("short", encoding="ascii")
    with pytest.raises(InputError, match="not a key"):
        key_of(path)
    with pytest.raises(InputError, match="cannot be written"):
        key_of(tmp_path / "no" / "key")


@given(st.lists(st.floats(0, 140), min_size=1, max_size=8), st.booleans())
def test_ages_above_89_are_pooled_and_impossible_ones_are_left_for_the_check(ages: list[float], as_text: bool) -> None:
    given_ages = pa.array([repr(age) for age in ages]) if as_text else pa.array(ages)
    kept = [float(age) for age in pooled({"runs": pa.table({"age": given_ages})})["runs"].column("age").to_pylist()]
    for before, after in zip(ages, kept, strict=True):
        assert after == (90 if 89 < before <= 125 else before)
