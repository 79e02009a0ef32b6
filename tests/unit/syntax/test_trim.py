"""What users judge most: a fill never repeats what is there, and its brackets and indentation are right."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.core.types import Edit, Span
from lsp_server.syntax.check import check_edits
from lsp_server.syntax.extent import Extent, ExtentKind, extent_at
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse
from lsp_server.syntax.trim import trim_fill

GOLDEN = [
    ("python", "print(|)", "a, b)", "a, b"),
    ("python", "print(|)", "foo(x)", "foo(x)"),
    ("python", "print(|)", "foo(x))", "foo(x)"),
    ("python", "print(foo(|))", "x))", "x"),
    ("python", 'print("hel|")', 'lo")', "lo"),
    ("python", 'print("hel|")', "lo world", "lo world"),
    ("python", 'print("hel|', 'lo")', 'lo")'),
    ("python", 'print(f"{|}")', 'x}")', "x"),
    ("python", 'print(f"{|}")', "foo(x)", "foo(x)"),
    ("python", "x = [1, |, 4]", "2, 3, 4]", "2, 3"),
    ("python", "x = foo(a|, c)", ", b, c)", ", b"),
    ("python", "def f(|):\n    pass", "a, b):", "a, b"),
    ("python", "def f(a, b):\n    return |\n\nprint(f(1, 2))", "a + b\n\nprint(f(1, 2))", "a + b"),
    (
        "python",
        "def f(a, b):\n    |\n\nprint(f(1, 2))\n",
        "    return a + b\n\nprint(f(1, 2))",
        "return a + b",
    ),
    (
        "python",
        "def f(xs):\n    total = 0\n    |\n    return total\n",
        "for x in xs:\n        total += x\n    return total\n",
        "for x in xs:\n        total += x",
    ),
    (
        "python",
        "def f(xs):\n    total = 0\n|\n    return total\n",
        "    for x in xs:\n        total += x\n    return total\n",
        "    for x in xs:\n        total += x",
    ),
    ("python", "def f(xs):|\n\ndef g(): pass\n", "\n    return xs\n\ndef g(): pass", "\n    return xs"),
    ("python", "def f(xs):\n|\n", "return xs", "    return xs"),
    ("python", "def f(xs):\n|\n", "\n    return xs", "\n    return xs"),
    (
        "python",
        "class A:\n    def f(self):\n        |\n\n    def g(self):\n        pass\n",
        "        return 1\n\n    def g(self):\n        pass",
        "return 1",
    ),
    ("python", "x = foo(\n    a,\n    |\n)\n", "    b,\n    c,\n)", "b,\n    c,"),
    ("python", "x = |\n", "foo(a, b", "foo(a, b)"),
    ("python", "x = |\n", '[1, 2, "a', '[1, 2, "a"]'),
    ("python", "x = foo(a, |\n", "b)", "b)"),
    ("python", "for i in |range(10):\n    pass", "range(10):", ""),
    ("python", "x = |\n", "   ", ""),
    ("python", "if a:\n    |\nelse:\n    b()\n", "a()\nelse:\n    b()", "a()"),
    ("python", "def f():\n    |\n    return x\n", "return x", ""),
    ("python", 'd = {"a": |}\n', '1, "b": 2}', '1, "b": 2'),
    ("python", 'def f():\n    """|"""\n', 'Return one."""\n    return 1', "Return one."),
    ("python", 'def f():\n    """|\n    return 1\n', 'Return one."""', 'Return one."""'),
    ("python", "x = 1  # |\n", "it's (one", "it's (one"),
    ("javascript", "function f() {|}\n", "\n  return 1;\n}", "\n  return 1;\n"),
    ("javascript", "function f() {|\n", "\n  return 1;\n}\n\nfunction g() {\n}\n", "\n  return 1;\n}"),
    (
        "javascript",
        "function f() {\n  |\n}\n\nfunction g() {\n}\n",
        "return 1;\n}\n\nfunction g() {",
        "return 1;",
    ),
    ("javascript", "const f = (a) => |;\n", "a + 1;", "a + 1"),
    ("javascript", "items.map(item => {|})", "\n  return item.id;\n})", "\n  return item.id;\n"),
    ("javascript", "const s = `a ${|} b`;", "x} b`;", "x"),
    ("javascript", "const a = {|};\n", "b: 1, c: 2};", "b: 1, c: 2"),
    ("javascript", "const a = { |};\n", "b: 1 };", "b: 1 "),
    ("javascript", "if (a) {\n  |\n} else {\n  b();\n}\n", "a();\n} else {\n  b();\n}", "a();"),
    ("javascript", "foo(a, |);\n", "(b) => { return b; });", "(b) => { return b; }"),
    (
        "typescript",
        "interface A {\n  |\n}\n",
        "a: string;\n  b: number;\n}\n\nexport",
        "a: string;\n  b: number;",
    ),
    ("typescriptreact", 'const x = <div className="|">a</div>;\n', 'foo">a</div>', "foo"),
    (
        "go",
        "func f() error {\n\t|\n}\n",
        "    if err != nil {\n        return err\n    }\n    return nil\n}",
        "if err != nil {\n\t\treturn err\n\t}\n\treturn nil",
    ),
    ("go", "if err := f(); |{\n}\n", "err != nil {", "err != nil "),
    ("rust", "fn f(a: &'a str) -> usize {\n    |\n}\n", "a.len()\n}", "a.len()"),
    ("rust", "let v = vec![|];\n", "1, 2, 3];", "1, 2, 3"),
    (
        "java",
        "class A {\n    int f() {\n        |\n    }\n}\n",
        "return 1;\n    }\n\n    int g() {",
        "return 1;",
    ),
    ("c", 'int main(void) {\n    printf("%d|);\n}\n', '\\n", x);', '\\n", x'),
    ("cpp", "std::vector<int> v{|};\n", "1, 2};", "1, 2"),
    ("csharp", "var x = new Foo(|);\n", "a, b);", "a, b"),
    ("ruby", "def foo(a)\n  |\nend\n", "  a + 1\nend\n\ndef bar", "a + 1"),
    ("ruby", "def foo(a)|\n", "\n  a + 1\nend\n\ndef bar\nend", "\n  a + 1\nend"),
    ("lua", "if x then\n  |\nend\n", "y()\nend", "y()"),
    ("bash", "for f in *; do\n  |\ndone\n", 'echo "$f"\ndone', 'echo "$f"'),
    (
        "bash",
        "case $1 in\n  |\nesac\n",
        "start) run ;;\n  stop) halt ;;\nesac",
        "start) run ;;\n  stop) halt ;;",
    ),
    ("php", "<?php\nfunction f() {\n    |\n}\n", "return 1;\n}\n", "return 1;"),
    ("json", '{"a": [|]}\n', "1, 2]}", "1, 2"),
    ("yaml", "a:\n  b: |\nc: d\n", "1\nc: d", "1"),
    ("yaml", "a:\n  |\nc: d\n", "b: 1\nc: d", "b: 1"),
    ("html", '<p class="|">x</p>\n', 'foo">x</p>', "foo"),
    ("html", "<div>|</div>\n", "text</div>", "text"),
    ("html", "<ul>\n  |\n</ul>\n", "<li>a</li>\n</ul>", "<li>a</li>"),
    ("css", "a {\n  |\n}\n", "color: red;\n}\n\nb {", "color: red;"),
    ("sql", "select a from t where |;\n", "b = 1;", "b = 1"),
    ("sql", "create table t (\n  |\n);\n", "a int,\n  b text\n);", "a int,\n  b text"),
    ("markdown", "- one\n- |\n- three\n", "two\n- three", "two"),
    ("plaintext", "a |b\n", "smiley :) b", "smiley :) "),
    ("toml", "a = [|]\n", "1]", "1"),
    ("python", "def f():\r\n    |\r\n", "a = 1\r\n    b = 2\r\n", "a = 1\r\n    b = 2"),
    ("python", "def f():\r\n    |\r\n", "a = 1\n    b = 2\n", "a = 1\r\n    b = 2"),
    ("python", '\ufeffx = "😀" + foo(|)\n', '"é😀")', '"é😀"'),
    ("python", "def f():\n\t|\n", "    a = 1\n    return a", "a = 1\n\treturn a"),
    ("python", "def f(a):\n    if a:\n    |\n", "        return 1\n", "        return 1"),
    ("python", "for x in (|):\n    pass\n", "1, 2):", "1, 2"),
    ("python", "    f(|\n", "a)\n", "a)"),
    ("python", "min(len(|)\n", "buff), 3", "buff), 3"),
    ("python", "min(len(|))\n", "buff), 3", "buff"),
    ("python", "foo(|)\n", "a) + bar(b)", "a) + bar(b"),
    ("python", "req = msgs|\n    a,\n    b)\n", ".Foo(", ".Foo("),
    ("python", "x = ['a', '|', 'd']\n", "b', 'c", "b', 'c"),
    ("python", "if mode in |'):\n    pass\n", "('a', 'b'):", "('a', 'b"),
    ("python", 'def f():\n    |\n    Long docs.\n    """\n    return 1\n', '"""Short.', '"""Short.'),
    (
        "python",
        "def f():\n    |\n    call(\n        1,\n    )\n",
        "call(\n        2,\n    )",
        "call(\n        2,\n    )",
    ),
    ("javascript", "  if (|\n    a();\n  }\n", "b) {", "b) {"),
    ("javascript", "if (|) {\n  a();\n}\n", "b) {", "b"),
    ("javascript", "a = [1].map(x => {\n  return f(|\n})\n", "x)", "x)"),
    ("css", "a {\n  color: rgb(|);\n}\n", "0, 0, 0);", "0, 0, 0"),
    ("python", "x = 1\n|\ny = 2\n", "x = 1\ny = 2\nz = 3", "x = 1"),
    ("javascript", "a();\n|\n  b();\n});\n", "on('x', e => {", "on('x', e => {"),
    (
        "javascript",
        "class A {\n    y() {}\n    |\n    }\n" + "    x() {}\n" * 600,
        "m() {\n        n();",
        "m() {\n        n();",
    ),
    ("javascript", "a = s.match(/'/) && f(|\n", "b)", "b)"),
    ("python", "f('|')  # it's\n", "a', 'b", "a', 'b"),
]


