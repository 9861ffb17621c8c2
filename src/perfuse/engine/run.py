"""Moving patients through time: a buffer, a clock, a schedule of ramps, snapshots.

Everything that happens during a run is a ramp of one row: a set point, a drug, a fault. Ramps move in steps of 0.2 s.

Where several ramps mean one row, these rules decide. The last word counts: a ramp that begins ends one that still runs. A machine stands
still until its start: what is set before changes what the start leads to, and a ramp that runs across the start goes on after it. What
the start sets of a patient (the ventilator) gives way to what was set before.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from perfuse.engine.kernel import DT, FAST_PER_SLOW, NO_ROWS, NOTHING, Kernel, kernel, physics_hash
from perfuse.physiology.circulation_written import Circulation
from perfuse.physiology.contents import PLACES

SLOW_DT = DT * FAST_PER_SLOW
PER_SECOND = round(1.0 / SLOW_DT)
RAMP_STEP = 10  # slow steps between two steps of a ramp

NEVER_NEGATIVE = frozenset(
    [name for name in Circulation._fields if name.endswith("_volume") and name != "septum_volume"]
    + [f"{place}_{kind}" for place in PLACES for kind in ("o2", "co2", "hb")]
)
"""Rows that are below 0 only when the equations no longer hold."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Ramp:
    """One row of one lane (None: all lanes) moves from what it is at `start` to `value` over `over` seconds, in steps of 0.2 s."""

    start: float
    row: str
    value: float
    over: float = 0.0
    lane: int | None = None
    ratio: bool = False  # in equal ratios instead of equal steps
    add: bool = False  # `value` is added to what the row was
    role: Literal["set", "start", "rest"] = "set"  # somebody sets it; a machine starts; the ventilator goes to rest at the start

    def at(self, begin: float, share: float) -> float:
        """Value when `share` of the ramp is done."""
        if self.add:
            return begin + self.value * min(share, 1.0)
        if share >= 1.0:
            return self.value
        if self.ratio and begin > 0.0 and self.value > 0.0:
            return float(begin * (self.value / begin) ** share)
        return begin + (self.value - begin) * share


Planned = tuple[Ramp, tuple[float, ...] | None]
"""A ramp, and what its row was in each lane when it began; None before."""


@dataclass(frozen=True)
class Snapshot:
    """Everything that decides the future of a run."""

    structure: str
    lanes: int
    step: int
    buffer: bytes
    ramps: tuple[Planned, ...]
    physics: str


