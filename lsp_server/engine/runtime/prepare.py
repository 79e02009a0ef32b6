"""Prepared weights on disk: written once, memory-mapped ever after."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from filelock import FileLock
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from lsp_server.engine.runtime.adapter import load_adapter
from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.filler import OnProgress
from lsp_server.engine.runtime.gguf_reader import BaseWeights, write_tokenizer
from lsp_server.engine.runtime.preparation import prepared_tensors

FORMAT = "3"
"""Changes when the files' content does."""
STORED = {"int8": "int8", "bf16": "bf16", "fp32": "bf16"}
"""What lies on disk for each precision."""


def prepared_file(folder: Path, *, base_sha256: str, adapter_sha256: str, precision: str) -> Path:
    """Where the weights for this base and adapter lie: one name for each content."""
    content = f"{FORMAT} {base_sha256} {adapter_sha256} {STORED[precision]}"
    return folder / f"{STORED[precision]}-{hashlib.sha256(content.encode()).hexdigest()[:16]}.safetensors"


def load_prepared(
    gguf: Path,
    adapter: Path,
    target: Path,
    *,
    precision: str,
    page: Callable[[], Sequence[int]],
    on_progress: OnProgress,
) -> tuple[dict[str, Tensor], Architecture]:
    """The tensors and the sizes, preparing them first if `target` is not there.

    `page` gives the tokens of a page of code, by which int8 weights are smoothed; it is asked only then.

    Raises:
        ModelCorrupt: the GGUF or the adapter cannot be read.
        OSError: the disk is full.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{target}.lock"):
        if not target.exists():
            base = BaseWeights(gguf)
            tensors = dict(
                prepared_tensors(
                    base,
                    load_adapter(adapter),
                    page(),
                    quantised=STORED[precision] == "int8",
                    on_progress=on_progress,
                )
            )
            _write(tensors, target, base.architecture())
            del tensors, base
    on_progress(0.8, "mapping weights")
    return load_file(target), _read_architecture(target)


def load_tokenizer_file(gguf: Path, folder: Path) -> Path:
    """`tokenizer.json`, converted from the GGUF the first time."""
    target = folder / "tokenizer.json"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{target}.lock"):
        if not target.exists():
            partial = target.with_suffix(".partial")
            write_tokenizer(gguf, partial)
            partial.replace(target)
    return target


def _write(tensors: dict[str, Tensor], target: Path, architecture: Architecture) -> None:
    partial = target.with_suffix(".partial")
    try:
        save_file(tensors, partial, {"architecture": msgspec.json.encode(architecture).decode()})
        partial.replace(target)
        _forget_others(target)
    finally:
        partial.unlink(missing_ok=True)


def _forget_others(target: Path) -> None:
    """Delete weights of the same kind prepared from another base, adapter or format."""
    kind = target.name.partition("-")[0]
    for other in target.parent.glob(f"{kind}-*.safetensors"):
        if other != target:
            with contextlib.suppress(OSError):  # mapped by a running engine, on Windows
                other.unlink()


def _read_architecture(path: Path) -> Architecture:
    with safe_open(str(path), framework="pt") as file:
        return msgspec.json.decode(file.metadata()["architecture"], type=Architecture)
