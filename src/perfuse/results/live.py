"""A patient who is there now: move on, change something, look, go back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import isfinite
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from perfuse.engine.run import SLOW_DT, Engine
from perfuse.parameters.case_models import Case
from perfuse.parameters.from_python import Given, PatientGiven, SupportGiven, case_of, plain, support_of
from perfuse.parameters.problems import InputError, Problem, Problems
from perfuse.parameters.tables import case_fields
from perfuse.results import waves
from perfuse.results.course import Event, first_column, protocol_events, settled, support_events
from perfuse.results.joined import joined
from perfuse.results.numerics import body_surface, by_name, numerics, rows_for
from perfuse.results.saved import Snapshot, refuse_other_physics
from perfuse.results.simulate import gas_table, prepare, structure_of
from perfuse.results.status import status_of
from perfuse.results.supported import names, with_flows

Array = NDArray[np.float64]
LONGEST = 604800.0  # s, the longest case
REMEMBERED = 120  # s of readings kept for sensors that average (an oximeter forgets with a time constant of 6 s)
PER_SECOND = round(1.0 / SLOW_DT)


class Simulation:
    """One patient, live, from a settled state at time 0. `sim.step(60)` moves on; `sim.set("pump.rpm", 3800)` changes something.

    patient, support, ventilator, seed   as in pf.simulate; support starts after its own `start`
    """

    def __init__(self, patient: PatientGiven, support: SupportGiven | None = None, *, ventilator: Any = None, seed: int = 1) -> None:
        self._begin(case_of(patient, support, seconds=LONGEST, ventilator=ventilator, seed=seed, called="Simulation(...)"))

    @classmethod
    def of(cls, case: Case) -> "Simulation":
        """A case, live: its protocol happens at its times, and the run goes on beyond its duration."""
        made = cls.__new__(cls)
        made._begin(case)
        for event in protocol_events(case):
            made._plan(event)
        return made

    def _begin(self, case: Case) -> None:
        self._case = case
        values, _, self.bedside, _ = prepare(self._case)
        self._surface = body_surface(values["weight"], values["height"])
        first = first_column(self._case, values, self._case.support)
        self._engine = settled([first], structure_of(self._case), 1)
        self.events: list[tuple[float, str]] = []
        self._names = rows_for(self._engine.kernel.rows)
        self._history = self._now()
        for event in support_events(self._case):
            self._plan(event)

    @property
    def time(self) -> float:
        """Seconds since the beginning."""
        return self._engine.time

    @property
    def steps(self) -> int:
        """Steps of 0.02 s since the beginning."""
        return self._engine.step

    @property
    def case(self) -> Case:
        """Who, and on what."""
        return self._case

    def rows(self, names: Iterable[str]) -> dict[str, float]:
        """What the engine holds at this moment, of those rows that this patient and support have."""
        return {name: float(self._engine.get(name)[0]) for name in names if self._engine.has(name)}

    def led_to(self, row: str) -> float:
        """What the start of a machine, still to come, leads a row of the engine to; without one, what the row is now."""
        starts = [ramp.value for ramp, _ in self._engine.ramps if ramp.row == row and ramp.role == "start"]
        return starts[-1] if starts else float(self._engine.get(row)[0])

    def loops(self) -> dict[str, tuple[Array, Array]]:
        """Volume (mL) and pressure (mmHg) of the next beat of both ventricles; the run itself is not moved."""
        return waves.loop(self._engine)

    @property
    def support(self) -> Any:
        """The circuit that the patient is on, or will be; None without one."""
        return self._case.support

    @property
    def devices(self) -> list[Any]:
        """The devices that the patient is on, or will be."""
        return list(self._case.devices)

    @property
    def status(self) -> dict[str, Any]:
        """{"ok": True, "text": "ok"}, or what went wrong."""
        return status_of(bool(self._engine.healthy().all()), self.time)

    def step(self, seconds: Given) -> "Simulation":
        """Move on by `seconds` (the engine counts in steps of 0.02 s)."""
        rows, _ = self._engine.advance(self._seconds(seconds), self._names, 1.0)
        self._remember(rows[:, :, 0])
        return self

    def set(self, control: str, value: Given, over: Given = 0.0) -> "Simulation":
        """Change a control (a name of controls.yaml) now, or evenly over `over` seconds."""
        return self._do({"at": 0.0, "set": {control: value}, "over": over}, "set(...)", "set.")

    def fault(self, name: str, severity: Given = 1.0, over: Given = 0.0) -> "Simulation":
        """Let something go wrong (a name of faults.yaml) with a severity of 0 to 1; 0 ends it."""
        return self._do({"at": 0.0, "fault": name, "severity": severity, "over": over}, "fault(...)", "")

    def give(self, fluid: str, volume: Given, over: Given = 0.0) -> "Simulation":
        """Give what fluids.yaml lists (crystalloid, red_cells, platelets, ...) or take it (bleed): `volume` mL over `over` seconds."""
        return self._do({"at": 0.0, "give": {fluid: volume}, "over": over}, "give(...)", "give.")

    def start(self, support: SupportGiven, ventilator: Any = None) -> "Simulation":
        """Put a patient who is on no support on a circuit, a device or both, now (plus the support's own `start`)."""
        if self._case.supported:
            text = f"the patient is on {' and '.join(names(self.support, self.devices))} already"
            hint = "Change its controls with set(), or begin with Simulation(patient) alone."
            raise InputError([Problem("support", text, hint=hint)], "start(...)")
        case = case_of(
            plain(self._case.patient), support, seconds=LONGEST, ventilator=ventilator, seed=self._case.seed, called="start(...)"
        )
        kept = self._history
        self._case, self._engine = case, joined(self._engine, case)
        self._follow(kept)
        for event in support_events(case):
            self._plan(event, self.time)
        return self

    def numerics(self) -> dict[str, float]:
        """Quantities of vocabulary.yaml at this moment, over the last beat or breath; what has no reading is left out."""
        rows = self._history
        if self._engine.step % PER_SECOND:
            rows = np.concatenate([rows, self._now()])
        found = numerics(by_name(rows, self._names), self._surface)
        return {name: float(values[-1]) for name, values in found.items() if np.isfinite(values[-1])}

    def moment(self) -> dict[str, float]:
        """Quantities of vocabulary.yaml as the engine holds them now, before any sensor that averages over seconds."""
        return self._truths(self._now())[0]

    def seconds(self, count: int, rows: Sequence[str] = ()) -> list[tuple[dict[str, float], dict[str, float]]]:
        """As `moment`, of each of the last `count` whole seconds (at most two minutes), each with rows of the engine at that second."""
        late = self._history[-count:]
        at = {name: self._names.index(name) for name in rows if name in self._names}
        found = [{name: float(row[i]) for name, i in at.items()} for row in late]
        return list(zip(self._truths(late), found, strict=True))

    def _truths(self, rows: Array) -> list[dict[str, float]]:
        """Quantities of each row, without those that have no reading."""
        found = numerics(by_name(rows, self._names), self._surface)
        each = np.array([np.broadcast_to(values, len(rows)) for values in found.values()]).T.tolist()
        return [{name: value for name, value in zip(found, line, strict=True) if isfinite(value)} for line in each]

    def gases(self) -> dict[str, dict[str, float]]:
        """Blood gases by site at this moment: {"right radial": {"PO2", "PCO2", "pH", "SO2"}, ...}."""
        return gas_table(by_name(self._now(), self._names))

    def waveforms(self, seconds: Given) -> pa.Table:
        """Move on by `seconds` and return what a monitor drew meanwhile: `t` and signals at 200 Hz."""
        begin = self.time
        return waves.table([(begin, self.drawn(round(self._seconds(seconds) / SLOW_DT)))], {})

    def drawn(self, steps: int) -> dict[str, Array]:
        """Move on by `steps` of 0.02 s and return the signals of that time, 4 samples a step; names as in `waveforms`."""
        rows, wave = self._engine.advance(
            steps * SLOW_DT, self._names, 1.0, wave_rows=waves.names(self._engine.kernel), wave_every=waves.EVERY
        )
        self._remember(rows[:, :, 0])
        return waves.signals(self._engine.kernel, wave)

    def snapshot(self) -> Snapshot:
        """A copy of this moment; `restore` comes back to it, and what follows is the same, bit for bit."""
        who = {
            "patient": plain(self._case.patient),
            "support": plain(support_of(self._case)),
            "seed": self._case.seed,
            "surface": self._surface,
            "events": [list(event) for event in self.events],
        }
        return Snapshot(self._engine.snapshot(), self._history.tobytes(), who)

    def restore(self, snapshot: Snapshot) -> "Simulation":
        """Go back (or over) to a snapshot."""
        refuse_other_physics(snapshot.physics_hash)
        state, who = snapshot.engine, snapshot.who
        engine = Engine(state.structure, state.lanes, np.zeros(len(state.buffer) // 8))
        engine.restore(state)
        self._case = case_of(who["patient"], who["support"], seconds=LONGEST, seed=who["seed"], called="snapshot")
        self._engine, self._surface = engine, who["surface"]
        self.events = [(float(t), str(text)) for t, text in who["events"]]
        self._names = rows_for(engine.kernel.rows)
        self._history = np.frombuffer(snapshot.history).reshape(-1, len(self._names)).copy()
        return self

    def __repr__(self) -> str:
        n = self.numerics()
        on = with_flows(self.support, self.devices, n)
        numbers = f"MAP {n.get('MAP', float('nan')):.0f} mmHg, SaO2 {n.get('SaO2_right_radial', float('nan')):.0f} %"
        return f"<perfuse simulation at {self.time:.2f} s: {on}, {numbers}, {self.status['text']}; not for clinical use>"

    def _do(self, step: Mapping[str, Any], called: str, inside: str) -> "Simulation":
        try:
            case: Case = case_of(plain(self._case.patient), support_of(self._case), seconds=LONGEST, protocol=[step], called=called)
        except InputError as error:
            own = [replace(problem, place=_own_place(problem.place, inside)) for problem in error.problems]
            raise InputError(own, called) from None
        for event in protocol_events(case):
            self._plan(event, self.time)
        self._engine.advance(0.0)  # what happens at once is there at once
        return self

    def _plan(self, event: Event, after: float = 0.0) -> None:
        for ramp in event.ramps:
            self._engine.plan(replace(ramp, start=ramp.start + after))
        self.events.append((event.start + after, event.text))

    def _seconds(self, given: Given) -> float:
        problems = Problems("seconds")
        value = case_fields()["protocol.over"].read(given, ("seconds",), problems)
        problems.raise_if_any()
        assert value is not None
        return value

    def _now(self) -> Array:
        table = self._engine.buffer.reshape(-1, self._engine.lanes)
        return np.array([[table[self._engine.kernel.rows[name], 0] for name in self._names]])

    def _remember(self, rows: Array) -> None:
        """Keep readings of whole seconds."""
        if len(rows):
            self._history = np.concatenate([self._history, rows])[-REMEMBERED:]

    def _follow(self, kept: Array) -> None:
        """Readings of the time before the circuit, under the names of now (circuit rows as they are now)."""
        old = self._names
        self._names = rows_for(self._engine.kernel.rows)
        made = np.repeat(self._now(), len(kept), axis=0)
        for i, name in enumerate(self._names):
            if name in old:
                made[:, i] = kept[:, old.index(name)]
        self._history = made


def _own_place(place: str, inside: str) -> str:
    """The place of a problem as the caller wrote it."""
    return place.removeprefix("protocol[0].").removeprefix(inside)
