from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types as t

from lsp_server.core.types import Document, Edit, Span
from lsp_server.lsp.client import ClientFeatures
from lsp_server.lsp.convert import from_span, to_path, to_span, workspace_edit
from lsp_server.lsp.positions import Encoding, Lines


@pytest.mark.parametrize(
    "uri",
    [
        "untitled:Untitled-1",
        "vscode-notebook-cell:/a/b.ipynb#ch0",
        "git:/a/b.py?x",
        "",
        "a.py",
        "file://[bad/a.py",
        "file:///a%00b.py",
    ],
)
def test_what_is_not_a_file_has_no_path(uri: str) -> None:
    """Only file URIs name files."""
    assert to_path(uri) is None


def test_a_file_uri_is_its_path() -> None:
    """Escaped characters are read."""
    path = Path("/pro ject/ä.py").absolute()
    assert to_path(path.as_uri()) == path


def test_a_range_the_wrong_way_round_is_turned() -> None:
    """Some clients send a selection from its caret."""
    range_ = t.Range(t.Position(1, 1), t.Position(0, 1))
    assert to_span(Lines("abc\ndef"), range_, Encoding.UTF_16) == Span(1, 5)


def test_spans_become_ranges_in_the_clients_units() -> None:
    """The same span counts differently in each encoding."""
    lines = Lines("a😀b")
    ends = {encoding: from_span(lines, Span(0, 2), encoding).end.character for encoding in Encoding}
    assert ends == {Encoding.UTF_8: 5, Encoding.UTF_16: 3, Encoding.UTF_32: 2}


def test_an_edit_names_its_version_where_the_client_looks() -> None:
    """With `documentChanges` the edit is for one version, without it plain."""
    document = Document("file:///a.py", "python", "x = 1\n", version=7)
    edits, lines = [Edit(Span(0, 1), "y")], Lines(document.text)
    versioned = workspace_edit(document, lines, edits, ClientFeatures(document_changes=True))
    assert versioned.document_changes
    change = versioned.document_changes[0]
    assert isinstance(change, t.TextDocumentEdit)
    assert (change.text_document.version, change.edits[0].new_text) == (7, "y")
    plain = workspace_edit(document, lines, edits, ClientFeatures())
    assert plain.changes
    assert list(plain.changes) == ["file:///a.py"]
