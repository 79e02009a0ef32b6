"""The optimiser."""

from __future__ import annotations

from collections.abc import Iterable

from torch.nn import Parameter
from torch.optim import AdamW


def adamw(parameters: Iterable[Parameter], *, rate: float, weight_decay: float) -> AdamW:
    """AdamW (arXiv 1711.05101) with betas .9 and .95; embeddings, which are single rows, do not decay."""
    trained = [each for each in parameters if each.requires_grad]
    rows = [each for each in trained if _is_row(each)]
    matrices = [each for each in trained if not _is_row(each)]
    groups = [
        {"params": matrices, "weight_decay": weight_decay},
        {"params": rows, "weight_decay": 0.0},
    ]
    on_gpu = any(each.is_cuda for each in trained)
    return AdamW([group for group in groups if group["params"]], lr=rate, betas=(0.9, 0.95), fused=on_gpu)


def set_rate(optimiser: AdamW, rate: float) -> None:
    """Use this learning rate from the next step on."""
    for group in optimiser.param_groups:
        group["lr"] = rate


def _is_row(parameter: Parameter) -> bool:
    return parameter.dim() < 2 or (parameter.dim() == 2 and parameter.shape[0] == 1)
