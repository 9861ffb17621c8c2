"""From drawn samples of the run to samples of display time: 200 a second whatever the speed.

Up to 5 times the speed the sweep runs through all of it; above, it draws one whole beat in n.
"""

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from perfuse.bedside.bed import Drawn
from perfuse.bedside.monitor import RATE, r_waves

WHOLE = 5.0  # up to this speed everything is drawn
MEMORY = 4 * RATE  # samples of the run from which a beat is taken
LONGEST_BEAT = 3 * RATE
HEAD = struct.Struct("<BBHIdff")
ANEW, THINNED = 1, 2
Frame = NDArray[np.float32]


class Display:
    """What the pages of one run draw."""

    def __init__(self) -> None:
        self.channels: Sequence[str] = ()
        self._memory = np.empty((0, 0), dtype=np.float32)
        self._queue = np.empty((0, 0), dtype=np.float32)
        self._anew = True
        self._rest = 0.0
        self._beats = 1.0

    def show(self, channels: Sequence[str]) -> None:
        """Which channels are drawn, in this order; the sweep starts anew."""
        self.channels = channels
        self.restart()

    def restart(self) -> None:
        """The sweep starts anew: another moment, another speed."""
        self._memory = np.full((len(self.channels), 0), np.nan, dtype=np.float32)
        self._queue = self._memory.copy()
        self._anew, self._rest, self._beats = True, 0.0, 1.0

    def take(self, pieces: Sequence[Drawn], speed: float, wall: float, time: float) -> bytes | None:
        """A frame for the samples that were drawn while `wall` seconds passed; None where there is nothing to draw."""
        if not pieces or not self.channels:
            return None
        new = np.concatenate([self._stacked(piece) for piece in pieces], axis=1)
        if speed <= WHOLE:
            shown, flags = _every(new, round(speed), self.channels), 0
        else:
            shown, flags = self._one_in_n(new, wall), THINNED
        if shown.shape[1] == 0:
            return None
        flags |= ANEW if self._anew else 0
        self._anew = False
        head = HEAD.pack(1, flags, len(self.channels), shown.shape[1], time, speed, self._beats if flags & THINNED else 1.0)
        return head + np.ascontiguousarray(shown, dtype="<f4").tobytes()

    def _stacked(self, piece: Drawn) -> Frame:
        samples = len(piece["ECG"])
        return np.array([piece[name] if name in piece else np.full(samples, np.nan) for name in self.channels], dtype=np.float32)

    def _one_in_n(self, new: Frame, wall: float) -> Frame:
        self._memory = np.concatenate([self._memory, new], axis=1)[:, -MEMORY:]
        wanted = wall * RATE + self._rest
        count = int(wanted)
        self._rest = wanted - count
        self._beats = max(new.shape[1] / max(count, 1), 1.0)
        while self._queue.shape[1] < count:
            self._queue = np.concatenate([self._queue, self._beat()], axis=1)
        shown, self._queue = self._queue[:, :count], self._queue[:, count:]
        return shown

    def _beat(self) -> Frame:
        """The last whole beat; without beats, the last second."""
        ecg = self._memory[list(self.channels).index("ECG")] if "ECG" in self.channels else np.zeros(0)
        peaks = r_waves(np.asarray(ecg, dtype=np.float64))
        if len(peaks) >= 2 and peaks[-1] - peaks[-2] < LONGEST_BEAT:
            return self._memory[:, peaks[-2] : peaks[-1]]
        return self._memory[:, -RATE:]


def _every(new: Frame, n: int, channels: Sequence[str]) -> Frame:
    """Every n-th sample; of the ECG the highest of n, so that no R wave is lost between two."""
    if n <= 1:
        return new
    whole = new[:, : new.shape[1] // n * n]
    thin = whole[:, ::n].copy()
    if "ECG" in channels:
        at = list(channels).index("ECG")
        thin[at] = whole[at].reshape(-1, n).max(axis=1)
    return thin
