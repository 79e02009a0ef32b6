"""`remask suspect`: places of files where the model, which sees both sides, would expect something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsp_server.commands._session import Progress
    from lsp_server.commands._source import Source
    from lsp_server.lsp.server import Services
    from lsp_server.service.suspicion.look import Look

FOUND = 3
"""Exit status when something was found; 1 is an error, as for all commands."""


def command(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="What to look through; - is the standard input.")
    ],
    *,
    language: Annotated[
        str | None, typer.Option(help="LSP language id; by default that of the file's name.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Look for suspicious code and print FILE:LINE:COLUMN and what would be likelier there.

    The exit status is 0 if nothing was found, and 3 if something was.
    """
    from rich.console import Console

    from lsp_server.commands._place import STDIN
    from lsp_server.commands._session import Progress
    from lsp_server.commands._source import read_raw, source_of

    sources = [source_of(file, read_raw(file), language) for file in files]
    with Progress(Console(stderr=True), quiet=STDIN in files) as progress:
        looks = _look(sources, progress)
    for source, look in zip(sources, looks, strict=True):
        _print(source, look, as_json=as_json)
    if any(look.flags for look in looks):
        raise typer.Exit(FOUND)


def _look(sources: Sequence[Source], progress: Progress) -> list[Look]:
    from lsp_server.commands._session import answer, silent

    async def work(services: Services) -> list[Look]:
        looks = []
        for source in sources:
            document = services.documents.open(source.document)

            def show(share: float, name: str = source.name) -> None:
                progress.say(f"looking through {name} ({share:.0%})")

            look = await services.looker.look(document, show)
            if look.silence:
                raise silent(look.silence, services.engine)
            looks.append(look)
        return looks

    return answer({}, progress, work)


def _print(source: Source, look: Look, *, as_json: bool) -> None:
    import json

    from lsp_server.service.suspicion.words import in_words

    text = source.document.text
    for flag in look.flags:
        line = text.count("\n", 0, flag.span.start) + 1
        column = flag.span.start - (text.rfind("\n", 0, flag.span.start) + 1) + 1
        if as_json:
            found = {
                "file": source.name,
                "line": line,
                "column": column,
                "kind": flag.kind.value,
                "present": text[flag.span.start : flag.span.end],
                "alternative": flag.alternative,
                "gain": round(flag.gain, 3),
            }
            typer.echo(json.dumps(found))
        else:
            typer.echo(f"{source.name}:{line}:{column}: {in_words(text, flag)}")
