"""From a folder of DiffusionGemma's to a filler."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from lsp_server.core.errors import ModelCorrupt
from lsp_server.engine.runtime.families import diffusion_gemma
from lsp_server.engine.runtime.filler import Filler
from lsp_server.engine.runtime.whole.checkpoint import Config
from lsp_server.engine.runtime.whole.fill import WholeFiller
from lsp_server.engine.runtime.whole.tokenizer import read_vocabulary
from lsp_server.engine.runtime.whole.uniform.canvases import UniformLook


def load_uniform(
    folder: Path, config: Config, model: str, *, device: torch.device, precision: str, threads: int
) -> Filler:
    """Load the checkpoint; raises `ModelCorrupt`. In int8 it is computed in bf16."""
    try:
        from transformers import DiffusionGemmaForBlockDiffusion
    except ImportError as problem:
        raise ModelCorrupt(
            "this installation's transformers does not know DiffusionGemma",
            hint="Install transformers 5.23 or newer.",
        ) from problem
    kind = torch.float32 if precision == "fp32" else torch.bfloat16
    try:
        module: Any = DiffusionGemmaForBlockDiffusion.from_pretrained(
            folder, dtype=kind, local_files_only=True, use_safetensors=True, trust_remote_code=False
        )
    except (OSError, ValueError, KeyError, RuntimeError) as problem:
        raise ModelCorrupt(f"{folder} cannot be read: {problem}", hint="Fetch it again.") from problem
    family = diffusion_gemma.family(config, read_vocabulary(folder))
    shown = "fp32" if kind is torch.float32 else "bf16"
    backend = f"{device}, {shown} by transformers, {threads} threads, {family.name}"
    return WholeFiller(UniformLook(module.to(device).eval()), family, model, backend)
