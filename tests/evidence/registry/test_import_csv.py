"""CSV with a mapping: what is taken, what is rejected with its line, what is refused."""

from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from perfuse.evidence.registry import flat
from perfuse.evidence.registry.import_csv import read_csv, read_mapping
from perfuse.evidence.registry.sources import Given, imported
from perfuse.evidence.registry.validate import validate
from perfuse.parameters.problems import InputError

KEY = bytes(range(32))


def reasons(given: Given) -> set[tuple[str, str, int]]:
    """Table, column and row of everything that is rejected for a reason of its own."""
    _, checked = imported(given, KEY)
    return {(one["table"], one["column"], one["row"]) for one in checked.rejected.to_pylist() if "was not taken" not in one["reason"]}


def test_the_csv_example_takes_good_lines_and_tells_what_is_wrong_with_the_others(examples: Path) -> None:
    given = read_csv(examples / "csv", examples / "csv" / "mapping.yaml")
    assert reasons(given) == {
        ("runs", "end", 4),
        ("runs", "diagnosis", 6),
        ("runs", "start", 7),
        ("runs", "run_id", 8),
        ("pre_support", "run_id", 8),
        ("outcomes", "run_id", 8),
        ("runs", "start", 9),
        ("runs", "age", 10),
        ("pre_support", "paco2_mmHg", 10),
        ("settings", "time", 5),
        ("settings", "run_id", 6),
    }


def test_csv_units_words_dates_and_great_age_are_turned_as_the_mapping_says(examples: Path) -> None:
    registry, _ = imported(read_csv(examples / "csv", examples / "csv" / "mapping.yaml"), KEY)
    frame = flat.runs(registry).sort_values("age").reset_index(drop=True)
    assert list(frame["age"]) == [44.5, 61.0, 90.0]
    first, second = frame.iloc[0], frame.iloc[1]
    assert first["paco2_mmHg"] == pytest.approx(66.76, abs=0.01)
    assert second["creatinine_mg_dL"] == pytest.approx(1.58, abs=0.01)
    assert first["mv_hours"] == 84.0 and bool(first["female"]) and second["diagnosis"] == "acute_myocardial_infarction"
    assert first["run_days"] == pytest.approx(8.78125)
    assert second["hospital_outcome"] == "died" and second["year"] == 2021 and bool(second["cardiac_arrest"])
    assert sorted(registry.tables["settings"].column("blood_flow_L_min").to_pylist()) == [3.9, 4.3, 4.5]


def write(folder: Path, csv: str, mapping: str) -> tuple[Path, Path]:
    (folder / "a.csv").write_text(csv, encoding="utf-8")
    (folder / "map.yaml").write_text(mapping, encoding="utf-8")
    return folder / "a.csv", folder / "map.yaml"


GOOD = "columns: {case: runs.run_id, who: runs.patient_id, site: runs.centre_id, from: runs.start}\n"


def test_a_patient_of_several_lines_is_one_patient_and_a_contradiction_is_told(tmp_path: Path) -> None:
    lines = "case,who,site,from,sex\n1,p,a,2020-01-01,f\n2,p,a,2020-03-01,f\n3,q,a,2020-03-01,f\n4,q,a,2020-05-01,m\n"
    mapping = GOOD.replace("}", ", sex: {to: patients.female, values: {f: true, m: false}}}")
    given = read_csv(*write(tmp_path, lines, mapping))
    assert given.tables["patients"].num_rows == 3
    checked = validate(given.tables)
    assert checked.counts["patients"] == {"given": 3, "taken": 2, "rejected": 1}
    assert [one["row"] for one in checked.rejected.to_pylist() if one["table"] == "patients"] == [5]


def test_lines_keep_their_numbers_and_their_columns_whatever_stands_between_them(tmp_path: Path) -> None:
    lines = [
        "case,who,site,from",
        "",
        '1,p,"a',
        'b",2020-01-01',
        "2,q,a,2020-01-01,",
        "3,r,a,2020-01-01,x",
        "4,s",
        "5,t,a,soon",
        "6,u,a,2020-01-02",
    ]
    registry, checked = imported(read_csv(*write(tmp_path, "\ufeff" + "\r\n".join(lines), GOOD)), KEY)
    assert registry.tables["runs"].num_rows == 2
    told = {(one["row"], one["column"], one["reason"]) for one in checked.rejected.to_pylist()}
    assert {(6, "", "5 values stand under 4 columns"), (7, "", "2 values stand under 4 columns")} <= told
    assert {(3, "centre_id", "this is no pseudonym or short code"), (8, "start", "this is not a date and time")} <= told


def test_every_line_longer_than_its_heading_is_rejected_and_none_is_shifted(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="5 values stand under 4 columns"):
        imported(read_csv(*write(tmp_path, "case,who,site,from\n1,p,a,2020-01-01,2020-01-02\n2,q,a,2020-01-01,2020-01-02\n", GOOD)), KEY)


def test_a_point_is_not_read_as_a_decimal_sign_where_that_is_a_comma(tmp_path: Path) -> None:
    mapping = "separator: ';'\ndecimal: ','\n" + GOOD.replace("}", ", age: runs.age}")
    source = write(tmp_path, "case;who;site;from;age\n1;p;a;2020-01-01;1.234\n2;q;a;2020-01-01;40,5\n", mapping)
    registry, checked = imported(read_csv(*source), KEY)
    assert registry.tables["runs"].column("age").to_pylist() == [40.5]
    assert checked.reasons()[0]["reason"] == "this is not a number"


