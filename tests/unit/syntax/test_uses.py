"""Names, functions and calls."""

from __future__ import annotations

import pytest

from lsp_server.core.types import Span
from lsp_server.syntax.functions import functions_at
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import Parsed, parse
from lsp_server.syntax.uses import calls, scope_at, uses


def parsed(text: str, language: str = "python") -> Parsed:
    return parse(text, language_for(language))


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("x = 1", "python", "b"),
        ("x.y = 1", "python", "-"),
        ("self.x = 1", "python", "mb"),
        ("def f(x): ...", "python", "b"),
        ("def f(x: int = 1): ...", "python", "b"),
        ("def f(y=x): ...", "python", "-"),
        ("f(x=1)", "python", "k"),
        ("for x in y: ...", "python", "b"),
        ("for y in x: ...", "python", "-"),
        ("import x", "python", "b"),
        ("with y as x: ...", "python", "b"),
        ("# x", "python", ""),
        ("'x'", "python", ""),
        ("const x = 1;", "javascript", "b"),
        ("const { x } = y;", "javascript", "b"),
        ("a.x();", "javascript", "m"),
        ("if y:\n    # Ends here.\n    x = 1", "python", "b"),
        ("fn f(x: i32) {}", "rust", "b"),
        ("if x == 1 {}", "go", "-"),
        ("func f() { x, y := g(z) }", "go", "b"),
        ("func f() { y, z := x, 1 }", "go", "-"),
    ],
)
def test_what_a_name_is_at_its_place(text: str, language: str, expected: str) -> None:
    """Bound (b), a member (m), naming an argument (k), or just used (-); nothing in comments and strings."""
    found = uses(parsed(text, language), "x")
    signs = ("m" * use.member + "k" * use.keyword + "b" * use.binds or "-" for use in found)
    assert "".join(signs) == expected


def test_without_a_tree_there_is_nothing() -> None:
    """A text in no language has no names."""
    assert uses(parsed("x = 1", "plaintext"), "x") == ()


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("class A:\n    def f(self, a, b=1, *c): ...", "python", [("a", False), ("b", True), ("c", True)]),
        ("function f(a, b = 1) {}", "javascript", [("a", False), ("b", True)]),
        ("const f = (a) => a;", "javascript", [("a", False)]),
        ("function f(a: number, b?: string) {}", "typescript", [("a", False), ("b", True)]),
    ],
)
def test_parameters(text: str, language: str, expected: list[tuple[str, bool]]) -> None:
    """Names, and which may be left out; a method's own object is none."""
    at = text.index("f")
    at = text.index(" f") + 1 if " f" in text else at
    [function] = functions_at(parsed(text, language), Span(at, at + 1))
    assert [(each.name, each.optional) for each in function.parameters] == expected


def test_arguments() -> None:
    """By place, by name, and spread; a method's call is one of its name."""
    text = "f(a, g(b), c=1, *d)\nx.f()\nf\n"
    first, second = calls(parsed(text), "f")
    given = [(text[each.span.start : each.span.end], each.name, each.spread) for each in first.arguments]
    assert given == [("a", "", False), ("g(b)", "", False), ("c=1", "c", False), ("*d", "", True)]
    assert not second.arguments


def test_scopes() -> None:
    """The innermost function, or none."""
    text = "x\ndef f():\n    y\n"
    assert scope_at(parsed(text), 0) is None
    assert scope_at(parsed(text), text.index("y")) == Span(2, len(text) - 1)
