"""The main job: a case in, a finished run out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perfuse.engine.build_devices import parts_of
from perfuse.engine.kernel import build_words, physics_hash
from perfuse.engine.run import Engine
from perfuse.engine.stages import structure
from perfuse.parameters.devices import Cannula
from perfuse.parameters.library import heart_device, load_device, load_pump
from perfuse.parameters.records import Quantity
from perfuse.parameters.sources import source_text
from perfuse.results import device_numerics, waves
from perfuse.results.course import Event, first_column, patient_values, plan_events, protocol_events, settled, support_events
from perfuse.results.gather import Gathered, blocks, first_of
from perfuse.results.numerics import CIRCUIT_QUANTITIES, body_surface, by_name, numerics, rows_for, site_gases
from perfuse.results.run import SHOWN_SITES, Run, averages, hash_of, meaningful
from perfuse.results.status import status_of
from perfuse.results.warnings import warnings_of
from perfuse.version import VERSION

Array = NDArray[np.float64]
Progress = Callable[[float, float], None]
WINDOW = 30.0  # s averaged for "before" and "after"
LANES_ALONE = 1


def structure_of(case: Any) -> str:
    """Which kernel a case needs."""
    return structure(case.support is not None, parts_of(case.devices))


def prepare(case: Any) -> tuple[dict[str, float], Any, list[dict[str, Any]] | None, Any]:
    """Parameter values, library patient, bedside fit and support of a case (fitted if it gives bedside measurements)."""
    if case.patient.bedside is None:
        values, library = patient_values(case.patient)
        return values, library, None, case.support
    from perfuse.results.personalise import fit_bedside

    values, library, reached = fit_bedside(case.patient)
    return values, library, reached, case.support


def gas_table(v: Mapping[str, Array]) -> dict[str, dict[str, float]]:
    """Blood gases by site from rows of one moment."""
    found: dict[str, dict[str, float]] = {}
    for site, place in SHOWN_SITES.items():
        if f"{place}_o2" in v:
            po2, pco2, ph, so2 = (float(np.mean(a)) for a in site_gases(v, place))
            found[site] = {"PO2": round(po2, 2), "PCO2": round(pco2, 2), "pH": round(ph, 4), "SO2": round(100.0 * so2, 2)}
    return found


def run_case(case: Any, *, progress: Progress | None = None) -> Run:
    """Play a case from its settled patient to its end. Same case, same seed: the same bits."""
    values, library, bedside, support = prepare(case)
    start = first_column(case, values, support)
    engine = settled([start], structure_of(case), LANES_ALONE)
    events = sorted([*support_events(case), *protocol_events(case)], key=lambda event: event.start)
    return play(engine, case, values, library, bedside, events, progress)


def play(
    engine: Engine,
    case: Any,
    values: Mapping[str, float],
    library: Any,
    bedside: list[dict[str, Any]] | None,
    events: Sequence[Event],
    progress: Progress | None = None,
) -> Run:
    """Move a settled engine through its events and gather what is reported."""
    plan_events(engine, events)
    surface = body_surface(values["weight"], values["height"])
    names, every = rows_for(engine.kernel.rows), list(engine.kernel.rows)
    reported = [every.index(name) for name in names]
    support = case.support
    begin = case.begins
    windows = sorted((w.from_, w.for_) for w in case.outputs.waveforms)
    stops = sorted({begin, case.duration, *(w[0] for w in windows), *(w[0] + w[1] for w in windows)} - {0.0})
    stops = [stop for stop in stops if stop <= case.duration + 1e-9]
    gathered = Gathered(case.duration, names, surface)
    pieces: list[tuple[float, dict[str, Array]]] = []
    loops: dict[str, Any] = {}
    status = status_of(bool(engine.healthy().all()), 0.0)
    told = (lambda t: progress(t, case.duration)) if progress is not None else None
    first = _now(engine, names)
    if begin <= 0.0 and status["ok"]:
        loops["before"] = waves.loop(engine)
    for stop in stops if status["ok"] else ():
        inside = any(w[0] <= engine.time + 1e-9 and stop <= w[0] + w[1] + 1e-9 for w in windows)
        for cut in blocks(engine.time, stop):
            at = engine.time
            waved = waves.names(engine.kernel) if inside else ()
            took, wave = engine.advance(cut - at, every, 1.0, wave_rows=waved, wave_every=waves.EVERY, progress=told)
            sound = len(took)
            if not engine.healthy().all():  # what came after means nothing: the run ends with its last sound second
                sound = engine.healthy_until(took, 0)
                status = status_of(False, gathered.count + sound + 1.0 if sound < len(took) else engine.time)
                wave = wave[: max(round((gathered.count + sound - at) * 1000.0 / waves.EVERY), 0)]
            gathered.add(np.ascontiguousarray(took[:sound, reported, 0]))
            if len(wave):
                pieces.append((at, waves.signals(engine.kernel, wave)))
            if not status["ok"]:
                break
        if not status["ok"]:
            break
        if abs(stop - begin) < 1e-9:
            loops["before"] = waves.loop(engine)
            first = _now(engine, names)
    columns = gathered.columns()
    end = float(columns["t"][-1]) if columns["t"].size else 0.0
    at_begin = first_of(numerics(by_name(first, names), surface)) if "before" in loops else {}
    start = averages(columns, begin - WINDOW, begin) if begin >= 1.0 and at_begin else at_begin
    absent = (CIRCUIT_QUANTITIES if support is not None else frozenset()) | device_numerics.QUANTITIES
    established = [choice for choice in case.devices if choice.established]
    before = {name: value for name, value in start.items() if name not in absent or established}
    before = meaningful(before, support, [choice for choice in established])
    gases: dict[str, Any] = {"before": {}, "after": {}}
    if "before" in loops:
        gases["before"] = {site: gas for site, gas in gas_table(by_name(first, names)).items() if "membrane" not in site}
    after: dict[str, float] = {}
    if status["ok"]:
        loops["after"] = waves.loop(engine)
        after = meaningful(averages(columns, end - WINDOW, end), support, case.devices)
        gases["after"] = gas_table(by_name(_now(engine, names), names))
    identity = {"perfuse": VERSION, "physics_hash": physics_hash(), "kernel": build_words(), "parameter_hash": hash_of(dict(values))}
    return Run(
        case=case,
        title=case.title,
        patient=library,
        support=support,
        parameters=dict(values),
        columns=columns,
        before=before,
        after=after,
        gases=gases,
        loops=loops,
        events=[(event.start, event.text) for event in events],
        waveforms=waves.table(pieces, {}),
        status=status,
        warnings=warnings_of(case, after, columns) if columns["t"].size else [],
        sources=sources_of(library, support, case.devices),
        bedside=bedside,
        seed=case.seed,
        identity=identity,
    )


def _now(engine: Engine, names: list[str]) -> Array:
    table = engine.buffer.reshape(-1, engine.lanes)
    return np.array([[table[engine.kernel.rows[name], 0] for name in names]])


def sources_of(library: Any, support: Any, devices: Sequence[Any] = ()) -> list[dict[str, str]]:
    """Every source that a run used, each once: the patient's parameters, the parts of the circuit, and what was taken from it."""
    found: dict[tuple[str, str], list[str]] = {}
    if library is not None:
        for name, quantity in library.parameters.items():
            for source in quantity.source:
                found.setdefault((source, quantity.mark), []).append(f"{library.name}.{name}")
    if support is not None:
        parts: list[Any] = [load_pump(support.pump.model), load_device(support.lung.model)]
        parts += [load_device(limb.cannula) for limb in (*support.drain, *support.return_)]
        if support.distal_perfusion is not None:
            parts.append(load_device(support.distal_perfusion.cannula))
        for part in parts:
            words = f"{part.name} (water chart, scaled to blood)" if isinstance(part, Cannula) else str(part.name)
            marks = {getattr(part, name).mark for name in ("a", "b", "c", "area") if getattr(getattr(part, name, None), "mark", None)}
            for mark in sorted(marks):
                for source in part.source:
                    found.setdefault((source, mark), []).append(words)
    for choice in devices:
        device = heart_device(choice.model)
        for field in fields(device):
            record = getattr(device, field.name)
            for source in record.source if isinstance(record, Quantity) else ():
                found.setdefault((source, record.mark), []).append(f"{device.name}.{field.name}")
    listed = []
    for (source, mark), users in found.items():
        more = f" and {len(users) - 1} more" if len(users) > 1 else ""
        listed.append({"key": f"{users[0]}{more}", "text": source_text(source), "mark": mark})
    return sorted(listed, key=lambda one: (one["mark"] == "assumed", one["key"]))
