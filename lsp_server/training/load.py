"""From a model's name to what is trained."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from lsp_server.engine.runtime import prepare
from lsp_server.engine.runtime.families.fim import FimFamily
from lsp_server.engine.runtime.vocabulary import Vocabulary
from lsp_server.engine.store import files
from lsp_server.engine.store.adapter import ADAPTER_FORMAT
from lsp_server.engine.store.manifest import entry
from lsp_server.training.adapted import Adapted, rank_of
from lsp_server.training.denoiser.denoiser import Denoiser
from lsp_server.training.denoiser.frozen import FrozenBase

RANK = 32


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model to train. `rank` is that of LoRA."""

    model: Adapted
    family: FimFamily
    rank: int


def family_of(model: str) -> FimFamily:
    """Prompts and tokens of a model of the manifest.

    Raises:
        ModelMissing, ModelCorrupt: its files are not there, or not what the manifest names.
        BadInput: the manifest has no such model.
    """
    gguf = files.require(model)
    return FimFamily.of(
        Vocabulary.from_file(prepare.load_tokenizer_file(gguf, files.prepared_dir(entry(model))))
    )


def load(
    model: str,
    *,
    device: torch.device,
    init: Path | None = None,
    rank: int | None = None,
    seed: int = 0,
    recompute: bool = False,
) -> Loaded:
    """The denoiser of a model of the manifest, new or as in the adapter's file `init`.

    `rank` is else that of `init`, or `RANK`. `recompute` saves memory and costs time.

    Raises:
        ModelMissing, ModelCorrupt: the model's files are not there, or not what the manifest names.
        BadInput: the manifest has no such model, or `init` does not belong to it.
    """
    chosen = entry(model)
    rank = rank or (rank_of(init) if init else RANK)
    family = family_of(model)
    torch.manual_seed(seed)
    network = Denoiser(
        FrozenBase.load(files.require(model), device), mask=family.mask, rank=rank, recompute=recompute
    )
    about = {
        "format": ADAPTER_FORMAT,
        "base": chosen.base,
        "base_sha256": chosen.files[0].sha256,
        "licence": chosen.licence,
        "rank": str(rank),
        "alpha": str(rank),
    }
    adapted = Adapted(network, about)
    if init:
        adapted.start_from(init)
    return Loaded(adapted, family, rank)
