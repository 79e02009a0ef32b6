"""Runs one untrusted program inside the sandbox's process. A script of its own: imports no Remask.

Reads a JSON object from the standard input: `nonce`, `program`, and the limits of
`sandbox.Limits`. The nonce is written to the real standard output only after the program
ran to its end; nothing the program prints gets there.
"""

import json
import os
import sys
from collections.abc import Callable
from typing import Any

_DENIED = (
    "os.fork", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.startfile", "os.kill",
    "os.putenv", "os.chmod", "os.chown", "os.link", "os.symlink", "os.rename", "os.remove", "os.rmdir",
    "os.truncate", "pty.", "subprocess.", "socket.", "ctypes.", "shutil.", "winreg.",
    "_winapi.", "webbrowser.", "urllib.", "http.", "ftplib.", "smtplib.", "syslog.", "mmap.",
)  # fmt: skip
_NO_MODULES = {"ctypes", "_ctypes", "_posixsubprocess", "_winapi", "cffi"}
FAILED, CRASHED, TIMEOUT = 3, 4, 124
"""Exit statuses, as `sandbox._outcome` reads them."""
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC


def main() -> None:
    """Run the program."""
    job = json.loads(sys.stdin.buffer.read())
    report = os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    home = os.path.realpath(".")
    _limit(job)
    nonce, program = job["nonce"].encode(), job["program"]
    del job
    sys.addaudithook(_guard(home))
    leave, write = os._exit, os.write
    try:
        exec(compile(program, "<fill>", "exec"), {"__name__": "__main__"})  # noqa: S102 -- its purpose
    except SystemExit:
        leave(CRASHED)
    except BaseException:  # noqa: BLE001 -- whatever the program raises
        leave(FAILED)
    write(report, nonce)
    leave(0)


def _limit(job: dict[str, int]) -> None:
    try:
        import resource
        import signal
    except ImportError:  # Windows: the parent's wall clock alone
        return
    signal.signal(signal.SIGXCPU, lambda *_: os._exit(TIMEOUT))
    resource.setrlimit(resource.RLIMIT_CPU, (job["cpu_s"], job["cpu_s"] + 1))
    wanted = {
        resource.RLIMIT_AS: job["memory_mib"] << 20,
        resource.RLIMIT_FSIZE: job["file_mib"] << 20,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 32,
        resource.RLIMIT_NPROC: 0,
    }
    for kind, most in wanted.items():
        try:
            resource.setrlimit(kind, (most, most))
        except (OSError, ValueError):  # a lower limit holds already, or the system has no such one
            continue


def _guard(home: str) -> Callable[[str, tuple[Any, ...]], None]:
    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if flags & _WRITING and not _inside(path, home):
                raise PermissionError("no writing outside the working folder")
        elif event == "import":
            if arguments[0] in _NO_MODULES:
                raise ImportError(arguments[0])
        elif event.startswith(_DENIED):
            raise PermissionError(event)

    return hook


def _inside(path: int | str | bytes, home: str) -> bool:
    if isinstance(path, int):
        return True
    return os.path.realpath(os.fsdecode(path)).startswith(home + os.sep)


main()
