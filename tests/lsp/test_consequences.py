"""A change with consequences, and holes of several documents, in the real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types as t
from pygls.exceptions import JsonRpcException

from tests.lsp.conftest import PATIENCE_S, Editor, Standin, Start

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio,
    pytest.mark.filterwarnings("error::pytest_lsp.LspSpecificationWarning"),
]
PRICES = (
    "def price(item, count):\n    return item.cost * count\n\n\ndef one(item):\n    return price(item, 1)\n"
)
ORDERS = "from prices import price\n\n\ndef order(item, currency):\n    return price(item, 2)\n"
RULES = ({"before": "price(item, 1,", "fill": " item.x)"}, {"before": "price(item, 2,", "fill": " currency)"})
CHANGE = "remask.changeWithConsequences"
AT = {"line": 0, "character": 5}


class Project:
    """A folder with two files; `prices` is open."""

    def __init__(self, editor: Editor, folder: Path) -> None:
        self.editor, self.folder = editor, folder
        self.orders = (folder / "orders.py").as_uri()
        self.prices = editor.open(PRICES, (folder / "prices.py").as_uri())

    async def change(self, **more: object) -> Any:  # noqa: ANN401 -- JSON
        return await self.editor.run(CHANGE, {"uri": self.prices, "position": AT, **more})

    def applied(self) -> dict[str, tuple[int | None, str]]:
        """Of the last edit: by file the version it is for, and the text it leads to."""
        return {
            uri.rsplit("/", 1)[-1]: (version, made(ORDERS if uri == self.orders else PRICES, edits))
            for uri, (version, edits) in of_documents(self.editor.applied[-1].edit).items()
        }


def of_documents(edit: t.WorkspaceEdit) -> dict[str, tuple[int | None, list[Any]]]:
    """Versions and edits by URI; the version is -1 where the client cannot check it."""
    found: dict[str, tuple[int | None, list[Any]]] = {}
    for uri, edits in (edit.changes or {}).items():
        found[uri] = (-1, list(edits))
    for change in edit.document_changes or ():
        assert isinstance(change, t.TextDocumentEdit)
        found[change.text_document.uri] = (change.text_document.version, list(change.edits))
    return found


def made(text: str, edits: list[t.TextEdit]) -> str:
    lines = text.split("\n")
    for edit in reversed(edits):
        start, end = (
            sum(len(line) + 1 for line in lines[: at.line]) + at.character
            for at in (edit.range.start, edit.range.end)
        )
        text = text[:start] + edit.new_text + text[end:]
    return text


@pytest_asyncio.fixture(params=["vs-code", "neovim"])
async def project(
    request: pytest.FixtureRequest, start: Start, standin: Standin, tmp_path: Path
) -> AsyncIterator[Project]:
    folder = tmp_path
    (folder / "prices.py").write_text(PRICES, encoding="utf-8")
    (folder / "orders.py").write_text(ORDERS, encoding="utf-8")
    standin.answers(*RULES)
    named = t.WorkspaceFolder(folder.as_uri(), folder.name)
    async with start(request.param, standin, workspace_folders=[named]) as editor:
        yield Project(editor, folder)


async def test_new_parameters_reach_the_calls_in_one_edit(project: Project) -> None:
    """The file that is not open is part of it, without a version, and stays as it is on disk."""
    answer = await project.change(signature="item, count, currency")
    assert (answer["applied"], answer["documents"], list(answer["left"])) == (True, 2, [])
    assert len(project.editor.applied) == 1
    found = project.applied()
    header = PRICES.replace("count)", "count, currency)", 1)
    assert found["prices.py"][0] in {1, -1}
    assert found["prices.py"][1] == header.replace("price(item, 1)", "price(item, 1, item.x)")
    assert found["orders.py"][0] in {None, -1}
    assert found["orders.py"][1] == ORDERS.replace("price(item, 2)", "price(item, 2, currency)")
    assert (project.folder / "orders.py").read_text(encoding="utf-8") == ORDERS


async def test_what_the_model_wrote_is_shown_first_where_the_client_can(project: Project) -> None:
    """Edits that follow by syntax need no confirmation; clients without previews get plain edits."""
    answer = await project.change(signature="item, count, currency", apply=False)
    assert answer["applied"] is False
    assert project.editor.applied == []
    said = str(answer["edit"])
    assert ("remask.model" in said) == ("remask.sure" in said) == ("'needsConfirmation': True" in said)
    assert "documentChanges" not in said or "remask.model" in said


async def test_a_new_name_reaches_the_imports(project: Project) -> None:
    """By name at the cursor; a bad one, or a place where nothing is defined, is refused."""
    await project.change(name="cost_of")
    text = ORDERS.replace("price", "cost_of").replace("cost_ofs", "prices")
    assert project.applied()["orders.py"][1] == text
    for wrong in ({"name": "not a name"}, {"name": "x", "position": {"line": 1, "character": 4}}, {}):
        with pytest.raises(JsonRpcException) as caught:
            await project.change(**wrong)
        assert caught.value.code == -32602


async def test_what_was_typed_is_offered_as_an_action(project: Project) -> None:
    """With the number of places, at the header that changed; the command carries the change on."""
    editor = project.editor
    end = t.Position(0, PRICES.index(")"))
    typed = t.TextDocumentContentChangePartial(t.Range(end, end), ", currency")
    assert await updates(project, 5) == []
    editor.change(project.prices, typed)
    assert await updates(project, 5) == ["Update 2 uses of `price` with Remask"]
    answer = await project.change(version=2)
    assert answer["edits"] == 2
    versions = [version for version, _ in of_documents(editor.applied[-1].edit).values()]
    assert versions in ([2, None], [-1, -1])


async def updates(project: Project, character: int) -> list[str]:
    """The titles of actions that carry a change on; the client's library takes them for bare commands."""
    place = t.Position(0, character)
    found = await project.editor.client.text_document_code_action_async(
        t.CodeActionParams(
            text_document=t.TextDocumentIdentifier(project.prices),
            range=t.Range(place, place),
            context=t.CodeActionContext(diagnostics=[]),
        )
    )
    return [each.title for each in found or () if each.title.startswith("Update")]


