"""A temporary store with one small model, folders of its own, and an engine that says what a test wants."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from lsp_server import app
from lsp_server.core.settings import DEFAULT_MODEL
from lsp_server.core.types import FillFigures
from lsp_server.engine.client import EngineStatus
from lsp_server.engine.protocol import (
    Candidate,
    Cell,
    CellState,
    FillRequest,
    FillResult,
    FrameEvent,
    HoleFill,
    Stop,
)
from lsp_server.engine.store import manifest
from lsp_server.engine.store.manifest import ModelEntry, ModelFile

DATA = b"weights"


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelEntry:
    """The manifest's only model: the default's name and adapter, a file of seven bytes."""
    file = ModelFile("tiny.gguf", len(DATA), hashlib.sha256(DATA).hexdigest())
    tiny = msgspec.structs.replace(manifest.entry(DEFAULT_MODEL), files=(file,), memory_mib=1)
    for name in ("CACHE", "RUNTIME", "LOG"):
        monkeypatch.setenv(f"REMASK_{name}_DIR", str(tmp_path / name.lower()))
    for name in ("REMASK_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(manifest, "models", lambda: (tiny,))
    return tiny


@pytest.fixture
def installed(model: ModelEntry, tmp_path: Path) -> Path:
    """The model's file, in place."""
    path = tmp_path / "cache" / "models" / model.name / "tiny.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(DATA)
    return path


class StandInClient:
    """In the place of `EngineClient`: answers with what is left of `script`, and keeps the requests.

    A str is one fill behind the locked head, a list several candidates, an exception is raised.
    """

    def __init__(self) -> None:
        self.script: list[str | list[str] | Exception] = []
        self.requests: list[FillRequest] = []
        self.status = EngineStatus("ready", "")
        self.at_fill: Callable[[], None] = lambda: None
        self.closed = False

    async def ensure(self) -> None:
        pass

    async def fill(
        self,
        request: FillRequest,
        on_frame: Callable[[FrameEvent], None] | None = None,
        *,
        wait: bool = False,
    ) -> FillResult:
        self.requests.append(request)
        self.at_fill()
        said = self.script.pop(0)
        if isinstance(said, Exception):
            raise said
        texts = said if isinstance(said, list) else [said]
        hole = request.holes[0]
        head = request.text[hole.start : hole.locks[0].end] if hole.locks else ""
        if on_frame:
            on_frame(FrameEvent(0, 1, (Cell(head, CellState.LOCKED, 1.0), Cell("", CellState.MASKED))))
            on_frame(FrameEvent(0, 2, (Cell(head + texts[0], CellState.COMMITTED, 0.9),)))
        candidates = tuple(
            Candidate((HoleFill(head + text, Stop.END),), 0.9 - place / 10)
            for place, text in enumerate(texts)
        )
        figures = FillFigures(forwards=3, tokens=5, latency_ms=12.34, context_tokens=7, cached_tokens=6)
        return FillResult(candidates, figures, "stand-in", "ad" * 32)

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> StandInClient:
    """The engine of every command that a test runs in `tmp_path`."""
    stand_in = StandInClient()
    monkeypatch.setattr(app, "_new_client", lambda *_: lambda **_: stand_in)
    monkeypatch.chdir(tmp_path)
    return stand_in
