"""Compiles the kernels for this processor: ``python -m lsp_server.engine.runtime.numba.compile FILE``.

A process of its own, so that the engine need not load Numba, which takes time and memory. The file has,
in a line, the name of the function to call and the length of the first of two objects, and then both.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
from numba import types

from lsp_server.engine.runtime.numba import yielding
from lsp_server.engine.runtime.numba.kernels.entry import run
from lsp_server.engine.runtime.numba.kernels.jit import emitted_module


def compile_to(target: Path) -> None:
    """Write the machine code of `run` and of what it calls to `target`, whole or not at all."""
    yielding.offer()
    signature = (types.int64,) * 5
    run.compile(signature)  # type: ignore[attr-defined]  # Numba has no types
    made = run.overloads[signature]  # type: ignore[attr-defined]
    machine = made.library.codegen._tm  # noqa: SLF001 -- for the processor that Numba compiles for
    passes = machine.emit_object(made.library._final_module)  # noqa: SLF001 -- no public way
    partial = target.with_suffix(".partial")
    head = f"{made.fndesc.llvm_func_name} {len(passes)}\n"
    partial.write_bytes(head.encode() + passes + machine.emit_object(_optimised(machine)))
    partial.replace(target)


def _optimised(machine: Any) -> Any:  # noqa: ANN401 -- llvmlite has no types
    module = llvm.parse_assembly(str(emitted_module()))
    module.triple, module.data_layout = machine.triple, str(machine.target_data)
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=2))
    builder.getModulePassManager().run(module, builder)
    return module


if __name__ == "__main__":
    compile_to(Path(sys.argv[1]))
