"""The compiled kernels: found on disk, or compiled the first time, in a process of its own."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import llvmlite.binding as llvm
from filelock import FileLock

from lsp_server.core.errors import EngineUnavailable
from lsp_server.core.paths import cache_dir
from lsp_server.engine.runtime.numba import yielding

_PATIENCE_S = 300

Run = Callable[[int, int, int, int, int], None]
"""`kernels.entry.run`; the interpreter goes on meanwhile."""


@functools.cache
def load() -> Run:
    """The function, ready to be called; some ten seconds where it is not compiled yet.

    Raises:
        EngineUnavailable: it cannot be compiled.
    """
    head, _, code = _object_file().read_bytes().partition(b"\n")
    name, length = head.decode().split()
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    yielding.offer()
    machine = llvm.Target.from_default_triple().create_target_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    for part in (code[: int(length)], code[int(length) :]):
        engine.add_object_file(llvm.ObjectFileRef.from_data(part))
    engine.finalize_object()
    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, *[ctypes.c_int64] * 5)
    function = kind(engine.get_function_address(name))

    def run(*numbers: int, _: object = engine) -> None:  # the code is its own
        unused = (ctypes.c_int64 * 2)()  # where Numba's functions put a result and an error; there are none
        function(ctypes.addressof(unused), ctypes.addressof(unused) + 8, *numbers)

    return run


def _object_file() -> Path:
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock"):
        if not path.exists():
            command = [sys.executable, "-m", f"{__package__}.compile", str(path)]
            try:
                subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=True)
            except (OSError, subprocess.SubprocessError) as error:
                told = getattr(error, "stderr", None) or str(error)
                raise EngineUnavailable(f"cannot compile for this processor: {told[-500:]}") from error
    return path


@functools.cache
def _path() -> Path:
    """One name for each processor, and each state of the kernels and of what compiles them."""
    content = hashlib.sha256()
    versions = [version(name) for name in ("numba", "llvmlite")]
    processor = (llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten())
    told = [os.environ.get(f"NUMBA_CPU_{name}", "") for name in ("NAME", "FEATURES")]
    for part in (sys.platform, *versions, *processor, *told):
        content.update(f"{part}\n".encode())
    folder = Path(__file__).parent
    shared = [folder / f"{name}.py" for name in ("compile", "layout", "processor", "yielding")]
    for source in (*shared, *sorted(folder.glob("kernels/*.py"))):
        content.update(source.read_bytes())
    return cache_dir() / "kernels" / f"{content.hexdigest()[:16]}.o"
