from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lsp_server.core.errors import BadInput, EngineUnavailable
from lsp_server.core.types import Document, Edit, Span
from lsp_server.engine.protocol import Cell, CellState, FrameEvent
from lsp_server.service.canvas import Place
from lsp_server.service.wish import Wish

if TYPE_CHECKING:
    from conftest import Wire

pytestmark = pytest.mark.asyncio
INVALID_PARAMS, FAILED, MODIFIED = -32602, -32803, -32801
APPLY = "workspace/applyEdit"


async def run(wire: Wire, command: str, *arguments: object) -> dict[str, Any]:
    return await wire.request("workspace/executeCommand", {"command": command, "arguments": list(arguments)})


async def started(wire: Wire, capabilities: dict[str, Any] | None = None) -> dict[str, Any]:
    """An open document and the argument that names a place in it."""
    await wire.start(capabilities)
    wire.open("a = 1\nb = 2\n")
    wire.rewriter.edits = (Edit(Span(6, 7), "c"),)
    return {"uri": wire.uri, "range": wire.range_((1, 0), (1, 5))}


@pytest.mark.parametrize(
    ("command", "action"),
    [("remask.rewrite", "rewrite"), ("remask.fillBody", "fill-body"), ("remask.fillHoles", "fill-holes")],
)
async def test_a_rewrite_is_applied_by_the_client(
    wire: Wire, vs_code: dict[str, Any], command: str, action: str
) -> None:
    """The edit is labelled and versioned, and the answer says whether it was applied and what it cost."""
    wire.replies[APPLY] = {"applied": True}
    place = await started(wire, vs_code)
    answer = await run(
        wire, command, {**place, "instruction": "sort", "strength": 0.5, "seed": 3, "version": 1}
    )
    assert answer["result"]["applied"] is True
    assert answer["result"]["figures"]["forwards"] == 4
    done = wire.rewriter.runs[0]
    assert (done["action"], done["span"]) == (action, Span(6, 11))
    assert (done["wish"], done["seed"]) == (Wish("sort", 0.5), 3)
    sent = wire.told(APPLY)[0]
    assert sent["label"]
    assert sent["metadata"] == {"isRefactoring": True}
    assert sent["edit"]["documentChanges"][0]["textDocument"]["version"] == 1


async def test_what_was_accepted_is_passed_on(wire: Wire, vs_code: dict[str, Any]) -> None:
    """Edits of an earlier answer come as the protocol's text edits and go on as ours."""
    kept = [{"range": wire.range_((0, 0), (0, 1)), "newText": "x"}]
    await run(wire, "remask.rewrite", {**await started(wire, vs_code), "kept": kept, "apply": False})
    assert wire.rewriter.runs[0]["kept"] == (Edit(Span(0, 1), "x"),)


async def test_holes_are_told_before_their_frames(wire: Wire, vs_code: dict[str, Any]) -> None:
    """Where they stand, in which version; then canvases as they would stand there."""
    place = await started(wire, vs_code)
    document = Document(wire.uri, "python", "a = 1\nb = 2\n", version=1)

    async def work() -> None:
        wire.rewriter.runs[0]["on_holes"](document, (Place(Span(6, 11), lead="  ", indent="  "),))
        wire.engine.watching[wire.uri].frame(FrameEvent(0, 1, (Cell("x\ny", CellState.COMMITTED, 0.5),)))

    wire.rewriter.during = work
    await run(wire, "remask.rewrite", {**place, "token": "t", "apply": False})
    first, then = wire.told("remask/denoise")
    assert first == {"token": "t", "version": 1, "ranges": [wire.range_((1, 0), (1, 5))]}
    assert [cell["text"] for cell in then["cells"]] == ["  ", "x\n  y"]


async def test_a_client_that_refuses_is_reported(wire: Wire, vs_code: dict[str, Any]) -> None:
    """Its reason comes back to whoever ran the command."""
    wire.replies[APPLY] = {"applied": False, "failureReason": "read-only"}
    answer = await run(wire, "remask.rewrite", await started(wire, vs_code))
    assert (answer["result"]["applied"], answer["result"]["failureReason"]) == (False, "read-only")


async def test_a_client_that_cannot_apply_gets_the_edit(wire: Wire) -> None:
    """In the answer, as a plain edit if it knows no versions."""
    answer = await run(wire, "remask.rewrite", await started(wire))
    assert list(answer["result"]["edit"]["changes"]) == [wire.uri]
    assert wire.told(APPLY) == []


