"""FHIR R4B resources out of bundles: read, checked against the model, and refused where they name a person."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from perfuse.evidence.registry.fhir_identity import naming
from perfuse.evidence.registry.rejections import Rejections
from perfuse.parameters.problems import InputError, Problem, Problems

READ = ("Patient", "Encounter", "Procedure", "Observation")
HINT = "Export the bundle again without it (a pseudonymised export of the FHIR server), and import that."


@dataclass
class Resources:
    """Resources by type and id, each with the number of its entry.

    aliases  what references call them ("Patient/1", "urn:uuid:...") to the id
    """

    by_type: dict[str, dict[str, tuple[int, Mapping[str, Any]]]] = field(default_factory=lambda: {kind: {} for kind in READ})
    aliases: dict[str, str] = field(default_factory=dict)
    rejections: Rejections = field(default_factory=Rejections)
    left: dict[str, int] = field(default_factory=dict)

    def of(self, kind: str) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
        """Id, entry and resource of one type."""
        for name, (row, resource) in self.by_type[kind].items():
            yield name, row, resource

    def referred(self, reference: Any) -> str | None:
        """The id that a reference means; None where it means nothing that is here."""
        said = reference.get("reference") if isinstance(reference, Mapping) else None
        return self.aliases.get(str(said)) if said else None


def read_resources(source: Path) -> Resources:
    """Everything that is read from a .json or .ndjson file, or from a folder of them.

    A resource that is not valid R4B is rejected and the others are read. Errors: `InputError` where nothing can be read, where the
    package fhir.resources is missing, and where a resource names a person, with all of them at once.
    """
    check = _checker()
    out, problems, row = Resources(), Problems(str(source)), 0
    files = _files(source)
    broken: list[str] = []
    for path in files:
        try:
            entries = list(_entries(path))
        except ValueError as error:
            broken.append(f"{path.name}: {error}")
            continue
        for url, resource in entries:
            row += 1
            _take(out, row, url, resource, check, problems)
    if len(broken) == len(files):
        raise InputError([Problem("", text) for text in broken], str(source))
    for text in broken:
        out.rejections.add("bundle", "", [0], [""], f"this file cannot be read: {text}")
    problems.raise_if_any()
    return out


def _files(source: Path) -> list[Path]:
    if source.is_file():
        return [source]
    found = sorted(path for path in source.rglob("*") if path.suffix in (".json", ".ndjson")) if source.is_dir() else []
    if not found:
        raise InputError([Problem("", "there is no .json or .ndjson file here", hint="Name a bundle, or a folder of them.")], str(source))
    return found


def _entries(path: Path) -> list[tuple[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix == ".ndjson":
            return [("", json.loads(line)) for line in text.splitlines() if line.strip()]
        found = json.loads(text)
    except RecursionError:
        raise ValueError("this is nested too deeply") from None
    except UnicodeDecodeError:
        raise ValueError("this is not text in UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"this is not JSON ({error.msg}, line {error.lineno})") from None
    if not isinstance(found, dict):
        raise ValueError("this is no FHIR resource")
    if found.get("resourceType") != "Bundle":
        return [("", found)]
    entries = found.get("entry") or []
    if not isinstance(entries, list):
        raise ValueError("the bundle's `entry` is no list")
    return [(str(one.get("fullUrl") or ""), one.get("resource")) if isinstance(one, dict) else ("", one) for one in entries]


def _checker() -> Any:
    try:
        from fhir.resources.R4B import get_fhir_model_class
    except ImportError as error:
        text = "reading FHIR needs the package fhir.resources, which is not installed"
        raise InputError([Problem("", text, hint='Install it with: pip install "perfuse[fhir]"')], "FHIR") from error
    from pydantic import ValidationError

    def check(kind: str, resource: Mapping[str, Any]) -> str | None:
        """Why a resource is not valid, None where it is."""
        try:
            get_fhir_model_class(kind).model_validate(resource)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            return f"{'.'.join(map(str, first['loc'])) or kind}: {first['msg']}"
        except (ValueError, TypeError, AttributeError) as error:
            return " ".join(str(error).split())[:120]
        return None

    return check


def _take(out: Resources, row: int, url: str, resource: Any, check: Any, problems: Problems) -> None:
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    if not isinstance(kind, str):
        out.rejections.add("bundle", "", [row], [""], "this entry holds no resource")
        return
    for element, what in naming(resource):
        problems.add((kind, row, element), f"this element holds {what}", hint=HINT)
    if kind not in READ:
        out.left[kind] = out.left.get(kind, 0) + 1
        return
    wrong = check(kind, resource)
    if wrong is not None:
        out.rejections.add("bundle", kind, [row], [""], f"this is not valid FHIR R4B ({wrong})")
        return
    name = str(resource.get("id") or url or f"entry{row}").removeprefix("urn:uuid:")
    if name in out.by_type[kind]:
        out.rejections.add("bundle", kind, [row], [""], "a resource of this id stands in the source already")
        return
    out.by_type[kind][name] = (row, resource)
    for alias in (url, f"{kind}/{name}"):
        if alias:
            out.aliases[alias] = name
    if url.startswith("http"):
        out.aliases["/".join(url.rsplit("/", 2)[-2:])] = name
