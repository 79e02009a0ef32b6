"""`remask models`: what there is to pull and what is installed."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

MIB = 1 << 20
LEAST_WIDTH = 100
"""Columns of the table, which a narrower terminal wraps: names are there to be copied."""


class ModelRow(msgspec.Struct, frozen=True):
    """One model as this machine sees it. `runs_here`: it has the memory, its own or a GPU's.

    `family` is what it is filled as; "fim" is the default's.
    """

    name: str
    title: str
    licence: str
    size_mib: int
    memory_mib: int
    runs_here: bool
    installed: bool
    path: str
    family: str = "fim"


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
    """Every model of the manifest, then every published checkpoint."""
    from lsp_server.engine.store.checkpoints import checkpoint_dir, pulled
    from lsp_server.engine.store.files import installed, model_path
    from lsp_server.engine.store.manifest import checkpoints, models

    memory_mib = _memory_mib()
    with_adapter = [
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
    published = [
        ModelRow(
            name=each.name,
            title=each.title,
            licence=each.licence,
            size_mib=each.size_mib,
            memory_mib=each.memory_mib,
            runs_here=memory_mib >= each.memory_mib,
            installed=pulled(each),
            path=str(checkpoint_dir(each)),
            family=each.family,
        )
        for each in checkpoints()
    ]
    return with_adapter + published


def _memory_mib() -> int:
    """The machine's memory, or that of its largest GPU if that is more."""
    import psutil

    return max(psutil.virtual_memory().total // MIB, gpu_memory_mib())


def gpu_memory_mib() -> int:
    """Memory of the largest GPU that NVIDIA's own tool lists; 0: none. Torch would take seconds to say."""
    import shutil
    import subprocess

    tool = shutil.which("nvidia-smi")
    if tool is None:
        return 0
    asked = (tool, "--query-gpu=memory.total", "--format=csv,noheader,nounits")
    try:
        said = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    return max((int(line) for line in said.split() if line.isdecimal()), default=0)


def _print_table(found: list[ModelRow]) -> None:
    from rich.console import Console
    from rich.table import Table

    columns = ("Model", "Family", "Size", "Licence", "Memory", "Runs here", "Installed")
    table = Table(*columns, box=None, pad_edge=False)
    for column in table.columns:
        column.no_wrap = True
    for row in found:
        table.add_row(
            row.name,
            row.family,
            _gib(row.size_mib),
            row.licence,
            _gib(row.memory_mib),
            "yes" if row.runs_here else "no",
            "yes" if row.installed else "no",
        )
    console = Console(width=max(LEAST_WIDTH, Console().width))
    console.print(table)
    console.print("\n`remask pull NAME` fetches one. Where it says no, memory is too small.", highlight=False)
    for row in found:
        if row.installed:
            console.print(f"\n{row.name}: {row.path}", markup=False, highlight=False, soft_wrap=True)


def _gib(mib: int) -> str:
    return f"{mib / 1024:.1f} GiB"
