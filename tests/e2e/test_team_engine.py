"""The engine of a team as a real process: TLS, keys, and how it leaves."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest
import trustme

from lsp_server.engine.runtime.team.keys import add_user, remove_user

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform == "win32", reason="processes are not asked to leave there"),
]

STANDIN = Path(__file__).parents[1] / "standin" / "engine.py"
PATIENCE = 60


class Box:
    """The one machine: its folder, and the engine that runs there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keys = folder / "keys"
        self.gate = folder / "gate"
        self.key = {name: add_user(self.keys, name) for name in ("ada", "bob", "metrics")}
        self.rules = folder / "rules.json"
        rules = [{"before": "slow", "fill": "slow one", "gate": str(self.gate)}, {"fill": "quick"}]
        self.rules.write_text(json.dumps({"rules": rules}), encoding="utf-8")
        self.authority = trustme.CA()
        self.said: list[str] = []
        self.processes: list[subprocess.Popen[str]] = []

    def start(self, *options: str) -> str:
        """Start an engine with TLS; where it is."""
        made = self.authority.issue_cert("127.0.0.1")
        certificate, key = self.folder / "certificate.pem", self.folder / "key.pem"
        certificate.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
        key.write_bytes(made.private_key_pem.bytes())
        command = [sys.executable, str(STANDIN), "--rules", str(self.rules), "--keys", str(self.keys)]
        command += ["--listen", "127.0.0.1:0", "--tls-certificate", str(certificate), "--tls-key", str(key)]
        process = subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True)
        self.processes.append(process)
        assert process.stderr
        for line in process.stderr:
            self.said.append(line)
            if found := re.search(r"at (https://127\.0\.0\.1:\d+)", line):
                threading.Thread(target=self.said.extend, args=(process.stderr,), daemon=True).start()
                return found[1]
        raise AssertionError(f"no engine: {self.said}")

    def client(self, url: str, user: str) -> httpx.AsyncClient:
        trust = ssl.create_default_context()
        self.authority.configure_trust(trust)
        headers = {"Authorization": f"Bearer {self.key[user]}"}
        return httpx.AsyncClient(
            base_url=url, headers=headers, verify=trust, timeout=PATIENCE, trust_env=False
        )


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    box = Box(tmp_path)
    yield box
    for process in box.processes:
        process.kill()
        process.wait(PATIENCE)


def asked(text: str = "") -> dict[str, object]:
    return {"text": text, "holes": [{"start": len(text), "end": len(text)}], "frames": True}


async def until(
    answer: Callable[[], Awaitable[httpx.Response]], holds: Callable[[httpx.Response], bool]
) -> None:
    """Ask until what is answered is so."""
    async with asyncio.timeout(PATIENCE):
        while not holds(await answer()):  # noqa: ASYNC110 -- another process changes it
            await asyncio.sleep(0.02)


async def busy(client: httpx.AsyncClient) -> None:
    await until(lambda: client.get("/health"), lambda said: said.json()["state"] == "busy")


@pytest.mark.asyncio
async def test_what_is_under_way_is_answered_and_the_rest_told_to_come_again(box: Box) -> None:
    """Told to stop, it ends a fill that runs and one that waits, refuses new ones, and exits with 0."""
    url = box.start()
    async with box.client(url, "ada") as ada, box.client(url, "bob") as bob:
        running = asyncio.create_task(ada.post("/v1/fill", json=asked("slow")))
        await busy(bob)
        waiting = asyncio.create_task(bob.post("/v1/fill", json=asked()))
        async with box.client(url, "metrics") as metrics:
            queued = 'remask_queue_length{user="bob"} 1.0'
            await until(lambda: metrics.get("/metrics"), lambda said: queued in said.text)
        box.processes[0].send_signal(signal.SIGTERM)
        await until(lambda: ada.get("/ready"), lambda said: said.status_code == 503)
        late = await ada.post("/v1/fill", json=asked())
        assert (late.status_code, late.headers["Connection"]) == (503, "close")
        assert int(late.headers["Retry-After"]) > 0
        box.gate.touch()
        assert "slow" in (await running).text.splitlines()[-1]
        assert "quick" in (await waiting).text.splitlines()[-1]
    assert await asyncio.to_thread(box.processes[0].wait, PATIENCE) == 0


@pytest.mark.asyncio
async def test_what_takes_too_long_is_ended(box: Box) -> None:
    """When its time is up the engine says so to whoever still waits, and goes all the same."""
    url = box.start("--drain-seconds", "0.2")
    async with box.client(url, "ada") as ada, box.client(url, "bob") as bob:
        running = asyncio.create_task(ada.post("/v1/fill", json=asked("slow")))
        await busy(bob)
        box.processes[0].send_signal(signal.SIGTERM)
        last = json.loads((await running).text.splitlines()[-1])
        assert (last["event"], last["code"]) == ("error", "cancelled")
    assert await asyncio.to_thread(box.processes[0].wait, PATIENCE) == 0


@pytest.mark.asyncio
async def test_keys_are_taken_back_while_it_runs(box: Box) -> None:
    """Within a look at the file; the others' keys go on."""
    url = box.start()
    async with box.client(url, "ada") as ada, box.client(url, "bob") as bob:
        assert (await ada.post("/v1/fill", json=asked())).status_code == 200
        remove_user(box.keys, "ada")
        await until(lambda: ada.get("/v1/models"), lambda said: said.status_code == 401)
        assert (await bob.post("/v1/fill", json=asked())).status_code == 200
    assert not [line for line in box.said if box.key["ada"] in line or "quick" in line]


@pytest.mark.asyncio
async def test_a_connection_that_says_nothing_is_closed(box: Box) -> None:
    """Or whose request never comes to an end: many of them would keep others out."""
    url = box.start()
    host, port = url.removeprefix("https://").split(":")
    trust = ssl.create_default_context()
    box.authority.configure_trust(trust)
    reader, writer = await asyncio.open_connection(host, int(port), ssl=trust)
    writer.write(b"POST /v1/fill HTTP/1.1\r\nHost: ")
    async with box.client(url, "ada") as ada, asyncio.timeout(PATIENCE):
        ended = asyncio.create_task(reader.read())
        while not ended.done():
            await ada.get("/v1/models")
            await asyncio.wait([ended], timeout=0.5)
        assert ended.result() == b""
    writer.close()


@pytest.mark.asyncio
async def test_nothing_is_said_without_tls(box: Box) -> None:
    """Plain HTTP gets no answer, and a client that does not know the authority none either."""
    url = box.start()
    async with httpx.AsyncClient(trust_env=False) as plain:
        with pytest.raises(httpx.TransportError):
            await plain.get(url.replace("https", "http") + "/health")
        with pytest.raises(httpx.ConnectError, match="certificate"):
            await plain.get(url + "/health")
