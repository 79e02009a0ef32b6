"""`remask change`: a definition gets another name or other parameters, and all that uses it follows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lsp_server.core.types import Document
    from lsp_server.lsp.server import Services
    from lsp_server.service.across.edited import Together
    from lsp_server.service.consequences.changed import Changed

_BUDGET_MS = 600_000
_INDEX_S = 120.0
"""How long the files of the project may take to be looked through."""


def command(
    place: Annotated[
        str,
        typer.Argument(
            metavar="FILE:LINE[:COL]",
            help="Where it is defined, counted from 1; without COL the first function of the line is meant.",
        ),
    ],
    *,
    name: Annotated[str | None, typer.Option(help="Its new name.")] = None,
    signature: Annotated[
        str | None,
        typer.Option(help="A function's new parameters, as in its definition: 'item, count, tax'."),
    ] = None,
    project: Annotated[
        Path | None, typer.Option(help="The folder to look through; by default the project around the file.")
    ] = None,
    in_place: Annotated[bool, typer.Option("--in-place", help="Change the files.")] = False,
) -> None:
    """Change a definition and what uses it in all files of a project, and print a unified diff."""
    import asyncio

    from rich.console import Console

    from lsp_server.commands._place import STDIN, offset_of, parse_cursor
    from lsp_server.commands._session import Progress, answer, project_of
    from lsp_server.commands._several import deliver_all, refuse_nothing
    from lsp_server.commands._source import read_raw, source_of

    if (name is None) == (signature is None):
        raise typer.BadParameter("give either --name or --signature")
    cursor = parse_cursor(place)
    if cursor.file == STDIN:
        raise typer.BadParameter("a definition in the standard input is used by nothing else")
    source = source_of(cursor.file, read_raw(cursor.file), None)
    at = offset_of(source.document.text, cursor)
    if cursor.column is None:
        at = _first_function(source.document, at)

    async def work(services: Services) -> Together:
        document = services.documents.open(source.document)
        services.workspace.overlay(document)
        await asyncio.to_thread(services.workspace.wait_idle, _INDEX_S)
        changed = _changed(services, document, at, name, signature)
        together = await services.follower.follow(
            changed, lambda done, total: progress.say(f"denoising {done + 1} of {total}")
        )
        refuse_nothing(together, services.engine)
        return together

    folder = project or project_of(source.document.path) or Path(cursor.file).absolute().parent
    with Progress(Console(stderr=True), quiet=False) as progress:
        together = answer({"rewrite": {"budgetMs": _BUDGET_MS}}, progress, work, folder)
    deliver_all(together, in_place=in_place)


def _first_function(document: Document, end: int) -> int:
    """Where the first function is named on the line that ends at `end`; else there."""
    from lsp_server.syntax.languages import language_for
    from lsp_server.syntax.parse import parse
    from lsp_server.syntax.signatures import signatures

    start = document.text.rfind("\n", 0, end) + 1
    parsed = parse(document.text, language_for(document.language, document.path))
    return next((each.at.start for each in signatures(parsed) if start <= each.at.start <= end), end)


def _changed(
    services: Services, document: Document, at: int, name: str | None, signature: str | None
) -> Changed:
    from lsp_server.service.consequences.changed import by_name, by_signature

    parsed = services.documents.parsed_for(document)
    if name is not None:
        return by_name(document, parsed, at, name)
    return by_signature(document, parsed, at, signature or "")
