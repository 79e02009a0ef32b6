"""Whether an edit makes a text parse worse."""

import pytest

from lsp_server.core.errors import BadInput
from lsp_server.core.types import Edit, Span
from lsp_server.syntax.check import check_edits
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse


@pytest.mark.parametrize(
    ("language", "text", "fill", "worse"),
    [
        ("python", "x = |\n", "foo()", False),
        ("python", "x = |\n", "foo(", True),
        ("python", "x = |\n", "foo))", True),
        ("python", "x = foo(|\n", "a)", False),
        ("python", "x = foo(|\n", "a", False),
        ("python", "def f():\n    |\n    return 1\n", "x = = 2", True),
        ("python", "def f():\n    |\n    return 1\n", "for a in b:\n        c()", False),
        ("python", "def a(:\n    pass\n\ny = |\n", "1", False),
        ("python", "def a(:\n    pass\n\ny = |\n", "1)", True),
        ("python", "def a(:\n    pass\n\ny = |\n", "foo(", True),
        ("python", "def a(:\n    pass\n\ndef b():\n    |\n", "if x:\n        y(\n    z = 1", True),
        ("python", "def a(:\n    pass\n\ndef b():\n    |\n", "if x:\n        y()\n    z = 1", False),
        ("python", "x = '😀' + |\n", "'é'", False),
        ("javascript", "function f() {|\n", "\n  return 1;\n}", False),
        ("javascript", "function f() {|\n", "\n  return 1;\n", False),
        ("javascript", "let a = {|}", "b: 1", False),
        ("javascript", "let a = {|}", "b 1 c", True),
        ("go", "func f() {\n|\n}\n", "\tx := 1", False),
        ("go", "func f() {\n|\n}\n", "\tx := := 1", True),
        ("rust", "fn f() { let x = | }", "1;", False),
        ("json", '{"a": |}', "[1, 2]", False),
        ("json", '{"a": |}', "[1, 2", True),
        ("plaintext", "(|", "((", False),
        ("python", "|", "", False),
    ],
)
def test_fill_against_what_was_there(language: str, text: str, fill: str, worse: bool) -> None:
    """Errors count if they are new: a line half typed and a file broken elsewhere are no fault."""
    offset = text.index("|")
    parsed = parse(text.replace("|", "", 1), language_for(language))
    assert check_edits(parsed, [Edit(Span(offset, offset), fill)]).worse is worse


def test_errors_lie_in_the_new_text() -> None:
    """The spans of a verdict name the offending tokens after the edit."""
    verdict = check_edits(parse("x = 1\ny = 2\n", language_for("python")), [Edit(Span(4, 5), "1))")])
    assert verdict.worse
    assert {Span(5, 6), Span(6, 7)} <= set(verdict.errors)
    assert all(span.end <= 7 for span in verdict.errors)


def test_several_edits_in_any_order() -> None:
    """Edits are all against the same text, whatever their order."""
    parsed = parse("a = 1\nb = 2\n", language_for("python"))
    good = [Edit(Span(10, 11), "(2)"), Edit(Span(4, 5), "[1]")]
    assert not check_edits(parsed, good).worse
    assert check_edits(parsed, [*good, Edit(Span(0, 0), ")")]).worse


def test_no_edits_and_edits_past_the_end() -> None:
    """Nothing changed is not worse; an edit outside the text is refused."""
    parsed = parse("a = (\n", language_for("python"))
    assert not check_edits(parsed, []).worse
    with pytest.raises(BadInput):
        check_edits(parsed, [Edit(Span(0, 99), "")])


@pytest.mark.parametrize("text", ["x" * 5_000_000, "\0" * 100, "a " * 400_000 + "((( "])
def test_huge_and_binary_texts(text: str) -> None:
    """A huge line or binary content gives a verdict, and none that says worse without a tree."""
    verdict = check_edits(parse(text, language_for("json")), [Edit(Span(10, 10), "}")])
    assert verdict.worse in {True, False}
    if len(text) > 1_000_000 or "\0" in text:
        assert not verdict.worse
