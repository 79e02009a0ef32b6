"""Holes that the user marked."""

import pytest

from lsp_server.core.types import Span
from lsp_server.syntax.holes import find_holes
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("python", "def f():\n    ...\n", [("...", "ellipsis", None)]),
        ("python", "def f(): ...\n", [("...", "ellipsis", None)]),
        ("python", 'def f():\n    """D."""\n    pass\n\nx = 1\n', [("pass", "ellipsis", None)]),
        (
            "python",
            "def f():\n    # TODO: sort it\n    pass\n",
            [("# TODO: sort it\n    pass", "todo", "sort it")],
        ),
        ("python", "def f():\n    # TODO(me): a\n\nx = 1\n", [("# TODO(me): a", "todo", "a")]),
        (
            "python",
            "for x in y:\n    # FIXME print\n    pass\n",
            [("# FIXME print\n    pass", "todo", "print")],
        ),
        ("python", "def f():\r\n    # TODO: x\r\n    pass\r\n", [("# TODO: x\r\n    pass", "todo", "x")]),
        ("python", "try:\n    x()\nexcept E:\n    pass\n", []),
        ("python", "def f():\n    for x in y:\n        pass\n", []),
        ("python", "class A:\n    pass\n", []),
        ("python", "def f():\n    x = 1\n    # TODO: more\n    return x\n", []),
        ("python", "a[..., 1]\nfoo(...)\n", []),
        ("python", "def f(x: int = ...) -> int:\n    return 1\n", []),
        (
            "python",
            "def f():\n    raise NotImplementedError\n",
            [("raise NotImplementedError", "ellipsis", None)],
        ),
        (
            "python",
            "x = 1\n# remask: sort by date\ny = 2\n",
            [("# remask: sort by date", "marker", "sort by date")],
        ),
        ("python", "x = 1  # remask: use two\n", [("# remask: use two", "marker", "use two")]),
        ("python", "x = foo(___, 1)  # ___\n", [("___", "marker", None)]),
        ("python", 'x = "___ remask: a"\n', []),
        ("rust", "fn f() { todo!() }", [("todo!()", "ellipsis", None)]),
        ("rust", "fn f() {\n    // TODO: x\n    todo!();\n}\n", [("// TODO: x\n    todo!();", "todo", "x")]),
        ("javascript", "function f() {\n  // TODO: sort\n}\n", [("// TODO: sort", "todo", "sort")]),
        ("javascript", "f(...args);\n", []),
        (
            "c",
            "int f() { return ___; } /* remask: a */\n",
            [("___", "marker", None), ("/* remask: a */", "marker", "a")],
        ),
        ("go", "func f() {\n\t// remask: sum a\n}\n", [("// remask: sum a", "marker", "sum a")]),
        ("ruby", "def f\n  # TODO: x\nend\n", [("# TODO: x", "todo", "x")]),
        ("java", "class A { int f() {\n    // TODO: x\n    return 0;\n} }", []),
        ("html", "<div>\n  <!-- remask: list -->\n</div>\n", [("<!-- remask: list -->", "marker", "list")]),
        (
            "markdown",
            "# T\n\n___\n\n<!-- remask: write -->\n",
            [("<!-- remask: write -->", "marker", "write")],
        ),
        ("plaintext", "# remask: a b\nremask: c\n", [("# remask: a b", "marker", "a b")]),
        ("sql", "select ___ from t;\n", [("___", "marker", None)]),
        ("python", "# remask:\n", [("# remask:", "marker", None)]),
        ("python", "", []),
    ],
)
def test_find_holes(language: str, text: str, found: list[tuple[str, str, str | None]]) -> None:
    """Placeholders of whole bodies, TODO-only bodies and markers are holes; everyday code is not."""
    holes = find_holes(parse(text, language_for(language)))
    assert [(text[hole.span.start : hole.span.end], hole.kind, hole.instruction) for hole in holes] == found


def test_only_within_a_span() -> None:
    """Holes outside the span asked for are not told."""
    text = "def f():\n    ...\ndef g():\n    ...\n"
    parsed = parse(text, language_for("python"))
    assert len(find_holes(parsed)) == 2
    assert [hole.span.start for hole in find_holes(parsed, Span(17, 999))] == [text.rindex("...")]
    assert find_holes(parsed, Span(500, 999)) == ()


def test_a_huge_text_is_searched_in_part_only() -> None:
    """In five million characters markers are found near the place asked about."""
    text = "x" * 5_000_000 + "\n# remask: sort\n"
    parsed = parse(text, language_for("python"))
    assert find_holes(parsed) == ()
    assert [hole.instruction for hole in find_holes(parsed, Span(4_999_990, len(text)))] == ["sort"]
