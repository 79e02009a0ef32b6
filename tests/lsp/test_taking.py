from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Editor, Standin

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio,
    pytest.mark.filterwarnings("error::pytest_lsp.LspSpecificationWarning"),
]
TEXT = """def total(numbers):
    result = 0
    for each in numbers:
        result = result + each
    print(result)
    return result
"""
BODY = {"start": {"line": 1, "character": 0}, "end": {"line": 6, "character": 0}}
FILL = """    result = 0.0
    for number in numbers:
        result += number
    print("total", result)
    return result
"""
SHOWN = 11
"""Tokens of the fill up to those of the loop's last line, and one more."""


async def shown(editor: Editor, steps: int) -> None:
    """Wait until so many steps of a rewrite were seen."""
    await editor.until(lambda: sum(hasattr(frame, "cells") for frame in editor.frames) >= steps)


async def test_what_is_there_is_taken(editor: Editor, standin: Standin, tmp_path: Path) -> None:
    """The rewrite ends at once with its whole lines, the rest of the selection stays as it was."""
    standin.answers({"fill": FILL, "gate": str(tmp_path / "never"), "gate_after": SHOWN})
    uri = editor.open(TEXT)
    asked = {"uri": uri, "range": BODY, "instruction": "use floats", "token": "t", "apply": False}
    running = asyncio.ensure_future(editor.run("remask.rewrite", asked))
    await shown(editor, SHOWN)
    assert await editor.run("remask.takeNow", {"uri": uri}) is True
    edit = (await running)["edit"]
    edits = edit["documentChanges"][0]["edits"] if "documentChanges" in edit else edit["changes"][uri]
    assert "".join(each["newText"] for each in edits) == "".join(FILL.splitlines(keepends=True)[:3])
    assert {each["range"]["end"]["line"] for each in edits} == {4}
    assert await editor.run("remask.takeNow", {"uri": uri}) is False


async def test_holes_that_are_filled_are_taken(editor: Editor, standin: Standin, tmp_path: Path) -> None:
    """Of several holes the filled ones land, and the others keep their markers."""
    fills = {"fills": ["return sum(a)", "return max(b)"]}
    standin.answers({**fills, "gate": str(tmp_path / "never"), "gate_after": 4})
    uri = editor.open("def one(a):\n    ...\n\n\ndef two(b):\n    ...\n")
    running = asyncio.ensure_future(editor.run("remask.fillHoles", {"uri": uri, "token": "t"}))
    await shown(editor, 4)
    assert await editor.run("remask.takeNow", {"uri": uri}) is True
    assert (await running)["applied"] is True
    written = str(editor.applied[0].edit)
    assert "sum(a)" in written
    assert "max(b)" not in written


async def test_nothing_is_there_yet(editor: Editor, standin: Standin) -> None:
    """Taken before the first line is whole, the text stays, and why is said."""
    standin.answers({"fill": FILL, "hang": True})
    uri = editor.open(TEXT)
    await editor.engine_ready()
    running = asyncio.ensure_future(
        editor.run("remask.rewrite", {"uri": uri, "range": BODY, "instruction": "x"})
    )
    await editor.until(lambda: editor.statuses[-1].busy)
    assert await editor.run("remask.takeNow", {"uri": uri}) is True
    with pytest.raises(JsonRpcException, match="nothing yet"):
        await running
    assert editor.applied == []
