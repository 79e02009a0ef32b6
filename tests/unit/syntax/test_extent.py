"""How far a fill may reach."""

import pytest

from lsp_server.syntax.extent import STATEMENT_LINES, Extent, ExtentKind, extent_at
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse

REST = Extent(ExtentKind.REST_OF_LINE)
LINE = Extent(ExtentKind.LINE)
NONE = Extent(ExtentKind.NONE)


def body(indent: int) -> Extent:
    return Extent(ExtentKind.BODY, multi_line=True, max_lines=None, min_indent=indent)


def statement(indent: int) -> Extent:
    return Extent(ExtentKind.STATEMENT, multi_line=True, max_lines=STATEMENT_LINES, min_indent=indent)


def at_bar(language: str, text: str) -> tuple[object, int]:
    offset = text.rindex("|")
    return parse(text[:offset] + text[offset + 1 :], language_for(language)), offset


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("python", "x = |", REST),
        ("python", "x = foo(|)", REST),
        ("python", "x = foo(|, 1)", REST),
        ("python", "a = 1\nfoo |bar", REST),
        ("python", "fo|o", NONE),
        ("python", "fo|é", NONE),
        ("python", "|", LINE),
        ("python", "x = 1\n|\ny = 2", LINE),
        ("python", "def f():|", body(1)),
        ("python", "def f():\n    |", body(4)),
        ("python", "def f():\n|", body(1)),
        ("python", "class A:\n    def f(self):\n        |\n", body(8)),
        ("python", "if x:  # c\n    |", body(4)),
        ("python", "def f(\n    a,\n) -> int:\n    |", body(4)),
        ("python", "d = {\n    |\n}", body(4)),
        ("python", "def f():\n    |\n    return 1", statement(4)),
        ("python", "def f(a):|\n    return a", statement(4)),
        ("python", "def f():\n    x = 1\n    |\n    return x", statement(4)),
        ("python", "def f():\n    x = 1\n|\n    y = 2", statement(4)),
        ("python", "def f():\n        |\n            deeper", statement(8)),
        ("python", 'x = {"a":|', REST),
        ("python", "lambda x:|", REST),
        ("python", "x: |", REST),
        ("python", "    # hello |", REST),
        ("python", 'def f():\n    """|\n    """', REST),
        ("python", 'def f():\n    """\n    |\n    """', LINE),
        ("javascript", "function f() {|}", body(1)),
        ("javascript", "function f() {|", body(0)),
        ("javascript", "function f() {\n  |\n}", body(2)),
        ("javascript", "if (a) {\n  if (b) {\n    |\n  }\n}", body(4)),
        ("javascript", "foo(function() {|})", body(1)),
        ("javascript", "const a = { | }", REST),
        ("javascript", "const a = [|]", REST),
        ("javascript", "const s = `a ${|}`", REST),
        ("javascript", "class A {\n  a() {\n    x;\n  }\n|\n  b() {}\n}", statement(2)),
        ("typescriptreact", "<p onClick={|}>", REST),
        ("go", "func f() {\n\t|\n}\n", body(1)),
        ("ruby", "def foo(a)|", body(0)),
        ("ruby", "def foo|", REST),
        ("ruby", "def foo\n  |\nend", body(2)),
        ("lua", "if x then\n  |\nend", body(2)),
        ("bash", "for x in a; do\n  |\ndone", body(2)),
        ("yaml", "a:\n  |", body(2)),
        ("yaml", "a: |", REST),
        ("json", '{\n  "a": 1,\n  |\n}', statement(2)),
        ("html", "<ul>\n  |\n</ul>", body(2)),
        ("css", "a {\n  |\n}", body(2)),
        ("sql", "create table t (\n  |\n);", body(2)),
        ("markdown", "- a\n  |", LINE),
        ("plaintext", "he|", REST),
    ],
)
def test_extent(language: str, text: str, expected: Extent) -> None:
    """The text around the cursor decides what is completed."""
    parsed, offset = at_bar(language, text)
    assert extent_at(parsed, offset) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "never", "always"),
    [
        ("def f():\n    |", LINE, body(4)),
        ("def f():|", REST, body(1)),
        ("    x = |", REST, statement(4)),
        ("|", LINE, statement(0)),
        ("foo(|, 1)", REST, REST),
        ("# a |", REST, REST),
    ],
)
def test_multi_line_setting(text: str, never: Extent, always: Extent) -> None:
    """Never keeps to one line; always allows more wherever no code stands right of the cursor."""
    parsed, offset = at_bar("python", text)
    assert extent_at(parsed, offset, multi_line="never") == never  # type: ignore[arg-type]
    assert extent_at(parsed, offset, multi_line="always") == always  # type: ignore[arg-type]


@pytest.mark.parametrize("offset", [-5, 0, 2, 99])
def test_offsets_at_and_past_the_ends(offset: int) -> None:
    """An offset outside the text counts as its nearest end."""
    assert extent_at(parse("x ", language_for("python")), offset).kind in set(ExtentKind)


@pytest.mark.parametrize("text", ["x" * 5_000_000, "(" * 5_000_000, '{"a": 1}, ' * 500_000, " " * 5_000_000])
def test_one_huge_line(text: str) -> None:
    """In one line of five million characters only a window is looked at."""
    extent = extent_at(parse(text, language_for("json")), 2_500_000)
    assert extent.kind in set(ExtentKind)
