"""Who may talk to the server: known hosts, the page's own origin, a token off loopback, a bounded rate and number of connections."""

import hmac
import ipaddress
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from time import monotonic
from typing import Any
from urllib.parse import parse_qs

from perfuse.parameters.json_text import json_text

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
MOST_BODY = 256 * 1024
MOST_SOCKETS = 200
COOKIE = "perfuse_token"
POLICY = (
    "default-src 'self'; connect-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


def is_loopback(host: str) -> bool:
    """Whether an address to bind to is this machine only."""
    if host in LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass
class Bucket:
    """At most `rate` messages a second, `burst` at once."""

    rate: float
    burst: float
    clock: Callable[[], float] = monotonic
    _level: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        self._level, self._at = self.burst, self.clock()

    def take(self) -> bool:
        """Whether one more may pass."""
        now = self.clock()
        self._level = min(self.burst, self._level + (now - self._at) * self.rate)
        self._at = now
        if self._level < 1.0:
            return False
        self._level -= 1.0
        return True


@dataclass
class Guard:
    """Middleware around the application. `tokens`: role of each token; empty on loopback, where none is asked for."""

    app: App
    hosts: frozenset[str]
    tokens: Mapping[str, str]
    sockets: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        refusal = self.refusal(scope)
        if refusal is not None:
            await _refuse(scope, receive, send, *refusal)
            return
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
            return
        await self.app(scope, receive, self._with_headers(scope, send))

    def refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Status and words where a request may not pass; sets the role of one that may."""
        headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
        host = headers.get("host", "")
        if _name(host) not in self.hosts:
            return 421, f"This server does not answer to the name '{_name(host)[:60]}'. Start it with --host NAME, or use 127.0.0.1."
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2].lower() != host.lower():
            return 403, "This request comes from another origin than the page of this server."
        if origin is None and headers.get("sec-fetch-site", "none") not in ("same-origin", "none") and not _by_a_link(scope, headers):
            return 403, "This request comes from another page."
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        scope["role"], scope["new_token"] = "operator", None
        if not self.tokens:
            scope["role"] = query.get("role", ["operator"])[0]
            return None if scope["role"] in ("operator", "trainee") else (400, "This role is not known: operator or trainee.")
        given = query.get("token", [""])[0]
        known = given or _cookie(headers)
        for token, role in self.tokens.items():
            if hmac.compare_digest(token.encode(), known.encode("utf-8", "replace")):
                scope["role"], scope["new_token"] = role, token if given else None
                return None
        return 401, "A token is needed: open the address that was printed when the server started."

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.sockets >= MOST_SOCKETS:
            await _refuse(scope, receive, send, 503, f"This server holds {MOST_SOCKETS} pages at most.")
            return
        self.sockets += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.sockets -= 1

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        async def sent(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                added = list(HEADERS)
                if scope.get("new_token"):
                    added.append((b"set-cookie", f"{COOKIE}={scope['new_token']}; HttpOnly; SameSite=Strict; Path=/".encode()))
                message = {**message, "headers": [*message.get("headers", ()), *added]}
            await send(message)

        return sent


def _name(host: str) -> str:
    """The name without its port."""
    return (host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() and not host.endswith("]") else host).lower()


def _by_a_link(scope: Scope, headers: Mapping[str, str]) -> bool:
    """Whether somebody came here by a link: all that another page may lead to."""
    return scope.get("method") == "GET" and headers.get("sec-fetch-mode") == "navigate" and scope.get("path") == "/"


def _cookie(headers: Mapping[str, str]) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except Exception:  # a cookie that is none is no token
        return ""
    return found.value if found is not None else ""


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, words: str) -> None:
    body = json_text({"error": words}).encode()
    if scope["type"] == "websocket":
        await receive()
        if "websocket.http.response" in scope.get("extensions", {}):
            headers = [(b"content-type", b"application/json"), *HEADERS]
            await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
            await send({"type": "websocket.http.response.body", "body": body})
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": words[:100]})
        return
    await send(
        {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json; charset=utf-8"), *HEADERS]}
    )
    await send({"type": "http.response.body", "body": body})
