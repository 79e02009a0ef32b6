"""Brackets and strings without a grammar."""

import pytest

from lsp_server.syntax.languages import language_for
from lsp_server.syntax.lexer import lex, string_end, without_comment


@pytest.mark.parametrize(
    ("language", "text", "brackets"),
    [
        ("python", "f(a[0])", "([])"),
        ("python", "'(' + \"[\" + f('''{\n''')", "()"),
        ("python", "x  # (\n{", "{"),
        ("python", "'it\\'s (' (", "("),
        ("python", "'open (\n)", ")"),
        ("javascript", "`(${a}` /* [ */ // {\n(", "("),
        ("rust", "fn f<'a>(x: &'a str) { '(' }", "(){}"),
        ("bash", 'echo ${#x} "$(ls)" # {', "{}"),
        ("html", 'it\'s <p title="(">', ""),
        ("markdown", ":) it's", ""),
        ("lua", "--[[ ( ]] f()", "()"),
        ("sql", "f('it''s (') -- (", "()"),
    ],
)
def test_brackets_outside_strings_and_comments(language: str, text: str, brackets: str) -> None:
    """Only brackets of code count, by each language's own quotes and comments."""
    assert "".join(bracket.char for bracket in lex(text, language_for(language)).brackets) == brackets


@pytest.mark.parametrize(
    ("text", "quote", "inside"),
    [
        ("f('ab", "'", 3),
        ("'a'", None, 0),
        ('"""a\n', '"""', 3),
        ("'a\n", None, 0),
        ("x", None, 0),
        ("'a\\", "'", 1),
    ],
)
def test_strings_left_open(text: str, quote: str | None, inside: int) -> None:
    """A string open at the end is told with the place where its content begins."""
    read = lex(text, language_for("python"))
    assert (read.quote, read.inside) == (quote, inside)


def test_beginning_inside_a_string() -> None:
    """Text after an open quote is read as the string's rest first."""
    read = lex("a)') (", language_for("python"), "'")
    assert [(bracket.at, bracket.char) for bracket in read.brackets] == [(3, ")"), (5, "(")]


@pytest.mark.parametrize(
    ("text", "end"), [("lo')", 2), ("lo", None), ("l\\'o'", 4), ("lo\n'", None), ("'", 0)]
)
def test_string_end(text: str, end: int | None) -> None:
    """The closing quote is found, an escaped one or one on the next line is not."""
    assert string_end(text, language_for("python"), "'") == end


@pytest.mark.parametrize(
    ("language", "line", "code"),
    [
        ("python", "if x:  # why", "if x:"),
        ("c", "f(); // x", "f();"),
        ("c", "'//' ", "'//'"),
        ("bash", "${#a}", "${#a}"),
    ],
)
def test_without_comment(language: str, line: str, code: str) -> None:
    """A comment at the end goes, what only looks like one stays."""
    assert without_comment(line, language_for(language)) == code
