"""Between the protocol's values and ours: URIs and paths, ranges and spans, edits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from lsprotocol import types as t
from pygls.uris import to_fs_path

from lsp_server.core.types import Document, Edit, Span
from lsp_server.lsp.client import ClientFeatures
from lsp_server.lsp.positions import Encoding, Lines


def to_path(uri: str) -> Path | None:
    """The file a URI names; None for what is not a file (untitled, a version-control view, ...)."""
    try:
        if urlsplit(uri).scheme.lower() != "file":
            return None
        path = to_fs_path(uri)
    except ValueError:
        return None
    return Path(path) if path and "\0" not in path else None


def to_document(item: t.TextDocumentItem, notebook: str = "") -> Document:
    """A snapshot of a document the client opens, or of a cell of the notebook of that URI."""
    return Document(
        key=item.uri,
        language=item.language_id,
        text=item.text,
        path=to_path(notebook or item.uri),
        version=item.version,
        notebook=notebook,
    )


def to_offset(lines: Lines, position: t.Position, encoding: Encoding) -> int:
    """The offset of a position."""
    return lines.offset(position.line, position.character, encoding)


def to_span(lines: Lines, range_: t.Range, encoding: Encoding) -> Span:
    """The span of a range; one whose ends are the wrong way round is turned."""
    ends = (to_offset(lines, range_.start, encoding), to_offset(lines, range_.end, encoding))
    return Span(min(ends), max(ends))


def from_span(lines: Lines, span: Span, encoding: Encoding) -> t.Range:
    """The range of a span."""
    start, end = lines.position(span.start, encoding), lines.position(span.end, encoding)
    return t.Range(t.Position(*start), t.Position(*end))


def workspace_edit(
    document: Document, lines: Lines, edits: Sequence[Edit], client: ClientFeatures
) -> t.WorkspaceEdit:
    """Edits of `document` for the client to apply; with its version, where the client can check it."""
    changes = [t.TextEdit(from_span(lines, edit.span, client.encoding), edit.text) for edit in edits]
    if not client.document_changes:
        return t.WorkspaceEdit(changes={document.key: changes})
    versioned = t.OptionalVersionedTextDocumentIdentifier(uri=document.key, version=document.version)
    return t.WorkspaceEdit(document_changes=[t.TextDocumentEdit(text_document=versioned, edits=changes)])
