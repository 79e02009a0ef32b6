"""Low-rank changes to frozen products (LoRA, arXiv 2106.09685), and layers of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.weights import FUSED
from lsp_server.training.denoiser.frozen import FrozenBase, attend


def widths(architecture: Architecture) -> dict[str, tuple[int, int]]:
    """(in, out) of each projection by its published name."""
    a = architecture
    queries, keys = a.heads * a.head_dim, a.kv_heads * a.head_dim
    return {
        "q_proj": (a.dim, queries),
        "k_proj": (a.dim, keys),
        "v_proj": (a.dim, keys),
        "o_proj": (queries, a.dim),
        "gate_proj": (a.dim, a.ff_dim),
        "up_proj": (a.dim, a.ff_dim),
        "down_proj": (a.ff_dim, a.dim),
    }


class LoraLayers(nn.Module):
    """Some layers of the base with a trained change, for positions that see clean text and each other.

    Tensors are named ``{layer}.{projection}.lora_A`` (rank, in) and ``lora_B`` (out, rank); the
    scale is 1.
    """

    def __init__(self, base: FrozenBase, layers: Iterable[int], rank: int) -> None:
        super().__init__()
        self._base = base
        self.indices = tuple(layers)
        self.rank = rank
        self.pairs = nn.ParameterDict()
        for index in self.indices:
            for name, (inputs, outputs) in widths(base.architecture).items():
                down = torch.randn(rank, inputs, device=base.device) / math.sqrt(inputs)
                self.pairs[_key(index, name, "A")] = nn.Parameter(down)
                self.pairs[_key(index, name, "B")] = nn.Parameter(
                    torch.zeros(outputs, rank, device=base.device)
                )

    def forward(  # one layer; a caller loops, so that it can recompute
        self,
        index: int,
        hidden: Tensor,
        turn: tuple[Tensor, Tensor],
        key: Tensor,
        value: Tensor,
        seen: Tensor,
    ) -> Tensor:
        """Hidden states (B, m, dim) behind layer `index`.

        `key` and `value` (B, kv_heads, n, head_dim) are the clean text's; `seen`
        (B, 1, m, n + m) says which clean positions and which of its own a position sees.
        """
        base, layer = self._base, self._base.layers[index]
        query, own_key, own_value = base.heads(
            self._product(base.norm(hidden, layer.attention_norm), index, "qkv", layer.bias), turn
        )
        mixed = attend(query, torch.cat([key, own_key], 2), torch.cat([value, own_value], 2), seen)
        hidden = hidden + self._product(mixed, index, "o")
        gate, up = self._product(base.norm(hidden, layer.ffn_norm), index, "gate_up").chunk(2, -1)
        return hidden + self._product(functional.silu(gate) * up, index, "down")

    def _product(self, x: Tensor, index: int, fused: str, bias: Tensor | None = None) -> Tensor:
        changes = [
            functional.linear(
                functional.linear(x, self.pairs[_key(index, name, "A")].to(x.dtype)),
                self.pairs[_key(index, name, "B")].to(x.dtype),
            )
            for name in FUSED[fused]
        ]
        frozen = functional.linear(x, self._base.layers[index].linears[fused], bias)
        return frozen + torch.cat(changes, -1)

    def named_pairs(self, prefix: str = "") -> dict[str, Tensor]:
        """The trained tensors under the names that the engine reads."""
        return {prefix + _dotted(name): tensor for name, tensor in self.pairs.items()}

    @torch.no_grad()
    def take(self, tensors: Mapping[str, Tensor], prefix: str = "") -> None:
        """Start from trained tensors; a smaller rank than ours fills the first rows, a larger is refused.

        Raises:
            ValueError: a tensor does not fit.
        """
        for name, parameter in self.pairs.items():
            given = tensors[prefix + _dotted(name)]
            side = 0 if name.endswith("A") else 1
            if given.shape[side] > self.rank or given.shape[1 - side] != parameter.shape[1 - side]:
                raise ValueError(
                    f"{prefix}{_dotted(name)}: {tuple(given.shape)} into {tuple(parameter.shape)}"
                )
            parameter.narrow(side, 0, given.shape[side]).copy_(given)


def _key(layer: int, name: str, side: str) -> str:
    # dots are not allowed in the names of parameters
    return f"{layer}:{name}:{side}"


def _dotted(key: str) -> str:
    layer, name, side = key.split(":")
    return f"layers.{layer}.{name}.lora_{side}"
