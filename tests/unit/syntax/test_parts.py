"""The parts of a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.types import Span
from lsp_server.syntax.languages import language_for, languages
from lsp_server.syntax.parse import parse
from lsp_server.syntax.parts import Part, parts


def found(language: str, text: str, part: Part) -> list[str]:
    spans = parts(parse(text, language_for(language)), Span(0, len(text)))[part]
    return [text[span.start : span.end] for span in spans]


@pytest.mark.parametrize(
    ("language", "text", "part", "expected"),
    [
        ("python", "x = f(a, b + 1)\n", Part.EXPRESSION, ["f(a, b + 1)", "b + 1"]),
        ("python", "f(a)\n", Part.EXPRESSION, []),
        ("python", "def f(a, b=1): pass\n", Part.ARGUMENTS, ["a, b=1"]),
        ("python", "f()\n", Part.ARGUMENTS, []),
        ("python", "while (a and b): pass\n", Part.CONDITION, ["a and b"]),
        ("python", 'def f():\n    """Doc."""\n    x = 1\n    return x\n', Part.BODY, ["x = 1\n    return x"]),
        ("python", "for a in b:\n    c()\n    d()\n", Part.BLOCK, ["c()\n    d()"]),
        ("python", "a = 1\nif b:\n    c()\n", Part.STATEMENT, ["a = 1", "if b:\n    c()", "c()"]),
        ("python", "# why\nx = '# no'\n", Part.COMMENT, ["# why"]),
        ("python", 'class A:\n    """Say so."""\n', Part.WORDS, ["Say so."]),
        ("javascript", "const f = (a) => { g(a); };", Part.BODY, ["g(a);"]),
        ("javascript", "if ( a > b ) { c(); }", Part.CONDITION, ["a > b"]),
        ("javascript", "/** Says. */\nf();", Part.WORDS, ["Says."]),
        ("c", "/*\n * Says.\n * More.\n */\nint x;", Part.WORDS, ["\n * Says.\n * More."]),
        ("rust", "/// Says.\nfn f() {}", Part.COMMENT, ["/// Says."]),
        ("rust", "fn f(a: u8) -> u8 { a + 1 }", Part.ARGUMENTS, ["a: u8"]),
        ("go", "package a\nfunc f() {\n\tg()\n\th()\n}\n", Part.BODY, ["g()\n\th()"]),
        ("go", "package a\nfunc f() {\n\tg()\n}\n", Part.BLOCK, []),
        ("java", "class A { int f(int a) { return a + 1; } }", Part.EXPRESSION, ["a + 1"]),
        ("c", "int f(void) { while (x < 3) x++; return x; }", Part.CONDITION, ["x < 3"]),
        ("ruby", "def f(a)\n  g a\nend\n", Part.BODY, ["g a"]),
        ("lua", "if a > 1 then\n  b()\nend\n", Part.BLOCK, ["b()"]),
        ("bash", 'if [ "$1" = a ]; then\n  b\nfi\n', Part.CONDITION, ['"$1" = a']),
        ("php", "<?php\nf($a, $b);\n", Part.ARGUMENTS, ["$a, $b"]),
        ("html", "<!-- Says. -->", Part.WORDS, ["Says."]),
        ("plaintext", "f(a)", Part.ARGUMENTS, []),
    ],
)
def test_parts(language: str, text: str, part: Part, expected: list[str]) -> None:
    """Each part is what it is called, in the order of the text."""
    assert found(language, text, part) == expected


def test_only_within() -> None:
    """Nothing outside the span asked for is listed, nor what reaches out of it."""
    text = "f(a)\ng(b)\nh(c)\n"
    listed = parts(parse(text, language_for("python")), Span(3, 10))
    assert [text[span.start : span.end] for span in listed[Part.STATEMENT]] == ["g(b)"]
    assert [text[span.start : span.end] for span in listed[Part.ARGUMENTS]] == ["b"]


@given(st.text(), st.sampled_from([language.id for language in languages()]))
def test_any_text(text: str, language: str) -> None:
    """Whatever the text, parts lie in it, say something and end with it."""
    for spans in parts(parse(text, language_for(language)), Span(0, len(text))).values():
        for span in spans:
            assert text[span.start : span.end].strip()
