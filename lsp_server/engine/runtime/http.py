"""The engine's HTTP side: routes, limits, and the way between the event loop and the worker thread."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec
import psutil
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from lsp_server.core.errors import EngineUnavailable
from lsp_server.engine.protocol import DoneEvent, ErrorEvent, FillRequest, FrameEvent, Health, Take, Taken
from lsp_server.engine.runtime import infill, openai
from lsp_server.engine.runtime.answers import Stream, error_body, json_answer, refusal, unless_gone
from lsp_server.engine.runtime.auth import LOOPBACK_NAMES, TRUSTED, USER, BearerToken
from lsp_server.engine.runtime.idle import CountRequests, Idle
from lsp_server.engine.runtime.limits import ALONE, TOO_LARGE, Limits
from lsp_server.engine.runtime.scheduler import Scheduler, TooMany
from lsp_server.engine.runtime.ticket import Observer, Ticket
from lsp_server.engine.runtime.worker import Worker

BODY_S = 60.0
"""For a whole body to come in."""
RETRY_S = 1
"""When who was told that the engine is full may come again."""
_STATUS = {"bad-input": 400, "superseded": 409, "cancelled": 503, "model-missing": 503, "model-corrupt": 503}

Body = TypeVar("Body")


def create_app(*, scheduler: Scheduler, worker: Worker, model: str, token: str, idle: Idle) -> Starlette:
    """The ASGI application of an engine that has one user, who knows `token`."""
    gates = [
        Middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK_NAMES, www_redirect=False),
        Middleware(BearerToken, token=token),
        Middleware(CountRequests, idle=idle),
    ]
    return application(Api(scheduler, worker, model, int(time.time())), gates)


def application(api: Api, gates: Sequence[Middleware], *more: Route) -> Starlette:
    """The ASGI application of `api` and `more` behind `gates`."""
    return Starlette(
        routes=[
            Route("/health", api.health),
            Route("/v1/models", api.models),
            Route("/v1/fill", api.fill, methods=["POST"]),
            Route("/v1/take", api.take, methods=["POST"]),
            Route("/v1/completions", api.completions, methods=["POST"]),
            Route("/infill", api.infill, methods=["POST"]),
            *more,
        ],
        middleware=gates,
        exception_handlers={HTTPException: _refused, EngineUnavailable: _overloaded, ClientDisconnect: _gone},
    )


@dataclass(frozen=True, slots=True)
class Api:
    """The endpoints; `started` is in epoch seconds."""

    scheduler: Scheduler
    worker: Worker
    model: str
    started: int
    limits: Limits = ALONE
    observer: Observer | None = None

    async def health(self, request: Request) -> Response:
        """`Health`; without a token its state alone."""
        state = self.worker.state
        if not request.scope[TRUSTED]:
            return json_answer({"state": state})
        filler, trouble = self.worker.filler, self.worker.trouble
        doing = "" if filler else self.worker.doing
        return json_answer(
            Health(
                state=state,
                model=filler.model if filler else self.model,
                adapter=filler.adapter if filler else "",
                backend=filler.backend if filler else "",
                progress=1.0 if filler else self.worker.progress,
                message=trouble.message if trouble else doing,
                hint=trouble.hint if trouble else "",
                pid=os.getpid(),
                memory_mib=psutil.Process().memory_info().rss >> 20,
            )
        )

    async def models(self, _: Request) -> Response:
        """The one model there is, as OpenAI lists models."""
        entry = {"id": self.model, "object": "model", "created": self.started, "owned_by": "remask"}
        return json_answer({"object": "list", "data": [entry]})

    async def fill(self, request: Request) -> Response:
        """The native endpoint: one event per line."""
        body = await self._read(request, FillRequest)
        request.state.unasked = body.read_only
        ticket = self._ticket(request, body)
        return Stream(_ndjson(ticket), "application/x-ndjson", ticket.withdraw)

    async def take(self, request: Request) -> Response:
        """Have a fill under way end with what it has."""
        asked = await self._read(request, Take)
        return json_answer(Taken(self.scheduler.end_now(asked.id, request.scope.get(USER))))

    async def completions(self, request: Request) -> Response:
        """OpenAI's completions."""
        body = await self._read(request, openai.CompletionRequest)
        ticket = self._ticket(request, body.fill_request())
        answer = openai.Answer(f"cmpl-{uuid.uuid4().hex}", int(time.time()), self.model)
        if body.stream:
            return Stream(_sse(ticket, body, answer), "text/event-stream", ticket.withdraw)
        event = await _end(ticket, request)
        if isinstance(event, ErrorEvent):
            return _failed(event)
        choices = list(openai.choices_of(body, event.result))
        return json_answer(answer.body(choices, event.result.figures))

    async def infill(self, request: Request) -> Response:
        """llama.cpp's infill."""
        body = await self._read(request, infill.InfillRequest)
        if body.idle:
            return json_answer(infill.Infill("", self.model))
        event = await _end(self._ticket(request, body.fill_request()), request)
        if isinstance(event, ErrorEvent):
            return _failed(event)
        return json_answer(infill.answer_of(body, event.result, self.model))

    def _ticket(self, request: Request, asked: FillRequest) -> Ticket:
        """Queue what was asked, for the user that the gate knows, if it knows any."""
        user = request.scope.get(USER)
        return Ticket(self.scheduler, self.limits.checked(asked), user, self.observer)

    async def _read(self, request: Request, kind: type[Body]) -> Body:
        """The request's body; raises `HTTPException` 400, 408 or 413."""
        body, most = bytearray(), self.limits.body
        try:
            async with asyncio.timeout(BODY_S):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > most:
                        raise HTTPException(TOO_LARGE, f"the body is larger than {most:,} bytes")
        except TimeoutError as error:
            raise HTTPException(408, f"the body was not here after {BODY_S:.0f} s") from error
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise HTTPException(400, str(error)) from error


