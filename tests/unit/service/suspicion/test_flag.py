"""Which gains are worth a look."""

from __future__ import annotations

import pytest

from lsp_server.core.types import Span
from lsp_server.service.suspicion.flag import LINES_A_FLAG, THRESHOLDS, Flag, flags_of, worth_showing
from lsp_server.service.suspicion.words import in_words
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse
from lsp_server.syntax.sites import Site, SiteKind

LESS = Site(Span(4, 5), SiteKind.COMPARISON, ("<=", ">"))
NAME = Site(Span(6, 7), SiteKind.NAME, ("c",))
BOTH = Site(Span(4, 7), SiteKind.ARGUMENTS, ("b, a",))
SURE = max(THRESHOLDS.values())


def test_the_best_alternative_above_its_threshold() -> None:
    """One for each site, surest first; what does not gain enough is none."""
    assert (
        flags_of([LESS, NAME], [(SURE + 1, SURE + 2), (SURE + 3,)])
        == [
            Flag(Span(6, 7), SiteKind.NAME, "c", SURE + 3),
            Flag(Span(4, 5), SiteKind.COMPARISON, ">", SURE + 2),
        ]
        or THRESHOLDS[SiteKind.NAME] != THRESHOLDS[SiteKind.COMPARISON]
    )
    least = THRESHOLDS[SiteKind.COMPARISON]
    assert flags_of([LESS], [(least - 0.1, least - 0.1)]) == []


def test_flags_do_not_overlap() -> None:
    """Of two about the same characters the surer one."""
    [flag] = flags_of([BOTH, NAME], [(SURE + 1,), (SURE + 9,)])
    assert flag.kind is SiteKind.NAME


def test_every_kind_has_a_threshold_that_asks_for_more_than_even_odds() -> None:
    """None is flagged because both are as likely."""
    assert set(THRESHOLDS) == set(SiteKind)
    assert min(THRESHOLDS.values()) > 1


def test_what_breaks_the_syntax_is_not_shown_nor_more_than_there_is_room_for() -> None:
    """The surest, in order of their places."""
    text = "x = 1\n" * LINES_A_FLAG
    parsed = parse(text, language_for("python"))
    flags = [Flag(Span(at, at + 1), SiteKind.NUMBER, "2", SURE + at / 100) for at in (4, 10, 16)]
    flags.append(Flag(Span(22, 23), SiteKind.NUMBER, "(", SURE + 99))
    assert worth_showing(parsed, flags) == tuple(flags[1:3])


@pytest.mark.parametrize(
    ("gain", "words"), [(3.4, "about 30 times"), (1.6, "about 5 times"), (9, "over 1000 times")]
)
def test_in_words(gain: float, words: str) -> None:
    """What would be likelier, and by how much."""
    said = in_words("if a < b:", Flag(Span(5, 6), SiteKind.COMPARISON, ">", gain))
    assert words in said
    assert "`>`" in said
    assert "`<`" in said
