"""A change with consequences, and the marked holes of several documents: the commands and the action."""

from __future__ import annotations

from lsprotocol import types as t
from pygls.exceptions import JsonRpcContentModified

from lsp_server.core.errors import BadInput
from lsp_server.core.types import Document, Span
from lsp_server.lsp.arguments import ChangeArguments, TogetherArguments, one
from lsp_server.lsp.commands import CHANGE, FILL_TOGETHER
from lsp_server.lsp.convert import from_span, to_offset
from lsp_server.lsp.progress import WorkDone, shown_work
from lsp_server.lsp.server import RemaskServer
from lsp_server.lsp.several import apply_together
from lsp_server.service.across.holes import OnProgress
from lsp_server.service.consequences.changed import Changed, by_name, by_signature

KIND = t.CodeActionKind.RefactorRewrite
TITLE = "Change with consequences"
TITLE_TOGETHER = "Fill holes in all files"


def register(server: RemaskServer) -> None:
    """Register the commands."""
    server.command(CHANGE)(change)
    server.command(FILL_TOGETHER)(fill_together)


async def change(ls: RemaskServer, params: t.ExecuteCommandParams) -> dict[str, object]:
    """Carry a change of a definition to all that uses it: one asked for, or what the user just made of it."""
    wanted = one(params.arguments, ChangeArguments)
    document = ls.texts.current(wanted.uri)
    if wanted.version is not None and wanted.version != document.version:
        raise JsonRpcContentModified(f"the document has version {document.version}")
    changed = _changed(ls, document, wanted)
    async with shown_work(ls, TITLE, params.work_done_token) as work:
        together = await ls.services.follower.follow(changed, _counting(work))
    return await apply_together(ls, TITLE, together, at_once=wanted.apply)


async def fill_together(ls: RemaskServer, params: t.ExecuteCommandParams) -> dict[str, object]:
    """Fill the marked holes of several documents, by default of all that are open."""
    wanted = one(params.arguments, TogetherArguments) if params.arguments else TogetherArguments()
    documents = ls.services.documents
    named = [ls.texts.current(uri) for uri in wanted.uris] if wanted.uris else documents.all()
    settings_for = ls.services.configuration.settings_for
    open_to_us = [
        each
        for each in named
        if ls.services.gate.check_asked(each) is None
        and (each.key in wanted.uris or ls.services.gate.check(each, settings_for(each)) is None)
    ]
    async with shown_work(ls, TITLE_TOGETHER, params.work_done_token) as work:
        together = await ls.services.holes_together.fill(open_to_us, _counting(work))
    return await apply_together(ls, TITLE_TOGETHER, together, at_once=wanted.apply)


async def updates(server: RemaskServer, document: Document, span: Span) -> list[t.CodeAction]:
    """The action that carries on what the user just made of the definition at `span`."""
    changed = server.services.follower.typed(document, span.start)
    count = await server.services.follower.places(changed) if changed is not None else 0
    if changed is None or not count or server.services.documents.get(document.key) != document:
        return []
    uses = "1 use" if count == 1 else f"{count} uses"
    title = f"Update {uses} of `{changed.new}` with Remask"
    start = from_span(server.texts.lines(document), span, server.encoding).start
    given = {
        "uri": document.key,
        "version": document.version,
        "position": {"line": start.line, "character": start.character},
    }
    command = t.Command(title=title, command=CHANGE, arguments=[given])
    tags = [t.CodeActionTag.LlmGenerated] if server.client.tags_code_actions else None
    return [t.CodeAction(title=title, kind=KIND, command=command, tags=tags)]


def _changed(server: RemaskServer, document: Document, wanted: ChangeArguments) -> Changed:
    place = t.Position(wanted.position.line, wanted.position.character)
    offset = to_offset(server.texts.lines(document), place, server.encoding)
    parsed = server.services.documents.parsed_for(document)
    if wanted.name is not None:
        return by_name(document, parsed, offset, wanted.name)
    if wanted.signature is not None:
        return by_signature(document, parsed, offset, wanted.signature)
    changed = server.services.follower.typed(document, offset)
    if changed is None:
        raise BadInput("no definition was changed here lately", hint="Give a new name or new parameters.")
    return changed


def _counting(work: WorkDone) -> OnProgress:
    def count(done: int, total: int) -> None:
        work.report(f"{done + 1} of {total}", round(100 * done / total))

    return count
