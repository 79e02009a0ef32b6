"""Cutting the window around a hole."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lsp_server.context.tokens import chars_in
from lsp_server.context.window import cut_window
from lsp_server.core.types import Span

PIECES = st.sampled_from(
    [
        "x",
        "    return value",
        "\n",
        "\r\n",
        "\r",
        "\t",
        "",
        "é",
        "e\u0301",
        "👩‍👩‍👧",
        "\ud83d\ude00",
        "\ud83d",
    ]
)
TEXTS = st.lists(PIECES, max_size=120).map("".join)
TOKENS = st.integers(0, 40)
LINES = "".join(f"line {number:05} = value\n" for number in range(2_000))


def splits_pair(text: str, at: int) -> bool:
    pair = text[at - 1 : at + 1]
    return 0 < at < len(text) and (pair == "\r\n" or "\ud800" <= pair[0] < "\udc00" <= pair[1] <= "\udfff")


@given(
    text=TEXTS, places=st.tuples(st.integers(0, 2_000), st.integers(0, 2_000)), before=TOKENS, after=TOKENS
)
@example(text="a\r\nb", places=(3, 3), before=1, after=1)
@example(text="\ud83d\ude00" * 20, places=(21, 21), before=3, after=3)
def test_window_is_a_bounded_slice_that_holds_the_hole(
    text: str, places: tuple[int, int], before: int, after: int
) -> None:
    """Whatever the text, the window is the document's slice, holds the hole and keeps the budgets."""
    start, end = sorted(min(place, len(text)) for place in places)
    window = cut_window(text, Span(start, end), prefix_tokens=before, suffix_tokens=after)
    last = window.start + len(window.text)
    assert window.text == text[window.start : last]
    assert window.start <= start <= end <= last
    assert start - window.start <= chars_in(before)
    assert last - end <= chars_in(after)
    assert window.start == start or not splits_pair(text, window.start)
    assert last == end or not splits_pair(text, last)


@given(text=TEXTS, at=st.integers(0, 2_000), tokens=st.integers(10, 40))
def test_at_least_two_thirds_of_the_prefix_are_kept(text: str, at: int, tokens: int) -> None:
    """Quantising the start gives up at most a third of the prefix budget, and one half of a pair."""
    at = min(at, len(text))
    window = cut_window(text, Span(at, at), prefix_tokens=tokens, suffix_tokens=0)
    assert at - window.start >= min(at, 2 * chars_in(tokens) // 3 - 1)


def test_window_starts_at_a_line_in_ordinary_code() -> None:
    """With ordinary lines both ends lie between lines."""
    window = cut_window(LINES, Span(20_010, 20_010), prefix_tokens=384, suffix_tokens=96)
    assert window.text.startswith("line ")
    assert window.text.endswith("value\n")


@pytest.mark.parametrize("text", [LINES, "x" * 60_000], ids=["lines", "one long line"])
def test_start_rarely_moves_while_typing(text: str) -> None:
    """Over 1,000 typed characters the window's start moves at most five times."""
    starts = {
        cut_window(text[:at], Span(at, at), prefix_tokens=384, suffix_tokens=96).start
        for at in range(20_000, 21_000)
    }
    assert len(starts) <= 5


def test_start_never_moves_back_while_typing() -> None:
    """As the hole moves forward, so does the start."""
    starts = [
        cut_window(LINES[:at], Span(at, at), prefix_tokens=100, suffix_tokens=0).start
        for at in range(5_000, 12_000, 7)
    ]
    assert starts == sorted(starts)
    assert starts[0] < starts[-1]


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("", 0, ""),
        ("abc", 0, "abc"),
        ("abc", 3, "abc"),
        ("\ufeffa\n", 1, "\ufeffa\n"),
        ("a\r\nb\r\n", 3, "a\r\nb\r\n"),
    ],
    ids=["empty", "start", "end", "byte order mark", "CRLF"],
)
def test_small_text_is_shown_whole(text: str, at: int, expected: str) -> None:
    """What fits is not cut."""
    assert cut_window(text, Span(at, at), prefix_tokens=10, suffix_tokens=10).text == expected


def test_five_megabytes_on_one_line_are_cut_by_characters() -> None:
    """A single huge line still gives a window of the size asked for."""
    window = cut_window("ab" * 2_500_000, Span(2_000_000, 2_000_010), prefix_tokens=384, suffix_tokens=96)
    assert 2 * 1_344 // 3 + 10 <= len(window.text) <= 1_344 + 10 + 336


def test_fifty_thousand_lines_are_cut_by_lines() -> None:
    """The window deep in a long file begins at a line."""
    text = "a = 1\n" * 50_000
    window = cut_window(text, Span(299_000, 299_001), prefix_tokens=384, suffix_tokens=96)
    assert window.start % 6 == 0


def test_span_outside_the_text_is_refused() -> None:
    """A hole past the end is the caller's mistake."""
    with pytest.raises(ValueError, match="ends at 5"):
        cut_window("abc", Span(1, 5), prefix_tokens=1, suffix_tokens=1)
