from __future__ import annotations

import pytest

from lsp_server.core.types import Span
from lsp_server.service.consequences.given import given_around, is_known, is_likely
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import Parsed, parse
from lsp_server.syntax.signatures import Slot, Way


def lacking(name: str, written: str = "") -> Slot:
    return Slot(name, Way.EITHER, optional=False, span=Span(0, 0), type=written)


def tree(text: str) -> Parsed:
    return parse(text, language_for("python"))


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("def f(rate):\n    g(|)\n", True),
        ("def f():\n    rate = 1\n    g(|)\n", True),
        ("def f(rate):\n    def h():\n        g(|)\n", True),
        ("def f():\n    g(|)\n    rate = 1\n", False),
        ("def h(rate):\n    pass\ndef f():\n    g(|)\n", False),
        ("rate = 1\ndef f():\n    g(|)\n", False),
        ("def f(x):\n    x.rate = 1\n    g(|)\n", False),
    ],
)
def test_a_variable_is_known_where_a_function_around_has_it_by_then(text: str, *, known: bool) -> None:
    """Not another function's, a later one, an attribute, or a global, which is often a namesake."""
    assert is_known(tree(text.replace("|", "")), text.index("|"), lacking("rate")) == known


@pytest.mark.parametrize(
    ("declared", "wanted", "known"),
    [
        (": int", "int", True),
        (": int", "", True),
        ("", "int", True),
        (": int", "int | None", True),
        (": Rate", "int", False),
    ],
)
def test_a_variable_of_another_type_is_something_else(declared: str, wanted: str, *, known: bool) -> None:
    """Where both say their types; one that may be absent takes one that is there."""
    text = f"def f(rate{declared}):\n    g()\n"
    assert is_known(tree(text), text.index(")\n", 12), lacking("rate", wanted)) == known


def test_a_name_of_everything_says_nothing() -> None:
    """The options of two functions are seldom the same."""
    text = "def f(opts):\n    g()\n"
    assert not is_known(tree(text), len(text) - 2, lacking("opts"))


@pytest.mark.parametrize(
    ("argument", "likely"),
    [
        ("c", True),
        ("a", False),
        ("x . y", False),
        ("0", True),
        ("k=c", False),
        ("k == c", True),
        ("*c", False),
        ("...c", False),
        ("g(c)", False),
        ("h(c)", True),
        ("v", False),
    ],
)
def test_an_argument_is_hardly_ever_one_that_is_there(argument: str, *, likely: bool) -> None:
    """Nor one of another name, several at once, or the same call again; constants repeat."""
    text = "g(a, x.y, 0, k=v, )"
    assert is_likely(argument, given_around(tree(text), text.index(" )") + 1)) == likely


def test_the_innermost_call_counts() -> None:
    """Its arguments, and what it calls."""
    text = "g(a, h(b, ))"
    assert given_around(tree(text), text.index(" ))") + 1) == {"b", "h("}
    assert given_around(tree(text), 0) == frozenset()
