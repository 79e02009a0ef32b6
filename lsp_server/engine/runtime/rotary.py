"""Rotary positions (arXiv 2104.09864), halves convention."""

from __future__ import annotations

import torch
from torch import Tensor


class Rotary:
    """Cosines and sines of positions."""

    def __init__(self, head_dim: int, theta: float, dtype: torch.dtype, device: torch.device) -> None:
        self._dtype = dtype
        half = head_dim // 2
        self._frequencies = theta ** (-torch.arange(half, device=device).float() / half)

    def __call__(self, start: int, count: int) -> tuple[Tensor, Tensor]:
        """Cosine and sine for positions from `start` on, (count, 1, head_dim) each."""
        return self.at(torch.arange(start, start + count, device=self._frequencies.device))

    def at(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Cosine and sine for `positions` (n,), (n, 1, head_dim) each."""
        angles = positions.float()[:, None] * self._frequencies
        both = torch.cat([angles, angles], 1)[:, None]
        return both.cos().to(self._dtype), both.sin().to(self._dtype)


def rotate(x: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
    """Turn `x` (n, heads, head_dim) to its positions."""
    cos, sin = rotation
    first, second = x.chunk(2, -1)
    return x * cos + torch.cat([-second, first], -1) * sin
