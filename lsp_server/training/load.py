"""From a model's name to what is trained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import torch

from lsp_server.core.settings import EngineSettings
from lsp_server.engine.runtime import prepare
from lsp_server.engine.runtime.adapter import SKETCH, TUNED
from lsp_server.engine.runtime.families.fim import FimFamily
from lsp_server.engine.runtime.load import load_filler
from lsp_server.engine.runtime.vocabulary import Vocabulary
from lsp_server.engine.store import files
from lsp_server.engine.store.adapter import ADAPTER_FORMAT
from lsp_server.engine.store.manifest import entry
from lsp_server.training.adapted import Adapted, holds, rank_of
from lsp_server.training.denoiser.denoiser import Denoiser
from lsp_server.training.denoiser.frozen import FrozenBase, Reader
from lsp_server.training.denoiser.initial import fit_maps
from lsp_server.training.denoiser.sketcher import Sketcher
from lsp_server.training.denoiser.tuned import TunedBase
from lsp_server.training.examples.example import Example

RANK, SKETCH_RANK, TUNED_RANK = 32, 64, 16
TUNED_LAYERS = 8
"""Of the base, the last ones: below them nothing needs a gradient, and half the time is saved."""
PROPOSED = 24_000
"""Tokens a sketcher has rows for: those that its first examples hold, and the commonest of the tokenizer,
which numbers them by how common they are."""


class Part(StrEnum):
    """What of an adapter is trained."""

    DENOISER = "denoiser"
    SKETCHER = "sketcher"
    BASE = "base"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model to train. `rank` is that of LoRA; `unfitted` a sketcher that is quite new."""

    model: Adapted
    family: FimFamily
    rank: int
    unfitted: Sketcher | None = None


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
    part: Part = Part.DENOISER,
    init: Path | None = None,
    rank: int | None = None,
    seed: int = 0,
    recompute: bool = False,
) -> Loaded:
    """A part of a model of the manifest to train, new or as in the adapter's file `init`.

    `rank` is else that of `init`, or the part's own. `recompute` saves memory and costs time.

    Raises:
        ModelMissing, ModelCorrupt: the model's files are not there, or not what the manifest names.
        BadInput: the manifest has no such model, or `init` does not belong to it.
    """
    chosen = entry(model)
    family = family_of(model)
    base = FrozenBase.load(files.require(model), device, reader=_reader(model, device))
    torch.manual_seed(seed)
    network: Denoiser | Sketcher | TunedBase
    if part is Part.SKETCHER:
        own_rank = rank or SKETCH_RANK
        last, third = base.architecture.layers, base.architecture.layers // 3
        network = Sketcher(base, layers=range(last - 2, last), features=(third, 2 * third), rank=own_rank)
    elif part is Part.BASE:
        own_rank = rank or TUNED_RANK
        last = base.architecture.layers
        network = TunedBase(base, layers=range(max(0, last - TUNED_LAYERS), last), rank=own_rank)
    else:
        own_rank = rank or (rank_of(init) if init else RANK)
        network = Denoiser(base, mask=family.mask, rank=own_rank, recompute=recompute)
    file_rank = rank_of(init) if init and part is not Part.DENOISER else own_rank
    about = {
        "format": ADAPTER_FORMAT,
        "base": chosen.base,
        "base_sha256": chosen.files[0].sha256,
        "licence": chosen.licence,
        "rank": str(file_rank),
        "alpha": str(file_rank),
    }
    adapted = Adapted(network, about)
    new_sketch = part is Part.SKETCHER and not (init and holds(init, f"{SKETCH}ids"))
    if init and (new_sketch or (part is Part.BASE and not holds(init, TUNED))):
        adapted.carry(init)
    elif init:
        adapted.start_from(init)
    return Loaded(
        adapted, family, own_rank, network if new_sketch and isinstance(network, Sketcher) else None
    )


def begin_sketcher(loaded: Loaded, examples: Sequence[Example]) -> None:
    """Fit the maps of a new sketcher, and choose the tokens it may propose, by `examples`."""
    sketcher = loaded.unfitted
    if sketcher is None:
        return
    fit_maps(sketcher, examples)
    counts = Counter(token for each in examples for token in (*each.context, *each.middle, each.end))
    known = {token for token, _ in counts.most_common(PROPOSED)}
    room = max(0, PROPOSED - len(known))
    ids = sorted(known | set(range(room)) | set(loaded.family.ends))
    loaded.model.keep(
        {f"{SKETCH}ids": torch.tensor(ids), f"{SKETCH}features": torch.tensor(sketcher.features)}
    )


def _reader(model: str, device: torch.device) -> Reader | None:
    """On a processor, what the engine reads with: its weights are quicker, and are what verifies."""
    if device.type != "cpu":
        return None
    filler = load_filler(model, lambda _share, _what: None, settings=EngineSettings(backend="torch"))
    return Reader.of(filler.loaded.network.weights)
