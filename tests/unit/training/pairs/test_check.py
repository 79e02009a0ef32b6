"""What a pair must be to be learnt from."""

import pytest

from lsp_server.training.pairs.check import parses, same, sound
from lsp_server.training.pairs.pair import Pair


@pytest.mark.parametrize(
    ("before", "after", "kind", "right"),
    [
        ("x = 1", "x = 2", "k", True),
        ("x = 1", "x = 1", "k", False),
        ("x = 1", "x  =  1", "k", False),
        ("x = (", "x = 1", "k", False),
        ("x = (", "x = 1", "syntax", True),
        ("x = 1", "x = 2", "syntax", False),
        ("x = 1", "x = (", "syntax", False),
        ("x = 1", "", "k", False),
        ("x = 1", f"x = '{'a' * 200}'", "k", False),
        ("x = 1", "x = 2\n" * 100, "k", False),
    ],
)
def test_sound(before: str, after: str, kind: str, right: bool) -> None:
    """Both sides parse but where a mistake is mended, differ in more than layout, and are small."""
    assert sound(Pair(before, after, "Do it", "python", kind)) is right


def test_a_pair_needs_words() -> None:
    """Without an instruction there is nothing to follow."""
    assert not sound(Pair("x = 1", "x = 2", " ", "python", "k"))


@pytest.mark.parametrize(
    ("language", "text", "right"),
    [
        ("python", "def f(): pass", True),
        ("python", "  x", False),
        ("javascript", "get a() { return 1; }", True),
        ("javascript", "return a;", True),
        ("typescript", "private a(): void {}", True),
        ("java", "int f() { return 1; }", True),
        ("php", "public function f() { return 1; }", True),
        ("go", "func f() {", False),
        ("plaintext", "anything", False),
    ],
)
def test_parses_alone(language: str, text: str, right: bool) -> None:
    """Methods and statements stand by themselves where a class or function would make them right."""
    assert parses(text, language) is right


def test_same() -> None:
    """Layout and comments do not tell two texts apart; anything else does, and what does not parse."""
    assert same("x=1 # a", "x = 1")
    assert not same("x = 1", "x = 2")
    assert not same("x = (", "x = (")
