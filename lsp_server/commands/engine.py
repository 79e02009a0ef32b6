"""`remask engine`: the process that holds the model."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

import typer

from lsp_server.core.settings import DEFAULT_MODEL, EngineSettings

_DEFAULTS = EngineSettings()


def command(
    *,
    model: Annotated[str, typer.Option(help="Name of the model, see `remask models`.")] = DEFAULT_MODEL,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0: any free port.")] = 0,
    idle_minutes: Annotated[
        float, typer.Option(min=0.0, help="Exit after this long without a request; 0: never.")
    ] = _DEFAULTS.idle_minutes,
    threads: Annotated[
        int, typer.Option(min=0, help="0: as many as there are physical cores.")
    ] = _DEFAULTS.threads,
    parallel: Annotated[
        int, typer.Option(min=0, max=256, help="Fills at once; 0: one on a processor, 32 on a GPU.")
    ] = _DEFAULTS.parallel,
    memory_mb: Annotated[
        int, typer.Option(min=0, help="MiB to hold at most; 0: half of the machine's memory.")
    ] = _DEFAULTS.memory_mb,
    device: Annotated[Literal["auto", "cpu", "cuda"], typer.Option()] = _DEFAULTS.device,
    precision: Annotated[Literal["auto", "int8", "bf16", "fp32"], typer.Option()] = _DEFAULTS.precision,
    backend: Annotated[Literal["auto", "numba", "openvino", "torch"], typer.Option()] = _DEFAULTS.backend,
) -> None:
    """Run the engine: hold the model and answer on loopback. Servers start it by themselves."""
    from lsp_server.engine.runtime.main import run

    settings = replace(
        _DEFAULTS,
        idle_minutes=idle_minutes,
        threads=threads,
        parallel=parallel,
        memory_mb=memory_mb,
        device=device,
        precision=precision,
        backend=backend,
    )
    run(model=model, port=port, settings=settings)
