"""The memory of a real engine with the default model stays within its bound."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from lsp_server.core.errors import EngineFailed
from lsp_server.core.paths import cache_dir
from lsp_server.core.settings import DEFAULT_MODEL, EngineSettings
from lsp_server.engine.address import address_path, read_address
from lsp_server.engine.client import EngineClient
from lsp_server.engine.protocol import Decode, FillRequest, Hole, Sampling
from lsp_server.engine.store.files import installed
from lsp_server.engine.store.manifest import entry

pytestmark = [pytest.mark.e2e, pytest.mark.model, pytest.mark.asyncio]

TIGHT_MIB = 1400
"""Room for the default model by OpenVINO with some contexts, but not for diffusion alone."""
DOCUMENTS = 12

Start = Callable[[int], EngineClient]


@pytest_asyncio.fixture
async def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    """Gives a client whose engine may hold so many MiB."""
    if not installed(entry(DEFAULT_MODEL)):
        pytest.skip("the default model is not installed: run `remask pull`")
    monkeypatch.setenv("REMASK_CACHE_DIR", str(cache_dir()))
    for name in ("RUNTIME", "LOG"):
        monkeypatch.setenv(f"REMASK_{name}_DIR", str(tmp_path / name.lower()))
    clients: list[EngineClient] = []

    def make(memory_mb: int) -> EngineClient:
        settings = EngineSettings(idle_minutes=5, precision="int8", memory_mb=memory_mb)
        clients.append(EngineClient(settings=settings, model=DEFAULT_MODEL, client_id="a"))
        return clients[-1]

    yield make
    for client in clients:
        await client.close()
    address = read_address(address_path(DEFAULT_MODEL))
    if address is not None:
        with suppress(psutil.Error):
            psutil.Process(address.pid).kill()


def request(number: int, decode: Decode) -> FillRequest:
    """A hole behind a page of code that no other document has."""
    lines = "".join(f"value_{number}_{line} = {number * line}\n" for line in range(60))
    text = f"{lines}total = "
    hole = Hole(len(text), len(text), max_tokens=16, max_lines=1)
    return FillRequest(f"{text}\n", (hole,), document=f"d{number}", sampling=Sampling(decode))


async def test_the_engine_stays_within_its_bound(start: Start) -> None:
    """After contexts of many documents, and after asking for what there is no memory for."""
    client = start(TIGHT_MIB)
    for number in range(DOCUMENTS):
        for decode in (Decode.VERIFIED, Decode.CONFIDENCE):
            result = await client.fill(request(number, decode), wait=True)
            assert result.candidates[0].fills[0].text
    health = await client.health()
    assert health is not None
    assert health.memory_mib <= TIGHT_MIB


async def test_a_bound_that_the_model_does_not_meet_is_told(start: Start) -> None:
    """The engine says what it needs, and which setting to change."""
    client = start(300)
    with pytest.raises(EngineFailed, match="MiB of memory") as refusal:
        await client.fill(request(1, Decode.AUTO), wait=True)
    assert "engine.memoryMb" in refusal.value.hint
    assert client.status.phase == "failed"
    assert "MiB of memory" in client.status.message
