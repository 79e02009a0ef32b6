"""What processes have cost so far: processor time, and the most memory they ever held."""

from __future__ import annotations

import re
from pathlib import Path

import psutil


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, summed over cores; counted in hundredths of a second."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def peak_mib(pid: int) -> int:
    """The most resident memory a process has held, in MiB, mapped files included.

    macOS does not tell it of other processes: there it is what the process holds now.
    """
    status = Path(f"/proc/{pid}/status")
    if status.is_file():
        found = re.search(r"^VmHWM:\s*(\d+) kB", status.read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return int(found[1]) >> 10
    memory = psutil.Process(pid).memory_info()
    return int(getattr(memory, "peak_wset", memory.rss)) >> 20
