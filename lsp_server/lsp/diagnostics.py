"""`textDocument/publishDiagnostics`: a document's are replaced all at once, whatever they are about."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types as t

from lsp_server.core.types import Document
from lsp_server.lsp.server import RemaskServer


def publish(
    server: RemaskServer, document: Document, about: str, diagnostics: Sequence[t.Diagnostic]
) -> None:
    """These are the diagnostics of `document` about one matter now; those about others stay."""
    held = server.diagnostics.setdefault(document.key, {})
    held[about] = list(diagnostics)
    together = [each for those in held.values() for each in those]
    if not together:
        del server.diagnostics[document.key]
    server.text_document_publish_diagnostics(
        t.PublishDiagnosticsParams(uri=document.key, diagnostics=together, version=document.version)
    )
