"""`textDocument/hover` on a doubtful token, and the command that takes one of its alternatives."""

from __future__ import annotations

from lsprotocol import types as t
from pygls.exceptions import JsonRpcContentModified

from lsp_server.core.types import SILENCE_TEXT, Document, Silence, Span
from lsp_server.lsp.arguments import TakeArguments, one
from lsp_server.lsp.commands import TAKE
from lsp_server.lsp.convert import from_span, to_offset
from lsp_server.lsp.doubts import arguments, table, title
from lsp_server.lsp.errors import request_failed
from lsp_server.lsp.progress import shown_work
from lsp_server.lsp.rewriting import apply, parse_aside
from lsp_server.lsp.server import RemaskServer

TAKING = "Use an alternative"


def register(server: RemaskServer) -> None:
    """Register hovers and the command."""
    server.feature(t.TEXT_DOCUMENT_HOVER)(hover)
    server.command(TAKE)(take)


def hover(ls: RemaskServer, params: t.HoverParams) -> t.Hover | None:
    """What else the model thought of."""
    document = ls.texts.current(params.text_document.uri)
    lines = ls.texts.lines(document)
    offset = to_offset(lines, params.position, ls.encoding)
    for standing in ls.services.doubts.at(document.key, Span(offset, offset)):
        text = table(document, standing, links=ls.client.command_links)
        content = t.MarkupContent(t.MarkupKind.Markdown, text)
        return t.Hover(content, from_span(lines, standing.doubt.span, ls.encoding))
    return None


async def take(ls: RemaskServer, params: t.ExecuteCommandParams) -> dict[str, object]:
    """Put an alternative in its token's place and have what depends on it written anew."""
    wanted = one(params.arguments, TakeArguments)
    document = ls.texts.current(wanted.uri)
    await parse_aside(ls, document)
    async with shown_work(ls, TAKING, params.work_done_token):
        rewrite = await ls.services.taker.take(wanted.uri, wanted.id, wanted.alternative)
    if rewrite.silence is Silence.STALE or ls.services.documents.get(wanted.uri) != rewrite.document:
        raise JsonRpcContentModified("the text changed, so the alternative was not taken")
    if rewrite.silence is not None:
        raise request_failed(f"Nothing was changed: {SILENCE_TEXT[rewrite.silence]}.")
    ls.services.doubts.expect(rewrite.document, rewrite.edits, rewrite.doubts)
    return await apply(ls, TAKING, rewrite)


def actions(server: RemaskServer, document: Document, span: Span) -> list[t.CodeAction]:
    """Taking each alternative of the doubtful tokens at `span`, if it is about one of them."""
    found = server.services.doubts.at(document.key, span)
    if len(found) != 1:
        return []
    [standing] = found
    offered = []
    for each in standing.doubt.alternatives:
        said = title(document, standing, each)
        command = t.Command(title=said, command=TAKE, arguments=[arguments(document, standing, each)])
        offered.append(t.CodeAction(title=said, kind=t.CodeActionKind.RefactorRewrite, command=command))
    return offered
