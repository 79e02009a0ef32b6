from __future__ import annotations

import pytest

from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import Parsed, parse
from lsp_server.syntax.signatures import signature_at, signatures


def parsed(text: str, language: str = "python") -> Parsed:
    return parse(text, language_for(language))


@pytest.mark.parametrize(
    ("language", "text", "slots"),
    [
        ("python", "def f(a, b=1): pass", [("a", "either", False), ("b", "either", True)]),
        ("python", "def f(a, /, b: int, *, c: str = 'x', **kw): pass", [
            ("a", "place", False), ("b", "either", False), ("c", "name", True), ("kw", "named-rest", True)
        ]),
        ("python", "def f(*args, c): pass", [("args", "rest", True), ("c", "name", False)]),
        ("python", "class A:\n    def f(self, a): pass", [("a", "either", False)]),
        ("python", "class A:\n    @staticmethod\n    def f(a): pass", [("a", "either", False)]),
        ("python", "class A:\n    @classmethod\n    def f(mcls, a): pass", [("a", "either", False)]),
        ("javascript", "function f(a, b = 1, ...rest) {}", [
            ("a", "either", False), ("b", "either", True), ("rest", "rest", True)
        ]),
        ("typescript", "const f = (a: A, b?: B) => {}", [("a", "either", False), ("b", "either", True)]),
        ("typescript", "class A { f(this: A, {a}: B) {} }", [("a", "either", False)]),
    ],
)  # fmt: skip
def test_parameters_and_how_they_are_given(
    language: str, text: str, slots: list[tuple[str, str, bool]]
) -> None:
    """A method's own object is none; what follows a bare or a starred one in Python has to be named."""
    [found] = signatures(parsed(text, language))
    assert [(each.name, each.way.value, each.optional) for each in found.slots] == slots


def test_constructors_are_called_by_their_class() -> None:
    """In Python and in JavaScript; other methods by their own name."""
    python = signatures(parsed("class A:\n    def __init__(self): pass\n    def m(self): pass\n"))
    assert [each.called for each in python] == ["A", "m"]
    [script] = signatures(parsed("class A { constructor(a) {} }", "javascript"))
    assert (script.called, script.holder) == ("A", "A")


def test_a_header_is_found_from_its_first_word_to_its_last_bracket() -> None:
    """Not from inside the body, nor from what is around."""
    text = "x = 1\n\nasync def f(a,\n            b):\n    return a\n"
    tree = parsed(text)
    for part in ("async", "f(", "b)"):
        found = signature_at(tree, text.index(part))
        assert found is not None
        assert text[found.at.start : found.at.end] == "f"
    assert signature_at(tree, text.index("return")) is None
    assert signature_at(tree, 0) is None
    assert signature_at(parsed("const f = (x) => x;", "javascript"), 7) is not None
