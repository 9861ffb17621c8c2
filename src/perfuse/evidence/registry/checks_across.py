"""What is checked between rows and tables: keys, duplicates, references, and times that a run makes possible."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from perfuse.evidence.registry.rejections import Rejections, shape
from perfuse.evidence.registry.schema import Table

SLACK = np.timedelta64(60, "s")
"""Rounding of times that is let pass."""
NOT_TAKEN = "was not taken"
ECMO = ("vv", "va", "vav", "vva", "vvco2r")


def repeated(table: Table, given: pa.Table, rows: Any, bad: Any, found: Rejections) -> None:
    """The same key twice, or the same thing under two keys: the first row stays."""
    good = ~bad
    for names, words in ((table.key, "this key stands here already"), (table.alike, "this is reported already under another key")):
        if not names:
            continue
        frame = given.select(list(names)).to_pandas()
        again = np.zeros(len(frame), dtype=bool)
        whole = good & frame.notna().all(axis=1).to_numpy()
        again[whole] = frame[whole].duplicated(keep="first").to_numpy()
        if again.any():
            firsts = _firsts(frame, whole, rows, again)
            texts = [" / ".join(shape(str(one)) for one in row) for row in frame[again].itertuples(index=False)]
            found.add(table.name, ", ".join(names), rows[again], texts, [f"{words}, in row {first}" for first in firsts])
            bad |= again
            good &= ~again


def _firsts(frame: pd.DataFrame, whole: Any, rows: Any, again: Any) -> list[int]:
    names = list(frame.columns)
    kept = frame[whole & ~again].assign(first=rows[whole & ~again]).drop_duplicates(names)
    return [int(one) for one in frame[again].merge(kept, on=names, how="left")["first"]]


def pointing(table: Table, given: pa.Table, rows: Any, bad: Any, found: Rejections, parents: Mapping[str, tuple[set[str], Any]]) -> None:
    """References: the row that is pointed at exists, and was not itself rejected."""
    for column in table.columns.values():
        if not column.references:
            continue
        all_of, kept = parents[column.references]
        values = given.column(column.name)
        valid = np.asarray(pc.is_valid(values).to_numpy(zero_copy_only=False))
        there = np.asarray(pc.is_in(values, kept).to_numpy(zero_copy_only=False))
        lost = valid & ~there & ~bad
        if not lost.any():
            continue
        names = values.filter(pa.array(lost)).to_pylist()
        said = f"the row of {column.references} that this points at"
        reasons = [f"{said} {NOT_TAKEN}" if one in all_of else f"{said} does not exist" for one in names]
        found.add(table.name, column.name, rows[lost], [shape(one) for one in names], reasons, f"a key of {column.references}")
        bad |= lost


def overlapping(table: Table, given: pa.Table, rows: Any, bad: Any, found: Rejections) -> None:
    """Two runs of the same kind of support of one patient at the same time: the later one is not taken."""
    frame = given.select(["patient_id", "start", "end", "mode"]).to_pandas()
    frame["row"], frame["at"] = rows, np.arange(len(frame))
    frame["family"] = frame["mode"].map(lambda one: "ecmo" if one is None or one in ECMO else one)
    frame = frame[~bad & frame["patient_id"].notna() & frame["start"].notna()].sort_values(["patient_id", "family", "start"], kind="stable")
    frame = frame[frame.duplicated(["patient_id", "family"], keep=False)]
    if frame.empty:
        return
    ends = frame["end"].fillna(pd.Timestamp("2262-01-01"))
    same = frame.groupby(["patient_id", "family"], sort=False)
    before = ends.groupby([frame["patient_id"], frame["family"]], sort=False).cummax()
    earlier = before.groupby([frame["patient_id"], frame["family"]], sort=False).shift(1)
    first_row = same["row"].shift(1)
    mask = (frame["start"] < earlier - pd.Timedelta(SLACK)).to_numpy()
    hit = frame[mask]
    if hit.empty:
        return
    words = [
        f"{day:.2f} d before the other ends" if day < 30_000 else "the other has no end" for day in _days(earlier[mask] - hit["start"])
    ]
    reasons = [f"this run overlaps that of row {int(row)}, of the same patient" for row in first_row[mask]]
    found.add(table.name, "start", hit["row"].tolist(), words, reasons, "after the end of the patient's earlier run")
    bad[hit["at"].to_numpy()] = True


def _days(spans: Any) -> list[float]:
    return [float(one) for one in spans / pd.Timedelta(days=1)]


def in_the_run(table: Table, given: pa.Table, rows: Any, bad: Any, found: Rejections, runs: pa.Table) -> None:
    """Times that must lie inside their run, and an outcome that must not come before its run."""
    names = [column.name for column in table.columns.values() if column.within]
    names += ["last_seen"] if table.name == "outcomes" else []
    if not names:
        return
    where = pc.index_in(given.column("run_id"), runs.column("run_id"))
    start, end = (np.asarray(pc.take(runs.column(one), where).to_numpy(zero_copy_only=False)) for one in ("start", "end"))
    for name in names:
        values = np.asarray(given.column(name).to_numpy(zero_copy_only=False))
        early = ~bad & (values < start - SLACK)
        late = ~bad & (values > end + SLACK) if name != "last_seen" else np.zeros(len(values), dtype=bool)
        for mask, gap, words in ((early, start - values, "before the run begins"), (late, values - end, "after the run has ended")):
            if mask.any():
                texts = [f"{day:.2f} d {words}" for day in gap[mask] / np.timedelta64(1, "D")]
                found.add(table.name, name, rows[mask], texts, f"this lies {words}", "a time within the run")
                bad |= mask
    if table.name == "outcomes":
        _contradictions(given, rows, bad, found, end)


def _contradictions(given: pa.Table, rows: Any, bad: Any, found: Rejections, end: Any) -> None:
    """Ends of support and of the stay that cannot both be true."""
    ended, stay = (np.array(given.column(one).to_pylist(), dtype=object) for one in ("support_ended_by", "hospital_outcome"))
    last = np.asarray(given.column("last_seen").to_numpy(zero_copy_only=False))
    cases = (
        ("hospital_outcome", (ended == "died") & (stay != "died"), "support ended by death, and the patient did not die"),
        ("support_ended_by", (ended == "still_on") & ~np.isnat(end), "still on support, and the run has an end"),
        ("support_ended_by", (ended == "still_on") & (stay != "still_in"), "still on support, and no longer in hospital"),
        ("last_seen", (last < end - SLACK) & (stay != "still_in"), "death or discharge before the end of support"),
    )
    for name, mask, reason in cases:
        hit = mask & ~bad
        if hit.any():
            texts = [str(one) if name != "last_seen" else "" for one in np.array(given.column(name).to_pylist(), dtype=object)[hit]]
            found.add("outcomes", name, rows[hit], texts, reason)
            bad |= hit
