from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lsp_server.core.types import Completion, Doubt, Edit, Silence, Span, Suggestion
from lsp_server.engine.protocol import Cell, CellState, FrameEvent

if TYPE_CHECKING:
    from conftest import Wire

pytestmark = pytest.mark.asyncio
METHOD = "textDocument/inlineCompletion"


async def test_an_item_carries_all_that_clients_keep(wire: Wire) -> None:
    """Text, filter text, an empty range at the cursor, and the id in a command that we announce."""
    announced = (await wire.start())["capabilities"]["executeCommandProvider"]["commands"]
    wire.open("def f():\n    \n")
    answer = await wire.request(METHOD, wire.at(1, 4))
    assert answer["result"] == {
        "items": [
            {
                "insertText": "return 1",
                "filterText": "return 1",
                "range": wire.range_((1, 4), (1, 4)),
                "command": {
                    "title": "Suggestion accepted",
                    "command": "remask.didAcceptCompletionItem",
                    "arguments": ["id-1"],
                },
            }
        ]
    }
    assert "remask.didAcceptCompletionItem" in announced


@pytest.mark.parametrize(("trigger", "invoked"), [(1, True), (2, False)])
async def test_the_trigger_says_whether_it_was_asked_for(wire: Wire, trigger: int, *, invoked: bool) -> None:
    """Invoked and automatic requests reach the completer as such."""
    await wire.start()
    wire.open("x")
    await wire.request(METHOD, wire.at(0, 1, trigger=trigger))
    assert wire.completer.asked[0]["invoked"] is invoked


async def test_the_popups_entry_is_continued(wire: Wire) -> None:
    """`selectedCompletionInfo` becomes an edit, and its range that of the answer."""
    await wire.start()
    wire.open("x = pri\n")
    info = {"range": wire.range_((0, 4), (0, 7)), "text": "print"}
    answer = await wire.request(METHOD, wire.at(0, 7, selectedCompletionInfo=info))
    assert wire.completer.asked[0]["selected"] == Edit(Span(4, 7), "print")
    assert answer["result"]["items"][0]["range"] == info["range"]


@pytest.mark.parametrize("silence", list(Silence))
async def test_silence_is_null(wire: Wire, silence: Silence) -> None:
    """Whatever the reason, there is an answer and it is null: an empty list would clear ghost text."""

    async def answer() -> Completion:
        return Completion(silence=silence)

    await wire.start()
    wire.open("x")
    wire.completer.answer = answer
    answered = await wire.request(METHOD, wire.at(0, 1))
    assert answered["result"] is None
    assert "error" not in answered


async def test_every_candidate_is_offered(wire: Wire) -> None:
    """In the completer's order."""

    async def answer() -> Completion:
        return Completion(
            tuple(Suggestion(str(n), Edit(Span(1, 1), f"t{n}"), f"t{n}", 0.5) for n in range(3))
        )

    await wire.start()
    wire.open("x")
    wire.completer.answer = answer
    items = (await wire.request(METHOD, wire.at(0, 1)))["result"]["items"]
    assert [item["insertText"] for item in items] == ["t0", "t1", "t2"]


@pytest.mark.parametrize(
    ("text", "line", "character", "offset"),
    [
        ("", 0, 0, 0),
        ("", 5, 5, 0),
        ("abc", 0, 99, 3),
        ("abc\r\nd", 0, 99, 3),
        ("a😀b", 0, 3, 2),
        ("a😀b", 0, 2, 1),
        ("abc", 2147483647, 2147483647, 3),
        ("\ufeffx", 0, 1, 1),
        ("e\u0301x", 0, 2, 2),
    ],
)
async def test_positions_past_the_end_are_its_end(
    wire: Wire, text: str, line: int, character: int, offset: int
) -> None:
    """Any position of the specification has an offset in the document."""
    await wire.start()
    wire.open(text)
    assert (await wire.request(METHOD, wire.at(line, character)))["result"]["items"]
    assert wire.completer.asked[0]["offset"] == offset


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 5), ("utf-16", 3), ("utf-32", 2)])
async def test_positions_count_in_what_was_agreed(wire: Wire, encoding: str, column: int) -> None:
    """The answer of `initialize` names the encoding, and requests and answers use it."""
    result = await wire.start({"general": {"positionEncodings": [encoding]}})
    assert result["capabilities"]["positionEncoding"] == encoding
    wire.open("a😀b")
    answer = await wire.request(METHOD, wire.at(0, column))
    assert wire.completer.asked[0]["offset"] == 2
    assert answer["result"]["items"][0]["range"] == wire.range_((0, column), (0, column))


@pytest.mark.parametrize(("wanted", "token"), [(True, 7), (False, 7), (True, None)])
async def test_frames_go_to_clients_that_draw_them(wire: Wire, *, wanted: bool, token: int | None) -> None:
    """`remask/denoise` needs the client's capability and its token."""
    await wire.start({"experimental": {"remaskDenoise": wanted}})
    wire.open("x")
    await wire.request(METHOD, {**wire.at(0, 1), "workDoneToken": token})
    watcher: Any = wire.engine.watching.get(wire.uri)
    assert (watcher is not None) == (wanted and token is not None)
    if watcher:
        watcher.frame(FrameEvent(0, 2, (Cell("x", CellState.COMMITTED, 0.5),)))
        assert wire.told("remask/denoise") == [
            {
                "token": 7,
                "hole": 0,
                "step": 2,
                "candidate": 0,
                "cells": [{"text": "x", "state": "committed", "confidence": 0.5}],
            }
        ]


async def test_copilots_notifications_are_taken_silently(wire: Wire) -> None:
    """Clients of that server send them; with or without content they are no mistake."""
    await wire.start()
    before = len(wire.sent)
    for method in ("didFocus", "didShowCompletion", "didShowInlineEdit", "didPartiallyAcceptCompletion"):
        wire.notify(f"textDocument/{method}", {})
        wire.notify(
            f"textDocument/{method}", {"item": {"command": {"arguments": ["id"]}}, "acceptedLength": 3}
        )
        wire.raw({"jsonrpc": "2.0", "method": f"textDocument/{method}"})
    await wire.settle()
    assert len(wire.sent) == before


async def test_the_text_is_cut_before_doubtful_tokens(wire: Wire) -> None:
    """White space goes with the token behind it; a doubt at the start cuts nothing."""
    text = "return 🙂 + total(x)"
    doubts = tuple(
        Doubt(Span(start, start + 1), len(text), 0.3, (), lead=lead)
        for start, lead in ((0, 0), (11, 1), (16, 0))
    )
    edit = Edit(Span(13, 13), text)

    async def answer() -> Completion:
        return Completion((Suggestion("id-1", edit, text, 0.9, doubts),))

    wire.completer.answer = answer
    await wire.start()
    wire.open("def f():\n    \n")
    (item,) = (await wire.request(METHOD, wire.at(1, 4)))["result"]["items"]
    assert item["command"]["arguments"] == ["id-1", ["return 🙂 +", " total", "(x)"]]
