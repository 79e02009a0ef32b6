"""Workspaces of several folders, and documents that lie in none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lsprotocol import types as t

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Editor, Standin, Start

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio]


def change(editor: Editor, *, added: tuple[Path, ...] = (), removed: tuple[Path, ...] = ()) -> None:
    event = t.WorkspaceFoldersChangeEvent(
        added=[t.WorkspaceFolder(path.as_uri(), path.name) for path in added],
        removed=[t.WorkspaceFolder(path.as_uri(), path.name) for path in removed],
    )
    editor.client.workspace_did_change_workspace_folders(t.DidChangeWorkspaceFoldersParams(event))


async def test_folders_come_and_go(start: Start, standin: Standin, tmp_path: Path) -> None:
    """What a folder ignores, and its settings, hold while it is open, and no longer."""
    standin.answers({"fill": "1"})
    stays, goes = tmp_path / "stays", tmp_path / "goes"
    for folder in (stays, goes):
        folder.mkdir()
        (folder / ".remaskignore").write_text("generated.py\n", encoding="utf-8")
    async with start(
        "vs-code", standin, workspace_folders=[t.WorkspaceFolder(stays.as_uri(), "stays")]
    ) as editor:
        off = {"remask": {"languages": {"ruby": False}}}
        editor.client.set_configuration(off, scope_uri=goes.as_uri())
        ignored = editor.open("x = \n", uri=(goes / "generated.py").as_uri())
        await editor.engine_ready()
        assert await editor.texts(ignored, 0, 4) == ["1"]
        change(editor, added=(goes,))
        assert await editor.texts(ignored, 0, 4) == []
        assert editor.statuses[-1].silence == "ignored-file"
        ruby = editor.open("x = \n", uri=(goes / "a.rb").as_uri(), language="ruby")
        assert await editor.texts(ruby, 0, 4) == []
        assert editor.statuses[-1].silence == "disabled"
        change(editor, removed=(goes,))
        assert await editor.texts(ignored, 0, 4) == ["1"]
        kept = editor.open("x = \n", uri=(stays / "generated.py").as_uri())
        assert await editor.texts(kept, 0, 4) == []


@pytest.mark.parametrize(
    "uri",
    ["untitled:Untitled-1", "vscode-vfs://github/owner/name/a.py", "git:/a.py?%7B%22ref%22%3A%22~%22%7D"],
)
async def test_what_is_no_file_is_completed(editor: Editor, standin: Standin, uri: str) -> None:
    """For a client that shows the server such documents, their text is enough."""
    standin.answers({"fill": "1"})
    editor.open("x = \n", uri=uri)
    await editor.engine_ready()
    assert await editor.texts(uri, 0, 4) == ["1"]