@pytest.mark.parametrize(("language", "text", "fill", "expected"), GOLDEN)
def test_golden_fills(language: str, text: str, fill: str, expected: str) -> None:
    """What remains of a model's fill at the bar."""
    offset = text.rindex("|")
    parsed = parse(text[:offset] + text[offset + 1 :], language_for(language))
    trimmed = trim_fill(parsed, Span(offset, offset), fill, extent_at(parsed, offset))
    assert trimmed == expected


@pytest.mark.parametrize(("language", "text", "fill", "expected"), GOLDEN)
def test_trimming_twice_changes_nothing(language: str, text: str, fill: str, expected: str) -> None:
    """A fill that fits is left alone."""
    offset = text.rindex("|")
    parsed = parse(text[:offset] + text[offset + 1 :], language_for(language))
    assert trim_fill(parsed, Span(offset, offset), expected, extent_at(parsed, offset)) == expected


@pytest.mark.parametrize(
    ("text", "hole", "fill", "expected"),
    [
        ("x = fo\n", Span(4, 6), "foo(1)\ny = 2", "foo(1)"),
        ("def f():\n    re\n", Span(8, 15), "\n    return 1\n\nx = 2", "\n    return 1"),
        ("def f():\r\n    re\r\n", Span(8, 16), "\r\n    return 1\nx", "\r\n    return 1"),
        ("print(fo)\n", Span(6, 8), "foo, 1)", "foo, 1"),
    ],
)
def test_half_typed_text_stays(text: str, hole: Span, fill: str, expected: str) -> None:
    """A fill that begins with what stands in its hole keeps that untouched."""
    parsed = parse(text, language_for("python"))
    assert trim_fill(parsed, hole, fill, extent_at(parsed, hole.end)) == expected


