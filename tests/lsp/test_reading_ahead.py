"""What the server has its engine read before anything is asked."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as t

from tests.lsp.conftest import PATIENCE_S, Editor, Standin, Start

pytestmark = pytest.mark.asyncio

TEXT = "one = 1\ntwo = 2\nthree = 3\n"


def last_read(reads: Path, count: int) -> list[str]:
    """The last lines of what was read."""
    return reads.read_text(encoding="utf-8").splitlines()[-count:] if reads.exists() else []


async def until_read(reads: Path, *lines: str) -> None:
    """Wait until these were the last to be read."""
    async with asyncio.timeout(PATIENCE_S):
        while last_read(reads, len(lines)) != list(lines):  # noqa: ASYNC110 -- a file tells nobody
            await asyncio.sleep(0.02)


def note_reads(standin: Standin, reads: Path) -> None:
    """Have the stand-in write down what it is to read."""
    standin.answers(reads=str(reads))


async def ask_actions(editor: Editor, uri: str, line: int, character: int) -> None:
    """As editors do when the cursor moves, to show a light bulb."""
    place = t.Position(line, character)
    await editor.client.text_document_code_action_async(
        t.CodeActionParams(t.TextDocumentIdentifier(uri), t.Range(place, place), t.CodeActionContext([]))
    )


async def test_opening_resting_and_looking(start: Start, standin: Standin, tmp_path: Path) -> None:
    """A document is read when it is opened, where its cursor rests, and when it is looked at again."""
    reads = tmp_path / "reads"
    note_reads(standin, reads)
    async with start("vs-code", standin) as editor:
        first = editor.open(TEXT, uri="file:///project/first.py")
        await until_read(reads, f"first.py:{len(TEXT)}")
        await ask_actions(editor, first, 1, 3)
        await until_read(reads, "first.py:11")
        editor.open("x = 1\n", uri="file:///project/second.py")
        await until_read(reads, "second.py:6")
        focus: Any = {"textDocument": {"uri": first}}
        editor.client.protocol.notify("textDocument/didFocus", focus)
        await until_read(reads, "first.py:11")


async def test_a_private_file_is_not_read(start: Start, standin: Standin, tmp_path: Path) -> None:
    """Neither when it is opened nor when the cursor rests in it."""
    reads = tmp_path / "reads"
    note_reads(standin, reads)
    async with start("vs-code", standin) as editor:
        editor.open("x = 1\n", uri="file:///project/first.py")
        await until_read(reads, "first.py:6")
        secret = editor.open("KEY=1\n", uri="file:///project/.env", language="plaintext")
        await ask_actions(editor, secret, 0, 4)
        editor.open("y = 1\n", uri="file:///project/second.py")
        await until_read(reads, "first.py:6", "second.py:6")
