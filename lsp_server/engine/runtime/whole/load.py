"""From a checkpoint's folder to a filler."""

from __future__ import annotations

from pathlib import Path

import psutil
import torch

from lsp_server.core.errors import EngineFailed, ModelCorrupt
from lsp_server.core.settings import EngineSettings
from lsp_server.engine.runtime.families.known import kind_of
from lsp_server.engine.runtime.filler import Filler, OnProgress
from lsp_server.engine.runtime.kv import ContextCache
from lsp_server.engine.runtime.memory import LIBRARIES, MIB, MOST_CONTEXTS, SCRATCH, SHARE
from lsp_server.engine.runtime.whole.checkpoint import Tensors, read_config
from lsp_server.engine.runtime.whole.fill import MaskedLook, WholeFiller
from lsp_server.engine.runtime.whole.tokenizer import read_vocabulary
from lsp_server.engine.runtime.whole.transformer import Transformer
from lsp_server.engine.runtime.whole.weights import build

BYTES = {"fp32": 4, "bf16": 2, "int8": 1}
"""Of a weight, by precision."""


def load_folder(folder: Path, model: str, on_progress: OnProgress, *, settings: EngineSettings) -> Filler:
    """Load the checkpoint in `folder`, to be known as `model`.

    Raises:
        ModelCorrupt: something is missing in the folder, or broken.
        BadInput: it is of no known family.
        EngineFailed: it does not fit into the memory that `settings` allow.
    """
    config = read_config(folder)
    device, precision = chosen_device(settings), chosen_precision(settings)
    threads = settings.threads or psutil.cpu_count(logical=False) or 1
    torch.set_num_threads(threads)
    if config.get("model_type") == "diffusion_gemma":
        from lsp_server.engine.runtime.whole.uniform.load import load_uniform

        check_memory(folder, precision, settings)
        return load_uniform(folder, config, model, device=device, precision=precision, threads=threads)
    vocabulary = read_vocabulary(folder)
    kind = kind_of(config, vocabulary)
    family, shape = kind.of(config, vocabulary), kind.shape(config)
    if max(family.mask or 0, vocabulary.size - 1) >= shape.architecture.vocab:
        raise ModelCorrupt(f"the tokenizer in {folder} has more tokens than the network has rows")
    check_memory(folder, precision, settings)
    layers = shape.architecture.layers
    weights = build(
        Tensors(folder),
        kind.names,
        shape,
        precision=precision,
        device=device,
        on_layer=lambda done: on_progress(0.95 * done / layers, "reading weights"),
    )
    cache = ContextCache(shape.architecture, weights.dtype, device)
    on_progress(1.0, "ready")
    backend = f"{device}, {precision} by torch, {threads} threads, {family.name}"
    return WholeFiller(MaskedLook(Transformer(weights, shape), cache), family, model, backend)


def chosen_device(settings: EngineSettings) -> torch.device:
    """The user's choice, else CUDA where there is one."""
    cuda = settings.device == "cuda" or (settings.device == "auto" and torch.cuda.is_available())
    return torch.device("cuda" if cuda else "cpu")


def chosen_precision(settings: EngineSettings) -> str:
    """The user's choice, else bf16, as checkpoints are: nothing smoothed their activations for int8."""
    chosen = "bf16" if settings.precision == "auto" else settings.precision
    return "bf16" if chosen == "int8" and chosen_device(settings).type == "cuda" else chosen


def check_memory(folder: Path, precision: str, settings: EngineSettings) -> None:
    """Raise `EngineFailed` unless the weights fit: into what the engine may take, or what a GPU has free."""
    weights = sum(path.stat().st_size for path in folder.glob("*.safetensors")) * BYTES[precision] // 2
    needed = weights + SCRATCH + MOST_CONTEXTS
    if chosen_device(settings).type == "cuda":
        limit, where = torch.cuda.mem_get_info()[0], "of the GPU are free"
    else:
        needed += LIBRARIES
        limit = settings.memory_mb * MIB or psutil.virtual_memory().total // SHARE
        where = "the engine may take"
    if needed > limit:
        least = -(-needed // MIB)
        hint = "Choose a smaller model or precision."
        if chosen_device(settings).type == "cpu":
            hint = f"Set engine.memoryMb to {least} or more, or choose a smaller model or precision."
        raise EngineFailed(f"the model needs {least:,} MiB; {limit // MIB:,} {where}", hint=hint)
