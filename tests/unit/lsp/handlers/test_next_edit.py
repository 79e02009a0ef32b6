"""`textDocument/copilotInlineEdit` on the wire."""

from __future__ import annotations

from typing import Any

import pytest

from lsp_server.core.types import Edit, Span
from lsp_server.service.next_edit.candidate import Candidate, Reason
from lsp_server.service.next_edit.predict import NextEdit
from tests.unit.lsp.conftest import Wire

pytestmark = pytest.mark.asyncio

METHOD = "textDocument/copilotInlineEdit"


def params(wire: Wire, version: int | None = 1) -> dict[str, Any]:
    return {
        "textDocument": {"uri": wire.uri, "version": version},
        "position": {"line": 0, "character": 0},
        "context": {"triggerKind": 2},
    }


async def predicting(wire: Wire) -> None:
    await wire.start()
    wire.open("x = '😀' + items\n")
    document = wire.server.services.documents.get(wire.uri)
    assert document
    candidate = Candidate(document, Edit(Span(10, 15), "rows"), Reason.RENAME)
    wire.next_editor.edit = NextEdit("id-7", candidate, 5.0)


async def test_one_edit_as_copilot_has_it(wire: Wire) -> None:
    """In UTF-16, with the version it is for, and its id in a command."""
    await predicting(wire)
    answer = await wire.request(METHOD, params(wire))
    assert answer["result"] == {
        "edits": [
            {
                "text": "rows",
                "textDocument": {"uri": wire.uri, "version": 1},
                "range": wire.range_((0, 11), (0, 16)),
                "command": {
                    "title": "Next edit accepted",
                    "command": "remask.didAcceptCompletionItem",
                    "arguments": ["id-7"],
                },
                "reason": "rename",
            }
        ]
    }


async def test_nothing_is_an_empty_list(wire: Wire) -> None:
    """Never null, which clients index, nor an error, which they show."""
    await wire.start()
    wire.open("x = 1\n")
    assert (await wire.request(METHOD, params(wire)))["result"] == {"edits": []}


async def test_another_version_gets_nothing(wire: Wire) -> None:
    """A client that is ahead or behind would misplace the edit; one without a version may ask."""
    await predicting(wire)
    assert (await wire.request(METHOD, params(wire, 2)))["result"] == {"edits": []}
    assert (await wire.request(METHOD, params(wire, None)))["result"]["edits"]


@pytest.mark.parametrize("bad", [None, {}, {"textDocument": 3}, {"textDocument": {"uri": 4}}, []])
async def test_misshapen_params_are_answered(wire: Wire, bad: object) -> None:
    """With an error, as any request."""
    await wire.start()
    assert "error" in await wire.request(METHOD, bad)


async def test_accepting_and_dismissing(wire: Wire) -> None:
    """Both commands know the edit by its id."""
    await predicting(wire)
    for command, said in (("didAcceptCompletionItem", "taken"), ("dismissNextEdit", "refused")):
        call = {"command": f"remask.{command}", "arguments": ["id-7"]}
        assert (await wire.request("workspace/executeCommand", call))["result"] is True
        assert wire.next_editor.said[-1] == (said, "id-7")
