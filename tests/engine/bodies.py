"""Patients running in the engine, and what their bodies and circuits hold: laws must hold whatever the parameters are."""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import perfuse as pf
from perfuse.devices.circuit import NODE_COMPLIANCE
from perfuse.devices.circuit_blood import NODE_VOLUME
from perfuse.devices.gas_path import CELLS
from perfuse.engine.build import circuit_rows
from perfuse.engine.build_devices import parts_of
from perfuse.engine.groups import arguments, fields_of, is_group
from perfuse.engine.kernel import NO_ROWS, NOTHING, Kernel, kernel
from perfuse.engine.layout import Stage
from perfuse.engine.run import SLOW_DT, Engine, engine
from perfuse.engine.source import FAST_PER_SLOW
from perfuse.engine.stages import structure
from perfuse.parameters.from_python import case_of
from perfuse.parameters.library import load_patient
from perfuse.physiology.contents import BEDS, PLACES
from perfuse.results.course import column

Array = NDArray[np.float64]
GIVEN = {"dt": SLOW_DT, "fast_steps": float(FAST_PER_SLOW)}
"""Arguments that the engine gives."""
VESSELS = [place for place in PLACES if place not in BEDS]
VOLUMES = [f"{place}_volume" for place in VESSELS]
NODES = ("inlet", "outlet")
SUPPORTS = {
    "vv": lambda: pf.vv_ecmo(rpm=3400, sweep=4, fdo2=1.0),
    "va": lambda: pf.va_ecmo(rpm=3400, sweep=3, fdo2=0.8),
    "vav": lambda: pf.vav_ecmo(rpm=3800, sweep=4, fdo2=1.0),
}


DEVICES: dict[str, list[Any]] = {
    "lvad": [pf.device("heartmate3")],
    "bivad": [pf.device("heartmate3"), pf.device("heartmate3", side="right", rpm=4400)],
    "impella": [pf.device("impella_cp", level=8)],
    "balloon": [pf.device("iabp_40")],
    "chambers": [pf.device("excor_60", side="both")],
    "ecpella and balloon": [pf.va_ecmo(rpm=3000, sweep=3), pf.device("impella_cp", level=6), pf.device("iabp_40")],
}


def structure_with(support: str | None) -> str:
    """The structure of a circuit of SUPPORTS or of devices of DEVICES."""
    if support in DEVICES:
        case = case_of("healthy-adult", DEVICES[support], seconds=600.0)
        return structure(case.support is not None, parts_of(case.devices))
    return structure(support is not None)


@functools.cache
def first_rows(patient: str, support: str | None) -> Mapping[str, float]:
    """Rows of a library patient at the very start, on a circuit or devices that run; support of SUPPORTS, of DEVICES, or None."""
    values = {name: quantity.value for name, quantity in load_patient(patient).parameters.items()}
    if support is None:
        return column(values, None)
    case = case_of(patient, DEVICES[support] if support in DEVICES else SUPPORTS[support](), seconds=600.0)
    return opened(values, case) | ({"flow_target": 0.0} if case.support is not None else {})


def opened(values: Mapping[str, float], case: Any) -> dict[str, float]:
    """Rows of a body at the moment at which the machines of a case begin to run."""
    devices = [choice.model_copy(update={"established": True}) for choice in case.devices]
    return column(values, case.support, devices=devices) | (circuit_rows(case.support) if case.support is not None else {})


def running(patient: str, support: str | None, seconds: float = 60.0, lanes: int = 1, **rows: float) -> Engine:
    """An engine whose patient has run for some seconds with these rows changed."""
    made = engine(structure_with(support), [dict(first_rows(patient, support)) | rows], lanes)
    made.advance(seconds)
    return made


def record(made: Engine, seconds: float, names: Sequence[str]) -> dict[str, Array]:
    """Rows of lane 0 after every slow step, what they are now first."""
    now = np.array([made.get(name)[0] for name in names])
    later, _ = made.advance(seconds, names, SLOW_DT)
    table = np.vstack([now, later[:, :, 0]])
    return {name: table[:, i] for i, name in enumerate(names)}


def move(moving: Kernel, buffer: Array, slow_steps: int, names: Sequence[str] = (), every: int = 1) -> Array:
    """Run a kernel of any step on a buffer; samples [time, row, lane] every `every` slow steps."""
    rows = np.array([moving.rows[name] for name in names], dtype=np.int64)
    out = np.empty((slow_steps // every, len(names), moving.lanes)) if names else NOTHING
    moving.run(buffer, slow_steps, out, rows if names else NO_ROWS, every if names else slow_steps + 1, NOTHING, NO_ROWS, 0)
    return out


def arguments_of(stage: Stage, read: Callable[[str, Any], float]) -> dict[str, Any]:
    """What an equation of a stage takes in a slow step; `read` says what a field (its group) or an argument (the equation) holds."""
    found: dict[str, Any] = {}
    for name, kind in arguments(stage.function):
        if is_group(kind):
            found[name] = kind(*(read(field, kind) for field in fields_of(kind)))
        else:
            found[name] = GIVEN[name] if name in GIVEN else read(name, stage.function)
    return found


@contextmanager
def plain_python() -> Iterator[None]:
    """The equations run as ordinary Python meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERFUSE_ENGINE", "plain")
        yield


def fine_kernel(structure: str, fast_per_slow: int, dt: float) -> Kernel:
    """The kernel of one patient with other steps than usual."""
    return kernel(structure, 1, fast_per_slow, dt)


def node_volumes(made: Engine) -> float:
    """Blood in the tubing before and after the lung, mL."""
    if not made.has("inlet_pressure"):
        return 0.0
    return float(sum(NODE_VOLUME + NODE_COMPLIANCE * made.get(f"{node}_pressure")[0] for node in NODES))


def blood(made: Engine) -> float:
    """All blood in body and circuit, mL (the membrane lung's own volume does not change)."""
    return float(sum(made.get(name)[0] for name in (*VOLUMES, *sacs(made)))) + node_volumes(made)


def sacs(made: Engine) -> list[str]:
    """Rows of blood in pulsatile chambers."""
    return [row for side in ("left", "right") if made.has(row := f"{side}_sac_volume")]


def held(made: Engine, kind: str) -> float:
    """All that blood, beds and circuit hold of "o2", "co2" (mL), "hb" (g/dL x mL) or "temp" (degC x mL)."""

    def now(row: str) -> float:
        return float(made.get(row)[0])

    total = sum(now(f"{place}_volume") * now(f"{place}_{kind}") for place in VESSELS)
    total += sum(now(f"capacity_{kind}") * now(f"{bed}_share") * now(f"{bed}_{kind}") for bed in BEDS)
    total += sum(now(row) * now(row.replace("volume", f"content_{kind}")) for row in sacs(made))
    if made.has("inlet_pressure"):
        total += sum((NODE_VOLUME + NODE_COMPLIANCE * now(f"{node}_pressure")) * now(f"{node}_{kind}") for node in NODES)
        total += sum(now("cell_volume") * now(f"cell{k}_{kind}") for k in range(CELLS))
    return total


def water_carried(seen: Mapping[str, Array], kind: str) -> float:
    """What water moving between blood and tissue brought of "o2", "co2" or "temp", from records of `water_in` and `water_<kind>`."""
    return float((seen["water_in"][1:] * seen[f"water_{kind}"][1:]).sum())


def beat_means(samples: Any) -> Array:
    """Mean of every row over samples that span whole beats."""
    return np.asarray(samples).mean(axis=0)
