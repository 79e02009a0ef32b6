"""Notebooks (`notebookDocument/*`, LSP 3.17): each cell is a document, which knows the others' order.

Like those of text synchronisation, these handlers take effect in the order the notifications arrive.
"""

from __future__ import annotations

from lsprotocol import types as t

from lsp_server.lsp.handlers.documents import prepare
from lsp_server.lsp.server import RemaskServer


def register(server: RemaskServer) -> None:
    """Register the synchronisation of notebooks; whether it is announced is up to the client."""
    server.feature(t.NOTEBOOK_DOCUMENT_DID_OPEN)(did_open)
    server.feature(t.NOTEBOOK_DOCUMENT_DID_CHANGE)(did_change)
    server.feature(t.NOTEBOOK_DOCUMENT_DID_CLOSE)(did_close)


def did_open(ls: RemaskServer, params: t.DidOpenNotebookDocumentParams) -> None:
    """Take the cells in, and have the engine ready for them."""
    notebook = params.notebook_document
    ls.services.notebooks.arrange(notebook.uri, [cell.document for cell in notebook.cells])
    for item in params.cell_text_documents:
        prepare(ls, ls.texts.open(item, notebook.uri))


def did_change(ls: RemaskServer, params: t.DidChangeNotebookDocumentParams) -> None:
    """Apply what changed of the order first, then of texts, as the specification wants."""
    uri, cells = params.notebook_document.uri, params.change.cells
    if cells is None:
        return
    if structure := cells.structure:
        array = structure.array
        for closed in structure.did_close or ():
            ls.texts.close(closed.uri)
        for item in structure.did_open or ():
            ls.texts.open(item, uri)
        fresh = [cell.document for cell in array.cells or ()]
        ls.services.notebooks.splice(uri, array.start, array.delete_count, fresh)
    for content in cells.text_content or ():
        named = content.document
        ls.texts.change(named.uri, named.version, content.changes, ls.encoding)


def did_close(ls: RemaskServer, params: t.DidCloseNotebookDocumentParams) -> None:
    """Forget the cells."""
    cells = ls.services.notebooks.forget(params.notebook_document.uri)
    for key in {*cells, *(cell.uri for cell in params.cell_text_documents)}:
        ls.texts.close(key)
