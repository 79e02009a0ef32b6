"""What can be locked by what it is."""

from __future__ import annotations

import pytest

from lsp_server.core.types import Span
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.locks import Lock, locked_spans, token_at
from lsp_server.syntax.parse import parse

PYTHON = 'def f(a, b=1):\n    """Doc."""\n    # c\n    x = f"hi {a}" + "z" + str(None)\n    return x.y\n'
GO = "// F does\nfunc (s *T) F(a int) string {\n\treturn fmt.Sprintf(\"x %d\", []int{1, 0x2}[a]) + 'r'\n}\n"


def locked(text: str, language: str, *wanted: Lock) -> list[str]:
    parsed = parse(text, language_for(language))
    return [text[span.start : span.end] for span in locked_spans(parsed, Span(0, len(text)), wanted)]


@pytest.mark.parametrize(
    ("text", "language", "kind", "expected"),
    [
        (PYTHON, "python", Lock.NAMES, ["f", "a", "b", "x", "a", "str", "x", "y"]),
        (PYTHON, "python", Lock.LITERALS, ["1", 'f"hi {a}"', '"z"', "None"]),
        (PYTHON, "python", Lock.SIGNATURES, ["def f(a, b=1):"]),
        (PYTHON, "python", Lock.COMMENTS, ['"""Doc."""', "# c"]),
        (GO, "go", Lock.LITERALS, ['"x %d"', "1", "0x2", "'r'"]),
        (GO, "go", Lock.SIGNATURES, ["func (s *T) F(a int) string"]),
        (GO, "go", Lock.COMMENTS, ["// F does"]),
        ("int f(int a) {\n return g('c', 1.0f);\n}\n", "c", Lock.SIGNATURES, ["int f(int a)"]),
        ("class A { int f(int a) { return 1L; } }\n", "java", Lock.SIGNATURES, ["class A", "int f(int a)"]),
        ("const x = `hi ${a}` + true; // c\n", "javascript", Lock.LITERALS, ["`hi ${a}`", "true"]),
        ("fn f(a: &str) {\n  let x = 3u32;\n}\n", "rust", Lock.NAMES, ["f", "a", "x"]),
        ("def f(a)\n  @x = 'a' # c\nend\n", "ruby", Lock.NAMES, ["f", "a", "@x"]),
        ("hello # 1", "plaintext", Lock.NAMES, []),
    ],
)
def test_each_kind_is_found(text: str, language: str, kind: Lock, expected: list[str]) -> None:
    """Names, literals, signatures and comments of several languages; nothing without a grammar."""
    assert locked(text, language, kind) == expected


def test_kinds_that_overlap_are_one_lock() -> None:
    """A name inside a locked signature is no lock of its own, and locks come in order."""
    found = locked(PYTHON, "python", *Lock)
    assert found[0] == "def f(a, b=1):"
    assert "x" in found
    assert "a" not in found


def test_locks_are_cut_at_the_selection() -> None:
    """Of what reaches beyond the selection only the part inside is locked."""
    parsed = parse(PYTHON, language_for("python"))
    (only,) = locked_spans(parsed, Span(4, 8), [Lock.SIGNATURES])
    assert only == Span(4, 8)


def test_a_name_by_its_place() -> None:
    """A span that is exactly a name; part of one, more, and nothing are none."""
    parsed = parse("value = other\n", language_for("python"))
    assert token_at(parsed, Span(0, 5)) == Span(0, 5)
    assert token_at(parsed, Span(0, 4)) is None
    assert token_at(parsed, Span(0, 13)) is None
    assert token_at(parsed, Span(3, 3)) is None
