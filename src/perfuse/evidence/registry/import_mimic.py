"""MIMIC-IV: the ECMO items of a chartevents file, read in bounded memory; its dates have been moved by its makers already."""

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from perfuse.evidence.registry import identity, raw, schema
from perfuse.evidence.registry.draws import data
from perfuse.evidence.registry.episodes import ASSUMED, numbered, runs_of, stamped
from perfuse.evidence.registry.query import closing
from perfuse.evidence.registry.sources import Given
from perfuse.evidence.registry.units import factor
from perfuse.parameters.problems import InputError, Problem
from perfuse.parameters.units import UnitError

NEEDED = ("subject_id", "stay_id", "charttime", "itemid", "value")
CENTRE = "mimic-iv"


def read_mimic(source: Path) -> Given:
    """Runs, patients and settings from chartevents (.csv, .csv.gz or .parquet).

    Errors: `InputError` where columns are missing, where a column looks as if it named a person, or where no ECMO item is found.
    """
    items = {int(item): said for item, said in data("mimic.yaml")["items"].items()}
    mode = data("mimic.yaml")["mode"]
    frame = _events(source, [*items, int(mode["item"])])
    if frame.empty:
        listed = ", ".join(f"{item} ({said['label']})" for item, said in items.items())
        raise InputError([Problem("itemid", "no ECMO item is among the rows", allowed=listed)], str(source))
    notes = [ASSUMED, "dates of MIMIC-IV are moved already, so that no calendar year is known and annual volumes mean nothing"]
    frame["when"] = pd.to_datetime(frame["charttime"], errors="coerce")
    lost = int(frame["when"].isna().sum())
    if lost:
        notes.append(f"{lost} charted values have no readable charttime and were left out")
    frame = numbered(frame[frame["when"].notna() & frame["stay_id"].notna()], "stay_id", "when")
    charted = frame[frame["itemid"].isin(list(items))].copy()
    charted["text"] = [_value(items[item], value, unit, notes) for item, value, unit in zip(*_three(charted), strict=True)]
    charted["column"] = charted["itemid"].map({item: said["column"] for item, said in items.items()})
    again = int(charted.duplicated(["run_id", "when", "column"]).sum())
    if again:
        notes.append(f"{again} values were charted twice at the same time; the last one was taken")
    wide = charted.pivot_table(index=["run_id", "when"], columns="column", values="text", aggfunc="last").reset_index()
    found = runs_of(frame, "when", ["subject_id"]).merge(_modes(frame, mode), on="run_id", how="left")
    return Given(_tables(found, wide), list(dict.fromkeys(notes)), "MIMIC-IV", "rows in the order of stay and time", moved=True)


def _three(frame: pd.DataFrame) -> tuple[Any, Any, Any]:
    units = frame["valueuom"] if "valueuom" in frame else pd.Series([None] * len(frame))
    return frame["itemid"], frame["value"], units


def _events(source: Path, items: list[int]) -> pd.DataFrame:
    if not source.is_file():
        raise InputError([Problem("", "there is no such file", hint="Name chartevents.csv, .csv.gz or .parquet.")], str(source))
    name = str(source).replace("'", "''")
    reader = f"read_parquet('{name}')" if source.suffix == ".parquet" else f"read_csv('{name}', all_varchar = true, header = true)"
    try:
        with closing() as connection:
            heads = [line[0] for line in connection.execute(f"DESCRIBE SELECT * FROM {reader}").fetchall()]
            identity.refuse(dict.fromkeys(heads), str(source), skip=("value",))
            missing = [head for head in NEEDED if head not in heads]
            if missing:
                hint = "This reads chartevents of MIMIC-IV."
                raise InputError([Problem(head, "the file has no such column", hint=hint) for head in missing], str(source))
            unit = "CAST(valueuom AS VARCHAR)" if "valueuom" in heads else "NULL"
            said = (
                "SELECT CAST(subject_id AS VARCHAR) AS subject_id, CAST(stay_id AS VARCHAR) AS stay_id, "
                "CAST(charttime AS VARCHAR) AS charttime, TRY_CAST(trim(CAST(itemid AS VARCHAR)) AS BIGINT) AS itemid, "
                f"trim(CAST(value AS VARCHAR)) AS value, trim({unit}) AS valueuom FROM {reader} "
                f"WHERE TRY_CAST(trim(CAST(itemid AS VARCHAR)) AS BIGINT) IN ({', '.join(map(str, items))})"
            )
            return pd.DataFrame(connection.execute(said).df())
    except duckdb.Error as error:
        first = str(error).strip().splitlines()[0]
        raise InputError([Problem("", f"the file cannot be read ({first})")], str(source)) from None


def _value(item: Any, value: Any, unit: Any, notes: list[str]) -> Any:
    """A value in our unit, as text; a unit that does not fit leaves it out with a note."""
    if value is None or value != value:
        return None
    column = schema.tables()["settings"].columns[item["column"]]
    written = unit if isinstance(unit, str) and unit else item["unit"]
    try:
        scale, shift = factor(column, written)
    except UnitError as error:
        notes.append(f"{item['label']}: {error.text}; such values were left out")
        return None
    return str(raw.converted(pd.Series([str(value)]), scale, shift).iloc[0])


def _modes(frame: pd.DataFrame, mode: Any) -> pd.DataFrame:
    words = {str(word): str(ours) for word, ours in mode["words"].items()}
    said = frame[frame["itemid"] == int(mode["item"])].copy()
    said["mode"] = said["value"].map(lambda one: words.get(str(one).strip().lower().removesuffix(" ecmo").strip()))
    return said.dropna(subset=["mode"]).groupby("run_id", sort=False)["mode"].first().reset_index()


def _tables(found: pd.DataFrame, wide: pd.DataFrame) -> raw.Raw:
    rows = range(1, len(found) + 1)
    patients = found["subject_id"].drop_duplicates()
    return {
        "patients": raw.table({"patient_id": patients.tolist()}, range(1, len(patients) + 1)),
        "runs": raw.table(
            {
                "run_id": found["run_id"].tolist(),
                "patient_id": found["subject_id"].tolist(),
                "centre_id": [CENTRE] * len(found),
                "start": stamped(found["start"]).tolist(),
                "end": stamped(found["end"]).tolist(),
                "mode": found["mode"].where(found["mode"].notna(), None).tolist(),
            },
            rows,
        ),
        "settings": raw.table(
            {
                "run_id": wide["run_id"].tolist(),
                "time": stamped(wide["when"]).tolist(),
                **{name: wide[name].where(wide[name].notna(), None).tolist() for name in wide.columns if name not in ("run_id", "when")},
            },
            range(1, len(wide) + 1),
        ),
    }
