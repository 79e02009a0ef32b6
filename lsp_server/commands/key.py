"""`remask key`: who may ask an engine that a team shares."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from lsp_server.core.errors import BadInput


def command(
    action: Annotated[Literal["add", "remove", "list"], typer.Argument()],
    name: Annotated[str, typer.Argument(help="Of the user; `metrics` is who reads the metrics.")] = "",
    *,
    keys: Annotated[
        Path, typer.Option(envvar="REMASK_KEYS", help="The file of keys, which holds only their hashes.")
    ],
) -> None:
    """Keep the keys of `remask engine --listen`: add a user and see their key once, remove one, list all."""
    from lsp_server.engine.runtime.team.keys import add_user, read_keys, remove_user

    if action == "list":
        print("\n".join(sorted(read_keys(keys))))
        return
    if not name:
        raise BadInput("whose?", hint=f"remask key {action} NAME")
    if action == "remove":
        remove_user(keys, name)
    else:
        print(add_user(keys, name))
