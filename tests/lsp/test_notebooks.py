"""Cells of a notebook in the running server, as VS Code synchronises them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lsprotocol import types as t

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Editor, Standin, Start

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio]


def open_book(editor: Editor, uri: str, *texts: str, language: str = "python") -> list[str]:
    """Open a notebook of code cells; their URIs."""
    keys = [f"vscode-notebook-cell:{uri.removeprefix('file:')}#W{at}" for at in range(len(texts))]
    cells = [t.NotebookCell(kind=t.NotebookCellKind.Code, document=key) for key in keys]
    editor.client.notebook_document_did_open(
        t.DidOpenNotebookDocumentParams(
            t.NotebookDocument(uri=uri, notebook_type="jupyter-notebook", version=1, cells=cells),
            [
                t.TextDocumentItem(uri=key, language_id=language, version=1, text=text)
                for key, text in zip(keys, texts, strict=True)
            ],
        )
    )
    return keys


async def test_a_cell_is_completed_from_those_around_it(start: Start, standin: Standin) -> None:
    """The model sees those above before the cursor and those below behind it; only the cell is edited."""
    standin.answers({"before": "import math\n\nradius =", "after": "\n\nprint(radius)", "fill": "math.tau"})
    async with start("vs-code", standin) as editor:
        _, key, _ = open_book(
            editor, "file:///project/nb.ipynb", "import math\n", "radius = ", "print(radius)\n"
        )
        await editor.engine_ready()
        answer = await editor.completion(key, 0, 9)
        assert [item.insert_text for item in answer.items] == ["math.tau"]
        assert answer.items[0].range == t.Range(t.Position(0, 9), t.Position(0, 9))


async def test_a_cell_is_rewritten(start: Start, standin: Standin) -> None:
    """The edits are the cell's."""
    standin.answers({"instruction": "shout", "fill": "B = 2\n"})
    async with start("vs-code", standin) as editor:
        _, key = open_book(editor, "file:///project/nb.ipynb", "a = 1\n", "b = 2\n")
        place = {
            "uri": key,
            "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 5}},
        }
        answer = await editor.run("remask.rewrite", {**place, "instruction": "shout", "apply": False})
        (change,) = answer["edit"]["documentChanges"]
        assert change["textDocument"]["uri"] == key
        assert [edit["newText"] for edit in change["edits"]] == ["B = 2"]


async def test_a_private_notebook_is_silent(start: Start, standin: Standin, tmp_path: Path) -> None:
    """What holds for the notebook's file holds for its cells, whose own names are no files'."""
    standin.answers({"fill": "1"})
    (tmp_path / ".remaskignore").write_text("*.ipynb\n", encoding="utf-8")
    folder = t.WorkspaceFolder(tmp_path.as_uri(), "work")
    async with start("vs-code", standin, workspace_folders=[folder]) as editor:
        (key,) = open_book(editor, (tmp_path / "nb.ipynb").as_uri(), "x = ")
        assert await editor.texts(key, 0, 4) == []
        assert editor.statuses[-1].silence == "ignored-file"
