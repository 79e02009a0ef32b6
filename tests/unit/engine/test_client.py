from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from lsp_server.core.errors import BadInput, EngineFailed, EngineUnavailable, ModelMissing, RemaskError
from lsp_server.core.settings import EngineSettings
from lsp_server.core.types import FillFigures
from lsp_server.engine import client
from lsp_server.engine.client import EngineClient, EngineStatus
from lsp_server.engine.link import Lost
from lsp_server.engine.protocol import EngineState, FillRequest, FillResult, FrameEvent, Health, Hole
from lsp_server.engine.source import Found

REQUEST = FillRequest("a = ", (Hole(4, 4),))
RESULT = FillResult((), FillFigures(), "m")
READY = Health(EngineState.READY, "m")


class Link:
    """Answers fills with `answers` in turn, then with results; health with `healths`, the last for ever."""

    def __init__(self, *answers: RemaskError, healths: tuple[Health | None, ...] = (READY,)) -> None:
        self.answers, self.healths = list(answers), list(healths)
        self.requests: list[FillRequest] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.closed = False

    async def health(self) -> Health | None:
        return self.healths.pop(0) if len(self.healths) > 1 else self.healths[0]

    async def fill(self, request: FillRequest, on_frame: Callable[[FrameEvent], None] | None) -> FillResult:
        self.requests.append(request)
        await self.gate.wait()
        if self.answers:
            raise self.answers.pop(0)
        return RESULT

    async def close(self) -> None:
        self.closed = True


class Source:
    """Gives `links` in turn; an exception among them is raised."""

    startable = True

    def __init__(self, *links: Link | RemaskError) -> None:
        self.links = list(links)
        self.reached = 0
        self.in_order = False
        self.stopped = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def find(self) -> Found | None:
        return None

    async def reach(self) -> Found:
        self.reached += 1
        await self.gate.wait()
        link = self.links.pop(0)
        if isinstance(link, RemaskError):
            raise link
        health = await link.health()
        assert health is not None
        return Found(link, health, "t")  # type: ignore[arg-type]

    def left_in_order(self, found: Found) -> bool:
        return self.in_order

    def post_mortem(self) -> EngineUnavailable:
        return EngineUnavailable("the engine ended: boom", hint="see the log")

    async def stop(self) -> None:
        self.stopped += 1


class Bench:
    """A client, its clock, its sleeps and its statuses."""

    def __init__(self, *links: Link | RemaskError) -> None:
        self.now = 0.0
        self.sleeps: list[float] = []
        self.seen: list[EngineStatus] = []
        self.source = Source(*links)
        self.client = EngineClient(
            settings=EngineSettings(),
            model="m",
            client_id="editor",
            on_status=self.seen.append,
            source=self.source,
            clock=lambda: self.now,
            draw=lambda: 1.0,
            sleep=self.sleep,
        )

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    @property
    def phases(self) -> list[str]:
        return [status.phase for status in self.seen]

    async def settled(self) -> None:
        """Until the attempt that runs behind the scenes has ended."""
        if self.client._bringing is not None:
            await asyncio.wait([self.client._bringing])


def failing(times: int) -> list[Link | RemaskError]:
    return [EngineUnavailable("the engine ended: boom", hint="see the log") for _ in range(times)]


@pytest.mark.asyncio
async def test_waiting_brings_the_engine_up() -> None:
    """The first fill starts it, says so, and is answered; the client's name is put in."""
    link = Link()
    bench = Bench(link)
    assert await bench.client.fill(REQUEST, wait=True) == RESULT
    assert bench.phases == ["starting", "ready", "busy", "ready"]
    assert link.requests[0].client == "editor"


@pytest.mark.asyncio
async def test_typing_never_waits() -> None:
    """Without an engine the first fill fails at once, and one works when the engine is up."""
    bench = Bench(Link())
    with pytest.raises(EngineUnavailable, match="starting the engine"):
        await bench.client.fill(REQUEST)
    with pytest.raises(EngineUnavailable):
        await bench.client.fill(REQUEST)
    await bench.settled()
    assert await bench.client.fill(REQUEST) == RESULT
    assert bench.source.reached == 1


