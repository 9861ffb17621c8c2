"""Moving patients through time: a buffer, a clock, a schedule of ramps, snapshots.

Everything that happens during a run is a ramp of one row: a set point, a drug, a fault. Ramps move in steps of 0.2 s.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from perfuse.engine.kernel import FAST_PER_SLOW, NO_ROWS, NOTHING, Kernel, kernel, physics_hash
from perfuse.engine.schedule import SLOW_DT, Planned, Ramp, Schedule
from perfuse.engine.wiring import WiringError
from perfuse.physiology.circulation_written import Circulation
from perfuse.physiology.contents import PLACES

__all__ = ["NEVER_NEGATIVE", "PER_SECOND", "SLOW_DT", "Engine", "Ramp", "Snapshot", "engine"]
PER_SECOND = round(1.0 / SLOW_DT)
LONGEST_CALL = 600 * PER_SECOND
"""Slow steps of one call of the kernel."""

NEVER_NEGATIVE = frozenset(
    [name for name in Circulation._fields if name.endswith("_volume") and name != "septum_volume"]
    + [f"{place}_{kind}" for place in PLACES for kind in ("o2", "co2", "hb")]
)
"""Rows that are below 0 only when the equations no longer hold."""

Array = NDArray[np.float64]


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

    def __post_init__(self) -> None:
        self.kernel: Kernel = kernel(self.structure, self.lanes)
        self._schedule = Schedule()

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

    @property
    def ramps(self) -> list[Planned]:
        """All that is planned or under way, in order."""
        return self._schedule.pairs()

    @ramps.setter
    def ramps(self, planned: Iterable[Planned]) -> None:
        self._schedule = Schedule(planned)

    def plan(self, ramp: Ramp) -> None:
        """Add a ramp; it begins when its time comes."""
        if ramp.row not in self.kernel.rows:
            raise WiringError(f"A patient of the structure {self.structure} has no row {ramp.row} that a ramp could lead.")
        self._schedule.plan(ramp)

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
            self._schedule.apply(self, self.step)
            count = self._schedule.until_next(self.step, end) - self.step
            late = self.step % stride
            if len(rows):  # up to the next sample, or whole strides of samples at once
                count = min(count, stride - late) if late or count < stride else count - count % stride
            count = min(count, LONGEST_CALL)  # between two calls a request to stop is heard
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
        self._schedule.apply(self, self.step)
        empty = np.empty((0, len(index), self.lanes))
        no_wave = np.empty((0, len(wave_index), self.lanes))
        return (np.concatenate(samples) if samples else empty), (np.concatenate(waves) if waves else no_wave)

    def healthy(self) -> NDArray[np.bool_]:
        """Which lanes hold only finite numbers, blood in every vessel, and no less than nothing of what blood carries."""
        table = self.buffer.reshape(-1, self.lanes)
        return np.asarray(np.isfinite(table).all(axis=0) & (table[self._never_negative] >= 0.0).all(axis=0))

    def healthy_until(self, samples: Array, lane: int) -> int:
        """How many samples [sample, row, lane] of all rows, in the order of `kernel.rows`, a lane passed before it was healthy no more."""
        own = samples[:, :, lane]
        never = [at for at, name in enumerate(self.kernel.rows) if name in NEVER_NEGATIVE]
        healthy = np.isfinite(own).all(axis=1) & (own[:, never] >= 0.0).all(axis=1)
        return int(np.argmin(healthy)) if not healthy.all() else len(own)

    def snapshot(self) -> Snapshot:
        """A copy of everything that decides the future."""
        return Snapshot(self.structure, self.lanes, self.step, self.buffer.tobytes(), tuple(self.ramps), physics_hash())

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot; what follows is the same bits as it was then."""
        if (snapshot.structure, snapshot.lanes, snapshot.physics) != (self.structure, self.lanes, physics_hash()):
            raise ValueError("This snapshot is of another structure or of another version of the physics.")
        self.buffer[:] = np.frombuffer(snapshot.buffer)
        self.step = snapshot.step
        self.ramps = snapshot.ramps

    def values(self, lane: int = 0) -> dict[str, float]:
        """All rows of one lane by name."""
        table = self.buffer.reshape(-1, self.lanes)
        return {name: float(table[at, lane]) for name, at in self.kernel.rows.items()}


def engine(structure: str, columns: Sequence[Mapping[str, float]], lanes: int | None = None) -> Engine:
    """An engine for these patients (rows by name), with `lanes` lanes (default: one per patient)."""
    from perfuse.engine.build import fill

    width = lanes or len(columns)
    made = Engine(structure, width, np.zeros(0))
    made.buffer = fill(made.kernel, list(columns))
    return made
