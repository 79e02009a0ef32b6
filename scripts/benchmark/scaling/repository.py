"""The index of a workspace over made-up repositories."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import psutil

from benchmark.scaling.points import Growth, growth
from lsp_server.context.workspace import Workspace

SIZES = (100, 300, 1000, 3000)
PATIENCE_S = 300.0
IN_A_FOLDER = 50
LOOKUPS = 200


def by_repository() -> Growth:
    """Seconds until every file is indexed, processor seconds of that, memory, and the time of a look-up."""
    rows = [_measured(size) for size in SIZES]
    names = [("indexed after", "s"), ("processor time", "s"), ("memory more", "MiB"), ("one look-up", "µs")]
    return growth("repository", "A larger repository", "files", names, rows)


def made_up_file(number: int) -> str:
    """A module of about 45 lines: a class and some functions with names of their own."""
    functions = "".join(
        f"\n\ndef convert_{number}_{each}(value: float, *, scale: float = 1.0) -> float:\n"
        f'    """What {each} makes of a value."""\n'
        f"    scaled = value * scale + {each}\n    return max(0.0, scaled)\n"
        for each in range(5)
    )
    return (
        f'"""Module {number}."""\n\nfrom __future__ import annotations\n\n\nclass Thing{number}:\n'
        '    """Keeps values."""\n\n    def __init__(self, values: list[float]) -> None:\n'
        "        self.values = values\n\n    def total(self) -> float:\n"
        f'        """All of them."""\n        return sum(self.values){functions}'
    )


def _measured(size: int) -> tuple[float, ...]:
    with tempfile.TemporaryDirectory(prefix="remask-repository-") as folder:
        for number in range(size):
            path = Path(folder, f"part{number // IN_A_FOLDER}", f"module{number}.py")
            path.parent.mkdir(exist_ok=True)
            path.write_text(made_up_file(number), encoding="utf-8")
        held, used = psutil.Process().memory_info().rss, time.process_time()
        workspace = Workspace()
        try:
            started = time.perf_counter()
            workspace.set_roots([Path(folder).resolve()])
            last = f"Thing{size - 1}"
            if not workspace.wait_idle(PATIENCE_S, lambda: bool(workspace.definitions_of(last))):
                raise RuntimeError(f"{size} files were not indexed within {PATIENCE_S:.0f} s")
            took, used = time.perf_counter() - started, time.process_time() - used
            memory = (psutil.Process().memory_info().rss - held) / 2**20
            return size, took, used, max(0.0, memory), _lookup_us(workspace, size)
        finally:
            workspace.close()


def _lookup_us(workspace: Workspace, size: int) -> float:
    times = []
    for number in range(LOOKUPS):
        started = time.perf_counter()
        workspace.definitions_of(f"convert_{number % size}_1")
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1e6