async def test_holes_are_filled_in_the_whole_document(wire: Wire) -> None:
    """`remask.fillHoles` needs no range; the others do."""
    await started(wire)
    await run(wire, "remask.fillHoles", {"uri": wire.uri})
    assert wire.rewriter.runs[0]["span"] == Span(0, 12)
    for command in ("remask.rewrite", "remask.fillBody"):
        assert (await run(wire, command, {"uri": wire.uri}))["error"]["code"] == INVALID_PARAMS


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        (None,),
        ("text",),
        ([],),
        ({},),
        ({"uri": 5},),
        ({"uri": "file:///other.py"},),
        ({"range": None},),
        ({"range": {"start": {"line": 0}}},),
        ({"range": {"start": {"line": -1, "character": 0}, "end": {"line": 0, "character": 0}}},),
        ({"range": {"start": {"line": 0, "character": 0}, "end": {"line": 2**40, "character": 0}}},),
        ({"strength": -0.1},),
        ({"lock": ["doubts"]},),
        ({"locked": [{"start": 1}]},),
        ({"strength": 1.5},),
        ({"strength": "half"},),
        ({"seed": -1},),
        ({"kept": [{"range": 1, "newText": ""}]},),
        ({"instruction": 5},),
        ({}, {}),
    ],
)
async def test_bad_arguments_are_refused(wire: Wire, arguments: tuple[Any, ...]) -> None:
    """Each is answered with InvalidParams and a reason, and nothing is done."""
    place = await started(wire)
    given = [place | each if isinstance(each, dict) and each else each for each in arguments]
    error = (await run(wire, "remask.rewrite", *given))["error"]
    assert error["code"] == INVALID_PARAMS
    assert error["message"]
    assert wire.rewriter.runs == []


@pytest.mark.parametrize("command", ["remask.unknown", "", "workspace.other"])
async def test_unknown_commands_are_refused(wire: Wire, command: str) -> None:
    """By name."""
    await wire.start()
    assert (await run(wire, command))["error"]["code"] == INVALID_PARAMS


async def test_another_version_is_refused(wire: Wire) -> None:
    """A command for a version that is not the document's is ContentModified."""
    place = await started(wire)
    assert (await run(wire, "remask.rewrite", {**place, "version": 9}))["error"]["code"] == MODIFIED


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (EngineUnavailable("no engine", hint="Start it."), FAILED),
        (BadInput("nothing selected"), INVALID_PARAMS),
    ],
)
async def test_errors_reach_the_user_with_their_hint(wire: Wire, error: Exception, code: int) -> None:
    """What the rewriter raises becomes an error that editors show."""

    async def during() -> None:
        raise error

    place = await started(wire)
    wire.rewriter.during = during
    answer = (await run(wire, "remask.rewrite", place))["error"]
    assert (answer["code"], answer["message"]) == (code, str(error))


async def test_accepting_is_counted_by_id(wire: Wire) -> None:
    """Known ids are true, others false, no id an error."""
    await wire.start()
    wire.completer.known = {"id-1"}
    assert (await run(wire, "remask.didAcceptCompletionItem", "id-1"))["result"] is True
    assert (await run(wire, "remask.didAcceptCompletionItem", "id-2"))["result"] is False
    assert (await run(wire, "remask.didAcceptCompletionItem", "id-1", ["re", "turn"]))["result"] is True
    for arguments in ((), (None,), (1,)):
        answer = await run(wire, "remask.didAcceptCompletionItem", *arguments)
        assert answer["error"]["code"] == INVALID_PARAMS


async def test_snoozing_and_waking(wire: Wire) -> None:
    """Minutes are optional, 0 wakes, nonsense is refused."""
    await wire.start()
    gate = wire.server.services.gate
    assert (await run(wire, "remask.snooze"))["result"]["snoozedUntil"] == gate.snoozed_until is not None
    assert (await run(wire, "remask.snooze", 0))["result"] == {"snoozedUntil": None}
    assert (await run(wire, "remask.snooze", 0.5))["result"]["snoozedUntil"] is not None
    for nonsense in (-1, "long", None, [], 10**9):
        assert (await run(wire, "remask.snooze", nonsense))["error"]["code"] == INVALID_PARAMS


async def test_status_tells_what_a_person_wants_to_know(wire: Wire) -> None:
    """The status, the model, the engine and the counts in one object."""
    await wire.start()
    result = (await run(wire, "remask.status"))["result"]
    assert {"kind", "busy", "model", "engine", "suggestions", "silences", "snoozedUntil"} <= set(result)


async def test_restarting_the_engine(wire: Wire) -> None:
    """The command answers null once it is under way."""
    await wire.start()
    assert (await run(wire, "remask.restartEngine"))["result"] is None
    assert wire.engine.calls["restart"] == 1
