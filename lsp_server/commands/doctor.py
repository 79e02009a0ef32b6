"""`remask doctor`: what this installation has, what is wrong with it, and what to do."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from lsp_server.core.settings import DEFAULT_MODEL

if TYPE_CHECKING:
    from lsp_server.commands._checks import Check


def command(
    *,
    model: Annotated[str, typer.Option(help="Name of the model to check.")] = DEFAULT_MODEL,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a list.")] = False,
) -> None:
    """Check this installation. Exits with 1 if something is wrong."""
    from rich.console import Console

    from lsp_server.commands._checks import check_all

    with Console(stderr=True).status("checking, the model's hash takes longest"):
        checks = check_all(model)
    sound = all(check.status != "problem" for check in checks)
    if as_json:
        print(msgspec.json.format(msgspec.json.encode({"ok": sound, "checks": checks})).decode())
    else:
        _print_list(checks)
    if not sound:
        raise typer.Exit(1)


def _print_list(checks: list[Check]) -> None:
    from rich.console import Console
    from rich.text import Text

    styles = {"ok": "green", "note": "yellow", "problem": "bold red"}
    console = Console(soft_wrap=True)
    for check in checks:
        line = Text.assemble((f"{check.status:<9}", styles[check.status]), f"{check.name:<16}{check.value}")
        if check.advice:
            line.append(f"\n{textwrap.indent(check.advice, ' ' * 25)}", style=styles[check.status])
        console.print(line)
    problems = sum(check.status == "problem" for check in checks)
    console.print(
        f"\n{problems} problem{'' if problems == 1 else 's'} found" if problems else "\nall is well"
    )
