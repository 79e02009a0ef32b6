"""`remask engine`: the process that holds the model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from lsp_server.core.errors import BadInput
from lsp_server.core.settings import DEFAULT_MODEL, EngineSettings
from lsp_server.engine.runtime.limits import TEAM, Limits

_DEFAULTS = EngineSettings()
_TEAM = "For a team (--listen)"


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
    listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Serve a team there, with keys.", rich_help_panel=_TEAM)
    ] = "",
    keys: Annotated[
        Path | None,
        typer.Option(envvar="REMASK_KEYS", help="File made by `remask key`.", rich_help_panel=_TEAM),
    ] = None,
    tls_certificate: Annotated[
        Path | None, typer.Option(help="PEM, with what it was signed by.", rich_help_panel=_TEAM)
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM.", rich_help_panel=_TEAM)] = None,
    insecure_http: Annotated[
        bool,
        typer.Option(
            help="Beyond loopback without TLS, as behind a proxy that does it.", rich_help_panel=_TEAM
        ),
    ] = False,
    waiting_each: Annotated[
        int, typer.Option(min=1, help="Requests of one user that may wait.", rich_help_panel=_TEAM)
    ] = TEAM.waiting_each or 1,
    per_minute: Annotated[
        int, typer.Option(min=1, help="Requests a minute of one user.", rich_help_panel=_TEAM)
    ] = TEAM.per_minute or 1,
    max_characters: Annotated[
        int, typer.Option(min=1, help="Of text in a request.", rich_help_panel=_TEAM)
    ] = TEAM.characters or 1,
    max_tokens: Annotated[
        int, typer.Option(min=1, help="That a request may have written.", rich_help_panel=_TEAM)
    ] = TEAM.tokens or 1,
    max_seconds: Annotated[
        float, typer.Option(min=1, help="That a request may take.", rich_help_panel=_TEAM)
    ] = TEAM.seconds or 1.0,
    max_body_kb: Annotated[
        int, typer.Option(min=1, help="KiB of a request.", rich_help_panel=_TEAM)
    ] = TEAM.body >> 10,
    connections: Annotated[
        int, typer.Option(min=1, help="Open at once.", rich_help_panel=_TEAM)
    ] = TEAM.connections or 1,
    drain_seconds: Annotated[
        float,
        typer.Option(min=0, help="To finish what is under way when told to stop.", rich_help_panel=_TEAM),
    ] = 20.0,
) -> None:
    """Run the engine: hold the model and answer on loopback. Servers start it by themselves.

    With --listen it serves a team: users are known by keys, take turns, and have limits.
    """
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
    if not listen:
        if tls_certificate or tls_key or insecure_http:
            raise BadInput("without --listen nobody but this machine's user is served")
        from lsp_server.engine.runtime.main import run

        run(model=model, port=port, settings=settings)
        return
    if port:
        raise BadInput("--listen has a port of its own, so --port means nothing")
    if keys is None:
        raise BadInput("--listen needs --keys", hint="Make the file with `remask key add NAME --keys FILE`.")
    from lsp_server.engine.runtime.team.listen import Place, certificate_for
    from lsp_server.engine.runtime.team.serve import Team, serve_team

    place = Place.parse(listen)
    limits = Limits(
        body=max_body_kb << 10,
        characters=max_characters,
        tokens=max_tokens,
        seconds=max_seconds,
        waiting=TEAM.waiting,
        waiting_each=waiting_each,
        per_minute=per_minute,
        connections=connections,
    )
    certificate = certificate_for(place, tls_certificate, tls_key, insecure_http=insecure_http)
    team = Team(place, keys, certificate, limits, drain_seconds)
    serve_team(model=model, team=team, settings=settings)
