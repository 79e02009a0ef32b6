from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Wire

pytestmark = pytest.mark.asyncio
FILE = Path("/project/a.py").absolute()


async def test_the_index_sees_what_the_editor_has(wire: Wire) -> None:
    """An open document's text counts before what is on disk, until it is closed."""
    await wire.start()
    wire.open("x = 1\n", uri=FILE.as_uri())
    assert wire.workspace.texts == {FILE: "x = 1\n"}
    wire.change([{"text": "y = 2\n"}], uri=FILE.as_uri())
    assert wire.workspace.texts == {FILE: "y = 2\n"}
    for _ in range(2):
        wire.notify("textDocument/didClose", {"textDocument": {"uri": FILE.as_uri()}})
    assert wire.workspace.texts == {}


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "", "git:/a.py", "file:///", "strange uri \x00"])
async def test_any_uri_can_be_open(wire: Wire, uri: str) -> None:
    """A document's URI is only its name."""
    await wire.start()
    wire.open("x = 1\n", uri=uri)
    wire.change([{"text": "y = 2\n"}], uri=uri)
    assert wire.text(uri) == "y = 2\n"
    params = {
        "textDocument": {"uri": uri},
        "position": {"line": 0, "character": 0},
        "context": {"triggerKind": 1},
    }
    assert (await wire.request("textDocument/inlineCompletion", params))["result"]["items"]


async def test_equal_and_smaller_versions_are_taken(wire: Wire) -> None:
    """Some clients never count up; the order of arrival is what counts."""
    await wire.start()
    wire.open("x", version=5)
    wire.change([{"text": "xy"}], version=5)
    wire.change([{"text": "xyz"}], version=1)
    assert wire.text() == "xyz"


async def test_one_bad_change_of_several_changes_nothing(wire: Wire) -> None:
    """The changes of one notification apply together or not at all."""
    await wire.start()
    wire.open("x = 1\n")
    bad = {"range": {"start": {"line": 0, "character": -1}, "end": {"line": 0, "character": 1}}, "text": "!"}
    wire.change([{"text": "lost"}, bad])
    assert wire.text() == "x = 1\n"
