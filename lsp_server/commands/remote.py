"""`remask remote`: which engines elsewhere may be sent code, and the keys to them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lsp_server.engine.remote.endpoint import Endpoint


class Action(StrEnum):
    """What to do."""

    SHOW = "show"
    ALLOW = "allow"
    FORBID = "forbid"
    FORGET = "forget"
    KEY = "key"


def command(
    action: Annotated[
        Action, typer.Argument(help="show; allow, forbid or forget an engine; or store its key.")
    ] = Action.SHOW,
    url: Annotated[str, typer.Argument(help="The engine's address, as in engine.url.")] = "",
) -> None:
    """Say which remote engines may be sent code, and keep keys in the system's keyring.

    `key` reads the key from the terminal, where it is not shown, or from the standard input; an empty one
    deletes what is kept.
    """
    from lsp_server.core.errors import BadInput
    from lsp_server.engine.remote.consent import Consents, consent_path
    from lsp_server.engine.remote.endpoint import Endpoint

    consents = Consents()
    if action is Action.SHOW:
        for origin, answer in consents.answers().items():
            print(f"{origin}: {'allowed' if answer.allowed else 'forbidden'} since {answer.on}")
        print(f"answers are kept in {consent_path()}")
        return
    if not url:
        raise BadInput(f"{action} needs the engine's address", hint=f"remask remote {action} https://HOST")
    endpoint = Endpoint.of(url, plain_http=True)
    if action is Action.KEY:
        _keep_key(endpoint)
    elif action is Action.FORGET:
        consents.forget(endpoint)
        print(f"{endpoint.origin}: you will be asked")
    else:
        consents.note(endpoint, allowed=action is Action.ALLOW)
        print(f"{endpoint.origin}: {'allowed' if action is Action.ALLOW else 'forbidden'}")


def _keep_key(endpoint: Endpoint) -> None:
    import getpass
    import sys

    from lsp_server.engine.remote.key import keep_key

    said = f"Key to {endpoint.origin} (empty to delete it): "
    value = getpass.getpass(said) if sys.stdin.isatty() else sys.stdin.readline()
    keep_key(endpoint, value.strip())
    print(f"{endpoint.origin}: {'key kept in the keyring' if value.strip() else 'no key kept'}")
