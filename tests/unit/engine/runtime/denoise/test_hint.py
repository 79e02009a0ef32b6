"""Text that a fill may be."""

from __future__ import annotations

import pytest

from lsp_server.engine.protocol import Excluded
from lsp_server.engine.runtime.denoise.canvas import Canvas
from lsp_server.engine.runtime.denoise.ending import Ending
from lsp_server.engine.runtime.denoise.hint import WIDTH, Hint


class Characters:
    """A vocabulary with a token for each character."""

    def bytes_of(self, token: int) -> bytes:
        return chr(token).encode()

    def decode(self, tokens: list[int]) -> str:
        return "".join(map(chr, tokens))


@pytest.mark.parametrize(
    ("text", "committed", "typed", "rest"),
    [
        ("foo(bar)", "", "", "foo(bar)"),
        ("foo(bar)", "foo", "", "(bar)"),
        ("foo(bar)", "foo", "(b", "(bar)"),
        ("foo(bar)", "foo(bar)", "", ""),
        ("foo(bar)", "fox", "", ""),
        ("foo(bar)", "foo", "[", ""),
        ("", "", "", ""),
        ("🙂" * 99, "🙂", "", "🙂" * WIDTH),
    ],
)
def test_a_hint_goes_on_while_it_agrees(text: str, committed: str, typed: str, rest: str) -> None:
    """What is committed and what is typed must both be its beginning; a draft has a bounded width."""
    canvas = Canvas(Characters(), frozenset(), Ending(), 99, typed.encode())
    canvas.begin([ord(character) for character in committed])
    hint = Hint(text, lambda part: [ord(character) for character in part])
    assert hint.draft(canvas) == [ord(character) for character in rest]


def test_what_is_excluded_is_found_by_its_bytes() -> None:
    """Characters of the answer become bytes of the canvas, which has what stands outside of it too."""
    hint = Hint(" é(bar)", lambda part: [ord(character) for character in part])
    excluded = [Excluded(0, "é"), Excluded(2, "bar"), Excluded(2, "x")]
    assert hint.excluding(excluded, outside=1) == {1: [ord("é")], 4: [ord("b"), ord("x")]}
    assert hint.excluding([]) == {}
