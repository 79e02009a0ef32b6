"""Messages in and out: stdin and stdout, or one TCP connection for debugging.

Reading stdin blocks, so a daemon thread does it: nothing waits for that thread
when the process is to end. Stdout is the protocol's alone: whatever else prints,
in this process or in one it starts, goes to stderr.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from asyncio import StreamReader
from collections.abc import Awaitable
from typing import BinaryIO, Protocol

from pygls.io_ import StdoutWriter, run_async

from lsp_server.core.errors import BadInput
from lsp_server.lsp.server import RemaskServer

_log = logging.getLogger(__name__)

_LONGEST_HEADER = 2**20


class Writer(Protocol):
    """What pygls writes to."""

    def write(self, data: bytes) -> Awaitable[None] | None:
        """Send bytes."""

    def close(self) -> Awaitable[None] | None:
        """No more."""


class FairReader(StreamReader):
    """A reader that lets every handler take its first step before the next message is read.

    A handler takes its snapshot in that step, so a request sees exactly the
    changes that arrived before it.
    """

    async def readline(self) -> bytes:
        """One line; an empty one at the end."""
        await asyncio.sleep(0)
        return await super().readline()


async def serve_stdio(server: RemaskServer) -> int:
    """Serve the process's own stdin and stdout; the exit code."""
    stdin, stdout = sys.stdin.buffer, _claim_stdout()
    reader = FairReader(limit=_LONGEST_HEADER)
    loop = asyncio.get_running_loop()
    threading.Thread(target=_feed, args=(stdin, reader, loop), name="stdin", daemon=True).start()
    return await converse(server, reader, StdoutWriter(stdout))


async def serve_tcp(server: RemaskServer, host: str, port: int) -> int:
    """Serve the first client that connects; the exit code.

    Raises:
        BadInput: the address cannot be had.
    """
    code: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def connected(reader: StreamReader, writer: asyncio.StreamWriter) -> None:
        if listening.is_serving():
            listening.close()
            left = await converse(server, reader, writer)
            writer.close()
            code.set_result(left)

    def protocol() -> asyncio.StreamReaderProtocol:
        return asyncio.StreamReaderProtocol(FairReader(limit=_LONGEST_HEADER), connected)

    try:
        listening = await asyncio.get_running_loop().create_server(protocol, host, port)
    except OSError as error:
        raise BadInput(
            f"cannot listen on {host}:{port}: {error.strerror}", hint="Choose another port, or 0 for any."
        ) from error
    where = ", ".join("{}:{}".format(*socket.getsockname()[:2]) for socket in listening.sockets)
    print(f"remask: listening on {where}", file=sys.stderr, flush=True)  # noqa: T201 -- for the person debugging
    return await code


async def converse(server: RemaskServer, reader: StreamReader, writer: Writer) -> int:
    """Handle messages until the client says `exit`, is gone, or the server leaves; the exit code."""
    server.protocol.set_writer(writer)  # type: ignore[arg-type]
    left: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    server.leave = lambda code: None if left.done() else left.set_result(code)
    reading = asyncio.ensure_future(
        run_async(
            stop_event=threading.Event(),
            reader=reader,
            protocol=server.protocol,
            logger=logging.getLogger("pygls.server"),
            error_handler=server.report_server_error,
        )
    )
    await asyncio.wait((reading, left), return_when=asyncio.FIRST_COMPLETED)
    if not reading.done():
        reading.cancel()
    elif not reading.cancelled() and (error := reading.exception()):
        _log.warning("the client's stream broke off: %s", error)
    await server.close()
    return left.result() if left.done() else server.protocol.exit_code


def _feed(stdin: BinaryIO, reader: StreamReader, loop: asyncio.AbstractEventLoop) -> None:
    """Pass on what arrives on `stdin` until it ends or nobody listens any more."""
    try:
        while data := os.read(stdin.fileno(), 2**16):
            loop.call_soon_threadsafe(reader.feed_data, data)
        loop.call_soon_threadsafe(reader.feed_eof)
    except (OSError, ValueError, RuntimeError) as error:
        _log.debug("stdin ended: %s", error)


def _claim_stdout() -> BinaryIO:
    """A private copy of stdout; the public one becomes stderr."""
    sys.stdout.flush()
    private = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return private
