"""The server: the built page, the first page's choices, runs, their trends and exports, and one socket per page."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from perfuse.bedside.actions import Refused, storable
from perfuse.bedside.databases import RecordError
from perfuse.parameters.case import case_from_text
from perfuse.parameters.json_text import json_text
from perfuse.parameters.library import case_names, load_case
from perfuse.parameters.problems import InputError, Problem
from perfuse.views.console import exports, sight, starts
from perfuse.views.console.door import PATIENCE, json_of
from perfuse.views.console.guard import MOST_BODY, Bucket, Guard
from perfuse.views.console.live import Live
from perfuse.views.console.outbox import Outbox, Page
from perfuse.views.console.ward import Ward

PAGE = Path(__file__).parent / "page"
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
MESSAGES = (40.0, 120.0)
LONGEST_MESSAGE = 8 * 1024
LONGEST_TITLE = 120
MOST_PROBLEMS = 50
LARGEST_NUMBER = 2**53  # the largest whole number that a page can hold
WAIT = 0.1
Heard = asyncio.Future[MutableMapping[str, Any]]
"""What a page says next."""
NO_REQUEST = "a request is a JSON object of words and numbers, with its own number n and a verb do"


def application(ward: Ward, hosts: frozenset[str], tokens: dict[str, str]) -> Guard:
    """The whole server as an ASGI application."""
    routes = [
        Route("/", _file("index.html"), methods=["GET"]),
        *(
            Route(f"/{path.name}", _file(path.name), methods=["GET"])
            for path in sorted(PAGE.glob("*"))
            if path.suffix in (".js", ".css", ".svg")
        ),
        Route("/words/{language}", _words, methods=["GET"]),
        Route("/api/start", _start, methods=["GET"]),
        Route("/api/runs", _new, methods=["POST"]),
        Route("/api/runs/{run}/stop", _stop, methods=["POST"]),
        Route("/api/runs/{run}/trends", _trends, methods=["GET"]),
        Route("/api/runs/{run}/export/{what}", _export, methods=["GET"]),
        WebSocketRoute("/live/{run}", _live),
    ]
    app = Starlette(
        routes=routes, exception_handlers={404: _not_here, 405: _not_here, RecordError: _no_record, ClientDisconnect: _nobody_left}
    )
    app.state.ward = ward
    app.state.working = asyncio.Lock()  # one case is read or exported at a time, so that a heavy one cannot hold up the runs
    return Guard(app, hosts, tokens)


def _file(name: str) -> Callable[[Request], Awaitable[Response]]:
    """A file of the built page, read once; nothing else of the disk is ever served."""
    content = (PAGE / name).read_bytes()
    packed = gzip.compress(content, 9, mtime=0)

    async def answer(request: Request) -> Response:
        headers = {"content-type": KINDS[Path(name).suffix], "cache-control": "no-cache", "vary": "accept-encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(packed, headers={**headers, "content-encoding": "gzip"})
        return Response(content, headers=headers)

    return answer


async def _not_here(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "There is nothing here."}, getattr(error, "status_code", 404))


async def _no_record(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": f"The record cannot be read now ({error}). Runs go on; try again in a moment."}, 503)


async def _nobody_left(request: Request, error: Exception) -> Response:
    return Response(status_code=400)


async def _words(request: Request) -> Response:
    found = starts.words_of(request.path_params["language"])
    return JSONResponse({"error": "There is no such language."}, 404) if found is None else JSONResponse(found)


async def _start(request: Request) -> Response:
    ward: Ward = request.app.state.ward
    runs = await run_in_threadpool(ward.listed)
    return JSONResponse({**starts.offers(), "runs": runs if request.scope["role"] == "operator" else []})


async def _new(request: Request) -> Response:
    ward: Ward = request.app.state.ward
    if request.scope["role"] != "operator":
        return JSONResponse({"error": "This screen may not begin a run."}, 403)
    body = b""
    try:
        async with asyncio.timeout(PATIENCE):
            async for piece in request.stream():
                body += piece
                if len(body) > MOST_BODY:
                    return JSONResponse({"error": f"A case file here has at most {MOST_BODY // 1024} KiB."}, 413)
        async with request.app.state.working:
            title, case = await run_in_threadpool(_case_of, body)
        ident = await run_in_threadpool(ward.new, title, case)
    except TimeoutError:
        return JSONResponse({"error": "The request did not come to its end."}, 408)
    except ValueError:
        return _problems(InputError([Problem("", "this is no request: JSON with a patient and a support, or a case, is expected")]))
    except InputError as error:
        return _problems(error)
    return JSONResponse({"run": ident}, 201)


async def _stop(request: Request) -> Response:
    ward: Ward = request.app.state.ward
    if request.scope["role"] != "operator":
        return JSONResponse({"error": "This screen may not stop a run."}, 403)
    stopped = await run_in_threadpool(ward.stop, request.path_params["run"])
    return JSONResponse({"stopped": True}) if stopped else JSONResponse({"error": "This run is not open."}, 404)


def _problems(error: InputError) -> Response:
    """What was wrong, in ASCII: a file may hold what no text in UTF-8 can."""
    some = InputError(error.problems[:MOST_PROBLEMS], error.file)
    return Response(json_text({"problems": some.as_json()["problems"]}), 422, media_type="application/json")


def _case_of(body: bytes) -> tuple[str, Any]:
    """Title and case that are asked for; a shipped case by its name alone, for no file of this machine is read for a page."""
    asked = json_of(body)
    if not isinstance(asked, dict):
        raise ValueError("an object is expected")
    if isinstance(asked.get("case"), str):
        case = case_from_text(asked["case"], "the case file")
        if not storable(case.title):
            raise InputError([Problem("title", "this title holds what no text may hold")], "the case file")
        return case.title[:LONGEST_TITLE], case
    if asked.get("shipped") in case_names():
        case = load_case(asked["shipped"])
        return case.title, case
    if "shipped" in asked:
        raise InputError([Problem("shipped", "there is no shipped case of this name")], "the first page")
    return starts.chosen_case(str(asked.get("patient", ""))[:80], str(asked.get("support", ""))[:80])


async def _trends(request: Request) -> Response:
    live = request.app.state.ward.lives.get(request.path_params["run"])
    if live is None:
        return JSONResponse({"error": "This run is not open."}, 404)
    query = request.query_params
    role, two_numbers = request.scope["role"], live.run.bed.two_numbers
    names = [name for name in query.get("names", "").split(",") if name and sight.may_see(role, name, two_numbers)]
    try:
        begin, end = float(query.get("from", 0.0)), float(query.get("to", 1e9))
        points = min(max(int(query.get("points", 600)), 2), 4000)
        found = await run_in_threadpool(live.run.series, query.get("course", live.run.course), names[:40], begin, end, points)
    except (ValueError, OverflowError):
        return JSONResponse({"error": "from, to and points are numbers"}, 422)
    except Refused as refused:
        return JSONResponse({"error": refused.text}, 422)
    return JSONResponse(found)


async def _export(request: Request) -> Response:
    ward: Ward = request.app.state.ward
    what = request.path_params["what"]
    if request.scope["role"] != "operator" or what not in exports.KINDS:
        return JSONResponse({"error": "There is nothing here."}, 404)
    try:
        async with request.app.state.working:
            found = await run_in_threadpool(exports.export, ward, request.path_params["run"], what)
    except InputError as error:
        return _problems(error)
    if found is None:
        return JSONResponse({"error": "There is no such run."}, 404)
    name, kind, content = found
    return Response(content, headers={"content-type": kind, "content-disposition": f'attachment; filename="{name}"'})


async def _live(socket: WebSocket) -> None:
    """One page: what it asks goes to the run's thread, what the run says goes to it."""
    ward: Ward = socket.app.state.ward
    ident = socket.path_params["run"]
    await socket.accept()
    heard = asyncio.ensure_future(socket.receive())
    try:
        live = await _prepared(socket, ward, ident, heard)
        if live is not None:
            await _look(socket, live, heard)
    except WebSocketDisconnect:
        pass
    finally:
        heard.cancel()


