"""`textDocument/copilotInlineEdit`, as Copilot's language server speaks it: what follows the last change.

The answer always is an object, with one edit at most: some clients take several for alternatives, others
apply all at once.
"""

from __future__ import annotations

from typing import Any

from lsprotocol import types as t
from pygls.exceptions import JsonRpcInvalidParams

from lsp_server.lsp.arguments import one
from lsp_server.lsp.commands import ACCEPTED, DISMISS_NEXT_EDIT
from lsp_server.lsp.convert import from_span
from lsp_server.lsp.server import RemaskServer
from lsp_server.service.next_edit.predict import NextEdit

METHOD = "textDocument/copilotInlineEdit"


def register(server: RemaskServer) -> None:
    """Register the request and the command that says no."""
    server.feature(METHOD)(next_edit)
    server.command(DISMISS_NEXT_EDIT)(dismiss)


async def next_edit(ls: RemaskServer, params: object) -> dict[str, Any]:
    """The next edit after what was changed in the document, or none."""
    named = getattr(params, "textDocument", None)
    uri, version = getattr(named, "uri", None), getattr(named, "version", None)
    if not isinstance(uri, str):
        raise JsonRpcInvalidParams("params.textDocument.uri is missing")
    document = ls.texts.current(uri)
    if isinstance(version, int) and document.version is not None and version != document.version:
        return {"edits": []}
    predicted = await ls.services.next_editor.predict(document)
    if predicted.edit is None or ls.services.documents.get(uri) != document:
        return {"edits": []}
    return {"edits": [_wire(ls, predicted.edit)]}


async def dismiss(ls: RemaskServer, params: t.ExecuteCommandParams) -> bool:
    """Do not offer an edit again; false for an id not known (any more)."""
    return ls.services.next_editor.refused(one(params.arguments, str))


def _wire(server: RemaskServer, found: NextEdit) -> dict[str, Any]:
    document, edit = found.candidate.document, found.candidate.edit
    range_ = from_span(server.texts.lines(document), edit.span, server.encoding)
    return {
        "text": edit.text,
        "textDocument": {"uri": document.key, "version": document.version},
        "range": {"start": _position(range_.start), "end": _position(range_.end)},
        "command": {"title": "Next edit accepted", "command": ACCEPTED, "arguments": [found.id]},
        "reason": found.candidate.reason.value,
    }


def _position(position: t.Position) -> dict[str, int]:
    return {"line": position.line, "character": position.character}
