"""What the denoiser is trained on: a context, and what stands in a hole behind it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """One hole and the tokens around it.

    `context` are the tokens read before the hole, as `Prompt.context` of the family;
    `last` is the token right before the hole; `middle` is what stands in it, without
    the token `end` that ends it. `kind` says what was chosen ("line", "body",
    "pair:rename"), `language` is an LSP language id.
    """

    context: tuple[int, ...]
    last: int
    middle: tuple[int, ...]
    end: int
    kind: str
    language: str
