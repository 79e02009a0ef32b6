"""`remask serve`: the language server."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    *,
    tcp: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Listen here instead of stdio, for debugging.")
    ] = None,
    stdio: Annotated[  # noqa: ARG001 -- what happens anyway; many clients pass it
        bool, typer.Option("--stdio", help="Speak over stdin and stdout (the default).")
    ] = False,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
) -> None:
    """Run the language server over stdin and stdout."""
    from lsp_server.app import serve

    serve(tcp=tcp, log_level=log_level)
