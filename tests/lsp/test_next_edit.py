"""The next edit as Copilot's clients ask for it, in the real server."""

from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types as t

from tests.lsp.conftest import Editor, Standin

pytestmark = pytest.mark.asyncio
METHOD = "textDocument/copilotInlineEdit"
BEFORE = "def area(width, height):\n    top = width * 2\n    return top * width\n"


def replaced(line: int, start: int, end: int, text: str) -> t.TextDocumentContentChangePartial:
    return t.TextDocumentContentChangePartial(t.Range(t.Position(line, start), t.Position(line, end)), text)


async def ask(editor: Editor, uri: str, version: int) -> list[dict[str, Any]]:
    """What Sidekick and the extension send."""
    params = {
        "textDocument": {"uri": uri, "version": version},
        "position": {"line": 0, "character": 9},
        "context": {"triggerKind": 2},
    }
    answer = await editor.client.protocol.send_request_async(METHOD, params)
    return [edit if isinstance(edit, dict) else _plain(edit) for edit in _plain(answer)["edits"]]


def _plain(value: Any) -> Any:  # noqa: ANN401 -- JSON, which pygls makes named tuples of
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: _plain(each) for name, each in value._asdict().items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


async def renamed(editor: Editor, standin: Standin) -> str:
    """A parameter renamed in the definition, letter by letter."""
    standin.answers(likely={"width": 0.01})
    uri = editor.open(BEFORE)
    await editor.engine_ready()
    editor.change(uri, replaced(0, 9, 14, ""), version=2)
    for number, letter in enumerate("side"):
        editor.change(uri, replaced(0, 9 + number, 9 + number, letter), version=3 + number)
    return uri


async def test_use_after_use_of_a_renamed_parameter(editor: Editor, standin: Standin) -> None:
    """Offered, accepted with its command, the next one offered; then an empty list."""
    uri = await renamed(editor, standin)
    for version, (line, start) in enumerate(((1, 10), (2, 17)), 6):
        [edit] = await ask(editor, uri, version)
        at = {"line": line, "character": start}
        assert edit["range"] == {"start": at, "end": {"line": line, "character": start + 5}}
        assert (edit["text"], edit["textDocument"]) == ("side", {"uri": uri, "version": version})
        assert await editor.run(edit["command"]["command"], *edit["command"]["arguments"]) is True
        editor.change(uri, replaced(line, start, start + 5, "side"), version=version + 1)
    assert await ask(editor, uri, 8) == []


async def test_dismissed_ones_stay_away(editor: Editor, standin: Standin) -> None:
    """The other use is offered instead."""
    uri = await renamed(editor, standin)
    [first] = await ask(editor, uri, 6)
    assert await editor.run("remask.dismissNextEdit", *first["command"]["arguments"]) is True
    [second] = await ask(editor, uri, 6)
    assert second["range"]["start"]["line"] == 2


async def test_quiet_when_unsure_or_asked_for_another_version(editor: Editor, standin: Standin) -> None:
    """The model finds what stands there as likely; an older version gets nothing."""
    uri = await renamed(editor, standin)
    assert await ask(editor, uri, 5) == []
    standin.answers(likely={"side": 1e-8})
    assert await ask(editor, uri, 6) == []


async def test_it_can_be_turned_off(editor: Editor, standin: Standin) -> None:
    """Nothing is offered any more."""
    uri = await renamed(editor, standin)
    off = t.DidChangeConfigurationParams({"remask": {"nextEdit": {"enabled": False}}})
    editor.client.workspace_did_change_configuration(off)
    answers = [await ask(editor, uri, 6) for _ in range(2)]
    assert answers[-1] == []
