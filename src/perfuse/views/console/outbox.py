"""What waits to be sent to one page: entries that must arrive, the latest of each kind of state, and the last second of waves.

A slow page loses waves and in-between states, never an entry of the log, and never holds up a run.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Mapping
from typing import Any

from perfuse.parameters.json_text import json_text

WAVES_KEPT = 25  # frames, one second
MOST = 4000  # entries that may wait: a page that is further behind is cut off and begins anew when it comes back


class Outbox:
    """Filled from engine threads, emptied by the page's own task."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self._lock, self._awake = loop, threading.Lock(), asyncio.Event()
        self._entries: deque[str] = deque()
        self._latest: dict[str, str] = {}
        self._waves: deque[bytes] = deque(maxlen=WAVES_KEPT)
        self._woken = False
        self.closed = False
        self.dropped = 0

    def entry(self, text: str) -> None:
        """Something that must arrive, in order."""
        with self._lock:
            self._entries.append(text)
            self.closed = self.closed or len(self._entries) > MOST
        self._wake()

    def latest(self, kind: str, text: str) -> None:
        """A state: only the newest of its kind is worth sending."""
        with self._lock:
            self._latest[kind] = text
        self._wake()

    def wave(self, frame: bytes) -> None:
        """A frame of waves; the oldest gives way."""
        with self._lock:
            self.dropped += len(self._waves) == WAVES_KEPT
            self._waves.append(frame)
        self._wake()

    def close(self) -> None:
        """Nothing more will come."""
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        if not self._woken:
            self._woken = True
            try:
                self._loop.call_soon_threadsafe(self._awake.set)
            except RuntimeError:  # the loop has ended, and with it the page's task
                self.closed = True

    async def take(self) -> list[str | bytes]:
        """Wait for something and take all of it: entries, states, waves."""
        await self._awake.wait()
        self._awake.clear()
        self._woken = False
        with self._lock:
            found: list[str | bytes] = [*self._entries, *self._latest.values(), *self._waves]
            self._entries.clear()
            self._latest.clear()
            self._waves.clear()
        return found


class Page:
    """A page that looks at a run."""

    def __init__(self, outbox: Outbox, role: str) -> None:
        self.outbox, self.role, self.loops = outbox, role, False

    def tell(self, message: Mapping[str, Any]) -> None:
        """A message that must arrive."""
        self.outbox.entry(json_text(message, compact=True))
