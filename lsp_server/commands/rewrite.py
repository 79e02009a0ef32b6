"""`remask rewrite`: lines of a file or of the standard input, rewritten; for scripts and filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lsp_server.commands._place import CONTEXT

if TYPE_CHECKING:
    from lsp_server.commands._deliver import Answer
    from lsp_server.commands._session import Onlooker, Progress
    from lsp_server.commands._source import Source
    from lsp_server.core.types import Span
    from lsp_server.lsp.server import Services
    from lsp_server.service.wish import Wish

__all__ = ["CONTEXT", "command"]

_BUDGET_MS = 600_000
"""Who waits can interrupt."""


def command(
    place: Annotated[
        str,
        typer.Argument(
            metavar="FILE:START-END",
            help="Lines to rewrite, counted from 1, both included. FILE - is the standard input, "
            "which is printed rewritten; without lines all of it is meant.",
        ),
    ],
    *,
    instruction: Annotated[
        str | None,
        typer.Option("--instruction", "-i", help="What to do, in words; by default to simplify the code."),
    ] = None,
    strength: Annotated[
        float | None,
        typer.Option(
            min=0.0, max=1.0, help="The share of the tokens to denoise anew; below 1 the length stays."
        ),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(
            help="What to do, by name: simplify, types, docs, rename, errors, async, test, or fix with "
            "--instruction as the problem's message.",
        ),
    ] = None,
    lock: Annotated[
        str | None,
        typer.Option(help="What must stay, with commas: names, literals, signatures, comments."),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(metavar="START-END", help="Lines that must stay as they are; may be repeated."),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(help="Print the lines in another language, by its LSP id, as in --to go."),
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="LSP language id; by default that of the file's name.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**53, help="The same seed gives the same rewrite.")] = 0,
    diff: Annotated[bool, typer.Option("--diff", help="Print a unified diff.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    in_place: Annotated[bool, typer.Option("--in-place", help="Change the file.")] = False,
    watch_steps: Annotated[bool, typer.Option("--watch-steps", help="Show the denoising on stderr.")] = False,
) -> None:
    """Rewrite lines of a file, and print what they become."""
    from rich.console import Console

    from lsp_server.commands._canvas_view import CanvasView
    from lsp_server.commands._deliver import Wish, deliver
    from lsp_server.commands._place import STDIN, parse_lines, span_of
    from lsp_server.commands._session import Onlooker, Progress
    from lsp_server.commands._source import nothing_lost, read_raw, source_of
    from lsp_server.commands._wish import aside_of, wish_of

    lines = parse_lines(place)
    if in_place and lines.file == STDIN:
        raise typer.BadParameter("--in-place needs a file")
    if (to or task == "test") and (in_place or diff):
        raise typer.BadParameter("a test or a translation is printed, it changes no lines")
    console = Console(stderr=True)
    seen = Onlooker(CanvasView(console, title=f"rewriting {place}") if watch_steps else None)
    raw = read_raw(lines.file)
    with nothing_lost(lines.file, raw), Progress(console, quiet=lines.file == STDIN) as progress:
        source = source_of(lines.file, raw, language)
        span = span_of(source.document.text, lines)
        wish = wish_of(source, instruction, strength, task, lock, keep or [], to)
        if wish.source or task == "test":
            source, span = aside_of(source, span, to)
        answer = _ask(source, span, wish, seed, seen, progress)
        progress.stop()
        deliver(source, answer, seen, Wish(diff=diff, as_json=as_json, in_place=in_place))


def _ask(source: Source, span: Span, wish: Wish, seed: int, seen: Onlooker, progress: Progress) -> Answer:
    from lsp_server.commands._deliver import Answer, region
    from lsp_server.commands._session import answer, silent

    async def work(services: Services) -> Answer:
        document = services.documents.open(source.document)
        on_frame = (lambda _: None) if seen.view else None
        with services.engine.watched(document.key, seen), seen.shown(progress):
            rewrite = await services.rewriter.run(
                "rewrite", document, span, wish, seed=seed, on_frame=on_frame
            )
            if rewrite.left:
                progress.say(f"time was up: {rewrite.left} later parts are as they were")
            if rewrite.silence:
                raise silent(rewrite.silence, services.engine)
            text = region(source.document.text, span, rewrite.edits)
            seen.finish(text)
        return Answer(rewrite.edits, text)

    return answer({"rewrite": {"budgetMs": _BUDGET_MS}}, progress, work)
