"""Validation: every kind of bad row is found with its reason, everything else is taken as it is, and nothing is corrected."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfuse.evidence.registry.quirks import KINDS
from perfuse.evidence.registry.schema import table_of, tables
from perfuse.evidence.registry.synthetic import synthesise
from perfuse.evidence.registry.validate import validate

Two = Callable[..., dict[str, pa.Table]]


def test_rows_that_keep_every_rule_are_taken(two_runs: Two) -> None:
    found = validate(two_runs())
    assert found.ok and found.reasons() == [] and found.questions == []
    assert found.counts["runs"] == {"given": 2, "taken": 2, "rejected": 0}
    assert found.tables["pre_support"].column("paco2_mmHg").to_pylist() == [60.0, 41.0]
    assert set(found.tables) == set(tables())


BAD: dict[str, tuple[dict[str, Any], str, str, str]] = {
    # what is changed, then the table, column and words of the reason for the first run
    "missing key": ({"runs": {"run_id": ["", "r2"]}}, "runs", "run_id", "required"),
    "missing start": ({"runs": {"start": [None, "2020-02-01 10:00"]}}, "runs", "start", "required"),
    "no date": ({"runs": {"start": ["01.01.2020", "2020-02-01 10:00"]}}, "runs", "start", "not a date"),
    "a day that does not exist": ({"runs": {"start": ["2020-02-30", "2020-02-01 10:00"]}}, "runs", "start", "not a date"),
    "end before start": ({"runs": {"end": ["2019-12-31 10:00", "2020-02-05 10:00"]}}, "runs", "end", "before start"),
    "future": ({"runs": {"start": ["2199-01-01", "2020-02-01 10:00"], "end": [None, None]}}, "runs", "start", "future"),
    "unknown word": ({"runs": {"mode": ["v-v", "va"]}}, "runs", "mode", "not known"),
    "no code": ({"runs": {"run_id": ["a b c", "r2"]}}, "runs", "run_id", "pseudonym"),
    "unknown patient": ({"runs": {"patient_id": ["p9", "p2"]}}, "runs", "patient_id", "does not exist"),
    "age": ({"runs": {"age": ["-1", "40"]}}, "runs", "age", "outside"),
    "age is text": ({"runs": {"age": ["old", "40"]}}, "runs", "age", "not a number"),
    "half a year": ({"runs": {"year": ["2020.5", "2020"]}}, "runs", "year", "whole number"),
    "kPa": ({"pre_support": {"paco2_mmHg": ["8.1", "41"]}}, "pre_support", "paco2_mmHg", "looks like kPa"),
    "umol/L": ({"pre_support": {"creatinine_mg_dL": ["120", "1"]}}, "pre_support", "creatinine_mg_dL", "looks like umol/L"),
    "percent": ({"settings": {"fdo2": ["90", "0.5"]}}, "settings", "fdo2", "looks like percent"),
    "metres": ({"runs": {"height_cm": ["1.75", "170"]}}, "runs", "height_cm", "looks like m"),
    "g/L": ({"pre_support": {"hb_g_dL": ["104", "10"]}}, "pre_support", "hb_g_dL", "looks like g/L"),
    "perhaps": ({"pre_support": {"nmb": ["perhaps", "yes"]}}, "pre_support", "nmb", "not true or false"),
    "infinite": ({"pre_support": {"lactate_mmol_L": ["inf", "2"]}}, "pre_support", "lactate_mmol_L", "not a number"),
    "before the run": ({"settings": {"time": ["2019-12-01", "2020-02-02 10:00"]}}, "settings", "time", "before the run"),
    "after the run": ({"settings": {"time": ["2020-01-20", "2020-02-02 10:00"]}}, "settings", "time", "after the run"),
    "death before start": ({"outcomes": {"last_seen": ["2019-12-30", "2020-02-05 10:00"]}}, "outcomes", "last_seen", "before the run"),
    "left before the end": ({"outcomes": {"last_seen": ["2020-01-04", "2020-02-05 10:00"]}}, "outcomes", "last_seen", "before the end"),
    "dead and alive": (
        {"outcomes": {"support_ended_by": ["died", "died"]}},
        "outcomes",
        "hospital_outcome",
        "did not die",
    ),
    "still on and ended": (
        {"outcomes": {"support_ended_by": ["still_on", "died"], "hospital_outcome": ["still_in", "died"]}},
        "outcomes",
        "support_ended_by",
        "has an end",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_row_is_rejected_with_its_reason_and_the_other_is_taken(what: str, two_runs: Two) -> None:
    changes, table, column, words = BAD[what]
    found = validate(two_runs(**changes))
    reasons = [line for line in found.rejected.to_pylist() if line["table"] == table and line["column"] == column]
    assert [line["row"] for line in reasons] == [1], found.rejected.to_pylist()
    assert words in reasons[0]["reason"]
    for name, counts in found.counts.items():
        assert counts["taken"] >= 1, name
    assert found.tables["runs"].column("run_id").to_pylist()[-1] == "r2"


def test_rows_that_point_at_a_rejected_row_are_rejected_too(two_runs: Two) -> None:
    found = validate(two_runs(runs={"mode": ["v-v", "va"]}))
    said = {(line["table"], line["reason"]) for line in found.rejected.to_pylist()}
    assert ("settings", "the row of runs that this points at was not taken") in said
    assert ("outcomes", "the row of runs that this points at was not taken") in said
    assert found.tables["settings"].column("run_id").to_pylist() == ["r2"]


def test_every_reason_of_a_row_is_told(two_runs: Two) -> None:
    found = validate(two_runs(runs={"mode": ["x", "va"], "age": ["500", "50"], "start": ["never", "2020-02-01 10:00"]}))
    assert {line["column"] for line in found.rejected.to_pylist() if line["table"] == "runs"} == {"mode", "age", "start"}


def test_a_run_that_is_reported_twice_is_taken_once(two_runs: Two) -> None:
    twice = two_runs(
        runs={
            "run_id": ["r1", "r1", "r3"],
            "patient_id": ["p1", "p1", "p1"],
            "centre_id": ["c", "c", "c"],
            "start": ["2020-01-01 10:00"] * 3,
            "end": ["2020-01-09 10:00"] * 3,
            "mode": ["vv"] * 3,
        }
    )
    found = validate(twice)
    reasons = [(line["row"], line["reason"]) for line in found.rejected.to_pylist() if line["table"] == "runs"]
    assert reasons == [(2, "this key stands here already, in row 1"), (3, "this is reported already under another key, in row 1")]


@pytest.mark.parametrize(
    ("second", "modes", "taken"),
    [
        ("2020-01-05", ["vv", "va"], 1),  # ECMO on ECMO
        ("2020-01-09 10:00", ["vv", "va"], 2),  # a change without a gap
        ("2020-01-05", ["va", "impella"], 2),  # a second device beside ECMO
        ("2020-01-05", ["impella", "impella"], 1),
    ],
)
def test_runs_of_one_patient_overlap_only_with_another_kind_of_device(two_runs: Two, second: str, modes: list[str], taken: int) -> None:
    found = validate(
        two_runs(
            runs={
                "patient_id": ["p1", "p1"],
                "start": ["2020-01-01 10:00", second],
                "end": ["2020-01-09 10:00", "2020-02-05 10:00"],
                "mode": modes,
            }
        )
    )
    assert found.tables["runs"].num_rows == taken
    if taken == 1:
        assert [line["row"] for line in found.rejected.to_pylist() if line["table"] == "runs"] == [2]


def test_a_run_without_an_end_overlaps_every_later_one(two_runs: Two) -> None:
    found = validate(two_runs(runs={"patient_id": ["p1", "p1"], "end": [None, "2020-02-05 10:00"]}))
    assert [line["value"] for line in found.rejected.to_pylist() if line["table"] == "runs"] == ["the other has no end"]


@pytest.mark.parametrize(
    ("column", "values", "unit"),
    [
        ("lactate_mmol_L", np.linspace(12, 38, 40), "mg/dL"),  # every one is a possible mmol/L
        ("pao2_mmHg", np.linspace(15, 25, 40), "kPa"),
    ],
)
def test_a_column_in_another_unit_is_asked_about_even_where_each_value_is_possible(column: str, values: Any, unit: str) -> None:
    names = [f"r{i}" for i in range(len(values))]
    table = table_of("pre_support", {"run_id": names, column: values})
    runs = table_of(
        "runs",
        {
            "run_id": names,
            "patient_id": names,
            "centre_id": names,
            "start": np.array(["2020-01-01"] * len(names), dtype="datetime64[us]"),
        },
    )
    found = validate({"patients": table_of("patients", {"patient_id": names}), "runs": runs, "pre_support": table})
    assert len(found.questions) == 1
    assert found.questions[0]["column"] == column and unit in found.questions[0]["text"]
    np.testing.assert_array_equal(found.tables["pre_support"].column(column).to_numpy(), values)


def test_identifiers_and_dates_are_told_only_by_their_shape(two_runs: Two) -> None:
    found = validate(two_runs(runs={"run_id": ["Miller 1234", "r2"], "start": ["1.2.1987", "2020-02-01"]}))
    text = str(found.as_data())
    assert "Miller" not in text and "1987" not in text
    assert "aaaaaa 9999" in text and "9.9.9999" in text


def test_what_may_name_a_person_is_told_only_by_its_shape_wherever_it_stands(two_runs: Two) -> None:
    runs = {
        "diagnosis": ["Anna Miller", "Asthmaa"],
        "age": ["born 3.4.1961", "5"],
        "weight_kg": ["19610403", "5"],
        "height_cm": ["\x1b[2J", "5"],
    }
    found = validate(two_runs(runs=runs, patients={"female": ["Miller", "yes"]}))
    shown = {(one["column"], one["value"]) for one in found.rejected.to_pylist()}
    assert {("diagnosis", "aaaa aaaaaa"), ("diagnosis", "Asthmaa"), ("age", "aaaa 9.9.9999"), ("weight_kg", "9.99999a+99")} <= shown
    assert {("height_cm", "?[9a"), ("female", "aaaaaa"), ("height_cm", "5")} <= shown


def test_a_word_that_stands_in_many_rows_is_told_as_it_is() -> None:
    runs = {"run_id": [f"r{i}" for i in range(6)], "diagnosis": ["Kolibri"] * 5 + ["Zeisig"]}
    values = [one["value"] for one in validate({"runs": pa.table(runs)}).rejected.to_pylist() if one["column"] == "diagnosis"]
    assert values == ["Kolibri"] * 5 + ["aaaaaa"]


def test_every_error_that_a_synthetic_registry_was_given_is_found_and_nothing_else() -> None:
    made = synthesise(3000, 8, quirks=0.02)
    found = validate(made.tables)
    keys = {name: table.column(tables()[name].key[0]).to_pylist() for name, table in made.tables.items()}
    direct = [line for line in found.rejected.to_pylist() if "was not taken" not in line["reason"]]
    hit = Counter((line["table"], keys[line["table"]][line["row"] - 1]) for line in direct)
    put_in = Counter((line["table"], line["key"]) for line in made.truth["quirks"])
    assert hit == put_in
    assert {line["kind"] for line in made.truth["quirks"]} == set(KINDS)
    assert validate(found.tables).ok


WORDS = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.floats(allow_nan=True, allow_infinity=True).map(str),
    st.sampled_from(
        ["2020-01-01", "2020-13-01", "vv", "va", "r1", "r2", "p1", "1", "-1", "50", "true", "é", "2020-01-01T10:00:00Z", "weaned"]
    ),
)


@given(data=st.data())
@settings(max_examples=60)
def test_whatever_is_given_is_taken_or_rejected_with_a_reason_and_what_was_taken_keeps_every_rule(data: st.DataObject) -> None:
    given_tables = {}
    for name in ("patients", "runs", "pre_support", "settings", "outcomes"):
        rows = data.draw(st.integers(0, 4))
        columns = data.draw(st.lists(st.sampled_from(sorted(tables()[name].columns)), unique=True, min_size=1, max_size=6))
        drawn = {column: pa.array(data.draw(st.lists(WORDS, min_size=rows, max_size=rows)), pa.string()) for column in columns}
        given_tables[name] = pa.table(drawn)
    found = validate(given_tables)
    for name, counts in found.counts.items():
        rejected = {line["row"] for line in found.rejected.to_pylist() if line["table"] == name}
        assert len(rejected) == counts["rejected"]
        assert counts["taken"] + counts["rejected"] == counts["given"]
        assert found.tables[name].schema.equals(tables()[name].arrow)
    again = validate(found.tables)
    assert again.ok, again.reasons()
    for name, table in found.tables.items():
        assert again.tables[name].equals(table)


@given(value=st.floats(-1e6, 1e6))
def test_a_number_is_taken_exactly_when_it_is_in_its_range(value: float) -> None:
    column = tables()["candidates"].columns["pf_mmHg"]
    assert column.low is not None and column.high is not None
    table = pa.table({"candidate_id": ["k"], "end_day": ["3"], "ended_by": ["died"], "pf_mmHg": [repr(value)]})
    found = validate({"candidates": table})
    assert found.ok == (column.low <= value <= column.high)
    if found.ok:
        assert found.tables["candidates"].column("pf_mmHg").to_pylist() == [value]
