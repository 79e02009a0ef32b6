"""Holes cut at their locks."""

from __future__ import annotations

import pytest

from lsp_server.core.types import Span
from lsp_server.engine.protocol import FillRequest, Hole
from lsp_server.engine.runtime.gaps import Gap, Kept, gaps_of, words_and_rest

TEXT = "x = foo(a, b)\nretu\n"


@pytest.mark.parametrize(
    ("hole", "expected"),
    [
        (Hole(4, 13), [Gap(4, 13, " ", healed=True)]),
        (Hole(18, 18), [Gap(18, 18, "retu", healed=True)]),
        (Hole(14, 18, locks=(Span(14, 18),)), [Gap(18, 18, "retu")]),
        (Hole(4, 13, locks=(Span(4, 7),)), [Gap(7, 13, "foo")]),
        (Hole(4, 13, locks=(Span(8, 9),)), [Gap(4, 8), Kept("a"), Gap(9, 13)]),
        (Hole(4, 13, locks=(Span(4, 7), Span(12, 13))), [Gap(7, 12, "foo"), Kept(")")]),
        (Hole(4, 13, locks=(Span(8, 9), Span(9, 13))), [Gap(4, 8), Kept("a"), Kept(", b)")]),
        (Hole(14, 14), [Gap(14, 14)]),
    ],
    ids=[
        "heals a blank",
        "heals half a word",
        "typed head",
        "typed head, rest free",
        "lock inside",
        "head and tail",
        "no gap between neighbours",
        "nothing to heal",
    ],
)
def test_gaps(hole: Hole, expected: list[Gap | Kept]) -> None:
    """Locks become kept text, a lock at the start the typed head of the first gap."""
    assert gaps_of(FillRequest(TEXT, (hole,)), hole) == expected


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("", ("", "")),
        ("retu", ("", "retu")),
        ("    return ma", ("    return", " ma")),
        ("    return math.pi * ", ("    return math.pi *", " ")),
        ("x = 10", ("x = 10", "")),
    ],
    ids=repr,
)
def test_typed_words_are_whole_up_to_the_last(typed: str, parts: tuple[str, str]) -> None:
    """Only what may still grow into a longer token is left open."""
    assert words_and_rest(typed) == parts


def test_nothing_grows_of_what_is_settled() -> None:
    """A word that was chosen as it is stays out of the half-typed rest."""
    assert words_and_rest("    return ma", settled=True) == ("    return ma", "")
