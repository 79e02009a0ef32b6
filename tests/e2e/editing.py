"""What an editor does with the server's answers."""

from __future__ import annotations

import asyncio

from lsprotocol import types as t

from tests.lsp.conftest import PATIENCE_S, Editor, Standin


def after(text: str, *edits: t.TextEdit | t.InlineCompletionItem) -> str:
    """`text` as a client that counts in UTF-16 has it once it applied the edits."""
    pairs = []
    for edit in edits:
        assert edit.range
        new = edit.new_text if isinstance(edit, t.TextEdit) else edit.insert_text
        assert isinstance(new, str)
        pairs.append((_offset(text, edit.range.start), _offset(text, edit.range.end), new))
    for start, end, new in sorted(pairs, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def edits_of(edit: t.WorkspaceEdit | None, uri: str, version: int) -> list[t.TextEdit]:
    """The edits of the one document; they are for `version` where they say for which."""
    assert edit
    if edit.changes:
        assert list(edit.changes) == [uri]
        return list(edit.changes[uri])
    assert edit.document_changes
    (change,) = edit.document_changes
    assert isinstance(change, t.TextDocumentEdit)
    assert (change.text_document.uri, change.text_document.version) == (uri, version)
    edits = [each for each in change.edits if isinstance(each, t.TextEdit)]
    assert len(edits) == len(change.edits)
    return edits


def insert(editor: Editor, uri: str, place: tuple[int, int], text: str) -> None:
    """Type at a line and character."""
    at = t.Position(*place)
    editor.change(uri, t.TextDocumentContentChangePartial(t.Range(at, at), text))


async def usable(editor: Editor, standin: Standin) -> None:
    """Prove that the session goes on: a new document is opened, changed, and filled as it is by then."""
    standin.answers({"before": "new =", "after": "\nx = 1\n", "fill": "7"}, {"fill": "lost"})
    uri = editor.open("x = 1\n", uri="file:///project/usable.py")
    insert(editor, uri, (0, 0), "new = \n")
    async with asyncio.timeout(PATIENCE_S):
        while not (texts := await editor.texts(uri, 0, 6)):
            await editor.until(lambda: not editor.statuses[-1].busy)
    assert texts == ["7"]
    editor.close(uri)


def _offset(text: str, position: t.Position) -> int:
    lines = text.split("\n")
    left = lines[position.line].encode("utf-16-le")[: 2 * position.character].decode("utf-16-le")
    return sum(len(line) + 1 for line in lines[: position.line]) + len(left)
