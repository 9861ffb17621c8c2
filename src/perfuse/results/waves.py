"""Waveforms and pressure-volume loops from rows sampled at 200 Hz."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from perfuse.engine.kernel import Kernel, mapped, wave_rows
from perfuse.engine.run import Engine
from perfuse.physiology.circulation import pressures
from perfuse.physiology.circulation_written import Pressures
from perfuse.results import device_waves

Array = NDArray[np.float64]
EVERY = 5  # ms between samples
OF_PLACES = wave_rows()  # from which the pressures of every place follow
CIRCUIT = ("inlet_pressure", "outlet_pressure", "pump_flow", "lung_resistance", "pump_depth", "flow_mean")
EXTRA = ("airway_pressure", "breath_phase", "vent_inspired", "vent_mode", "vent_rate", "own_rate", "tidal_volume", "end_tidal_co2")

WASH_OUT, RISE = 0.09, 0.16  # s, of the drawn capnogram (assumed)
LEAST_BREATH = 20.0  # mL, as in numerics


def names(kernel: Kernel) -> list[str]:
    """Rows that waveforms need."""
    return [*OF_PLACES, *EXTRA, *(name for name in (*CIRCUIT, *device_waves.ROWS) if name in kernel.rows)]


def signals(kernel: Kernel, waves: Array, lane: int = 0) -> dict[str, Array]:
    """Signals of one lane from sampled rows: pressures mmHg, volumes mL, flow L/min, ECG in mV."""
    found = names(kernel)
    at = {name: i for i, name in enumerate(found)}
    p = dict(zip(Pressures._fields, mapped(pressures)(waves[:, : len(OF_PLACES), lane].T), strict=True))

    def row(name: str) -> Array:
        return waves[:, at[name], lane]

    made = {
        "ECG": electrocardiogram(row("phase"), row("period"), row("beating"), row("atrial_kick"), row("av_delay") * row("systole_scale")),
        "P_LV": p["lv"],
        "V_LV": row("lv_volume"),
        "P_RV": p["rv"],
        "V_RV": row("rv_volume"),
        "P_root": p["root"],
        "P_radial": p["ascending"],
        "P_left_radial": p["distal_arch"],
        "P_femoral": p["femoral"],
        "P_PA": p["pa"],
        "P_RA": p["ra"],
        "P_LA": p["la"],
    }
    if "pump_flow" in at:
        depth = row("pump_depth")
        made |= {
            "ECMO_flow": row("pump_flow") * 0.06,
            "P_ven": row("inlet_pressure") + depth,
            "P_int": row("outlet_pressure") + depth + row("lung_resistance") * row("pump_flow"),
            "P_art": row("outlet_pressure") + depth,
        }
    made["P_airway"] = row("airway_pressure") / 0.735559
    rate = np.where(row("vent_mode") > 1.5, row("own_rate"), row("vent_rate"))
    made["CO2"] = capnogram(row("breath_phase"), row("vent_inspired"), rate, row("tidal_volume"), row("end_tidal_co2"))
    return made | device_waves.signals({name: row(name) for name in (*device_waves.ROWS, "arterial_stiffness") if name in at}, p)


def electrocardiogram(phase: Array, period: Array, beating: Array, kick: Array, delay: Array) -> Array:
    """A drawn lead II (mV): P, QRS and T at their times after the P wave's onset; a drawing of timing, not of electrophysiology."""
    t = phase * period

    def hump(centre: Any, width: float, height: float) -> Array:
        return np.asarray(height * np.exp(-(((t - centre) / width) ** 2)))

    qrs = hump(delay + 0.02, 0.012, 1.1) - hump(delay - 0.005, 0.01, 0.12) - hump(delay + 0.045, 0.012, 0.25)
    beat = kick * hump(0.04, 0.025, 0.15) + qrs + hump(delay + 0.28 * np.sqrt(period), 0.045, 0.3)
    wild = 0.25 * np.sin(2 * np.pi * 5.3 * np.cumsum(np.full(t.shape, EVERY * 1e-3))) * (0.6 + 0.4 * np.sin(np.arange(t.size) * 0.013))
    return np.where(beating > 0.5, beat, wild)


def capnogram(phase: Array, inspired: Array, rate: Array, tidal: Array, end_tidal: Array) -> Array:
    """CO2 at the mouth, mmHg: washed out as inspiration begins, back to a slowly rising plateau as it ends (time constants assumed).

    A drawing from the breath's phase and its end-tidal value; flat where nothing is breathed (below 20 mL).
    """
    period = 60.0 / np.maximum(rate, 1.0)
    t, out = phase * period, np.maximum((1.0 - inspired) * period, 0.1)
    past = np.maximum(t - inspired * period, 0.0)
    rising = (1.0 - np.exp(-past / RISE)) * (0.9 + 0.1 * np.minimum(past / out, 1.0))
    wave = end_tidal * np.where(phase < inspired, np.exp(-t / WASH_OUT), rising)
    return np.where((tidal > LEAST_BREATH) & (rate > 0.0), wave, 0.0)


def loop(engine: Engine, lane: int = 0) -> dict[str, tuple[Array, Array]]:
    """One beat's pressure-volume loops of both ventricles, from a copy of the engine: the run itself is not moved."""
    twin = Engine(engine.structure, engine.lanes, engine.buffer.copy())
    seconds = float(np.ceil((float(twin.get("period")[lane]) * 2.2 + 0.1) * 50) / 50)
    _, waves = twin.advance(seconds, wave_rows=names(twin.kernel), wave_every=EVERY)
    s = signals(twin.kernel, waves, lane)
    phase = waves[:, names(twin.kernel).index("phase"), lane]
    wraps = np.flatnonzero(np.diff(phase) < -0.5) + 1
    cut = slice(int(wraps[0]), int(wraps[1]) + 1) if len(wraps) >= 2 else slice(None)
    return {"lv": (s["V_LV"][cut], s["P_LV"][cut]), "rv": (s["V_RV"][cut], s["P_RV"][cut])}


def table(pieces: list[tuple[float, dict[str, Array]]], metadata: dict[str, str]) -> pa.Table | None:
    """Windows of waveforms, one after the other, with the time of each sample."""
    if not pieces:
        return None
    columns: dict[str, list[Array]] = {}
    for start, signal in pieces:
        count = len(next(iter(signal.values())))
        columns.setdefault("t", []).append(start + EVERY * 1e-3 * np.arange(1.0, count + 1.0, dtype=np.float64))
        for name, values in signal.items():
            columns.setdefault(name, []).append(values)
    return pa.table({name: np.concatenate(parts) for name, parts in columns.items()}).replace_schema_metadata(metadata)
