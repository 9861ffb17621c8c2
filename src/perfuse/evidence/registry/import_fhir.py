"""FHIR R4B bundles: procedures become runs, observations their settings and the values before support."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from perfuse.evidence.registry import raw, schema
from perfuse.evidence.registry.draws import data
from perfuse.evidence.registry.fhir_bundle import Resources, read_resources
from perfuse.evidence.registry.sources import Given
from perfuse.evidence.registry.units import factor
from perfuse.parameters.problems import InputError, Problem
from perfuse.parameters.units import UnitError

NOT_DONE = ("entered-in-error", "not-done", "cancelled")


def read_fhir(source: Path) -> Given:
    """Raw tables of one bundle, an .ndjson file, or a folder of them.

    Errors: `InputError` where nothing can be read, no procedure is extracorporeal support, or a resource names a person.
    """
    found = read_resources(source)
    runs, at = _runs(found)
    if not runs:
        codes = ", ".join(f"{code} ({said['name']})" for code, said in data("fhir.yaml")["procedures"].items())
        raise InputError([Problem("Procedure", "no procedure is extracorporeal support", allowed=f"SNOMED CT {codes}")], str(source))
    settings, before, again = _observed(found, runs, at)
    tables = {
        "patients": _table([_patient(name, row, one) for name, row, one in found.of("Patient")]),
        "runs": _table(list(runs.values())),
        "pre_support": _table(list(before.values())),
        "settings": _table(list(settings.values())),
        "outcomes": _table(list(_outcomes(found, runs))),
    }
    notes = [f"{number} resources of the type {kind} were not read" for kind, number in sorted(found.left.items())]
    if again:
        notes.append(f"{again} settings were observed twice at the same time with other values; the last one was taken")
    kept = {name: one for name, one in tables.items() if one is not None}
    return Given(kept, notes, "FHIR R4B", "entries, counted through all files", rejections=found.rejections)


def _table(rows: list[dict[str, Any]]) -> Any:
    if not rows:
        return None
    names = list(dict.fromkeys(name for row in rows for name in row if name != raw.ROW))
    columns = {name: [row.get(name) for row in rows] for name in names}
    return raw.table(columns, [row[raw.ROW] for row in rows])


def _codes(concept: Any) -> Iterator[tuple[str, str]]:
    """System ("snomed", "loinc") and code of what a resource is about."""
    systems = {url: name for name, url in data("fhir.yaml")["systems"].items()}
    for one in (concept or {}).get("coding") or []:
        if one.get("system") in systems and one.get("code"):
            yield systems[one["system"]], str(one["code"])


def _patient(name: str, row: int, one: Mapping[str, Any]) -> dict[str, Any]:
    return {"patient_id": name, "female": {"female": "true", "male": "false"}.get(str(one.get("gender"))), raw.ROW: row}


def _time(text: Any) -> pd.Timestamp | None:
    """A moment in universal time; None for a year or month alone, which is none."""
    stamp = pd.to_datetime(str(text), errors="coerce", utc=True) if text and len(str(text)) >= len("2024-05-01") else None
    return None if stamp is None or stamp is pd.NaT else stamp.tz_localize(None)


def _written(stamp: pd.Timestamp | None) -> str | None:
    return None if stamp is None else stamp.strftime("%Y-%m-%d %H:%M:%S")


def _runs(found: Resources) -> tuple[dict[str, dict[str, Any]], dict[str, tuple[Any, Any, str | None]]]:
    """Runs by the id of their procedure; and their start, end and patient."""
    known = data("fhir.yaml")["procedures"]
    runs, at = {}, {}
    for name, row, one in found.of("Procedure"):
        mode = next((known[code]["mode"] for system, code in _codes(one.get("code")) if system == "snomed" and code in known), None)
        if mode is None or one.get("status") in NOT_DONE:
            continue
        period = one.get("performedPeriod") or {}
        start, end = _time(period.get("start") or one.get("performedDateTime")), _time(period.get("end"))
        patient = found.referred(one.get("subject"))
        at[name] = (start, end, patient)
        runs[name] = {
            "run_id": name,
            "patient_id": patient,
            "centre_id": _centre(found, one),
            "start": _written(start),
            "end": _written(end),
            "mode": mode or None,
            "age": _age(found, patient, start),
            raw.ROW: row,
        }
    return runs, at


def _encounter(found: Resources, one: Mapping[str, Any]) -> Mapping[str, Any]:
    name = found.referred(one.get("encounter"))
    return found.by_type["Encounter"][name][1] if name in found.by_type["Encounter"] else {}


def _centre(found: Resources, one: Mapping[str, Any]) -> str:
    said = (_encounter(found, one).get("serviceProvider") or {}).get("reference")
    return str(said).rsplit("/", 1)[-1] if said else "fhir"


def _age(found: Resources, patient: str | None, start: Any) -> str | None:
    if patient not in found.by_type["Patient"] or start is None:
        return None
    born = str(found.by_type["Patient"][patient][1].get("birthDate") or "")
    return str(start.year - int(born)) if born.isdigit() else None


def _observed(
    found: Resources, runs: dict[str, dict[str, Any]], at: Mapping[str, tuple[Any, Any, str | None]]
) -> tuple[dict[Any, dict[str, Any]], dict[str, dict[str, Any]], int]:
    """Settings by run and time, the last values of the hours before each run, and how many settings replaced another one.

    Weight and height go into the runs.
    """
    again = 0
    said = data("fhir.yaml")
    settings: dict[Any, dict[str, Any]] = {}
    before: dict[str, dict[str, Any]] = {}
    last: dict[tuple[str, str], Any] = {}
    by_patient: dict[str | None, list[str]] = {}
    for run, (_, _, patient) in at.items():
        by_patient.setdefault(patient, []).append(run)
    for _, row, one in found.of("Observation"):
        when = _time(one.get("effectiveDateTime") or (one.get("effectivePeriod") or {}).get("start"))
        if when is None or one.get("status") in NOT_DONE:
            continue
        part_of = [name for name in (found.referred(ref) for ref in one.get("partOf") or []) if name in runs]
        mine = part_of or by_patient.get(found.referred(one.get("subject")), [])
        for piece in [one, *(one.get("component") or [])]:
            quantity = piece.get("valueQuantity")
            if not isinstance(quantity, Mapping) or quantity.get("value") is None:
                continue
            for system, code in _codes(piece.get("code")):
                for run in mine:
                    start, end, _ = at[run]
                    if start is None:
                        continue
                    setting = said["settings"].get(system, {}).get(code)
                    inside = start <= when and (end is None or when <= end)
                    if setting and (inside or part_of):
                        place = settings.setdefault((run, when), {"run_id": run, "time": _written(when), raw.ROW: row})
                        value = _quantity("settings", setting["column"], quantity)
                        again += int(place.get(setting["column"], value) != value)
                        place[setting["column"]] = value
                        continue
                    name, table = _earlier(said, system, code)
                    if name is None or when > start or last.get((run, name), pd.Timestamp.min) > when:
                        continue
                    if table == "pre_support" and when < start - pd.Timedelta(hours=float(said["before"]["hours"]["value"])):
                        continue
                    last[run, name] = when
                    where = runs[run] if table == "runs" else before.setdefault(run, {"run_id": run, raw.ROW: row})
                    where[name] = _quantity(table, name, quantity)
    return settings, before, again


def _earlier(said: Mapping[str, Any], system: str, code: str) -> tuple[str | None, str]:
    if system != "loinc":
        return None, ""
    if code in said["body"]:
        return str(said["body"][code]["column"]), "runs"
    one = said["before"]["loinc"].get(code)
    return (str(one["column"]) if one else None), "pre_support"


def _quantity(table: str, name: str, quantity: Mapping[str, Any]) -> str:
    """A value in our unit, as text; with a unit that does not fit it is left with its unit, so that the check rejects it."""
    unit = str(quantity.get("code") or quantity.get("unit") or "")
    try:
        scale, shift = factor(schema.tables()[table].columns[name], unit)
    except UnitError:
        return f"{quantity['value']} {unit or '(no unit)'}"
    return str(raw.converted(pd.Series([str(quantity["value"])]), scale, shift).iloc[0])


def _outcomes(found: Resources, runs: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    words = data("fhir.yaml")["discharge"]
    for name, run in runs.items():
        stay = _encounter(found, found.by_type["Procedure"][name][1])
        patient = found.by_type["Patient"].get(str(run["patient_id"]), (0, {}))[1]
        died = _time(patient.get("deceasedDateTime"))
        end = _time((stay.get("period") or {}).get("end"))
        coding = ((stay.get("hospitalization") or {}).get("dischargeDisposition") or {}).get("coding") or []
        outcome = next((words[one.get("code")] for one in coding if one.get("code") in words), None)
        if died is not None and (end is None or died <= end):
            outcome, end = "died", died
        if outcome is not None and end is not None:
            yield {"run_id": name, "hospital_outcome": outcome, "last_seen": _written(end), raw.ROW: run[raw.ROW]}
