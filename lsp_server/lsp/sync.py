"""The client's documents as it has them: opened, changed bit by bit, closed."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types as t

from lsp_server.core.errors import BadInput
from lsp_server.core.types import Document, Edit, Span
from lsp_server.lsp.convert import to_document, to_span
from lsp_server.lsp.positions import Encoding, Lines
from lsp_server.service.documents import Documents


class TextSync:
    """Feeds `Documents` and keeps the lines of each current snapshot."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._lines: dict[str, tuple[int, Lines]] = {}

    def open(self, item: t.TextDocumentItem, notebook: str = "") -> Document:
        """Take in a document, or a cell of `notebook`, or replace the one open under its URI."""
        return self._documents.open(to_document(item, notebook))

    def change(
        self,
        uri: str,
        version: int | None,
        changes: Sequence[t.TextDocumentContentChangeEvent],
        encoding: Encoding,
    ) -> Document:
        """Apply changes, each to the text after the one before.

        Raises:
            BadInput: the document is not open; nothing is changed then.
        """
        lines = self.lines(self.current(uri))
        edits: list[Edit] = []
        for change in changes:
            span = _span(lines, change, encoding)
            edits.append(Edit(span, change.text))
            lines = lines.edited(span, change.text)
        after = self._documents.change(uri, edits, version)
        self._lines[uri] = (after.revision, lines)
        return after

    def close(self, uri: str) -> None:
        """Forget a document; one that is not open is no error."""
        self._documents.close(uri)
        self._lines.pop(uri, None)

    def current(self, uri: str) -> Document:
        """The current snapshot.

        Raises:
            BadInput: the document is not open.
        """
        document = self._documents.get(uri)
        if document is None:
            raise BadInput(f"the document {uri} is not open")
        return document

    def lines(self, document: Document) -> Lines:
        """The lines of a snapshot, found already if it is the current one."""
        revision, lines = self._lines.get(document.key, (-1, None))
        if lines is not None and revision == document.revision:
            return lines
        lines = Lines(document.text)
        if self._documents.get(document.key) is document:
            self._lines[document.key] = (document.revision, lines)
        return lines


def _span(lines: Lines, change: t.TextDocumentContentChangeEvent, encoding: Encoding) -> Span:
    if isinstance(change, t.TextDocumentContentChangePartial):
        return to_span(lines, change.range, encoding)
    return Span(0, len(lines.text))
