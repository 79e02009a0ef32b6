"""Suspicious code as hints: `Diagnostic`s of source `Remask` and code `suspicion`, with the id in `data`."""

from __future__ import annotations

import logging

from lsprotocol import types as t

from lsp_server.core.errors import RemaskError
from lsp_server.core.types import Document
from lsp_server.lsp.convert import from_span
from lsp_server.lsp.diagnostics import publish
from lsp_server.lsp.progress import shown_work
from lsp_server.lsp.server import RemaskServer
from lsp_server.service.suspicion.book import Suspicion
from lsp_server.service.suspicion.look import Look
from lsp_server.service.suspicion.words import in_words

SOURCE, CODE = "Remask", "suspicion"
LOOKING = "Look for suspicious code"

_log = logging.getLogger(__name__)


def follow_suspicions(server: RemaskServer) -> None:
    """Publish the flags of documents from now on."""

    def tell(document: Document) -> None:
        found = server.services.suspicions.of(document.key)
        publish(server, document, CODE, [diagnostic(server, document, each) for each in found])

    server.services.suspicions.subscribe(tell)


def diagnostic(server: RemaskServer, document: Document, suspicion: Suspicion) -> t.Diagnostic:
    """A flag for the client."""
    return t.Diagnostic(
        range=from_span(server.texts.lines(document), suspicion.flag.span, server.encoding),
        message=in_words(document.text, suspicion.flag),
        severity=t.DiagnosticSeverity.Hint,
        source=SOURCE,
        code=CODE,
        data={"id": suspicion.id},
    )


async def look(server: RemaskServer, document: Document, token: str | int | None = None) -> Look:
    """Look through a document, shown as progress that can be cancelled.

    Raises:
        RemaskError: there is no answer from the model.
    """
    async with shown_work(server, LOOKING, token) as work:
        return await server.services.looker.look(
            document, lambda share: work.report(f"{round(100 * share)}%", round(100 * share))
        )


async def look_unasked(server: RemaskServer, document: Document) -> None:
    """The same where nobody waits for it: what stands in its way is for the log."""
    try:
        await look(server, document)
    except RemaskError as error:
        _log.info("not looked through: %s", error)
