"""One module for each concern; `register` in each tells the server what it handles."""

from __future__ import annotations

from lsp_server.lsp.handlers import (
    code_action,
    commands,
    configuration,
    consequences,
    copilot,
    documents,
    doubts,
    inline_completion,
    lifecycle,
    next_edit,
    notebooks,
    suspicion,
    workspace,
)
from lsp_server.lsp.server import RemaskServer


def register_all(server: RemaskServer) -> None:
    """Register every handler."""
    for concern in (
        lifecycle,
        documents,
        notebooks,
        inline_completion,
        next_edit,
        code_action,
        commands,
        configuration,
        workspace,
        copilot,
        doubts,
        suspicion,
        consequences,
    ):
        concern.register(server)
