from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lsp_server.core.types import Edit, Silence, Span
from lsp_server.engine.protocol import FrameEvent

if TYPE_CHECKING:
    from conftest import Wire

pytestmark = pytest.mark.asyncio
TEXT = "a = 1\nb = 2\n"
INVALID_PARAMS, FAILED, MODIFIED = -32602, -32803, -32801


def selection(wire: Wire, **context: object) -> dict[str, Any]:
    return {
        "textDocument": {"uri": wire.uri},
        "range": wire.range_((1, 0), (1, 5)),
        "context": {"diagnostics": [], **context},
    }


async def offered(wire: Wire, capabilities: dict[str, Any]) -> dict[str, Any]:
    await wire.start(capabilities)
    wire.open(TEXT)
    wire.rewriter.edits = (Edit(Span(6, 7), "c"),)
    actions: list[dict[str, Any]] = (await wire.request("textDocument/codeAction", selection(wire)))["result"]
    return actions[0]


async def test_actions_are_offered_without_the_model(wire: Wire, vs_code: dict[str, Any]) -> None:
    """What is offered names its kind and its place, and no work is done for it."""
    action = await offered(wire, vs_code)
    assert action["kind"] == "refactor.rewrite"
    assert action["tags"] == [1]
    assert "edit" not in action
    assert "command" not in action
    assert wire.rewriter.runs == []


async def test_resolving_brings_an_edit_for_one_version(wire: Wire, vs_code: dict[str, Any]) -> None:
    """The model works when the action is resolved; the edit names the document's version."""
    action = await offered(wire, vs_code)
    resolved = (await wire.request("codeAction/resolve", action))["result"]
    assert wire.rewriter.runs[0]["span"] == Span(6, 11)
    assert resolved["edit"] == {
        "documentChanges": [
            {
                "textDocument": {"uri": wire.uri, "version": 1},
                "edits": [{"range": wire.range_((1, 0), (1, 1)), "newText": "c"}],
            }
        ]
    }


async def test_a_client_that_cannot_resolve_gets_a_command(wire: Wire) -> None:
    """The command is one we announce, with arguments that it accepts."""
    action = await offered(wire, {})
    assert "data" not in action
    command = {name: action["command"][name] for name in ("command", "arguments")}
    assert command["command"] == "remask.rewrite"
    assert (await wire.request("workspace/executeCommand", command))["result"]["applied"] is False
    assert wire.rewriter.runs[0]["span"] == Span(6, 11)


@pytest.mark.parametrize(
    ("only", "wanted"),
    [
        (None, True),
        (["refactor"], True),
        (["refactor.rewrite"], True),
        (["quickfix", "refactor"], True),
        ([""], True),
        (["quickfix"], False),
        (["refactor.extract"], False),
        (["refactor.rewrite.sort"], False),
        (["ref"], False),
        ([], False),
    ],
)
async def test_only_what_the_client_wants_is_offered(
    wire: Wire, only: list[str] | None, *, wanted: bool
) -> None:
    """Kinds are paths: a part of ours asks for it, others do not."""
    await wire.start()
    wire.open(TEXT)
    params = selection(wire) if only is None else selection(wire, only=only)
    assert bool((await wire.request("textDocument/codeAction", params))["result"]) is wanted


async def test_typing_elsewhere_moves_the_place(wire: Wire, vs_code: dict[str, Any]) -> None:
    """An action offered before a change is carried out where its text stands now."""
    action = await offered(wire, vs_code)
    wire.change([{"range": wire.range_((0, 0), (0, 0)), "text": "# note\n"}])
    await wire.request("codeAction/resolve", action)
    assert wire.rewriter.runs[0]["span"] == Span(13, 18)


@pytest.mark.parametrize("how", ["before", "meanwhile", "closed", "stale"])
async def test_a_document_changed_at_the_place_is_refused(
    wire: Wire, vs_code: dict[str, Any], how: str
) -> None:
    """A change before or during the work is ContentModified, and no edit is made."""
    action = await offered(wire, vs_code)
    touching = [{"range": wire.range_((1, 1), (1, 2)), "text": "X"}]

    async def during() -> None:
        if how == "closed":
            wire.notify("textDocument/didClose", {"textDocument": {"uri": wire.uri}})
        elif how == "meanwhile":
            wire.change(touching)

    wire.rewriter.during = during
    if how == "before":
        wire.change(touching)
    if how == "stale":
        wire.rewriter.silence = Silence.STALE
    assert (await wire.request("codeAction/resolve", action))["error"]["code"] == MODIFIED


@pytest.mark.parametrize("silence", [Silence.NOTHING_TO_CHANGE, Silence.BREAKS_SYNTAX, Silence.PRIVATE_FILE])
async def test_nothing_to_show_is_an_error_with_its_reason(
    wire: Wire, vs_code: dict[str, Any], silence: Silence
) -> None:
    """The user asked for it, so the editor shows why nothing happens."""
    action = await offered(wire, vs_code)
    wire.rewriter.silence = silence
    error = (await wire.request("codeAction/resolve", action))["error"]
    assert error["code"] == FAILED
    assert error["message"].startswith("Nothing was changed: ")


@pytest.mark.parametrize(
    "change",
    [
        {"data": None},
        {"data": []},
        {"data": {"action": "rewrite"}},
        {"data": {"start": -1}},
        {"data": {"start": 2**40}},
        {"data": {"uri": "file:///other.py"}},
        {"data": {"revision": "1"}},
    ],
)
async def test_bad_data_is_refused(wire: Wire, vs_code: dict[str, Any], change: dict[str, Any]) -> None:
    """An action whose data is not what we gave is answered with InvalidParams."""
    action = await offered(wire, vs_code)
    data = change["data"]
    if isinstance(data, dict) and data != {"action": "rewrite"}:
        data = action["data"] | data
    answer = await wire.request("codeAction/resolve", {**action, "data": data})
    assert answer["error"]["code"] == INVALID_PARAMS


async def test_a_token_in_the_data_asks_for_frames(wire: Wire, vs_code: dict[str, Any]) -> None:
    """A client that draws the denoising puts its token there before resolving."""
    action = await offered(wire, vs_code)
    action["data"]["token"] = "t"
    await wire.request("codeAction/resolve", action)
    assert wire.rewriter.runs[0]["on_holes"] is not None
    wire.engine.watching[wire.uri].frame(FrameEvent(0, 1, ()))
    assert wire.told("remask/denoise")[0]["token"] == "t"


async def test_work_is_shown_as_progress(wire: Wire, vs_code: dict[str, Any]) -> None:
    """Resolving shows a bar where the client makes room for one."""
    wire.replies["window/workDoneProgress/create"] = None
    wire.rewriter.during = wire.settle
    await wire.request("codeAction/resolve", await offered(wire, vs_code))
    assert [each["value"]["kind"] for each in wire.told("$/progress")] == ["begin", "end"]
