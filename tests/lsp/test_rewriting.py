from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from lsprotocol import types as t
from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from conftest import Editor, Standin

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio,
    pytest.mark.filterwarnings("error::pytest_lsp.LspSpecificationWarning"),
]
TEXT = "def total(numbers):\n    result = 0 + sum(each for each in numbers)\n    return result\n"
SELECTION = t.Range(t.Position(1, 0), t.Position(2, 0))
RULE = {"fill": "    result = sum(numbers)\n"}


async def offered(editor: Editor, uri: str, range_: t.Range = SELECTION) -> list[t.CodeAction]:
    actions = await editor.client.text_document_code_action_async(
        t.CodeActionParams(
            text_document=t.TextDocumentIdentifier(uri),
            range=range_,
            context=t.CodeActionContext(diagnostics=[]),
        )
    )
    assert actions is not None
    return [action for action in actions if isinstance(action, t.CodeAction)]


async def test_a_selection_is_rewritten(editor: Editor, standin: Standin) -> None:
    """The action is offered at once; resolving it, or running its command, brings the edit."""
    standin.answers(RULE)
    uri = editor.open(TEXT)
    action = next(each for each in await offered(editor, uri) if each.title == "Rewrite with Remask")
    assert action.kind == "refactor.rewrite"
    if action.data:
        resolved = await editor.client.code_action_resolve_async(action)
        edit = resolved.edit
    else:
        assert action.command
        await editor.run(action.command.command, *(action.command.arguments or ()))
        edit = editor.applied[0].edit
    assert edit
    if edit.document_changes:
        change = edit.document_changes[0]
        assert isinstance(change, t.TextDocumentEdit)
        assert (change.text_document.uri, change.text_document.version) == (uri, 1)
        edits = change.edits
    else:
        assert edit.changes
        edits = edit.changes[uri]
    assert "sum(numbers)" in edits[0].new_text


async def test_holes_are_filled_by_command(editor: Editor, standin: Standin) -> None:
    """The client applies the edit under a label, and the answer says what it cost."""
    standin.answers({"fill": "return sum(numbers)"})
    uri = editor.open("def total(numbers):\n    ...\n")
    answer = await editor.run("remask.fillHoles", {"uri": uri})
    assert answer["applied"] is True
    assert answer["figures"]["tokens"] > 0
    assert editor.applied[0].label == "Fill holes"


async def test_a_document_changed_meanwhile_is_left_alone(editor: Editor, standin: Standin) -> None:
    """A change inside the selection during the work is ContentModified; nothing is applied."""
    standin.answers({**RULE, "delay_ms": 60_000})
    uri = editor.open(TEXT)
    await editor.engine_ready()
    place = {"uri": uri, "range": {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 0}}}
    params = t.ExecuteCommandParams(command="remask.rewrite", arguments=[place])
    sending = editor.client.protocol.send_request_async(t.WORKSPACE_EXECUTE_COMMAND, params, msg_id="rewrite")
    running = asyncio.ensure_future(sending)
    await editor.until(lambda: editor.statuses[-1].busy)
    inside = t.Range(t.Position(1, 6), t.Position(1, 6))
    editor.change(uri, t.TextDocumentContentChangePartial(inside, "X"))
    editor.client.cancel_request(t.CancelParams(id="rewrite"))
    with pytest.raises(JsonRpcException) as caught:
        await running
    assert caught.value.code == -32800
    with pytest.raises(JsonRpcException) as caught:
        await editor.run("remask.rewrite", {**place, "version": 1})
    assert caught.value.code == -32801
    assert editor.applied == []


async def test_errors_of_the_model_are_shown(editor: Editor, standin: Standin) -> None:
    """What the engine says is wrong comes back with its hint."""
    standin.answers({"error": "model-missing"})
    uri = editor.open(TEXT)
    place = {"uri": uri, "range": {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 0}}}
    with pytest.raises(JsonRpcException) as caught:
        await editor.run("remask.rewrite", place)
    assert caught.value.code == -32803
    assert caught.value.message


async def test_an_edit_can_be_asked_for_without_being_applied(editor: Editor, standin: Standin) -> None:
    """A client that shows edits first gets them in the answer, and the document stays."""
    standin.answers(RULE)
    uri = editor.open(TEXT)
    place = {"uri": uri, "range": {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 0}}}
    answer = await editor.run("remask.rewrite", {**place, "apply": False})
    assert answer["applied"] is False
    assert "sum(numbers)" in str(answer["edit"])
    assert editor.applied == []


async def test_a_variable_gets_a_clearer_name(editor: Editor, standin: Standin) -> None:
    """The model names it in a remark, and says that the function is likelier so; one edit, all places."""
    standin.answers(
        {"before": "# Clear names: `tmp` -> `", "fill": "total_price`"},
        likely={"total_price": 0.9, "tmp": 0.001},
    )
    text = (
        "def cost(items):\n    tmp = 0\n    for each in items:\n        tmp += each.price\n    return tmp\n"
    )
    uri = editor.open(text)
    range_ = {"start": {"line": 0, "character": 0}, "end": {"line": 5, "character": 0}}
    answer = await editor.run("remask.rewrite", {"uri": uri, "range": range_, "task": "rename"})
    assert answer["applied"] is True
    edit = editor.applied[0].edit
    edits = edit.document_changes[0].edits if edit.document_changes else (edit.changes or {})[uri]
    assert [each.new_text for each in edits] == [
        text.partition("\n")[2].rstrip("\n").replace("tmp", "total_price")
    ]
