"""Requests that only have the context read."""

from __future__ import annotations

from dataclasses import dataclass, field
from unittest import mock

import msgspec
import pytest

from lsp_server.core.cancel import CancelToken
from lsp_server.core.errors import Superseded
from lsp_server.core.types import Span
from lsp_server.engine.protocol import FillRequest, Hole, Snippet
from lsp_server.engine.runtime.attempt import READ_AHEAD
from lsp_server.engine.runtime.fill import DiffusionFiller
from lsp_server.engine.runtime.network import Network

TEXT = "".join(f"value_{line} = {line}\n" for line in range(20)) + "retu\nlast = 1\n"
START = TEXT.index("retu")
REQUEST = FillRequest(
    TEXT,
    (Hole(START, START + 4, locks=(Span(START, START + 4),), max_tokens=6),),
    path="a.py",
    snippets=(Snippet("b.py", "def helper(): ..."),),
)
READ = msgspec.structs.replace(REQUEST, read_only=True, ahead=True)


@dataclass
class _Impatient(CancelToken):
    """Somebody comes after so many looks."""

    looks: int = 2
    seen: int = field(default=0)

    def check(self) -> None:
        self.seen += 1
        if self.seen > self.looks:
            raise Superseded("somebody came")


def test_the_fill_that_follows_finds_everything_read(filler: DiffusionFiller) -> None:
    """All of its context but what is typed in the hole, and the fill is the same."""
    fresh = filler.fill(REQUEST, cancel=CancelToken())
    filler.loaded.cache.clear()
    read = filler.fill(READ, cancel=CancelToken())
    assert read.candidates == ()
    assert read.figures.forwards == 0
    warm = filler.fill(REQUEST, cancel=CancelToken())
    assert warm.candidates[0].fills[0].text == fresh.candidates[0].fills[0].text
    typed = warm.figures.context_tokens - warm.figures.cached_tokens
    assert warm.figures.cached_tokens == read.figures.context_tokens > typed
    assert fresh.figures.cached_tokens == 0


def test_reading_again_reads_nothing(filler: DiffusionFiller) -> None:
    """It costs no pass where all is known."""
    filler.fill(READ, cancel=CancelToken())
    with mock.patch.object(Network, "read") as read:
        filler.fill(READ, cancel=CancelToken())
    assert read.call_count == 0


def test_it_stops_for_who_comes(filler: DiffusionFiller) -> None:
    """After a part of the context, and what was read until then stays."""
    with pytest.raises(Superseded):
        filler.fill(READ, cancel=_Impatient())
    found = filler.fill(READ, cancel=CancelToken())
    assert found.figures.cached_tokens == 2 * READ_AHEAD < found.figures.context_tokens
