"""Compiles the kernels for this processor: ``python -m lsp_server.engine.runtime.numba.compile FILE``.

A process of its own, so that the engine need not load Numba, which takes time and memory. The file has
the name of the function in its first line, and then the object code.
"""

from __future__ import annotations

import sys
from pathlib import Path

from numba import types

from lsp_server.engine.runtime.numba import yielding
from lsp_server.engine.runtime.numba.kernels.entry import run


def compile_to(target: Path) -> None:
    """Write the object code of `run` to `target`, whole or not at all."""
    yielding.offer()
    signature = (types.int64,) * 5
    run.compile(signature)  # type: ignore[attr-defined]  # Numba has no types
    made = run.overloads[signature]  # type: ignore[attr-defined]
    library = made.library
    code = library.codegen._tm.emit_object(library._final_module)  # noqa: SLF001 -- no public way
    partial = target.with_suffix(f".{id(made)}")
    partial.write_bytes(made.fndesc.llvm_func_name.encode() + b"\n" + code)
    partial.replace(target)


if __name__ == "__main__":
    compile_to(Path(sys.argv[1]))
