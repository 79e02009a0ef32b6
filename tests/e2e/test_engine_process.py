"""The client against a real engine process, whose model is the stand-in."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest
import pytest_asyncio

from lsp_server.core.errors import (
    EngineFailed,
    EngineUnavailable,
    ModelMissing,
    Superseded,
)
from lsp_server.core.settings import EngineSettings
from lsp_server.engine.address import Address, address_path, read_address, write_address
from lsp_server.engine.client import EngineClient, EngineStatus
from lsp_server.engine.launch import engine_log
from lsp_server.engine.protocol import FillRequest, FillResult, FrameEvent, Hole
from lsp_server.engine.remote.client import RemoteClient
from lsp_server.engine.remote.consent import Consents

pytestmark = pytest.mark.e2e

STANDIN = Path(__file__).parents[1] / "standin" / "engine.py"
MODEL = "standin"
PATIENCE = 30


class Desk:
    """A runtime directory of its own, rules for the engine in it, and clients that share it."""

    def __init__(self, folder: Path) -> None:
        self.rules_file = folder / "rules.json"
        self.command = (sys.executable, str(STANDIN), "--rules", str(self.rules_file))
        self.clients: list[EngineClient] = []
        self.processes: list[subprocess.Popen[bytes]] = []
        self.rules()

    def rules(self, *rules: dict[str, object], **load: object) -> None:
        """Replace the rules, at once for a running engine."""
        draft = self.rules_file.with_suffix(".new")
        draft.write_text(json.dumps({"rules": rules, "load": load}), encoding="utf-8")
        draft.replace(self.rules_file)

    def client(
        self,
        name: str = "a",
        idle_minutes: float = 20.0,
        on_status: Callable[[EngineStatus], None] | None = None,
    ) -> EngineClient:
        client = EngineClient(
            settings=EngineSettings(idle_minutes=idle_minutes),
            model=MODEL,
            client_id=name,
            on_status=on_status,
            command=self.command,
            draw=lambda: 0.0,
        )
        self.clients.append(client)
        return client

    def local(self, on_status: Callable[[EngineStatus], None]) -> EngineClient:
        """What stands behind a remote engine."""
        return self.client("behind", on_status=on_status)

    @property
    def address(self) -> Address:
        address = read_address(address_path(MODEL))
        assert address is not None
        return address

    def kill(self) -> None:
        """End the engine as the system does when it is out of memory, and wait until it is gone."""
        process = psutil.Process(self.address.pid)
        process.kill()
        with suppress(psutil.NoSuchProcess):
            process.wait(PATIENCE)

    def starts(self) -> int:
        """How many engines have come up."""
        return engine_log().read_text(encoding="utf-8").count(" at http://127.0.0.1:")


@pytest_asyncio.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    for name in ("RUNTIME", "LOG", "CACHE"):
        monkeypatch.setenv(f"REMASK_{name}_DIR", str(tmp_path / name.lower()))
    desk = Desk(tmp_path)
    yield desk
    for client in desk.clients:
        await client.close()
    address = read_address(address_path(MODEL))
    if address is not None:
        with suppress(psutil.Error):
            psutil.Process(address.pid).kill()
    for process in desk.processes:
        process.kill()
        process.wait(PATIENCE)


def request(text: str = "a = ", **fields: object) -> FillRequest:
    return FillRequest(text, (Hole(len(text), len(text)),), **fields)  # type: ignore[arg-type]


def text_of(result: FillResult) -> str:
    return result.candidates[0].fills[0].text


async def gone(pid: int) -> None:
    """Until the process has ended."""

    def wait() -> None:
        with suppress(psutil.NoSuchProcess):
            psutil.Process(pid).wait(PATIENCE)

    await asyncio.to_thread(wait)


class Frames:
    """Collects frames and tells when there is one."""

    def __init__(self) -> None:
        self.seen: list[FrameEvent] = []
        self.first = asyncio.Event()

    def __call__(self, frame: FrameEvent) -> None:
        self.seen.append(frame)
        self.first.set()


@pytest.mark.asyncio
async def test_an_engine_is_started_on_demand(desk: Desk) -> None:
    """The first fill brings it up, frames are streamed, and its health names its own process."""
    desk.rules({"fill": "1 + 1"})
    client, frames = desk.client(), Frames()
    assert await client.health() is None
    result = await client.fill(request(frames=True), frames, wait=True)
    assert text_of(result) == "1 + 1"
    assert [len(frame.cells) for frame in frames.seen] == [3, 3, 3]
    health = await client.health()
    assert health is not None
    assert health.pid == desk.address.pid != os.getpid()


@pytest.mark.asyncio
async def test_typing_gets_an_answer_once_the_engine_is_up(desk: Desk) -> None:
    """Until then every fill fails at once, and the status goes from starting over loading to ready."""
    desk.rules(delay_ms=300)
    seen: list[EngineStatus] = []
    client = desk.client(on_status=seen.append)
    with pytest.raises(EngineUnavailable, match="starting the engine"):
        await client.fill(request())
    await client.ensure()
    assert text_of(await client.fill(request())) == "pass"
    phases = [status.phase for status in seen]
    assert list(dict.fromkeys(phases)) == ["starting", "loading", "ready", "busy"]
    assert [status.progress for status in seen if status.phase == "loading"][-1] == 0.25


@pytest.mark.asyncio
async def test_clients_that_start_at_once_share_one_engine(desk: Desk) -> None:
    """The second finds what the first has started; each keeps its own requests."""
    clients = [desk.client(name) for name in "abcd"]
    results = await asyncio.gather(*(client.fill(request(document="d"), wait=True) for client in clients))
    assert [text_of(result) for result in results] == ["pass"] * 4
    assert desk.starts() == 1


@pytest.mark.asyncio
async def test_processes_that_start_at_once_share_one_engine(desk: Desk, tmp_path: Path) -> None:
    """The lock holds between processes, not only between objects of one."""
    script = tmp_path / "one.py"
    script.write_text(
        "import asyncio, sys\n"
        "from lsp_server.core.settings import EngineSettings\n"
        "from lsp_server.engine.client import EngineClient\n"
        "async def main():\n"
        f"    client = EngineClient(settings=EngineSettings(), model={MODEL!r}, client_id=sys.argv[1],\n"
        f"                          command={list(desk.command)!r})\n"
        "    await client.ensure()\n"
        "    print((await client.health()).pid)\n"
        "    await client.close()\n"
        "asyncio.run(main())\n",
        encoding="utf-8",
    )

    async def pid(name: str) -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(script), name, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
        return int(said)

    assert set(await asyncio.gather(pid("a"), pid("b"), pid("c"))) == {desk.address.pid}
    assert desk.starts() == 1


@pytest.mark.asyncio
async def test_an_engine_killed_in_the_middle_of_a_fill(desk: Desk) -> None:
    """That request fails, the status says why, and a later one is answered by a new engine."""
    desk.rules({"fill": "a b c", "step_ms": 60_000})
    client, frames = desk.client(), Frames()
    fill = asyncio.create_task(client.fill(request(frames=True), frames, wait=True))
    await asyncio.wait_for(frames.first.wait(), PATIENCE)
    killed = desk.address.pid
    desk.kill()
    with pytest.raises(EngineUnavailable, match="went away"):
        await asyncio.wait_for(fill, PATIENCE)
    assert client.status.phase == "stopped"
    assert "remask doctor" in client.status.hint
    desk.rules({"fill": "again"})
    assert text_of(await client.fill(request(), wait=True)) == "again"
    assert desk.address.pid != killed


@pytest.mark.asyncio
async def test_an_engine_that_kills_itself(desk: Desk) -> None:
    """A crash inside the model costs the request that caused it; other clients recover by themselves."""
    # a model crashes while it computes, when the answer's headers have long been sent: a request
    # lost before that is taken for one that never arrived, and is sent once more
    desk.rules({"document": "bad", "crash": True, "delay_ms": 500}, {"fill": "fine"})
    first, second = desk.client("a"), desk.client("b")
    await asyncio.gather(first.ensure(), second.ensure())
    with pytest.raises(EngineUnavailable):
        await first.fill(request(document="bad"), wait=True)
    assert text_of(await second.fill(request(), wait=True)) == "fine"
    assert text_of(await first.fill(request(), wait=True)) == "fine"
    assert desk.starts() == 2


@pytest.mark.asyncio
async def test_an_engine_that_cannot_start(desk: Desk) -> None:
    """After a few tries the status is failed, with the reason from its log and what to do."""
    desk.command = (sys.executable, "-c", "import sys; sys.exit('no such thing')")
    client = desk.client()
    with pytest.raises(EngineUnavailable, match="no such thing"):
        await client.ensure()
    assert client.status.phase == "failed"
    assert str(engine_log()) in client.status.hint


@pytest.mark.asyncio
async def test_an_engine_that_dies_while_loading(desk: Desk) -> None:
    """A crash loop of an engine that answers before it dies ends in the same way."""
    desk.rules(delay_ms=50, error="crash")
    client = desk.client()
    with pytest.raises(EngineUnavailable):
        await asyncio.wait_for(client.ensure(), PATIENCE)
    assert client.status.phase == "failed"
    assert desk.starts() == 4


@pytest.mark.asyncio
async def test_a_missing_model_is_told_with_what_to_do(desk: Desk) -> None:
    """The engine stays up, and every fill says so."""
    desk.rules(error="model-missing")
    client = desk.client()
    for _ in range(2):
        with pytest.raises(ModelMissing, match="remask pull"):
            await client.fill(request(), wait=True)
    assert (client.status.phase, client.status.hint) == ("failed", "Run `remask pull`.")
    assert desk.starts() == 1


@pytest.mark.asyncio
async def test_an_engine_leaves_when_idle(desk: Desk) -> None:
    """Its address goes with it, its process ends, and the next fill starts another at once and says so."""
    seen: list[EngineStatus] = []
    client = desk.client(idle_minutes=0.005, on_status=seen.append)
    await client.fill(request(), wait=True)
    left = desk.address.pid
    await asyncio.wait_for(gone(left), PATIENCE)
    assert not address_path(MODEL).exists()
    assert "leaving" in engine_log().read_text(encoding="utf-8")
    seen.clear()
    await client.fill(request(), wait=True)
    assert desk.address.pid != left
    phases = [status.phase for status in seen]
    assert phases.index("stopped") < phases.index("starting") < phases.index("ready")


@pytest.mark.asyncio
async def test_an_engine_does_not_leave_while_it_works(desk: Desk) -> None:
    """A fill that takes longer than the idle time is finished."""
    desk.rules({"fill": "slow", "delay_ms": 900})
    assert text_of(await desk.client(idle_minutes=0.005).fill(request(), wait=True)) == "slow"


@pytest.mark.asyncio
@pytest.mark.skipif(os.name == "nt", reason="processes there cannot be asked to end")
async def test_an_engine_that_is_told_to_stop(desk: Desk) -> None:
    """What is under way is turned away, the address removed, and the process ends."""
    desk.rules({"fill": "a b c", "step_ms": 60_000})
    client, frames = desk.client(), Frames()
    fill = asyncio.create_task(client.fill(request(frames=True), frames, wait=True))
    await asyncio.wait_for(frames.first.wait(), PATIENCE)
    pid = desk.address.pid
    os.kill(pid, signal.SIGTERM)
    with pytest.raises(EngineUnavailable):
        await asyncio.wait_for(fill, PATIENCE)
    await asyncio.wait_for(gone(pid), PATIENCE)
    assert not address_path(MODEL).exists()


@pytest.fixture
def stranger() -> Iterator[tuple[str, list[bytes]]]:
    """Another program on a port, which answers everything with a page; its URL and what it was sent."""
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        await writer.drain()
        writer.close()

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(answer, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", heard
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.mark.asyncio
async def test_an_address_of_a_dead_process(desk: Desk, stranger: tuple[str, list[bytes]]) -> None:
    """Its port may belong to anybody now: nothing is sent there, and the file is replaced."""
    url, heard = stranger
    dead = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await dead.wait()
    write_address(address_path(MODEL), Address(url, "old", dead.pid))
    assert text_of(await desk.client().fill(request(), wait=True)) == "pass"
    assert heard == []


@pytest.mark.asyncio
async def test_an_address_of_another_program(desk: Desk, stranger: tuple[str, list[bytes]]) -> None:
    """A living process that is no engine is not taken for one, and gets no source text."""
    url, heard = stranger
    write_address(address_path(MODEL), Address(url, "old", os.getpid()))
    assert text_of(await desk.client().fill(request("secret = "), wait=True)) == "pass"
    assert desk.address.url != url
    assert heard
    assert b"secret" not in b"".join(heard)


@pytest.mark.asyncio
async def test_an_address_with_a_wrong_token(desk: Desk) -> None:
    """A client that does not know the token of the running engine starts its own."""
    await desk.client("a").ensure()
    old = desk.address
    write_address(address_path(MODEL), Address(old.url, "wrong", old.pid))
    await desk.client("b").ensure()
    assert desk.address.pid != old.pid
    with suppress(psutil.Error):
        psutil.Process(old.pid).kill()


@pytest.mark.asyncio
async def test_a_port_in_use(desk: Desk) -> None:
    """A port asked for by hand that somebody has is an error with a hint, not a stack trace."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            *desk.command, "--port", str(port), stderr=asyncio.subprocess.PIPE
        )
        _, said = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 1
    assert f"cannot listen on port {port}".encode() in said
    assert b"--port" in said
    assert b"Traceback" not in said


