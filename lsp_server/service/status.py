"""What the user is told about the state of things, in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from lsp_server.core.types import SILENCE_TEXT, Silence
from lsp_server.engine.client import EngineStatus

_INACTIVE = frozenset(
    {
        Silence.DISABLED,
        Silence.SNOOZED,
        Silence.IGNORED_FILE,
        Silence.PRIVATE_FILE,
        Silence.UNSUPPORTED_TEXT,
    }
)
_PASSING = frozenset({Silence.SUPERSEDED, Silence.STALE})
_OF_THE_ENGINE = frozenset({Silence.ENGINE_STARTING, Silence.ENGINE_DOWN, Silence.MODEL_MISSING})


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """`kind` as editors know it; `message` for a person, empty when all is well."""

    kind: Literal["Normal", "Error", "Warning", "Inactive"] = "Normal"
    busy: bool = False
    message: str = ""
    silence: Silence | None = None
    remote: str = ""
    """The host that code is sent to; empty while it stays on this machine."""


Subscriber = Callable[[ServiceStatus], None]


class StatusBoard:
    """Composes the engine's state, the last silence and the work in progress; tells about changes only."""

    def __init__(self) -> None:
        self.current = ServiceStatus()
        self._engine = EngineStatus(phase="stopped", message="", progress=None)
        self._silence: Silence | None = None
        self._working = 0
        self._subscribers: list[Subscriber] = []

    def subscribe(self, callback: Subscriber) -> None:
        """Call `callback` with every new status."""
        self._subscribers.append(callback)

    def engine(self, status: EngineStatus) -> None:
        """Note what the engine is doing."""
        self._engine = status
        if status.answers and self._silence in _OF_THE_ENGINE:
            self._silence = None
        self._tell()

    def silence(self, silence: Silence | None) -> None:
        """Note why there was no suggestion, or with None that there was one."""
        if silence in _PASSING:
            return
        self._silence = silence
        self._tell()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Be busy inside this context."""
        self._working += 1
        self._tell()
        try:
            yield
        finally:
            self._working -= 1
            self._tell()

    def _tell(self) -> None:
        status = self._compose()
        if status == self.current:
            return
        self.current = status
        for callback in self._subscribers:
            callback(status)

    def _compose(self) -> ServiceStatus:
        silence = self._silence
        busy = self._working > 0 or self._engine.phase in {"starting", "loading", "busy"}
        text = SILENCE_TEXT[silence] if silence else ""
        if silence in _INACTIVE:
            return ServiceStatus("Inactive", busy=False, message=text, silence=silence)
        if self._engine.phase == "failed" or silence is Silence.MODEL_MISSING:
            told = (self._engine.notice, self._engine.message, self._engine.hint)
            said = ". ".join(filter(None, told))
            return ServiceStatus("Error", busy=busy, message=said or text, silence=silence)
        if self._engine.phase in {"starting", "loading"}:
            return ServiceStatus("Normal", busy, self._loading(), silence)
        if self._engine.notice:
            return ServiceStatus("Warning", busy, self._engine.notice, silence)
        kind: Literal["Warning", "Normal"] = "Warning" if silence is Silence.ENGINE_DOWN else "Normal"
        remote = self._engine.remote
        message = "; ".join(filter(None, (text, f"remote: {remote}" if remote else "")))
        return ServiceStatus(kind, busy, message, silence, remote)

    def _loading(self) -> str:
        message = self._engine.message or SILENCE_TEXT[Silence.ENGINE_STARTING]
        progress = self._engine.progress
        return message if progress is None else f"{message} ({progress:.0%})"
