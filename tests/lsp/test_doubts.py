"""Doubtful tokens, from the engine's fill to the editor and back, in the real server."""

from __future__ import annotations

import pytest
from lsprotocol import types as t

from tests.lsp.conftest import Editor, Standin, Start

pytestmark = pytest.mark.asyncio
RULES = (
    {"before": "def add", "fill": "(a, b): pass", "doubts": {"b):": {"c):": 0.31, "d):": 0.1}}},
    {"before": "c):", "fill": " return 1"},
    {"instruction": "shorter", "fill": "x = sum(y)\n", "doubts": {"sum(y)": {"max(y)": 0.2}}},
)


def inserted(uri: str, text: str, line: int, character: int) -> t.TextDocumentContentChangePartial:
    at = t.Position(line, character)
    return t.TextDocumentContentChangePartial(t.Range(at, at), text)


async def accepted(editor: Editor, standin: Standin) -> str:
    standin.answers(*RULES)
    uri = editor.open("def add\n")
    await editor.engine_ready()
    [ghost] = await editor.texts(uri, 0, 7)
    editor.change(uri, inserted(uri, ghost, 0, 7))
    return uri


async def test_an_alternative_is_taken(editor: Editor, standin: Standin) -> None:
    """Told when the text was accepted, shown on hover, taken as one edit of the version it is for."""
    uri = await accepted(editor, standin)
    await editor.until(lambda: editor.doubts)
    [doubt] = editor.doubts[-1].doubts
    assert (doubt.range.start.character, doubt.range.end.character) == (11, 14)
    place = t.HoverParams(t.TextDocumentIdentifier(uri), t.Position(0, 12))
    hover = await editor.client.text_document_hover_async(place)
    assert hover
    assert "| `c):` | 31% |" in hover.contents.value  # type: ignore[union-attr]
    given = {"uri": uri, "id": doubt.id, "alternative": " c):"}
    answer = await editor.run("remask.takeAlternative", given)
    assert answer["applied"]
    [asked] = editor.applied
    change = next(iter(asked.edit.document_changes or ()), None)
    if isinstance(change, t.TextDocumentEdit):
        assert change.text_document.version == 2
    edit = change.edits[0] if isinstance(change, t.TextDocumentEdit) else (asked.edit.changes or {})[uri][0]
    assert isinstance(edit, t.TextEdit)
    assert edit.new_text == " c): return 1"
    assert (edit.range.start.character, edit.range.end.character) == (10, 19)


async def test_a_rewrite_has_doubts_once_it_stands_there(editor: Editor, standin: Standin) -> None:
    """Applied or shown first: what counts is that its text appears."""
    standin.answers(*RULES)
    uri = editor.open("x = y[0]\n")
    await editor.engine_ready()
    line = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 8}}
    given = {"uri": uri, "range": line, "instruction": "shorter", "apply": False}
    await editor.run("remask.rewrite", given)
    assert editor.doubts == []
    start, end = t.Position(0, 0), t.Position(1, 0)
    editor.change(uri, t.TextDocumentContentChangePartial(t.Range(start, end), "x = sum(y)\n"))
    await editor.until(lambda: editor.doubts)
    [doubt] = editor.doubts[-1].doubts
    assert (doubt.range.start.character, doubt.range.end.character) == (4, 10)


async def test_a_plain_client_gets_hints_if_it_asks(start: Start, standin: Standin) -> None:
    """By the setting, as diagnostics; positions in its own encoding."""
    settings = {"completion": {"showDoubts": "diagnostics"}}
    async with start("utf-8-only", standin, initialization_options=settings) as editor:
        uri = await accepted(editor, standin)
        await editor.client.wait_for_notification(t.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        [hint] = editor.client.diagnostics[uri]
        assert hint.severity == t.DiagnosticSeverity.Hint
        assert hint.range.start.character == 11
        assert editor.doubts == []
