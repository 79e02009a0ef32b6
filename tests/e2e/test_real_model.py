"""Whole sessions with the real engine and the default model, as VS Code and as Neovim begin them."""

from __future__ import annotations

import ast
import asyncio
import shutil
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import pytest_asyncio
from lsprotocol import types as t

from lsp_server.core.settings import DEFAULT_MODEL
from lsp_server.engine.address import Address, address_path, read_address
from lsp_server.engine.store.files import model_dir
from lsp_server.engine.store.manifest import entry
from tests.e2e.conftest import PATIENCE_S, Shell
from tests.e2e.editing import after, edits_of
from tests.lsp.conftest import Editor, Standin, Start

pytestmark = [pytest.mark.e2e, pytest.mark.model, pytest.mark.asyncio]

UNHURRIED = {"completion": {"budgetMs": 120_000, "minConfidence": 0}, "rewrite": {"budgetMs": 240_000}}
"""Settings with which a busy machine gives the answers of an idle one, only later."""
CURSOR = "<cursor>"
TOTAL = f'''\
from dataclasses import dataclass


@dataclass
class Item:
    name: str
    price: float
    quantity: int = 1


def total(items: list[Item]) -> float:
    """What all items cost together, in \U0001f4b6."""
    result = 0.0
    for item in items:
        {CURSOR}
    return result


print(total([Item("tea \U0001f375", 2.5, 4)]))
'''
AREA = f'''\
import math


def area(radius: float) -> float:
    """Area of a circle."""
    retu{CURSOR}


print(area(2))
'''
ADULTS = f"""\
interface User {{
  name: string;
  age: number;
}}

/** Names of all users of at least 18 years. */
function adults(users: User[]): string[] {{
  return users.filter((user) => {CURSOR}).map((user) => user.name);
}}

console.log(adults([{{ name: "Ada", age: 36 }}]));
"""
POSITIVES = """\
def positives(items):
    result = []
    for item in items:
        if item > 0:
            result.append(item)
    return result


print(positives([1, -1]))
"""
HOLES = '''\
def rectangle_area(width: float, height: float) -> float:
    """Area of a rectangle."""
    ...


print(rectangle_area(2, 3))
'''
Answer = TypeVar("Answer")


async def patiently(answer: Coroutine[Any, Any, Answer] | asyncio.Future[Answer]) -> Answer:
    return await asyncio.wait_for(answer, PATIENCE_S)


@pytest.fixture(scope="module")
def engine(real: Shell) -> Shell:
    """An engine that has loaded the model, before the first session looks for one."""
    (real.folder / "first.py").write_text("x = \n", encoding="utf-8")
    real.remask("fill", "first.py:1")
    return real


@pytest_asyncio.fixture(params=["vs-code", "neovim"])
async def real_editor(request: pytest.FixtureRequest, start: Start, engine: Shell) -> AsyncIterator[Editor]:
    """A session of each editor."""
    async with start(request.param, engine, UNHURRIED, initialization_options=UNHURRIED) as session:
        yield session


async def at_cursor(
    editor: Editor,
    marked: str,
    language: str = "python",
    **more: Any,  # noqa: ANN401 -- as `Editor.completion`
) -> tuple[str, t.InlineCompletionItem]:
    """The marked document without its mark, and the best suggestion there."""
    left, right = marked.split(CURSOR)
    text = left + right
    uri = editor.open(text, language=language)
    await editor.engine_ready()
    column = len(left.rpartition("\n")[2].encode("utf-16-le")) // 2
    answer = await patiently(editor.completion(uri, left.count("\n"), column, **more))
    assert answer, editor.statuses[-1]
    item = answer.items[0]
    place = t.Position(left.count("\n"), column)
    assert item.range == t.Range(place, place)
    return text, item


async def test_a_line_between_code_on_both_sides(real_editor: Editor) -> None:
    """What is inserted uses the names of both sides, fits in, and was watched being denoised."""
    text, item = await at_cursor(real_editor, TOTAL, token="mine")
    assert "item.price" in item.insert_text
    assert "result" in item.insert_text
    ast.parse(after(text, item))
    cells = real_editor.frames[-2].cells
    assert "item.price" in "".join(cell.text for cell in cells)
    assert real_editor.frames[-1].figures.forwards > 0


async def test_a_half_typed_word_is_completed(real_editor: Editor) -> None:
    """`retu` becomes a return of the right thing, unasked."""
    text, item = await at_cursor(real_editor, AREA, invoked=False)
    filled = after(text, item)
    assert "    return math.pi * radius" in filled
    ast.parse(filled)


async def test_a_place_inside_a_line_of_typescript(real_editor: Editor) -> None:
    """The condition names what the types have, and the brackets right of it still fit."""
    text, item = await at_cursor(real_editor, ADULTS, "typescript")
    assert "user.age" in item.insert_text
    assert "18" in item.insert_text
    filled = after(text, item)
    assert [filled.count(each) for each in "({["] == [filled.count(each) for each in ")}]"]


