"""Parsing, whole and incremental, in code points."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.core.errors import BadInput
from lsp_server.core.types import Edit, Span
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import LARGEST, MOST_EDITS, Parsed, parse, span_of

PYTHON = language_for("python")


def leaf(parsed: Parsed, word: str) -> str:
    """The text of the smallest node at the first place of `word`."""
    at = parsed.text.index(word)
    node = parsed.node_at(Span(at, at + len(word)))
    assert node is not None
    span = span_of(node)
    return parsed.text[span.start : span.end]


@pytest.mark.parametrize(
    "before",
    [
        "",
        "# plain\n",
        "# é ñ\n",
        "x = '漢字'\n",
        "x = '😀👩‍👩‍👧'\n",
        "x = 'e\u0301'\n",
        "\ufeff",
        "x = '\ud83d'\n",
        "# \udfff\r\n\t\n",
    ],
)
def test_spans_are_code_points(before: str) -> None:
    """Whatever stands before it, a node is found at its code-point offsets."""
    assert leaf(parse(before + "needle = 1\n", PYTHON), "needle") == "needle"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", "python"),
        ("\0\1\2", "python"),
        ("x", "plaintext"),
        ("a" * (LARGEST + 1), "python"),
        ("\ud800", "c"),
    ],
)
def test_odd_texts_do_not_raise(text: str, language: str) -> None:
    """Empty, binary, huge and broken texts make a snapshot, with a tree or without."""
    parsed = parse(text, language_for(language))
    assert (parsed.root is not None) == parsed.has_tree


def test_no_tree_for_binary_huge_and_plain_text() -> None:
    """A NUL, more than the limit, or no grammar: no tree."""
    assert not parse("a\0b", PYTHON).has_tree
    assert not parse("a" * (LARGEST + 1), PYTHON).has_tree
    assert not parse("a", language_for("plaintext")).has_tree
    assert parse("a" * LARGEST, PYTHON).has_tree


def test_a_text_that_shrinks_gets_its_tree() -> None:
    """A snapshot without a tree becomes one with a tree when an edit removes the reason."""
    parsed = parse("x = 1\0", PYTHON).edited([Edit(Span(5, 6), "")])
    assert parsed.text == "x = 1"
    assert parsed.root is not None


def test_edits_apply_in_turn_and_leave_the_old_snapshot_alone() -> None:
    """Each edit is against the text after the one before; the snapshot edited stays as it was."""
    old = parse("a = 1\n", PYTHON)
    assert old.root is not None
    new = old.edited([Edit(Span(0, 1), "first"), Edit(Span(5, 5), "_name")])
    assert new.text == "first_name = 1\n"
    assert leaf(new, "first_name") == "first_name"
    assert (old.text, leaf(old, "a")) == ("a = 1\n", "a")


def test_an_edit_past_the_end_is_refused() -> None:
    """An edit that leaves the text raises instead of being cut."""
    with pytest.raises(BadInput):
        parse("a", PYTHON).edited([Edit(Span(0, 5), "")])


def test_many_edits_at_once() -> None:
    """More edits than are worth marking one by one give the same text and tree."""
    edits = [Edit(Span(0, 0), "x = 1\n")] * (MOST_EDITS + 1)
    parsed = parse("", PYTHON).edited(edits)
    assert parsed.root is not None
    assert parsed.root.named_child_count == MOST_EDITS + 1


PIECES = st.sampled_from(
    ["x", " = ", "(", ")", "\n", "    ", "def f():", "'", "é", "😀", "\ud800", "\r\n", "#", ""]
)


@settings(max_examples=150)
@given(
    st.lists(PIECES, max_size=12),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 6), PIECES), max_size=6),
)
def test_incremental_parsing_equals_parsing_anew(
    pieces: list[str], changes: list[tuple[int, int, str]]
) -> None:
    """After any edits the tree is the one a fresh parse gives."""
    parsed = parse("".join(pieces), PYTHON)
    for wanted, length, text in changes:
        start = min(wanted, len(parsed.text))
        span = Span(start, min(start + length, len(parsed.text)))
        assert parsed.root is not None
        parsed = parsed.edited([Edit(span, text)])
    fresh = parse(parsed.text, PYTHON)
    assert parsed.root is not None
    assert fresh.root is not None
    assert parsed.root.has_error == fresh.root.has_error
    if not fresh.root.has_error:
        assert str(parsed.root) == str(fresh.root)
