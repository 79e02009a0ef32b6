"""The adapter: LoRA (arXiv 2106.09685) on block positions and the embedding of a mask."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from lsp_server.core.errors import ModelCorrupt

SKETCH = "sketch."
TUNED = "base."
"""Before the names of LoRA that is for the base itself."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """The sketcher's part: LoRA of scale 1 on a few layers, and tensors by name (see `weights.Sketcher`)."""

    lora: Adapter
    own: dict[str, Tensor]

    @property
    def layers(self) -> tuple[int, ...]:
        """The layers it has."""
        return tuple(sorted({layer for layer, _ in self.lora.pairs}))


@dataclass(frozen=True, slots=True)
class Adapter:
    """`pairs[(layer, projection)]` is (A, B), shapes (rank, in) and (out, rank).

    `tuned` has those for the base, of scale 1, where it was tuned to somebody's code.
    """

    pairs: dict[tuple[int, str], tuple[Tensor, Tensor]]
    mask_embedding: Tensor
    scale: float
    sketch: Sketch | None = None
    tuned: dict[tuple[int, str], tuple[Tensor, Tensor]] = field(default_factory=dict)

    def based(self, base: Tensor, layer: int, name: str) -> Tensor:
        """The published weight (out, in) as this adapter's base has it, in fp32."""
        return _changed(base, self.tuned.get((layer, name)), 1.0)

    def merged(self, base: Tensor, layer: int, name: str) -> Tensor:
        """The base's weight (out, in) with this adapter's change added, in fp32."""
        return _changed(base, self.pairs.get((layer, name)), self.scale)


def load_adapter(path: Path) -> Adapter:
    """Read `layers.{i}.{projection}.lora_{A,B}`, `mask_embedding`, and a sketcher's below `sketch.`.

    Raises:
        ModelCorrupt: the file is not an adapter.
    """
    try:
        with safe_open(str(path), framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 -- no mapping
        scale = float(metadata.get("alpha", 1)) / float(metadata.get("rank", 1))
        mask = tensors["mask_embedding"].to(torch.float32)
        return Adapter(_pairs(tensors, ""), mask, scale, _sketch(tensors, mask), _pairs(tensors, TUNED))
    except (SafetensorError, OSError, KeyError, ValueError) as problem:
        raise ModelCorrupt(
            f"{path} is not a Remask adapter: {problem}", hint="Install Remask anew to get its adapter back."
        ) from problem


def _pairs(tensors: dict[str, Tensor], prefix: str) -> dict[tuple[int, str], tuple[Tensor, Tensor]]:
    pairs = {}
    for name, a in tensors.items():
        if name.startswith(f"{prefix}layers.") and name.endswith(".lora_A"):
            _, layer, projection, _ = name.removeprefix(prefix).split(".")
            pairs[int(layer), projection] = (a, tensors[name.removesuffix("A") + "B"])
    return pairs


def _changed(weight: Tensor, pair: tuple[Tensor, Tensor] | None, scale: float) -> Tensor:
    if pair is None:
        return weight
    a, b = pair
    return weight + scale * (b.float() @ a.float())


def _sketch(tensors: dict[str, Tensor], mask: Tensor) -> Sketch | None:
    pairs = _pairs(tensors, SKETCH)
    if not pairs:
        return None
    names = ("known_map", "masked_map", "places", "last_norm", "ids", "features")
    return Sketch(Adapter(pairs, mask, 1.0), {name: tensors[SKETCH + name] for name in names})
