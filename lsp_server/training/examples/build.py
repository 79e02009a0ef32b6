"""From a hole in a document to tokens, by the code that the server and the engine use."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from lsp_server.context.window import cut_window
from lsp_server.core.healing import LONGEST, half_typed
from lsp_server.core.text import WINDOW
from lsp_server.core.types import Span
from lsp_server.engine.protocol import Snippet
from lsp_server.engine.runtime.families.fim import FimFamily
from lsp_server.syntax.places import closes_block
from lsp_server.training.examples.example import Example
from lsp_server.training.examples.page import Page

END = "<|endoftext|>"

PREFIXES = ((64, 10), (128, 15), (256, 25), (384, 30), (512, 12), (1024, 5), (1500, 3))
SUFFIXES = ((0, 8), (24, 12), (48, 20), (96, 35), (128, 15), (192, 10))
"""Tokens to either side of a hole, and how often. The server shows 384 and 96, less near the ends."""
_JITTER = 0.2

_CLOSER = re.compile(r"\w+;?|[)\]}]+[;,]?|</[\w.:-]+>")


@dataclass(frozen=True, slots=True)
class Room:
    """How many tokens are shown before and behind a hole."""

    prefix: int
    suffix: int

    @classmethod
    def drawn(cls, rng: random.Random) -> Room:
        """As in `PREFIXES` and `SUFFIXES`, give or take a fifth."""
        return cls(_drawn(PREFIXES, rng), _drawn(SUFFIXES, rng))


def _drawn(table: Sequence[tuple[int, int]], rng: random.Random) -> int:
    (size,) = rng.choices([size for size, _ in table], [weight for _, weight in table])
    return round(size * rng.uniform(1 - _JITTER, 1 + _JITTER))


def closed(page: Page, hole: Span) -> Span:
    """The hole with the word or bracket behind it that closes its block, which nobody has written yet."""
    rest = page.text[hole.end : hole.end + WINDOW]
    blanks = len(rest) - len(rest.lstrip())
    line = rest[blanks:].partition("\n")[0]
    closer = _CLOSER.match(line)
    if "\n" not in rest[:blanks] or closer is None or not closes_block(page.parsed, line):
        return hole
    return Span(hole.start, hole.end + blanks + closer.end())


def with_break(page: Page, hole: Span) -> Span:
    """The hole with the line break behind it, if it ends its line."""
    return Span(hole.start, hole.end + 1) if page.text.startswith("\n", hole.end) else hole


def healed(text: str, hole: Span) -> Span:
    """The hole with what is half typed before it, as `service.prompt.compose` makes it."""
    head = half_typed(text[max(0, hole.start - 2 * LONGEST) : hole.start])
    return Span(hole.start - head, hole.end)


def fill_example(
    page: Page,
    hole: Span,
    kind: str,
    family: FimFamily,
    *,
    room: Room,
    snippets: Sequence[Snippet] = (),
    most: int,
) -> Example | None:
    """The example for `hole`, which is healed already; None if it is blank or has more than `most` tokens."""
    middle = page.text[hole.start : hole.end]
    if not middle.strip():
        return None
    tokens = family.vocabulary.encode(middle)
    if len(tokens) > most:
        return None
    window = cut_window(page.text, hole, prefix_tokens=room.prefix, suffix_tokens=room.suffix)
    prompt = family.fim(
        page.text[window.start : hole.start],
        page.text[hole.end : window.start + len(window.text)],
        path=PurePosixPath(page.document.path).name,
        snippets=snippets,
    )
    return Example(
        context=tuple(prompt.context),
        last=prompt.last,
        middle=tuple(tokens),
        end=family.vocabulary.special_id(END),
        kind=kind,
        language=page.language.id,
    )