def test_dates_with_a_zone_are_turned_into_universal_time_in_every_form(tmp_path: Path) -> None:
    forms = {"2020-07-01T12:00+02:00": "", "2020-07-01 10:00 UTC": "", "01.07.2020 12:00 +0200": "%d.%m.%Y %H:%M %z"}
    for text, form in forms.items():
        mapping = GOOD.replace("runs.start", f"{{to: runs.start, format: '{form}'}}") if form else GOOD
        given = read_csv(*write(tmp_path, f"case,who,site,from\n1,p,a,{text}\n", mapping))
        assert validate(given.tables).tables["runs"].column("start").to_pylist() == [datetime(2020, 7, 1, 10)]


def test_columns_that_are_not_mapped_are_told(tmp_path: Path) -> None:
    given = read_csv(*write(tmp_path, "case,who,site,from,ward\n1,p,a,2020-01-01,7\n", GOOD + "constants: {runs.indication: ecpr}\n"))
    assert given.notes == ["not imported, because the mapping does not name it: a.csv: ward"]
    assert given.tables["runs"].column("indication").to_pylist() == ["ecpr"]


@pytest.mark.parametrize(
    ("csv", "words"),
    [
        ("case,who,site,from,Nachname\n1,p,a,2020-01-01,Miller\n", "Nachname.*name"),
        ("case,who,site,from,x\n1,p,a,2020-01-01,anna@example.org\n", "x.*e-mail"),
        ("case,who,site,from,x\n1,p,a,2020-01-01,he was brought here from another town\n", "x.*free text"),
        ('case,who,site,from\n1,"Miller, Anna",a,2020-01-01\n', "who.*family, given"),
        ("case,who,site\n1,p,a\n", "from: the file has no such column"),
        ("", "no heading"),
        ("\n\n", "no heading"),
        ("case,who,site,from,case\n1,p,a,2020-01-01,1\n", "stands twice"),
        ('case,who,site,from\n1,"p,a,2020-01-01\n', "cannot be read as CSV"),
        ("case,who,site,from\n", "not one row can be taken"),
        ("case,who,site,from\n1,p,a,soon\n", "not one row can be taken|patients"),
    ],
)
def test_a_csv_that_cannot_be_used_is_refused(csv: str, words: str, tmp_path: Path) -> None:
    try:
        registry, checked = imported(read_csv(*write(tmp_path, csv, GOOD)), KEY)
    except InputError as told:
        assert pd.Series([str(told)]).str.contains(words)[0], str(told)
        assert "Miller" not in str(told) and "anna@" not in str(told)
    else:
        pytest.fail(f"{registry} {checked.reasons()}")


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ("- a\n", "a mapping has"),
        ("columns: {}\n", "names columns"),
        ("columns: {case: runs.run}\n", "no column 'run'"),
        ("columns: {case: run.run_id}\n", "names no table"),
        ("columns: {case: {to: runs.run_id, unit: kPa}}\n", "has no unit"),
        ("columns: {p: {to: pre_support.paco2_mmHg, unit: L}}\n", "cannot be turned"),
        ("columns: {p: {to: pre_support.paco2_mmHg, unt: kPa}}\n", "unit"),
        ("columns: {m: {to: runs.mode, values: {VV: v-v}}}\n", "not known for mode"),
        ("columns: {m: {to: runs.mode, values: [VV]}}\n", "what each word means"),
        ("columns: {case: runs.run_id}\nseparator: ';;'\n", "one character"),
        ('columns: {case: runs.run_id}\nseparator: "\\n"\n', "no end of line"),
        ("columns: {case: runs.run_id}\ndecimal: '1'\n", "no decimal sign"),
        ("columns: {case: runs.run_id}\nencoding: base64\n", "encoding is not known"),
        ("columns: {case: runs.run_id}\nconstants: [vv]\n", "each with its value"),
        ("columns: {case: runs.run_id}\nconstants: {runs.mode: [vv]}\n", "one value"),
        ("columns: {a: {to: runs.start, format: '%Q'}}\n", "no form of dates"),
        ("columns: {a: {to: runs.age, format: '%Y'}}\n", "is no time"),
        ("columns: {a: runs.age, b: runs.age}\n", "two things go to runs.age"),
        ("columns: {a: runs.age}\nconstants: {runs.age: 5}\n", "two things go to runs.age"),
        ("columns: {case: runs.run_id}\ndecimals: ','\n", "decimal"),
        ("files: {}\n", "names files"),
        ("files: {a.csv: {columns: {case: runs.run_id}}}\nseparator: ';'\n", "beside `files`"),
        ("columns: {case: runs.run_id}\nconstants: {runs.modus: vv}\n", "no column 'modus'"),
        ("columns: {a: runs.x, b: runs.y}\n", "2 problems"),
        ("columns: [a: b\n", "not YAML"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_told_with_its_line(mapping: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text(mapping, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        read_mapping(tmp_path / "map.yaml")


def test_missing_files_are_told(tmp_path: Path, examples: Path) -> None:
    mapping = examples / "csv" / "mapping.yaml"
    for read in (
        lambda: read_csv(tmp_path / "no.csv", mapping),
        lambda: read_csv(tmp_path, mapping),
        lambda: read_csv(tmp_path, tmp_path / "no.yaml"),
    ):
        with pytest.raises(InputError):
            read()