@pytest.mark.asyncio
async def test_a_newer_request_of_the_same_document_wins(desk: Desk) -> None:
    """The older one ends as superseded, while one of another document waits its turn."""
    desk.rules({"before": "slow", "fill": "a b c", "step_ms": 60_000}, {"fill": "new"})
    client, frames = desk.client(), Frames()
    older = asyncio.create_task(client.fill(request("slow", document="d", frames=True), frames, wait=True))
    await asyncio.wait_for(frames.first.wait(), PATIENCE)
    other = asyncio.create_task(client.fill(request(document="e")))
    newer = asyncio.create_task(client.fill(request(document="d")))
    with pytest.raises(Superseded):
        await asyncio.wait_for(older, PATIENCE)
    assert text_of(await newer) == text_of(await other) == "new"


@pytest.mark.asyncio
async def test_cancelling_a_task_frees_the_engine(desk: Desk) -> None:
    """The connection is closed, which stops the fill: the next one is answered."""
    desk.rules({"before": "slow", "fill": "a b c", "step_ms": 60_000}, {"fill": "next"})
    client, frames = desk.client(), Frames()
    fill = asyncio.create_task(client.fill(request("slow", frames=True), frames, wait=True))
    await asyncio.wait_for(frames.first.wait(), PATIENCE)
    fill.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fill
    assert text_of(await asyncio.wait_for(client.fill(request()), PATIENCE)) == "next"