@pytest.mark.parametrize(
    ("text", "hole", "fill", "expected"),
    [
        ("a = 1\nb = 2\nc = 3\n", Span(6, 12), "b = 5\n", "b = 5\n"),
        ("a = 1\nb = 2\nc = 3\n", Span(6, 12), "b = 5", "b = 5\n"),
        ("a = 1\nb = 2\nc = 3\n", Span(6, 11), "b = 5\nd = 6\nc = 3\n", "b = 5\nd = 6"),
        ("f(old)\n", Span(2, 5), "new)", "new"),
        ("a = 1\r\nb = 2\r\n", Span(0, 7), "a = 5\nd = 4", "a = 5\r\nd = 4\r\n"),
    ],
)
def test_replacing_text(text: str, hole: Span, fill: str, expected: str) -> None:
    """Without an extent a fill may have any length, and keeps the line break that its hole ended with."""
    assert trim_fill(parse(text, language_for("python")), hole, fill) == expected


def test_limits_of_the_extent() -> None:
    """Lines beyond the limit and lines that leave the block are cut."""
    parsed = parse("def f():\n    \n", language_for("python"))
    extent = Extent(ExtentKind.STATEMENT, multi_line=True, max_lines=2, min_indent=4)
    hole = Span(13, 13)
    assert trim_fill(parsed, hole, "a\n    b\n    c", extent) == "a\n    b"
    assert trim_fill(parsed, hole, "a\nb", extent) == "a"
    assert trim_fill(parsed, hole, "a\n\n    b", extent) == "a"


