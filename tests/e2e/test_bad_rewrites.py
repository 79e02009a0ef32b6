"""Rewrites that make little sense: each ends in a sensible edit or a clear message, never in a lost line."""

from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types as t
from pygls.exceptions import JsonRpcException

from lsp_server.core.edits import apply_together
from lsp_server.core.types import Edit, Span
from tests.lsp.conftest import Editor, Standin

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio]

TWO = """\
def first(items):
    total = 0
    for item in items:
        total += item
    return total


def second(name):
    # greets
    return "hello " + name
"""
INVALID, FAILED = -32602, -32803


def lines(first: int, behind: int) -> dict[str, Any]:
    """The range of lines, counted from 0."""
    return {"start": {"line": first, "character": 0}, "end": {"line": behind, "character": 0}}


def made(text: str, answer: Any) -> str:  # noqa: ANN401 -- JSON
    """The text with the edit of an answer."""
    edit = answer["edit"]
    (change,) = [each["edits"] for each in edit.get("documentChanges", [])] or list(edit["changes"].values())
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def offset(position: dict[str, int]) -> int:
        return starts[position["line"]] + position["character"]

    spans = [Span(offset(each["range"]["start"]), offset(each["range"]["end"])) for each in change]
    return apply_together(
        text, [Edit(span, each["newText"]) for span, each in zip(spans, change, strict=True)]
    )


async def asked(editor: Editor, uri: str, range_: dict[str, Any], **wish: object) -> Any:  # noqa: ANN401 -- JSON  # noqa: E501 -- a table of two texts
    return await editor.run("remask.rewrite", {"uri": uri, "range": range_, "apply": False, **wish})


async def refused(editor: Editor, uri: str, range_: dict[str, Any], **wish: object) -> tuple[int, str]:
    """The error's code and message; nothing was applied."""
    with pytest.raises(JsonRpcException) as caught:
        await asked(editor, uri, range_, **wish)
    assert editor.applied == []
    return caught.value.code, str(caught.value.message)


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"strength": 0}, "strength 0 keeps every token"),
        ({"instruction": "?!"}, "asks for nothing"),
        ({"task": "dance"}, "there is no task 'dance'"),
        ({"strength": 0.3, "locked": [lines(0, 10)]}, "everything that is selected is locked"),
        ({"strength": 0.5, "lock": ["statements"]}, "statements"),
    ],
)
async def test_wishes_that_cannot_be_met(
    editor: Editor, standin: Standin, wish: dict[str, object], said: str
) -> None:
    """Strength 0, no words, no such task or lock, and a lock on everything are refused with the reason."""
    standin.answers({"fill": "lost"})
    code, message = await refused(editor, editor.open(TWO), lines(0, 5), **wish)
    assert code == INVALID
    assert said in message


async def test_locks_without_a_grammar(editor: Editor, standin: Standin) -> None:
    """Kinds cannot be found in plain text; that is said instead of locking nothing."""
    standin.answers({"fill": "lost"})
    uri = editor.open("some words\n", "file:///project/a.txt", "plaintext")
    code, message = await refused(editor, uri, lines(0, 1), strength=0.5, lock=["names"])
    assert (code, "no grammar" in message) == (INVALID, True)


async def test_locks_that_contradict_what_is_asked(editor: Editor, standin: Standin) -> None:
    """What leaves the locked signature alone lands; what changes it is refused as a whole, with the reason."""  # noqa: E501 -- a table of two texts
    floats = TWO.replace("total = 0", "total = 0.0")
    standin.answers({"fill": "\n".join(floats.split("\n")[:5])})
    uri = editor.open(TWO)
    wish = {"instruction": "use floats", "lock": ["signatures"]}
    assert made(TWO, await asked(editor, uri, lines(0, 5), **wish)) == floats
    standin.answers({"fill": "\n".join(floats.replace("first(items)", "first(numbers)").split("\n")[:5])})
    code, message = await refused(editor, uri, lines(0, 5), **wish)
    assert (code, "locked" in message) == (FAILED, True)


async def test_a_lock_by_hand_that_cuts_a_token(editor: Editor, standin: Standin) -> None:
    """Part of a name is locked: a rewrite that breaks that part does not land."""
    standin.answers({"fill": "\n".join(TWO.replace("total", "amount").split("\n")[:5])})
    half = {"start": {"line": 1, "character": 6}, "end": {"line": 1, "character": 8}}
    code, _ = await refused(
        editor, editor.open(TWO), lines(1, 2), instruction="call total amount", locked=[half]
    )
    assert code == FAILED


async def test_an_instruction_in_another_language(editor: Editor, standin: Standin) -> None:
    """It reaches the model as it was written, and a sensible answer lands."""
    words = "verwende sum"
    short = "def first(items):\n    return sum(items)"
    standin.answers({"instruction": words, "fill": short}, {"fill": "lost"})
    after = made(TWO, await asked(editor, editor.open(TWO), lines(0, 5), instruction=words))
    assert after == f"{short}\n\n\n{TWO.partition(chr(10) * 3)[2]}"


