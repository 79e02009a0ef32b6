"""Rows of several examples as padded tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from lsp_server.training.denoiser.blocks import Rows


@dataclass(frozen=True, slots=True)
class Batch:
    """B examples: clean text (B, n), noisy rows (B, m); see `Rows` for the fields.

    `seen` (B, 1, m, n + m) says what a row attends to: clean positions before its block, and its block.
    """

    clean: Tensor
    token: Tensor
    position: Tensor
    target: Tensor
    weight: Tensor
    teacher: Tensor
    offset: Tensor
    blank: Tensor
    seen: Tensor


def collate(clean: Sequence[Sequence[int]], rows: Sequence[Rows], device: torch.device) -> Batch:
    """Pad to the longest and put on `device`."""

    def padded(values: Sequence[Sequence[float]], fill: float, dtype: torch.dtype = torch.long) -> Tensor:
        tensors = [torch.tensor(each, dtype=dtype) for each in values]
        return pad_sequence(tensors, batch_first=True, padding_value=fill).to(device)

    texts = padded(clean, 0)
    start = padded([each.start for each in rows], 0)
    block = padded([each.block for each in rows], -1)
    before = torch.arange(texts.shape[1], device=device) < start[..., None]
    own = block[:, :, None] == block[:, None]
    return Batch(
        clean=texts,
        token=padded([each.token for each in rows], 0),
        position=padded([each.position for each in rows], 0),
        target=padded([each.target for each in rows], -1),
        weight=padded([each.weight for each in rows], 0.0, torch.float32),
        teacher=padded([each.teacher for each in rows], -1),
        offset=padded([each.offset for each in rows], -1),
        blank=padded([each.blank for each in rows], 0, torch.bool),
        seen=torch.cat([before, own], 2)[:, None],
    )
