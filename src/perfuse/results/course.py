"""From a case to the engine: who, on what, what happens when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from perfuse.engine.build import CLAMPED, circuit_rows, first_circuit, first_state, luck, patient_rows, running_circuit
from perfuse.engine.build_devices import device_rows, first_device, resting, taken_rows
from perfuse.engine.controls import control_rows
from perfuse.engine.run import Engine, Ramp, engine
from perfuse.parameters.faults import faults
from perfuse.parameters.library import Patient, load_patient
from perfuse.parameters.tables import controls, scaled
from perfuse.physiology.haemostasis import CONCENTRATE_FIBRINOGEN, CRYO_FIBRINOGEN, PLASMA_FIBRINOGEN, PLATELETS_PER_ML, PROTAMINE_PER_ML
from perfuse.results.supported import title_of

SETTLE = 480.0  # s in which a patient finds its own steady state before a run begins
PINNED = ("lactate", "base_excess", "lung_water")  # what a patient file states as of the start: held while settling
TEMPERATURES = "_temp"
HURRY = 10.0
SPIN_UP = 3.0  # s over which clamps open and the pump starts


@dataclass
class Event:
    """Something that happens, in words and as ramps."""

    start: float
    text: str
    ramps: list[Ramp] = field(default_factory=list)


def patient_values(choice: Any) -> tuple[dict[str, float], Patient | None]:
    """Parameters (in the units of patient.yaml) of a library patient, scaled to another weight where asked, with its changes."""
    library = load_patient(choice.library or "healthy-adult")
    values = {name: quantity.value for name, quantity in library.parameters.items()}
    if choice.scaled_to is not None:
        values = scaled(values, choice.scaled_to)
    return values | choice.changes, library if choice.library else None


def settled(columns: Sequence[Mapping[str, float]], structure: str, lanes: int | None = None, seconds: float = SETTLE) -> Engine:
    """Engines whose patients have found their steady state, their tissues included; support, if any, is clamped. The clock starts at 0.

    A heart that fibrillates settles while it still beats, and stops at 0.
    """
    made = engine(structure, list(columns), lanes)
    # tissue CO2 stores delay the steady state without changing it: they are made small until it is reached
    stores = made.get("capacity_co2").copy()
    made.put("capacity_co2", stores / HURRY)
    rhythm = made.get("rhythm").copy()
    made.put("rhythm", np.where(rhythm > 1.5, 0.0, rhythm))
    filtration = made.get("filtration").copy()
    made.put("filtration", 0.0)
    pinned = {row: made.get(row).copy() for row in PINNED}
    warm = [row for row in made.kernel.rows if row.endswith(TEMPERATURES) and not row.startswith(("drip_", "capacity", "lung_"))]
    start = {row: made.get(row).copy() for row in warm}
    elapsed = 0.0
    while elapsed < seconds:
        stretch = min(30.0, seconds - elapsed)
        made.advance(stretch)
        elapsed += stretch
        for row, value in (pinned | start).items():
            made.put(row, value)
        made.put("slow_co2", made.get("venous_pco2"))
    made.put("capacity_co2", stores)
    made.put("filtration", filtration)
    made.put("tissue_balance", made.get("capillary"))
    made.put("rhythm", rhythm)
    for row in HAZARDS:
        made.put(row, 0.0)
    made.step = 0
    return made


def column(
    values: Mapping[str, float], support: Any, settings: Mapping[str, float] | None = None, devices: Sequence[Any] = ()
) -> dict[str, float]:
    """Rows of one patient before the run: parameters, first state, and what is to be there of circuit and devices, at rest.

    What is established runs, a circuit filled with the patient's own blood; `settings` (controls, units of controls.yaml) hold already.
    """
    rows = patient_rows(values)
    rows |= first_state(rows)
    for choice in devices:
        rows |= device_rows(choice) | (taken_rows(choice) if choice.established else resting(choice))
        rows |= first_device(choice, rows, choice.established)
    if support is not None:
        rows = _with_circuit(rows, support, settings, devices)
    elif any(choice.established for choice in devices):
        for name, value in (settings or {}).items():
            rows |= control_rows(name, value, devices)
    return rows


def _with_circuit(rows: dict[str, float], support: Any, settings: Mapping[str, float] | None, devices: Sequence[Any]) -> dict[str, float]:
    rows |= circuit_rows(support)
    if not support.established:
        rows |= first_circuit() | CLAMPED
        rows["flow_target"] = 0.0
        return rows
    for name, value in (settings or {}).items():
        rows |= control_rows(name, value, devices)
    return rows | running_circuit(rows)


def first_column(case: Any, values: Mapping[str, float], support: Any) -> dict[str, float]:
    """Rows with which a case begins: `column`, and its seed."""
    return column(values, support, standing_settings(case), case.devices) | luck(case.seed)


def standing_settings(case: Any) -> dict[str, float]:
    """Controls that held before a run on an established circuit began: the ventilator's, and what the protocol sets at once at 0 s."""
    on_circuit = case.support is not None and case.support.established
    if not on_circuit and not any(choice.established for choice in case.devices):
        return {}
    found = ventilator_controls(case.ventilator)
    for step in case.protocol:
        if step.at <= 0.0 and step.over <= 0.0:
            found |= step.settings
    return found


