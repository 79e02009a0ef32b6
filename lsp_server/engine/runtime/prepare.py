"""Prepared weights: merged with the adapter, fused, quantised; written once and memory-mapped ever after."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import torch
from filelock import FileLock
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from lsp_server.engine.runtime.adapter import Adapter, load_adapter
from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.filler import OnProgress
from lsp_server.engine.runtime.gguf_reader import BaseWeights, write_tokenizer
from lsp_server.engine.runtime.linear import quantise_rows
from lsp_server.engine.runtime.weights import BODIES, FUSED, GROUP

FORMAT = "1"
"""Changes when the files' content does."""
STORED = {"int8": "int8", "bf16": "bf16", "fp32": "bf16"}
"""What lies on disk for each precision."""


def prepared_file(folder: Path, *, base_sha256: str, adapter_sha256: str, precision: str) -> Path:
    """Where the weights for this base and adapter lie: one name for each content."""
    content = f"{FORMAT} {base_sha256} {adapter_sha256} {STORED[precision]}"
    return folder / f"{STORED[precision]}-{hashlib.sha256(content.encode()).hexdigest()[:16]}.safetensors"


def load_prepared(
    gguf: Path, adapter: Path, target: Path, *, precision: str, on_progress: OnProgress
) -> tuple[dict[str, Tensor], Architecture]:
    """The tensors and the sizes, preparing them first if `target` is not there.

    Raises:
        ModelCorrupt: the GGUF or the adapter cannot be read.
        OSError: the disk is full.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{target}.lock"):
        if not target.exists():
            base = BaseWeights(gguf)
            tensors = dict(_prepared_tensors(base, load_adapter(adapter), STORED[precision], on_progress))
            _write(tensors, target, base.architecture())
            del tensors, base
    on_progress(0.8, "mapping weights")
    return load_file(target), _read_architecture(target)


def load_tokenizer_file(gguf: Path, folder: Path) -> Path:
    """`tokenizer.json`, converted from the GGUF the first time."""
    target = folder / f"tokenizer-{FORMAT}.json"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{target}.lock"):
        if not target.exists():
            partial = target.with_suffix(".partial")
            write_tokenizer(gguf, partial)
            partial.replace(target)
    return target


def _prepared_tensors(
    base: BaseWeights, adapter: Adapter, stored: str, on_progress: OnProgress
) -> Iterator[tuple[str, Tensor]]:
    layers = base.architecture().layers
    for layer in range(layers):
        on_progress(0.8 * layer / layers, "preparing weights")
        for fused, names in FUSED.items():
            originals = [base.linear(layer, name) for name in names]
            merged = [adapter.merged(w, layer, n) for w, n in zip(originals, names, strict=True)]
            for body, parts in zip(BODIES, (originals, merged), strict=True):
                yield from _stored(f"{body}.{layer}.{fused}", torch.cat(parts), stored)
        yield f"{layer}.qkv.bias", torch.cat([base.bias(layer, name) for name in FUSED["qkv"]])
        attention, ffn = base.norms(layer)
        yield f"{layer}.attention_norm", attention
        yield f"{layer}.ffn_norm", ffn
    embedding = base.embedding()
    yield from _stored("head", embedding, stored)
    if stored == "int8":
        yield from _grouped("embed", embedding)
    yield "last_norm", base.last_norm()
    yield "mask_embedding", adapter.mask_embedding


def _stored(name: str, weight: Tensor, stored: str) -> Iterator[tuple[str, Tensor]]:
    if stored == "int8":
        quantised, scale = quantise_rows(weight)
        yield f"{name}.weight", quantised
        yield f"{name}.scale", scale
    else:
        yield f"{name}.weight", weight.to(torch.bfloat16)


def _grouped(name: str, table: Tensor) -> Iterator[tuple[str, Tensor]]:
    groups = table.view(len(table), -1, GROUP)
    scale = (groups.abs().amax(2) / 127).clamp_min(1e-8)
    yield f"{name}.weight", (groups / scale[..., None]).round().to(torch.int8).flatten(1)
    yield f"{name}.scale", scale.to(torch.float16)


def _write(tensors: dict[str, Tensor], target: Path, architecture: Architecture) -> None:
    partial = target.with_suffix(".partial")
    try:
        save_file(tensors, partial, {"architecture": msgspec.json.encode(architecture).decode()})
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _read_architecture(path: Path) -> Architecture:
    with safe_open(str(path), framework="pt") as file:
        return msgspec.json.decode(file.metadata()["architecture"], type=Architecture)
