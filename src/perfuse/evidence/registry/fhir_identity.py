"""Elements of FHIR resources that name a person, wherever they stand: in the resource, in extensions, in contained resources."""

from collections.abc import Iterator, Mapping
from typing import Any

from perfuse.evidence.registry.draws import data
from perfuse.parameters.identity import kind_of_name

PERSONS = ("Patient", "Person", "RelatedPerson", "Practitioner", "PractitionerRole")
PLACES = ("Organization", "Location", "Device", "Encounter", "Procedure", "Observation", "Medication", "Specimen", "Condition")
OF_PLACES = ("serviceProvider", "managingOrganization", "location", "device", "encounter", "partOf", "organization", "manufacturer")
"""Elements whose words (display) name no person."""
IN_PERSONS = {"name": "a name", "telecom": "contact data", "address": "an address", "contact": "a person"}
ANYWHERE = {
    "valueHumanName": "a name",
    "valueAddress": "an address",
    "valueContactPoint": "contact data",
    "valueContactDetail": "contact data",
    "valueAnnotation": "free text",
    "note": "free text",
    "div": "free text",
    "photo": "a person",
    "_birthDate": "a birth date",
    "attachment": "a document",
    "valueAttachment": "a document",
    "presentedForm": "a document",
}


def naming(resource: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Dotted place and what is there, for every element that names a person or may."""
    todo: list[tuple[str, str, str, Any]] = [("", "", str(resource.get("resourceType")), resource)]
    while todo:
        place, element, kind, node = todo.pop()
        if isinstance(node, list):
            todo += [(place, element, kind, one) for one in node]
        elif isinstance(node, Mapping):
            kind = str(node.get("resourceType") or kind)
            if _is_reference(node) and not _of_a_place(element, node):
                yield f"{place}.display".lstrip("."), "what may be a name (display)"
            for name, value in node.items():
                here = f"{place}.{name}".lstrip(".")
                what = _what(place, kind, str(name), value, element) if value else None
                if what is None:
                    todo.append((here, str(name), kind, value))
                else:
                    yield here, what


def _what(place: str, kind: str, name: str, value: Any, parent: str) -> str | None:
    if name in ANYWHERE:
        return ANYWHERE[name]
    if kind in PERSONS and name in IN_PERSONS:
        return IN_PERSONS[name]
    if name == "birthDate" and len(str(value)) > 4:
        return "a birth date (a year alone is read)"
    if name in ("family", "given") and isinstance(value, str | list):
        return "a name"
    if name == "identifier" and (kind in (*PERSONS, "Encounter") or parent in ("subject", "patient", "performer", "individual")):
        several = value if isinstance(value, list) else [value]
        if not all(_pseudonymous(one) for one in several):
            return f"an identifier that is not marked {' or '.join(data('fhir.yaml')['pseudonymous'])}"
    if name == "url" and parent in ("extension", "modifierExtension"):
        said = kind_of_name(str(value).rsplit("/", 1)[-1])
        return None if said is None else f"what looks like: {said}"
    return None


def _is_reference(node: Mapping[str, Any]) -> bool:
    return bool(node.get("display")) and "code" not in node and "system" not in node


def _of_a_place(element: str, node: Mapping[str, Any]) -> bool:
    said = f"{node.get('type') or ''}/{node.get('reference') or ''}"
    return element in (*OF_PLACES, "coding") or any(f"{kind}/" in said for kind in PLACES)


def _pseudonymous(identifier: Any) -> bool:
    kind = identifier.get("type") if isinstance(identifier, Mapping) else None
    codes = kind.get("coding") if isinstance(kind, Mapping) else None
    return isinstance(codes, list) and any(
        isinstance(one, Mapping) and one.get("code") in data("fhir.yaml")["pseudonymous"] for one in codes
    )
