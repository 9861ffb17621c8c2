"""The door: what a connection must have said before it is listened to, and how many stand in it at once."""

import asyncio
import json
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from perfuse.parameters.json_text import json_text, strict_json

MOST_CONNECTIONS = 600  # at once, pages and their files together; more are refused with words
PATIENCE = 10.0  # s for a whole request: a browser needs milliseconds
FULL = json_text({"error": f"This server holds {MOST_CONNECTIONS} connections at most; try again in a moment."}).encode()
REFUSAL = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s"


class Door(H11Protocol):
    """HTTP/1.1 of a server that others may reach: what says half a request is let go, and a crowd does not come in."""

    _late: asyncio.TimerHandle | None = None
    _upgraded = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.write(REFUSAL % (len(FULL), FULL))
            transport.close()
        else:
            self._expect()

    def data_received(self, data: bytes) -> None:
        if not self.transport.is_closing():
            super().data_received(data)
            self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        self._hear()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        super().handle_websocket_upgrade(event)
        self._upgraded = True

    def _expect(self) -> None:
        """Wait for the rest of a request, but not for ever."""
        owed = self.conn.their_state in (h11.IDLE, h11.SEND_BODY) and not self._upgraded
        if not owed:
            self._hear()
        elif self._late is None:
            self._late = self.loop.call_later(PATIENCE, self.transport.abort)

    def _hear(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def json_of(text: str | bytes) -> Any:
    """What a page or a program sent; ValueError where it is no JSON that could be kept and told to others.

    NaN, Infinity and halves of characters are none.
    """
    try:
        found = json.loads(text)
        strict_json(found).encode()
    except RecursionError as error:
        raise ValueError("too deep") from error
    return found
