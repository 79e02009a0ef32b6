"""An endless, seeded stream of examples, any of which can be had by its number."""

from __future__ import annotations

import bisect
import itertools
import random
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lsp_server.engine.protocol import Snippet
from lsp_server.engine.runtime.families.fim import FimFamily
from lsp_server.training.examples import mix
from lsp_server.training.examples.build import Room, closed, fill_example, healed, with_break
from lsp_server.training.examples.example import Example
from lsp_server.training.examples.instructed import Pairs, pair_example
from lsp_server.training.examples.neighbours import Neighbourhood, Neighbours
from lsp_server.training.examples.page import Page, Source

SPREAD = 64
"""Documents that are open together: so many examples in a row come from different ones."""
HOLES = 8
"""Holes in a document while it is open, so that one parse serves them all."""

_FULL_WEIGHT = 20_000
"""Code points from which on a document is drawn no more often for being longer."""
_CHARS_PER_TOKEN = 12
_KINDS_TRIED = 8
_HOLES_TRIED = 3
_PAIRS_TRIED = 3


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """What the stream's examples are like. `max_middle` and `max_answer` count tokens, without the end.

    `snippet_share` is that of open documents whose holes are shown with code from other files,
    where there is any that bears on them. `pair_share` is that of rewrites by instruction.
    """

    max_middle: int = 128
    max_answer: int = 192
    snippet_share: float = 0.25
    pair_share: float = 0.15


@dataclass(frozen=True, slots=True)
class _Open:
    """A document that holes are being cut in."""

    page: Page
    neighbourhood: Neighbourhood | None


class ExampleStream:
    """Examples from `documents` and from `pairs`.

    Number `index` depends on the seed, the settings, the documents and the pairs alone.
    So a run is resumed by going on counting, and rank r of n takes r, r + n, ...
    Close numbers are quickest in turn: recent documents stay parsed.
    """

    def __init__(
        self,
        documents: Sequence[Source],
        family: FimFamily,
        settings: StreamSettings,
        seed: int,
        pairs: Pairs | None = None,
    ) -> None:
        if not documents:
            raise ValueError("there are no documents")
        self._documents = documents
        self._family = family
        self._settings = settings
        self._seed = seed
        self._pairs = pairs
        self._neighbours = Neighbours(documents)
        self._shares = list(itertools.accumulate(min(len(each.text), _FULL_WEIGHT) + 1 for each in documents))
        self._opened: OrderedDict[int, _Open] = OrderedDict()

    def at(self, index: int) -> Example | None:
        """Example number `index`, or None in the rare case that none was found for it."""
        rng = random.Random(f"{self._seed} example {index}")  # noqa: S311 - no secret
        opened = self._open(index // (SPREAD * HOLES) * SPREAD + index % SPREAD)
        if self._pairs is not None and rng.random() < self._settings.pair_share:
            example = self._rewrite(opened, self._pairs, rng)
            if example is not None:
                return example
        return self._fill(opened, rng)

    def examples(self, start: int = 0, step: int = 1) -> Iterator[Example]:
        """The examples number `start`, `start + step`, ... without end, but for those that are None."""
        return (example for index in itertools.count(start, step) if (example := self.at(index)) is not None)

    def _rewrite(self, opened: _Open, pairs: Pairs, rng: random.Random) -> Example | None:
        for _ in range(_PAIRS_TRIED):
            pair = pairs(rng, opened.page.document)
            example = pair_example(pair, self._family, most=self._settings.max_answer) if pair else None
            if example is not None:
                return example
        return None

    def _fill(self, opened: _Open, rng: random.Random) -> Example | None:
        for _ in range(_KINDS_TRIED):
            kind, choose = mix.draw(rng)
            for _ in range(_HOLES_TRIED):
                example = self._cut(opened, kind, choose, rng)
                if example is not None:
                    return example
        return None

    def _cut(self, opened: _Open, kind: str, choose: mix.Choose, rng: random.Random) -> Example | None:
        page, room = opened.page, Room.drawn(rng)
        hole = choose(page, rng)
        if hole is None or len(hole) > self._settings.max_middle * _CHARS_PER_TOKEN:
            return None
        if kind in mix.OPEN_ENDED and rng.random() < mix.OPEN_SHARE:
            kind, hole, room = f"{kind}, open", closed(page, hole), Room(room.prefix, 0)
        elif kind in mix.WHOLE_LINES and rng.random() < mix.BREAK_SHARE:
            hole = with_break(page, hole)
        hole = healed(page.text, hole)
        snippets: tuple[Snippet, ...] = ()
        if opened.neighbourhood is not None:
            snippets = opened.neighbourhood.snippets(page, hole, rng)
        most = self._settings.max_middle
        return fill_example(page, hole, kind, self._family, room=room, snippets=snippets, most=most)

    def _open(self, number: int) -> _Open:
        """Document number `number` of the endless row of drawn ones."""
        opened = self._opened.get(number)
        if opened is None:
            rng = random.Random(f"{self._seed} document {number}")  # noqa: S311 - no secret
            chosen = bisect.bisect(self._shares, rng.randrange(self._shares[-1]))
            page = Page(self._documents[chosen], rng.random())
            known = rng.random() < self._settings.snippet_share
            opened = _Open(page, self._neighbours.around(chosen, rng) if known else None)
            self._opened[number] = opened
            while len(self._opened) > 2 * SPREAD:
                self._opened.popitem(last=False)
        return opened
