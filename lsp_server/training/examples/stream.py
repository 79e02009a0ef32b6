"""An endless, seeded stream of examples, any of which can be had by its number."""

from __future__ import annotations

import bisect
import itertools
import random
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lsp_server.engine.runtime.families.fim import FimFamily
from lsp_server.training.examples import mix
from lsp_server.training.examples.build import Room, closed, fill_example
from lsp_server.training.examples.example import Example
from lsp_server.training.examples.page import Page, Source

SPREAD = 64
"""Documents that are open together: so many examples in a row come from different ones."""
HOLES = 8
"""Holes in a document while it is open, so that one parse serves them all."""

_FULL_WEIGHT = 20_000
"""Code points from which on a document is drawn no more often for being longer."""
_CHARS_PER_TOKEN = 12
_TRIES = 12


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """What the stream's examples are like. `max_middle` counts tokens, the end not among them."""

    max_middle: int = 128


class ExampleStream:
    """Examples from `documents`. Number `index` depends on the seed and the documents alone.

    So a run is resumed by going on counting, and rank r of n takes r, r + n, ...
    Close numbers are quickest in turn: recent documents stay parsed.
    """

    def __init__(
        self, documents: Sequence[Source], family: FimFamily, settings: StreamSettings, seed: int
    ) -> None:
        if not documents:
            raise ValueError("there are no documents")
        self._documents = documents
        self._family = family
        self._settings = settings
        self._seed = seed
        self._shares = list(itertools.accumulate(min(len(each.text), _FULL_WEIGHT) + 1 for each in documents))
        self._pages: OrderedDict[int, Page] = OrderedDict()

    def at(self, index: int) -> Example | None:
        """Example number `index`, or None in the rare case that no hole was found for it."""
        rng = random.Random(f"{self._seed} example {index}")  # noqa: S311 - not for secrets
        page = self._page(index // (SPREAD * HOLES) * SPREAD + index % SPREAD)
        for _ in range(_TRIES):
            kind, choose = mix.draw(rng)
            hole = choose(page, rng)
            if hole is None or len(hole) > self._settings.max_middle * _CHARS_PER_TOKEN:
                continue
            room = Room.drawn(rng)
            if kind in mix.OPEN_ENDED and rng.random() < mix.OPEN_SHARE:
                kind, hole, room = f"{kind}, open", closed(page, hole), Room(room.prefix, 0)
            example = fill_example(page, hole, kind, self._family, room=room, most=self._settings.max_middle)
            if example is not None:
                return example
        return None

    def examples(self, start: int = 0, step: int = 1) -> Iterator[Example]:
        """The examples number `start`, `start + step`, ... without end."""
        return (example for index in itertools.count(start, step) if (example := self.at(index)) is not None)

    def _page(self, number: int) -> Page:
        """Document number `number` of the endless row of drawn ones, opened."""
        page = self._pages.get(number)
        if page is None:
            rng = random.Random(f"{self._seed} document {number}")  # noqa: S311 - not for secrets
            chosen = bisect.bisect(self._shares, rng.randrange(self._shares[-1]))
            page = Page(self._documents[chosen], rng.random())
            self._pages[number] = page
            while len(self._pages) > 2 * SPREAD:
                self._pages.popitem(last=False)
        return page