@pytest.mark.asyncio
async def test_time_is_counted_from_arrival(desk: Desk) -> None:
    """A request whose budget ends while another one works gets what there is; nothing hangs."""
    desk.rules({"before": "slow", "hang": True}, {"fill": "x", "delay_ms": 60_000})
    client = desk.client()
    await client.ensure()
    slow = client.fill(request("slow", document="d", budget_ms=400))
    quick = client.fill(request(document="e", budget_ms=400))
    assert [text_of(each) for each in await asyncio.wait_for(asyncio.gather(slow, quick), PATIENCE)]


@pytest.mark.asyncio
async def test_a_failing_fill_and_bad_text(desk: Desk) -> None:
    """Errors come back as what they are, and the same engine answers on."""
    desk.rules({"before": "bad", "error": "failed"}, {"fill": "\U0001f600\u2028é\r\n"})
    client = desk.client()
    with pytest.raises(EngineFailed, match="RuntimeError"):
        await client.fill(request("bad"), wait=True)
    for text in (
        "",
        "\ufeff\r\n\t",
        "x" * 5_000_000,
        "a\n" * 50_000,
        "\0\x01",
        "e\u0301\U0001f469\u200d\U0001f4bb",
    ):
        assert text_of(await client.fill(request(text))) == "\U0001f600\u2028é\r\n"
    assert desk.starts() == 1