@pytest.mark.asyncio
async def test_loading_is_shown_with_its_progress() -> None:
    """Phase, message and share are passed on until the model is there."""
    loading = [Health(EngineState.LOADING, "m", progress=share, message="packing") for share in (0.2, 0.7)]
    bench = Bench(Link(healths=(*loading, READY)))
    await bench.client.ensure()
    assert [(each.phase, each.progress) for each in bench.seen] == [
        ("starting", None),
        ("loading", 0.2),
        ("loading", 0.7),
        ("ready", None),
    ]


@pytest.mark.asyncio
async def test_a_model_that_is_missing_is_shown_until_it_is_there() -> None:
    """The engine runs, so requests reach it and say what is wrong; the first answer clears the status."""
    failed = Health(EngineState.FAILED, "m", message="not installed", hint="Run `remask pull`.")
    bench = Bench(Link(ModelMissing("not installed", hint="Run `remask pull`."), healths=(failed,)))
    with pytest.raises(ModelMissing):
        await bench.client.fill(REQUEST, wait=True)
    assert bench.client.status == EngineStatus("failed", "not installed", hint="Run `remask pull`.")
    await bench.client.fill(REQUEST)
    assert bench.client.status.phase == "ready"


@pytest.mark.asyncio
async def test_a_killed_engine_costs_one_request_and_a_pause() -> None:
    """The request fails, requests in the pause fail at once, and after it a new engine is started."""
    bench = Bench(Link(Lost("gone", heard=True)), Link())
    await bench.client.ensure()
    with pytest.raises(EngineUnavailable, match="gone"):
        await bench.client.fill(REQUEST, wait=True)
    assert bench.client.status == EngineStatus("stopped", "the engine ended: boom", hint="see the log")
    with pytest.raises(EngineUnavailable, match="boom"):
        await bench.client.fill(REQUEST)
    assert bench.source.reached == 1
    bench.now += 0.5
    with pytest.raises(EngineUnavailable):
        await bench.client.fill(REQUEST)
    await bench.settled()
    assert await bench.client.fill(REQUEST) == RESULT


@pytest.mark.asyncio
async def test_one_crash_counts_once() -> None:
    """Of several requests that it cost, only one makes the pause longer."""
    link = Link(*(Lost("gone", heard=True) for _ in range(3)))
    bench = Bench(link, Link())
    await bench.client.ensure()
    link.gate.clear()
    fills = [asyncio.create_task(bench.client.fill(REQUEST)) for _ in range(3)]
    await asyncio.sleep(0)
    link.gate.set()
    await asyncio.gather(*fills, return_exceptions=True)
    await bench.client.ensure()
    assert bench.sleeps == [0.5]


@pytest.mark.asyncio
async def test_an_engine_that_left_when_idle_is_not_a_crash() -> None:
    """The next fill starts another at once, and one that waits does not even notice."""
    first = Link(Lost("refused", heard=False))
    bench = Bench(first, Link())
    bench.source.in_order = True
    await bench.client.ensure()
    assert await bench.client.fill(REQUEST, wait=True) == RESULT
    assert bench.sleeps == []
    assert first.closed


@pytest.mark.asyncio
async def test_an_engine_that_another_server_started_anew() -> None:
    """Who does not wait gets its answer all the same, where the one that was known has left."""
    bench = Bench(Link(Lost("refused", heard=False)), Link())
    bench.source.in_order = True
    await bench.client.ensure()
    assert await bench.client.fill(REQUEST) == RESULT


