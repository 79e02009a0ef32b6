"""`remask models`: what there is to pull and what is installed."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

MIB = 1 << 20


class ModelRow(msgspec.Struct, frozen=True):
    """One model as this machine sees it. `runs_here`: it has the memory."""

    name: str
    title: str
    licence: str
    size_mib: int
    memory_mib: int
    runs_here: bool
    installed: bool
    path: str


def command(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """List the models: size, licence, memory, and whether they are installed and run here."""
    found = rows()
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(found)).decode())
    else:
        _print_table(found)


def rows() -> list[ModelRow]:
    """Every model of the manifest."""
    import psutil

    from lsp_server.engine.store.files import installed, model_path
    from lsp_server.engine.store.manifest import models

    memory_mib = psutil.virtual_memory().total // MIB
    return [
        ModelRow(
            name=model.name,
            title=model.title,
            licence=model.licence,
            size_mib=-(-model.size // MIB),
            memory_mib=model.memory_mib,
            runs_here=memory_mib >= model.memory_mib,
            installed=installed(model),
            path=str(model_path(model)),
        )
        for model in models()
    ]


def _print_table(found: list[ModelRow]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("Model", "Size", "Licence", "Memory", "Runs here", "Installed", box=None, pad_edge=False)
    for row in found:
        table.add_row(
            row.name,
            f"{row.size_mib:,} MiB",
            row.licence,
            f"{row.memory_mib:,} MiB",
            "yes" if row.runs_here else "no: too little memory",
            "yes" if row.installed else f"no: remask pull {row.name}",
        )
    console = Console()
    console.print(table)
    for row in found:
        if row.installed:
            console.print(f"\n{row.name}: {row.path}", markup=False, highlight=False, soft_wrap=True)
