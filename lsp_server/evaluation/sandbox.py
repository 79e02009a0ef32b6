"""Runs programs that a model wrote: each in a process of its own, with limits, and nothing else in reach.

The process has an empty working folder, no environment, no network, and bounds on
time, memory, files and output. An audit hook, which Python cannot remove, refuses
processes, sockets and native calls. This holds against what a model writes by
accident; it is no prison for a program written to break out.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

_CHILD = Path(__file__).with_name("_sandboxed.py")
_APART = ("unshare", "--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child", "--")


class Outcome(StrEnum):
    """How a program ended."""

    PASSED = "passed"
    FAILED = "failed"
    """It raised an exception, or did not compile; also for want of memory."""
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    """Its process ended before the program did."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use: seconds of wall clock and of processor, MiB of memory and of a file."""

    wall_s: float = 10.0
    cpu_s: int = 8
    memory_mib: int = 1024
    file_mib: int = 1


def run_program(program: str, limits: Limits = Limits()) -> Outcome:
    """Run one Python program in its own process."""
    nonce = secrets.token_hex(16)
    job = json.dumps({"nonce": nonce, "program": program, **asdict(limits)}).encode()
    with tempfile.TemporaryDirectory(prefix="remask-eval-", ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen(
            [*_apart(), sys.executable, "-I", "-S", "-B", str(_CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=_environment(),
            start_new_session=True,
        )
        try:
            said, _ = process.communicate(job, timeout=limits.wall_s)
        except subprocess.TimeoutExpired:
            return Outcome.TIMEOUT
        finally:
            _end(process)
    return _outcome(process.returncode, finished=said.decode("ascii", "replace") == nonce)


def _outcome(status: int, *, finished: bool) -> Outcome:
    """From the exit status, as `_sandboxed.py` sets it."""
    if status == 0 and finished:
        return Outcome.PASSED
    return {3: Outcome.FAILED, 124: Outcome.TIMEOUT}.get(status, Outcome.CRASHED)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and all that it started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream:
            with contextlib.suppress(OSError):
                stream.close()


def _environment() -> dict[str, str]:
    """As little as the interpreter needs: Windows does not start without SYSTEMROOT."""
    return {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}


@cache
def _apart() -> tuple[str, ...]:
    """The command that cuts a process off network and other processes, where the system has one."""
    try:
        tried = subprocess.run(
            [*_APART, sys.executable, "-c", ""], capture_output=True, timeout=10, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    return _APART if tried.returncode == 0 else ()
