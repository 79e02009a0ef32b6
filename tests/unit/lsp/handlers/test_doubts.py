"""Doubtful tokens on the wire: told, shown on hover, and taken back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from lsp_server.core.types import Alternative, Completion, Doubt, Edit, Silence, Span, Suggestion

if TYPE_CHECKING:
    from conftest import Wire

pytestmark = pytest.mark.asyncio
GHOST = "total | x"
OTHERS = (Alternative(" sum", 0.314), Alternative("`a|b`", 0.1), Alternative("\n", 0.05))
DRAWS = {"experimental": {"remaskDoubts": True}}
MODIFIED, FAILED, INVALID = -32801, -32803, -32602


async def accepted(wire: Wire, capabilities: dict[str, Any] | None = None, **settings: object) -> None:
    """Behind `🎈 =`, ghost text with a doubtful token is accepted."""
    await wire.start(capabilities, initializationOptions={"completion": settings})
    wire.open("🎈 =\n")
    doubt = Doubt(Span(1, 6), 1 + len(GHOST), 0.42, OTHERS, lead=1)
    edit = Edit(Span(3, 3), f" {GHOST}")

    async def answer() -> Completion:
        return Completion((Suggestion("s", edit, edit.text, 0.9, (doubt,)),))

    wire.completer.answer = answer
    await wire.request("textDocument/inlineCompletion", wire.at(0, 4))
    wire.change([{"range": wire.range_((0, 4), (0, 4)), "text": edit.text}])
    await wire.settle()


def at(wire: Wire, character: int) -> dict[str, Any]:
    return {"textDocument": {"uri": wire.uri}, "position": {"line": 0, "character": character}}


async def test_a_client_that_draws_is_told(wire: Wire) -> None:
    """After acceptance and after each change while there are some, the last time that there are none."""
    await accepted(wire, DRAWS)
    [told] = wire.told("remask/doubts")
    assert (told["uri"], told["version"]) == (wire.uri, 2)
    [doubt] = told["doubts"]
    assert doubt["range"] == wire.range_((0, 5), (0, 10))
    assert doubt["probability"] == 0.42
    assert doubt["alternatives"][0] == {"text": " sum", "probability": 0.314}
    wire.change([{"range": wire.range_((0, 0), (0, 0)), "text": "\n"}], version=3)
    wire.change([{"range": wire.range_((1, 6), (1, 7)), "text": "a"}], version=4)
    wire.change([{"range": wire.range_((1, 6), (1, 7)), "text": "b"}], version=5)
    told = wire.told("remask/doubts")[1:]
    assert [len(each["doubts"]) for each in told] == [1, 0]
    assert told[0]["doubts"][0]["range"] == wire.range_((1, 5), (1, 10))
    assert wire.told("textDocument/publishDiagnostics") == []


async def test_a_plain_client_is_told_nothing_unasked(wire: Wire) -> None:
    """Neither by our notification nor by diagnostics."""
    await accepted(wire)
    assert wire.told("remask/doubts") == wire.told("textDocument/publishDiagnostics") == []


async def test_hints_are_sent_where_the_setting_asks(wire: Wire) -> None:
    """As diagnostics of the least severity, which go with the doubt."""
    await accepted(wire, showDoubts="diagnostics")
    [told] = wire.told("textDocument/publishDiagnostics")
    [hint] = told["diagnostics"]
    assert (told["version"], hint["severity"], hint["range"]) == (2, 4, wire.range_((0, 5), (0, 10)))
    assert hint["message"] == "The model was 42% sure; else: sum 31%, `a|b` 10%, ↵ 5%"
    wire.notify("textDocument/didClose", {"textDocument": {"uri": wire.uri}})
    assert wire.told("textDocument/publishDiagnostics")[-1]["diagnostics"] == []


async def test_a_setting_changed_meanwhile_holds_at_once(wire: Wire) -> None:
    """From underlines to hints, to nothing."""
    await accepted(wire, DRAWS)
    for value in ("diagnostics", "off"):
        change = {"settings": {"remask": {"completion": {"showDoubts": value}}}}
        wire.notify("workspace/didChangeConfiguration", change)
        await wire.settle()
    assert [len(each["doubts"]) for each in wire.told("remask/doubts")] == [1, 0, 0]
    assert [len(e["diagnostics"]) for e in wire.told("textDocument/publishDiagnostics")] == [1, 0]


async def test_off_is_off(wire: Wire) -> None:
    """No notification, no hover, no action."""
    await accepted(wire, DRAWS, showDoubts="off")
    assert wire.told("remask/doubts") == []
    assert (await wire.request("textDocument/hover", at(wire, 6)))["result"] is None


async def test_hover_has_a_table(wire: Wire) -> None:
    """The token and its alternatives with probabilities; nothing elsewhere."""
    await accepted(wire)
    hover = (await wire.request("textDocument/hover", at(wire, 6)))["result"]
    assert hover["range"] == wire.range_((0, 5), (0, 10))
    assert hover["contents"]["kind"] == "markdown"
    assert hover["contents"]["value"].splitlines()[2:] == [
        "| `total` *(as it is)* | 42% |",
        "| `sum` | 31% |",
        "| `` `a\\|b` `` | 10% |",
        "| `↵` | 5% |",
    ]
    assert (await wire.request("textDocument/hover", at(wire, 1)))["result"] is None


async def test_links_run_the_command(wire: Wire) -> None:
    """A client that follows them gets a link for each alternative, with the command's argument in it."""
    await accepted(wire, {"experimental": {"remaskDoubts": True, "remaskCommandLinks": True}})
    [doubt] = wire.told("remask/doubts")[0]["doubts"]
    value = (await wire.request("textDocument/hover", at(wire, 6)))["result"]["contents"]["value"]
    link = value.splitlines()[3].split("](")[1].split(" ")[0]
    command, _, argument = link.partition("?")
    assert command == "command:remask.takeAlternative"
    assert json.loads(unquote(argument)) == [{"uri": wire.uri, "id": doubt["id"], "alternative": " sum"}]


