from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

import pytest

from lsp_server.core.diff import minimal_edits
from lsp_server.core.settings import NextEditSettings, Settings
from lsp_server.core.types import Document, FillFigures, Silence
from lsp_server.engine.client import EngineStatus
from lsp_server.engine.protocol import Candidate, FillRequest, FillResult, FrameEvent, HoleFill, Piece, Stop
from lsp_server.service.documents import Documents
from lsp_server.service.gate import Gate
from lsp_server.service.next_edit.change import History
from lsp_server.service.next_edit.judge import Judge
from lsp_server.service.next_edit.predict import NextEditor
from lsp_server.service.next_edit.write import Writer
from tests.unit.service.conftest import WholeText


class Likely:
    """An engine that gives every token of a text the probability of the first key that is part of it."""

    def __init__(self) -> None:
        self.likely: dict[str, float] = {}
        self.writes = ""
        self.requests: list[FillRequest] = []
        self.status = EngineStatus("ready", "")
        self.error: Exception | None = None
        self.during: Callable[[], None] = lambda: None

    async def fill(
        self,
        request: FillRequest,
        on_frame: Callable[[FrameEvent], None] | None = None,
        *,
        wait: bool = False,
    ) -> FillResult:
        assert not wait
        self.requests.append(request)
        self.during()
        if self.error:
            raise self.error
        [hole] = request.holes
        if hole.strength == 1.0:
            fill = HoleFill(self.writes, Stop.END)
            return FillResult((Candidate((fill,), 0.9),), FillFigures(), "stand-in")
        text = request.text[hole.start : hole.end]
        value = next((each for key, each in self.likely.items() if key in text), 0.5)
        fill = HoleFill(text, Stop.END, (Piece(text, value, locked=True),))
        return FillResult((Candidate((fill,), value),), FillFigures(), "stand-in")


@dataclass
class Predicting:
    """A predictor with a stand-in for the model."""

    engine: Likely = field(default_factory=Likely)
    documents: Documents = field(default_factory=Documents)
    settings: Settings = field(default_factory=lambda: Settings(next_edit=NextEditSettings(enabled=True)))
    excluded: Silence | None = None

    def __post_init__(self) -> None:
        ids = map(str, count())
        self.history = History()
        self.documents.subscribe(self.history.changed)
        self.editor = NextEditor(
            documents=self.documents,
            history=self.history,
            gate=Gate(lambda _: self.excluded),
            judge=Judge(gatherer=WholeText(), engine=self.engine),  # type: ignore[arg-type]
            writer=Writer(gatherer=WholeText(), engine=self.engine),  # type: ignore[arg-type]
            engine=self.engine,
            settings_for=lambda _: self.settings,
            ids=lambda: next(ids),
        )

    def edited(self, before: str, after: str, language: str = "python", key: str = "a") -> Document:
        """The document after a user has made one text of another."""
        if (now := self.documents.get(key)) is None or now.text != before:
            self.documents.open(Document(key, language, before))
        document = self.documents.get(key)
        assert document is not None
        for edit in reversed(minimal_edits(before, after)):
            document = self.documents.change(key, [edit], None)
        return document


@pytest.fixture
def predicting() -> Predicting:
    return Predicting()
