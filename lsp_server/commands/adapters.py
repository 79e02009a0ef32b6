"""`remask adapters`: the adapters trained on the user's own code, and an end to one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer


def command(
    *,
    remove: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Remove the adapter of the code there.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a list.")] = False,
) -> None:
    """List adapters of your own code that `remask train --on PATH` made and that helped."""
    from lsp_server.engine.store.own import kept

    if remove is not None:
        _remove(remove)
        return
    found = kept()
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(found)).decode())
    elif not found:
        print("there are none: `remask train --on PATH` makes one, and keeps it if it helps")
    for own in () if as_json else found:
        from lsp_server.commands._own import table

        print(f"{own.trained_on}\n  {own.id}, for {own.model}, {own.made:%Y-%m-%d}")
        if own.figures:
            print(table(own.figures))


def _remove(code: Path) -> None:
    import shutil

    from lsp_server.core.errors import BadInput
    from lsp_server.engine.store.files import prepared_dir
    from lsp_server.engine.store.manifest import models
    from lsp_server.engine.store.own import folder_name, forget

    if not forget(code):
        raise BadInput(f"there is no adapter for {code}", hint="`remask adapters` lists them.")
    for model in models():
        shutil.rmtree(prepared_dir(model) / "own" / folder_name(code), ignore_errors=True)
    print(f"removed: code in {code} is filled as the model ships")
