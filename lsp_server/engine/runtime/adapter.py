"""The adapter: LoRA (arXiv 2106.09685) on block positions and the embedding of a mask."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from lsp_server.core.errors import ModelCorrupt


@dataclass(frozen=True, slots=True)
class Adapter:
    """`pairs[(layer, projection)]` is (A, B), shapes (rank, in) and (out, rank)."""

    pairs: dict[tuple[int, str], tuple[Tensor, Tensor]]
    mask_embedding: Tensor
    scale: float

    def merged(self, base: Tensor, layer: int, name: str) -> Tensor:
        """The base's weight (out, in) with this adapter's change added, in fp32."""
        pair = self.pairs.get((layer, name))
        if pair is None:
            return base
        a, b = pair
        return base + self.scale * (b.float() @ a.float())


def load_adapter(path: Path) -> Adapter:
    """Read `layers.{i}.{projection}.lora_{A,B}` and `mask_embedding`.

    Raises:
        ModelCorrupt: the file is not an adapter.
    """
    try:
        with safe_open(str(path), framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 -- no mapping
        pairs = {}
        for name, a in tensors.items():
            if name.endswith(".lora_A"):
                _, layer, projection, _ = name.split(".")
                pairs[int(layer), projection] = (a, tensors[name.removesuffix("A") + "B"])
        scale = float(metadata.get("alpha", 1)) / float(metadata.get("rank", 1))
        return Adapter(pairs, tensors["mask_embedding"].to(torch.float32), scale)
    except (SafetensorError, OSError, KeyError, ValueError) as problem:
        raise ModelCorrupt(
            f"{path} is not a Remask adapter: {problem}", hint="Install Remask anew to get its adapter back."
        ) from problem
