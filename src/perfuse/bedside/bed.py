"""One patient at the bedside: the simulation, what the monitor shows of it, alarms, laboratory, and what was done.

Nothing here knows a clock on the wall, a thread or a socket: the same actions at the same steps give the same bits.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perfuse.bedside import actions
from perfuse.bedside.alarms import Alarms
from perfuse.bedside.laboratory import Laboratory
from perfuse.bedside.layout import art_site, devices_of, watched
from perfuse.bedside.monitor import PER_STEP, Monitor
from perfuse.bedside.trend import Trend
from perfuse.engine import run as engine_run
from perfuse.engine.run import PER_SECOND, Ramp
from perfuse.parameters.case_models import Case
from perfuse.parameters.tables import controls
from perfuse.results.live import Simulation
from perfuse.results.saved import Snapshot
from perfuse.results.supported import replaced

Array = NDArray[np.float64]
Drawn = dict[str, Array]
RHYTHMS = {0: "sinus", 1: "atrial fibrillation", 2: "no beat"}
BLOCK = 10  # s that are computed at once, at most
BEGINNING = 10.0  # s after its start for which a device does not alarm
RUNNING = 0.3  # L/min: blood runs
WATCHED = ("compression_rate", "beating", "rhythm", "air", "left_set", "left_suction", "balloon_leak", "balloon_ratio")
"""Rows from which signs and words follow."""
CONTROLLED = {"impella.level": "left_level", "impella_rp.level": "right_level"}


class Bed:
    """A run from its case: `advance` moves it, `act` does something, `state` and `restore` hold a moment."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.sim = Simulation.of(case)
        self.monitor = Monitor(art_site(case))
        self.alarms = Alarms()
        self.laboratory = Laboratory(case.seed)
        self.trend = Trend(0)
        self.faults: dict[str, float] = {}
        self.two_numbers = False
        self.shown: dict[str, float | None] = {}
        self.why: dict[str, str] = {}
        self.words: dict[str, str] = {}
        self.happened: list[tuple[int, str, dict[str, Any]]] = []
        """What alarms and laboratory did since it was last taken: step, verb, what."""
        self._watched = watched(case, self.monitor.art_site)
        self._first_look()

    @property
    def step(self) -> int:
        """Engine steps of 0.02 s since the beginning."""
        return self.sim.steps

    @property
    def time(self) -> float:
        """Seconds since the beginning."""
        return self.sim.time

    @property
    def chatters(self) -> bool:
        """Whether the drainage line sucks the vein shut and lets it go: its pressure swings while blood runs."""
        return (self.shown.get("ecmo_flow") or 0.0) > RUNNING and self.monitor.chatters

    @property
    def ok(self) -> bool:
        """Whether the model still holds."""
        return bool(self.sim.status["ok"])

    def advance(self, steps: int) -> list[Drawn]:
        """Move on; what was drawn meanwhile, piece by piece. Numbers, alarms and results come at whole seconds of the run.

        A model that left its range stands still: there is nothing more to be drawn or read.
        """
        pieces: list[Drawn] = []
        end = self.step + steps
        while self.step < end and self.ok:
            stop = min(end, (self.step // PER_SECOND + BLOCK) * PER_SECOND)
            pieces += self._block(stop - self.step)
        return pieces

    def _block(self, steps: int) -> list[Drawn]:
        """Some seconds at once: the second at which a model leaves its range is found by going through them one by one."""
        before = self.sim.snapshot() if steps > PER_SECOND else None
        first = self.step // PER_SECOND + 1
        signals = self.sim.drawn(steps)
        if not self.ok:
            if before is None:
                return []
            self.sim.restore(before)
            stops = [min(self.step + steps, second * PER_SECOND) for second in range(first, first + BLOCK)]
            return [piece for stop in stops if stop > self.step and self.ok for piece in self._block(stop - self.step)]
        drawn = self.monitor.draw(signals)
        last = self.step // PER_SECOND
        if last >= first:
            for second, (truth, rows) in enumerate(self.sim.seconds(last - first + 1, WATCHED), first):
                self._second(second, truth, rows)
        return [drawn]

    def _second(self, second: int, truth: Mapping[str, float], rows: Mapping[str, float]) -> None:
        step = second * PER_SECOND
        self._rows = rows
        self._look(truth, (self.step - step) * PER_STEP)
        for rung in self.alarms.second(float(second), self.shown, self._facts(float(second), truth), self._watched):
            self.happened.append((step, rung.verb, asdict(rung.alarm)))
        for sample in self.laboratory.back(second - 1.0, float(second)):
            self.happened.append((step, "result", {"id": sample.id, "what": sample.what, "words": sample.words}))
        self.trend.add(self.shown)

    def _first_look(self) -> None:
        """Numbers at the very beginning, before a second has been drawn: those of the engine."""
        self.shown = dict(self.sim.moment())
        self._derive()

    def _look(self, truth: Mapping[str, float], ago: int) -> None:
        """What the sensors show of the truth, `ago` samples before the last."""
        s = self.monitor.sensors
        read, self.why = self.monitor.read({**truth, "compressions": self._rows["compression_rate"]}, ago)
        self.shown = {**truth, **read}
        if "ecmo_flow" in truth:
            self.shown["ecmo_flow"] = truth["ecmo_flow"] * (1.0 + s["flow_error"] / 100.0)
            self.shown["P_ven"] = self.monitor.drainage
            self.shown["S_pre"] = min(max(truth["S_pre"] + s["s_pre_drift"], 0.0), 100.0)
        if replaced(self.sim.devices):  # no heart is left that an ECG could see: the rate is that of the drive
            self.shown["HR"] = truth["HR"]
            self.why.pop("HR", None)
        self._derive()
        beats = self._rows["beating"] > 0.5
        self.words = {
            "rhythm": "artificial heart" if replaced(self.sim.devices) else RHYTHMS[round(self._rows["rhythm"])] if beats else "no beat",
            "pulse": "no pulse wave" if self.shown.get("SpO2_right_hand") is None else "pulse",
        }

    def _derive(self) -> None:
        v = self.shown
        if v.get("VT") is not None and v.get("RR") is not None:
            v["minute_volume"] = (v["VT"] or 0.0) * (v["RR"] or 0.0) / 1000.0
        flow = v.get("ecmo_flow")
        if flow is not None:
            v["dP_per_flow"] = (v["dP"] or 0.0) / flow if flow > RUNNING else None

    def _facts(self, t: float, truth: Mapping[str, float]) -> dict[str, Any]:
        """What the devices' own sensors see besides numbers."""
        r = self._rows
        started = {name for name, choice in devices_of(self.sim.case) if choice.established or t > choice.start + BEGINNING}
        return {
            "why": self.why,
            "ecg_off": self.monitor.sensors["ecg_off"] > 0.5,
            "chatter": self.chatters,
            "ecmo": "ecmo" in started,
            "air": r.get("air", 0.0) if "ecmo" in started else 0.0,
            "lvad": "lvad" in started,
            "impella": "impella" in started,
            "running": r.get("left_set", 0.0) > 1.0,
            "left_suction": 100.0 * r.get("left_suction", 0.0),
            "placement": truth.get("impella_placement", 1.0),
            "motor_pulse": truth.get("impella_motor_pulse", 1.0e3),
            "helium_lost": r.get("balloon_leak", 0.0) if r.get("balloon_ratio", 0.0) > 0.5 else 0.0,
        }

    # -- what is set -----------------------------------------------------------------------------------------------------

    def setting(self, control: str) -> float:
        """The value of a control, in its unit: now, or once its machine has started."""
        return self.sim.led_to(CONTROLLED.get(control, controls()[control].field)) / controls()[control].scale

    def settings(self, wanted: list[str]) -> dict[str, float]:
        """Values of the controls that are there."""
        fields = {control: CONTROLLED.get(control, controls()[control].field) for control in wanted}
        rows = self.sim.rows(dict.fromkeys(fields.values()))
        return {control: rows[row] / controls()[control].scale for control, row in fields.items() if row in rows}

    def act(self, request: Mapping[str, Any]) -> actions.Deed:
        """Do what is asked now; Refused, with the range, where it cannot be done (nothing has changed then)."""
        deed = actions.do(self, request)
        if deed.verb == "start":
            self._watched = watched(self.sim.case, self.monitor.art_site)
        return deed

    # -- moments ---------------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Everything that decides what comes next, without the trends."""
        snap = self.sim.snapshot()
        e = snap.engine
        return {
            "engine": {
                "structure": e.structure,
                "step": e.step,
                "buffer": e.buffer,
                "ramps": [[asdict(ramp), None if begin is None else list(begin)] for ramp, begin in e.ramps],
                "physics": e.physics,
            },
            "history": snap.history,
            "who": dict(snap.who),
            "monitor": self.monitor.state(),
            "alarms": self.alarms.state(),
            "laboratory": self.laboratory.state(),
            "faults": dict(self.faults),
            "two_numbers": self.two_numbers,
            "shown": dict(self.shown),
            "why": dict(self.why),
            "words": dict(self.words),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go to a moment; the trend is left to who keeps it."""
        e = state["engine"]
        ramps = tuple((Ramp(**ramp), None if begin is None else tuple(begin)) for ramp, begin in e["ramps"])
        snap = engine_run.Snapshot(e["structure"], 1, e["step"], e["buffer"], ramps, e["physics"])
        self.sim.restore(Snapshot(snap, state["history"], state["who"]))
        self.monitor.restore(state["monitor"])
        self.alarms.restore(state["alarms"])
        self.laboratory.restore(state["laboratory"])
        self._watched = watched(self.sim.case, self.monitor.art_site)
        self.faults, self.two_numbers = dict(state["faults"]), state["two_numbers"]
        self.shown, self.why, self.words = dict(state["shown"]), dict(state["why"]), dict(state["words"])
        self.happened = []
