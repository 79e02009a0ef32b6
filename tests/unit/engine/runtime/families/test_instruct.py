"""Rewriting by instruction."""

from __future__ import annotations

import re

import pytest

from lsp_server.core.types import Span
from lsp_server.engine.protocol import Example
from lsp_server.engine.runtime.families.instruct import (
    dedented,
    in_dedented,
    instruction_parts,
    restore_indent,
    solved,
    without_surroundings,
)


@pytest.mark.parametrize(("language", "fence"), [("python", "```python\n"), ("plaintext", "```\n")])
def test_the_model_is_told_what_to_do(language: str, fence: str) -> None:
    """The instruction and the dedented selection; plain text has a bare fence."""
    user, start = instruction_parts(language=language, selected="    x = 1\n", instruction=" Rename x. ")
    assert user == f"Rename x.\n{fence}x = 1\n```"
    assert start == fence


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
        ("import a\n\ndef f(x):\n    y", "import a\ndef f(x):\n", "", "y"),
        ("a\n\nb\nc", "", "b\n\nc\nd\n", "a"),
    ],
    ids=[
        "line above",
        "nothing repeated",
        "line below",
        "both",
        "never everything",
        "blank lines above",
        "blank lines below",
    ],
)
def test_repeated_surroundings_are_dropped(answer: str, before: str, after: str, expected: str) -> None:
    """Models like to answer with the lines around the selection too."""
    assert without_surroundings(answer, before, after) == expected


@pytest.mark.parametrize(
    "selected", ["x = 1", "    if a:\n        b\n\n    c\n", "\n\n  \n\ta\n\tbc\n", "  a\r\n  b\r\n"]
)
def test_places_are_found_again_in_what_is_shown(selected: str) -> None:
    """Every word of the selection is where it is said to be in the dedented one."""
    shown = dedented(selected)
    for match in re.finditer(r"\w+", selected):
        place = in_dedented(selected, Span(match.start(), match.end()))
        assert shown[place.start : place.end] == match[0]
    assert in_dedented(selected, Span(0, len(selected))) == Span(0, len(shown))


def test_an_example_is_asked_and_answered_as_the_question_is() -> None:
    """Its message is the question's with another selection, its answer closes the fence that it opens."""
    assert solved(None, "Test it.", "go") is None
    example = Example("python", "def f():\n    pass", "func f() {}")
    user, answer = solved(example, "Translate.", "go") or ("", "")
    asked, start = instruction_parts(
        language="python", selected="def f():\n    pass", instruction="Translate.", answered_in="go"
    )
    assert user == asked
    assert answer == f"{start}func f() {{}}\n```"
    assert start == "```go\n"
