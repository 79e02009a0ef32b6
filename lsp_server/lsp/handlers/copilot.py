"""Notifications that clients of Copilot's language server send and nobody has to answer."""

from __future__ import annotations

from lsp_server.lsp.server import RemaskServer

METHODS = (
    "textDocument/didFocus",
    "textDocument/didShowCompletion",
    "textDocument/didShowInlineEdit",
    "textDocument/didPartiallyAcceptCompletion",
)
"""What is shown or partly accepted is counted from the changes that follow, for every client alike."""


def register(server: RemaskServer) -> None:
    """Register the notifications."""
    for method in METHODS:
        server.feature(method)(heard)


def heard(_ls: RemaskServer, _params: object) -> None:
    """Take note of nothing."""
