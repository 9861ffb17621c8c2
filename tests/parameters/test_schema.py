"""The JSON Schema of a case file says the same as the reader."""

import json
from typing import Any

import pytest

from perfuse.parameters import SAFETY_TEXT, case_schema
from perfuse.parameters.library import case_file, case_names
from perfuse.parameters.yamlfile import read_file, read_text

jsonschema = pytest.importorskip("jsonschema")


def check(data: Any) -> None:
    jsonschema.Draft202012Validator(json.loads(json.dumps(case_schema()))).validate(data)


def test_the_schema_is_itself_valid_and_carries_the_safety_text() -> None:
    schema = case_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$comment"] == SAFETY_TEXT
    assert set(schema["required"]) == {"schema", "title", "patient", "duration"}


def test_the_schema_accepts_the_good_case(good: str) -> None:
    check(read_text(good)[0])


@pytest.mark.parametrize("name", case_names())
def test_the_schema_accepts_every_shipped_case(name: str) -> None:
    check(read_file(case_file(name))[0])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title:", "titel:"),
        ("duration: 10 min", "duration: 600"),
        ("mode: vv", "mode: vw"),
        ("quadrox_id", "quadrox"),
        ("model: rotaflow", "model: breethe"),
        ("fdo2: 1.0", "fdo2: 60"),
        ("crystalloid", "wine"),
        ("pump.rpm:", "pump.rmp:"),
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(good: str, old: str, new: str) -> None:
    assert old in good
    with pytest.raises(jsonschema.ValidationError):
        check(read_text(good.replace(old, new))[0])
