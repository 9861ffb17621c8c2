"""Importers: example files of every source, what each one takes and rejects, and files that are not what they should be."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfuse.evidence.registry import flat
from perfuse.evidence.registry.draws import data
from perfuse.evidence.registry.import_clif import read_clif
from perfuse.evidence.registry.import_fhir import read_fhir
from perfuse.evidence.registry.import_mimic import read_mimic
from perfuse.evidence.registry.schema import tables
from perfuse.evidence.registry.sources import Given, imported
from perfuse.evidence.registry.units import factor
from perfuse.parameters.problems import InputError
from perfuse.parameters.units import UnitError

KEY = bytes(range(32))


def reasons(given: Given) -> set[tuple[str, str, int]]:
    """Table, column and row of everything that is rejected for a reason of its own."""
    _, checked = imported(given, KEY)
    return {(one["table"], one["column"], one["row"]) for one in checked.rejected.to_pylist() if "was not taken" not in one["reason"]}


# Units


@pytest.mark.parametrize(
    ("table", "column", "unit", "value", "ours"),
    [
        ("pre_support", "paco2_mmHg", "kPa", 8.0, 60.0049),
        ("pre_support", "paco2_mmHg", "mm[Hg]", 60.0, 60.0),
        ("pre_support", "lactate_mmol_L", "mg/dL", 18.0, 1.998),  # 90.08 g/mol
        ("pre_support", "creatinine_mg_dL", "umol/L", 88.4, 1.0),  # 113.12 g/mol
        ("pre_support", "bilirubin_mg_dL", "umol/L", 17.1, 1.0),  # 584.66 g/mol
        ("pre_support", "platelets_10e9_L", "10*3/uL", 150.0, 150.0),
        ("pre_support", "temperature_C", "[degF]", 98.6, 37.0),
        ("pre_support", "fio2", "%", 60.0, 0.6),
        ("pre_support", "mv_hours", "d", 2.0, 48.0),
        ("runs", "height_cm", "m", 1.8, 180.0),
        ("settings", "pump_speed_rpm", "/min", 3300.0, 3300.0),
        ("settings", "spo2_pct", "1", 0.93, 93.0),
    ],
)
def test_units_are_turned(table: str, column: str, unit: str, value: float, ours: float) -> None:
    scale, shift = factor(tables()[table].columns[column], unit)
    assert value * scale + shift == pytest.approx(ours, rel=1e-3)


@pytest.mark.parametrize("unit", ["L", "furlong", ""])
def test_units_that_measure_something_else_are_refused(unit: str) -> None:
    with pytest.raises(UnitError):
        factor(tables()["pre_support"].columns["paco2_mmHg"], unit)


# FHIR


def test_the_fhir_example_gives_a_run_its_settings_and_what_was_before(examples: Path) -> None:
    given = read_fhir(examples / "fhir" / "bundle.json")
    assert reasons(given) == {("bundle", "Observation", 11), ("runs", "patient_id", 13), ("settings", "blood_flow_L_min", 10)}
    registry, _ = imported(given, KEY)
    run = flat.runs(registry).iloc[0]
    assert (run["mode"], run["run_days"], run["age"], run["weight_kg"]) == ("vv", 10.0, 47.0, 81.0)
    assert run["paco2_mmHg"] == pytest.approx(69.0, abs=0.1) and run["pH"] == 7.21
    assert "lactate_mmol_L" not in run  # it was measured 25 h before
    assert run["hospital_outcome"] == "alive" and bool(run["female"])
    settings_table = registry.tables["settings"]
    assert settings_table.num_rows == 1
    assert (settings_table.column("blood_flow_L_min")[0].as_py(), settings_table.column("sweep_L_min")[0].as_py()) == (4.2, 4.5)


@pytest.fixture
def bundle(examples: Path, tmp_path: Path) -> Callable[..., Path]:
    """The example with one resource changed: bundle(0, name=[...])."""

    def made(entry: int, **said: Any) -> Path:
        whole = json.loads((examples / "fhir" / "bundle.json").read_text(encoding="utf-8"))
        whole["entry"][entry]["resource"].update(said)
        path = tmp_path / "bundle.json"
        path.write_text(json.dumps(whole), encoding="utf-8")
        return path

    return made


@pytest.mark.parametrize(
    ("entry", "said", "words"),
    [
        (0, {"name": [{"family": "Miller"}]}, "a name"),
        (0, {"birthDate": "1975-05-04"}, "a birth date"),
        (0, {"telecom": [{"value": "0301234"}]}, "contact"),
        (0, {"address": [{"city": "Miller"}]}, "an address"),
        (0, {"identifier": [{"value": "12345"}]}, "identifier"),
        (2, {"note": [{"text": "Miller"}]}, "free text"),
        (2, {"text": {"status": "generated", "div": "<div xmlns='http://www.w3.org/1999/xhtml'>Miller</div>"}}, "free text"),
        (3, {"performer": [{"display": "Dr Miller"}]}, "display"),
        (0, {"contained": [{"resourceType": "RelatedPerson", "name": [{"text": "Miller"}]}]}, "contained.name: .*a name"),
        (0, {"extension": [{"url": "http://x.org/patient-mothersMaidenName", "valueString": "Miller"}]}, "extension.url: .*name"),
        (0, {"extension": [{"url": "http://x.org/birthPlace", "valueAddress": {"city": "Miller"}}]}, "an address"),
        (0, {"_birthDate": {"extension": [{"url": "x", "valueDateTime": "1975-05-04"}]}}, "a birth date"),
        (0, {"generalPractitioner": [{"reference": "Practitioner/1", "display": "Miller"}]}, "display"),
        (1, {"identifier": [{"value": "Miller 1234"}]}, "identifier"),
        (1, {"participant": [{"individual": {"display": "Miller"}}]}, "display"),
        (2, {"subject": {"identifier": {"value": "Miller"}}}, "identifier"),
        (3, {"contained": [{"resourceType": "Practitioner", "telecom": [{"value": "Miller"}]}]}, "contact"),
        (11, {"resourceType": "Practitioner", "name": [{"family": "Miller"}]}, "a name"),
        (11, {"resourceType": "DocumentReference", "content": [{"attachment": {"data": "Miller"}}]}, "a document"),
    ],
)
def test_a_bundle_that_names_a_person_is_refused(bundle: Callable[..., Path], entry: int, said: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words) as told:
        read_fhir(bundle(entry, **said))
    assert "Miller" not in str(told.value)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (1, {"serviceProvider": {"reference": "Organization/o1", "display": "Heidelberg"}}),
        (1, {"participant": [{"type": [{"coding": [{"system": "x", "code": "ATND", "display": "attender"}], "text": "attender"}]}]}),
        (3, {"code": {"coding": [{"system": "http://loinc.org", "code": "2019-8", "display": "Carbon dioxide"}]}}),
        (11, {"resourceType": "Organization", "name": "Klinik", "address": [{"city": "Heidelberg"}]}),
    ],
)
def test_a_bundle_that_names_places_and_codes_is_read(bundle: Callable[..., Path], entry: int, said: dict[str, Any]) -> None:
    assert read_fhir(bundle(entry, **said)).tables["runs"].num_rows == 2


@pytest.mark.parametrize("text", ["2022", "2022-01"])
def test_a_month_is_no_moment_in_fhir(bundle: Callable[..., Path], text: str) -> None:
    _, checked = imported(read_fhir(bundle(12, subject={"reference": "Patient/p1"}, performedPeriod={"start": text})), KEY)
    assert ("start", "this value is required and missing") in {(one["column"], one["reason"]) for one in checked.rejected.to_pylist()}


def test_settings_that_replace_others_of_the_same_moment_are_told(bundle: Callable[..., Path]) -> None:
    code = {"coding": [{"system": "http://snomed.info/sct", "code": "444479000"}]}
    assert any("1 settings were observed twice" in note for note in read_fhir(bundle(8, code=code)).notes)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[]", "no FHIR resource"),
        ("3", "no FHIR resource"),
        ('{"resourceType": "Bundle", "type": "collection"}', "no procedure"),
        ('{"resourceType": "Bundle", "entry": 3}', "no list"),
        ('{"resourceType": "Bundle", "entry": [3, {}, {"resource": 4}, {"resource": {"resourceType": 7}}]}', "no procedure"),
        ("[" * 100_000, "nested|not JSON"),
    ],
)
def test_what_is_no_bundle_is_refused(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        read_fhir(tmp_path / "b.json")


def test_a_folder_of_bundles_is_read_and_a_broken_file_among_them_is_told(examples: Path, tmp_path: Path) -> None:
    shutil.copy(examples / "fhir" / "bundle.json", tmp_path / "a.json")
    (tmp_path / "b.json").write_text("{", encoding="utf-8")
    whole = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    (tmp_path / "c.ndjson").write_text("\n".join(json.dumps(one["resource"]) for one in whole["entry"][3:5]) + "\n", encoding="utf-8")
    _, checked = imported(read_fhir(tmp_path), KEY)
    said = [one["reason"] for one in checked.rejected.to_pylist()]
    assert any("b.json" in one for one in said)
    assert sum("of this id stands" in one for one in said) == 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["coding", "code", "system", "value", "reference", "start"]), inner, max_size=3)
    ),
    max_leaves=8,
)
ELEMENTS = [
    "code",
    "subject",
    "performedPeriod",
    "status",
    "encounter",
    "valueQuantity",
    "effectiveDateTime",
    "partOf",
    "component",
    "identifier",
    "id",
]


@given(entry=st.sampled_from([0, 1, 2, 3, 7]), element=st.sampled_from(ELEMENTS), value=JSON)
@settings(max_examples=60)
def test_an_element_of_any_shape_is_read_rejected_or_refused_in_words(
    entry: int, element: str, value: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    source = Path(__file__).parent / "examples" / "fhir" / "bundle.json"
    whole = json.loads(source.read_text(encoding="utf-8"))
    whole["entry"][entry]["resource"][element] = value
    path = tmp_path_factory.mktemp("b") / "b.json"
    path.write_text(json.dumps(whole), encoding="utf-8")
    try:
        imported(read_fhir(path), KEY)
    except InputError as told:
        assert told.problems


def test_without_the_package_for_fhir_it_says_what_to_install(examples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "fhir.resources.R4B", None)
    with pytest.raises(InputError, match=r"perfuse\[fhir\]"):
        read_fhir(examples / "fhir" / "bundle.json")


# MIMIC-IV


def test_the_mimic_example_gives_runs_told_from_charts(examples: Path) -> None:
    given = read_mimic(examples / "mimic" / "chartevents.csv")
    registry, checked = imported(given, KEY)
    runs = registry.tables["runs"]
    assert runs.num_rows == 3
    assert runs.column("mode").to_pylist() == ["vv", None, None]
    assert runs.column("year").null_count == 3  # dates were moved by the makers of MIMIC
    assert {(one["column"], one["value"]) for one in checked.rejected.to_pylist()} == {("fdo2", "80"), ("blood_flow_L_min", "380")}
    kept = registry.tables["settings"].to_pandas()
    assert sorted(kept["blood_flow_L_min"].dropna()) == [3.0, 3.1, 3.8, 4.2]
    assert kept["fdo2"].dropna().tolist() == [1.0]
    assert kept["pressure_pre_mmHg"].dropna().tolist() == [210.0]
    assert any("24 h" in note for note in given.notes)


def test_mimic_is_read_from_parquet_with_numbers_as_well(examples: Path, tmp_path: Path) -> None:
    frame = pd.read_csv(examples / "mimic" / "chartevents.csv")
    pq.write_table(pa.Table.from_pandas(frame), tmp_path / "chartevents.parquet")
    one, two = read_mimic(examples / "mimic" / "chartevents.csv"), read_mimic(tmp_path / "chartevents.parquet")
    assert one.tables["runs"].equals(two.tables["runs"])
    assert one.tables["settings"].equals(two.tables["settings"])


def test_item_ids_are_those_of_the_reference() -> None:
    said = data("mimic.yaml")
    assert set(map(int, said["items"])) == {229270, 229277, 229278, 229280, 229363, 229364}
    assert int(said["mode"]["item"]) == 229268


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "stay_id"),
        ("subject_id,stay_id,charttime,itemid,value\n1,1,2150-01-01,220045,80\n", "no ECMO item"),
        ("subject_id,stay_id,charttime,itemid,value,comment\n1,1,2150-01-01,229270,4,x\n", "free text"),
        ("", "cannot be read|no such column"),
    ],
)
def test_what_is_no_chartevents_is_refused(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        read_mimic(tmp_path / "c.csv")


# CLIF


def test_the_clif_example_gives_runs_by_kind_of_device(examples: Path) -> None:
    given = read_clif(examples / "clif")
    registry, checked = imported(given, KEY)
    frame = flat.runs(registry).sort_values(["age", "mode"]).reset_index(drop=True)
    assert list(frame["mode"]) == ["vv", "impella", "va"]
    assert list(frame["hospital_outcome"]) == ["alive", "died", "died"]
    assert list(frame["age"]) == [47.0, 66.0, 66.0]
    assert [(one["column"], one["value"]) for one in checked.rejected.to_pylist()] == [("blood_flow_L_min", "36")]
    assert sorted(registry.tables["settings"].to_pandas()["pump_speed_rpm"].dropna()) == [3100.0, 3300.0, 3350.0]


def test_clif_is_read_from_parquet_and_in_older_writings(examples: Path, tmp_path: Path) -> None:
    frame = pd.read_csv(examples / "clif" / "clif_ecmo_mcs.csv").iloc[:2]
    frame["recorded_dttm"] = pd.to_datetime(frame["recorded_dttm"])
    older = frame.rename(columns={"sweep_set": "sweep", "fdO2_set": "fdO2", "control_parameter_value": "device_rate"})
    older.drop(columns=["control_parameter_category"]).to_parquet(tmp_path / "ecmo_mcs.parquet")
    registry, checked = imported(read_clif(tmp_path), KEY)
    assert checked.ok
    kept = registry.tables["settings"].to_pandas()
    assert kept["sweep_L_min"].tolist() == [4.0, 4.0] and kept["fdo2"].tolist() == [1.0, 0.9]
    assert kept["pump_speed_rpm"].tolist() == [3300.0, 3350.0]


def test_a_clif_patient_table_with_birth_dates_is_refused(examples: Path, tmp_path: Path) -> None:
    shutil.copytree(examples / "clif", tmp_path / "clif")
    (tmp_path / "clif" / "clif_patient.csv").write_text("patient_id,birth_date,sex_category\nC1,1976-01-01,Female\n", encoding="utf-8")
    with pytest.raises(InputError, match="birth_date"):
        read_clif(tmp_path / "clif")
    (tmp_path / "clif" / "clif_patient.csv").write_text("patient_id,sex_category\nC1,Female\n", encoding="utf-8")
    registry, _ = imported(read_clif(tmp_path / "clif"), KEY)
    assert sorted(map(str, registry.tables["patients"].column("female").to_pylist())) == ["None", "True"]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "hospitalization_id,recorded_dttm\nH1,soon\n"])
def test_what_is_no_clif_table_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "clif_ecmo_mcs.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError):
        read_clif(tmp_path)
    with pytest.raises(InputError):
        read_clif(tmp_path / "nowhere")