@pytest.mark.parametrize("fill", ["", " ", "\n", "\n\n   \n", "\t"])
def test_nothing_but_blanks_is_nothing(fill: str) -> None:
    """A fill of blanks is empty."""
    parsed = parse("def f():\n    \n", language_for("python"))
    assert trim_fill(parsed, Span(13, 13), fill, extent_at(parsed, 13)) == ""


@pytest.mark.parametrize(
    "text", ["x" * 5_000_000, "(" * 5_000_000, '{"a": [1, "b"]}, ' * 300_000, '"' * 5_000_001]
)
def test_one_huge_line(text: str) -> None:
    """In one line of five million characters a fill is trimmed by its surroundings."""
    parsed = parse(text, language_for("json"))
    assert len(trim_fill(parsed, Span(2_500_000, 2_500_000), "[1, 2]", None)) <= 8


PIECES = st.sampled_from(
    [
        "x",
        " = ",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "\n",
        "    ",
        "def f():",
        "'",
        '"""',
        "é",
        "😀",
        "\ud800",
        "\r\n",
        "#",
        ",",
    ]
)
TEXTS = st.lists(PIECES, max_size=14).map("".join)


@settings(max_examples=300)
@given(TEXTS, TEXTS, TEXTS, st.sampled_from(["python", "javascript", "rust", "bash", "html", "plaintext"]))
def test_any_fill_anywhere(before: str, after: str, fill: str, language: str) -> None:
    """Nothing raises, a single-line extent stays on its line, and no blank line is left at the end."""
    parsed = parse(before + after, language_for(language))
    hole = Span(len(before), len(before))
    extent = extent_at(parsed, len(before))
    trimmed = trim_fill(parsed, hole, fill, extent)
    if not extent.multi_line:
        assert "\n" not in trimmed
    assert not trimmed or trimmed.strip()
    check_edits(parsed, [Edit(hole, trimmed)])
