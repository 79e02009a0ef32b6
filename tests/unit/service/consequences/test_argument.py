from __future__ import annotations

import math

import pytest

from lsp_server.engine.protocol import HoleFill, Piece, Stop
from lsp_server.service.consequences.argument import first_argument


@pytest.mark.parametrize(
    ("text", "argument"),
    [
        (" currency)", "currency"),
        ("currency", "currency"),
        (" f(a, b)[1], c)", "f(a, b)[1]"),
        (' "a, (b" + c)', '"a, (b" + c'),
        (" x  # why", "x"),
        (" currency for currency in all)", "currency"),
        (" {'a': 1})", "{'a': 1}"),
        ("note=x)", "x"),
        ("note == x)", "note == x"),
        (" f(a", None),
        (' "open', None),
        (")", None),
        ("", None),
    ],
)
def test_the_one_argument_a_fill_begins_with(text: str, argument: str | None) -> None:
    """Up to what ends it outside of brackets and strings; what does not end is none."""
    found = first_argument(HoleFill(text, Stop.END), "note")
    assert (found.text if found else None) == argument


def test_how_sure_is_said_of_its_own_tokens() -> None:
    """The geometric mean; what the model went on to write does not count."""
    pieces = (Piece(" a", 0.9), Piece(".b", 0.4), Piece(")", 0.01))
    found = first_argument(HoleFill(" a.b)", Stop.END, pieces))
    assert found
    assert math.isclose(found.confidence, math.sqrt(0.36))
