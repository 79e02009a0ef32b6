"""Block-causal attention: a block sees itself, whole, and all blocks before it (BD3-LM, arXiv 2503.09573).

Blocks are counted from the sequence's first token, also through the prompt, as in SDAR (arXiv
2510.06303), LLaDA2.0 and Fast-dLLM v2 (arXiv 2509.26328). A block that is full changes nothing of
itself any more, so its keys and values are exact. The last, unfinished block of the prompt is denoised
together with the canvas's first positions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.whole.attention import Span
from lsp_server.engine.runtime.whole.transformer import Transformer

READ_AT_ONCE = 64
"""Prompt tokens read between two looks at whether anybody still waits, at least a block."""


class Blocks:
    """See `sight.Sight`. `kv` holds what is known of the prompt already; what does not fit is cut off it."""

    def __init__(
        self,
        network: Transformer,
        kv: KV,
        prompt: Sequence[int],
        *,
        block: int,
        shift: bool,
        before_pass: Callable[[], None] = lambda: None,
    ) -> None:
        self._network = network
        self._kv = kv
        self._block = block
        self._shift = shift
        self._before_pass = before_pass
        self._last: Tensor | None = None  # hidden state of the last token in the cache
        self.forwards: float = 0
        self.cached = self._settle(prompt)
        self._head = self._read(prompt)

    @property
    def room(self) -> int:
        """See `Sight.room`: what is left of the block."""
        return self._block - len(self._head)

    def logits(self, canvas: Sequence[int]) -> Tensor:
        """See `Sight.logits`. The block's rest is taken for absent if the canvas is shorter than `room`."""
        hidden = self._pass([*self._head, *canvas])
        self.forwards += 1
        if not self._shift:
            return self._network.logits(hidden[len(self._head) :])
        if self._head:
            return self._network.logits(hidden[len(self._head) - 1 : -1])
        first = hidden[:1] if self._last is None else self._last
        return self._network.logits(torch.cat([first, hidden[:-1]]))

    def keep(self, tokens: Sequence[int]) -> None:
        """See `Sight.keep`. A block that becomes full joins the cache, by a pass of its own."""
        self._head += tokens
        while len(self._head) >= self._block:
            self._store(self._head[: self._block])
            self._head = self._head[self._block :]
            self.forwards += 1

    def _settle(self, prompt: Sequence[int]) -> int:
        """Cut the cache to whole blocks that the prompt begins with; how many tokens that leaves."""
        known = len(self._kv.tokens)
        full = min(known, len(prompt)) // self._block * self._block
        if self._shift and full and full == len(prompt):
            full -= self._block  # the canvas's first token is predicted by the last state: read it again
        self._kv.truncate(full)
        return full

    def _read(self, prompt: Sequence[int]) -> list[int]:
        """Read the prompt's whole blocks; what is left of it."""
        end = len(prompt) // self._block * self._block
        step = max(1, READ_AT_ONCE // self._block) * self._block
        while (at := len(self._kv.tokens)) < end:
            self._before_pass()
            self._store(list(prompt[at : min(end, at + step)]))
        return list(prompt[end:])

    def _store(self, tokens: list[int]) -> None:
        hidden = self._pass(tokens)
        self._kv.tokens.extend(tokens)
        self._last = hidden[-1:]

    def _pass(self, tokens: Sequence[int]) -> Tensor:
        start = len(self._kv.tokens)
        total = start + len(tokens)
        self._kv.reserve(total)
        architecture = self._network.shape.architecture
        span = Span(architecture, self._kv, start, len(tokens), total, block=self._block)
        return self._network(tokens, start, span)
