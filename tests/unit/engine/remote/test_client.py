from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lsp_server.core.errors import BadInput, EngineFailed, EngineUnavailable, RemaskError, Withheld
from lsp_server.core.settings import EngineSettings
from lsp_server.core.types import FillFigures
from lsp_server.engine.client import EngineStatus
from lsp_server.engine.protocol import FillRequest, FillResult, Hole
from lsp_server.engine.remote.client import RemoteClient
from lsp_server.engine.remote.connect import Connection
from lsp_server.engine.remote.consent import Consents
from lsp_server.engine.remote.endpoint import Endpoint
from lsp_server.engine.remote.failures import KeyRefused, Unreachable, Unsupported

pytestmark = pytest.mark.asyncio
REQUEST = FillRequest("a = ", (Hole(4, 4),), document="file:///home/me/secret-project/a.py")
THERE, HERE = (FillResult((), FillFigures(), name) for name in ("there", "here"))
BOX = Endpoint.of("https://gpu-box:8443")


class Local:
    """The engine of this machine."""

    def __init__(self, on_status: Callable[[EngineStatus], None]) -> None:
        self.on_status = on_status
        self.status = EngineStatus("stopped", "not started")
        self.asked: list[FillRequest] = []
        self.problem: RemaskError | None = None
        self.closed = self.restarted = self.ensured = False

    async def fill(self, request: FillRequest, on_frame: Any = None, *, wait: bool = False) -> FillResult:  # noqa: ANN401
        self.asked.append(request)
        if self.problem:
            raise self.problem
        self.become("ready")
        return HERE

    def become(self, phase: Any) -> None:  # noqa: ANN401
        self.status = EngineStatus(phase, "")
        self.on_status(self.status)

    async def ensure(self) -> None:
        self.ensured = True
        self.become("ready")

    async def restart(self) -> None:
        self.restarted = True

    async def close(self) -> None:
        self.closed = True


class Link:
    """The other end: raises `answers` in turn, then answers."""

    def __init__(self) -> None:
        self.answers: list[Exception] = []
        self.asked: list[FillRequest] = []
        self.closed = 0

    async def health(self) -> None:
        return None

    async def fill(self, request: FillRequest, on_frame: Any) -> FillResult:  # noqa: ANN401
        self.asked.append(request)
        if self.answers:
            raise self.answers.pop(0)
        return THERE

    async def close(self) -> None:
        self.closed += 1


class Bench:
    def __init__(self, folder: Path, *, url: str = "https://gpu-box:8443", fallback: bool = True) -> None:
        self.now, self.connects = 0.0, 0
        self.link, self.problems = Link(), list[Exception]()
        self.seen: list[EngineStatus] = []
        self.consents = Consents(folder / "remote.json", lambda: "today")
        self.wanted: list[str] = []
        self.consents.on_wanted = lambda endpoint: self.wanted.append(endpoint.origin)
        self.local: Local | None = None
        self.client = RemoteClient(
            settings=EngineSettings(url=url, fallback=fallback),
            client_id="editor",
            consents=self.consents,
            private=lambda request: "sk-" in request.text,
            make_local=self.make_local,
            on_status=self.seen.append,
            connect=self.connect,
            clock=lambda: self.now,
            draw=lambda: 1.0,
            sleep=self.sleep,
        )

    def make_local(self, on_status: Callable[[EngineStatus], None]) -> Local:
        self.local = Local(on_status)
        return self.local

    async def connect(self, _: Endpoint, __: EngineSettings) -> Connection:
        self.connects += 1
        if self.problems:
            raise self.problems.pop(0)
        return Connection(self.link, "m", None, ours=False)

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)

    async def fill(self, request: FillRequest = REQUEST, *, wait: bool = False) -> str:
        return (await self.client.fill(request, wait=wait)).model

    @property
    def here(self) -> int:
        assert self.local
        return len(self.local.asked)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    found = Bench(tmp_path)
    found.consents.note(BOX, allowed=True)
    return found


@pytest.fixture(autouse=True)
def _online(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REMASK_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)


