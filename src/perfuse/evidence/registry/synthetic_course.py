"""What happens during the runs of the synthetic registry: complications, settings over time, parts of the circuit, changes of mode."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from perfuse.evidence.registry.draws import Floats, category, data, rate
from perfuse.evidence.registry.schema import table_of

Times = NDArray[np.datetime64]


def course(
    rng: np.random.Generator, runs: pa.Array, start: Times, days: Floats, lungs: NDArray[np.bool_], still_on: NDArray[np.bool_]
) -> dict[str, pa.Table]:
    """The four tables of the course.

    runs      pseudonyms of the runs
    start     when each began
    days      how long each was seen
    lungs     which are respiratory (VV); the others are VA
    still_on  which are still on support: their parts have not been removed
    """
    return {
        "mode_changes": _mode_changes(rng, runs, start, days, lungs),
        "equipment": _equipment(rng, runs, start, days, lungs, still_on),
        "settings": _settings(rng, runs, start, days, lungs),
        "complications": _complications(rng, runs, start, days, lungs),
    }


def _at(start: Times, days: Floats) -> Times:
    """Whole seconds after the start."""
    return np.asarray(start + (np.floor(days * 86_400).astype(np.int64) * 1_000_000).astype("timedelta64[us]"))


def _complications(rng: np.random.Generator, runs: pa.Array, start: Times, days: Floats, lungs: NDArray[np.bool_]) -> pa.Table:
    which: list[NDArray[np.int64]] = []
    when: list[Floats] = []
    kinds: list[NDArray[Any]] = []
    said = data("synthetic_course.yaml")
    for group, here in (("vv", lungs), ("va", ~lungs)):
        index = np.flatnonzero(here)
        for family in said[group].values():
            counts = rng.poisson(rate(days[index], family["any"]) * days[index])
            rows = np.repeat(index, counts)
            kind, moment = category(rng, family["kinds"], len(rows)), rng.random(len(rows)) * days[rows]
            once = _first(rows, kind, moment)
            which.append(rows[once])
            when.append(moment[once])
            kinds.append(kind[once])
            for after, follow in said["follows"].items():
                if "limb.ischaemia" in family["kinds"]:
                    limb = once[rng.random(len(once)) < follow["share"]]
                    which.append(rows[limb])
                    when.append(moment[limb] + rng.random(len(limb)) * (days[rows[limb]] - moment[limb]))
                    kinds.append(np.full(len(limb), after, dtype=object))
    rows, moment, kind = np.concatenate(which), np.concatenate(when), np.concatenate(kinds)
    order = np.lexsort((moment, rows))
    rows, moment, kind = rows[order], moment[order], kind[order]
    return table_of("complications", {"run_id": runs.take(pa.array(rows)), "time": _at(start[rows], moment), "kind": kind})


def _first(rows: NDArray[np.int64], kind: NDArray[Any], moment: Floats) -> NDArray[np.int64]:
    """The first event of each kind in each run."""
    _, code = np.unique(kind.astype(str), return_inverse=True)
    order = np.lexsort((moment, code, rows))
    if not len(order):
        return order
    new = np.r_[True, (np.diff(rows[order]) != 0) | (np.diff(code[order]) != 0)]
    return np.asarray(order[new])


def _settings(rng: np.random.Generator, runs: pa.Array, start: Times, days: Floats, lungs: NDArray[np.bool_]) -> pa.Table:
    said = data("synthetic_course.yaml")["settings"]
    counts = 1 + np.minimum(np.floor(days), said["days"]).astype(np.int64)
    rows = np.repeat(np.arange(len(days)), counts)
    nth = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    moment = np.where(nth == 0, np.minimum(1 / 24, days[rows] / 2), nth.astype(float))
    columns: dict[str, Any] = {"run_id": runs.take(pa.array(rows)), "time": _at(start[rows], moment)}
    for name in said["vv"]:
        middle, spread = (np.where(lungs, said["vv"][name][i], said["va"][name][i]) for i in (0, 1))
        own = middle + spread * rng.standard_normal(len(days))
        drawn = own[rows] + said["wander"] * np.abs(middle[rows]) * rng.standard_normal(len(rows))
        low, high, digits = _LIMITS[name]
        columns[name] = np.round(np.clip(drawn, low, high), digits)
    return table_of("settings", columns)


_LIMITS = {
    "blood_flow_L_min": (0.8, 7.5, 2), "pump_speed_rpm": (1200, 5000, 0), "sweep_L_min": (0.0, 14, 1), "fdo2": (0.21, 1.0, 2),
    "pressure_venous_mmHg": (-250, 30, 0), "pressure_pre_mmHg": (40, 450, 0), "pressure_post_mmHg": (30, 400, 0),
    "map_mmHg": (30, 130, 0), "spo2_pct": (60, 100, 0), "lactate_mmol_L": (0.3, 25, 1), "hb_g_dL": (5.5, 16, 1),
}  # fmt: skip


def _equipment(
    rng: np.random.Generator, runs: pa.Array, start: Times, days: Floats, lungs: NDArray[np.bool_], still_on: NDArray[np.bool_]
) -> pa.Table:
    said = data("synthetic_course.yaml")["equipment"]
    n = len(days)
    parts = []
    for part in ("drainage_cannula", "return_cannula", "oxygenator", "pump"):
        columns: dict[str, Any] = {
            "run_id": runs,
            "part": np.full(n, part, dtype=object),
            "number": np.ones(n, dtype=np.int64),
            "placed": start,
            "removed": np.where(still_on, np.datetime64("NaT"), _at(start, days)),
            "removed_for": np.array(["end_of_support", None], dtype=object)[still_on.astype(int)],
        }
        if part in said["vv"]:
            size = np.where(lungs, said["vv"][part][0], said["va"][part][0]) + np.round(said["size_spread_Fr"] * rng.standard_normal(n))
            columns["size_Fr"] = np.clip(size, 13, 31)
            columns["site"] = np.where(lungs, said["vv"][part][1], said["va"][part][1]).astype(object)
            columns["side"] = np.where(rng.random(n) < 0.7, "right", "left").astype(object)
            columns["percutaneous"] = rng.random(n) < np.where(lungs, 0.95, 0.7)
        parts.append(table_of("equipment", columns))
    return pa.concat_tables(parts)


def _mode_changes(rng: np.random.Generator, runs: pa.Array, start: Times, days: Floats, lungs: NDArray[np.bool_]) -> pa.Table:
    share = data("synthetic_course.yaml")["equipment"]["mode_change_share"]
    rows = np.flatnonzero((rng.random(len(days)) < share) & (days > 1))
    moment = (0.2 + 0.6 * rng.random(len(rows))) * days[rows]
    return table_of(
        "mode_changes",
        {"run_id": runs.take(pa.array(rows)), "time": _at(start[rows], moment), "mode": np.full(len(rows), "vav", dtype=object)},
    )


def ends(start: Times, days: Floats) -> Times:
    """When something ends that began at `start`, to the second."""
    return _at(start, days)
