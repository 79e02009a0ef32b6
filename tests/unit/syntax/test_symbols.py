"""Names a text defines, imports and uses."""

import pytest

from lsp_server.core.types import Span
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse
from lsp_server.syntax.symbols import LONGEST_SIGNATURE, definitions, identifiers, imported_names

PYTHON = """\
class A:
    '''D.

    More.'''
    @deco
    def m(self): ...
async def f(x) -> int:
    def inner(): ...
"""

DEFINED = [
    (
        "python",
        PYTHON,
        [
            ("class", "A", 'class A: """D."""'),
            ("method", "m", "def m(self):"),
            ("function", "f", "async def f(x) -> int:"),
        ],
    ),
    (
        "javascript",
        "const f = (x) => { };\nclass A { m() { } }\nexport default function h() {}\n",
        [
            ("function", "f", "const f = (x) =>"),
            ("class", "A", "class A"),
            ("method", "m", "m()"),
            ("function", "h", "function h()"),
        ],
    ),
    (
        "typescript",
        "interface I { a: string; }\ntype T = string;\n",
        [("interface", "I", "interface I"), ("type", "T", "type T = string")],
    ),
    ("go", "func (s S) M(a int) error { return nil }\n", [("method", "M", "func (s S) M(a int) error")]),
    ("rust", "impl S { fn m(&self) { } }\n", [("method", "m", "fn m(&self)")]),
    (
        "java",
        "class A { int f(int a) { return 1; } }",
        [("class", "A", "class A"), ("method", "f", "int f(int a)")],
    ),
    ("c", "static int *f(int a) { return 0; }\n", [("function", "f", "static int *f(int a)")]),
    ("cpp", "void n::A::q(int x) { }\n", [("function", "q", "void n::A::q(int x)")]),
    (
        "ruby",
        "class A < B\n  def m(a)\n  end\nend\n",
        [("class", "A", "class A < B"), ("method", "m", "def m(a) end")],
    ),
    ("php", "<?php\nfunction f($a) { }\n", [("function", "f", "function f($a)")]),
    ("bash", "f() {\n ls\n}\n", [("function", "f", "f()")]),
    ("sql", "create table t (a int);\n", [("table", "t", "create table t (a int)")]),
    ("json", '{"a": 1}', []),
    ("plaintext", "def f(): pass", []),
    ("python", "", []),
]


@pytest.mark.parametrize(("language", "text", "expected"), DEFINED)
def test_definitions(language: str, text: str, expected: list[tuple[str, str, str]]) -> None:
    """Functions, classes, methods and types with short headers, not what is inside functions."""
    found = definitions(parse(text, language_for(language)))
    assert [(each.kind, each.name, each.signature) for each in found] == expected


def test_span_holds_decorators_and_signatures_are_short() -> None:
    """A definition's span begins at its decorator, and a long header is cut."""
    text = "@deco\ndef f(" + ", ".join(f"argument_{n}" for n in range(100)) + "):\n    pass\n"
    found = definitions(parse(text, language_for("python")))
    assert found[0].span.start == 0
    assert len(found[0].signature) <= LONGEST_SIGNATURE


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        ("python", "import a.b as c\nfrom .x import (y, z as w)\n", ["a", "b", "c", "x", "y", "z", "w"]),
        (
            "javascript",
            'import a, {b as c} from "./d";\nconst r = require("q");\n',
            ["a", "b", "c", "d", "r", "q"],
        ),
        ("go", 'package p\nimport (\n "fmt"\n)\n', ["fmt"]),
        ("rust", "use a::b::{c, d};\n", ["a", "b", "c", "d"]),
        ("java", "import a.b.C;\n", ["a", "b", "C"]),
        ("c", '#include "b.h"\n', ["b", "h"]),
        ("ruby", 'require "set"\n', ["set"]),
        ("plaintext", "import a", []),
    ],
)
def test_imported_names(language: str, text: str, names: list[str]) -> None:
    """Every name an import mentions, once, in order."""
    assert list(imported_names(parse(text, language_for(language)))) == names


def test_identifiers_are_nearest_first_and_code_only() -> None:
    """Names come by distance, each once, without keywords, comments and strings."""
    text = "far = 1\n# comment word\nnear = 'string' if far else other\n"
    at = text.index("near")
    assert identifiers(parse(text, language_for("python")), Span(at, at)) == ("near", "far", "other")


def test_identifiers_without_a_tree_and_in_a_huge_line() -> None:
    """Plain words count where there is no grammar, from a window only."""
    assert identifiers(parse("one two", language_for("plaintext")), Span(7, 7)) == ("two", "one")
    assert identifiers(parse("ab " * 2_000_000, language_for("json")), Span(3_000_000, 3_000_000))
