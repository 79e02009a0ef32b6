"""Rewrites by instruction as examples, in the layout in which the engine asks for them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Protocol

from lsp_server.engine.runtime.families import instruct
from lsp_server.engine.runtime.families.fim import FimFamily
from lsp_server.training.examples.example import Example
from lsp_server.training.examples.page import Source


class PairText(Protocol):
    """A selection before and after a rewrite, the words that ask for it, and what kind it is."""

    @property
    def before(self) -> str:
        """The selection."""

    @property
    def after(self) -> str:
        """What the rewrite makes of it."""

    @property
    def instruction(self) -> str:
        """What is asked for."""

    @property
    def language(self) -> str:
        """The LSP language id."""

    @property
    def kind(self) -> str:
        """The name of the transformation."""


Pairs = Callable[[random.Random, Source], PairText | None]
"""Makes or draws a pair, given a document that is open anyway; None if it has none."""


def drawn_from(pairs: Sequence[PairText]) -> Pairs:
    """Draws from pairs made before, whatever the document."""
    return lambda rng, _: rng.choice(pairs) if pairs else None


def pair_example(pair: PairText, family: FimFamily, *, most: int) -> Example | None:
    """The example whose middle is the answer; None if that has more than `most` tokens, or nothing to say."""
    user, start = instruct.instruction_parts(
        language=pair.language, selected=pair.before, instruction=pair.instruction
    )
    prompt = family.chat(instruct.SYSTEM, user, start)
    answer = instruct.dedented(pair.after)
    middle = family.vocabulary.encode(answer + instruct.FENCE)
    if not answer or len(middle) > most or len(prompt.context) > family.max_context:
        return None
    return Example(
        context=tuple(prompt.context),
        last=prompt.last,
        middle=tuple(middle),
        end=family.chat_end,
        kind=f"pair:{pair.kind}",
        language=pair.language,
    )
