from __future__ import annotations

import pytest

from lsp_server.core.types import Span
from lsp_server.syntax.instances import instances
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.members import (
    class_around,
    class_of_name,
    is_shorthand,
    name_of,
    receiver_of,
)
from lsp_server.syntax.parse import Parsed, parse

TEXT = """\
class A(Base, mixins.Other):
    field = 1

    def method(self):
        local = 2
        return self.field


def function():
    return A().method()
"""


def parsed(text: str = TEXT, language: str = "python") -> Parsed:
    return parse(text, language_for(language))


def spot(part: str, text: str = TEXT) -> Span:
    start = text.index(part)
    return Span(start, start + len(part))


def test_the_class_around() -> None:
    """By name; outside of every class there is none."""
    tree = parsed()
    found = class_around(tree, TEXT.index("local"))
    assert found is not None
    assert name_of(tree, found) == "A"
    assert class_around(tree, TEXT.index("function")) is None


@pytest.mark.parametrize(
    ("name", "bound"), [("field", True), ("method", True), ("local", False), ("A", False)]
)
def test_what_a_class_binds_in_its_body(name: str, *, bound: bool) -> None:
    """Methods and fields, not what methods bind, nor the class itself."""
    assert (class_of_name(parsed(), spot(name)) is not None) == bound


def test_who_is_asked_behind_a_dot() -> None:
    """The text before it; a name by itself asks nobody."""
    tree = parsed()
    use = TEXT.rindex("method")
    assert receiver_of(tree, Span(use, use + 6)) == "A()"
    assert receiver_of(tree, Span(TEXT.rindex("field"), TEXT.rindex("field") + 5)) == "self"
    assert receiver_of(tree, spot("function")) == ""


def test_shorthand_is_key_and_value() -> None:
    """Only where there is no colon."""
    text = "f({area}); g({area: area})"
    tree = parsed(text, "javascript")
    assert is_shorthand(tree, Span(3, 7))
    assert not is_shorthand(tree, Span(text.rindex("area"), text.rindex("area") + 4))


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        ("python", "def f():\n    a = A(1)\n", {"a"}),
        ("python", "def f(a: A, b: 'A', c: list[A]): pass\n", {"a"}),
        ("python", "def f(x):\n    a: A = x\n", {"a"}),
        ("python", "def f(x):\n    a = A()\n    a = x\n", set()),
        ("python", "a = A\nb = f(A())\nc = A.x()\n", set()),
        ("typescript", "const a = new A(); let b: A; function f(c: A, d: B) {}", {"a", "b", "c"}),
    ],
)
def test_names_that_hold_an_object(language: str, text: str, names: set[str]) -> None:
    """Assigned from a call of the class or declared so, and nothing else besides."""
    assert {each.name for each in instances(parsed(text, language), "A")} == names
