"""Asking for rewrites as an editor does, of an engine in this process."""

from __future__ import annotations

import asyncio
import textwrap
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec

from lsp_server.context.gather import Gatherer
from lsp_server.context.recent import RecentEdits
from lsp_server.context.workspace import Workspace
from lsp_server.core.edits import apply_together
from lsp_server.core.errors import RemaskError
from lsp_server.core.settings import Settings
from lsp_server.core.types import Document, Rewrite, Span
from lsp_server.evaluation.rewriting.asks import ASKS, MISSPELT, Ask
from lsp_server.evaluation.rewriting.pieces import Piece, pieces
from lsp_server.service.documents import Documents
from lsp_server.service.engine import Engine
from lsp_server.service.gate import Gate
from lsp_server.service.rewrite import Rewriter
from lsp_server.service.status import StatusBoard
from lsp_server.service.tasks import TASKS
from lsp_server.service.wish import Wish

SETTINGS = Settings()


class Offer(msgspec.Struct, frozen=True):
    """What came of a task on a function: the answer, or why there is none; what a machine says of it."""

    task: str
    name: str
    before: str
    answer: str = ""
    refused: str = ""
    seconds: float = 0.0
    parses: bool = False
    asked: bool = False
    kept: bool = False
    original: str = ""
    """The function before it was prepared."""


def rewriter(engine: Engine, documents: Documents) -> Rewriter:
    """One that sees its documents and nothing else."""
    return Rewriter(
        documents=documents,
        gate=Gate(lambda _: None),
        gatherer=Gatherer(Workspace(), RecentEdits()),
        engine=engine,
        board=StatusBoard(),
        settings_for=lambda _: SETTINGS,
    )


def offers(engine: Engine, path: Path, task: str, *, most: int, seed: int, done: set[str]) -> Iterator[Offer]:
    """What is offered for a task of `ASKS` on held-out functions; those that are `done` are left out.

    Raises:
        BadInput: there are no documents.
    """
    ask = ASKS[task]
    for piece in pieces(path, "python", most=most, seed=seed, fits=ask.fits):
        if piece.name not in done:
            offer = _offer(engine, ask, ask.prepare(piece))
            yield msgspec.structs.replace(offer, original=piece.text)


def _offer(engine: Engine, ask: Ask, piece: Piece) -> Offer:
    document, span, wish = _order(ask, piece)
    started = time.perf_counter()
    answer: Rewrite | None = None
    try:
        answer = rewritten(engine, document, span, wish)
        refused = answer.silence.value if answer.silence else ""
    except RemaskError as error:
        refused = str(error).partition("\n")[0]
    offer = Offer(ask.task, piece.name, piece.text, refused=refused, seconds=time.perf_counter() - started)
    if answer is None or refused:
        return offer
    text = apply_together(document.text, answer.edits)
    told = piece.span if not ask.aside else Span(0, len(document.text))
    written = text[told.start : len(text) - (len(document.text) - told.end)]
    return msgspec.structs.replace(
        offer,
        answer=written,
        parses=ask.parses(written),
        asked=ask.asked(piece.text, written),
        kept=ask.kept(piece.text, written),
    )


def rewritten(engine: Engine, document: Document, span: Span, wish: Wish, *, seed: int = 0) -> Rewrite:
    """One rewrite.

    Raises:
        RemaskError: as `Rewriter.run`.
    """
    documents = Documents()
    opened = documents.open(document)
    return asyncio.run(rewriter(engine, documents).run("rewrite", opened, span, wish, seed=seed))


def _order(ask: Ask, piece: Piece) -> tuple[Document, Span, Wish]:
    """As the extension sends it: the line of a diagnostic, what is written aside in a document of its own."""
    document, span = piece.document, piece.span
    if ask.task == "fix":
        at = document.text.index(f"_{MISSPELT}", span.start)
        start = max(document.text.rfind(char, 0, at) for char in " ([{,=.*!\n") + 1
        return document, Span(start, at + len(MISSPELT) + 1), Wish(ask.message(piece.text), task="fix")
    if not ask.aside:
        return document, span, Wish(task=ask.task)
    code = textwrap.dedent(piece.text) + "\n"
    aside = replace(document, key="untitled:aside", language=ask.into, text=code, path=None)
    task = ask.task if ask.task in TASKS else "translate"
    return aside, Span(0, len(code)), Wish(task=task, source="python" if task == "translate" else "")
