from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from lsp_server import __version__

if TYPE_CHECKING:
    from conftest import Wire

pytestmark = pytest.mark.asyncio
ONE, TWO = (Path(name).absolute() for name in ("/one", "/two"))


def folder(path: Path | str) -> dict[str, str]:
    uri = path.as_uri() if isinstance(path, Path) else path
    return {"uri": uri, "name": "folder"}


async def test_exactly_these_capabilities_are_announced(wire: Wire) -> None:
    """What a client may ask for is what there are handlers for, no more and no less."""
    result = await wire.start()
    assert result["serverInfo"] == {"name": "remask", "version": __version__}
    capabilities = result["capabilities"]
    capabilities["workspace"].pop("fileOperations")
    assert sorted(capabilities["executeCommandProvider"].pop("commands")) == [
        "remask.changeWithConsequences",
        "remask.didAcceptCompletionItem",
        "remask.dismissNextEdit",
        "remask.dismissSuspicion",
        "remask.fillBody",
        "remask.fillHoles",
        "remask.fillHolesTogether",
        "remask.restartEngine",
        "remask.rewrite",
        "remask.snooze",
        "remask.status",
        "remask.suspect",
        "remask.takeAlternative",
        "remask.takeNow",
    ]
    assert capabilities == {
        "positionEncoding": "utf-16",
        "textDocumentSync": {"openClose": True, "change": 2, "save": True},
        "inlineCompletionProvider": True,
        "hoverProvider": True,
        "codeActionProvider": {
            "codeActionKinds": ["refactor.rewrite", "quickfix", "source.remask.suspect"],
            "resolveProvider": True,
        },
        "executeCommandProvider": {"workDoneProgress": True},
        "workspace": {"workspaceFolders": {"supported": True, "changeNotifications": True}},
    }


@pytest.mark.parametrize(
    ("params", "roots"),
    [
        ({}, []),
        ({"rootUri": ONE.as_uri()}, [ONE]),
        ({"rootPath": str(ONE)}, [ONE]),
        ({"rootUri": ONE.as_uri(), "workspaceFolders": [folder(TWO)]}, [TWO]),
        ({"workspaceFolders": [folder(ONE), folder(TWO), folder(ONE)]}, [ONE, TWO]),
        ({"workspaceFolders": [folder("untitled:x"), folder("vscode-remote://host/one")]}, []),
        ({"workspaceFolders": None, "rootUri": None}, []),
        ({"rootUri": "not a uri"}, []),
    ],
)
async def test_the_workspace_is_what_the_client_opens(
    wire: Wire, params: dict[str, Any], roots: list[Path]
) -> None:
    """Folders win over the root; only folders on disk are indexed."""
    await wire.start(**params)
    assert wire.workspace.roots == roots


async def test_folders_come_and_go(wire: Wire) -> None:
    """`didChangeWorkspaceFolders` changes what is indexed; removing an unknown one is no mistake."""
    await wire.start(workspaceFolders=[folder(ONE)])
    event = {"added": [folder(TWO)], "removed": [folder(ONE), folder("file:///unknown")]}
    wire.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    assert wire.workspace.roots == [TWO]


async def test_the_server_leaves_with_its_editor(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the process named in `initialize` is gone, the server ends."""
    watched: list[int] = []

    async def gone(process: psutil.Process) -> None:
        watched.append(process.pid)

    monkeypatch.setattr("lsp_server.lsp.handlers.lifecycle.gone", gone)
    await wire.start(processId=os.getpid())
    assert watched == [os.getpid()]
    assert wire.left == [1]


async def test_opening_a_document_has_the_engine_ready(wire: Wire) -> None:
    """The first document to be completed starts it; one that is turned off does not."""
    await wire.start(initializationOptions={"languages": {"markdown": False}})
    wire.open("# x", uri="file:///project/a.md", language="markdown")
    await wire.settle()
    assert wire.engine.calls["ensure"] == 0
    wire.open("x = 1")
    await wire.settle()
    assert wire.engine.calls["ensure"] == 1
