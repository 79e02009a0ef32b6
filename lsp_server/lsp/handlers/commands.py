"""`workspace/executeCommand`: our commands, each with the arguments it was checked to have."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from lsprotocol import types as t
from pygls.exceptions import JsonRpcContentModified, JsonRpcInvalidParams

from lsp_server.core.types import Document, Edit, Silence, Span
from lsp_server.lsp import commands
from lsp_server.lsp.arguments import EditArguments, Minutes, TakeNowArguments, one
from lsp_server.lsp.convert import to_span
from lsp_server.lsp.rewriting import TITLES, Order, apply, carry_out
from lsp_server.lsp.server import RemaskServer
from lsp_server.lsp.status import status_params
from lsp_server.service.wish import Wish

SNOOZE_MINUTES = 15.0
"""For a snooze that does not say how long."""

Command = Callable[[RemaskServer, t.ExecuteCommandParams], Awaitable[object]]


def register(server: RemaskServer) -> None:
    """Register every command."""
    server.command(commands.ACCEPTED)(accepted)
    for action, command in commands.OF_ACTION.items():
        server.command(command)(_rewriting(action))
    server.command(commands.TAKE_NOW)(take_now)
    server.command(commands.SNOOZE)(snooze)
    server.command(commands.STATUS)(status)
    server.command(commands.RESTART_ENGINE)(restart_engine)


async def accepted(ls: RemaskServer, params: t.ExecuteCommandParams) -> bool:
    """Count a suggestion or a next edit as accepted; false for an id not known (any more).

    What rides behind the id is for clients.
    """
    edit_id = one((params.arguments or ())[:1], str)
    return ls.services.completer.accepted(edit_id) or ls.services.next_editor.taken(edit_id)


async def take_now(ls: RemaskServer, params: t.ExecuteCommandParams) -> bool:
    """End the rewrite of a document with what is denoised of it; false if none is under way."""
    taking = ls.taking.get(one(params.arguments, TakeNowArguments).uri)
    if taking is not None:
        taking.take()
    return taking is not None


async def snooze(ls: RemaskServer, params: t.ExecuteCommandParams) -> dict[str, float | None]:
    """Be silent for some minutes; 0 wakes."""
    minutes = one(params.arguments, Minutes) if params.arguments else SNOOZE_MINUTES
    ls.services.gate.snooze(minutes)
    ls.services.board.silence(Silence.SNOOZED if minutes else None)
    return {"snoozedUntil": ls.services.gate.snoozed_until}


async def status(ls: RemaskServer, _params: t.ExecuteCommandParams) -> dict[str, object]:
    """What the server is doing, and what became of its suggestions so far."""
    services = ls.services
    tally, engine = services.completer.tally, services.engine.status
    return {
        **status_params(services.board.current),
        "model": services.configuration.settings.model,
        "engine": {"phase": engine.phase, "message": engine.message, "hint": engine.hint},
        "snoozedUntil": services.gate.snoozed_until,
        "suggestions": {fate.value: count for fate, count in tally.fates.items() if count},
        "silences": {silence.value: count for silence, count in tally.silences.items()},
    }


async def restart_engine(ls: RemaskServer, _params: t.ExecuteCommandParams) -> None:
    """End the engine, for every editor that shares it, and start it anew."""
    await ls.services.engine.restart()


def _rewriting(action: str) -> Command:
    async def command(ls: RemaskServer, params: t.ExecuteCommandParams) -> dict[str, object]:
        wanted = one(params.arguments, EditArguments)
        document = ls.texts.current(wanted.uri)
        if wanted.version is not None and wanted.version != document.version:
            raise JsonRpcContentModified(f"the document has version {document.version}")
        order = Order(
            action,
            document,
            _span(ls, action, document, wanted),
            _wish(ls, document, wanted),
            seed=wanted.seed,
            kept=_kept(ls, document, wanted),
            token=wanted.token,
            work_token=params.work_done_token,
        )
        return await apply(ls, TITLES[action], await carry_out(ls, order), at_once=wanted.apply)

    return command


def _span(server: RemaskServer, action: str, document: Document, wanted: EditArguments) -> Span:
    if wanted.range is not None:
        return to_span(server.texts.lines(document), wanted.range.wire(), server.encoding)
    if action == "fill-holes":
        return Span(0, len(document.text))
    raise JsonRpcInvalidParams(f"{commands.OF_ACTION[action]} needs a range")


def _wish(server: RemaskServer, document: Document, wanted: EditArguments) -> Wish:
    lines = server.texts.lines(document)
    return Wish(
        instruction=wanted.instruction or "",
        strength=wanted.strength,
        task=wanted.task,
        lock=frozenset(wanted.lock),
        locked=tuple(to_span(lines, each.wire(), server.encoding) for each in wanted.locked),
        source=wanted.source,
    )


def _kept(server: RemaskServer, document: Document, wanted: EditArguments) -> tuple[Edit, ...]:
    lines = server.texts.lines(document)
    return tuple(
        Edit(to_span(lines, each.range.wire(), server.encoding), each.newText) for each in wanted.kept
    )
