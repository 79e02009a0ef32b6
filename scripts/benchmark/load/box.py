"""The one machine: an engine process that serves a team, and its users' keys."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx

from lsp_server.engine.runtime.team.keys import METRICS_USER, add_user

READY_S = 300.0
"""For the model to be there; the first start prepares its weights."""
LEAVE_S = 60.0
LOOK_S = 0.1
OURS = (sys.executable, "-m", "lsp_server", "engine")


class Box:
    """Starts, asks and stops the engine, always at the same port."""

    def __init__(self, folder: Path, users: Sequence[str], *, parallel: int, command: Sequence[str]) -> None:
        self.log = folder / "engine.log"
        self.keys = {name: add_user(folder / "keys", name) for name in (*users, METRICS_USER)}
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._command = [*(command or OURS), "--listen", f"127.0.0.1:{port}", "--keys", str(folder / "keys")]
        self._command += ["--per-minute", "100000", "--waiting-each", "64"] if not command else []
        self._command += ["--parallel", str(parallel)]
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Return once it has its model.

        Raises:
            TimeoutError: it does not come.
        """
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stderr=log)  # noqa: ASYNC220 -- returns at once
        async with asyncio.timeout(READY_S), httpx.AsyncClient(base_url=self.url, trust_env=False) as client:
            while not await _ready(client):  # noqa: ASYNC110 -- another process changes it
                await asyncio.sleep(LOOK_S)

    async def stop(self) -> int:
        """Tell it to leave; its exit status."""
        process = self._process
        if process is None:
            return 0
        process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(process.wait, LEAVE_S)

    def kill(self) -> None:
        """Whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    async def metrics(self) -> str:
        """What Prometheus would read."""
        headers = {"Authorization": f"Bearer {self.keys[METRICS_USER]}"}
        async with httpx.AsyncClient(base_url=self.url, headers=headers, trust_env=False) as client:
            return (await client.get("/metrics")).raise_for_status().text


async def _ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/ready")).is_success
    except httpx.TransportError:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
