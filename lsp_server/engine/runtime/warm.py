"""Doing at the start what the first fill would wait for: weights are packed, kernels made, at first use.

Packing keeps one core busy and needs no interpreter. So the layers, which take the longest, and all else
are made ready beside each other.
"""

from __future__ import annotations

import torch

from lsp_server.engine.runtime.attempt import READ_AT_ONCE
from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.network import Network
from lsp_server.engine.runtime.weights import Weights

ROWS = (1, 8)
"""Positions of usual passes: one alone, and one with a draft."""
_TOKEN = 0
"""Any token."""


def warm_layers(weights: Weights) -> None:
    """Read as fills do."""
    network, kv = Network(weights, mask_id=_TOKEN), _empty(weights)
    for count in (READ_AT_ONCE, *ROWS):
        network.read(kv, [_TOKEN] * count, last=1)


def warm_ends(weights: Weights) -> None:
    """Predict, and sketch where there is a sketcher, behind a context that was never read."""
    network = Network(weights, mask_id=_TOKEN)
    for count in ROWS:
        network.logits(
            torch.zeros((count, weights.architecture.dim), dtype=weights.dtype, device=weights.device)
        )
    if weights.sketcher:
        kv = _empty(weights)
        kv.reserve(1)
        for read in (kv.keys[:, :1], kv.values[:, :1]):
            read.zero_()
        kv.seeds[:1] = 1
        kv.tokens.append(_TOKEN)
        network.sketch(kv, [_TOKEN], weights.sketcher.width)


def _empty(weights: Weights) -> KV:
    return KV(weights.architecture, weights.dtype, weights.device, weights.seed_width)
