from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count

import pytest

from lsp_server.context.gather import Context
from lsp_server.context.window import Window
from lsp_server.core.settings import CompletionSettings, Settings
from lsp_server.core.types import Completion, Document, Edit, FillFigures, Silence, Span
from lsp_server.engine.client import EngineStatus
from lsp_server.engine.protocol import Candidate, FillRequest, FillResult, FrameEvent, HoleFill, Stop
from lsp_server.service.asking import Asker
from lsp_server.service.complete import Completer
from lsp_server.service.documents import Documents
from lsp_server.service.doubt.book import Doubts
from lsp_server.service.doubt.take import Taker
from lsp_server.service.gate import Gate
from lsp_server.service.rewrite import Rewriter
from lsp_server.service.status import StatusBoard

Said = str | tuple[str, ...] | list[tuple[str, float]]
Script = Said | Exception | FillResult


class StandInEngine:
    """Answers with a script.

    A str is one fill behind the locked head, a tuple one fill for each hole, a
    list several candidates with confidences. `anything` is said for every hole, in turn.
    """

    def __init__(self) -> None:
        self.script: list[Script] = []
        self.anything: list[str] = []
        self.requests: list[FillRequest] = []
        self.waits: list[bool] = []
        self.status = EngineStatus(phase="ready", message="", progress=None)
        self.open = asyncio.Event()
        self.open.set()
        self.stop = Stop.END
        self.withdrawn = 0
        self.on_frame: Callable[[FrameEvent], None] | None = None
        self.during: Callable[[], None] = lambda: None

    async def fill(
        self,
        request: FillRequest,
        on_frame: Callable[[FrameEvent], None] | None = None,
        *,
        wait: bool = False,
    ) -> FillResult:
        self.requests.append(request)
        if request.read_only:
            return FillResult((), FillFigures(), "stand-in")
        self.waits.append(wait)
        self.on_frame = on_frame
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.withdrawn += 1
            raise
        self.during()
        if self.anything:
            said = self.anything[len(self.requests) % len(self.anything)]
            return self._result(request, (said,) * len(request.holes))
        answer = self.script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, FillResult) else self._result(request, answer)

    async def take(self, name: str) -> bool:
        return bool(self.requests) and self.requests[-1].id == name

    def _result(
        self, request: FillRequest, answer: str | tuple[str, ...] | list[tuple[str, float]]
    ) -> FillResult:
        several = answer if isinstance(answer, list) else [(answer, 0.9)]
        candidates = []
        for texts, confidence in several:
            parts = texts if isinstance(texts, tuple) else (texts,)
            heads = [
                request.text[hole.start : hole.locks[0].end] if hole.locks else "" for hole in request.holes
            ]
            fills = [HoleFill(head + text, self.stop) for head, text in zip(heads, parts, strict=True)]
            candidates.append(Candidate(tuple(fills), confidence))
        return FillResult(tuple(candidates), FillFigures(forwards=3, tokens=5), "stand-in")


class WholeText:
    """A gatherer that shows the model the whole document."""

    def gather(self, document: Document, parsed: object, span: Span, settings: object) -> Context:
        return Context(window=Window(document.text, 0), snippets=())

    def knows(self, name: str) -> bool:
        return not name.startswith("nowhere")


class Clock:
    """Time that passes when somebody sleeps, or when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self.held: asyncio.Event | None = None

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if self.held:
            await self.held.wait()
        self.now += seconds
        await asyncio.sleep(0)


@dataclass
class Bench:
    """Everything the use cases need, with stand-ins around them."""

    engine: StandInEngine = field(default_factory=StandInEngine)
    clock: Clock = field(default_factory=Clock)
    documents: Documents = field(default_factory=Documents)
    board: StatusBoard = field(default_factory=StatusBoard)
    settings: Settings = field(
        default_factory=lambda: Settings(completion=CompletionSettings(debounce_ms=0, ahead=False))
    )
    excluded: Silence | None = None
    has_power: bool = True

    def __post_init__(self) -> None:
        ids = map(str, count())
        gatherer = WholeText()
        self.gate = Gate(lambda _path: self.excluded, clock=self.clock)
        self.asker = asker = Asker(
            documents=self.documents,
            gatherer=gatherer,
            engine=self.engine,
            clock=self.clock,
            ids=lambda: next(ids),
        )
        self.completer = Completer(
            documents=self.documents,
            gate=self.gate,
            asker=asker,
            engine=self.engine,
            board=self.board,
            settings_for=lambda _: self.settings,
            sleep=self.clock.sleep,
            clock=self.clock,
            has_power=lambda: self.has_power,
        )
        self.doubts = Doubts()
        self.documents.subscribe(self.doubts.changed)
        self.taker = Taker(
            documents=self.documents,
            doubts=self.doubts,
            asker=asker,
            gate=self.gate,
            board=self.board,
            settings_for=lambda _: self.settings,
        )
        self.rewriter = Rewriter(
            documents=self.documents,
            gate=self.gate,
            gatherer=gatherer,
            engine=self.engine,
            board=self.board,
            settings_for=lambda _: self.settings,
            clock=self.clock,
        )

    def choose(self, **options: object) -> None:
        """Change completion settings."""
        self.settings = replace(self.settings, completion=replace(self.settings.completion, **options))

    def open(self, text: str, language: str = "python", key: str = "a") -> Document:
        """Open a document; `|` is left in it."""
        return self.documents.open(Document(key, language, text))

    def edit(self, start: int, end: int, text: str, key: str = "a") -> Document:
        """Make one change."""
        return self.documents.change(key, [Edit(Span(start, end), text)], None)

    async def complete(
        self, marked: str, *, invoked: bool = False, language: str = "python", selected: Edit | None = None
    ) -> Completion:
        """Open a text as it stands and ask where its `|` is."""
        offset = marked.index("|")
        text = marked.replace("|", "", 1)
        now = self.documents.get("a")
        if now is None or now.text != text:
            self.open(text, language)
        return await self.ask(offset, invoked=invoked, selected=selected)

    async def ask(self, offset: int, *, invoked: bool = False, selected: Edit | None = None) -> Completion:
        """Ask in the document as it is now."""
        document = self.documents.get("a")
        assert document is not None
        return await self.completer.complete(document, offset, invoked=invoked, selected=selected)


async def settle() -> None:
    """Let every task run until it waits for something a test holds back."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture(scope="session")
def new_bench() -> Callable[[], Bench]:
    return Bench


@pytest.fixture
def settled() -> Callable[[], object]:
    return settle
