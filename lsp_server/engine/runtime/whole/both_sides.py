"""Full attention: the canvas stands between what is before and behind it, and all see all.

Keys and values of the surroundings depend on the canvas, so that no cache is exact. As in Fast-dLLM's
dual cache (arXiv 2505.22618) they are taken from the last whole pass until `refresh` positions of the
canvas have changed; 0 makes every pass a whole one.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.whole.attention import Span
from lsp_server.engine.runtime.whole.transformer import Transformer

REFRESH = 16
"""Half of Fast-dLLM's block: 41.5 became 43.3 on HumanEval with 32 (their figures, LLaDA)."""


class BothSides:
    """See `sight.Sight`. With `shift` the hidden state at position i - 1 predicts token i."""

    room = None

    def __init__(
        self,
        network: Transformer,
        before: Sequence[int],
        after: Sequence[int],
        *,
        shift: bool,
        refresh: int = 0,
    ) -> None:
        self._network = network
        self._before, self._after = list(before), list(after)
        self._shift = shift
        self._refresh = refresh
        self._kv = KV(network.shape.architecture, network.weights.dtype, network.weights.device)
        self._seen: list[int] | None = None
        self.forwards: float = 0

    def logits(self, canvas: Sequence[int]) -> Tensor:
        """See `Sight.logits`."""
        hidden = self._part(canvas) if self._keeps(canvas) else self._whole(canvas)
        return self._network.logits(hidden)

    def keep(self, tokens: Sequence[int]) -> None:
        """See `Sight.keep`."""
        self._before += tokens
        self._seen = None

    def _keeps(self, canvas: Sequence[int]) -> bool:
        """Whether the last whole pass still says enough about the surroundings."""
        if self._seen is None or len(canvas) != len(self._seen):
            return False
        return sum(a != b for a, b in zip(canvas, self._seen, strict=True)) < self._refresh

    def _whole(self, canvas: Sequence[int]) -> Tensor:
        tokens = [*self._before, *canvas, *self._after]
        self._kv.reserve(len(tokens))
        architecture = self._network.shape.architecture
        hidden = self._network(tokens, 0, Span(architecture, self._kv, 0, len(tokens), len(tokens)))
        self._seen = list(canvas)
        self.forwards += 1
        first = len(self._before)
        rows = range(first, first + len(canvas))
        # the very first token has nothing before it that could predict it: its own state does (Dream)
        return hidden[[max(0, row - 1) if self._shift else row for row in rows]]

    def _part(self, canvas: Sequence[int]) -> Tensor:
        """A pass over the canvas alone, with the token before it where that predicts."""
        lead = 1 if self._shift and self._before else 0
        first = len(self._before) - lead
        tokens = [*self._before[first:], *canvas]
        total = len(self._before) + len(canvas) + len(self._after)
        architecture = self._network.shape.architecture
        hidden = self._network(tokens, first, Span(architecture, self._kv, first, len(tokens), total))
        self.forwards += len(tokens) / total
        if not self._shift:
            return hidden
        return hidden[:-1] if lead else hidden[[0, *range(len(canvas) - 1)]]
