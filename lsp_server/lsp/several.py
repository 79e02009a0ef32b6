"""Edits of several documents for a client: one `WorkspaceEdit`, previewed where the client can."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types as t
from pygls.exceptions import JsonRpcContentModified

from lsp_server.core.types import SILENCE_TEXT, Silence
from lsp_server.lsp.convert import from_span
from lsp_server.lsp.denoise import wire_figures
from lsp_server.lsp.errors import request_failed
from lsp_server.lsp.rewriting import apply_edit
from lsp_server.lsp.server import RemaskServer
from lsp_server.service.across.edited import Edited, Left, Together

SURE, ASKED = "remask.sure", "remask.model"
ANNOTATIONS = {
    SURE: t.ChangeAnnotation(label="Follows from the change"),
    ASKED: t.ChangeAnnotation(label="Written by the model", needs_confirmation=True),
}
"""By id; what needs confirmation has editors show all of the edit first."""
MOST_SAID = 3
"""Places that are named in a message."""

Edits = list[t.TextEdit | t.AnnotatedTextEdit | t.SnippetTextEdit]


def workspace_edit_of(server: RemaskServer, edited: Sequence[Edited]) -> t.WorkspaceEdit:
    """All edits as one, with the versions of open documents where the client can check them."""
    if not server.client.document_changes:
        plain = {each.document.key: list[t.TextEdit](_edits(server, each)) for each in edited}  # type: ignore[arg-type]
        return t.WorkspaceEdit(changes=plain)
    annotated = server.client.change_annotations
    return t.WorkspaceEdit(
        document_changes=[
            t.TextDocumentEdit(
                t.OptionalVersionedTextDocumentIdentifier(each.document.key, version=each.document.version),
                _edits(server, each, annotated=annotated),
            )
            for each in edited
        ],
        change_annotations=ANNOTATIONS if annotated else None,
    )


def _edits(server: RemaskServer, edited: Edited, *, annotated: bool = False) -> Edits:
    lines = server.texts.lines(edited.document)
    found: Edits = []
    for change in edited.changes:
        where = from_span(lines, change.edit.span, server.encoding)
        if annotated:
            found.append(t.AnnotatedTextEdit(SURE if change.sure else ASKED, where, change.edit.text))
        else:
            found.append(t.TextEdit(where, change.edit.text))
    return found


async def apply_together(
    server: RemaskServer, label: str, together: Together, *, at_once: bool = True
) -> dict[str, object]:
    """Have the client apply the edits, all or none, and say what was left alone.

    If it cannot, or shows them first, they are in the answer.

    Raises:
        JsonRpcContentModified: a document changed at one of the places.
        JsonRpcException: RequestFailed, with the reason why there are no edits.
    """
    if together.silence is Silence.STALE:
        raise JsonRpcContentModified("a document changed at one of the places meanwhile")
    if together.silence is not None:
        said = f"Nothing was changed: {SILENCE_TEXT[together.silence]}."
        raise request_failed(f"{said} {_said(together.left)}".strip())
    edit = workspace_edit_of(server, together.edited)
    answer: dict[str, object] = {
        "figures": wire_figures(together.figures),
        "edits": sum(len(each.changes) for each in together.edited),
        "documents": len(together.edited),
        "left": [
            {"uri": each.document.key, "line": each.line - 1, "why": each.why} for each in together.left
        ],
    }
    outcome = await apply_edit(server, label, edit, at_once=at_once)
    if together.left and "edit" not in outcome:
        server.window_show_message(t.ShowMessageParams(t.MessageType.Info, f"Remask: {_said(together.left)}"))
    return answer | outcome


def _said(left: Sequence[Left]) -> str:
    """The places that were left alone, for a person."""
    if not left:
        return ""
    named = [f"{_name(each)}:{each.line} ({each.why})" for each in left[:MOST_SAID]]
    more = f", and {len(left) - MOST_SAID} more" if len(left) > MOST_SAID else ""
    places = "1 place was" if len(left) == 1 else f"{len(left)} places were"
    return f"{places} left alone: {', '.join(named)}{more}."


def _name(left: Left) -> str:
    return left.document.path.name if left.document.path else left.document.key
