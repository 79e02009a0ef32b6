"""Drafts from what followed the same tokens before."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.engine.runtime.denoise.lookup import LONGEST, Lookup

tokens = st.lists(st.integers(0, 5), max_size=60)


def drafted(text: list[int], most: int = 10, least: float = 0.0) -> list[int]:
    return [token for token, _ in Lookup(text).draft(most, least)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ([], []),
        ([1], []),
        ([1, 2, 3], []),
        ([1, 2, 3, 9, 1, 2], [3, 9, 1, 2]),
        ([1, 2, 3, 8, 2, 7, 1, 2], [3, 8, 2, 7]),  # the longer match says more than the later one
        ([1, 5, 1, 6, 1], [6, 1, 6, 1]),  # of equal matches the later
    ],
)
def test_what_followed_the_longest_match(text: list[int], expected: list[int]) -> None:
    """A draft goes on as the text did behind the longest row of tokens that it ends with."""
    assert drafted(text, most=4) == expected


@given(tokens)
def test_a_draft_repeats_what_stands_in_the_text(text: list[int]) -> None:
    """Every drafted token stood behind the one before it somewhere."""
    pairs = set(itertools.pairwise(text))
    draft = drafted(text)
    assert len(draft) <= 10
    for before, after in zip([*text[-1:], *draft], draft, strict=False):
        assert (before, after) in pairs


@given(tokens, st.floats(0, 1))
def test_a_draft_ends_where_it_is_not_worth_it(text: list[int], least: float) -> None:
    """All of a draft is right with at least the probability asked for, by its own account."""
    together = 1.0
    for _, share in Lookup(text).draft(10, least):
        assert 0 < share < 1
        together *= share
    assert together >= least or together == 1.0


@given(tokens, tokens)
def test_growing_is_indexing_anew(text: list[int], more: list[int]) -> None:
    """A text taken in by pieces is looked up as one taken in at once."""
    grown = Lookup(text)
    grown.extend(more)
    assert grown.draft(8, 0.05) == Lookup(text + more).draft(8, 0.05)


def test_agreement_makes_sure() -> None:
    """A token that followed twice is surer than one that followed once, and that than a disputed one."""
    twice, once, disputed = ([1, 2, 9, 1, 2, 8, 1], [1, 2, 9, 1], [1, 3, 9, 1, 2, 8, 1])
    shares = [Lookup(text).draft(1, 0.0)[0][1] for text in (twice, once, disputed)]
    assert shares == sorted(shares, reverse=True)
    assert len(set(shares)) == len(shares)


def test_longer_matches_are_surer() -> None:
    """Each more token that matches makes the next one likelier."""
    shares = []
    for length in range(1, LONGEST + 1):
        row = list(range(10, 10 + length))
        shares.append(Lookup([*row, 5, 7, *row]).draft(1, 0.0)[0][1])
    assert shares == sorted(shares)
