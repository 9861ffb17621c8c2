"""CLIF: the table ecmo_mcs, with hospitalization and patient where they lie beside it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from perfuse.evidence.registry import identity, raw
from perfuse.evidence.registry.draws import data
from perfuse.evidence.registry.episodes import ASSUMED, numbered, runs_of, stamped
from perfuse.evidence.registry.rejections import words_shown
from perfuse.evidence.registry.sources import Given
from perfuse.parameters.problems import InputError, Problem

NEEDED = ("hospitalization_id", "recorded_dttm")


def read_clif(source: Path) -> Given:
    """Runs, patients, settings and outcomes from a folder with ecmo_mcs (and hospitalization, patient), or from that file alone.

    Files are .parquet or .csv and may begin with clif_. Runs of different kinds of device are different runs.
    Errors: `InputError` where the table or its columns are missing, or where a column looks as if it named a person.
    """
    said = data("clif.yaml")
    main = _file(source, "ecmo_mcs") if source.is_dir() else source
    if main is None or not main.is_file():
        raise InputError(
            [Problem("", "there is no table ecmo_mcs here", hint="Name the folder, or clif_ecmo_mcs.parquet or .csv.")], str(source)
        )
    frame = _read(main)
    missing = [name for name in NEEDED if name not in frame]
    if missing:
        raise InputError([Problem(name, "the table ecmo_mcs has no such column") for name in missing], str(main))
    notes = [ASSUMED]
    frame["when"] = pd.to_datetime(frame["recorded_dttm"], errors="coerce", utc=True, format="ISO8601").dt.tz_localize(None)
    lost = int((frame["when"].isna() | frame["hospitalization_id"].isna()).sum())
    if lost:
        notes.append(f"{lost} rows have no readable recorded_dttm or no hospitalization_id and were left out")
    frame = frame[frame["when"].notna() & frame["hospitalization_id"].notna()]
    if frame.empty:
        raise InputError([Problem("ecmo_mcs", "the table has no row that can be read")], str(main))
    frame = frame.assign(mode=_modes(frame, said, notes))
    frame["stay"] = frame["hospitalization_id"].astype(str) + frame["mode"].map(_family)
    frame = numbered(frame, "stay", "when")
    found = runs_of(frame, "when", ["hospitalization_id", "mode"])
    stays = _optional(source, "hospitalization")
    people = _optional(source, "patient")
    return Given(_tables(frame, found, stays, people, said), notes, "CLIF", "rows in the order of stay and time")


def _file(folder: Path, name: str) -> Path | None:
    for stem in (f"clif_{name}", name):
        for suffix in (".parquet", ".csv", ".csv.gz"):
            if (folder / f"{stem}{suffix}").is_file():
                return folder / f"{stem}{suffix}"
    return None


def _read(path: Path) -> pd.DataFrame:
    try:
        frame = (
            pd.read_parquet(path)
            if path.suffix == ".parquet"
            else pd.read_csv(path, dtype=str, keep_default_na=False, na_values=["", "NA"])
        )
    except (OSError, ValueError) as error:
        first = " ".join(str(error).split())
        raise InputError([Problem("", f"the file cannot be read ({first})")], str(path)) from None
    identity.refuse(dict.fromkeys(map(str, frame.columns)), str(path))
    return frame


def _optional(source: Path, name: str) -> pd.DataFrame | None:
    path = _file(source, name) if source.is_dir() else None
    return None if path is None else _read(path)


def _family(mode: object) -> str:
    return "" if mode in (None, "vv", "va", "vav", "vva") or mode != mode else f"-{mode}"


def _lower(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame:
        return pd.Series([None] * len(frame), index=frame.index, dtype=object)
    return frame[name].map(lambda one: None if one is None or one != one else str(one).strip().lower())


def _modes(frame: pd.DataFrame, said: Mapping[str, Any], notes: list[str]) -> pd.Series:
    configuration, group = _lower(frame, "ecmo_configuration_category"), _lower(frame, "mcs_group")
    for given, known in ((configuration, said["configurations"]), (group, said["groups"])):
        unknown = given[given.notna() & ~given.isin(list(known))].tolist()
        if unknown:
            words = sorted(set(words_shown(unknown, list(known))))[:5]
            notes.append(f"words that are not known here leave the mode empty: {', '.join(words)}")
    device = group.map(lambda one: said["groups"].get(one) or None)
    return configuration.map(lambda one: said["configurations"].get(one)).where(configuration.notna(), device)


def _numbers(frame: pd.DataFrame, said: Mapping[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for ours, names in said["columns"].items():
        name = next((one for one in names if one in frame), None)
        if name is not None:
            out[ours] = frame[name]
    if "control_parameter_value" in frame:
        is_rpm = _lower(frame, "control_parameter_category").isin(said["rpm"]["categories"])
        out["pump_speed_rpm"] = frame["control_parameter_value"].where(is_rpm)
    elif "device_rate" in frame:
        out["pump_speed_rpm"] = frame["device_rate"]
    return {name: [None if one is None or one != one else str(one) for one in values] for name, values in out.items()}


def _tables(
    frame: pd.DataFrame, found: pd.DataFrame, stays: pd.DataFrame | None, people: pd.DataFrame | None, said: Mapping[str, Any]
) -> raw.Raw:
    found = found.assign(hospitalization_id=found["hospitalization_id"].astype(str))
    if stays is not None and "hospitalization_id" in stays:
        wanted = [one for one in ("patient_id", "hospital_id", "age_at_admission", "discharge_dttm", "discharge_category") if one in stays]
        stays = stays.assign(hospitalization_id=stays["hospitalization_id"].astype(str)).drop_duplicates("hospitalization_id")
        found = found.merge(stays[["hospitalization_id", *wanted]], on="hospitalization_id", how="left")
    patient = found["patient_id"].astype(str) if "patient_id" in found else found["hospitalization_id"]
    found = found.assign(patient=patient.where(patient.notna() & (patient != "nan"), found["hospitalization_id"]))
    n = len(found)
    centre = found["hospital_id"].astype(str).tolist() if "hospital_id" in found else ["clif"] * n
    runs = {
        "run_id": found["run_id"].tolist(),
        "patient_id": found["patient"].tolist(),
        "centre_id": centre,
        "start": stamped(found["start"]).tolist(),
        "end": stamped(found["end"]).tolist(),
        "age": _plain(found, "age_at_admission"),
        "mode": found["mode"].where(found["mode"].notna(), None).tolist(),
    }
    tables = {
        "patients": raw.table(_patients(found, people), range(1, found["patient"].nunique() + 1)),
        "runs": raw.table(runs, range(1, n + 1)),
        "settings": raw.table(
            {"run_id": frame["run_id"].tolist(), "time": stamped(frame["when"]).tolist(), **_numbers(frame, said)}, range(1, len(frame) + 1)
        ),
    }
    if "discharge_dttm" in found and "discharge_category" in found:
        tables["outcomes"] = _outcomes(found, said)
    return tables


def _plain(frame: pd.DataFrame, name: str) -> list[Any]:
    if name not in frame:
        return [None] * len(frame)
    return [None if one is None or one != one else str(one) for one in frame[name]]


def _patients(found: pd.DataFrame, people: pd.DataFrame | None) -> dict[str, Any]:
    ids = found["patient"].drop_duplicates().tolist()
    if people is None or not {"patient_id", "sex_category"} <= set(people.columns):
        return {"patient_id": ids}
    sexes = dict(zip(people["patient_id"].astype(str), _lower(people, "sex_category"), strict=True))
    return {"patient_id": ids, "female": [{"female": "true", "male": "false"}.get(str(sexes.get(one))) for one in ids]}


def _outcomes(found: pd.DataFrame, said: Mapping[str, Any]) -> Any:
    last = pd.to_datetime(found["discharge_dttm"], errors="coerce", utc=True, format="ISO8601").dt.tz_localize(None)
    words = _lower(found, "discharge_category")
    died, still = words.isin(said["died"]["words"]), words.isin(said["still_in"]["words"])
    stay = pd.Series("alive", index=found.index).mask(died, "died").mask(still | words.isna(), "still_in")
    known = last.notna().to_numpy()
    columns = {
        "run_id": found["run_id"][known].tolist(),
        "hospital_outcome": stay[known].tolist(),
        "last_seen": stamped(last[known]).tolist(),
    }
    return raw.table(columns, (known.nonzero()[0] + 1).tolist())
