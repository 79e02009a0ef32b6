"""The `remask` command: one module of `lsp_server.commands` for each subcommand.

A module is imported when its subcommand runs, so that `remask serve` waits for
nothing it does not need. A module without a leading underscore is a subcommand of
its name (`_` is `-` there), with a function `command` whose signature and docstring are its usage;
`CONTEXT` there, if any, are settings for click.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pkgutil import iter_modules
from typing import Annotated, cast

import typer
from typer.core import TyperCommand, TyperGroup

from lsp_server import __version__, commands
from lsp_server.core.errors import RemaskError


class LazyCommands(TyperGroup):
    """The subcommands, found by name and imported when asked for."""

    def list_commands(self, ctx: object) -> list[str]:  # noqa: ARG002 -- the base class's signature
        """Names of all subcommands, sorted."""
        names = (found.name for found in iter_modules(commands.__path__) if found.name[0] != "_")
        return sorted(name.replace("_", "-") for name in names)

    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand | None:
        """The subcommand called `cmd_name`."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = import_module(f"{commands.__name__}.{cmd_name.replace('-', '_')}")
        single = typer.Typer(add_completion=False)
        single.command(cmd_name, context_settings=getattr(module, "CONTEXT", None))(module.command)
        return cast("TyperCommand", typer.main.get_command(single))


app = typer.Typer(
    name="remask",
    cls=LazyCommands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 -- typer calls it with the flag alone
    if wanted:
        print(f"remask {__version__}")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Local code completion and rewriting by a masked-diffusion language model."""


def main() -> None:
    """Run the command line; an error made for people is shown as one, and exits with 1."""
    try:
        app()
    except RemaskError as problem:
        print(f"remask: {problem}", file=sys.stderr)
        sys.exit(1)