async def test_the_server_answers_and_the_status_says_where_code_goes(bench: Bench) -> None:
    """Connected once; the document goes under a name that tells no folder; no engine is started here."""
    assert [await bench.fill(), await bench.fill()] == ["there", "there"]
    assert bench.connects == 1
    assert {each.phase for each in bench.seen} == {"starting", "ready", "busy"}
    assert bench.client.status == EngineStatus("ready", "", remote="gpu-box")
    (first, second) = bench.link.asked
    assert first.document == second.document
    assert "secret" not in first.document
    assert bench.here == 0


async def test_nothing_is_sent_before_it_is_allowed(tmp_path: Path) -> None:
    """Not even a connection; the user is asked once, this machine answers, and the status says why."""
    bench = Bench(tmp_path)
    assert [await bench.fill(), await bench.fill()] == ["here", "here"]
    assert (bench.connects, bench.wanted) == (0, ["https://gpu-box:8443"])
    assert "before you allow it" in bench.client.status.notice
    assert bench.client.status.remote == ""
    bench.consents.note(BOX, allowed=True)
    assert await bench.fill() == "there"
    assert (bench.client.status.notice, bench.client.status.remote) == ("", "gpu-box")
    bench.consents.note(BOX, allowed=False)
    assert await bench.fill() == "here"


async def test_without_a_fallback_it_is_said(tmp_path: Path) -> None:
    """No answer, and a status that people see."""
    bench = Bench(tmp_path, fallback=False)
    with pytest.raises(EngineUnavailable, match="before you allow"):
        await bench.fill()
    assert (bench.client.status.phase, bench.connects) == ("failed", 0)
    assert "remask remote allow https://gpu-box:8443" in bench.client.status.hint


async def test_loopback_is_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It needs neither consent nor network, may see what looks like a secret, and shows no sign."""
    monkeypatch.setenv("REMASK_OFFLINE", "1")
    bench = Bench(tmp_path, url="http://127.0.0.1:8000")
    assert await bench.fill(msgspec.structs.replace(REQUEST, text="k = 'sk-1'")) == "there"
    assert bench.client.status.remote == ""


async def test_what_may_hold_a_secret_stays(bench: Bench) -> None:
    """This machine answers it, or nobody; the next request goes again."""
    secret = msgspec.structs.replace(REQUEST, text="k = 'sk-1'")
    assert [await bench.fill(), await bench.fill(secret), await bench.fill()] == ["there", "here", "there"]
    assert len(bench.link.asked) == 2
    assert bench.client.status.remote == "gpu-box"


async def test_a_secret_without_a_fallback(tmp_path: Path) -> None:
    """Is an error of its own, from which a completion knows to say why."""
    bench = Bench(tmp_path, fallback=False)
    bench.consents.note(BOX, allowed=True)
    with pytest.raises(Withheld):
        await bench.fill(msgspec.structs.replace(REQUEST, text="sk-1"))
    assert bench.connects == 0


async def test_offline_means_offline(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """REMASK_OFFLINE holds whatever was allowed."""
    monkeypatch.setenv("REMASK_OFFLINE", "1")
    assert await bench.fill() == "here"
    assert bench.connects == 0
    assert "REMASK_OFFLINE" in bench.client.status.notice


async def test_an_unsafe_address_is_never_asked(tmp_path: Path) -> None:
    """Plain http to another machine: this one answers, the status says why, nobody is asked to consent."""
    bench = Bench(tmp_path, url="http://gpu-box:8000")
    assert await bench.fill() == "here"
    assert (bench.connects, bench.wanted) == (0, [])
    assert "without encryption" in bench.client.status.notice


async def test_a_dead_server_costs_two_answers(bench: Bench) -> None:
    """Then this machine answers; after the rest one request tries again, and its success goes back there."""
    bench.link.answers = [Unreachable("gpu-box does not answer")] * 3
    with pytest.raises(EngineUnavailable):
        await bench.fill()
    assert [await bench.fill(), await bench.fill()] == ["here", "here"]
    assert len(bench.link.asked) == 2
    assert "this machine's engine answers" in bench.client.status.notice
    bench.now += 5
    assert [await bench.fill(), await bench.fill()] == ["here", "here"]
    assert len(bench.link.asked) == 3
    bench.now += 10
    assert [await bench.fill(), await bench.fill()] == ["there", "there"]
    assert bench.client.status == EngineStatus("ready", "", remote="gpu-box")


async def test_a_server_that_cannot_be_reached_costs_one_answer(bench: Bench) -> None:
    """To connect is tried three times; then this machine answers, that very request too."""
    bench.problems = [Unreachable("gpu-box does not answer")] * 3
    assert [await bench.fill(), await bench.fill()] == ["here", "here"]
    assert bench.connects == 3


async def test_one_failure_does_not_end_what_is_under_way(bench: Bench) -> None:
    """The other request's connection is closed when that has ended, and the next connects anew."""
    gate, begun = asyncio.Event(), asyncio.Event()
    fill = bench.link.fill

    async def slow(request: FillRequest, on_frame: Any) -> FillResult:  # noqa: ANN401
        begun.set()
        await gate.wait()
        return await fill(request, on_frame)

    bench.link.fill = slow  # type: ignore[method-assign]
    first = asyncio.create_task(bench.fill())
    await begun.wait()
    bench.link.fill = fill  # type: ignore[method-assign]
    bench.link.answers = [EngineFailed("nonsense")]
    with pytest.raises(EngineFailed):
        await bench.fill()
    assert bench.link.closed == 0
    gate.set()
    assert await first == "there"
    assert bench.link.closed == 1
    assert await bench.fill() == "there"
    assert bench.connects == 2


