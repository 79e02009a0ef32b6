"""Suspicious code in the real server: looked for beside completions, shown as hints, fixed by an edit."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from lsprotocol import types as t

from tests.lsp.conftest import PATIENCE_S, Editor, Standin, Start

pytestmark = pytest.mark.asyncio
TEXT = "def most(items, count):\n    if count > 3:\n        return items\n    return None\n"
GAINS = {">": {"<": 5.0}}


async def hints(editor: Editor, uri: str) -> list[t.Diagnostic]:
    """What is published next."""
    async with asyncio.timeout(PATIENCE_S):
        await editor.client.wait_for_notification(t.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    return list(editor.client.diagnostics[uri])


async def fixes(editor: Editor, uri: str) -> list[t.CodeAction]:
    """The actions that carry an edit; lsprotocol takes those with a command for commands."""
    place = t.Position(1, 13)
    context = t.CodeActionContext([], only=[t.CodeActionKind.QuickFix])
    answer = await editor.client.text_document_code_action_async(
        t.CodeActionParams(t.TextDocumentIdentifier(uri), t.Range(place, place), context)
    )
    return [each for each in answer or [] if isinstance(each, t.CodeAction)]


async def test_found_fixed_and_gone(editor: Editor, standin: Standin) -> None:
    """From the command to the edit that the client makes."""
    standin.answers(gains=GAINS)
    uri = editor.open(TEXT)
    await editor.engine_ready()
    assert await editor.run("remask.suspect", {"uri": uri}) == {"found": 1}
    [hint] = editor.client.diagnostics[uri]
    assert hint.range == t.Range(t.Position(1, 13), t.Position(1, 14))
    assert hint.severity == t.DiagnosticSeverity.Hint
    [fix] = await fixes(editor, uri)
    assert fix.edit
    change = t.TextDocumentContentChangePartial(hint.range, "<")
    editor.change(uri, change)
    assert await hints(editor, uri) == []
    assert await fixes(editor, uri) == []


async def test_a_completion_comes_first(editor: Editor, standin: Standin, tmp_path: Path) -> None:
    """Asked for while the model is looking, it is answered at once; the look goes on afterwards."""
    gate = tmp_path / "gate"
    standin.answers({"before": "return None", "fill": " or 3"}, {"gate": str(gate)}, gains=GAINS)
    uri = editor.open(TEXT)
    await editor.engine_ready()
    looking = asyncio.ensure_future(editor.run("remask.suspect", {"uri": uri}))
    await editor.until(lambda: editor.statuses[-1].busy)
    assert await editor.texts(uri, 3, 15) == [" or 3"]
    assert not looking.done()
    gate.touch()
    assert await looking == {"found": 1}


async def test_saving_looks_if_the_setting_says_so(start: Start, standin: Standin) -> None:
    """By itself, and without waiting for anybody."""
    standin.answers(gains=GAINS)
    async with start("vs-code", standin, {"suspicion": {"onSave": True}}) as editor:
        uri = editor.open(TEXT)
        await editor.engine_ready()
        editor.client.text_document_did_save(t.DidSaveTextDocumentParams(t.TextDocumentIdentifier(uri)))
        assert len(await hints(editor, uri)) == 1


async def test_an_edit_ends_it(editor: Editor, standin: Standin, tmp_path: Path) -> None:
    """What would be found in a text that is gone is never shown."""
    standin.answers({"gate": str(tmp_path / "gate")}, gains=GAINS)
    uri = editor.open(TEXT)
    await editor.engine_ready()
    looking = asyncio.ensure_future(editor.run("remask.suspect", {"uri": uri}))
    await editor.until(lambda: editor.statuses[-1].busy)
    editor.change(uri, t.TextDocumentContentChangePartial(t.Range(t.Position(0, 0), t.Position(0, 0)), "\n"))
    with pytest.raises(Exception, match="the text changed"):
        await looking
    assert editor.client.diagnostics.get(uri, []) == []
