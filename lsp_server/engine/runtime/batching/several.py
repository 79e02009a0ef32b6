"""What an engine needs to run several fills at once: a network that they share, and contexts for each."""

from __future__ import annotations

from collections.abc import Callable

import torch

from lsp_server.engine.runtime.batching.front import Front
from lsp_server.engine.runtime.batching.pool import Pool
from lsp_server.engine.runtime.batching.shared import share
from lsp_server.engine.runtime.kv import ContextCache
from lsp_server.engine.runtime.network import Network
from lsp_server.engine.runtime.weights import Weights

ON_A_GPU = 32
"""Fills at once by default where there is a GPU."""
CAPACITY = 2048
"""Positions of a slot: the widest context by default, its fill, and as much again."""
KEPT = 8
"""Contexts that nobody fills with, beyond one for each fill."""
SHARE = 4
"""At most one part in so many of the GPU's free memory is taken for slots."""
_EACH_BYTES = 64 << 20
"""Memory allowed for a context outside of a pool, on average."""


def fills_at_once(wanted: int, device: torch.device) -> int:
    """What the setting `engine.parallel` means on `device`."""
    return wanted or (ON_A_GPU if device.type == "cuda" else 1)


def network_for(
    parallel: int, weights: Weights, *, mask_id: int, before_pass: Callable[[], None]
) -> tuple[Network, Front | None]:
    """The network for `parallel` fills at once; with more than one, what they hand their passes to."""
    if parallel == 1:
        return Network(weights, mask_id=mask_id, before_pass=before_pass), None
    front = Front(before_pass=before_pass)
    return Network(share(weights, front), mask_id=mask_id), front


def contexts_for(parallel: int, weights: Weights, *, max_bytes: int) -> ContextCache:
    """A cache with room for `parallel` fills and as many contexts waiting for their next one.

    On a GPU contexts lie in a pool, where one call attends to all; a processor gains nothing by that.
    Elsewhere they take `max_bytes` at most.
    """
    kind = (weights.architecture, weights.dtype, weights.device, weights.seed_width)
    wanted = 2 * parallel + KEPT
    if parallel == 1:
        return ContextCache(*kind, max_bytes=max_bytes)
    if weights.device.type != "cuda":
        most = min(wanted * _EACH_BYTES, max_bytes)
        return ContextCache(*kind, max_contexts=wanted, max_bytes=most)
    free, _ = torch.cuda.mem_get_info(weights.device)
    each = CAPACITY * bytes_per_position(weights)
    slots = max(1, min(wanted, free // SHARE // each))
    pool = Pool(*kind, slots=slots, capacity=CAPACITY)
    return ContextCache(*kind, max_contexts=slots, max_bytes=2 * slots * each, new=pool.new)


def bytes_per_position(weights: Weights) -> int:
    """Memory of one cached position, with what a sketcher starts from."""
    return weights.architecture.kv_bytes_per_token(weights.dtype.itemsize) + 2 * weights.seed_width
