from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from lsprotocol import types as t
from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from conftest import Editor, Standin, Start

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio,
    pytest.mark.filterwarnings("error::pytest_lsp.LspSpecificationWarning"),
]
BODY = "def total(numbers):\n    \n\nprint(total([1]))\n"


async def test_a_fill_between_code_on_both_sides(editor: Editor, standin: Standin) -> None:
    """The fill stands at the cursor with an empty range, and accepting it is counted."""
    standin.answers({"fill": "return sum(numbers)"})
    uri = editor.open(BODY)
    await editor.engine_ready()
    answer = await editor.completion(uri, 1, 4)
    item = answer.items[0]
    assert item.insert_text == "return sum(numbers)"
    assert item.range == t.Range(t.Position(1, 4), t.Position(1, 4))
    assert item.command.command in editor.result.capabilities.execute_command_provider.commands
    assert await editor.run(item.command.command, *item.command.arguments) is True
    assert (await editor.run("remask.status"))["suggestions"] == {"accepted": 1}


@pytest.mark.parametrize("broken", ["return sum numbers", "total = 0\n        total += 1\n    return total"])
async def test_a_broken_fill_is_mended_by_diffusion(editor: Editor, standin: Standin, broken: str) -> None:
    """What breaks the syntax, or the indentation, is written anew by the other kind of decode."""
    standin.answers({"decode": "confidence", "fill": "return sum(numbers)"}, {"fill": broken})
    uri = editor.open(BODY)
    await editor.engine_ready()
    assert await editor.texts(uri, 1, 4) == ["return sum(numbers)"]


async def test_asking_by_hand_gives_candidates(editor: Editor, standin: Standin) -> None:
    """Invoked requests get several, best first."""
    standin.answers({"candidates": ["return 1", "return 2", "return 3"]})
    uri = editor.open(BODY)
    await editor.engine_ready()
    assert await editor.texts(uri, 1, 4) == ["return 1", "return 2", "return 3"]


async def test_an_older_request_is_answered_null(editor: Editor, standin: Standin) -> None:
    """Of several requests the newest wins; each of the others gets null at once, not an error."""
    standin.answers({"before": "x =", "hang": True}, {"fill": "return 1"})
    uri = editor.open("x = \n\n" + BODY)
    await editor.engine_ready()
    older = [editor.completion(uri, 0, 4, invoked=False) for _ in range(5)]
    assert await editor.texts(uri, 3, 4) == ["return 1"]
    assert await asyncio.gather(*older) == [None] * 5


async def test_a_cancelled_request_is_withdrawn(editor: Editor, standin: Standin) -> None:
    """Its answer is RequestCancelled, and the engine is free for the next."""
    standin.answers({"before": "x =", "hang": True}, {"fill": "return 1"})
    uri = editor.open("x = \n\n" + BODY)
    await editor.engine_ready()
    hanging = editor.completion(uri, 0, 4, msg_id="hanging")
    await editor.until(lambda: editor.statuses[-1].busy)
    editor.client.cancel_request(t.CancelParams(id="hanging"))
    with pytest.raises(JsonRpcException) as caught:
        await asyncio.wait_for(hanging, 30)
    assert caught.value.code == -32800
    assert await editor.texts(uri, 3, 4) == ["return 1"]


@pytest.mark.parametrize("how", ["changed", "closed"])
async def test_a_document_that_moves_on_gets_null(editor: Editor, standin: Standin, how: str) -> None:
    """An answer for a text that is gone is not shown; the document goes on as the client has it."""
    standin.answers({"before": "x =", "hang": True}, {"fill": "return 1"})
    uri = editor.open("x = \n")
    await editor.engine_ready()
    hanging = editor.completion(uri, 0, 4)
    await editor.until(lambda: editor.statuses[-1].busy)
    if how == "closed":
        editor.close(uri)
        editor.open(BODY)
    else:
        editor.change(uri, t.TextDocumentContentChangeWholeDocument(BODY))
    texts = await editor.texts(uri, 1, 4)
    assert await asyncio.wait_for(hanging, 30) is None
    assert texts == ["return 1"]


