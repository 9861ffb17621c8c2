"""The main job: a case in, a finished run out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perfuse.engine.kernel import is_compiled, physics_hash
from perfuse.engine.run import Engine
from perfuse.version import VERSION
from perfuse.parameters.devices import Cannula
from perfuse.parameters.library import load_device, load_pump
from perfuse.parameters.sources import source_text
from perfuse.results import waves
from perfuse.results.course import Event, column, patient_values, protocol_events, settled, standing_settings, support_events
from perfuse.results.numerics import body_surface, by_name, numerics, rows_for, site_gases
from perfuse.results.run import SHOWN_SITES, Run, averages, hash_of
from perfuse.results.warnings import warnings_of

Array = NDArray[np.float64]
Progress = Callable[[float, float], None]
WINDOW = 30.0  # s averaged for "before" and "after"
LANES_ALONE = 1


def structure_of(case: Any) -> str:
    """Which kernel a case needs."""
    return "patient" if case.support is None else "ecmo"


def needs_compiling(case: Any) -> bool:
    """Whether the first run will have to compile."""
    return not is_compiled(structure_of(case), LANES_ALONE)


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
    engine = settled([column(values, support, standing_settings(case)) | {"dice": float(1 + case.seed % 2147483646)}], structure_of(case), LANES_ALONE)
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
    for event in events:
        for ramp in event.ramps:
            if engine.has(ramp.row):
                engine.plan(ramp)
    surface = body_surface(values["weight"], values["height"])
    names = rows_for(engine.kernel.rows)
    support = case.support
    begin = support.start if support is not None else 0.0
    windows = sorted((w.from_, w.for_) for w in case.outputs.waveforms)
    stops = sorted({begin, case.duration, *(w[0] for w in windows), *(w[0] + w[1] for w in windows)} - {0.0})
    stops = [stop for stop in stops if stop <= case.duration + 1e-9]
    samples: list[Array] = []
    pieces: list[tuple[float, dict[str, Array]]] = []
    loops: dict[str, Any] = {}
    start_table: Array | None = None
    status = {"ok": True, "text": "ok"}
    told = (lambda t: progress(t, case.duration)) if progress is not None else None
    if begin <= 0.0 or support is None:
        loops["before"] = waves.loop(engine)
        start_table = _now(engine, names)
    for stop in stops:
        inside = any(w[0] <= engine.time + 1e-9 and stop <= w[0] + w[1] + 1e-9 for w in windows)
        at = engine.time
        took, wave = engine.advance(
            stop - engine.time, names, 1.0, wave_rows=waves.names(engine.kernel) if inside else (), wave_every=waves.EVERY, progress=told
        )
        samples.append(took)
        if inside:
            pieces.append((at, waves.signals(engine.kernel, wave)))
        if support is not None and abs(stop - begin) < 1e-9:
            loops["before"] = waves.loop(engine)
            start_table = _now(engine, names)
        if not engine.healthy().all():
            status = {"ok": False, "text": f"diverged before {engine.time:.0f} s: the model left the range in which its equations hold"}
            break
    loops["after"] = waves.loop(engine)
    rows = np.concatenate(samples) if samples else np.empty((0, len(names), 1))
    v = by_name(rows[:, :, 0], names)
    columns = {"t": np.arange(1.0, rows.shape[0] + 1.0), **numerics(v, surface)}
    last = by_name(rows[-1:, :, 0], names)
    first = by_name(start_table, names) if start_table is not None else by_name(rows[:1, :, 0], names)
    before = averages(columns, begin - WINDOW, begin) if begin > 0.0 else {k: float(x[0]) for k, x in numerics(first, surface).items() if np.isfinite(x[0])}
    after = averages(columns, columns["t"][-1] - WINDOW, columns["t"][-1])
    if begin > 0.0 or support is None:
        pass
    hidden = () if support is None else _circuit_names(before, after)
    before = {name: value for name, value in before.items() if name not in hidden}
    gases = {"before": {k: g for k, g in gas_table(first).items() if "membrane" not in k}, "after": gas_table(last)}
    identity = {"perfuse": VERSION, "physics_hash": physics_hash(), "parameter_hash": hash_of(dict(values))}
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
        warnings=warnings_of(case, after, columns),
        sources=sources_of(library, support),
        bedside=bedside,
        seed=case.seed,
        identity=identity,
    )


def _now(engine: Engine, names: list[str]) -> Array:
    table = engine.buffer.reshape(-1, engine.lanes)
    return np.array([[table[engine.kernel.rows[name], 0] for name in names]])


def _circuit_names(before: Mapping[str, float], after: Mapping[str, float]) -> tuple[str, ...]:
    """Circuit quantities mean nothing before support."""
    body = ("HR", "MAP")
    circuit = {"ecmo_flow", "ecmo_flow_sd", "ecmo_flow_venous", "ecmo_flow_arterial", "distal_flow", "pump_speed", "P_ven", "P_int", "P_art", "dP",
               "S_pre", "S_post", "PO2_post", "PCO2_post", "ecmo_VO2", "ecmo_VCO2", "recirculation", "sweep", "FdO2"}  # fmt: skip
    return tuple(name for name in before if name in circuit and name not in body)


def sources_of(library: Any, support: Any) -> list[dict[str, str]]:
    """Every source that a run used: the patient's parameters, the parts of the circuit."""
    found: dict[tuple[str, str], dict[str, str]] = {}

    def add(key: str, source: Sequence[str], mark: str) -> None:
        for one in source:
            found.setdefault((one, mark), {"key": key, "text": source_text(one), "mark": mark})

    if library is not None:
        for name, quantity in library.parameters.items():
            add(f"{library.name}.{name}", quantity.source, quantity.mark)
    if support is not None:
        parts: list[Any] = [load_pump(support.pump.model), load_device(support.lung.model)]
        parts += [load_device(limb.cannula) for limb in (*support.drain, *support.return_)]
        if support.distal_perfusion is not None:
            parts.append(load_device(support.distal_perfusion.cannula))
        for part in parts:
            marks = {getattr(part, name).mark for name in ("a", "b", "c", "area") if getattr(getattr(part, name, None), "mark", None)}
            kind = "water chart, scaled to blood" if isinstance(part, Cannula) else ""
            for mark in sorted(marks):
                add(f"{part.name}{f' ({kind})' if kind else ''}", part.source, mark)
    return [found[key] for key in sorted(found, key=lambda k: (found[k]["key"], k))]
