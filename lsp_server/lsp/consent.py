"""Asking the user, in the editor, whether code may be sent to a remote engine."""

from __future__ import annotations

import logging

from lsprotocol import types as t

from lsp_server.core.errors import RemaskError
from lsp_server.engine.remote.consent import Consents
from lsp_server.engine.remote.endpoint import Endpoint
from lsp_server.lsp.server import RemaskServer

ALLOW, NOT_NOW, NEVER = "Send code there", "Not now", "Never"

_log = logging.getLogger(__name__)


def question(endpoint: Endpoint) -> str:
    """What is asked before anything is sent."""
    how = "encrypted" if endpoint.secure else "NOT encrypted"
    return (
        f"Remask is set to get suggestions from {endpoint.origin}. For each, the code around your cursor and"
        f" related code of the workspace is sent there, {how}. Files and texts that look like"
        " secrets are not. Allow it?"
    )


def ask_in_editor(server: RemaskServer, consents: Consents) -> None:
    """From now on have the user of `server` asked when an answer is wanted."""

    def wanted(endpoint: Endpoint) -> None:
        server.spawn(_ask(server, consents, endpoint))

    consents.on_wanted = wanted


async def _ask(server: RemaskServer, consents: Consents, endpoint: Endpoint) -> None:
    actions = [t.MessageActionItem(title) for title in (ALLOW, NOT_NOW, NEVER)]
    params = t.ShowMessageRequestParams(t.MessageType.Warning, question(endpoint), actions)
    try:
        answer = await server.window_show_message_request_async(params)
    except Exception as error:  # noqa: BLE001 -- a client that cannot ask has its own command line
        _log.info("not asked about %s: %s", endpoint.origin, type(error).__name__)
        return
    if answer is None or answer.title == NOT_NOW:
        return
    try:
        consents.note(endpoint, allowed=answer.title == ALLOW)
    except RemaskError as error:
        if answer.title == ALLOW:
            consents.allow_once(endpoint)
        server.warn(f"the answer about {endpoint.origin} holds for this session only: {error.args[0]}")
    try:
        await server.services.engine.ensure()
    except RemaskError as error:
        _log.info("no engine: %s", error)