async def _end(ticket: Ticket, request: Request) -> DoneEvent | ErrorEvent:
    """The last event, unless the client goes away."""
    try:
        return await unless_gone(request.receive, ticket.end())
    finally:
        ticket.withdraw()


def _failed(event: ErrorEvent) -> Response:
    return refusal(_STATUS.get(event.code, 500), event.message, code=event.code, hint=event.hint)


async def _ndjson(ticket: Ticket) -> AsyncIterator[bytes]:
    async for event in ticket.events():
        yield msgspec.json.encode(event) + b"\n"


async def _sse(ticket: Ticket, body: openai.CompletionRequest, answer: openai.Answer) -> AsyncIterator[bytes]:
    deltas = openai.Deltas(body)
    async for event in ticket.events():
        match event:
            case FrameEvent():
                if piece := deltas.piece(event):
                    yield openai.sse(answer.body([openai.Choice(piece)]))
            case ErrorEvent():
                status = _STATUS.get(event.code, 500)
                yield openai.sse(error_body(status, event.message, code=event.code, hint=event.hint))
            case DoneEvent(result=result):
                choices = list(openai.choices_of(body, result))
                if body.live and choices:
                    choices[0] = msgspec.structs.replace(choices[0], text=deltas.rest(choices[0].text))
                yield openai.sse(answer.body(choices, result.figures))
    yield openai.DONE


async def _refused(_: Request, error: Exception) -> Response:
    status, message = (error.status_code, error.detail) if isinstance(error, HTTPException) else (500, "")
    return refusal(status, message)


async def _overloaded(_: Request, error: Exception) -> Response:
    status = 429 if isinstance(error, TooMany) else 503
    return refusal(status, str(error.args[0]), hint=getattr(error, "hint", ""), retry_s=RETRY_S)


async def _gone(_: Request, __: Exception) -> Response:
    return Response(status_code=499)
