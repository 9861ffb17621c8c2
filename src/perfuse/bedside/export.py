"""A run as files: a case that plays what was done, and its trends as a table."""

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from ruamel.yaml import YAML

from perfuse.bedside.records import Event, Kept, forks_of, way_to
from perfuse.bedside.store import Store
from perfuse.bedside.tables import table
from perfuse.bedside.trend import columns
from perfuse.engine.run import PER_SECOND, SLOW_DT
from perfuse.parameters.circuits import default_devices, default_support
from perfuse.parameters.faults import faults
from perfuse.parameters.safety import SAFETY_TEXT
from perfuse.parameters.step_checks import SPEED_OF

ACTS = ("set", "give", "fault", "do", "preset")
SHORTEST = 60.0  # s


def protocol_of(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Steps of a case file from what was done."""
    steps: list[dict[str, Any]] = []
    for event in events:
        if event.verb not in ACTS:
            continue
        asked: Mapping[str, Any] = event.detail["request"]
        at = f"{event.step * SLOW_DT:.2f} s"
        over = {"over": f"{asked['over']:g} s"} if asked.get("over") else {}
        if event.verb == "set":
            steps.append({"at": at, **over, "set": {asked["control"]: asked["value"]}})
            if asked["control"] == "pump.rpm":
                steps[-1]["set"]["pump.flow"] = 0
        elif event.verb == "give":
            portion = next(one for one in table("tray")["fluids"] if one["give"] == asked["fluid"])
            steps.append({"at": at, "over": f"{asked.get('over', portion['over']):g} s", "give": {asked["fluid"]: asked["volume"]}})
        elif event.verb == "fault":
            steps.append({"at": at, **over, "fault": asked["fault"], "severity": asked.get("severity", 1.0)})
        else:
            plan = table("tray")["procedures" if event.verb == "do" else "presets"][asked["procedure" if event.verb == "do" else "preset"]]
            steps.append({"at": at, **({"over": f"{plan['over']:g} s"} if plan.get("over") else {}), "set": dict(plan["set"])})
    return _in_order(steps)


def _in_order(steps: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of two steps of one moment that mean one control the last word counts; one that takes its time begins 20 ms after the other."""
    kept: list[dict[str, Any]] = []
    for step in steps:
        for other in [one for one in kept if one["at"] == step["at"]]:
            again = _controls_of(step) & _controls_of(other)
            if again and "over" in step:
                step = {**step, "at": f"{float(step['at'].removesuffix(' s')) + SLOW_DT:.2f} s"}
            elif again and "fault" in other:
                kept.remove(other)
            elif again:
                other["set"] = {name: value for name, value in other["set"].items() if SPEED_OF.get(name, name) not in again}
        kept.append(step)
    return [step for step in kept if step.get("set") != {}]


def _controls_of(step: Mapping[str, Any]) -> set[str]:
    """Controls that a step means, by name or by a fault."""
    named = [faults()[step["fault"]].control] if "fault" in step else step.get("set", {})
    return {SPEED_OF.get(name, name) for name in named}


def case_of(kept: Kept, course: str) -> dict[str, Any]:
    """The case file of a course: who, on what, and all that was done, up to where it stands."""
    events = way_to(kept.events, forks_of(kept.events), course)
    case: dict[str, Any] = json.loads(kept.run.case)
    head = next(c.head for c in kept.courses if c.id == course) * SLOW_DT
    for event in events:
        if event.verb == "start":
            begun = {"start": f"{event.step * SLOW_DT:.2f} s"}
            devices = default_devices(event.target)
            if devices:
                case["devices"] = [{**one, **begun} for one in devices]
            else:
                case["support"] = {**default_support(event.target), **begun}
    case["protocol"] = [*_timed(case.get("protocol", [])), *protocol_of(events)]
    case["duration"] = f"{max(head, SHORTEST):.0f} s"
    case["about"] = "Exported from a run at the bedside console. For education and research only; not for clinical use."
    case.pop("outputs", None)
    for key in ("support", "devices"):
        case[key] = _timed(case[key]) if isinstance(case.get(key), list) else _with_unit(case[key]) if case.get(key) else case.get(key)
        if not case[key]:
            del case[key]
    return case


def _timed(blocks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [_with_unit(block) for block in blocks]


def _with_unit(block: Mapping[str, Any]) -> dict[str, Any]:
    """Times of a block with their unit; steps without anything set or given are left as they are."""
    found = {key: value for key, value in block.items() if value not in (None, {}, [])}
    return {
        key: f"{value:g} s" if key in ("at", "over", "start") and isinstance(value, int | float) else value for key, value in found.items()
    }


def case_text(kept: Kept, course: str) -> str:
    """The case file as text."""
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 140
    out = io.StringIO()
    out.write(f"# {SAFETY_TEXT}\n")
    yaml.dump(case_of(kept, course), out)
    return out.getvalue()


def trend_table(store: Store, kept: Kept, course: str) -> bytes:
    """Numbers shown at every second on the way to a course, as a Parquet file."""
    lines = {c.id: c for c in kept.courses}
    pieces: list[tuple[int, Any]] = []
    line, until = lines[course], float("inf")
    while True:
        for block in reversed(store.readings(kept.run.id, line.id, 0, 2**62)):
            rows = block.rows[: max(int(min(until - block.block, len(block.rows))), 0)]
            if len(rows) and block.columns == columns():
                pieces.insert(0, (block.block, rows))
        until = min(until, line.begins // PER_SECOND)
        if line.parent is None:
            break
        line = lines[line.parent]
    t = np.concatenate([first + 1.0 + np.arange(len(rows)) for first, rows in pieces]) if pieces else np.zeros(0)
    rows = np.concatenate([rows for _, rows in pieces]) if pieces else np.zeros((0, len(columns())), dtype=np.float32)
    data = {"t": t} | {name: rows[:, i] for i, name in enumerate(columns())}
    notes = {
        "safety": SAFETY_TEXT,
        "title": kept.run.title,
        "perfuse": kept.run.version,
        "physics_hash": kept.run.physics,
        "course": course,
    }
    out = io.BytesIO()
    pq.write_table(pa.table(data).replace_schema_metadata(notes), out, compression="zstd")
    return out.getvalue()
