from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from lsp_server.app import _address as address
from lsp_server.app import _log_to_file as log_to_file
from lsp_server.app import build, serve
from lsp_server.core.errors import BadInput

BUSY = """
import asyncio, time
from lsp_server import app

async def serve(address):
    asyncio.get_running_loop().run_in_executor(None, time.sleep, 600)
    return 3

app._serve = serve
app.serve()
"""


@pytest.mark.parametrize(
    ("tcp", "expected"),
    [
        ("127.0.0.1:2087", ("127.0.0.1", 2087)),
        (":2087", ("127.0.0.1", 2087)),
        ("[::1]:0", ("::1", 0)),
        ("localhost:65535", ("localhost", 65535)),
    ],
)
def test_addresses(tcp: str, expected: tuple[str, int]) -> None:
    """A host and a port; without a host this machine only."""
    assert address(tcp) == expected


@pytest.mark.parametrize("tcp", ["2087", "localhost:", "localhost:http", "localhost:65536", "localhost:-1"])
def test_what_is_no_address_is_refused(tcp: str) -> None:
    """Before anything is started."""
    with pytest.raises(BadInput):
        serve(tcp=tcp)


def test_an_unknown_log_level_is_refused() -> None:
    """With the levels there are."""
    with pytest.raises(BadInput, match="debug, info"):
        serve(log_level="loud")


def test_building_starts_nothing() -> None:
    """A built server has announced commands, and no engine client yet."""
    server = build()
    assert "remask.rewrite" in server.protocol.fm.commands
    assert server.services.engine._client is None


@pytest.mark.parametrize("level", ["debug", "warning"])
def test_what_pygls_logs_is_kept_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, level: str) -> None:
    """Its messages hold source text; even at debug they stay out of the log file, ours get in."""
    monkeypatch.setenv("REMASK_LOG_DIR", str(tmp_path))
    root = logging.getLogger()
    handlers, before = root.handlers[:], root.level
    try:
        log_to_file(level)
        logging.getLogger("pygls.protocol").info("source text")
        logging.getLogger("lsp_server.test").warning("ours")
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers, root.level = handlers, before
    logged = (tmp_path / "server.log").read_text(encoding="utf-8")
    assert "ours" in logged
    assert "source text" not in logged


def test_a_busy_thread_does_not_keep_the_process() -> None:
    """The server ends with its exit code, in the middle of what a thread does."""
    done = subprocess.run([sys.executable, "-c", BUSY], stdin=subprocess.DEVNULL, check=False, timeout=120)
    assert done.returncode == 3
