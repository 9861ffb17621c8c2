"""One score for every row of a table: broken rows spoil no other, and nothing half written stays."""

import csv
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from perfuse import evidence
from perfuse.evidence.scoring.batch import score_frame, score_table
from perfuse.parameters.problems import InputError
from perfuse.parameters.safety import NOT_FOR_CLINICAL_USE, SAFETY_TEXT

TABLE = """\
patient,age,immunocompromised,mv_hours,diagnosis,cns_dysfunction,nonpulmonary_infection,nmb,inhaled_no,bicarbonate_infusion,cardiac_arrest,paco2_mmHg,pip_cmH2O
whole,35,no,24,viral_pneumonia,no,no,yes,no,no,no,60,38
units,35,0,1 day,viral pneumonia,0,0,1,0,0,0,8 kPa,38
hole,35,no,24,viral_pneumonia,no,no,yes,no,no,no,60,NA
wrong,135,no,24,viral,no,no,yes,no,no,no,60,38
short,35,no
long,35,no,24,viral_pneumonia,no,no,yes,no,no,no,60,38,9,9
last,35,no,24,asthma,no,no,yes,no,no,no,60,38
"""


def rows_of(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        return list(pq.read_table(path).to_pylist())
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "patients.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_a_table_that_names_people_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "patients.csv"
    path.write_text("patient,Nachname,date_of_birth,age\np1,X,1.1.1970,35\n", encoding="utf-8")
    with pytest.raises(InputError) as told:
        score_table("resp", path, tmp_path / "out.csv")
    assert {problem.place for problem in told.value.problems} == {"Nachname", "date_of_birth"}
    assert "1970" not in str(told.value) and not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_every_row_stays_one_row_and_broken_ones_say_why(table: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"scores.{ending}"
    found = score_table("resp", table, out)
    assert {key: found[key] for key in ("rows", "complete", "with_missing", "failed")} == {
        "rows": 7, "complete": 3, "with_missing": 1, "failed": 3,
    }  # fmt: skip
    rows = {row["patient"]: row for row in rows_of(out)}
    assert list(rows) == ["whole", "units", "hole", "wrong", "short", "long", "last"]
    assert [float(rows[one]["resp_score"]) for one in ("whole", "units", "last")] == [7, 7, 15]
    assert rows["last"]["resp_risk_class"] == "I"
    assert (float(rows["hole"]["resp_low"]), float(rows["hole"]["resp_high"])) == (6, 7)
    assert rows["hole"]["resp_missing"] == "pip_cmH2O" and not rows["hole"]["resp_score"]
    assert "135 lies outside" in rows["wrong"]["resp_error"] and "'viral' is not one of its words" in rows["wrong"]["resp_error"]
    assert "line 6: 3 values stand under 13 columns" in rows["short"]["resp_error"]
    assert "line 7: 15 values" in rows["long"]["resp_error"]
    assert all(row["resp_use"] == NOT_FOR_CLINICAL_USE for row in rows.values())


def test_a_parquet_table_keeps_its_types_and_carries_the_safety_text(tmp_path: Path) -> None:
    table, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    columns = {"id": [1, 2, 3], "pf_mmHg": [95.0, float("nan"), 900.0], "peep_cmH2O": [10.0, 10.0, 10.0]}
    pq.write_table(pa.table(columns), table)
    found = score_table("berlin", table, out)
    assert (found["complete"], found["with_missing"], found["failed"]) == (1, 1, 1)
    written = pq.read_table(out)
    assert written.schema.field("id").type == pa.int64()
    assert written.schema.metadata[b"safety"].decode() == SAFETY_TEXT
    assert written.column("berlin_severity").to_pylist() == ["severe", None, None]
    assert written.column("berlin_possible").to_pylist()[1] == "mild, moderate, severe, none"


def test_a_list_of_diagnoses_and_the_parts_of_sofa_have_their_columns(tmp_path: Path) -> None:
    table, out = tmp_path / "in.parquet", tmp_path / "out.csv"
    pq.write_table(pa.table({"diagnoses": [["myocarditis", "refractory_vt_vf"]], "age": [45]}), table)
    score_table("save", table, out)
    row = rows_of(out)[0]
    one = evidence.score("save", diagnoses=["myocarditis", "refractory_vt_vf"], age=45)
    assert [float(row["save_low"]), float(row["save_high"])] == one["score_range"]
    sofa = tmp_path / "sofa.csv"
    sofa.write_text("gcs;map_mmHg\n8;60\n", encoding="utf-8-sig")
    score_table("sofa", sofa, out)
    assert [float(rows_of(out)[0][f"sofa_{one}"]) for one in ("cns", "cardiovascular")] == [3, 1]


def refused(name: str, table: Path, out: Path) -> str:
    with pytest.raises(InputError) as caught:
        score_table(name, table, out)
    return str(caught.value)


def test_tables_that_cannot_be_used_are_refused_in_words(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    other = tmp_path / "other.csv"
    other.write_text("agee,who\n35,a\n", encoding="utf-8")
    assert "no column is an input" in refused("resp", other, out) and "Did you mean age" in refused("resp", other, out)
    other.write_text("age,Age\n35,36\n", encoding="utf-8")
    assert "several columns are this input" in refused("resp", other, out)
    other.write_text("age,resp_score\n35,36\n", encoding="utf-8")
    assert "in the table already" in refused("resp", other, out)
    other.write_text("age,age\n35,36\n", encoding="utf-8")
    assert "same name" in refused("resp", other, out)
    other.write_text("", encoding="utf-8")
    assert "empty" in refused("resp", other, out)
    assert "replaced" in refused("resp", table, table)
    assert "neither .csv nor .parquet" in refused("resp", table, tmp_path / "out.xlsx")
    assert "there is no file" in refused("resp", tmp_path / "none.csv", out)
    assert "does not exist" in refused("resp", table, tmp_path / "no" / "out.csv")
    assert "cannot be worked out" in refused("roch", table, out)
    (tmp_path / "bad.parquet").write_text("no", encoding="utf-8")
    assert "not a Parquet file" in refused("resp", tmp_path / "bad.parquet", out)
    assert not out.exists()


@pytest.mark.parametrize(
    ("given", "words"),
    [(b'age\n"50\n60\n', "quote is closed"), (b'"age\n50\n', "quote is closed"), (b"age,x\n50,\xfc\n", "UTF-8"), (b"\xff\xfea\0", "UTF-8")],
)
def test_a_table_that_is_no_csv_is_refused_whole(given: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(given)
    with pytest.raises(InputError, match=words):
        score_table("resp", tmp_path / "t.csv", tmp_path / "o.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_two_columns_of_one_name_are_refused_in_parquet_too(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_arrays([pa.array([50]), pa.array([60])], names=["age", "age"]), tmp_path / "t.parquet")
    with pytest.raises(InputError, match="the same name"):
        score_table("resp", tmp_path / "t.parquet", tmp_path / "o.csv")


def test_a_run_that_is_stopped_leaves_the_old_file_and_nothing_half_written(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores.csv"
    out.write_text("old", encoding="utf-8")
    big = tmp_path / "big.csv"
    head, first = TABLE.splitlines()[:2]
    big.write_text("\n".join([head, *[first] * 10_001]) + "\n", encoding="utf-8")

    def stop(done: float, total: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score_table("resp", big, out, stop)
    assert out.read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["big.csv", "patients.csv", "scores.csv"]


def test_the_warning_of_a_record_and_of_a_row_stands_beside_the_row(tmp_path: Path) -> None:
    table, out = tmp_path / "in.csv", tmp_path / "out.csv"
    table.write_text("age\n60\n", encoding="utf-8")
    found = score_table("hm3rs", table, out)
    assert "recovered from the official calculator" in rows_of(out)[0]["hm3rs_warnings"]
    assert "recovered from the official calculator" in found["warnings"][0]
    table.write_text("spre,spost,svo2\n0.6,1,0.65\n0.7,1,0.65\n", encoding="utf-8")
    score_table("recirculation", table, out)
    assert ["below 0" in row["recirculation_warnings"] for row in rows_of(out)] == [True, False]
    table.write_text("pf_mmHg\n60\n", encoding="utf-8")
    score_table("eolia_eligibility", table, out)
    assert rows_of(out)[0]["eolia_eligibility_possible"] == "criterion_2: no or yes; criterion_3: no or yes; eligible: no or yes"


def test_a_data_frame_is_scored_row_by_row_and_keeps_its_index() -> None:
    import pandas as pd

    frame = pd.DataFrame({"pf_mmHg": pd.array([95, None, 9999], dtype="Float64"), "peep_cmH2O": [10.0, 10.0, 10.0]}, index=["a", "b", "c"])
    found = score_frame("berlin", frame)
    assert list(found.index) == ["a", "b", "c"]
    assert found.loc["a", "berlin_severity"] == "severe"
    assert found.loc["b", "berlin_missing"] == "pf_mmHg"
    assert "9999" in found.loc["c", "berlin_error"]
    assert len(score_frame("berlin", frame.iloc[:0])) == 0
