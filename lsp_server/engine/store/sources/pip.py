"""Fetching one wheel with pip itself, so that the user's index, proxy and certificates are used."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from lsp_server.engine.store.files import OnBytes
from lsp_server.engine.store.sources import SourceFailed, disk_full, disk_is_full
from lsp_server.engine.store.sources.watch import watching

_REASON_LIMIT = 300
_BROKEN = re.compile(r"after connection broken by '(\w+)")
"""In pip's warnings about an index that does not answer, which its last error does not mention."""


def download_wheel(requirement: str, scratch: Path, on_bytes: OnBytes) -> Path:
    """The wheel of `requirement` (``name==version``), fetched under `scratch`.

    pip's temporary files lie under `scratch` too, which therefore shows how far it is.

    Raises:
        SourceFailed: pip gave no wheel; the message is pip's.
        OSError: the disk is full.
    """
    wheels, log = scratch / "wheels", scratch / "pip.log"
    scratch.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output, watching(scratch, on_bytes):
        code = run_pip(_arguments(requirement, wheels), output.fileno(), scratch)
    printed = log.read_text(encoding="utf-8", errors="replace")
    found = sorted(wheels.glob("*.whl"))
    if code == 0 and found:
        return found[0]
    if disk_full(printed):
        raise disk_is_full()
    raise SourceFailed(f"pip gave no wheel of {requirement}: {_reason(printed)}")


def _arguments(requirement: str, wheels: Path) -> list[str]:
    return [
        *("download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir", "--no-input"),
        *("--disable-pip-version-check", "--progress-bar", "off", "--retries", "2"),
        *("--dest", str(wheels), requirement),
    ]


def run_pip(arguments: list[str], output: int, temporary: Path) -> int:
    """Run pip to its end and return its exit status; whatever ends the wait ends pip too."""
    folder = str(temporary)
    command = [sys.executable, "-P", "-m", "pip", *arguments]  # -P: no pip.py of the working directory
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env={**os.environ, "TMPDIR": folder, "TEMP": folder, "TMP": folder},
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    ) as process:
        try:
            return process.wait()
        except BaseException:
            process.kill()
            raise


def _reason(printed: str) -> str:
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    reason = errors[-1] if errors else (lines[-1] if lines else "it printed nothing")
    broken = _BROKEN.search(printed)
    return reason[:_REASON_LIMIT] + (f" (the index did not answer: {broken[1]})" if broken else "")
