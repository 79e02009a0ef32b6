from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Regex
from tokenizers.pre_tokenizers import Split

from lsp_server.core.healing import LONGEST, half_typed

# Qwen2's pattern without its English contractions ('s, 'll ...), which the rules leave to the engine.
QWEN2 = Regex(
    r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
)


@pytest.mark.parametrize(
    ("prefix", "head"),
    [
        ("", ""),
        ("ret", "ret"),
        ("    ret", " ret"),
        ("\tret", "\tret"),
        ("self.na", ".na"),
        ("self.__in", "in"),
        ("x = foo(ba", "(ba"),
        ("x = (ba", "ba"),
        ("x1", ""),
        ("x1a", "a"),
        ("def f():\n    ", "    "),
        ("def f():\n\t\t", "\t\t"),
        ("def f():\n", ""),
        ("def f():\r\n", ""),
        ("return ", " "),
        ("x =", " ="),
        ("foo(", "("),
        ("a\n(", "("),
        ("x == [[", " [["),
        ("naïv", "naïv"),
        ("x 🙂", " 🙂"),
        ("e\u0301", "\u0301"),
    ],
)
def test_what_is_half_typed(prefix: str, head: str) -> None:
    """The hole takes the piece that may still grow, and no more."""
    assert prefix[len(prefix) - half_typed(prefix) :] == head


@pytest.mark.parametrize("char", ["a", " ", "("])
def test_long_runs_stay_outside(char: str) -> None:
    """A run longer than any token is neither scanned to its start nor locked."""
    assert half_typed("\n" + char * LONGEST) == LONGEST
    assert half_typed(char * 5_000_000) == 0


@given(st.text(alphabet="ab1é٣ \t\n\r._(=[🙂\u0301\u00a0", max_size=20))
def test_the_hole_starts_where_a_piece_starts(prefix: str) -> None:
    """For any text the cut is a piece boundary of Qwen2's pre-tokeniser."""
    pieces = Split(QWEN2, "isolated").pre_tokenize_str(prefix)
    boundaries = {end for _, (_, end) in pieces} | {0}
    assert len(prefix) - half_typed(prefix) in boundaries