@dataclass
class Engine:
    """`lanes` patients of one structure, moved together."""

    structure: str
    lanes: int
    buffer: Array
    step: int = 0
    ramps: list[Planned] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.kernel: Kernel = kernel(self.structure, self.lanes)

    @cached_property
    def _never_negative(self) -> list[int]:
        return [at for name, at in self.kernel.rows.items() if name in NEVER_NEGATIVE]

    @property
    def time(self) -> float:
        """Seconds since the start."""
        return self.step * SLOW_DT

    def get(self, row: str) -> Array:
        """Values of a row in every lane."""
        at = self.kernel.rows[row] * self.lanes
        return self.buffer[at : at + self.lanes]

    def put(self, row: str, value: float | Array, lane: int | None = None) -> None:
        """Set a row in one lane or all."""
        at = self.kernel.rows[row] * self.lanes
        if lane is None:
            self.buffer[at : at + self.lanes] = value
        else:
            self.buffer[at + lane] = value

    def has(self, row: str) -> bool:
        """Whether this structure has such a row."""
        return row in self.kernel.rows

    def plan(self, ramp: Ramp) -> None:
        """Add a ramp; it begins when its time comes."""
        if ramp.row not in self.kernel.rows:
            raise KeyError(ramp.row)
        self.ramps.append((ramp, None))
        self.ramps.sort(key=lambda pair: pair[0].start)

    def _apply(self) -> None:
        """Move the ramps that are due to their value now; drop the finished."""
        left: list[Planned] = []
        coming = list(self.ramps)
        while coming:
            ramp, begin = coming.pop(0)
            first = round(ramp.start / SLOW_DT)
            if first > self.step:
                left.append((ramp, begin))
                continue
            if begin is None:
                left = [pair for pair in left if not _ends(ramp, pair)]
                coming = [pair for pair in coming if not _withdraws(ramp, pair[0])]
            starting = next((pair for pair in reversed([*left, *coming]) if _steers(ramp, pair[0])), None)
            lanes = range(self.lanes) if ramp.lane is None else [ramp.lane]
            if begin is None:
                begin = tuple(starting[0].value if starting else float(self.get(ramp.row)[lane]) for lane in lanes)
            length = round(ramp.over / SLOW_DT)
            if 0 < (self.step - first) % RAMP_STEP and self.step - first < length:  # between two steps: how a run is cut changes nothing
                left.append((ramp, begin))
                continue
            share = 1.0 if length == 0 else (self.step - first) / length
            if starting:
                led = (replace(starting[0], value=ramp.at(begin[0], share)), starting[1])
                left = [led if pair is starting else pair for pair in left]
                coming = [led if pair is starting else pair for pair in coming]
            else:
                for lane, value in zip(lanes, begin, strict=True):
                    self.put(ramp.row, ramp.at(value, share), lane)
            if share < 1.0:
                left.append((ramp, begin))
        self.ramps = left

    def _until_next(self, end: int) -> int:
        """Slow step up to which nothing is to be changed."""
        goal = end
        for ramp, _ in self.ramps:
            first = round(ramp.start / SLOW_DT)
            following = self.step + RAMP_STEP - (self.step - first) % RAMP_STEP
            goal = min(goal, first if first > self.step else min(following, first + round(ramp.over / SLOW_DT)))
        return max(goal, self.step + 1)

    def advance(
        self,
        seconds: float,
        rows: Sequence[str] = (),
        every: float = 1.0,
        *,
        wave_rows: Sequence[str] = (),
        wave_every: int = 5,
        progress: Callable[[float], None] | None = None,
    ) -> tuple[Array, Array]:
        """Move on by `seconds`.

        Returns `rows` at every multiple of `every` seconds of the run's clock as [sample, row, lane], and wave_rows every `wave_every` ms.
        """
        end = self.step + round(seconds / SLOW_DT)
        stride = round(every / SLOW_DT)
        index = np.array([self.kernel.rows[name] for name in rows], dtype=np.int64)
        wave_index = np.array([self.kernel.rows[name] for name in wave_rows], dtype=np.int64)
        samples: list[Array] = []
        waves: list[Array] = []
        while self.step < end:
            self._apply()
            count = self._until_next(end) - self.step
            late = self.step % stride
            if len(rows):  # up to the next sample, or whole strides of samples at once
                count = min(count, stride - late) if late or count < stride else count - count % stride
            if progress is not None:
                count = min(count, 600 * PER_SECOND)
            whole = len(rows) > 0 and late == 0 and count % stride == 0
            out = np.empty((count // stride, len(index), self.lanes)) if whole else NOTHING
            wave = np.empty((count * FAST_PER_SLOW // wave_every, len(wave_index), self.lanes)) if len(wave_rows) else NOTHING
            self.kernel.run(
                self.buffer,
                count,
                out,
                index if whole else NO_ROWS,
                stride if whole else count + 1,
                wave,
                wave_index,
                wave_every if len(wave_rows) else 0,
            )
            self.step += count
            if whole:
                samples.append(out)
            elif len(rows) and self.step % stride == 0:
                samples.append(self.buffer.reshape(-1, self.lanes)[index][None, :, :].copy())
            if len(wave_rows):
                waves.append(wave)
            if progress is not None:
                progress(self.time)
        self._apply()
        empty = np.empty((0, len(index), self.lanes))
        no_wave = np.empty((0, len(wave_index), self.lanes))
        return (np.concatenate(samples) if samples else empty), (np.concatenate(waves) if waves else no_wave)

    def healthy(self) -> NDArray[np.bool_]:
        """Which lanes hold only finite numbers, blood in every vessel, and no less than nothing of what blood carries."""
        table = self.buffer.reshape(-1, self.lanes)
        return np.asarray(np.isfinite(table).all(axis=0) & (table[self._never_negative] >= 0.0).all(axis=0))

    def snapshot(self) -> Snapshot:
        """A copy of everything that decides the future."""
        return Snapshot(self.structure, self.lanes, self.step, self.buffer.tobytes(), tuple(self.ramps), physics_hash())

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot; what follows is the same bits as it was then."""
        if (snapshot.structure, snapshot.lanes, snapshot.physics) != (self.structure, self.lanes, physics_hash()):
            raise ValueError("This snapshot is of another structure or of another version of the physics.")
        self.buffer[:] = np.frombuffer(snapshot.buffer)
        self.step = snapshot.step
        self.ramps = list(snapshot.ramps)

    def values(self, lane: int = 0) -> dict[str, float]:
        """All rows of one lane by name."""
        table = self.buffer.reshape(-1, self.lanes)
        return {name: float(table[at, lane]) for name, at in self.kernel.rows.items()}


def _alike(ramp: Ramp, other: Ramp) -> bool:
    """Whether two ramps lead the same row to a value; what is added does not."""
    return (ramp.row, ramp.lane) == (other.row, other.lane) and not ramp.add and not other.add


def _ends(ramp: Ramp, planned: Planned) -> bool:
    """Whether a ramp that begins ends another that runs; a start ends none and is ended by none."""
    other, begin = planned
    return begin is not None and "start" not in (ramp.role, other.role) and _alike(ramp, other)


def _withdraws(ramp: Ramp, other: Ramp) -> bool:
    """Whether a setting that begins takes a ventilator setting of the start, still to come, off the plan."""
    return ramp.role == "set" and other.role == "rest" and _alike(ramp, other)


def _steers(ramp: Ramp, other: Ramp) -> bool:
    """Whether a setting changes what the start of a machine, still to come or under way, leads to."""
    return ramp.role == "set" and other.role == "start" and _alike(ramp, other)


def engine(structure: str, columns: Sequence[Mapping[str, float]], lanes: int | None = None) -> Engine:
    """An engine for these patients (rows by name), with `lanes` lanes (default: one per patient)."""
    from perfuse.engine.build import fill

    width = lanes or len(columns)
    made = Engine(structure, width, np.zeros(0))
    made.buffer = fill(made.kernel, list(columns))
    return made
