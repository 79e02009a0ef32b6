"""`textDocument/codeAction` says at once what could be done; `codeAction/resolve` has the model do it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from lsprotocol import types as t
from pygls.exceptions import JsonRpcContentModified

from lsp_server.core.types import Document, Span
from lsp_server.lsp.arguments import ActionData, fitted
from lsp_server.lsp.commands import OF_ACTION
from lsp_server.lsp.convert import from_span, to_span
from lsp_server.lsp.handlers import consequences, suspicion
from lsp_server.lsp.handlers.doubts import actions
from lsp_server.lsp.rewriting import Order, carry_out, edit_of, parse_aside
from lsp_server.lsp.server import RemaskServer
from lsp_server.lsp.suspicion import SOURCE
from lsp_server.service.rewrite import Action
from lsp_server.service.wish import Wish

KIND = t.CodeActionKind.RefactorRewrite
MOST_FIXES = 3
"""Diagnostics at one place that can be fixed, each by an action of its own."""
SHOWN = 60
"""Characters of a diagnostic's message in a title."""


def register(server: RemaskServer) -> None:
    """Register code actions."""
    kinds = [KIND, t.CodeActionKind.QuickFix, suspicion.KIND]
    options = t.CodeActionOptions(code_action_kinds=kinds, resolve_provider=True)
    server.feature(t.TEXT_DOCUMENT_CODE_ACTION, options)(code_action)
    server.feature(t.CODE_ACTION_RESOLVE)(resolve)


async def code_action(ls: RemaskServer, params: t.CodeActionParams) -> list[t.CodeAction]:
    """What can be done with the selection."""
    document = ls.texts.current(params.text_document.uri)
    span = to_span(ls.texts.lines(document), params.range, ls.encoding)
    if not span:
        ls.services.ahead.rests(document.key, span.start)  # editors ask as the cursor moves
    only = params.context.only
    offered = suspicion.fixes(ls, document, span) if wanted(only, t.CodeActionKind.QuickFix) else []
    if wanted(only, suspicion.KIND) and (
        only or params.context.trigger_kind is t.CodeActionTriggerKind.Invoked
    ):
        offered.append(suspicion.looking(document))
    if wanted(only, t.CodeActionKind.QuickFix):
        offered += _fixes(ls, document, params.context.diagnostics)
    if not wanted(only, KIND):
        return offered
    await parse_aside(ls, document)
    offered += await consequences.updates(ls, document, span)
    offered += actions(ls, document, span)
    return offered + [_offered(ls, document, each) for each in ls.services.rewriter.actions(document, span)]


async def resolve(ls: RemaskServer, params: t.CodeAction) -> t.CodeAction:
    """The action with its edit."""
    data = fitted(params.data, ActionData)
    document = ls.texts.current(data.uri)
    asked = Span(min(data.start, data.end), max(data.start, data.end))
    span = ls.services.documents.rebase_span(data.uri, asked, data.revision)
    if span is None:
        raise JsonRpcContentModified("the document changed where it was to be rewritten")
    wish = Wish(data.instruction, task=data.task)
    rewrite = await carry_out(ls, Order(data.action, document, span, wish, token=data.token))
    params.edit = edit_of(ls, rewrite)
    return params


def wanted(only: object, ours: str) -> bool:
    """Whether the client asked for a kind of ours: kinds are paths, and a part of ours asks for it too."""
    if not isinstance(only, list | tuple):
        return True
    kinds = {getattr(kind, "value", kind) for kind in only}
    return any(kind == "" or f"{getattr(ours, 'value', ours)}.".startswith(f"{kind}.") for kind in kinds)


def _fixes(
    server: RemaskServer, document: Document, diagnostics: Sequence[t.Diagnostic]
) -> list[t.CodeAction]:
    """Fixing each of the first diagnostics that others found."""
    lines = server.texts.lines(document)
    others = [each for each in diagnostics if each.source != SOURCE][:MOST_FIXES]
    offered = []
    for each in others:
        span = to_span(lines, each.range, server.encoding)
        message = " ".join(str(getattr(each.message, "value", each.message)).split())
        short = message if len(message) <= SHOWN else f"{message[: SHOWN - 1]}…"
        action = Action("rewrite", f"Fix with Remask: {short}", span, task="fix", instruction=message)
        if server.services.rewriter.may(document):
            offered.append(_offered(server, document, action, t.CodeActionKind.QuickFix, [each]))
    return offered


def _offered(
    server: RemaskServer,
    document: Document,
    action: Action,
    kind: t.CodeActionKind = KIND,
    about: list[t.Diagnostic] | None = None,
) -> t.CodeAction:
    offered = t.CodeAction(title=action.title, kind=kind, diagnostics=about)
    if server.client.tags_code_actions:
        offered.tags = [t.CodeActionTag.LlmGenerated]
    if server.client.resolves_edits:
        span, said = action.span, {"task": action.task, "instruction": action.instruction}
        data = ActionData(action.id, document.key, document.revision, span.start, span.end, **said)
        offered.data = msgspec.to_builtins(data)
    else:
        lines = server.texts.lines(document)
        place = {"uri": document.key, "range": _wire(from_span(lines, action.span, server.encoding))}
        offered.command = t.Command(
            title=action.title,
            command=OF_ACTION[action.id],
            arguments=[place | {"version": document.version} | _said(action)],
        )
    return offered


def _said(action: Action) -> dict[str, str]:
    """Only what there is: the command takes the rest as it is."""
    said = {"task": action.task, "instruction": action.instruction}
    return {name: value for name, value in said.items() if value}


def _wire(range_: t.Range) -> dict[str, dict[str, int]]:
    return {
        name: {"line": position.line, "character": position.character}
        for name, position in (("start", range_.start), ("end", range_.end))
    }
