"""Workspace folders: which files may give context, and whose settings hold where."""

from __future__ import annotations

from lsprotocol import types as t

from lsp_server.lsp.convert import to_path
from lsp_server.lsp.handlers.configuration import pull
from lsp_server.lsp.server import RemaskServer


def register(server: RemaskServer) -> None:
    """Register folder changes."""
    server.feature(t.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)(did_change_workspace_folders)


def did_change_workspace_folders(ls: RemaskServer, params: t.DidChangeWorkspaceFoldersParams) -> None:
    """Take folders away and in."""
    removed = {folder.uri for folder in params.event.removed}
    kept = [uri for uri in ls.folders if uri not in removed]
    use_folders(ls, [*kept, *(folder.uri for folder in params.event.added)])
    ls.spawn(pull(ls))


def use_folders(server: RemaskServer, uris: list[str]) -> None:
    """Make `uris` the workspace; what is not a folder on disk gives settings only."""
    server.folders = tuple(dict.fromkeys(uris))
    paths = [path for uri in server.folders if (path := to_path(uri))]
    server.services.workspace.set_roots(paths)