@pytest.mark.asyncio
async def test_an_engine_that_has_to_be_started_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes longer than who does not wait will stay; it is told that one is starting."""
    monkeypatch.setattr(client, "SOON_S", 0.0)
    bench = Bench(Link(Lost("refused", heard=False)), Link())
    bench.source.in_order = True
    await bench.client.ensure()
    bench.source.gate.clear()
    with pytest.raises(EngineUnavailable, match="starting"):
        await bench.client.fill(REQUEST)
    assert bench.client.status.phase == "starting"
    bench.source.gate.set()
    await bench.settled()
    assert await bench.client.fill(REQUEST) == RESULT


@pytest.mark.asyncio
async def test_a_crash_loop_ends_in_failed_and_is_tried_again_later() -> None:
    """Four starts with growing pauses, then an error with reason and hint; minutes later one more."""
    bench = Bench(*failing(4), Link())
    with pytest.raises(EngineUnavailable, match=r"boom\nsee the log"):
        await bench.client.ensure()
    assert bench.client.status.phase == "failed"
    assert bench.sleeps == [0.5, 1.0, 2.0]
    for wait in (False, True):
        with pytest.raises(EngineUnavailable, match="boom"):
            await bench.client.fill(REQUEST, wait=wait)
    assert bench.source.reached == 4
    bench.now += 300
    assert await bench.client.fill(REQUEST, wait=True) == RESULT
    assert bench.client.status.phase == "ready"


@pytest.mark.asyncio
async def test_an_engine_that_dies_while_loading_counts_as_failed() -> None:
    """Its end is noticed, the connection given back, and the next start delayed."""
    link = Link(healths=(Health(EngineState.LOADING, "m"), None))
    bench = Bench(link, Link())
    await bench.client.ensure()
    assert bench.phases == ["starting", "loading", "stopped", "starting", "ready"]
    assert link.closed
    assert bench.sleeps[-1] == pytest.approx(0.5)


@pytest.mark.asyncio
async def test_a_remote_engine_is_not_waited_for() -> None:
    """What cannot be started fails at once instead of being tried in a loop."""
    bench = Bench(*failing(1))
    bench.source.startable = False
    with pytest.raises(EngineUnavailable, match="boom"):
        await bench.client.fill(REQUEST, wait=True)
    assert bench.sleeps == []


@pytest.mark.asyncio
async def test_a_command_that_makes_no_sense_is_not_retried() -> None:
    """A mistake in the configuration is told as it is."""
    bench = Bench(BadInput("no list"))
    with pytest.raises(BadInput, match="no list"):
        await bench.client.ensure()
    assert bench.client.status.phase == "failed"


@pytest.mark.asyncio
async def test_a_failed_fill_leaves_the_engine_ready() -> None:
    """One bad answer is one error; the engine is kept."""
    bench = Bench(Link(EngineFailed("odd")))
    with pytest.raises(EngineFailed, match="odd"):
        await bench.client.fill(REQUEST, wait=True)
    assert await bench.client.fill(REQUEST) == RESULT
    assert bench.source.reached == 1


@pytest.mark.asyncio
async def test_many_callers_share_one_start() -> None:
    """And one of them giving up does not take the start from the others."""
    bench = Bench(Link())
    bench.source.gate.clear()
    waiting = [asyncio.create_task(bench.client.fill(REQUEST, wait=True)) for _ in range(5)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    bench.source.gate.set()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(answers[0], asyncio.CancelledError)
    assert answers[1:] == [RESULT] * 4
    assert bench.source.reached == 1


@pytest.mark.asyncio
async def test_the_engine_is_busy_while_any_fill_is_under_way() -> None:
    """The status changes when the first begins and when the last ends."""
    link = Link()
    bench = Bench(link)
    await bench.client.ensure()
    link.gate.clear()
    fills = [asyncio.create_task(bench.client.fill(REQUEST)) for _ in range(3)]
    await asyncio.sleep(0)
    assert bench.client.status.phase == "busy"
    link.gate.set()
    await asyncio.gather(*fills)
    assert bench.phases[-2:] == ["busy", "ready"]


@pytest.mark.asyncio
async def test_a_restart_ends_the_old_engine_and_forgets_failures() -> None:
    """By hand it does not wait for the pause to end."""
    bench = Bench(*failing(4), Link())
    with pytest.raises(EngineUnavailable):
        await bench.client.ensure()
    await bench.client.restart()
    assert bench.source.stopped == 1
    assert await bench.client.fill(REQUEST, wait=True) == RESULT


@pytest.mark.asyncio
async def test_closing_ends_what_waits() -> None:
    """Callers get an error instead of waiting for ever, and nothing is started any more."""
    bench = Bench(Link())
    bench.source.gate.clear()
    waiting = asyncio.create_task(bench.client.ensure())
    for _ in range(3):
        await asyncio.sleep(0)
    await bench.client.close()
    with pytest.raises(EngineUnavailable):
        await waiting
    with pytest.raises(EngineUnavailable):
        await bench.client.fill(REQUEST)
    assert bench.source.reached == 1


@pytest.mark.asyncio
async def test_health_starts_nothing() -> None:
    """Looking is not asking."""
    bench = Bench(Link())
    assert await bench.client.health() is None
    await bench.client.ensure()
    assert await bench.client.health() == READY
    assert bench.source.reached == 1
