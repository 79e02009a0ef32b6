"""Suspicious code on the wire: asked for, published, fixed and ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lsp_server.core.types import Silence, Span
from lsp_server.service.suspicion.flag import Flag
from lsp_server.syntax.sites import SiteKind

if TYPE_CHECKING:
    from conftest import Wire

pytestmark = pytest.mark.asyncio
TEXT = "x = 1\nif 🎈 < b:\n    pass\n"
FLAG = Flag(Span(11, 12), SiteKind.COMPARISON, ">", 4.0)
MODIFIED, FAILED, INVALID = -32801, -32803, -32602
PUBLISH = "textDocument/publishDiagnostics"


async def started(wire: Wire, capabilities: dict[str, Any] | None = None, **settings: object) -> None:
    await wire.start(capabilities, initializationOptions=settings)
    wire.open(TEXT)
    wire.server.services.looker.flags = (FLAG,)  # type: ignore[misc]


async def suspect(wire: Wire) -> dict[str, Any]:
    return await wire.request(
        "workspace/executeCommand", {"command": "remask.suspect", "arguments": [{"uri": wire.uri}]}
    )


async def actions(wire: Wire, **context: object) -> list[dict[str, Any]]:
    params = {
        "textDocument": {"uri": wire.uri},
        "range": wire.range_((1, 6), (1, 6)),
        "context": {"diagnostics": [], **context},
    }
    found: list[dict[str, Any]] = (await wire.request("textDocument/codeAction", params))["result"]
    return found


async def test_what_is_found_is_published_as_hints(wire: Wire) -> None:
    """In the client's positions, with a message, and taken away when their line is changed."""
    await started(wire)
    assert (await suspect(wire))["result"] == {"found": 1}
    [told] = wire.told(PUBLISH)
    assert told["version"] == 1
    [hint] = told["diagnostics"]
    assert hint["range"] == wire.range_((1, 6), (1, 7))
    assert (hint["severity"], hint["source"], hint["code"]) == (4, "Remask", "suspicion")
    assert "`>` is about 50 times likelier here than `<`" in hint["message"]
    wire.change([{"range": wire.range_((0, 0), (0, 0)), "text": "\n"}], version=2)
    wire.change([{"range": wire.range_((2, 6), (2, 7)), "text": ">"}], version=3)
    moved, gone = wire.told(PUBLISH)[1:]
    assert moved["diagnostics"][0]["range"] == wire.range_((2, 6), (2, 7))
    assert gone["diagnostics"] == []


async def test_a_quick_fix_for_one_version(wire: Wire, vs_code: dict[str, Any]) -> None:
    """It carries its edit, which needs no model, and the diagnostic that it is about."""
    await started(wire, vs_code)
    await suspect(wire)
    fix, ignore = [each for each in await actions(wire) if each["kind"] == "quickfix"]
    assert fix["title"] == "Replace with `>`"
    assert fix["diagnostics"] == wire.told(PUBLISH)[0]["diagnostics"]
    [change] = fix["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": wire.uri, "version": 1}
    assert change["edits"] == [{"range": wire.range_((1, 6), (1, 7)), "newText": ">"}]
    assert ignore["title"] == "Ignore this"


async def test_what_is_ignored_stays_away(wire: Wire) -> None:
    """Also when it is found again."""
    await started(wire)
    await suspect(wire)
    ignore = next(each for each in await actions(wire) if each["title"] == "Ignore this")["command"]
    command = {name: ignore[name] for name in ("command", "arguments")}
    assert (await wire.request("workspace/executeCommand", command))["result"] is True
    assert (await suspect(wire))["result"] == {"found": 0}
    assert wire.told(PUBLISH)[-1]["diagnostics"] == []
    assert await actions(wire, only=["quickfix"]) == []


@pytest.mark.parametrize(
    ("context", "wanted"),
    [
        ({"only": ["source"]}, True),
        ({"only": ["source.remask"]}, True),
        ({"triggerKind": 1}, True),
        ({"triggerKind": 2}, False),
        ({}, False),
        ({"only": ["source.organizeImports"]}, False),
        ({"only": ["refactor"]}, False),
    ],
)
async def test_the_action_that_asks_for_it(wire: Wire, context: dict[str, Any], wanted: object) -> None:
    """Where the user asks for actions of a source; never in the light bulb."""
    await started(wire)
    offered = [each for each in await actions(wire, **context) if each["kind"] == "source.remask.suspect"]
    assert bool(offered) is wanted
    if offered:
        command = {name: offered[0]["command"][name] for name in ("command", "arguments")}
        assert (await wire.request("workspace/executeCommand", command))["result"] == {"found": 1}


@pytest.mark.parametrize(
    ("silence", "code"), [(Silence.STALE, MODIFIED), (Silence.PRIVATE_FILE, FAILED), (None, None)]
)
async def test_why_nobody_looked(wire: Wire, silence: Silence | None, code: int | None) -> None:
    """A text that changed is another matter than a file that is closed to the model."""
    await started(wire)
    wire.server.services.looker.silence = silence  # type: ignore[attr-defined]
    assert (await suspect(wire)).get("error", {}).get("code") == code


@pytest.mark.parametrize("wanted", [True, False])
async def test_saving_looks_if_the_user_wants_that(wire: Wire, wanted: bool) -> None:
    """And otherwise does nothing."""
    await started(wire)
    wire.server.services.looker.on_save = wanted  # type: ignore[attr-defined]
    wire.notify("textDocument/didSave", {"textDocument": {"uri": wire.uri}})
    await wire.settle()
    assert bool(wire.told(PUBLISH)) is wanted


async def test_hints_about_different_matters_stand_beside_each_other(wire: Wire) -> None:
    """Publishing some takes no others away."""
    from lsp_server.lsp.diagnostics import publish

    await started(wire)
    document = wire.server.services.documents.get(wire.uri)
    assert document is not None
    await suspect(wire)
    publish(wire.server, document, "other", [])
    assert len(wire.told(PUBLISH)[-1]["diagnostics"]) == 1


@pytest.mark.parametrize("arguments", [[], [{"uri": 3}], ["x"], None])
async def test_arguments_that_do_not_fit(wire: Wire, arguments: object) -> None:
    """Every request is answered."""
    await started(wire)
    for command in ("remask.suspect", "remask.dismissSuspicion"):
        params = {"command": command, "arguments": arguments}
        answer = await wire.request("workspace/executeCommand", params)
        assert answer["error"]["code"] == INVALID
