"""Text synchronisation. These handlers are not tasks: changes must take effect in the order they arrive."""

from __future__ import annotations

import logging

from lsprotocol import types as t

from lsp_server.core.errors import RemaskError
from lsp_server.core.types import Document
from lsp_server.lsp.server import RemaskServer
from lsp_server.lsp.suspicion import look_unasked

_log = logging.getLogger(__name__)


def register(server: RemaskServer) -> None:
    """Register text synchronisation."""
    server.feature(t.TEXT_DOCUMENT_DID_OPEN)(did_open)
    server.feature(t.TEXT_DOCUMENT_DID_CHANGE)(did_change)
    server.feature(t.TEXT_DOCUMENT_DID_CLOSE)(did_close)
    server.feature(t.TEXT_DOCUMENT_DID_SAVE)(did_save)


def did_open(ls: RemaskServer, params: t.DidOpenTextDocumentParams) -> None:
    """Take the document in, and have the engine ready for it, and its start read."""
    document = ls.texts.open(params.text_document)
    ls.services.workspace.overlay(document)
    prepare(ls, document)


def prepare(ls: RemaskServer, document: Document) -> None:
    """Have the engine ready for a document, if it may be completed at all."""
    settings = ls.services.configuration.settings_for(document)
    if ls.services.gate.check(document, settings) is None:
        ls.spawn(_warm_up(ls, document))


def did_change(ls: RemaskServer, params: t.DidChangeTextDocumentParams) -> None:
    """Apply the changes."""
    named = params.text_document
    document = ls.texts.change(named.uri, named.version, params.content_changes, ls.encoding)
    ls.services.workspace.overlay(document)


def did_close(ls: RemaskServer, params: t.DidCloseTextDocumentParams) -> None:
    """Forget the document; what is on disk counts again."""
    document = ls.services.documents.get(params.text_document.uri)
    ls.texts.close(params.text_document.uri)
    if document and document.path:
        ls.services.workspace.forget(document.path)


def did_save(ls: RemaskServer, params: t.DidSaveTextDocumentParams) -> None:
    """Look for suspicious code, if the user wants that; the workspace's own watch sees files that change."""
    document = ls.services.documents.get(params.text_document.uri)
    if document and ls.services.looker.wanted_on_save(document):
        ls.spawn(look_unasked(ls, document))


async def _warm_up(server: RemaskServer, document: Document) -> None:
    try:
        await server.services.engine.ensure()
    except RemaskError as error:
        _log.info("no engine for %s: %s", document.language, error)
    else:
        server.services.ahead.opened(document.key)
