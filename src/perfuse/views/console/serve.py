"""Start: open the record, warm the engine, listen, print the address, open the page."""

import logging
import os
import secrets
import signal
import socket
import sys
import threading
import webbrowser
from typing import Any

import uvicorn

from perfuse.bedside.bed import Bed
from perfuse.bedside.store import open_store
from perfuse.parameters.library import load_case
from perfuse.parameters.problems import InputError, Problem
from perfuse.parameters.safety import NOT_FOR_CLINICAL_USE
from perfuse.views.cli_console import data_folder
from perfuse.views.console import starts
from perfuse.views.console.app import LONGEST_MESSAGE, PAGE, application
from perfuse.views.console.door import Door
from perfuse.views.console.guard import LOOPBACK, is_loopback
from perfuse.views.console.ward import Ward

BACKLOG = 256
FILES = 4096  # files and connections that the system should let this process hold, where it may


def serve(case: str | None, *, host: str, port: int, store: str | None, open_page: bool) -> None:
    """Serve until the user stops it."""
    from perfuse.views.progress import watched

    if not 0 <= port <= 65535:
        raise InputError([Problem("--port", f"{port} is not a port", value=str(port), allowed="0 to 65535")], "the command line")
    if not host.strip():
        raise InputError([Problem("--host", "an address or a name is needed", hint="127.0.0.1 is this machine alone.")], "the command line")
    if not (PAGE / "index.html").exists():
        raise InputError([Problem("page", "the built page is missing from this installation", hint="Install perfuse again.")], str(PAGE))
    given = load_case(case) if case is not None else None
    listener = _listener(host, port)
    _room_for_connections()
    try:
        where: Any = store or data_folder() / "runs.db"
        if store is None:
            data_folder().mkdir(parents=True, exist_ok=True)
        kept = open_store(where)
        _, first = starts.chosen_case("covid-ards", "vv")
        warm = given or first
        with watched("warming the engine", simulates=True):
            Bed(warm).advance(1)
        ward = Ward(kept)
        try:
            address, tokens = _address(host, listener.getsockname()[1])
            run = ward.new(given.title, given) if given is not None else None
            hosts = frozenset({*LOOPBACK, host.lower(), *(_own_names() if host in ("0.0.0.0", "::") else ())})
            server = uvicorn.Server(_config(application(ward, hosts, tokens)))
            _end_with(server)
            _say(address, tokens, where, run)
            if open_page:
                threading.Timer(0.5, webbrowser.open, [_link(address, tokens, "operator", run)]).start()
            server.run(sockets=[listener])
        finally:
            ward.close()
    finally:
        listener.close()
    if ward.preparing:
        sys.stdout.flush()
        os._exit(0)  # a patient who is being prepared for nobody any more would hold the process up


def _end_with(server: uvicorn.Server) -> None:
    """Ctrl-C and a request to end are how a console is meant to be ended: no failure, and no second one that cuts the keeping short.

    A page that does not answer (a laptop that sleeps) is cut off after three seconds, which is no error to tell either.
    """
    logging.getLogger("uvicorn.error").addFilter(lambda record: "timeout graceful shutdown exceeded" not in record.getMessage())

    def end(number: int, frame: object) -> None:
        server.should_exit = True

    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, end)


def _config(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        http=Door,
        ws="websockets-sansio",
        ws_max_size=2 * LONGEST_MESSAGE,
        ws_per_message_deflate=False,
        ws_ping_interval=20.0,
        ws_ping_timeout=60.0,
        backlog=BACKLOG,
        timeout_graceful_shutdown=3,
    )


def _room_for_connections() -> None:
    """Systems that let a process hold few files let it hold more when it asks."""
    try:
        import resource
    except ImportError:  # not every system counts them
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
        made.listen(BACKLOG)  # now, so that a port that is taken is found before anything is begun
    except OSError as error:
        made.close()
        hint = "Another program listens there, or this machine has no such address. Try --port 0 for a free port."
        raise InputError(
            [Problem("--port", f"{host}:{port} cannot be used ({error.strerror})", value=str(port), hint=hint)], "the command line"
        ) from error
    return made


def _address(host: str, port: int) -> tuple[str, dict[str, str]]:
    """The address that a browser opens, and the tokens that it needs off loopback: role by token."""
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    tokens = {} if is_loopback(host) else {secrets.token_urlsafe(24): "operator", secrets.token_urlsafe(24): "trainee"}
    return f"http://{shown}:{port}/", tokens


def _own_names() -> set[str]:
    """Names and addresses under which other machines reach this one."""
    name = socket.gethostname()
    try:
        return {name.lower(), *(str(info[4][0]) for info in socket.getaddrinfo(name, None))}
    except OSError:
        return {name.lower()}


def _link(address: str, tokens: dict[str, str], role: str, run: str | None) -> str:
    token = next((f"?token={token}" for token, of in tokens.items() if of == role), "" if role == "operator" else f"?role={role}")
    return f"{address}{token}" + (f"#run={run}" if run else "")


def _say(address: str, tokens: dict[str, str], where: Any, run: str | None) -> None:
    out = sys.stdout
    out.write(f"perfuse console: {_link(address, tokens, 'operator', run)}\n")
    out.write(f"for trainees:    {_link(address, tokens, 'trainee', run)}\n")
    kept = str(where)
    out.write(f"runs are kept in {kept.rpartition('@')[2] if '@' in kept else kept}\n")
    out.write(f"Stop it with Ctrl-C. {NOT_FOR_CLINICAL_USE}\n")
    out.flush()
