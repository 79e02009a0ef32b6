"""How well a fill joins what follows it, by the base that wrote it.

Left to right a fill is chosen by what stands before it and what the prompt says of
the rest. Here the text is read in its own order, and the suffix must follow: a fill
that repeats the suffix, or leaves a bracket open, makes it unlikely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.network import Network
from lsp_server.engine.runtime.vocabulary import Vocabulary

BEFORE = 384
"""Tokens of the prefix that are read."""
AFTER = 32
"""Tokens of the suffix that are judged."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Mean log probabilities (nats a token) of each fill's own tokens and of the suffix behind it."""

    middle: tuple[float, ...]
    suffix: tuple[float, ...]
    forwards: int

    def best_join(self) -> int:
        """The fill behind which the suffix is likeliest; of equals the first."""
        return max(range(len(self.suffix)), key=lambda index: (self.suffix[index], -index))

    def best(self) -> int:
        """The fill whose tokens and suffix together are likeliest; of equals the first."""
        both = [own + after for own, after in zip(self.middle, self.suffix, strict=True)]
        return max(range(len(both)), key=lambda index: (both[index], -index))


@torch.inference_mode()
def judge(
    network: Network,
    vocabulary: Vocabulary,
    prefix: str,
    fills: Sequence[str],
    suffix: str,
    *,
    before: int = BEFORE,
    after: int = AFTER,
) -> Judged:
    """Read ``prefix + fill + suffix`` causally for each fill; one pass for the prefix, one for each fill.

    An empty fill, like an empty suffix, has the log probability 0.
    """
    head = vocabulary.encode(prefix)[-before:] or vocabulary.encode("\n")
    ends = vocabulary.encode(suffix[: after * 16])[:after]
    weights = network.weights
    kv = KV(weights.architecture, weights.dtype, weights.device, weights.seed_width)
    if len(head) > 1:
        network.read(kv, head[:-1])
    middles, suffixes = [], []
    for fill in fills:
        tokens = vocabulary.encode(fill)
        own, follows = _log_probabilities(network, kv, head[-1], tokens, ends)
        middles.append(own)
        suffixes.append(follows)
    return Judged(tuple(middles), tuple(suffixes), len(fills) + (len(head) > 1))


def _log_probabilities(
    network: Network, kv: KV, last: int, middle: Sequence[int], suffix: Sequence[int]
) -> tuple[float, float]:
    """Mean log probability of `middle` after `last`, and of `suffix` after both; `kv` stays as it is."""
    wanted = [*middle, *suffix]
    if not wanted:
        return 0.0, 0.0
    read = len(kv.tokens)
    logits = network.logits(network.read(kv, [last, *wanted[:-1]]))
    kv.truncate(read)
    rows = torch.arange(len(wanted), device=logits.device)
    chosen = logits[rows, torch.tensor(wanted, device=logits.device)] - logits.logsumexp(-1)
    values = chosen.tolist()
    return _mean(values[: len(middle)]), _mean(values[len(middle) :])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