async def test_code_actions_take(wire: Wire, vs_code: dict[str, Any]) -> None:
    """Each alternative is one, before what is always offered; its command has the edit applied."""
    await accepted(wire, vs_code)
    wire.replies["workspace/applyEdit"] = {"applied": True}
    params = {
        "textDocument": {"uri": wire.uri},
        "range": wire.range_((0, 6), (0, 6)),
        "context": {"diagnostics": []},
    }
    actions = (await wire.request("textDocument/codeAction", params))["result"]
    assert [each["title"] for each in actions[:3]] == ["Use `sum` (31%)", "Use ``a|b`` (10%)", "Use `↵` (5%)"]
    answer = await wire.request("workspace/executeCommand", actions[0]["command"])
    assert answer["result"]["applied"] is True
    [(key, _, alternative)] = wire.taker.asked
    assert (key, alternative) == (wire.uri, " sum")
    [asked] = wire.told("workspace/applyEdit")
    [change] = asked["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": wire.uri, "version": 2}


@pytest.mark.parametrize(
    ("silence", "code"), [(Silence.STALE, MODIFIED), (Silence.PRIVATE_FILE, FAILED)], ids=["moved", "private"]
)
async def test_what_cannot_be_taken_is_an_error(wire: Wire, silence: Silence, code: int) -> None:
    """A text that changed, and any other reason, in words."""
    await accepted(wire)
    wire.taker.silence = silence
    given = {"uri": wire.uri, "id": "x", "alternative": "y"}
    params = {"command": "remask.takeAlternative", "arguments": [given]}
    assert (await wire.request("workspace/executeCommand", params))["error"]["code"] == code


@pytest.mark.parametrize("given", [[], [{}], [{"uri": "file:///none", "id": "x", "alternative": "y"}], ["x"]])
async def test_arguments_that_make_no_sense_are_refused(wire: Wire, given: list[Any]) -> None:
    """None, not ours, or of a document that is not open."""
    await accepted(wire)
    params = {"command": "remask.takeAlternative", "arguments": given}
    assert (await wire.request("workspace/executeCommand", params))["error"]["code"] == INVALID
