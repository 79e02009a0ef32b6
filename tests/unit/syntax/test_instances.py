from __future__ import annotations

import pytest

from lsp_server.syntax.instances import instances
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse

PYTHON = """\
class K:
    def __init__(self, a: A | None, b: Optional[A], c: list[A], d: m.A):
        self.first = None
        self.first = A(1)
        self.twice = A(1)
        self.twice = 3
        self.typed: A | None = None
        self.kept = a
        v = A()
        w = A()
        w = 2
"""
SCRIPT = "class K { f() { this.x = new A(); this.y = null; const h = new A(); } }"


@pytest.mark.parametrize(
    ("text", "language", "names"),
    [
        (PYTHON, "python", ["a", "b", "d", "self.first", "self.kept", "self.typed", "v"]),
        (SCRIPT, "javascript", ["h", "this.x"]),
        ("function f(a: A | null, b: A[], c?: A) {}", "typescript", ["a", "c"]),
    ],
)
def test_what_holds_an_object_of_a_class(text: str, language: str, names: list[str]) -> None:
    """By what is made, by type, and attributes that keep it; not what is bound to something else as well."""
    assert sorted(each.name for each in instances(parse(text, language_for(language)), "A")) == names
