from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Wire

pytestmark = pytest.mark.asyncio
BOOK = "file:///project/nb.ipynb"
SYNCS = {"notebookDocument": {"synchronization": {"dynamicRegistration": False}}}


def key(name: str) -> str:
    return f"vscode-notebook-cell:/project/nb.ipynb#{name}"


def item(name: str, text: str) -> dict[str, Any]:
    return {"uri": key(name), "languageId": "python", "version": 1, "text": text}


def cells(names: str) -> list[dict[str, Any]]:
    return [{"kind": 2, "document": key(name)} for name in names]


def opened(wire: Wire, **texts: str) -> None:
    book = {"uri": BOOK, "notebookType": "jupyter-notebook", "version": 1, "cells": cells("".join(texts))}
    items = [item(name, text) for name, text in texts.items()]
    wire.notify("notebookDocument/didOpen", {"notebookDocument": book, "cellTextDocuments": items})


def changed(wire: Wire, **cells: object) -> None:
    book = {"uri": BOOK, "version": 2}
    wire.notify("notebookDocument/didChange", {"notebookDocument": book, "change": {"cells": cells}})


def around(wire: Wire, name: str) -> tuple[str, str]:
    document = wire.server.services.documents.get(key(name))
    assert document is not None
    return wire.server.services.notebooks.around(document)


async def test_only_who_has_notebooks_is_offered_them(wire: Wire) -> None:
    """Every kind of notebook and all its cells, for a client that said it synchronises them."""
    assert "notebookDocumentSync" not in (await wire.start())["capabilities"]


async def test_every_notebook_is_wanted(wire: Wire) -> None:
    """Whatever its type."""
    capabilities = (await wire.start(SYNCS))["capabilities"]
    assert capabilities["notebookDocumentSync"] == {"notebookSelector": [{"notebook": "*"}]}


async def test_cells_are_documents_in_their_order(wire: Wire) -> None:
    """Typed into, put in, taken out, closed: each text is current, and so is what stands around it."""
    await wire.start(SYNCS)
    opened(wire, a="x = 1", b="")
    assert around(wire, "b") == ("x = 1\n\n", "")
    edit = {"document": {"uri": key("a"), "version": 2}, "changes": [{"text": "x = 2"}]}
    changed(wire, textContent=[edit])
    assert around(wire, "b") == ("x = 2\n\n", "")
    array = {"start": 1, "deleteCount": 0, "cells": cells("c")}
    changed(wire, structure={"array": array, "didOpen": [item("c", "y = 3")]})
    assert around(wire, "b") == ("x = 2\n\ny = 3\n\n", "")
    array = {"start": 0, "deleteCount": 1}
    changed(wire, structure={"array": array, "didClose": [{"uri": key("a")}]})
    assert around(wire, "b") == ("y = 3\n\n", "")
    assert wire.server.services.documents.get(key("a")) is None
    closing = {"notebookDocument": {"uri": BOOK}, "cellTextDocuments": [{"uri": key("b")}]}
    wire.notify("notebookDocument/didClose", closing)
    assert wire.server.services.documents.all() == ()


async def test_a_cell_lies_in_its_notebooks_file(wire: Wire) -> None:
    """So what holds for the file holds for it; but the index has no cell for the file's text."""
    await wire.start(SYNCS)
    opened(wire, a="x = 1")
    document = wire.server.services.documents.get(key("a"))
    assert document is not None
    assert document.path is not None
    assert document.path.as_uri() == BOOK
    assert wire.workspace.texts == {}
    assert wire.engine.calls["ensure"] == 0
    await wire.settle()
    assert wire.engine.calls["ensure"] == 1


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"cells": None},
        {"metadata": {}},
        {"cells": {"textContent": [{"document": {"uri": "unknown", "version": 1}, "changes": []}]}},
        {"cells": {"structure": {"array": {"start": 7, "deleteCount": 7}}}},
        {"cells": {"structure": {"array": {"start": -1, "deleteCount": 0}}}},
        {"cells": {"data": [{"kind": 1, "document": "unknown"}]}},
        7,
    ],
)
async def test_a_change_that_makes_no_sense_harms_nothing(wire: Wire, change: object) -> None:
    """The cells stay as they are, and the next change is taken."""
    await wire.start(SYNCS)
    opened(wire, a="x = 1", b="")
    for book in (BOOK, "file:///unknown.ipynb"):
        params = {"notebookDocument": {"uri": book, "version": 2}, "change": change}
        wire.notify("notebookDocument/didChange", params)
    assert around(wire, "b") == ("x = 1\n\n", "")
    edit = {"document": {"uri": key("a"), "version": 2}, "changes": [{"text": "x = 2"}]}
    changed(wire, textContent=[edit])
    assert around(wire, "b") == ("x = 2\n\n", "")
