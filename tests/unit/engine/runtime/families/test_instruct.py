"""Rewriting by instruction."""

from __future__ import annotations

import pytest

from lsp_server.engine.runtime.families.instruct import (
    dedented,
    instruction_parts,
    restore_indent,
    without_surroundings,
)


def test_the_model_is_told_everything() -> None:
    """Language, surroundings, the dedented selection and the instruction are in the message."""
    user, start = instruction_parts(
        language="python",
        before="def f():\n",
        selected="    x = 1\n",
        after="    return x\n",
        instruction="Rename x.",
    )
    for part in ("def f():", "return x", "```python\nx = 1\n```", "Rename x."):
        assert part in user
    assert start == "```python\n"


def test_plain_text_has_a_bare_fence() -> None:
    """No language name where there is none, and no empty surroundings."""
    user, start = instruction_parts(
        language="plaintext", before="", selected="abc", after="", instruction="Shorten."
    )
    assert start == "```\n"
    assert "around" not in user


@pytest.mark.parametrize(
    ("selected", "answer", "expected"),
    [
        ("    a\n    b\n", "c", "    c\n"),
        ("    a\n        b", "if c:\n    d", "    if c:\n        d"),
        ("a\r\n", "b", "b\n"),
        ("\tx\n", "y\n\nz", "\ty\n\n\tz\n"),
        ("", "x", "x"),
    ],
)
def test_the_answer_is_indented_like_the_selection(selected: str, answer: str, expected: str) -> None:
    """Indentation and the final line break come back."""
    assert restore_indent(answer, selected) == expected


def test_dedented_keeps_the_shape() -> None:
    """Only the common indentation goes."""
    assert dedented("    if a:\r\n        b\r\n") == "if a:\n    b"


@pytest.mark.parametrize(
    ("answer", "before", "after", "expected"),
    [
        ("def f(x):\n    return x", "import a\n\ndef f(x):\n", "", "return x"),
        ("return x", "def f(x):\n", "", "return x"),
        ("y = 1\nprint(y)", "", "print(y)\n", "y = 1"),
        ("def f(x):\n    return x\nf(1)", "def f(x):\n", "\n\nf(1)\n", "return x"),
        ("a = 1", "a = 1\n", "", "a = 1"),
    ],
    ids=["line above", "nothing repeated", "line below", "both", "never everything"],
)
def test_repeated_surroundings_are_dropped(answer: str, before: str, after: str, expected: str) -> None:
    """Models like to answer with the lines around the selection too."""
    assert without_surroundings(answer, before, after) == expected
