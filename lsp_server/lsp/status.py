"""`didChangeStatus`: what the server is doing, in the shape Copilot's language server made common.

Clients differ in what they do with it. sidekick.nvim pops up every status that
is not Normal and has a `message`, so Inactive goes without one and says why in
`silence`; copilot-lsp reads the `message` of an Error without looking whether
there is one, so an Error always has one.
"""

from __future__ import annotations

from lsprotocol import types as t

from lsp_server.lsp.server import RemaskServer
from lsp_server.service.status import ServiceStatus

METHOD = "didChangeStatus"


def status_params(status: ServiceStatus) -> dict[str, object]:
    """The notification's params."""
    params: dict[str, object] = {"busy": status.busy, "kind": status.kind}
    if status.kind == "Error":
        params["message"] = status.message or "Remask cannot work; its log file says more"
    elif status.kind != "Inactive":
        params["message"] = status.message
    if status.silence is not None:
        params["silence"] = status.silence.value
    if status.remote:
        params["remote"] = status.remote
    return params


def tell_status(server: RemaskServer, status: ServiceStatus) -> None:
    """Send a status, once the client may be told anything.

    Many clients have no eye for it, so to those that do not say otherwise an error is shown as a
    message too, each a single time: a model that is not there must not look like one with nothing to say.
    """
    if not server.introduced:
        return
    params = status_params(status)
    server.protocol.notify(METHOD, params)
    if status.kind != "Error" or server.client.status:
        return
    if (message := str(params["message"])) not in server.complained:
        server.complained.add(message)
        server.window_show_message(t.ShowMessageParams(t.MessageType.Error, f"Remask: {message}"))
