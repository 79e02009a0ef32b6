"""What followed the same tokens before, and how sure that is."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.engine.runtime.denoise.lookup import LONGEST, Lookup

tokens = st.lists(st.integers(0, 5), max_size=60)
draft = st.lists(st.integers(0, 5), max_size=4)


def likeliest(text: list[int], drafted: list[int]) -> int | None:
    shares = Lookup(text).following(drafted)
    return max(shares, key=lambda token: shares[token], default=None)


@pytest.mark.parametrize(
    ("text", "drafted", "expected"),
    [
        ([], [], None),
        ([1], [], None),
        ([1, 2, 3], [], None),
        ([1, 2, 3, 9, 1, 2], [], 3),
        ([1, 2, 3, 9, 1, 2], [3], 9),  # a draft goes on from what it holds
        ([1, 2, 3], [1], 2),  # also if that came from elsewhere
        ([1, 2, 3, 8, 2, 7, 1, 2], [], 3),  # the longer match says more than the later one
        ([1, 5, 1, 6, 1], [], 6),  # of equal matches the later
        ([1, 5, 1, 5, 1, 6, 1], [], 5),  # of equal matches what they say more often
        ([0, 1, 2, 3, 4, 5, 6, 8, 9, 1, 2, 3, 4, 5, 7, 8, 0, 1, 2, 3, 4, 5], [], 6),  # beyond LONGEST, too
    ],
)
def test_what_followed_the_longest_match(text: list[int], drafted: list[int], expected: int | None) -> None:
    """The likeliest token is what stood behind the longest row of tokens that the text ends with."""
    assert likeliest(text, drafted) == expected


@given(tokens, draft)
def test_what_follows_stood_there(text: list[int], drafted: list[int]) -> None:
    """Every proposal stood behind the last token somewhere, and all together are less than certain."""
    pairs = set(itertools.pairwise(text))
    shares = Lookup(text).following(drafted)
    assert all((([*text, *drafted])[-1], token) in pairs for token in shares)
    assert all(share > 0 for share in shares.values())
    assert sum(shares.values()) < 1


@given(tokens, tokens, draft)
def test_growing_is_indexing_anew(text: list[int], more: list[int], drafted: list[int]) -> None:
    """A text taken in by pieces is looked up as one taken in at once."""
    grown = Lookup(text)
    grown.extend(more)
    assert grown.following(drafted) == Lookup(text + more).following(drafted)


def test_agreement_makes_sure() -> None:
    """A token that followed twice is surer than one that followed once, and that than a disputed one."""
    twice, once, disputed = ([1, 2, 9, 1, 2, 8, 1], [1, 2, 9, 1], [1, 3, 9, 1, 2, 8, 1])
    shares = [Lookup(text).following()[2] for text in (twice, once, disputed)]
    assert shares == sorted(shares, reverse=True)
    assert len(set(shares)) == len(shares)


def test_longer_matches_are_surer() -> None:
    """More tokens that match never make the next one less likely, and a long copy is nearly certain."""
    shares = []
    for length in range(1, 5 * LONGEST):
        row = list(range(10, 10 + length))
        shares.append(Lookup([*row, 5, 7, *row]).following()[5])
    assert shares == sorted(shares)
    assert shares[0] < 0.5
    assert shares[-1] > 0.95