async def test_a_selection_is_rewritten_by_code_action(real_editor: Editor) -> None:
    """An edit for the version the client has, which makes other code of it that still parses."""
    uri = real_editor.open(POSITIVES)
    selection = t.Range(t.Position(0, 0), t.Position(6, 0))
    params = t.CodeActionParams(t.TextDocumentIdentifier(uri), selection, t.CodeActionContext(diagnostics=[]))
    offered = await real_editor.client.text_document_code_action_async(params)
    action = next(each for each in offered or () if each.title == "Rewrite with Remask")
    assert isinstance(action, t.CodeAction)
    if action.data:
        resolved = await patiently(real_editor.client.code_action_resolve_async(action))
        edit = resolved.edit
    else:
        assert action.command
        await patiently(_command(real_editor, action.command.command, *(action.command.arguments or ())))
        edit = real_editor.applied[0].edit
    rewritten = after(POSITIVES, *edits_of(edit, uri, version=1))
    assert rewritten != POSITIVES
    assert _names(rewritten) == {"positives"}


async def test_a_selection_is_rewritten_in_words(real_editor: Editor) -> None:
    """The instruction is followed, and the client is given the edit to apply."""
    uri = real_editor.open(POSITIVES)
    range_ = {"start": {"line": 0, "character": 0}, "end": {"line": 6, "character": 0}}
    said = {"uri": uri, "version": 1, "range": range_, "instruction": "Use a list comprehension."}
    answer = await patiently(_command(real_editor, "remask.rewrite", said))
    assert answer["applied"] is True
    rewritten = after(POSITIVES, *edits_of(real_editor.applied[0].edit, uri, version=1))
    assert any(isinstance(node, ast.ListComp) for node in ast.walk(ast.parse(rewritten)))
    assert _names(rewritten) == {"positives"}
    assert rewritten.endswith("print(positives([1, -1]))\n")


async def test_a_body_that_is_a_hole_is_filled(real_editor: Editor) -> None:
    """`...` gives way to a body that computes what the docstring says; nothing else changes."""
    uri = real_editor.open(HOLES)
    answer = await patiently(_command(real_editor, "remask.fillHoles", {"uri": uri}))
    assert answer["figures"]["tokens"] > 0
    filled = after(HOLES, *edits_of(real_editor.applied[0].edit, uri, version=1))
    assert "return width * height" in filled
    assert "..." not in filled
    assert _names(filled) == {"rectangle_area"}
    left, right = HOLES.split("...")
    assert filled.startswith(left)
    assert filled.endswith(right)


async def test_the_newer_of_two_quick_requests_is_answered(real_editor: Editor) -> None:
    """The older one gets null, the newer one its fill."""
    left, right = TOTAL.split(CURSOR)
    uri = real_editor.open(left + right)
    await real_editor.engine_ready()
    older = real_editor.completion(uri, 1, 0)
    newer = real_editor.completion(uri, left.count("\n"), 8)
    assert await patiently(older) is None
    assert "item.price" in (await patiently(newer)).items[0].insert_text


async def test_other_plugins_can_use_the_engine(engine: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """`/v1/completions` fills in the middle for whoever sends the token of the address file, else not."""
    address = _address(engine, monkeypatch)
    left, right = TOTAL.split(CURSOR)
    body = {"model": DEFAULT_MODEL, "prompt": left, "suffix": right, "max_tokens": 32, "temperature": 0}
    async with httpx.AsyncClient(base_url=address.url, timeout=PATIENCE_S, trust_env=False) as http:
        assert (await http.post("/v1/completions", json=body)).status_code == 401
        headers = {"Authorization": f"Bearer {address.token}"}
        answer = (await http.post("/v1/completions", json=body, headers=headers)).json()
        models = (await http.get("/v1/models", headers=headers)).json()
    assert "item.price" in answer["choices"][0]["text"]
    assert answer["usage"]["completion_tokens"] > 0
    assert [model["id"] for model in models["data"]] == [DEFAULT_MODEL]


async def test_all_sessions_shared_one_engine(engine: Shell) -> None:
    """However many servers there were, one process holds the model."""
    assert len(engine.engines()) == 1


@pytest.mark.usefixtures("real")
async def test_a_model_that_comes_late(start: Start, own_standin: Standin) -> None:
    """Without its file the status says so; once it is there a restart of the engine is all it takes."""
    del own_standin.env["REMASK_ENGINE_COMMAND"]
    async with start("neovim", own_standin, UNHURRIED, initialization_options=UNHURRIED) as editor:
        uri = editor.open(AREA.replace(CURSOR, ""))
        await editor.until(lambda: editor.statuses and editor.statuses[-1].kind == "Error")
        assert "remask pull" in editor.statuses[-1].message
        _install(own_standin.folder / "cache")
        editor.statuses.clear()
        await editor.run("remask.restartEngine")
        await patiently(editor.engine_ready())
        answer = await patiently(editor.completion(uri, 5, 8))
        assert "math.pi" in answer.items[0].insert_text


def _command(editor: Editor, name: str, *arguments: object) -> Coroutine[Any, Any, Any]:
    return editor.client.workspace_execute_command_async(t.ExecuteCommandParams(name, list(arguments)))


def _names(code: str) -> set[str]:
    """The functions that Python code defines at its top."""
    return {node.name for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)}


def _address(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Address:
    monkeypatch.setenv("REMASK_RUNTIME_DIR", shell.env["REMASK_RUNTIME_DIR"])
    address = read_address(address_path(DEFAULT_MODEL))
    assert address
    return address


def _install(cache: Path) -> None:
    """Put the model where the server looks for it; nothing is copied where links can be made."""
    source = model_dir(entry(DEFAULT_MODEL))
    target = cache / "models" / source.name
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.symlink_to(source, target_is_directory=True)
    except OSError:
        shutil.copytree(source, target)
