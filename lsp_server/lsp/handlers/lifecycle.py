"""From `initialize` to `shutdown`."""

from __future__ import annotations

import asyncio
import logging

import psutil
from lsprotocol import types as t
from pygls.uris import from_fs_path

from lsp_server.lsp.client import ClientFeatures
from lsp_server.lsp.handlers.configuration import introduce, tell_warnings
from lsp_server.lsp.handlers.workspace import use_folders
from lsp_server.lsp.lifetime import gone, seen
from lsp_server.lsp.options import section_of
from lsp_server.lsp.server import RemaskServer
from lsp_server.lsp.status import tell_status

SAVE_S = 300.0
"""Between two times that statistics are saved, so that a killed server loses little."""

_log = logging.getLogger(__name__)


def register(server: RemaskServer) -> None:
    """Register the lifecycle. `shutdown` and `exit` are the protocol's own."""
    server.feature(t.INITIALIZE)(initialize)
    server.feature(t.INITIALIZED)(initialized)
    server.feature(t.WINDOW_WORK_DONE_PROGRESS_CANCEL)(cancel_work)


def initialize(ls: RemaskServer, params: t.InitializeParams) -> None:
    """Note what the client can do and wants, before the answer tells what we can."""
    ls.client = ClientFeatures.of(params.capabilities)
    ls.services.configuration.start(section_of(params.initialization_options))
    use_folders(ls, _folders(params))
    # Looked for before the answer: an editor that dies right after it was there.
    if params.process_id is not None and (editor := seen(params.process_id)):
        ls.spawn(_leave_with(ls, editor))


def initialized(ls: RemaskServer, _params: t.InitializedParams) -> None:
    """From here on the client may be told and asked things."""
    ls.introduced = True
    tell_warnings(ls)
    tell_status(ls, ls.services.board.current)
    ls.spawn(introduce(ls))
    ls.spawn(_save_statistics(ls))


def cancel_work(ls: RemaskServer, params: t.WorkDoneProgressCancelParams) -> None:
    """End the work shown under a progress token."""
    if task := ls.running.get(params.token):
        task.cancel()


def _folders(params: t.InitializeParams) -> list[str]:
    if params.workspace_folders:
        return [folder.uri for folder in params.workspace_folders]
    root = params.root_uri or (from_fs_path(params.root_path) if params.root_path else None)
    return [root] if root else []


async def _leave_with(server: RemaskServer, editor: psutil.Process) -> None:
    await gone(editor)
    _log.info("the editor is gone")
    server.leave(1)


async def _save_statistics(server: RemaskServer) -> None:
    while True:
        await asyncio.sleep(SAVE_S)
        server.services.statistics.save()