def _ramps(name: str, value: float, start: float, over: float, ratio: bool = False, devices: Sequence[Any] = ()) -> list[Ramp]:
    return [Ramp(start, row, inside, over, ratio=ratio) for row, inside in control_rows(name, value, devices).items()]


def ventilator_controls(ventilator: Any) -> dict[str, float]:
    """Controls that a ventilator block sets."""
    found: dict[str, float] = {}
    if ventilator is None:
        return found
    found["ventilator.mode"] = {"pressure": 0.0, "volume": 1.0, "spontaneous": 2.0}[ventilator.mode]
    for name in ("peep", "driving_pressure", "vt", "rate", "fio2", "ti"):
        given = getattr(ventilator, name)
        if given is not None:
            found[f"ventilator.{name}"] = given
    return found


def support_events(case: Any) -> list[Event]:
    """Start of support: clamps open, the pump spins up, gas flows, the ventilator goes to its rest settings.

    The start leads to what the case states, as changed by every step of the protocol that comes before it or with it (engine/schedule.py).
    """
    events: list[Event] = [_device_starts(choice) for choice in case.devices if not choice.established]
    support = case.support
    start = case.begins
    if support is not None and not support.established:
        rows = circuit_rows(support)
        ramps = [_starting(start, row, rows[row], 0.5) for row in CLAMPED if row.endswith("clamp") and rows[row] < 0.5]
        ramps += [_starting(start, "pump_power", 1.0), _starting(start, "sweep", rows["sweep"])]
        if rows["flow_target"] > 0.0:
            ramps += [_starting(start, "flow_target", rows["flow_target"])]
        else:
            ramps += [_starting(start, "pump_set", 0.0), _starting(start + 0.02, "pump_set", rows["pump_set"], SPIN_UP)]
        events.append(Event(start, f"{support.mode.upper()} support starts", ramps))
    said = {name for step in case.protocol if step.at < start for name in step.settings}
    changed = {name: value for name, value in ventilator_controls(case.ventilator).items() if name not in said}
    if changed:
        ramps = [replace(ramp, role="rest") for name, value in changed.items() for ramp in _ramps(name, value, start, 0.0)]
        words = ", ".join(f"{name.split('.')[1].replace('_', ' ')} {_shown(name, value)}" for name, value in changed.items())
        events.append(Event(start, f"ventilator: {words}", ramps))
    return events


def plan_events(engine: Engine, events: Iterable[Event], lane: int | None = None) -> None:
    """Put events on the clock of one lane, or of all, in the order of their starts."""
    for event in sorted(events, key=lambda event: event.start):
        for ramp in event.ramps:
            engine.plan(replace(ramp, lane=lane))


def _starting(start: float, row: str, value: float, over: float = 0.0) -> Ramp:
    """Part of the start of a machine: until then it stands still."""
    return Ramp(start, row, value, over, role="start")


