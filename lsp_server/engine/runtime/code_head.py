"""The output projection to the tokens that code is made of, where a vocabulary has many more.

Qwen2's vocabulary is that of cl100k, 100,000 tokens, with tokens for other languages' writing behind
them, then the special ones (arXiv 2309.16609, section 2.2). In 2.4 million tokens of held-out code 64 were
of the second kind, and of 27,178 places the model would have put one at none (docs/LOG.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor

from lsp_server.engine.runtime.linear import EVERY, DenseLinear, Linear

CODE = 100_000
SPECIAL = 151_643
SIZE = 151_936
"""Where tokens of other writing begin, where special ones do, and the rows of the table."""


class Linears(Protocol):
    """Makes products."""

    def linear(self, name: str, *, rows: slice = EVERY) -> Linear:
        """The product with `rows` of the weights called `name`."""


class CodeHead:
    """Scores tokens that occur in code, and the special ones; `ids` (n,) has the token of each score."""

    def __init__(self, common: Linear, special: DenseLinear) -> None:
        self._common = common
        self._special = special
        self.ids = torch.tensor([*range(CODE), *range(SPECIAL, SIZE)])

    def __call__(self, x: Tensor) -> Tensor:
        """(rows, dim) -> (rows, len(ids))."""
        return torch.cat([self._common(x), self._special(x).float()], -1)

    def suffices(self, context: Iterable[int]) -> bool:
        """Whether nothing else is to be expected behind `context`: it has no other tokens either."""
        return not any(CODE <= token < SPECIAL for token in context)


class WholeHead:
    """All of a vocabulary out of two products, the second of which is made when it is first needed."""

    def __init__(self, common: Linear, others: Callable[[], Linear]) -> None:
        self._common = common
        self._make = others

    @cached_property
    def _others(self) -> Linear:
        return self._make()

    def __call__(self, x: Tensor) -> Tensor:
        """(rows, dim) -> (rows, vocab)."""
        return torch.cat([self._common(x), self._others(x)], -1)


def parted_heads(tensors: Mapping[str, Tensor], parts: Linears) -> tuple[Linear, CodeHead | None]:
    """The whole head, and that for code where `tensors` have an int8 head of Qwen2's vocabulary."""
    scale = tensors.get("head.scale")
    if scale is None or len(scale) != SIZE:
        return parts.linear("head"), None
    common = parts.linear("head", rows=slice(CODE))
    whole = WholeHead(common, lambda: parts.linear("head", rows=slice(CODE, None)))
    special = tensors["head.weight"][SPECIAL:].float() * scale[SPECIAL:].float()[:, None]
    return whole, CodeHead(common, DenseLinear(special))