async def until_asked(project: Project) -> None:
    """Wait until the places are found: the progress counts what the model is asked for."""

    def messages() -> list[str]:
        told = project.editor.client.progress_reports.values()
        return [getattr(each, "message", None) or "" for reports in told for each in reports]

    async with asyncio.timeout(PATIENCE_S):
        while "1 of 2" not in messages():  # noqa: ASYNC110 -- pytest-lsp keeps progress, and tells nobody
            await asyncio.sleep(0.02)


async def test_all_is_refused_if_one_document_moved(project: Project, standin: Standin) -> None:
    """A change of a call in the other document, while the model writes: nothing is applied."""
    editor = project.editor
    gate = project.folder / "go"
    standin.answers(*({**rule, "gate": str(gate)} for rule in RULES))
    editor.open(ORDERS, project.orders)
    await editor.engine_ready()
    running = asyncio.ensure_future(project.change(signature="item, count, currency"))
    await until_asked(project)
    call = t.Range(t.Position(4, 11), t.Position(4, 25))
    editor.change(project.orders, t.TextDocumentContentChangePartial(call, "None"))
    gate.touch()
    with pytest.raises(JsonRpcException) as caught:
        await running
    assert caught.value.code == -32801
    assert editor.applied == []
    with pytest.raises(JsonRpcException) as caught:
        await project.change(name="cost_of", version=7)
    assert caught.value.code == -32801


async def test_holes_of_all_open_documents_are_one_edit(project: Project, standin: Standin) -> None:
    """The definition's first, then the call's, which sees it; holes elsewhere are left when one is named."""
    editor = project.editor
    editor.close(project.prices)
    standin.answers({"before": "draw(box, ", "fill": "colour"}, {"before": "draw(shape, ", "fill": "colour"})
    use = editor.open(
        "from shapes import draw\n\n\ndef show(box, colour):\n    draw(box, ___)\n", "file:///p/use.py"
    )
    shapes = editor.open("def draw(shape, ___):\n    print(shape)\n", "file:///p/shapes.py")
    answer = await editor.run("remask.fillHolesTogether", {})
    assert (answer["applied"], answer["edits"], answer["documents"]) == (True, 2, 2)
    assert set(of_documents(editor.applied[-1].edit)) == {use, shapes}
    alone = await editor.run("remask.fillHolesTogether", {"uris": [shapes]})
    assert alone["documents"] == 1