async def _look(socket: WebSocket, live: Live, heard: Heard) -> None:
    page = Page(Outbox(asyncio.get_running_loop()), socket.scope["role"])
    live.join(page)
    sending = asyncio.create_task(_send(socket, page.outbox))
    try:
        await _listen(socket, live, page, heard)
    finally:
        live.leave(page)
        page.outbox.close()
        sending.cancel()


async def _prepared(socket: WebSocket, ward: Ward, ident: str, heard: Heard) -> Live | None:
    """Wait until a run lives, telling the page what is being done; None where it cannot be, or nobody waits any more."""
    try:
        if not await run_in_threadpool(ward.open, ident):
            await socket.close(4404, "There is no such run.")
            return None
    except InputError as error:
        await _cannot(socket, error.problems[0].text)
        return None
    except RecordError:
        await socket.close(1013, "The record cannot be read now.")
        return None
    told = ""
    while (words := ward.preparing.get(ident)) is not None:
        if words != told:
            told = words
            await socket.send_text(json_text({"k": "preparing", "words": words}))
        await asyncio.sleep(WAIT)
        if heard.done() and heard.result()["type"] == "websocket.disconnect":
            return None
    live = ward.lives.get(ident)
    if live is None:
        await _cannot(socket, ward.failed.get(ident, "") if socket.scope["role"] == "operator" else "")
    return live


async def _cannot(socket: WebSocket, words: str) -> None:
    text = words or "This run cannot be opened."
    await socket.send_text(json_text({"k": "preparing", "words": text, "failed": True}))
    await socket.close(4409, "This run cannot be opened.")


async def _send(socket: WebSocket, outbox: Outbox) -> None:
    try:
        while not outbox.closed:
            for one in await outbox.take():
                if isinstance(one, bytes):
                    await socket.send_bytes(one)
                else:
                    await socket.send_text(one)
        await socket.close(1013, "This page was too slow, or the run has ended; it may come back.")
    except (WebSocketDisconnect, RuntimeError):  # the page is gone, or was told to go; who listens to it knows
        pass


async def _listen(socket: WebSocket, live: Live, page: Page, heard: Heard) -> None:
    bucket = Bucket(*MESSAGES)
    message = await heard
    while message["type"] != "websocket.disconnect":
        text = message.get("text")
        if text is None or len(text) > LONGEST_MESSAGE:
            await socket.close(1009 if text else 1003, "Requests are short JSON texts.")
            return
        if not bucket.take():
            await socket.close(1008, "Too many requests.")
            return
        try:
            live.ask(page, _request(text))
        except ValueError:
            page.tell({"k": "done", "n": 0, "ok": False, "error": NO_REQUEST})
        message = await socket.receive()


def _request(text: str) -> dict[str, Any]:
    """A request as wire.ts describes it; ValueError where it is none."""
    found = json_of(text)
    if not isinstance(found, dict) or not all(value is None or isinstance(value, str | int | float) for value in found.values()):
        raise ValueError("no object of words and numbers")
    if type(found.get("n")) is not int or abs(found["n"]) > LARGEST_NUMBER:
        raise ValueError("no number")
    return found
