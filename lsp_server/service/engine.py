"""What the use cases need of an engine; `EngineClient` is one, tests have their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from lsp_server.core.errors import (
    BadInput,
    Cancelled,
    EngineUnavailable,
    ModelMissing,
    RemaskError,
    Superseded,
    Withheld,
)
from lsp_server.core.types import Silence
from lsp_server.engine.client import EngineStatus
from lsp_server.engine.protocol import FillRequest, FillResult, FrameEvent

OnFrame = Callable[[FrameEvent], None]


class Engine(Protocol):
    """Fills holes."""

    @property
    def status(self) -> EngineStatus:
        """What the engine is doing now."""

    async def fill(
        self, request: FillRequest, on_frame: OnFrame | None = None, *, wait: bool = False
    ) -> FillResult:
        """Fill the holes; with `wait`, wait for an engine that is still starting."""


def silence_of(error: RemaskError, status: EngineStatus) -> Silence:
    """What a completion answers when the engine raised `error`."""
    match error:
        case Superseded() | Cancelled():
            return Silence.SUPERSEDED
        case ModelMissing():
            return Silence.MODEL_MISSING
        case Withheld():
            return Silence.PRIVATE_FILE
        case BadInput():
            return Silence.UNSUPPORTED_TEXT
        case EngineUnavailable() if status.phase in {"starting", "loading"}:
            return Silence.ENGINE_STARTING
        case _:
            return Silence.ENGINE_DOWN
