"""DiffusionGemma's network: transformers' own module, which needs no code from the checkpoint.

The encoder reads context causally; the decoder sees what was read and its whole canvas. At each step it is
also told what it thought at the last one (self-conditioning, arXiv 2208.04202).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from lsp_server.core.cancel import CancelToken
from lsp_server.engine.runtime.families.family import Around, Facts
from lsp_server.engine.runtime.filler import InUse

READ_AT_ONCE = 256
"""Context tokens read between two looks at the cancel token."""


class Canvases:
    """See `sight.Sight`. The canvas has `room` positions whatever is asked."""

    def __init__(self, module: Any, prompt: Sequence[int], room: int, cancel: CancelToken) -> None:  # noqa: ANN401 -- transformers' types say little
        from transformers import DynamicCache

        self._module = module
        self._cache = DynamicCache(config=module.config.text_config)
        self._length = 0
        self._cancel = cancel
        self._conditioning: Tensor | None = None
        self.room = room
        self.forwards: float = 0
        self._read(prompt)

    def logits(self, canvas: Sequence[int]) -> Tensor:
        """See `Sight.logits`; a shorter canvas is filled up with its last token's noise."""
        device = self._module.device
        positions = torch.arange(self._length, self._length + len(canvas), device=device)[None]
        logits: Tensor = self._module(
            decoder_input_ids=torch.tensor([list(canvas)], device=device),
            past_key_values=self._cache,
            self_conditioning_logits=self._conditioning,
            decoder_position_ids=positions,
        ).logits[0]
        self.forwards += 1
        return logits.float()

    def thought(self, logits: Tensor | None) -> None:
        """What the decoder is told that it thought, (room, vocab); None before a first step."""
        if logits is not None:
            logits = logits[None].to(self._module.model.decoder.embed_tokens.weight.dtype)
        self._conditioning = logits

    def keep(self, tokens: Sequence[int]) -> None:
        """See `Sight.keep`."""
        self._read(tokens)
        self._conditioning = None

    def _read(self, tokens: Sequence[int]) -> None:
        device = self._module.device
        for at in range(0, len(tokens), READ_AT_ONCE):
            self._cancel.check()
            part = list(tokens[at : at + READ_AT_ONCE])
            positions = torch.arange(self._length, self._length + len(part), device=device)[None]
            self._module.model.encoder(
                input_ids=torch.tensor([part], device=device),
                past_key_values=self._cache,
                position_ids=positions,
            )
            self._length += len(part)


@dataclass(slots=True)
class UniformLook:
    """See `attempt.Look`. Every fill reads its context anew: windows that slide cannot be cut back."""

    module: Any

    def __call__(self, around: Around, facts: Facts, cancel: CancelToken) -> tuple[Canvases, int]:
        """See `attempt.Look`."""
        return Canvases(self.module, around.before, facts.block or 1, cancel), 0

    def in_use(self) -> InUse:
        """See `attempt.Look`."""
        return InUse()

    def release(self) -> None:
        """See `attempt.Look`."""

    def clear(self) -> None:
        """See `attempt.Look`."""
