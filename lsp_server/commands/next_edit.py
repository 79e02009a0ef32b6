"""`remask next-edit`: what follows from a change that was made to a file, for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lsp_server.commands._session import Progress
    from lsp_server.commands._source import Source
    from lsp_server.core.types import Edit
    from lsp_server.lsp.server import Services


def command(
    before: Annotated[str, typer.Argument(help="The file as it was.")],
    after: Annotated[str, typer.Argument(help="The file as it is now; - is the standard input.")],
    *,
    language: Annotated[
        str | None, typer.Option(help="LSP language id; by default that of the file's name.")
    ] = None,
) -> None:
    """Print a unified diff of the change that follows from the last one, or nothing."""
    from rich.console import Console

    from lsp_server.commands._place import STDIN
    from lsp_server.commands._session import Progress
    from lsp_server.commands._source import read_raw, source_of

    earlier = source_of(before, read_raw(before), language)
    now = source_of(after, read_raw(after), language or earlier.document.language)
    with Progress(Console(stderr=True), quiet=after == STDIN) as progress:
        edit = _predicted(earlier, now, progress)
    if edit is not None:
        typer.echo(now.diff([edit]), nl=False)


def _predicted(earlier: Source, now: Source, progress: Progress) -> Edit | None:
    from dataclasses import replace

    from lsp_server.commands._session import answer, project_of, silent
    from lsp_server.core.diff import minimal_edits
    from lsp_server.core.types import Silence

    quiet = {Silence.NOTHING_TO_CHANGE, Silence.LOW_CONFIDENCE, Silence.NOT_HERE}

    async def work(services: Services) -> Edit | None:
        document = services.documents.open(replace(now.document, text=earlier.document.text))
        for edit in reversed(minimal_edits(document.text, now.document.text)):
            document = services.documents.change(document.key, [edit], None)
        predicted = await services.next_editor.predict(document)
        if predicted.silence is not None and predicted.silence not in quiet:
            raise silent(predicted.silence, services.engine)
        return predicted.edit.candidate.edit if predicted.edit else None

    settings = {"nextEdit": {"enabled": True}}
    return answer(settings, progress, work, project_of(now.document.path))
