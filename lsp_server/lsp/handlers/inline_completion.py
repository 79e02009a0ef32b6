"""`textDocument/inlineCompletion`: a fill at the cursor.

No suggestion is answered with null, for whatever reason: an empty list would
hide the ghost text that Neovim shows, which may still be right when an older
request is answered late; `didChangeStatus` says the reason. A document that
was never opened is an error, since that is the client's.
"""

from __future__ import annotations

from itertools import pairwise

from lsprotocol import types as t

from lsp_server.core.types import Document, Edit, Suggestion
from lsp_server.lsp.commands import ACCEPTED
from lsp_server.lsp.convert import from_span, to_offset, to_span
from lsp_server.lsp.denoise import DenoiseReporter
from lsp_server.lsp.server import RemaskServer


def register(server: RemaskServer) -> None:
    """Register inline completion; without options pygls would not announce it."""
    server.feature(t.TEXT_DOCUMENT_INLINE_COMPLETION, t.InlineCompletionOptions())(inline_completion)


async def inline_completion(
    ls: RemaskServer, params: t.InlineCompletionParams
) -> t.InlineCompletionList | None:
    """The suggestions for the cursor, in the document as the changes before this request left it."""
    document = ls.texts.current(params.text_document.uri)
    offset = to_offset(ls.texts.lines(document), params.position, ls.encoding)
    services = ls.services
    with services.engine.watched(document.key, _watcher(ls, params)):
        completion = await services.completer.complete(
            document,
            offset,
            invoked=params.context.trigger_kind is t.InlineCompletionTriggerKind.Invoked,
            selected=_selected(ls, document, params.context.selected_completion_info),
        )
    services.doubts.shown(document, completion.suggestions)
    if not completion.suggestions:
        return None
    return t.InlineCompletionList(items=[_item(ls, document, each) for each in completion.suggestions])


def _selected(server: RemaskServer, document: Document, info: t.SelectedCompletionInfo | None) -> Edit | None:
    if info is None:
        return None
    return Edit(to_span(server.texts.lines(document), info.range, server.encoding), info.text)


def _item(server: RemaskServer, document: Document, suggestion: Suggestion) -> t.InlineCompletionItem:
    """Clients keep nothing of an item but these four fields, so its id rides in the command.

    Behind it, if some of it is doubtful, the text cut before each doubtful token: how far a part may go.
    """
    arguments: list[object] = [suggestion.id]
    if parts := cut_at_doubts(suggestion):
        arguments.append(parts)
    return t.InlineCompletionItem(
        insert_text=suggestion.edit.text,
        filter_text=suggestion.filter_text,
        range=from_span(server.texts.lines(document), suggestion.edit.span, server.encoding),
        command=t.Command(title="Suggestion accepted", command=ACCEPTED, arguments=arguments),
    )


def cut_at_doubts(suggestion: Suggestion) -> list[str]:
    """The suggestion's text cut before each doubtful token and its white space; [] without any."""
    text = suggestion.edit.text
    starts = sorted({doubt.whole.start for doubt in suggestion.doubts if 0 < doubt.whole.start < len(text)})
    bounds = [0, *starts, len(text)]
    return [text[start:end] for start, end in pairwise(bounds)] if starts else []


def _watcher(server: RemaskServer, params: t.InlineCompletionParams) -> DenoiseReporter | None:
    token = params.work_done_token
    return DenoiseReporter(server, token) if server.client.denoise and token is not None else None
