"""`remask train`: train the adapter, on a corpus or on your own code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lsp_server.core.settings import DEFAULT_MODEL


def command(
    *,
    on: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="A repository of yours; ignored and private files are left out."),
    ] = None,
    data: Annotated[
        list[Path] | None,
        typer.Option(metavar="FOLDER", help="Shards of scripts/build_corpus; may be repeated."),
    ] = None,
    pairs: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Rewrites by instruction made before; may be repeated."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Where adapter, log and checkpoints go; with --on a folder of its own."
        ),
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0, help="Budget of time; 20 if there is none in steps either.")
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Budget of steps.")] = None,
    pause: Annotated[
        float | None, typer.Option(min=0, help="Stop after so many minutes, to be resumed; the budget stays.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the newest checkpoint of --out.")
    ] = False,
    checkpoint: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Go on from this checkpoint.")
    ] = None,
    init: Annotated[
        Path | None,
        typer.Option(
            metavar="ADAPTER", help="Begin with this adapter; with --on, or a sketcher, the model's own."
        ),
    ] = None,
    part: Annotated[
        str | None,
        typer.Option(
            help="base: what makes fills better, the default with --on; denoiser: what makes them quicker, "
            "else the default; or sketcher: the few layers that draft.",
            metavar="NAME",
        ),
    ] = None,
    model: Annotated[str, typer.Option(help="See `remask models`.")] = DEFAULT_MODEL,
    rank: Annotated[int | None, typer.Option(min=1, help="Of LoRA; else the first adapter's, or 32.")] = None,
    batch: Annotated[
        int | None,
        typer.Option(
            min=1, help="Examples of a forward pass; else 64 on a GPU, and 8 or, for the base, 4 without."
        ),
    ] = None,
    accumulate: Annotated[int, typer.Option(min=1, help="Forward passes of a step.")] = 1,
    learning_rate: Annotated[
        float | None, typer.Option(help="At its peak; else 1e-4 for a known adapter, 4e-4 for a new one.")
    ] = None,
    recompute: Annotated[bool, typer.Option("--recompute", help="Less memory for more time.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    workers: Annotated[
        int | None, typer.Option(min=0, help="Processes that make examples; else by the number of cores.")
    ] = None,
    held_out: Annotated[
        int | None, typer.Option(min=0, help="Held-out examples to look at; else 256 on a GPU, 48 without.")
    ] = None,
    save_minutes: Annotated[float, typer.Option(min=0.1, help="Between two checkpoints.")] = 5.0,
    seed: Annotated[int, typer.Option(help="Chooses examples and noise.")] = 0,
) -> None:
    """Train the adapter of a model; prints where it lies. Nothing leaves this machine.

    Several GPUs: torchrun --nproc-per-node N -m lsp_server train ...
    """
    from lsp_server.commands._training import Learning, Wish, run

    learning = Learning(
        minutes=20.0 if minutes is None and steps is None else minutes,
        steps=steps,
        pause=pause,
        batch=batch,
        accumulate=accumulate,
        learning_rate=learning_rate,
        workers=workers,
        save_minutes=save_minutes,
        seed=seed,
    )
    wish = Wish(
        on=on,
        data=tuple(data or ()),
        pairs=tuple(pairs or ()),
        out=out,
        resume=resume,
        checkpoint=checkpoint,
        init=init,
        part=part,
        model=model,
        rank=rank,
        recompute=recompute,
        device=device,
        held_out=held_out,
    )
    run(wish, learning)
