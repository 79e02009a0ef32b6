"""One pass of torch's layers over the new positions of several sequences.

Products see the rows of all sequences end to end, without padding: they do not know of sequences.
Only attention does, and each row attends to its own sequence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import torch
from torch import Tensor

from lsp_server.engine.runtime.attention import Alone, Attention
from lsp_server.engine.runtime.batching.padded import Padded
from lsp_server.engine.runtime.batching.pool import SlotKV
from lsp_server.engine.runtime.decoder import TorchStack
from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.stack import Passed


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """New positions `h` (n, dim) of the sequence in `kv`; of the `last` of them the result is wanted."""

    kv: KV
    h: Tensor
    last: int | None = None


def through_together(stack: TorchStack, given: Sequence[Rows], *, causal: bool) -> list[Passed]:
    """What `stack` gives for each, in order. No two may share a `kv`."""
    for rows in given:
        rows.kv.reserve(len(rows.kv.tokens) + len(rows.h))
    order = sorted(range(len(given)), key=lambda index: _slot(given[index].kv) is None)
    parts = [given[index] for index in order]
    h = torch.cat([rows.h for rows in parts])
    entering = dict.fromkeys(stack.features, h)
    hidden = stack.decoder.attended(
        stack.parts,
        h,
        stack.decoder.rotary.at(_positions(parts, h.device)),
        _attention(stack, parts, causal=causal),
        entering,
    )
    passed: dict[int, Passed] = {}
    for index, rows, end in zip(order, parts, accumulate(len(rows.h) for rows in parts), strict=True):
        first = end - (len(rows.h) if rows.last is None else rows.last)
        passed[index] = Passed(hidden[first:end], tuple(state[first:end] for state in entering.values()))
    return [passed[index] for index in range(len(given))]


def _slot(kv: KV) -> SlotKV | None:
    """The cache if it is in a pool's slot still."""
    return kv if isinstance(kv, SlotKV) and kv.slot is not None else None


def _positions(parts: Sequence[Rows], device: torch.device) -> Tensor:
    each = [range(len(rows.kv.tokens), len(rows.kv.tokens) + len(rows.h)) for rows in parts]
    return torch.tensor([position for positions in each for position in positions], device=device)


def _attention(stack: TorchStack, parts: Sequence[Rows], *, causal: bool) -> Attention:
    """Sequences in slots of a pool attend at once, which saves launches on a GPU; the others in turn."""
    architecture = stack.decoder.architecture
    slots = [kv for rows in parts if (kv := _slot(rows.kv))]
    counts = [len(rows.h) for rows in parts]
    several: list[tuple[int, Attention]] = []
    if slots:
        within = counts[: len(slots)]
        several.append((sum(within), Padded(architecture, slots, within, causal=causal)))
    several += [
        (len(rows.h), Alone(architecture, rows.kv, len(rows.h), causal=causal))
        for rows in parts[len(slots) :]
    ]
    return _Several(several)


class _Several:
    """Attentions of rows that lie end to end, so many rows each."""

    def __init__(self, parts: Sequence[tuple[int, Attention]]) -> None:
        self._counts = [count for count, _ in parts]
        self._parts = [attention for _, attention in parts]

    def __call__(self, index: int, turned: Tensor, values: Tensor) -> Tensor:
        if len(self._parts) == 1:
            return self._parts[0](index, turned, values)
        each = zip(self._parts, *(x.split_with_sizes(self._counts) for x in (turned, values)), strict=True)
        return torch.cat([attention(index, *rows) for attention, *rows in each])
