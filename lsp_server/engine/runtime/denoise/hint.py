"""Text that a caller thinks a fill may be: a draft as long as what is committed agrees with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lsp_server.engine.protocol import Excluded
from lsp_server.engine.runtime.denoise.canvas import Canvas

WIDTH = 16
"""Positions drafted from a hint at a time."""
_LONGEST = 16
"""Characters a token has at most, nearly always."""


@dataclass(frozen=True, slots=True)
class Hint:
    """`text` begins where the canvas does. It is never trusted, only verified."""

    text: str
    encode: Callable[[str], list[int]]

    def tokens(self) -> list[int]:
        """All of it, to be looked up in where the fill comes back to it."""
        return self.encode(self.text)

    def excluding(self, excluded: Sequence[Excluded], outside: int = 0) -> dict[int, list[int]]:
        """What `Run.excluded` is for tokens that must not come back, each a token's text and where it stood.

        They count from behind the first `outside` characters of the text.
        """
        found: dict[int, list[int]] = {}
        for each in excluded:
            at = len(self.text[: outside + each.at].encode("utf-8", "replace"))
            found.setdefault(at, []).extend(self.encode(each.text)[:1])
        return found

    def draft(self, canvas: Canvas) -> list[int]:
        """The tokens that go on from what is committed; none if that, or what is typed, says otherwise."""
        committed = canvas.text()
        begun = committed + canvas.typed.decode("utf-8", "replace")
        if not self.text.startswith(begun):
            return []
        rest = self.text[len(committed) : len(committed) + WIDTH * _LONGEST]
        return self.encode(rest)[:WIDTH]
