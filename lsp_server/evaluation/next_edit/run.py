"""Asks after each replayed edit, with the server's own predictor and the model in this process."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path

from lsp_server.context.gather import Gatherer
from lsp_server.context.recent import RecentEdits
from lsp_server.context.workspace import Workspace
from lsp_server.core.cancel import CancelToken
from lsp_server.core.settings import NextEditSettings, Settings
from lsp_server.core.types import Document, FillFigures
from lsp_server.engine.client import EngineStatus
from lsp_server.engine.protocol import FillRequest, FillResult
from lsp_server.engine.runtime.filler import Filler
from lsp_server.evaluation.next_edit.outcome import Outcome, outcome
from lsp_server.evaluation.next_edit.replay import Ask
from lsp_server.service.documents import Documents
from lsp_server.service.engine import Engine, OnFrame
from lsp_server.service.gate import Gate
from lsp_server.service.next_edit.candidate import Candidate
from lsp_server.service.next_edit.change import Change, History
from lsp_server.service.next_edit.judge import Judge, Verdict
from lsp_server.service.next_edit.predict import NextEditor
from lsp_server.service.next_edit.write import Writer
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import Parsed

SETTINGS = Settings(next_edit=NextEditSettings(enabled=True))


class InProcess:
    """A filler as the use cases ask for it."""

    status = EngineStatus("ready", "")

    def __init__(self, filler: Filler) -> None:
        self._filler = filler

    async def fill(
        self,
        request: FillRequest,
        on_frame: OnFrame | None = None,
        *,
        wait: bool = False,
    ) -> FillResult:
        """See `service.engine.Engine`."""
        del on_frame, wait
        return self._filler.fill(request, cancel=CancelToken())


class Unjudged(Judge):
    """Is sure of every candidate, without asking."""

    async def verdict(
        self, candidate: Candidate, parsed: Parsed, changes: Sequence[Change], settings: Settings
    ) -> Verdict | None:
        """See `Judge`."""
        del candidate, parsed, changes, settings
        return Verdict(0.0, math.inf)


class Nobody:
    """An engine that is not asked."""

    status = EngineStatus("ready", "")

    async def fill(
        self, request: FillRequest, on_frame: OnFrame | None = None, *, wait: bool = False
    ) -> FillResult:
        """Write nothing: see `service.engine.Engine`."""
        del request, on_frame, wait
        return FillResult((), FillFigures(), "nobody")


def outcomes(engine: Engine | None, found: Iterable[Ask]) -> Iterator[Outcome]:
    """What is offered after each, and whether it is right; by syntax alone without an engine."""
    for ask in found:
        yield asyncio.run(_ask(engine, ask))


async def _ask(engine: Engine | None, ask: Ask) -> Outcome:
    history, documents, ids = History(), Documents(), map(str, count())
    documents.subscribe(history.changed)
    gatherer = Gatherer(Workspace(), RecentEdits())
    editor = NextEditor(
        documents=documents,
        history=history,
        gate=Gate(lambda _: None),
        judge=Judge(gatherer=gatherer, engine=engine)
        if engine
        else Unjudged(gatherer=gatherer, engine=Nobody()),
        writer=Writer(gatherer=gatherer, engine=engine or Nobody()),
        engine=engine or Nobody(),
        settings_for=lambda _: SETTINGS,
        ids=lambda: next(ids),
    )
    language = language_for("", Path(ask.path))
    documents.open(Document(ask.path, language.id, ask.before, Path("/") / ask.path))
    after = documents.change(ask.path, [ask.edit], None)
    predicted = (await editor.predict(after)).edit
    if predicted is None:
        return outcome(ask, after.text, None)
    candidate = predicted.candidate
    return outcome(ask, after.text, candidate.edit, candidate.reason, predicted.gain)
