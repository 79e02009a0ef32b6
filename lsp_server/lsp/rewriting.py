"""One rewrite for a client: shown as progress, watched if wanted, with an error where nothing came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lsprotocol import types as t
from pygls.exceptions import JsonRpcContentModified

from lsp_server.core.types import SILENCE_TEXT, Document, Edit, Rewrite, Silence, Span
from lsp_server.lsp.convert import workspace_edit
from lsp_server.lsp.denoise import DenoiseReporter, wire_figures
from lsp_server.lsp.errors import request_failed
from lsp_server.lsp.progress import shown_work
from lsp_server.lsp.server import RemaskServer
from lsp_server.service.rewrite import NO_WISH
from lsp_server.service.taking import Taking
from lsp_server.service.wish import Wish

LARGE = 200_000
"""Characters beyond which a document is parsed off the event loop."""

TITLES = {"rewrite": "Rewrite with Remask", "fill-body": "Fill this body", "fill-holes": "Fill holes"}
"""By action id."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to do where, leaving `kept` edits alone.

    `token` asks for denoising frames, `work_token` carries the client's progress.
    """

    action: str
    document: Document
    span: Span
    wish: Wish = NO_WISH
    seed: int = 0
    kept: tuple[Edit, ...] = ()
    token: str | int | None = None
    work_token: str | int | None = None


async def carry_out(server: RemaskServer, order: Order) -> Rewrite:
    """The edits for an order, against the document as it is now.

    Raises:
        JsonRpcContentModified: the document changed where it was to be rewritten.
        JsonRpcException: RequestFailed, with the reason why there are no edits.
        RemaskError: what the rewriter raises.
    """
    await parse_aside(server, order.document)
    reporter = DenoiseReporter(server, order.token) if order.token is not None else None
    services, key = server.services, order.document.key
    with services.engine.watched(key, reporter), can_be_taken(server, key) as taking:
        async with shown_work(server, TITLES.get(order.action, "Remask"), order.work_token):
            rewrite = await services.rewriter.run(
                order.action,
                order.document,
                order.span,
                order.wish,
                seed=order.seed,
                kept=order.kept,
                on_holes=reporter.holes if reporter else None,
                taking=taking,
            )
    if rewrite.silence is Silence.STALE or services.documents.get(key) != rewrite.document:
        raise JsonRpcContentModified("the document changed where it was to be rewritten")
    if rewrite.silence is not None:
        raise request_failed(f"Nothing was changed: {SILENCE_TEXT[rewrite.silence]}.")
    services.doubts.expect(rewrite.document, rewrite.edits, rewrite.doubts)
    if rewrite.left:
        late = "" if taking.wanted else "time was up, "
        message = f"Remask: {late}{rewrite.left} later parts of the selection are as they were."
        server.window_show_message(t.ShowMessageParams(t.MessageType.Info, message))
    return rewrite


@contextmanager
def can_be_taken(server: RemaskServer, key: str) -> Iterator[Taking]:
    """Let what is denoised of a document inside this context be taken by `remask.takeNow`."""
    taking = server.taking[key] = Taking(server.services.engine.take)
    try:
        yield taking
    finally:
        if server.taking.get(key) is taking:
            del server.taking[key]


async def parse_aside(server: RemaskServer, document: Document) -> None:
    """Make a large document's tree in another thread, where it does not hold up anybody."""
    if len(document.text) > LARGE:
        await asyncio.to_thread(server.services.documents.parsed_for, document)


def edit_of(server: RemaskServer, rewrite: Rewrite) -> t.WorkspaceEdit:
    """A rewrite's edits for the client."""
    lines = server.texts.lines(rewrite.document)
    return workspace_edit(rewrite.document, lines, rewrite.edits, server.client)


async def apply(
    server: RemaskServer, label: str, rewrite: Rewrite, *, at_once: bool = True
) -> dict[str, object]:
    """Have the client apply the edits; if it cannot, or shows them first, they are in the answer."""
    answer: dict[str, object] = {"figures": wire_figures(rewrite.figures)}
    return answer | await apply_edit(server, label, edit_of(server, rewrite), at_once=at_once)


async def apply_edit(
    server: RemaskServer, label: str, edit: t.WorkspaceEdit, *, at_once: bool
) -> dict[str, object]:
    """What became of an edit, as answers tell it; the edit is in it if the client did not get it to apply."""
    if not (at_once and server.client.apply_edit):
        return {"applied": False, "edit": edit}
    metadata = t.WorkspaceEditMetadata(is_refactoring=True) if server.client.edit_metadata else None
    applied = await server.workspace_apply_edit_async(
        t.ApplyWorkspaceEditParams(edit=edit, label=label, metadata=metadata)
    )
    reason = {"failureReason": applied.failure_reason} if applied.failure_reason else {}
    return {"applied": applied.applied, **reason}
