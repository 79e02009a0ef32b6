"""`remask eval`: how good the fills are, and what they cost."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lsp_server.core.settings import DEFAULT_MODEL


def command(
    *,
    problems: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Problems in HumanEval-Infilling's format; may be repeated."),
    ] = None,
    held_out: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="Held-out documents of scripts/build_corpus: a file or a folder."),
    ] = None,
    decode: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="As verified, confidence:0.7 or verified+repair; may be repeated."),
    ] = None,
    also: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="EXTRA",
            help="Also try each decode with cut, trim, repair, switch, names, candidates or both-sided.",
        ),
    ] = None,
    candidates: Annotated[int, typer.Option(min=2, max=8, help="How many fills are ranked.")] = 4,
    limit: Annotated[int | None, typer.Option(min=1, help="Most holes of a benchmark.")] = None,
    seed: Annotated[int, typer.Option(help="Chooses the holes.")] = 0,
    model: Annotated[str, typer.Option(help="See `remask models`.")] = DEFAULT_MODEL,
    adapter: Annotated[
        Path | None, typer.Option(metavar="FILE", help="An adapter instead of the model's own.")
    ] = None,
    threads: Annotated[int, typer.Option(min=0, help="0: as many as physical cores.")] = 0,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write all figures there.")] = None,
    markdown: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the table there, between its markers if it has them."),
    ] = None,
    records: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep every fill there, and go on from what is there.")
    ] = None,
    rescore: Annotated[bool, typer.Option("--rescore", help="Run the tests of known fills again.")] = False,
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="Show when the model's confidence can be relied on.")
    ] = False,
) -> None:
    """Fill holes whose answer is known, without telling their length, and count what is right."""
    from lsp_server.commands._evaluation import Output, Wish, run
    from lsp_server.evaluation.ways import chosen_ways

    wish = Wish(
        problems=tuple(problems or ()),
        held_out=tuple(held_out or ()),
        ways=tuple(chosen_ways(decode or [], also or [], count=candidates)),
        limit=limit,
        seed=seed,
        model=model,
        adapter=adapter,
        threads=threads,
        rescore=rescore,
    )
    run(wish, Output(json=json, markdown=markdown, records=records, calibrate=calibrate))