@pytest.mark.asyncio
async def test_a_restart_by_hand(desk: Desk) -> None:
    """The old process ends and a new one answers."""
    client = desk.client()
    await client.ensure()
    old = desk.address.pid
    await client.restart()
    assert not psutil.pid_exists(old) or psutil.Process(old).status() == psutil.STATUS_ZOMBIE
    await client.ensure()
    assert desk.address.pid != old


@pytest.mark.asyncio
async def test_a_remote_url_reaches_a_running_engine(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With URL and key no address file is needed; a wrong key is refused, and starts no engine."""
    await desk.client().ensure()
    address = desk.address
    for key, answers in ((address.token, True), ("wrong", False)):
        monkeypatch.setenv("REMASK_ENGINE_KEY", key)
        client = RemoteClient(
            settings=EngineSettings(url=address.url, fallback=False),
            client_id="far",
            consents=Consents(tmp_path / "remote.json"),
            private=lambda _: False,
            make_local=desk.local,
        )
        if answers:
            assert text_of(await client.fill(request(), wait=True)) == "pass"
        else:
            with pytest.raises(EngineUnavailable, match="key"):
                await client.fill(request(), wait=True)
        await client.close()
    assert desk.starts() == 1


@pytest.mark.asyncio
async def test_a_plugin_that_speaks_openai(desk: Desk) -> None:
    """Over a real socket: streamed pieces as they are made, then usage and `[DONE]`; loopback only."""
    desk.rules({"after": ")", "fill": "x,\ny,\nz"})
    await desk.client().ensure()
    headers = {"Authorization": f"Bearer {desk.address.token}"}
    body = {"prompt": "f1", "suffix": ")", "stream": True, "max_tokens": 9}
    async with httpx.AsyncClient(base_url=desk.address.url, headers=headers, trust_env=False) as http:
        streamed = (await http.post("/v1/completions", json=body)).text
        whole = (await http.post("/v1/completions", json=body | {"stream": False})).json()
    events = [event.removeprefix("data: ") for event in streamed.split("\n\n") if event]
    assert events.pop() == "[DONE]"
    assert "".join(json.loads(event)["choices"][0]["text"] for event in events) == "x,\ny,\nz"
    assert whole["choices"][0]["text"] == "x,\ny,\nz"
    listening = [
        each.laddr.ip
        for each in psutil.Process(desk.address.pid).net_connections()
        if each.status == "LISTEN"
    ]
    assert listening == ["127.0.0.1"]


def test_the_client_stays_light() -> None:
    """Importing it brings neither torch nor the engine's web server, nor httpx before it is needed."""
    heavy = ("torch", "transformers", "starlette", "uvicorn", "httpx")
    code = f"import sys, lsp_server.engine.client; print([m for m in {heavy!r} if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert said.stdout.strip() == "[]"
