"""The shape of a Qwen2 network (arXiv 2407.10671): numbers only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Architecture:
    """Sizes of a decoder with grouped-query attention, SwiGLU and rotary positions."""

    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    dim: int
    ff_dim: int
    vocab: int
    norm_eps: float = 1e-6
    rope_theta: float = 1e6

    @property
    def qkv_dim(self) -> int:
        """Rows of the fused query, key and value projection."""
        return (self.heads + 2 * self.kv_heads) * self.head_dim

    @property
    def queries_per_key(self) -> int:
        """Query heads that share one key head."""
        return self.heads // self.kv_heads

    def kv_bytes_per_token(self, item_size: int) -> int:
        """Memory of one cached position in bytes."""
        return 2 * self.layers * self.kv_heads * self.head_dim * item_size


QWEN2_0_5B = Architecture(layers=24, heads=14, kv_heads=2, head_dim=64, dim=896, ff_dim=4864, vocab=151_936)
