"""The engine's HTTP side: routes, limits, and the way between the event loop and the worker thread."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
import uuid
from collections.abc import AsyncIterator
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
from lsp_server.engine.protocol import DoneEvent, ErrorEvent, Event, FillRequest, FrameEvent, Health
from lsp_server.engine.runtime import infill, openai
from lsp_server.engine.runtime.answers import Stream, error_body, json_answer, refusal, unless_gone
from lsp_server.engine.runtime.auth import LOOPBACK_NAMES, TRUSTED, BearerToken
from lsp_server.engine.runtime.idle import CountRequests, Idle
from lsp_server.engine.runtime.scheduler import Scheduler
from lsp_server.engine.runtime.worker import Worker

BODY_LIMIT = 16 * 1024 * 1024
"""Bytes."""
_STATUS = {"bad-input": 400, "superseded": 409, "cancelled": 503, "model-missing": 503, "model-corrupt": 503}

Body = TypeVar("Body")


def create_app(*, scheduler: Scheduler, worker: Worker, model: str, token: str, idle: Idle) -> Starlette:
    """The ASGI application."""
    api = Api(scheduler, worker, model, int(time.time()))
    return Starlette(
        routes=[
            Route("/health", api.health),
            Route("/v1/models", api.models),
            Route("/v1/fill", api.fill, methods=["POST"]),
            Route("/v1/completions", api.completions, methods=["POST"]),
            Route("/infill", api.infill, methods=["POST"]),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK_NAMES, www_redirect=False),
            Middleware(BearerToken, token=token),
            Middleware(CountRequests, idle=idle),
        ],
        exception_handlers={HTTPException: _refused, EngineUnavailable: _overloaded, ClientDisconnect: _gone},
    )


class Ticket:
    """A submitted request and its events, brought to the event loop."""

    def __init__(self, scheduler: Scheduler, request: FillRequest) -> None:
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._scheduler = scheduler
        self._job = scheduler.submit(request, self._emit)

    async def events(self) -> AsyncIterator[Event]:
        """All events up to the last one."""
        while True:
            event = await self._events.get()
            yield event
            if not isinstance(event, FrameEvent):
                return

    async def end(self) -> DoneEvent | ErrorEvent:
        """The last event."""
        while isinstance(event := await self._events.get(), FrameEvent):
            pass
        return event

    def withdraw(self) -> None:
        """Nobody waits for it any more."""
        self._scheduler.withdraw(self._job)

    def _emit(self, event: Event) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody listens
            self._loop.call_soon_threadsafe(self._events.put_nowait, event)


@dataclass(frozen=True, slots=True)
class Api:
    """The endpoints; `started` is in epoch seconds."""

    scheduler: Scheduler
    worker: Worker
    model: str
    started: int

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
        body = await _read(request, FillRequest)
        request.state.unasked = body.read_only
        ticket = Ticket(self.scheduler, body)
        return Stream(_ndjson(ticket), "application/x-ndjson", ticket.withdraw)

    async def completions(self, request: Request) -> Response:
        """OpenAI's completions."""
        body = await _read(request, openai.CompletionRequest)
        ticket = Ticket(self.scheduler, body.fill_request())
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
        body = await _read(request, infill.InfillRequest)
        if body.idle:
            return json_answer(infill.Infill("", self.model))
        event = await _end(Ticket(self.scheduler, body.fill_request()), request)
        if isinstance(event, ErrorEvent):
            return _failed(event)
        return json_answer(infill.answer_of(body, event.result, self.model))


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


async def _read(request: Request, kind: type[Body]) -> Body:
    """The request's body; raises `HTTPException` 400 or 413."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise HTTPException(413, f"the body is larger than {BODY_LIMIT >> 20} MiB")
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise HTTPException(400, str(error)) from error


async def _refused(_: Request, error: Exception) -> Response:
    status, message = (error.status_code, error.detail) if isinstance(error, HTTPException) else (500, "")
    return refusal(status, message)


async def _overloaded(_: Request, error: Exception) -> Response:
    return refusal(503, str(error.args[0]), hint=getattr(error, "hint", ""))


async def _gone(_: Request, __: Exception) -> Response:
    return Response(status_code=499)
