"""Bodies of functions, and selections grown to statements."""

import pytest

from lsp_server.core.types import Span
from lsp_server.syntax.bodies import body_at, node_around
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse


@pytest.mark.parametrize(
    ("language", "text", "body"),
    [
        ("python", 'def f():\n    """D."""\n    x = |1\n    return x\n\ny=2\n', "x = 1\n    return x"),
        ("python", "def f(|):\n    pass", "pass"),
        ("python", "def f():|\n", ""),
        ("python", 'def f():\n    """D|."""\n', ""),
        ("python", "x |= 1", None),
        ("python", "class A:\n    x = |1\n", None),
        ("python", "def f():\n    def g():\n        |pass\n    return g", "pass"),
        ("javascript", "const f = (a) => { return |a; };", "return a;"),
        ("javascript", "function f() { | }", "  "),
        ("javascript", "x.map(a => a|+1)", "a+1"),
        ("ruby", "def f(a)|\nend", ""),
        ("go", "func f() {\n\tx := |1\n\ty := 2\n}\n", "x := 1\n\ty := 2"),
        ("lua", "function f()\n  x = |1\nend", "x = 1"),
        ("cpp", "int f() {\n  auto l = [](int a) { return |a; };\n}", "return a;"),
        ("kotlin", "fun f() { val x = |1; x }", "val x = 1; x"),
        ("csharp", "class A { int F() { return |1; } }", "return 1;"),
        ("rust", "impl A { fn f(&self) { |1 } }", "1"),
        ("java", "class A { A() { x = |1; } }", "x = 1;"),
        ("php", "<?php function f() { return |1; }", "return 1;"),
        ("bash", "f() {\n  ls |\n}\n", "ls"),
        ("plaintext", "a|", None),
    ],
)
def test_body_at(language: str, text: str, body: str | None) -> None:
    """The innermost function's statements, without braces and docstring."""
    offset = text.index("|")
    text = text.replace("|", "", 1)
    span = body_at(parse(text, language_for(language)), Span(offset, offset))
    assert (None if span is None else text[span.start : span.end]) == body


@pytest.mark.parametrize(
    ("language", "text", "grown"),
    [
        ("python", "def f():\n    x = fo«o(»1)\n    y = 2\n", "    x = foo(1)"),
        ("python", "def f():\n    «x = 1\n    y» = 2\n    z\n", "    x = 1\n    y = 2"),
        ("python", "if a:\n    «b\nc» = 1\nd\n", "if a:\n    b\nc = 1"),
        ("python", "foo(\n    «a»,\n    b,\n)\n", "foo(\n    a,\n    b,\n)"),
        ("javascript", "function f() { return «1»; }", "return 1;"),
        ("javascript", "a();\n«  b();\n»c();\n", "  b();"),
        ("python", "x = 1\n«  »\ny", "  "),
        ("python", "«»", ""),
        ("plaintext", "ab «cd»\nx", "ab cd"),
        ("go", "func f() {\n\tx := «1»\n}\n", "\tx := 1"),
        ("typescript", "x = {\n  a: 1,\n  f() {\n «   g();»\n  },\n  h: 2,\n};\n", "    g();"),
        ("typescript", "x = {\n  a: 1,\n  «f() {\n    g();\n  }»,\n  h: 2,\n};\n", "  f() {\n    g();\n  }"),
        ("javascript", "x = {\n  a: 1,\n  «f: () => 1,\n  g() {}»,\n};\n", "  f: () => 1,\n  g() {}"),
        ("javascript", "x = {\n  «a: 1»,\n  f() {},\n};", "x = {\n  a: 1,\n  f() {},\n};"),
    ],
)
def test_node_around(language: str, text: str, grown: str) -> None:
    """A selection that cuts statements grows to whole ones, and to whole lines if only blanks are added."""
    start, end = text.index("«"), text.index("»") - 1
    text = text.replace("«", "").replace("»", "")
    span = node_around(parse(text, language_for(language)), Span(start, end))
    assert text[span.start : span.end] == grown


def test_spans_past_the_end() -> None:
    """A span that reaches past the end counts up to it."""
    parsed = parse("x = 1", language_for("python"))
    assert node_around(parsed, Span(3, 99)) == Span(0, 5)
    assert body_at(parsed, Span(90, 99)) is None
