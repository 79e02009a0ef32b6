"""Remask's side, twice: the real engine process over HTTP, and the filler inside this process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import psutil

from benchmark.processes import cpu_seconds
from benchmark.sides import OTHERS, Ask, Fill
from lsp_server.core.cancel import CancelToken
from lsp_server.core.settings import EngineSettings
from lsp_server.engine.client import EngineClient
from lsp_server.engine.protocol import Decode, EngineState, FillRequest, FillResult, Hole, Sampling

if TYPE_CHECKING:
    from lsp_server.engine.runtime.fill import DiffusionFiller


def requests_to_forget() -> list[FillRequest]:
    """One token behind each of `OTHERS`."""
    sampling = Sampling(decode=Decode.LEFT_TO_RIGHT)
    return [request_for(Ask(text, "", max_tokens=1), sampling) for text in OTHERS]


def request_for(ask: Ask, sampling: Sampling) -> FillRequest:
    """What is asked, as the engine is asked it."""
    start = len(ask.prefix)
    hole = Hole(
        start,
        start + len(ask.selected),
        max_tokens=ask.max_tokens,
        max_lines=ask.max_lines,
        min_indent=ask.min_indent or None,
    )
    return FillRequest(
        text=ask.prefix + ask.selected + ask.suffix,
        holes=(hole,),
        language="python",
        instruction=ask.instruction,
        sampling=sampling,
    )


def fill_of(result: FillResult, ms: float) -> Fill:
    """What the tables need of an engine's answer; the context is counted with the token before the hole."""
    figures = result.figures
    return Fill(
        text=result.candidates[0].fills[0].text,
        ms=ms,
        tokens=figures.tokens,
        forwards=figures.forwards,
        context=figures.context_tokens + 1,
        cached=figures.cached_tokens,
    )


class EngineSide:
    """A `Side`: an engine process of its own, asked as the language server asks it."""

    name = "remask"

    def __init__(self, model: str, threads: int, sampling: Sampling) -> None:
        """Start an engine and wait until it has loaded `model`.

        Raises:
            RemaskError: it could not be started.
            RuntimeError: it could not load the model.
        """
        self._sampling = sampling
        self._runner = asyncio.Runner()
        settings = EngineSettings(threads=threads, idle_minutes=5)
        self._client = EngineClient(settings=settings, model=model, client_id="benchmark")
        self._runner.run(self._client.ensure())
        health = self._runner.run(self._client.health())
        if health is None:
            raise RuntimeError("the engine went away")
        self.pid = health.pid
        if health.state is EngineState.FAILED:
            self.close()
            raise RuntimeError(health.message)
        self.backend = health.backend
        self.adapter = health.adapter

    def fill(self, ask: Ask) -> Fill:
        """See `Side`; timed from the request to the last byte of the answer."""
        return self._runner.run(self._timed(request_for(ask, self._sampling)))

    def forget(self) -> None:
        """See `Side`. The engine has no command for it, but it holds only so many contexts."""
        for request in requests_to_forget():
            self._runner.run(self._client.fill(request))

    def cpu_seconds(self) -> float:
        """See `Side`."""
        return cpu_seconds(self.pid)

    def close(self) -> None:
        """End the engine."""
        self._runner.run(self._client.close())
        self._runner.close()
        with contextlib.suppress(psutil.Error):
            engine = psutil.Process(self.pid)
            engine.terminate()
            engine.wait(10)

    async def _timed(self, request: FillRequest) -> Fill:
        started = time.perf_counter()
        result = await self._client.fill(request)
        return fill_of(result, (time.perf_counter() - started) * 1000)


class InProcessSide:
    """A `Side`: the same filler without the engine's process and HTTP around it."""

    name = "in_process"

    def __init__(self, filler: DiffusionFiller, sampling: Sampling) -> None:
        self._filler = filler
        self._sampling = sampling

    def fill(self, ask: Ask) -> Fill:
        """See `Side`."""
        request = request_for(ask, self._sampling)
        started = time.perf_counter()
        result = self._filler.fill(request, cancel=CancelToken())
        return fill_of(result, (time.perf_counter() - started) * 1000)

    def forget(self) -> None:
        """See `Side`."""
        for request in requests_to_forget():
            self._filler.fill(request, cancel=CancelToken())

    def cpu_seconds(self) -> float:
        """See `Side`."""
        return time.process_time()

    def close(self) -> None:
        """See `Side`."""
        self._filler.close()


@contextlib.contextmanager
def private_engine() -> Iterator[None]:
    """Inside, engines are started apart from the user's own one."""
    with tempfile.TemporaryDirectory(prefix="remask-bench-", ignore_cleanup_errors=True) as folder:
        before = dict(os.environ)
        os.environ.update(
            REMASK_RUNTIME_DIR=os.path.join(folder, "run"),  # noqa: PTH118
            REMASK_LOG_DIR=folder,
            REMASK_DATA_DIR=folder,
        )
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)
