"""Where a running engine is found: a file in the runtime directory that only its user can read."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import msgspec
import psutil

from lsp_server import __version__
from lsp_server.core.errors import EngineUnavailable
from lsp_server.core.paths import runtime_dir
from lsp_server.engine.protocol import PROTOCOL_VERSION

LOOPBACK = "http://127.0.0.1:"
CLOCK_SLACK_S = 60.0
"""How much younger than its file a process may look: both ages come from different clocks."""
REPLACE_TRIES = 20


class Address(msgspec.Struct, frozen=True):
    """What one engine tells its clients. `token` is the secret that they send back."""

    url: str
    token: str
    pid: int
    protocol: int = PROTOCOL_VERSION
    version: str = __version__


def address_path(model: str) -> Path:
    """The file of the engine that runs `model`; engines of other protocols have other files."""
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", model)
    return runtime_dir() / f"engine-{PROTOCOL_VERSION}-{safe}.json"


def lock_path(model: str) -> Path:
    """The lock held while an engine for `model` is being started."""
    return address_path(model).with_suffix(".lock")


def private_dir() -> Path:
    """The runtime directory, made if need be.

    Raises:
        EngineUnavailable: it cannot be made, or belongs to somebody else.
    """
    folder = runtime_dir()
    hint = "Point REMASK_RUNTIME_DIR at a directory of your own."
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        owned = _owned(folder)
    except OSError as error:
        raise EngineUnavailable(f"cannot use {folder}: {error.strerror}", hint=hint) from error
    if not owned:
        raise EngineUnavailable(f"{folder} belongs to another user", hint=hint)
    return folder


def read_address(path: Path) -> Address | None:
    """The address in `path`, or None if it is absent, unreadable, not ours or its process is gone."""
    try:
        if not _owned(path):
            return None
        written = path.stat().st_mtime
        address = msgspec.json.decode(path.read_bytes(), type=Address)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    fits = address.url.startswith(LOOPBACK) and address.protocol == PROTOCOL_VERSION
    return address if fits and _wrote(address.pid, written) else None


def write_address(path: Path, address: Address) -> None:
    """Replace the file at once, readable by its user only."""
    handle, name = tempfile.mkstemp(dir=private_dir(), prefix=".engine-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(address))
        _replace(Path(name), path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def remove_address(path: Path, token: str) -> None:
    """Remove the file if it is still the one with this token."""
    with contextlib.suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
        if msgspec.json.decode(path.read_bytes(), type=Address).token == token:
            path.unlink()


def _owned(path: Path) -> bool:
    if sys.platform == "win32":
        return True  # the profile's access rights guard it
    return path.stat().st_uid == os.getuid()


def _wrote(pid: int, written: float) -> bool:
    """Whether process `pid` is alive and old enough to have written a file at `written` (epoch seconds)."""
    try:
        process = psutil.Process(pid)
        alive = process.status() != psutil.STATUS_ZOMBIE
        return alive and process.create_time() <= written + CLOCK_SLACK_S
    except (psutil.Error, ValueError, OverflowError):
        return False


def _replace(source: Path, target: Path) -> None:
    for _ in range(REPLACE_TRIES):
        try:
            source.replace(target)
        except PermissionError:  # Windows, while a client is reading the old file
            time.sleep(0.02)
        else:
            return
    source.replace(target)
