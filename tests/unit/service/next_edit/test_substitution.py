"""What became what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.service.next_edit.substitution import MOST_TOKENS, renames, substitutions, tokens_of


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("f(a, b)", "f(a, c)", [("b", "c")]),
        ("f(a)", "f(a, b)", [("", ", b")]),
        ("x = old + old", "x = new + new", [("old", "new"), ("old", "new")]),
        ("log('a')", 'log("a")', [("'", '"'), ("'", '"')]),
        ("same", "same", []),
        ("a = 1\nb = 2", "b = 2", [("a = 1\n", "")]),
    ],
)
def test_the_least_is_found(before: str, after: str, expected: list[tuple[str, str]]) -> None:
    """Tokens that stay are no part of what was put for what."""
    assert [(each.old, each.new) for each in substitutions(before, after)] == expected


def test_neighbours_are_of_the_same_line() -> None:
    """What stands on another line says nothing of the place."""
    [found] = substitutions("first\n  a.b = c", "first\n  a.b = d")
    assert found.left == ("a", ".", "b", "=")
    assert found.right == ()


def test_too_much_is_nothing() -> None:
    """Text written anew is no substitution."""
    assert substitutions("a " * MOST_TOKENS, "b") == ()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("def f(old):", "def f(new):", (("old", "new"),)),
        ("old = old + 1", "new = old + 1", ()),
        ("a = b", "c = b", (("a", "c"),)),
        ("old, old", "new, other", ()),
        ("f(1)", "f(2)", ()),
        ("a = f(b)\nc = g(d)", "c = g(d)", ()),
        ("a = b", "b = b", ()),
    ],
)
def test_a_rename_leaves_nothing_of_the_old_name(
    before: str, after: str, expected: tuple[tuple[str, str], ...]
) -> None:
    """And has one new name for it."""
    assert renames(substitutions(before, after), before, after) == expected


@given(st.text(max_size=80))
def test_tokens_are_the_text(text: str) -> None:
    """Nothing is lost of any text."""
    assert "".join(tokens_of(text)) == text
