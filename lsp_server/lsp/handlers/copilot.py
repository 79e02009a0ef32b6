"""Notifications that clients of Copilot's language server send and nobody has to answer."""

from __future__ import annotations

from lsp_server.lsp.server import RemaskServer

METHODS = (
    "textDocument/didShowCompletion",
    "textDocument/didShowInlineEdit",
    "textDocument/didPartiallyAcceptCompletion",
)
"""What is shown or partly accepted is counted from the changes that follow, for every client alike."""


def register(server: RemaskServer) -> None:
    """Register the notifications."""
    server.feature("textDocument/didFocus")(did_focus)
    for method in METHODS:
        server.feature(method)(heard)


def did_focus(ls: RemaskServer, params: object) -> None:
    """Read what the user looks at now; without a document it is none of ours."""
    uri = getattr(getattr(params, "textDocument", None), "uri", None)
    if isinstance(uri, str):
        ls.services.ahead.opened(uri)


def heard(_ls: RemaskServer, _params: object) -> None:
    """Take note of nothing."""
