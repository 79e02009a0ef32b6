"""One question of the command line to the model, through the same use cases as an editor's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from rich.console import Console

from lsp_server.app import build_services
from lsp_server.commands._canvas_view import CanvasView
from lsp_server.commands._remote import settle_consent, with_remote
from lsp_server.core.errors import EngineUnavailable, RemaskError
from lsp_server.core.types import SILENCE_TEXT, FillFigures, Silence
from lsp_server.engine.client import EngineStatus
from lsp_server.engine.launch import engine_log
from lsp_server.engine.protocol import FillResult, FrameEvent
from lsp_server.lsp.engine import ChosenEngine
from lsp_server.lsp.server import Services

INDEX_S = 2.0
"""How long a fill may wait for the index of its project; without it, it sees its own file alone."""
PROJECT_MARKS = (".git", ".hg", "pyproject.toml", "package.json", "Cargo.toml", "go.mod")

Result = TypeVar("Result")


@dataclass
class Onlooker:
    """Watches the fills of a document: their frames, if there is a view, and what they cost."""

    view: CanvasView | None = None
    results: list[FillResult] = field(default_factory=list)

    def frame(self, frame: FrameEvent) -> None:
        """See `Watcher`."""
        if self.view:
            self.view.frame(frame)

    def done(self, result: FillResult) -> None:
        """See `Watcher`."""
        self.results.append(result)

    @contextmanager
    def shown(self, progress: Progress) -> Iterator[None]:
        """Have the view, if there is one, in the terminal instead of `progress`."""
        if self.view is None:
            yield
            return
        progress.stop()
        with self.view:
            yield

    def finish(self, text: str) -> None:
        """Show what came of it."""
        if self.view:
            self.view.finish(text)

    @property
    def figures(self) -> FillFigures:
        """What all fills cost together."""
        each = [result.figures for result in self.results]
        return FillFigures(
            forwards=sum(one.forwards for one in each),
            tokens=sum(one.tokens for one in each),
            latency_ms=sum(one.latency_ms for one in each),
            context_tokens=sum(one.context_tokens for one in each),
            cached_tokens=sum(one.cached_tokens for one in each),
        )


class Progress:
    """Says on `console` what is waited for: a spinner in a terminal, else lines about what takes long.

    A `quiet` one says nothing outside a terminal: what a filter prints ends up in the user's text.
    """

    def __init__(self, console: Console, *, quiet: bool) -> None:
        self._console = console
        self._spinner = console.status("") if console.is_terminal else None
        self._quiet = quiet
        self._last = ""

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Make room for what is printed next."""
        self.stop()

    def stop(self) -> None:
        """Take the spinner away."""
        if self._spinner:
            self._spinner.stop()

    def say(self, message: str) -> None:
        """Show what is going on."""
        if self._spinner:
            self._spinner.update(message)
            self._spinner.start()

    def engine(self, status: EngineStatus) -> None:
        """Follow the engine's start."""
        if status.phase == "starting":
            self.say("waiting for the engine")
        elif status.phase == "loading":
            self.say(
                status.message if status.progress is None else f"{status.message} ({status.progress:.0%})"
            )
            if not (self._spinner or self._quiet or status.message == self._last):
                self._console.print(status.message, markup=False, highlight=False, soft_wrap=True)
            self._last = status.message


def answer(
    options: Mapping[str, object],
    progress: Progress,
    work: Callable[[Services], Awaitable[Result]],
    project: Path | None = None,
) -> Result:
    """Do `work` once the engine is ready; `options` are settings as editors send them.

    `project` is a folder whose definitions the model may see, if they are quickly found.

    Raises:
        RemaskError: the engine cannot be had, or what `work` raises.
    """
    return asyncio.run(_answer(options, progress, work, project))


def project_of(file: Path | None) -> Path | None:
    """The innermost folder around a file that looks like a project."""
    folders = file.parents if file else ()
    return next((each for each in folders if any((each / mark).exists() for mark in PROJECT_MARKS)), None)


def silent(silence: Silence, engine: ChosenEngine) -> RemaskError:
    """Why nothing came of it, for a person."""
    status = engine.status
    if silence in {Silence.ENGINE_DOWN, Silence.ENGINE_STARTING}:
        said = status.message or "the engine did not answer"
        return EngineUnavailable(said, hint=status.hint or f"Its log, {engine_log()}, may say why.")
    return RemaskError(f"nothing was changed: {SILENCE_TEXT[silence]}")


async def _answer(
    options: Mapping[str, object],
    progress: Progress,
    work: Callable[[Services], Awaitable[Result]],
    project: Path | None,
) -> Result:
    services = build_services()
    services.configuration.start(with_remote(options))
    if (engine := services.configuration.settings.engine).url.strip():
        progress.stop()
        settle_consent(engine, services.consents)
    services.engine.subscribe(progress.engine)
    if project:
        services.workspace.set_roots([project])
    try:
        await _ready(services.engine)
        if project:
            await asyncio.to_thread(services.workspace.wait_idle, INDEX_S)
        progress.say("denoising")
        return await work(services)
    finally:
        await services.completer.close()
        await services.engine.close()
        services.workspace.close()


async def _ready(engine: ChosenEngine) -> None:
    await engine.ensure()
    if engine.status.phase == "failed":
        raise EngineUnavailable(engine.status.message, hint=engine.status.hint)