async def test_half_of_two_functions(editor: Editor, standin: Standin) -> None:
    """The selection grows to both whole functions, and an answer that drops the second is refused."""
    uri = editor.open(TWO)
    standin.answers({"fill": TWO.replace("total", "amount")})
    after = made(TWO, await asked(editor, uri, lines(3, 9), instruction="call total amount"))
    assert after == TWO.replace("total", "amount")
    standin.answers({"fill": TWO.partition("\n\n\n")[0]})
    code, message = await refused(editor, uri, lines(3, 9), instruction="make it faster")
    assert (code, "lost code" in message) == (FAILED, True)


async def test_remarks_in_place_of_code(editor: Editor, standin: Standin) -> None:
    """An answer that says "rest of the code" is no rewrite."""
    standin.answers({"fill": "def first(items):\n    # ... rest of the code\n    return 0"})
    code, message = await refused(editor, editor.open(TWO), lines(0, 5), instruction="simplify it")
    assert (code, "lost code" in message) == (FAILED, True)


async def test_a_file_that_does_not_parse(editor: Editor, standin: Standin) -> None:
    """What is in order in it can be rewritten, its broken lines stay, and it gets no worse."""
    broken = TWO + "\n\ndef third(:\n    return (\n"
    uri = editor.open(broken)
    standin.answers({"fill": 'def second(name):\n    # greets\n    return f"hello {name}"'})
    after = made(broken, await asked(editor, uri, lines(7, 10), instruction="use an f-string, only that"))
    assert after == broken.replace('"hello " + name', 'f"hello {name}"')
    standin.answers({"fill": "def second(name):\n    # greets\n    return (name"})
    code, _ = await refused(editor, uri, lines(7, 10), instruction="use an f-string, only that")
    assert code == FAILED


async def test_a_long_selection_goes_in_parts(editor: Editor, standin: Standin) -> None:
    """Ten functions are rewritten in several requests; each part has its own words, and all lines are there."""  # noqa: E501 -- a table of two texts
    named = (TWO.replace("first", f"first_{n}").replace("second", f"second_{n}") for n in range(12))
    text = "".join(f"{each}\n\n" for each in named)
    standin.answers({"error": "failed"})
    uri = editor.open(text)
    code, _ = await refused(editor, uri, lines(0, text.count("\n")), instruction="use floats")
    assert code == FAILED
    standin.answers({"fill": "x = 1"})
    code, message = await refused(editor, uri, lines(0, text.count("\n")), instruction="use floats")
    assert (code, "lost code" in message) == (FAILED, True)


async def test_two_thousand_lines(editor: Editor, standin: Standin) -> None:
    """More than can be written is refused at once, with what to do about it."""
    standin.answers({"fill": "lost"})
    text = TWO.replace("total", "the_total_of_all_items_in_the_order") * 200
    code, message = await refused(editor, editor.open(text), lines(0, 2000), instruction="add types")
    assert (code, "longer than" in message, "Select fewer lines" in message) == (INVALID, True, True)


async def test_an_instruction_that_asks_for_nothing(editor: Editor, standin: Standin) -> None:
    """The same text again is no edit, and the message says so."""
    standin.answers({"fill": "\n".join(TWO.split("\n")[:5])})
    code, message = await refused(editor, editor.open(TWO), lines(0, 5), instruction="leave it as it is")
    assert (code, "change nothing" in message) == (FAILED, True)


async def test_a_diagnostic_is_fixed_by_an_action(editor: Editor, standin: Standin) -> None:
    """The diagnostic that the editor sends is offered to be fixed; its message is what the model is told."""
    text = "def f(items):\n    return sum(itms)\n"
    place = t.Range(t.Position(1, 15), t.Position(1, 19))
    uri = editor.open(text)
    standin.answers({"before": "return sum(", "after": ")", "fill": "items"}, {"fill": "lost"})
    found = t.Diagnostic(place, 'Undefined name "itms"', source="linter")
    context = t.CodeActionContext([found], only=[t.CodeActionKind.QuickFix])
    offered = await editor.client.text_document_code_action_async(
        t.CodeActionParams(t.TextDocumentIdentifier(uri), place, context)
    )
    (action,) = [each for each in offered or () if isinstance(each, t.CodeAction)]
    assert action.title == 'Fix with Remask: Undefined name "itms"'
    if action.data:
        edit = (await editor.client.code_action_resolve_async(action)).edit
    else:
        assert action.command
        await editor.run(action.command.command, *(action.command.arguments or ()))
        edit = editor.applied[0].edit
    assert edit
    assert "    return sum(items)" in str(edit)
