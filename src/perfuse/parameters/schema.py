"""JSON Schema of the case file, for editors; it comes from the same models that read the file."""

from typing import Any

from perfuse.parameters import library
from perfuse.parameters.case_models import Case
from perfuse.parameters.devices import Cannula
from perfuse.parameters.faults import faults
from perfuse.parameters.safety import SAFETY_TEXT


def case_schema() -> dict[str, Any]:
    """The schema of perfuse-case/1, with the names of the library as choices."""
    schema = Case.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "perfuse-case/1"
    schema["$comment"] = SAFETY_TEXT
    schema["additionalProperties"] = False
    parts = schema["$defs"]
    cannulae = [c for c in library.device_kind("cannulae").values() if isinstance(c, Cannula)]
    small = [c.name for c in cannulae if c.role == "distal_perfusion"]
    large = [c.name for c in cannulae if c.role != "distal_perfusion"]
    for part, key, names in (
        ("Drain", "cannula", large),
        ("Return", "cannula", large),
        ("DistalPerfusion", "cannula", small),
        ("PumpSetting", "model", library.running_pumps()),
        ("LungChoice", "model", list(library.device_kind("membrane_lungs"))),
        ("DeviceChoice", "model", library.heart_devices()),
    ):
        parts[part]["properties"][key]["enum"] = names
    parts["Step"]["properties"]["fault"]["anyOf"][0]["enum"] = list(faults())
    people = [line.name for line in library.patients()]
    parts["PatientChoice"]["properties"]["library"]["anyOf"][0]["enum"] = people
    schema["properties"]["patient"] = {"anyOf": [{"enum": people}, schema["properties"]["patient"]]}
    schema["properties"]["support"]["anyOf"].append({"const": "none"})
    return schema