async def test_who_waits_is_answered_here_at_once(bench: Bench) -> None:
    """A rewrite does not fail with the server."""
    bench.link.answers = [EngineFailed("nonsense")]
    assert await bench.fill(wait=True) == "here"


async def test_a_refused_key_is_not_tried_again_soon(bench: Bench) -> None:
    """One request, one connection, and the status says which."""
    bench.problems = [KeyRefused("gpu-box wants another key", hint="remask remote key")]
    assert [await bench.fill(), await bench.fill()] == ["here", "here"]
    assert bench.connects == 1
    assert "wants another key" in bench.client.status.notice


async def test_connecting_is_tried_again_with_pauses(bench: Bench) -> None:
    """A server that is just starting is reached by the same request."""
    bench.problems = [Unreachable("loading"), Unreachable("loading")]
    assert await bench.fill() == "there"
    assert (bench.connects, bench.now) == (3, pytest.approx(0.3))


async def test_what_only_a_remask_engine_can_do_is_done_here(bench: Bench) -> None:
    """Without holding it against the server; what nobody asked for starts no engine."""
    bench.link.answers = [Unsupported("no masks")] * 3
    ahead = msgspec.structs.replace(REQUEST, ahead=True)
    with pytest.raises(Unsupported):
        await bench.fill(ahead)
    assert bench.here == 0
    assert await bench.fill() == "here"
    assert await bench.fill(ahead) == "here"
    assert await bench.fill() == "there"
    assert bench.client.status.notice == ""


async def test_bad_input_is_the_callers_fault(bench: Bench) -> None:
    """It is told, and the server keeps its good name."""
    bench.link.answers = [BadInput("no text")] * 3
    for _ in range(3):
        with pytest.raises(BadInput):
            await bench.fill()
    assert await bench.fill() == "there"


async def test_settings_that_do_not_fit_are_told(bench: Bench) -> None:
    """As an unknown family: this machine answers meanwhile."""
    bench.problems = [BadInput("it is not known how code fills in", hint="Set engine.prompt.")]
    assert await bench.fill() == "here"
    assert "Set engine.prompt" in bench.client.status.notice


async def test_ensure_reaches_the_server_or_starts_an_engine(bench: Bench) -> None:
    """The first without the second."""
    await bench.client.ensure()
    assert bench.local
    assert (bench.connects, bench.local.ensured) == (1, False)
    await bench.client.restart()
    bench.problems = [KeyRefused("no")]
    await bench.client.ensure()
    assert bench.local.ensured


async def test_restart_forgets_what_went_wrong(bench: Bench) -> None:
    """The key may be there by now."""
    bench.problems = [KeyRefused("no")]
    assert await bench.fill() == "here"
    await bench.client.restart()
    assert bench.local
    assert bench.local.restarted
    assert await bench.fill() == "there"


async def test_closing_lets_go_of_both(bench: Bench) -> None:
    """And asks nobody any more."""
    await bench.fill()
    await bench.client.close()
    assert bench.local
    assert (bench.link.closed, bench.local.closed) == (1, True)
    bench.local.problem = EngineUnavailable("closed")
    with pytest.raises(EngineUnavailable):
        await bench.fill()
    assert bench.connects == 1
