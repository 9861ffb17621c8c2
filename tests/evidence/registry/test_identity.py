"""Columns that look as if they named a person are refused, by name and by what stands in them; harmless ones are not."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfuse.evidence.registry.identity import kind_of_values, refuse
from perfuse.evidence.registry.schema import tables
from perfuse.parameters.identity import kind_of_name
from perfuse.parameters.problems import InputError

NAMES = {
    "name": [
        "Name",
        "last_name",
        "LastName",
        "Nachname",
        "VORNAME",
        "patient name",
        "Patientenname",
        "prénom",
        "nom de famille",
        "apellidos",
        "Initials",
        "pat_name",
        "PtName",
        "PName",
        "f_name",
        "NameOfMother",
        "N-A-M-E",
        "ＮＡＭＥ",
        "patient.name",
        "Имя",
        "Nаme",
        "姓名",
        "imię",
        "Fornavn",
    ],
    "record number": [
        "MRN",
        "medical_record_number",
        "Fallnummer",
        "Patienten-Nr",
        "KVNR",
        "SSN",
        "Versichertennummer",
        "insurance_id",
        "PID",
        "NHS no",
        "hosp_no",
        "HospNo",
        "Fall-Nr",
        "patNr",
        "chart_no",
        "NHSNumber",
        "fødselsnummer",
        "DeviceSerialNo",
        "PESEL",
        "AHV-Nummer",
        "medicareNumber",
    ],
    "birth date": [
        "DOB",
        "date_of_birth",
        "birthDate",
        "Geburtsdatum",
        "geb.",
        "Geb.-Datum",
        "date_naissance",
        "fecha de nacimiento",
        "d.o.b.",
        "BDate",
        "yob",
        "geboortedatum",
        "födelsedatum",
        "birth_year",
    ],
    "address": ["Address", "PLZ", "Straße", "zip code", "postal_code", "Wohnort", "Anschrift"],
    "contact": ["Telefon", "phone_number", "e-mail", "E-Mail-Adresse", "fax"],
    "person": ["surgeon", "Hausarzt", "treating doctor"],
    "free text": ["comment", "Bemerkungen", "free_text", "Freitext", "notes", "Arztbrief"],
    "picture": ["photo", "fingerprint"],
}
HARMLESS = [
    "patient_id", "case", "run", "centre", "device_name", "control_parameter_name", "cannula_name", "birth_weight_g", "Geburtsgewicht",
    "cpr_minutes", "PIP", "diagnosis", "stay_id", "subject_id", "hadm_id", "mobile_ecmo", "sex", "Alter", "age", "Laktat", "flow", "site",
    "recorded_dttm", "hospital_id", "value", "temperature", "strength", "normal", "nominal_flow", "telemetry",
    "patient_age", "discharge_name", "race_name", "lab_name", "fdO2_set",
    "caregiver_id", "ΔP", "µg_kg_min", "Körpergröße",
    "device_no", "run_number", "born_preterm", "admission_type_name",
]  # fmt: skip


@pytest.mark.parametrize(("kind", "column"), [(kind, column) for kind, columns in NAMES.items() for column in columns])
def test_a_column_is_known_by_its_name(kind: str, column: str) -> None:
    found = kind_of_name(column)
    assert found is not None
    assert found == kind or (kind == "contact" and found == "address") or found == "letters that are not read here"


@pytest.mark.parametrize("column", HARMLESS)
def test_harmless_columns_are_let_through(column: str) -> None:
    assert kind_of_name(column) is None


def test_no_column_of_the_schema_is_refused() -> None:
    for table in tables().values():
        for column in table.columns:
            assert kind_of_name(column) is None, column


VALUES = {
    "e-mail address": ["anna@example.org"],
    "telephone number": ["+49 6221 123456", "0049 30 1234567", "(555) 123-4567", "06221 123456"],
    "Swiss insurance number": ["756.1234.5678.97"],
    "Nordic personal number": ["010203-1234", "19610403-1234"],
    "US social security number": ["078-05-1120"],
    "German insurance number": ["A123456780", "B987654321"],
    "British NHS number": ["943 476 5919"],
    "IBAN": ["DE89 3704 0044 0532 0130 00"],
    "web address": ["https://example.org/p/1"],
    "IP address": ["192.168.0.1"],
    'name written as "family, given"': ["Müller, Anna", "O'Neil, Mary Jane"],
    "name with a title": ["Frau Schmidt", "Dr. Jones"],
    "free text": ["The patient was transferred from another hospital yesterday."],
}


@pytest.mark.parametrize("kind", VALUES)
def test_values_are_known_by_their_form(kind: str) -> None:
    assert kind_of_values(pa.array(VALUES[kind])) == kind


def test_one_mail_address_among_many_codes_is_found() -> None:
    assert kind_of_values(pa.array([f"c{i}" for i in range(5000)] + ["anna@example.org"])) == "e-mail address"


@pytest.mark.parametrize(
    "values",
    [
        ["R-001", "R-002"],
        ["00123456", "00456789"],
        ["vv", "va"],
        ["2020-01-01 10:00"],
        ["12.5", "7"],
        ["30001-1"],
        ["Cardiohelp"],
        ["viral_pneumonia"],
        [],
        [None],
    ],
)
def test_harmless_values_are_let_through(values: list[str | None]) -> None:
    assert kind_of_values(pa.array(values, pa.string())) is None


@given(st.lists(st.from_regex(r"[a-z]{1,3}[0-9]{1,8}", fullmatch=True), max_size=20))
def test_pseudonyms_are_let_through(values: list[str]) -> None:
    assert kind_of_values(pa.array(values, pa.string())) is None


def test_all_columns_are_told_at_once_and_no_value_is() -> None:
    columns = {
        "case": pa.array(["c1"]),
        "Nachname": pa.array(["Miller"]),
        "contact": pa.array(["anna@example.org"]),
        "lactate": pa.array([2.0]),
    }
    with pytest.raises(InputError) as told:
        refuse(columns, "runs.csv")
    assert [one.place for one in told.value.problems] == ["Nachname", "contact"]
    assert "Miller" not in str(told.value) and "anna" not in str(told.value)
