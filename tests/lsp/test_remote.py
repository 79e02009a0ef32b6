"""`remask serve` with `engine.url`: a server of OpenAI's kind in this process, and the stand-in behind it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types as t

sys.path.insert(0, str(Path(__file__).parents[1] / "standin"))
from completions import Reply, Stage, staged, text_events

if TYPE_CHECKING:
    from conftest import Editor, Standin, Start

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio]
TEXT = "def f(a):\n    return \n\n\nprint(f(1))\n"
Begin = Callable[[str, dict[str, Any]], AbstractAsyncContextManager["Editor"]]
KEY = "sk-0123456789abcdef"
SECRETIVE = TEXT + 'password = "correct-horse-battery"\n'


def settings(url: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    return {"engine": {"url": url, **more}, "completion": {"ahead": False, "debounceMs": 0}}


@pytest.fixture
def begin(start: Start, standin: Standin) -> Begin:
    """Begins a session with these settings, known from the first word on."""

    def session(name: str, options: dict[str, Any]) -> AbstractAsyncContextManager[Editor]:
        return start(name, standin, options, initialization_options=options)

    return session


def stage_of(*fills: str) -> Stage:
    stage = Stage()
    stage.models("Qwen/Qwen2.5-Coder-7B")
    stage.on("/v1/completions", *(text_events(fill) for fill in fills))
    return stage


@pytest.fixture
def standin(own_standin: Standin, tmp_path: Path) -> Standin:
    own_standin.env |= {"REMASK_CONFIG_DIR": str(tmp_path / "config"), "REMASK_ENGINE_KEY": KEY}
    own_standin.answers({"fill": "here"})
    return own_standin


@pytest.mark.parametrize("name", ["vs-code", "neovim"])
async def test_the_server_elsewhere_answers(begin: Begin, standin: Standin, name: str) -> None:
    """With its key, in its model's layout; no engine is started here, and no log has the key or the code."""
    async with staged(stage_of("there")) as stage, begin(name, settings(stage.url)) as editor:
        uri = editor.open(TEXT)
        assert await editor.texts(uri, 1, 11, invoked=False) == ["there"]
        prompt = stage.bodies()[0]["prompt"]
        assert "<|fim_prefix|>def f(a):\n<|fim_suffix|>\n\n\nprint" in prompt
        assert prompt.endswith("<|fim_middle|>    return ")
        assert {each.headers["authorization"] for each in stage.seen} == {f"Bearer {KEY}"}
    assert not list(standin.folder.glob("run/engine-*.json"))
    logs = "".join(path.read_text(encoding="utf-8") for path in (standin.folder / "log").glob("*"))
    assert KEY not in logs
    assert "def f" not in logs


async def test_when_it_dies_the_engine_here_answers(begin: Begin) -> None:
    """After two failures in a row; the status says so, and that it does no more once the server is back."""
    stage = stage_of("there")
    async with staged(stage), begin("vs-code", settings(stage.url)) as editor:
        uri = editor.open(TEXT)
        assert await editor.texts(uri, 1, 11) == ["there"]
        stage.on("/v1/models", Reply(500))
        stage.on("/v1/completions", Reply(500, {"error": {"message": f"bad {KEY}"}}))
        answers: list[list[str]] = []
        async with asyncio.timeout(60):
            while not answers or answers[-1] != ["here"]:
                answers.append(await _after_a_change(editor, uri, len(answers)))
        assert answers[0] == []
        told = [status.message for status in editor.statuses if status.kind == "Warning"]
        assert any("this machine's engine answers" in message for message in told)
        assert not any(KEY in message for message in told)


async def _after_a_change(editor: Editor, uri: str, number: int) -> list[str]:
    """What is offered once the document is another than before."""
    whole = t.TextDocumentContentChangeWholeDocument(TEXT + f"# {number}\n")
    editor.change(uri, whole, version=number + 2)
    return await editor.texts(uri, 1, 11)


Asked = Callable[[t.ShowMessageRequestParams], Coroutine[Any, Any, t.MessageActionItem | None]]


def answering(editor: Editor, title: str) -> list[str]:
    """Answer questions so from now on; what is asked is in the list."""
    asked: list[str] = []

    @editor.client.feature(t.WINDOW_SHOW_MESSAGE_REQUEST)
    def show(params: t.ShowMessageRequestParams) -> t.MessageActionItem | None:
        asked.append(params.message)
        editor.news.set()
        return next((each for each in params.actions or () if each.title == title), None)

    return asked


@pytest.mark.parametrize(("answer", "kept"), [("Send code there", True), ("Never", False), ("Not now", None)])
async def test_the_user_is_asked_before_code_leaves(
    begin: Begin, tmp_path: Path, answer: str, kept: bool | None
) -> None:
    """Once, in the editor; meanwhile the engine here answers, and the answer is kept beside no workspace."""
    from lsp_server.engine.remote.consent import Consents
    from lsp_server.engine.remote.endpoint import Endpoint

    url = "https://gpu-box.invalid:8443"
    async with begin("vs-code", settings(url)) as editor:
        asked = answering(editor, answer)
        uri = editor.open(TEXT)
        await editor.until(lambda: asked)
        await editor.until(lambda: editor.statuses[-1].kind == "Warning" and not editor.statuses[-1].busy)
        if not kept:
            assert await editor.texts(uri, 1, 11) == ["here"]
        consents = Consents(tmp_path / "config" / "remote.json")
        async with asyncio.timeout(60):
            while kept is not None and not consents.answers():
                await editor.run("remask.status")
        answers = consents.answers()
        assert [each.allowed for each in answers.values()] == ([] if kept is None else [kept])
        assert consents.allows(Endpoint.of(url)) is (kept is True)
    assert len(asked) == 1
    assert url in asked[0]


async def test_a_folder_cannot_choose_the_server(start: Start, standin: Standin, tmp_path: Path) -> None:
    """What a client says of a workspace folder chooses no engine, so that opening it sends nothing."""
    async with staged(stage_of("there")) as stage:
        folder = t.WorkspaceFolder(uri=tmp_path.as_uri(), name="evil")
        async with start("vs-code", standin, None, workspace_folders=[folder]) as editor:
            editor.client.set_configuration({"remask": settings(stage.url)}, scope_uri=tmp_path.as_uri())
            editor.client.workspace_did_change_configuration(t.DidChangeConfigurationParams({}))
            uri = editor.open(TEXT, f"{tmp_path.as_uri()}/a.py")
            await editor.engine_ready()
            assert await editor.texts(uri, 1, 11) == ["here"]
        assert stage.seen == []
