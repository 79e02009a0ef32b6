"""The server's process."""

from __future__ import annotations

import subprocess
import sys

BUSY = """
import asyncio, time
from lsp_server import app

async def serve(address):
    asyncio.get_running_loop().run_in_executor(None, time.sleep, 600)
    return 3

app._serve = serve
app.serve()
"""


def test_a_busy_thread_does_not_keep_the_process() -> None:
    """The server ends with its exit code, in the middle of what a thread does."""
    done = subprocess.run([sys.executable, "-c", BUSY], stdin=subprocess.DEVNULL, check=False, timeout=120)
    assert done.returncode == 3
