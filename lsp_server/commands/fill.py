"""`remask fill`: a fill at a place in a file, for scripts and filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lsp_server.commands._place import CONTEXT

if TYPE_CHECKING:
    from rich.console import Console

    from lsp_server.commands._canvas_view import CanvasView
    from lsp_server.commands._deliver import Answer
    from lsp_server.commands._session import Onlooker, Progress
    from lsp_server.commands._source import Source
    from lsp_server.lsp.server import Services

__all__ = ["CONTEXT", "command"]

_BUDGET_MS = 60_000
"""Nobody is typing."""


def command(
    place: Annotated[
        str,
        typer.Argument(
            metavar="FILE:LINE[:COL]",
            help="Where to fill, counted from 1; without COL at the end of the line. "
            "FILE - is the standard input, which is printed with the fill in it.",
        ),
    ],
    *,
    language: Annotated[
        str | None, typer.Option(help="LSP language id; by default that of the file's name.")
    ] = None,
    candidates: Annotated[int, typer.Option(min=1, max=8, help="How many fills to ask for.")] = 1,
    seed: Annotated[int, typer.Option(min=0, max=2**53, help="The same seed gives the same fills.")] = 0,
    diff: Annotated[bool, typer.Option("--diff", help="Print a unified diff.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    in_place: Annotated[bool, typer.Option("--in-place", help="Change the file.")] = False,
    watch_steps: Annotated[bool, typer.Option("--watch-steps", help="Show the denoising on stderr.")] = False,
) -> None:
    """Fill in what belongs at a place of a file, and print it."""
    from rich.console import Console

    from lsp_server.commands._deliver import Wish, deliver
    from lsp_server.commands._place import STDIN, offset_of, parse_cursor
    from lsp_server.commands._session import Onlooker, Progress
    from lsp_server.commands._source import nothing_lost, read_raw, source_of

    cursor = parse_cursor(place)
    if in_place and cursor.file == STDIN:
        raise typer.BadParameter("--in-place needs a file")
    console, seen = Console(stderr=True), Onlooker()
    raw = read_raw(cursor.file)
    with nothing_lost(cursor.file, raw), Progress(console, quiet=cursor.file == STDIN) as progress:
        source = source_of(cursor.file, raw, language)
        offset = offset_of(source.document.text, cursor)
        if watch_steps:
            seen.view = _view(console, source, offset)
        answer = _ask(source, offset, candidates, seed, seen, progress)
        progress.stop()
        deliver(source, answer, seen, Wish(diff=diff, as_json=as_json, in_place=in_place))


def _ask(
    source: Source, offset: int, candidates: int, seed: int, seen: Onlooker, progress: Progress
) -> Answer:
    from lsp_server.commands._deliver import Answer, Choice
    from lsp_server.commands._session import answer, project_of, silent

    async def work(services: Services) -> Answer:
        document = services.documents.open(source.document)
        with services.engine.watched(document.key, seen), seen.shown(progress):
            completion = await services.completer.complete(document, offset, invoked=True)
            if completion.silence:
                raise silent(completion.silence, services.engine)
            best = completion.suggestions[0].edit
            seen.finish(best.text)
        choices = tuple(Choice(each.edit.text, each.confidence) for each in completion.suggestions)
        return Answer((best,), best.text, choices)

    chosen = {"candidates": candidates, "seed": seed, "budgetMs": _BUDGET_MS}
    return answer({"completion": chosen}, progress, work, project_of(source.document.path))


def _view(console: Console, source: Source, offset: int) -> CanvasView:
    from lsp_server.commands._canvas_view import CanvasView, around

    before, after = around(source.document.text, offset)
    return CanvasView(console, title=source.name, before=before, after=after, healed=True)
