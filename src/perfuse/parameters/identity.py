"""Identifiable data are not asked for, and a field that looks like a name, record number or birth date is refused."""

import re
from typing import Any

from perfuse.parameters.problems import Path, Problems

_WORDS = frozenset(
    (
        "name",
        "firstname",
        "lastname",
        "surname",
        "forename",
        "givenname",
        "familyname",
        "fullname",
        "patientname",
        "initials",
        "vorname",
        "nachname",
        "mrn",
        "record",
        "recordnumber",
        "recordno",
        "medicalrecord",
        "medicalrecordnumber",
        "chartnumber",
        "casenumber",
        "fallnummer",
        "patientid",
        "patientnumber",
        "patientnummer",
        "hospitalnumber",
        "nhsnumber",
        "nhs",
        "ssn",
        "socialsecuritynumber",
        "insurancenumber",
        "passport",
        "birthdate",
        "dateofbirth",
        "dob",
        "birthday",
        "born",
        "geburtsdatum",
        "address",
        "street",
        "postcode",
        "zipcode",
        "zip",
        "phone",
        "telephone",
        "mobile",
        "email",
    )
)


def looks_identifying(key: str) -> bool:
    """Whether a field's name asks for who a person is."""
    return re.sub(r"[\W_]", "", key.lower()) in _WORDS


def refuse_identity(data: Any, problems: Problems, path: Path = ()) -> None:
    """Note every identifying field and take it out; what it held is never repeated."""
    if isinstance(data, dict):
        for key in list(data):
            if looks_identifying(str(key)):
                del data[key]
                problems.add(
                    (*path, key),
                    f"'{key}' looks like identifiable data, which is not read",
                    hint="Take the field out. Do not enter identifiable data; call the case by a title that describes it.",
                )
            else:
                refuse_identity(data[key], problems, (*path, key))
    elif isinstance(data, list):
        for i, item in enumerate(data):
            refuse_identity(item, problems, (*path, i))
