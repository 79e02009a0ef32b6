from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from lsp_server.core.errors import EngineUnavailable
from lsp_server.core.settings import EngineSettings
from lsp_server.engine import source as module
from lsp_server.engine.address import Address, address_path, lock_path, private_dir, write_address
from lsp_server.engine.launch import Launched
from lsp_server.engine.protocol import PROTOCOL_VERSION, EngineState, Health
from lsp_server.engine.source import LocalEngine

MODEL = "m"
ME = os.getpid()


class Process:
    def __init__(self) -> None:
        self.returncode: int | None = None
        self.killed = False

    def poll(self) -> int | None:
        return self.returncode

    def kill(self) -> None:
        self.killed = True


class Machine:
    """Engines by URL and token, as `Link` would find them, and what starting one does."""

    def __init__(self, folders: Path) -> None:
        self.engines: dict[tuple[str, str | None], Health] = {}
        self.launched: list[Process] = []
        self.on_launch: Callable[[Process], None] = self.come_up
        self.log = folders / "engine.log"
        self.open_links = 0

    def run(self, **changes: object) -> Address:
        """An engine that answers."""
        token = str(changes.pop("token", "t"))
        address = Address(f"http://127.0.0.1:{1000 + len(self.engines)}", token, ME)
        health = {"state": EngineState.READY, "model": MODEL, "pid": ME} | changes
        self.engines[address.url, address.token] = Health(**health)  # type: ignore[arg-type]
        return address

    def come_up(self, _: Process) -> None:
        write_address(address_path(MODEL), self.run(token=f"t{len(self.launched)}"))

    def launch(self, _: object) -> Launched:
        process = Process()
        self.launched.append(process)
        self.on_launch(process)
        return Launched(process, self.log, 0)  # type: ignore[arg-type]

    def link(self, url: str, token: str | None) -> Link:
        return Link(self, url, token)


class Link:
    def __init__(self, machine: Machine, url: str, token: str | None) -> None:
        self.machine, self.key = machine, (url, token)
        machine.open_links += 1

    async def health(self) -> Health | None:
        await asyncio.sleep(0)
        return self.machine.engines.get(self.key)

    async def close(self) -> None:
        self.machine.open_links -= 1


@pytest.fixture
def machine(folders: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(folders)
    monkeypatch.setattr(module, "Link", machine.link)
    monkeypatch.setattr(module, "launch", machine.launch)
    return machine


async def yielding(_: float) -> None:
    await asyncio.sleep(0)


def local(clock: Callable[[], float] = lambda: 0.0) -> LocalEngine:
    return LocalEngine(MODEL, EngineSettings(), sleep=yielding, clock=clock)


@pytest.mark.asyncio
async def test_a_running_engine_is_shared(machine: Machine) -> None:
    """What another server has started is used."""
    write_address(address_path(MODEL), machine.run())
    assert (await local().reach()).health.pid == ME
    assert not machine.launched


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "changes",
    [{"pid": ME + 1}, {"protocol": PROTOCOL_VERSION + 1}],
    ids=["another process", "another protocol"],
)
async def test_an_answer_from_somebody_else_does_not_count(
    machine: Machine, changes: dict[str, object]
) -> None:
    """A port that another program or another version has taken is left alone, and the address replaced."""
    write_address(address_path(MODEL), machine.run(**changes))
    found = await local().reach()
    assert found.health.pid == ME
    assert len(machine.launched) == 1
    assert machine.open_links == 1


@pytest.mark.asyncio
async def test_a_token_that_is_refused_does_not_count(machine: Machine) -> None:
    """An address whose token the engine does not know is stale."""
    running = machine.run(token="right")
    write_address(address_path(MODEL), Address(running.url, "wrong", ME))
    assert await local().find() is None
    assert machine.open_links == 0


@pytest.mark.asyncio
async def test_many_at_once_start_one(machine: Machine) -> None:
    """Of twenty servers that find no engine one starts it and all use it."""
    found = await asyncio.gather(*(local().reach() for _ in range(20)))
    assert len(machine.launched) == 1
    assert len({each.token for each in found}) == 1


@pytest.mark.asyncio
async def test_a_lock_file_left_behind_is_harmless(machine: Machine) -> None:
    """The lock is what the system holds, not that the file exists."""
    private_dir()
    lock_path(MODEL).write_text("99999")
    assert await local().reach()


@pytest.mark.asyncio
async def test_the_one_with_the_lock_is_waited_for(machine: Machine) -> None:
    """While another process holds the lock nothing is started, and its engine is used."""
    private_dir()
    lock = FileLock(lock_path(MODEL))
    lock.acquire()
    rounds = 0

    async def sleep(_: float) -> None:
        nonlocal rounds
        rounds += 1
        await asyncio.sleep(0)
        if rounds == 3:
            write_address(address_path(MODEL), machine.run())

    assert await LocalEngine(MODEL, EngineSettings(), sleep=sleep).reach()
    lock.release()
    assert rounds == 3
    assert not machine.launched


@pytest.mark.asyncio
async def test_an_engine_that_came_up_just_before_the_lock_was_had(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking again with the lock in hand keeps a second engine from being started."""

    class Late(FileLock):
        def acquire(self, **options: object) -> object:  # type: ignore[override]
            write_address(address_path(MODEL), machine.run())
            return super().acquire(**options)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "FileLock", Late)
    assert await local().reach()
    assert not machine.launched


@pytest.mark.asyncio
async def test_an_engine_that_ends_at_once_is_explained(machine: Machine) -> None:
    """Its last words are the reason, and the hint names the log and the doctor; the lock is free again."""

    def die(process: Process) -> None:
        machine.log.write_text("Traceback\nImportError: no torch\n")
        process.returncode = 1

    machine.on_launch = die
    with pytest.raises(
        EngineUnavailable, match=r"ImportError: no torch(.|\n)*engine.log(.|\n)*remask doctor"
    ):
        await local().reach()
    machine.on_launch = machine.come_up
    assert await local().reach()


@pytest.mark.asyncio
async def test_an_engine_that_never_answers_is_ended(machine: Machine) -> None:
    """After a minute the process is killed and the caller told."""
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 7.0
        return now

    machine.on_launch = lambda _: None
    with pytest.raises(EngineUnavailable, match="did not answer within 60 s"):
        await local(clock).reach()
    assert machine.launched[0].killed


@pytest.mark.asyncio
async def test_an_address_left_behind_means_a_crash(machine: Machine) -> None:
    """An engine that ends when idle takes its address away; a killed one cannot."""
    engine = local()
    found = await engine.reach()
    assert not engine.left_in_order(found)
    address_path(MODEL).unlink()
    assert engine.left_in_order(found)
    write_address(address_path(MODEL), machine.run(token="successor"))
    assert engine.left_in_order(found)


@pytest.mark.asyncio
async def test_stopping_ends_the_process_in_the_address(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even one that does not answer any more; without an address nothing is ended."""
    ended: list[int] = []
    monkeypatch.setattr(module, "_end", ended.append)
    await local().stop()
    write_address(address_path(MODEL), Address("http://127.0.0.1:1", "t", ME))
    await local().stop()
    assert ended == [ME]
