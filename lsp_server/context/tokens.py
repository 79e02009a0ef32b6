"""How many tokens a text will take, without a tokeniser."""

from __future__ import annotations

CHARS_PER_TOKEN = 3.5
"""Code points of source code per token, on average; a little low, so that budgets hold."""


def chars_in(tokens: int) -> int:
    """How many code points about `tokens` tokens are."""
    return int(max(0, tokens) * CHARS_PER_TOKEN)
