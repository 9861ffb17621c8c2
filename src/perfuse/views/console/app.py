"""The server: the built page, the first page's choices, runs, their trends and exports, and one socket per page."""

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from perfuse.bedside.actions import Refused
from perfuse.parameters.case import case_from_text
from perfuse.parameters.library import load_case
from perfuse.parameters.problems import InputError
from perfuse.views.console import exports, sight, starts
from perfuse.views.console.guard import MOST_BODY, Bucket, Guard
from perfuse.views.console.live import Page
from perfuse.views.console.outbox import Outbox
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
WAIT = 0.1


def application(ward: Ward, hosts: frozenset[str], tokens: dict[str, str]) -> Guard:
    """The whole server as an ASGI application."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> Any:
        yield
        await run_in_threadpool(ward.close)

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
        Route("/api/runs/{run}/trends", _trends, methods=["GET"]),
        Route("/api/runs/{run}/export/{what}", _export, methods=["GET"]),
        WebSocketRoute("/live/{run}", _live),
    ]
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers={404: _not_here, 405: _not_here})
    app.state.ward = ward
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
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BODY:
            return JSONResponse({"error": f"A case file here has at most {MOST_BODY // 1024} KiB."}, 413)
    try:
        asked = json.loads(body)
        title, case = await run_in_threadpool(_case_of, asked)
        ident = await run_in_threadpool(ward.new, title, case)
    except (ValueError, RecursionError):
        return JSONResponse(
            {"problems": [{"place": "", "text": "this is no request: JSON with a patient and a support, or a case, is expected"}]}, 422
        )
    except InputError as error:
        return JSONResponse({"problems": error.as_json()["problems"]}, 422)
    return JSONResponse({"run": ident}, 201)


def _case_of(asked: Any) -> tuple[str, Any]:
    if not isinstance(asked, dict):
        raise ValueError
    if isinstance(asked.get("case"), str):
        case = case_from_text(asked["case"], "the case file")
        return case.title, case
    if isinstance(asked.get("shipped"), str):
        case = load_case(asked["shipped"])
        return case.title, case
    return starts.chosen_case(str(asked.get("patient", "")), str(asked.get("support", "")))


async def _trends(request: Request) -> Response:
    live = request.app.state.ward.lives.get(request.path_params["run"])
    if live is None:
        return JSONResponse({"error": "This run is not open."}, 404)
    query = request.query_params
    names = [name for name in query.get("names", "").split(",") if name and sight.may_see(request.scope["role"], name)]
    try:
        begin, end = float(query.get("from", 0.0)), float(query.get("to", 1e9))
        points = min(max(int(query.get("points", 600)), 2), 4000)
        found = await run_in_threadpool(live.run.series, query.get("course", live.run.course), names[:40], begin, end, points)
    except (ValueError, OverflowError):
        return JSONResponse({"error": "from, to and points are numbers"}, 422)
    except Refused as refused:
        return JSONResponse({"error": refused.text, "allowed": refused.allowed}, 422)
    return JSONResponse(found)


async def _export(request: Request) -> Response:
    ward: Ward = request.app.state.ward
    what = request.path_params["what"]
    if request.scope["role"] != "operator" or what not in exports.KINDS:
        return JSONResponse({"error": "There is nothing here."}, 404)
    found = await run_in_threadpool(exports.export, ward, request.path_params["run"], what)
    if found is None:
        return JSONResponse({"error": "There is no such run."}, 404)
    name, kind, content = found
    return Response(content, headers={"content-type": kind, "content-disposition": f'attachment; filename="{name}"'})


async def _live(socket: WebSocket) -> None:
    """One page: what it asks goes to the run's thread, what the run says goes to it."""
    ward: Ward = socket.app.state.ward
    ident = socket.path_params["run"]
    await socket.accept()
    if not await run_in_threadpool(ward.open, ident):
        await socket.close(4404, "There is no such run.")
        return
    live = await _prepared(socket, ward, ident)
    if live is None:
        return
    page = Page(Outbox(asyncio.get_running_loop()), socket.scope["role"])
    live.join(page)
    sending = asyncio.create_task(_send(socket, page.outbox))
    try:
        await _listen(socket, live, page)
    except WebSocketDisconnect:
        pass
    finally:
        live.leave(page)
        page.outbox.close()
        sending.cancel()


async def _prepared(socket: WebSocket, ward: Ward, ident: str) -> Any:
    """Wait until a run lives, telling the page what is being done; None where it cannot be."""
    told = ""
    while ident not in ward.lives:
        if ident in ward.failed:
            await socket.send_text(json.dumps({"k": "preparing", "words": ward.failed[ident], "share": None, "failed": True}))
            await socket.close(4409, "This run cannot be opened.")
            return None
        words = ward.preparing.get(ident, told)
        if words != told:
            told = words
            await socket.send_text(json.dumps({"k": "preparing", "words": words, "share": None}))
        await asyncio.sleep(WAIT)
    return ward.lives[ident]


async def _send(socket: WebSocket, outbox: Outbox) -> None:
    while not outbox.closed:
        for one in await outbox.take():
            if isinstance(one, bytes):
                await socket.send_bytes(one)
            else:
                await socket.send_text(one)
    await socket.close(1013, "This page was too slow, or the run has ended; it may come back.")


async def _listen(socket: WebSocket, live: Any, page: Page) -> None:
    bucket = Bucket(*MESSAGES)
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        text = message.get("text")
        if text is None or len(text) > LONGEST_MESSAGE:
            await socket.close(1009 if text else 1003, "Requests are short JSON texts.")
            return
        if not bucket.take():
            await socket.close(1008, "Too many requests.")
            return
        try:
            request = json.loads(text)
        except (ValueError, RecursionError):
            request = None
        if not isinstance(request, dict) or not isinstance(request.get("n"), int) or request.get("do") in ("join", "leave"):
            page.tell({"k": "done", "n": 0, "ok": False, "error": "a request is a JSON object with a number n and a verb do"})
            continue
        live.ask(page, request)