async def test_typing_along_needs_no_new_fill(editor: Editor, standin: Standin) -> None:
    """What was typed of a suggestion is taken off it, even if the engine would say something else now."""
    standin.answers({"fill": "return sum(numbers)"})
    uri = editor.open(BODY)
    await editor.engine_ready()
    await editor.texts(uri, 1, 4)
    standin.answers({"fill": "pass"})
    typed = t.TextDocumentContentChangePartial(t.Range(t.Position(1, 4), t.Position(1, 4)), "return s")
    editor.change(uri, typed)
    assert await editor.texts(uri, 1, 12, invoked=False) == ["um(numbers)"]


async def test_the_popups_entry_is_continued(editor: Editor, standin: Standin) -> None:
    """With `selectedCompletionInfo` the answer has its range and begins with its text."""
    standin.answers({"fill": "(total)"})
    uri = editor.open("total = 1\npri\n")
    await editor.engine_ready()
    range_ = t.Range(t.Position(1, 0), t.Position(1, 3))
    answer = await editor.completion(uri, 1, 3, selected=t.SelectedCompletionInfo(range_, "print"))
    assert [item.insert_text for item in answer.items] == ["print(total)"]
    assert answer.items[0].range == range_


async def test_the_denoising_can_be_watched(editor: Editor, standin: Standin) -> None:
    """A client with the capability sees a frame for each step and the figures at the end."""
    standin.answers({"fill": "return sum(numbers)"})
    uri = editor.open(BODY)
    await editor.engine_ready()
    await editor.completion(uri, 1, 4, token="mine")
    assert {frame.token for frame in editor.frames} == {"mine"}
    assert all(cell.state != "masked" for cell in editor.frames[-2].cells)
    assert editor.frames[-1].figures.tokens > 0


@pytest.mark.parametrize(
    ("text", "line", "character"),
    [
        ("", 0, 0),
        ("", 9, 9),
        ("x = 1", 0, 99),
        ("x = 1\r\ny = \r\n", 1, 4),
        ("\tif x:\n\t\t", 1, 2),
        ("\ufeffx = ", 0, 5),
        ("s = '😀e\u0301' + \n", 0, 12),
        ("x = " + "1 + " * 1_250_000, 0, 5_000_004),
        ("x = 1\n" * 50_000 + "y = ", 50_000, 4),
        ("\0\x01\x02PNG\0", 0, 3),
        ("x = \ud800\n", 0, 5),
    ],
    ids=[
        *("empty", "past-the-end", "past-the-line", "crlf", "tabs", "bom", "emoji"),
        *("one-line-of-5-mb", "50000-lines", "binary", "lone-surrogate"),
    ],
)
async def test_any_text_is_answered(
    start: Start, standin: Standin, text: str, line: int, character: int
) -> None:
    """With a suggestion or with null; and the server goes on, with the text as the client has it."""
    standin.answers({"fill": "1"})
    async with start("neovim", standin) as editor:
        uri = editor.open(text)
        await editor.texts(uri, line, character)
        other = editor.open("x = ", uri="file:///project/other.py")
        await editor.until(lambda: not editor.statuses[-1].busy)
        editor.change(other, t.TextDocumentContentChangeWholeDocument("y = "))
        while not await editor.texts(other, 0, 4):
            await editor.until(lambda: not editor.statuses[-1].busy)


@pytest.mark.parametrize("language", ["", "no-such-language", "plaintext"])
async def test_any_language_is_answered(start: Start, standin: Standin, language: str) -> None:
    """A language without grammar still gets fills."""
    standin.answers({"fill": "world"})
    async with start("vs-code", standin) as editor:
        uri = editor.open("hello \n", uri="file:///project/a.xyz", language=language)
        await editor.engine_ready()
        assert await editor.texts(uri, 0, 6) == ["world"]


async def test_positions_of_a_client_with_utf_8_only(start: Start, standin: Standin) -> None:
    """Requests, changes and answers all count bytes."""
    standin.answers({"before": "b =", "fill": "2"}, {"fill": "wrong"})
    async with start("utf-8-only", standin) as editor:
        assert editor.result.capabilities.position_encoding == "utf-8"
        uri = editor.open("a = '😀'; \n")
        await editor.engine_ready()
        place = t.Position(0, 12)
        editor.change(uri, t.TextDocumentContentChangePartial(t.Range(place, place), "b = "))
        answer = await editor.completion(uri, 0, 16)
        assert [item.insert_text for item in answer.items] == ["2"]
        assert answer.items[0].range.start == t.Position(0, 16)
