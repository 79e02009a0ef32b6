"""Looking through a document with a stand-in for the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from lsp_server.core.errors import EngineFailed, EngineUnavailable, Superseded
from lsp_server.core.settings import Settings, SuspicionSettings
from lsp_server.core.types import Document, Edit, FillFigures, Silence, Span
from lsp_server.engine.client import EngineStatus
from lsp_server.engine.protocol import FillRequest, FillResult, FrameEvent
from lsp_server.service.documents import Documents
from lsp_server.service.gate import Gate
from lsp_server.service.suspicion.book import Suspicions
from lsp_server.service.suspicion.look import REST_S, Looker

pytestmark = pytest.mark.asyncio

TEXT = "def most(items, count):\n    if count > 3:\n        return items\n    return None\n"


@dataclass
class Judge:
    """An engine that gives `gains` by what stands at a place and the alternative, after `troubles`."""

    gains: dict[tuple[str, str], float] = field(default_factory=dict)
    troubles: list[Exception] = field(default_factory=list)
    requests: list[FillRequest] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    status: EngineStatus = field(default_factory=lambda: EngineStatus("ready", ""))
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    deaf: bool = False

    async def fill(
        self,
        request: FillRequest,
        on_frame: Callable[[FrameEvent], None] | None = None,
        *,
        wait: bool = False,
    ) -> FillResult:
        assert wait
        self.requests.append(request)
        self.asked.set()
        await self.open.wait()
        if self.troubles:
            raise self.troubles.pop(0)
        judged = tuple(
            tuple(
                self.gains.get((request.text[each.start : each.end], other), -9.0)
                for other in each.alternatives
            )
            for each in request.questions
        )
        return FillResult((), FillFigures(), "judge", judged=() if self.deaf else judged)


@dataclass
class Desk:
    judge: Judge = field(default_factory=Judge)
    documents: Documents = field(default_factory=Documents)
    suspicions: Suspicions = field(default_factory=Suspicions)
    excluded: Silence | None = None
    power: bool = True
    settings: Settings = field(default_factory=Settings)
    slept: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.documents.subscribe(self.suspicions.changed)
        self.judge.open.set()
        self.looker = Looker(
            documents=self.documents,
            suspicions=self.suspicions,
            gate=Gate(lambda _: self.excluded),
            engine=self.judge,
            settings_for=lambda _: self.settings,
            sleep=self._sleep,
            has_power=lambda: self.power,
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)

    def opened(self, text: str = TEXT) -> Document:
        return self.documents.open(Document("key", "python", text, Path("/project/a.py")))


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_what_gains_is_noted(desk: Desk) -> None:
    """The flag stands in the document, and shares of the work are told."""
    desk.judge.gains = {(">", "<"): 7.0, (">", ">="): 5.0}
    shares: list[float] = []
    look = await desk.looker.look(desk.opened(), shares.append)
    [flag] = look.flags
    assert (TEXT[flag.span.start], flag.alternative, flag.gain) == (">", "<", 7.0)
    assert [each.flag for each in desk.suspicions.of("key")] == [flag]
    assert shares == [0.0]


async def test_line_ends_are_the_documents(desk: Desk) -> None:
    """Places and alternatives that have several lines fit a text with CRLF."""
    text = "def f(first, second):\n    return g(first,\n        second) if first else 3\n"
    desk.judge.gains = {("first,\n        second", "second,\n        first"): 9.0}
    document = desk.opened(text.replace("\n", "\r\n"))
    [flag] = (await desk.looker.look(document)).flags
    assert document.text[flag.span.start : flag.span.end] == "first,\r\n        second"
    assert flag.alternative == "second,\r\n        first"


async def test_it_makes_way_and_goes_on(desk: Desk) -> None:
    """When somebody asks for something else the same part is asked about again, a little later."""
    desk.judge.troubles = [Superseded("somebody came"), Superseded("somebody came")]
    await desk.looker.look(desk.opened())
    assert desk.slept == [REST_S, REST_S]
    assert len({request.text for request in desk.judge.requests}) == 1


async def test_a_change_ends_it(desk: Desk) -> None:
    """What was found in a text that is gone is not shown."""
    desk.judge.gains = {(">", "<"): 7.0}
    desk.judge.open.clear()
    looking = asyncio.ensure_future(desk.looker.look(desk.opened()))
    await desk.judge.asked.wait()
    desk.documents.change("key", [Edit(Span(0, 0), "#\n")], 2)
    assert (await looking).silence is Silence.STALE
    assert desk.suspicions.of("key") == ()


async def test_a_second_look_takes_the_place_of_the_first(desk: Desk) -> None:
    """Only one is under way for a document."""
    desk.judge.open.clear()
    document = desk.opened()
    first = asyncio.ensure_future(desk.looker.look(document))
    await desk.judge.asked.wait()
    second = asyncio.ensure_future(desk.looker.look(document))
    assert (await first).silence is Silence.STALE
    desk.judge.open.set()
    assert (await second).silence is None


async def test_who_asked_may_cancel(desk: Desk) -> None:
    """Then the engine's request ends too."""
    desk.judge.open.clear()
    looking = asyncio.ensure_future(desk.looker.look(desk.opened()))
    await desk.judge.asked.wait()
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking


async def test_private_files_are_not_looked_at(desk: Desk) -> None:
    """Nothing of them is sent."""
    desk.excluded = Silence.PRIVATE_FILE
    assert (await desk.looker.look(desk.opened())).silence is Silence.PRIVATE_FILE
    assert desk.judge.requests == []


async def test_engines_that_fail(desk: Desk) -> None:
    """Errors are the caller's; an engine that knows no questions is one."""
    desk.judge.troubles = [EngineUnavailable("gone")]
    with pytest.raises(EngineUnavailable):
        await desk.looker.look(desk.opened())
    desk.judge.deaf = True
    with pytest.raises(EngineFailed):
        await desk.looker.look(desk.opened())


@pytest.mark.parametrize(
    ("change", "wanted"),
    [({}, True), ({"power": False}, False), ({"excluded": Silence.IGNORED_FILE}, False)],
)
async def test_on_save(desk: Desk, change: dict[str, object], wanted: object) -> None:
    """Only if the setting says so, and nothing is against it; the engine is not started for it."""
    document = desk.opened()
    assert not desk.looker.wanted_on_save(document)
    desk.settings = replace(desk.settings, suspicion=SuspicionSettings(on_save=True))
    for name, value in change.items():
        setattr(desk, name, value)
    assert desk.looker.wanted_on_save(document) is wanted
    desk.judge.status = EngineStatus("stopped", "")
    assert not desk.looker.wanted_on_save(document)