def _device_starts(choice: Any) -> Event:
    """A device begins: clamps open, the rotor spins up, the balloon or the drive is switched on."""
    rows, start = device_rows(choice), choice.start
    ramps = [Ramp(start, row, value, 0.5 if row.endswith("clamp") else 0.0) for row, value in taken_rows(choice).items()]
    for row in resting(choice):
        ramps.append(_starting(start, row, rows[row], 0.5 if row.endswith("clamp") and rows[row] < 0.5 else 0.0))
    for row in ("left_set", "right_set"):
        if row in rows:
            ramps += [_starting(start, row, 0.0), _starting(start + 0.02, row, rows[row], SPIN_UP)]
    return Event(start, f"{title_of(choice)} starts", ramps)


def _shown(name: str, value: float) -> str:
    entry = controls()[name]
    return entry.worded(value) + ("" if entry.unit == "1" else f" {entry.unit.removeprefix('1')}")


def protocol_events(case: Any) -> list[Event]:
    """What the protocol asks for, in order."""
    events: list[Event] = []
    for step in case.protocol:
        at, over = step.at, step.over
        tail = f" over {_clock(over)}" if over > 0.0 else ""
        for name, value in step.settings.items():
            ratio = name.endswith(".kink") and value > 0.0
            ramps = _ramps(name, value, at, over, ratio, case.devices)
            events.append(Event(at, f"{name} \N{RIGHTWARDS ARROW} {_shown(name, value)}{tail}", ramps))
        for name, volume in step.fluids.items():
            events.append(Event(at, f"{name.replace('_', ' ')} {volume:g} mL{tail}", _fluid(name, volume, at, over)))
        if step.fault is not None:
            fault = faults()[step.fault]
            severity = 1.0 if step.severity is None else step.severity
            value = fault.value(severity)
            words = fault.title if severity > 0.0 else f"{fault.title}: over"
            shown = f" (severity {severity:g})" if 0.0 < severity < 1.0 else ""
            events.append(Event(at, f"{words}{shown}{tail}", _ramps(fault.control, value, at, over, fault.law == "ratio", case.devices)))
    return sorted(events, key=lambda event: event.start)


HAZARDS = ("pump_hazard", "lung_hazard", "left_hazard", "right_hazard")
SHORTEST_GIFT = 2.0  # s: a bolus takes at least this long
ACTS = {
    "bicarbonate": ("base_rate", 1.0),
    "platelets": ("platelet_rate", PLATELETS_PER_ML),
    "plasma": ("fibrinogen_rate", PLASMA_FIBRINOGEN),
    "cryoprecipitate": ("fibrinogen_rate", CRYO_FIBRINOGEN),
    "fibrinogen": ("fibrinogen_rate", CONCENTRATE_FIBRINOGEN),
    "protamine": ("protamine_rate", PROTAMINE_PER_ML),
}
"""What is given that does more than fill: the row that it drives, and how much of it a mL brings."""
OUT = {"bleed": "bleeding_rate", "diuresis": "water_removal"}
"""What is taken, and the row that takes it."""


def _fluid(name: str, volume: float, at: float, over: float) -> list[Ramp]:
    """A volume given or taken at a steady rate."""
    seconds = max(over, SHORTEST_GIFT)
    rate = volume / seconds
    if name in OUT:
        return _for_a_while(OUT[name], rate, at, seconds)
    hb = {"red_cells": 19.0}.get(name, 0.0)
    ramps = [Ramp(at, row, value) for row, value in control_rows("fluid.hb", hb).items()]
    ramps += _for_a_while("infusion_rate", rate, at, seconds)
    if name in ACTS:
        row, each = ACTS[name]
        ramps += _for_a_while(row, rate * each, at, seconds)
    return ramps


def _for_a_while(row: str, rate: float, at: float, seconds: float) -> list[Ramp]:
    return [Ramp(at, row, rate, add=True), Ramp(at + seconds, row, -rate, add=True)]


def _clock(seconds: float) -> str:
    return f"{seconds:g} s" if seconds < 120.0 else f"{seconds / 60.0:g} min"
